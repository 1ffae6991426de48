-- Release logs belong to repository ids; what is replaced with every look (the snapshots) leaves the logs;
-- payloads have a table of their own and go once they are worked; the queue is one table of ours.
-- Times are Unix nanoseconds in UTC, 0 for "none", here as well.

-- Repository ids of the names that the deliveries know: the newest payload of a name says its id.
CREATE TABLE known_id (name TEXT NOT NULL PRIMARY KEY, id INTEGER NOT NULL) STRICT;
INSERT INTO known_id (name, id)
    SELECT name, id FROM (
        SELECT name, id, row_number() OVER (PARTITION BY name ORDER BY received_at DESC, guid DESC) AS newest FROM (
            SELECT lower(repo) AS name, guid, received_at,
                CASE WHEN json_valid(CAST(payload AS TEXT))
                    THEN json_extract(CAST(payload AS TEXT), '$.repository.id') END AS id
            FROM delivery WHERE repo <> '')
        WHERE typeof(id) = 'integer')
    WHERE newest = 1;

-- What GitHub sent, one row a delivery, written before GitHub gets its answer.
ALTER TABLE delivery RENAME TO old_delivery;
CREATE TABLE delivery (
    guid         TEXT    NOT NULL PRIMARY KEY, -- X-GitHub-Delivery; a redelivery has the same one
    event        TEXT    NOT NULL,             -- X-GitHub-Event
    action       TEXT    NOT NULL,
    installation INTEGER NOT NULL,
    repo_id      INTEGER NOT NULL,             -- 0 for events of no repository
    repo         TEXT    NOT NULL,             -- owner/name at that time, or nothing
    received_at  INTEGER NOT NULL,
    handled_at   INTEGER NOT NULL              -- 0: a job still has to look at it
) STRICT;
-- The payloads of the deliveries that are not handled yet.
CREATE TABLE payload (
    guid TEXT NOT NULL PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;
INSERT INTO delivery
    SELECT guid, event, action, installation, coalesce(CASE WHEN json_valid(CAST(payload AS TEXT))
            AND json_type(CAST(payload AS TEXT), '$.repository.id') = 'integer'
        THEN json_extract(CAST(payload AS TEXT), '$.repository.id') END, 0), repo, received_at, handled_at
    FROM old_delivery;
INSERT INTO payload SELECT guid, payload FROM old_delivery WHERE handled_at = 0;
DROP TABLE old_delivery;
CREATE INDEX delivery_by_arrival ON delivery (received_at);
CREATE INDEX delivery_not_handled ON delivery (received_at, guid) WHERE handled_at = 0;

-- Deliveries that GitHub lists and that are not here.
CREATE TABLE missing (
    guid   TEXT    NOT NULL PRIMARY KEY,
    id     INTEGER NOT NULL,                   -- the number that GitHub's API knows it by
    repo   INTEGER NOT NULL,
    event  TEXT    NOT NULL,
    action TEXT    NOT NULL,
    at     INTEGER NOT NULL,                   -- when GitHub tried to deliver it
    since  INTEGER NOT NULL,                   -- when it was first noticed
    asked  INTEGER NOT NULL CHECK (asked IN (0, 1)), -- a redelivery was asked for
    gone   INTEGER NOT NULL CHECK (gone IN (0, 1))   -- it cannot be had
) STRICT;

-- Wishes that a job runs. A row stays until the job has ended well and nobody wants it again.
CREATE TABLE job (
    kind      TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    at        INTEGER NOT NULL,                -- when it is to run; 0: it failed for good
    again     INTEGER NOT NULL DEFAULT 0,      -- the earliest wish that came while it was running
    failures  INTEGER NOT NULL DEFAULT 0,      -- in a row
    since     INTEGER NOT NULL DEFAULT 0,      -- the first of these failures
    error     TEXT    NOT NULL DEFAULT '',     -- of the last one
    failed_at INTEGER NOT NULL DEFAULT 0,
    dead      INTEGER NOT NULL DEFAULT 0 CHECK (dead IN (0, 1)),
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

-- What must run: deliveries that nobody handled, and releases that are open.
INSERT INTO job (kind, key, at) SELECT 'delivery', guid, max(received_at, 1) FROM delivery WHERE handled_at = 0;
INSERT INTO job (kind, key, at)
    SELECT 'issue', known_id.id || '#' || log.issue,
        max(coalesce(min((SELECT max(entry.at) FROM entry WHERE entry.log = log.id)), 0), 1)
    FROM log JOIN known_id ON known_id.name = lower(log.repo)
    WHERE log.open = 1 AND instr(log.id, ':') = 0 GROUP BY known_id.id, log.issue;
CREATE INDEX job_by_time ON job (at);

-- What was seen at the last look, replaced with every look.
CREATE TABLE snapshot (
    key     TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,                  -- one more with every write
    repo    INTEGER NOT NULL,
    issue   INTEGER NOT NULL,
    open    INTEGER NOT NULL CHECK (open IN (0, 1)),
    at      INTEGER NOT NULL,
    data    BLOB    NOT NULL,
    name    TEXT    NOT NULL DEFAULT ''        -- owner/name, only of those that this step brought here
) STRICT;
INSERT INTO snapshot (key, version, repo, issue, open, at, data, name)
    SELECT log.id, 1, coalesce(known_id.id, 0), log.issue, log.open, entry.at, CAST(entry.data AS BLOB), log.repo
    FROM log JOIN entry ON entry.log = log.id
    LEFT JOIN known_id ON known_id.name = lower(log.repo)
    WHERE instr(log.id, ':') > 0 AND entry.seq = (SELECT max(seq) FROM entry AS e WHERE e.log = log.id);
CREATE INDEX snapshot_by_issue ON snapshot (repo, issue);

-- The logs are of releases alone from here on. What follows is the only time that entries are removed.
DROP TRIGGER entry_never_goes;
DROP TABLE log_watch;
DELETE FROM entry WHERE instr(log, ':') > 0;
DELETE FROM log WHERE instr(id, ':') > 0;
CREATE TRIGGER entry_never_goes BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the release log is append-only'); END;
DROP INDEX log_by_repo;
DROP INDEX log_by_wake;
ALTER TABLE log RENAME COLUMN repo TO name;    -- owner/name, only of logs that this step brought here
ALTER TABLE log ADD COLUMN repo INTEGER NOT NULL DEFAULT 0; -- 0: nobody knows yet; see Adopt
UPDATE log SET repo = coalesce((SELECT id FROM known_id WHERE known_id.name = lower(log.name)), 0);
ALTER TABLE log DROP COLUMN installation;
ALTER TABLE log DROP COLUMN wake_at;
CREATE INDEX log_by_issue ON log (repo, issue);

-- Comments with commands.
CREATE TABLE mail (
    repo    INTEGER NOT NULL,
    issue   INTEGER NOT NULL,
    comment INTEGER NOT NULL,
    at      INTEGER NOT NULL,                  -- when it was written
    heard   INTEGER NOT NULL,                  -- when it came here
    data    BLOB    NOT NULL,
    done    INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),
    PRIMARY KEY (repo, issue, comment)
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_by_age ON mail (heard) WHERE done = 1;

-- What is known of each repository.
CREATE TABLE repository (
    id           INTEGER NOT NULL PRIMARY KEY,
    name         TEXT    NOT NULL,
    installation INTEGER NOT NULL,
    away         TEXT    NOT NULL,             -- why Slipway may not write there; empty when it may
    at           INTEGER NOT NULL
) STRICT;
CREATE INDEX repository_by_name ON repository (lower(name));
CREATE INDEX repository_by_installation ON repository (installation);

-- Small values by their names. Those of the store itself begin with "store.".
CREATE TABLE value (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO value (name, value)
    SELECT 'store.born', CAST(min(at) AS TEXT) FROM (
        SELECT received_at AS at FROM delivery UNION ALL SELECT at FROM entry UNION ALL SELECT at FROM snapshot)
    WHERE at > 0 HAVING count(*) > 0;

DROP TABLE known_id;
DROP TABLE wake;
DROP TABLE trouble;
-- The queue was River's (riverqueue.com) before.
DROP TABLE IF EXISTS river_client_queue;
DROP TABLE IF EXISTS river_client;
DROP TABLE IF EXISTS river_job;
DROP TABLE IF EXISTS river_leader;
DROP TABLE IF EXISTS river_queue;
DROP TABLE IF EXISTS river_migration;
