-- The tables of the store on PostgreSQL. River's own tables (river_*) stand beside them and are kept
-- by River's migrations. Times are Unix nanoseconds in UTC, 0 for "none", so that a time comes back
-- exactly as it went in, from both databases: to_timestamp(received_at / 1e9) reads one.

-- What GitHub sent, one row a delivery, written before GitHub gets its answer.
CREATE TABLE delivery (
    guid         text   NOT NULL PRIMARY KEY, -- X-GitHub-Delivery; a redelivery has the same one
    event        text   NOT NULL,             -- X-GitHub-Event
    action       text   NOT NULL,
    installation bigint NOT NULL,
    repo         text   NOT NULL,             -- owner/name, or nothing
    payload      bytea  NOT NULL,
    received_at  bigint NOT NULL,
    handled_at   bigint NOT NULL              -- 0: a job still has to look at it
);
CREATE INDEX delivery_by_arrival ON delivery (received_at);
CREATE INDEX delivery_by_handling ON delivery (handled_at, received_at);

-- One row a log: what is needed to find it without reading it. Rewritten with every append.
CREATE TABLE log (
    id           text   NOT NULL PRIMARY KEY,
    repo         text   NOT NULL,
    issue        bigint NOT NULL,
    installation bigint NOT NULL,
    open         bigint NOT NULL CHECK (open IN (0, 1)),
    wake_at      bigint NOT NULL              -- 0: no clock wakes it
);
CREATE INDEX log_by_repo ON log (repo);
CREATE INDEX log_by_wake ON log (wake_at);

-- The repositories whose events wake a log.
CREATE TABLE log_watch (
    log  text NOT NULL REFERENCES log (id),
    repo text NOT NULL,
    PRIMARY KEY (log, repo)
);
CREATE INDEX log_watch_by_repo ON log_watch (repo);

-- The entries of the logs. Nothing changes or removes an entry, not even by hand.
CREATE TABLE entry (
    log  text   NOT NULL REFERENCES log (id),
    seq  bigint NOT NULL CHECK (seq > 0),     -- 1, 2, 3 in each log, without gaps
    at   bigint NOT NULL,
    kind text   NOT NULL,
    data json   NOT NULL,                     -- json, not jsonb: the bytes stay as they were written
    PRIMARY KEY (log, seq)
);
CREATE FUNCTION entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the release log is append-only'; END $$;
CREATE TRIGGER entry_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION entry_is_append_only();

-- Wakes that came while their job was running: it runs once more afterwards.
CREATE TABLE wake (
    kind text   NOT NULL,
    key  text   NOT NULL,
    at   bigint NOT NULL,
    PRIMARY KEY (kind, key)
);

-- Jobs whose last run failed, until one succeeds.
CREATE TABLE trouble (
    kind    text   NOT NULL,
    key     text   NOT NULL,
    attempt bigint NOT NULL,                  -- how often in a row it has failed
    error   text   NOT NULL,
    at      bigint NOT NULL,
    next_at bigint NOT NULL,
    PRIMARY KEY (kind, key)
);
