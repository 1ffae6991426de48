-- Release logs belong to repository ids; what is replaced with every look (the snapshots) leaves the logs;
-- payloads have a table of their own and go once they are worked; the queue is one table of ours.
-- Times are Unix nanoseconds in UTC, 0 for "none", here as well.

-- The repository id in a payload; none when the payload is not what it should be.
CREATE FUNCTION pg_temp.repository_id(payload bytea) RETURNS bigint LANGUAGE plpgsql AS
$$ BEGIN
    RETURN (convert_from(payload, 'UTF8')::json -> 'repository' ->> 'id')::bigint;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END $$;

-- What GitHub sent, one row a delivery, written before GitHub gets its answer.
ALTER TABLE delivery RENAME TO old_delivery;
ALTER TABLE old_delivery RENAME CONSTRAINT delivery_pkey TO old_delivery_pkey;
CREATE TABLE delivery (
    guid         text   NOT NULL PRIMARY KEY, -- X-GitHub-Delivery; a redelivery has the same one
    event        text   NOT NULL,             -- X-GitHub-Event
    action       text   NOT NULL,
    installation bigint NOT NULL,
    repo_id      bigint NOT NULL,             -- 0 for events of no repository
    repo         text   NOT NULL,             -- owner/name at that time, or nothing
    received_at  bigint NOT NULL,
    handled_at   bigint NOT NULL              -- 0: a job still has to look at it
);
-- The payloads of the deliveries that are not handled yet.
CREATE TABLE payload (
    guid text  NOT NULL PRIMARY KEY,
    data bytea NOT NULL
);
INSERT INTO delivery
    SELECT guid, event, action, installation, coalesce(pg_temp.repository_id(payload), 0), repo, received_at, handled_at
    FROM old_delivery;
INSERT INTO payload SELECT guid, payload FROM old_delivery WHERE handled_at = 0;
DROP TABLE old_delivery;
CREATE INDEX delivery_by_arrival ON delivery (received_at);
CREATE INDEX delivery_not_handled ON delivery (received_at, guid) WHERE handled_at = 0;

-- Repository ids of the names that the deliveries know: the newest payload of a name says its id.
CREATE TABLE known_id AS
    SELECT DISTINCT ON (lower(repo)) lower(repo) AS name, repo_id AS id FROM delivery
    WHERE repo <> '' AND repo_id <> 0 ORDER BY lower(repo), received_at DESC, guid DESC;

-- Deliveries that GitHub lists and that are not here.
CREATE TABLE missing (
    guid   text   NOT NULL PRIMARY KEY,
    id     bigint NOT NULL,                   -- the number that GitHub's API knows it by
    repo   bigint NOT NULL,
    event  text   NOT NULL,
    action text   NOT NULL,
    at     bigint NOT NULL,                   -- when GitHub tried to deliver it
    since  bigint NOT NULL,                   -- when it was first noticed
    asked  bigint NOT NULL CHECK (asked IN (0, 1)), -- a redelivery was asked for
    gone   bigint NOT NULL CHECK (gone IN (0, 1))   -- it cannot be had
);

-- Wishes that a job runs. A row stays until the job has ended well and nobody wants it again.
CREATE SEQUENCE job_epoch;
CREATE TABLE job (
    kind      text   NOT NULL,
    key       text   NOT NULL,
    at        bigint NOT NULL,                -- when it is to run; 0: it failed for good
    again     bigint NOT NULL DEFAULT 0,      -- the earliest wish that came while it was running
    failures  bigint NOT NULL DEFAULT 0,      -- in a row
    since     bigint NOT NULL DEFAULT 0,      -- the first of these failures
    error     text   NOT NULL DEFAULT '',     -- of the last one
    failed_at bigint NOT NULL DEFAULT 0,
    dead      bigint NOT NULL DEFAULT 0 CHECK (dead IN (0, 1)),
    state     bigint NOT NULL DEFAULT 0,      -- 0: waits for its time, 1: River has it, 2: it runs
    epoch     bigint NOT NULL DEFAULT 0,      -- which River job may run it: one with another epoch is stale
    owner     text   NOT NULL DEFAULT '',     -- the process that runs it
    PRIMARY KEY (kind, key)
);

