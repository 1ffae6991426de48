-- The tables of the store on SQLite. River's own tables (river_*) stand beside them and are kept by
-- River's migrations. Times are Unix nanoseconds in UTC, 0 for "none", so that a time comes back
-- exactly as it went in, from both databases.

-- What GitHub sent, one row a delivery, written before GitHub gets its answer.
CREATE TABLE delivery (
    guid         TEXT    NOT NULL PRIMARY KEY, -- X-GitHub-Delivery; a redelivery has the same one
    event        TEXT    NOT NULL,             -- X-GitHub-Event
    action       TEXT    NOT NULL,
    installation INTEGER NOT NULL,
    repo         TEXT    NOT NULL,             -- owner/name, or nothing
    payload      BLOB    NOT NULL,
    received_at  INTEGER NOT NULL,
    handled_at   INTEGER NOT NULL              -- 0: a job still has to look at it
) STRICT;
CREATE INDEX delivery_by_arrival ON delivery (received_at);
CREATE INDEX delivery_by_handling ON delivery (handled_at, received_at);

-- One row a log: what is needed to find it without reading it. Rewritten with every append.
CREATE TABLE log (
    id           TEXT    NOT NULL PRIMARY KEY,
    repo         TEXT    NOT NULL,
    issue        INTEGER NOT NULL,
    installation INTEGER NOT NULL,
    open         INTEGER NOT NULL CHECK (open IN (0, 1)),
    wake_at      INTEGER NOT NULL              -- 0: no clock wakes it
) STRICT;
CREATE INDEX log_by_repo ON log (repo);
CREATE INDEX log_by_wake ON log (wake_at);

-- The repositories whose events wake a log.
CREATE TABLE log_watch (
    log  TEXT NOT NULL REFERENCES log (id),
    repo TEXT NOT NULL,
    PRIMARY KEY (log, repo)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_watch_by_repo ON log_watch (repo);

-- The entries of the logs. Nothing changes or removes an entry, not even by hand.
CREATE TABLE entry (
    log  TEXT    NOT NULL REFERENCES log (id),
    seq  INTEGER NOT NULL CHECK (seq > 0),     -- 1, 2, 3 in each log, without gaps
    at   INTEGER NOT NULL,
    kind TEXT    NOT NULL,
    data TEXT    NOT NULL CHECK (json_valid(data)),
    PRIMARY KEY (log, seq)
) STRICT;
CREATE TRIGGER entry_never_changes BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the release log is append-only'); END;
CREATE TRIGGER entry_never_goes BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the release log is append-only'); END;

-- Wakes that came while their job was running: it runs once more afterwards.
CREATE TABLE wake (
    kind TEXT    NOT NULL,
    key  TEXT    NOT NULL,
    at   INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

-- Jobs whose last run failed, until one succeeds.
CREATE TABLE trouble (
    kind    TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    attempt INTEGER NOT NULL,                  -- how often in a row it has failed
    error   TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