-- What must run: deliveries that nobody handled, and releases that are open.
INSERT INTO job (kind, key, at) SELECT 'delivery', guid, greatest(received_at, 1) FROM delivery WHERE handled_at = 0;
INSERT INTO job (kind, key, at)
    SELECT 'issue', known_id.id || '#' || log.issue,
        greatest(min((SELECT max(entry.at) FROM entry WHERE entry.log = log.id)), 1)
    FROM log JOIN known_id ON known_id.name = lower(log.repo)
    WHERE log.open = 1 AND strpos(log.id, ':') = 0 GROUP BY known_id.id, log.issue;
CREATE INDEX job_by_time ON job (at) WHERE state = 0;
CREATE INDEX job_in_hand ON job (owner) WHERE state > 0;

-- What was seen at the last look, replaced with every look.
CREATE TABLE snapshot (
    key     text   NOT NULL PRIMARY KEY,
    version bigint NOT NULL,                  -- one more with every write
    repo    bigint NOT NULL,
    issue   bigint NOT NULL,
    open    bigint NOT NULL CHECK (open IN (0, 1)),
    at      bigint NOT NULL,
    data    bytea  NOT NULL,
    name    text   NOT NULL DEFAULT ''        -- owner/name, only of those that this step brought here
);
INSERT INTO snapshot (key, version, repo, issue, open, at, data, name)
    SELECT log.id, 1, coalesce(known_id.id, 0), log.issue, log.open, entry.at,
        convert_to(entry.data::text, 'UTF8'), log.repo
    FROM log JOIN entry ON entry.log = log.id
    LEFT JOIN known_id ON known_id.name = lower(log.repo)
    WHERE strpos(log.id, ':') > 0 AND entry.seq = (SELECT max(seq) FROM entry AS e WHERE e.log = log.id);
CREATE INDEX snapshot_by_issue ON snapshot (repo, issue);

-- The logs are of releases alone from here on. What follows is the only time that entries are removed.
DROP TABLE log_watch;
ALTER TABLE entry DISABLE TRIGGER entry_never_changes;
DELETE FROM entry WHERE strpos(log, ':') > 0;
DELETE FROM log WHERE strpos(id, ':') > 0;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE entry ENABLE TRIGGER entry_never_changes;
DROP INDEX log_by_repo;
DROP INDEX log_by_wake;
ALTER TABLE log RENAME COLUMN repo TO name;    -- owner/name, only of logs that this step brought here
ALTER TABLE log ADD COLUMN repo bigint NOT NULL DEFAULT 0; -- 0: nobody knows yet; see Adopt
UPDATE log SET repo = coalesce((SELECT id FROM known_id WHERE known_id.name = lower(log.name)), 0);
ALTER TABLE log DROP COLUMN installation;
ALTER TABLE log DROP COLUMN wake_at;
CREATE INDEX log_by_issue ON log (repo, issue);

-- Comments with commands.
CREATE TABLE mail (
    repo    bigint NOT NULL,
    issue   bigint NOT NULL,
    comment bigint NOT NULL,
    at      bigint NOT NULL,                  -- when it was written
    heard   bigint NOT NULL,                  -- when it came here
    data    bytea  NOT NULL,
    done    bigint NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),
    PRIMARY KEY (repo, issue, comment)
);
CREATE INDEX mail_by_age ON mail (heard) WHERE done = 1;

-- What is known of each repository.
CREATE TABLE repository (
    id           bigint NOT NULL PRIMARY KEY,
    name         text   NOT NULL,
    installation bigint NOT NULL,
    away         text   NOT NULL,             -- why Slipway may not write there; empty when it may
    at           bigint NOT NULL
);
CREATE INDEX repository_by_name ON repository (lower(name));
CREATE INDEX repository_by_installation ON repository (installation);

-- Small values by their names. Those of the store itself begin with "store.".
CREATE TABLE value (
    name  text NOT NULL PRIMARY KEY,
    value text NOT NULL
);
INSERT INTO value (name, value)
    SELECT 'store.born', min(at)::text FROM (
        SELECT received_at AS at FROM delivery
        UNION ALL SELECT at FROM entry UNION ALL SELECT at FROM snapshot) AS known
    WHERE at > 0 HAVING count(*) > 0;

DROP TABLE known_id;
DROP TABLE wake;
DROP TABLE trouble;
