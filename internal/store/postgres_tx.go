package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// postgresTx is one transaction.
type postgresTx struct {
	pgx.Tx
	ctx context.Context
	db  *postgres
}

func (db *postgres) write(ctx context.Context, do func(tx) error) error {
	return db.transact(ctx, func(t postgresTx) error { return do(t) })
}

func (db *postgres) transact(ctx context.Context, do func(postgresTx) error) error {
	return pgx.BeginFunc(ctx, db.pool, func(t pgx.Tx) error { return do(postgresTx{t, ctx, db}) })
}

func (db *postgres) each(ctx context.Context, row func(scan) error, query string, args ...any) error {
	rows, err := db.pool.Query(ctx, query, args...)
	return eachPostgresRow(rows, err, row)
}

func (t postgresTx) each(row func(scan) error, query string, args ...any) error {
	rows, err := t.Query(t.ctx, query, args...)
	return eachPostgresRow(rows, err, row)
}

func eachPostgresRow(rows pgx.Rows, err error, row func(scan) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t postgresTx) exec(query string, args ...any) (int64, error) {
	result, err := t.Exec(t.ctx, query, args...)
	return result.RowsAffected(), err
}

func (t postgresTx) script(statements string) error {
	_, err := t.Exec(t.ctx, statements, pgx.QueryExecModeSimpleProtocol)
	return err
}

// store writes a batch of the intake, with one statement: the way to the server and back is what takes time.
func (db *postgres) store(ctx context.Context, batch []queued) (fresh map[string]bool, err error) {
	err = db.transact(ctx, func(t postgresTx) error {
		fresh = make(map[string]bool, len(batch))
		var jobs []river.InsertManyParams
		err := t.each(func(row scan) error {
			r := run{Of: KindDelivery}
			err := row(&r.Key, &r.Epoch)
			fresh[r.Key] = true
			if r.Epoch > 0 {
				jobs = append(jobs, river.InsertManyParams{Args: r})
			}
			return err
		}, storeDeliveries, columnsOf(batch)...)
		if err != nil || len(jobs) == 0 {
			return err
		}
		_, err = db.river.InsertManyFastTx(ctx, t.Tx, jobs)
		return err
	})
	return fresh, err
}

// storeDeliveries answers the deliveries that are fresh, with the epoch of their job or 0. A time of 0 for the job
// is for those that are handled already.
const storeDeliveries = `WITH given AS MATERIALIZED (
	SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[],
		$8::bigint[], $9::bytea[], $10::bigint[])
	AS given (guid, event, action, installation, repo_id, repo, received_at, handled_at, payload, at)
), arrived AS (
	DELETE FROM missing WHERE guid = ANY ($1::text[])
), fresh AS (
	INSERT INTO delivery (guid, event, action, installation, repo_id, repo, received_at, handled_at)
	SELECT guid, event, action, installation, repo_id, repo, received_at, handled_at FROM given
	ON CONFLICT DO NOTHING RETURNING guid
), kept AS (
	INSERT INTO payload (guid, data) SELECT guid, payload FROM given JOIN fresh USING (guid) WHERE at > 0
), wished AS (
	INSERT INTO job (kind, key, at, state, epoch)
	SELECT '` + KindDelivery + `', guid, at, 1, nextval('job_epoch') FROM given JOIN fresh USING (guid) WHERE at > 0
	ON CONFLICT DO NOTHING RETURNING key, epoch
)
SELECT guid, coalesce(epoch, 0) FROM fresh LEFT JOIN wished ON key = guid`

// columnsOf are the deliveries as storeDeliveries takes them.
func columnsOf(batch []queued) []any {
	n := len(batch)
	guids, events, actions, repos := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	installations, repoIDs, received := make([]int64, n), make([]int64, n), make([]int64, n)
	handled, due, payloads := make([]int64, n), make([]int64, n), make([][]byte, n)
	for i, q := range batch {
		guids[i], events[i], actions[i], repos[i] = q.GUID, q.Event, q.Action, q.Repo
		installations[i], repoIDs[i], received[i] = q.Installation, q.RepoID, nanos(q.ReceivedAt)
		handled[i], due[i], payloads[i] = nanos(q.handledAt), nanos(q.at), notNil(q.Payload)
	}
	return []any{guids, events, actions, installations, repoIDs, repos, received, handled, payloads, due}
}

// wake notes the wish in the row of the job, and hands the job to River when it is due and waiting.
func (t postgresTx) wake(kind, key string, at int64) error {
	state := 0
	if at <= nanos(t.db.options.Clock()) {
		state = 1
	}
	return t.hand(`WITH wished AS (
		INSERT INTO job AS j (kind, key, at, state, epoch) VALUES ($1, $2, $3, $4, nextval('job_epoch'))
		ON CONFLICT (kind, key) DO UPDATE SET
			again = CASE WHEN j.state = 2 AND (j.again = 0 OR excluded.at < j.again) THEN excluded.at ELSE j.again END,
			at = CASE WHEN j.state <> 2 AND (j.dead = 1 OR excluded.at < j.at) THEN excluded.at ELSE j.at END,
			state = CASE WHEN j.state = 0 THEN excluded.state ELSE j.state END,
			epoch = CASE WHEN j.state = 0 THEN excluded.epoch ELSE j.epoch END,
			failures = CASE j.dead WHEN 1 THEN 0 ELSE j.failures END, since = CASE j.dead WHEN 1 THEN 0 ELSE j.since END,
			error = CASE j.dead WHEN 1 THEN '' ELSE j.error END, failed_at = CASE j.dead WHEN 1 THEN 0 ELSE j.failed_at END,
			dead = 0
		RETURNING kind, key, epoch, state, currval('job_epoch') AS newest)
		SELECT kind, key, epoch FROM wished WHERE state = 1 AND epoch = newest`, kind, key, at, state)
}

// hand runs a statement that answers which jobs it has made ready for River, and gives them to it. The jobs
// start when the transaction is committed.
func (t postgresTx) hand(statement string, args ...any) error {
	_, err := t.handSome(statement, args...)
	return err
}

// handSome is hand for who wants to know how many jobs there were.
func (t postgresTx) handSome(statement string, args ...any) (n int, err error) {
	var jobs []river.InsertManyParams
	err = t.each(func(row scan) error {
		var r run
		err := row(&r.Of, &r.Key, &r.Epoch)
		jobs = append(jobs, river.InsertManyParams{Args: r})
		return err
	}, statement, args...)
	if err != nil || len(jobs) == 0 {
		return 0, err
	}
	return t.db.river.InsertManyFastTx(t.ctx, t.Tx, jobs)
}

// mine are the conditions for a run that counts. A run that is stale by now changes nothing: another process may
// have the job, or have done it.
const mine = ` WHERE kind = $1 AND key = $2 AND epoch = $3 AND owner = $4 AND state = 2`

// finishWell writes the end of a run that went well and that nobody wants again; false when it is not like that.
func (db *postgres) finishWell(ctx context.Context, j Job, epoch int64, owner string) (ended bool, err error) {
	statement, args := `DELETE FROM job`+mine+` AND again = 0 RETURNING key`, []any{j.Kind, j.Key, epoch, owner}
	if j.Kind == KindDelivery {
		statement = `WITH ended AS (` + statement + `),
			handled AS (UPDATE delivery SET handled_at = $5 FROM ended WHERE guid = ended.key AND handled_at = 0),
			dropped AS (DELETE FROM payload USING ended WHERE guid = ended.key)
			SELECT key FROM ended`
		args = append(args, nanos(db.options.Clock()))
	}
	err = db.each(ctx, func(scan) error { ended = true; return nil }, statement, args...)
	return ended, err
}

// finish writes what became of a run; false when the run is stale.
func (t postgresTx) finish(j Job, epoch int64, owner string, e ending) (counts bool, err error) {
	var again int64
	err = t.each(func(row scan) error { counts = true; return row(&again) },
		`SELECT again FROM job`+mine+` FOR UPDATE`, j.Kind, j.Key, epoch, owner)
	if err != nil || !counts {
		return false, err
	}
	if e = e.with(again); e.over() {
		_, err := t.exec(`DELETE FROM job`+mine, j.Kind, j.Key, epoch, owner)
		return true, err
	}
	state := 0
	if e.next > 0 && e.next <= nanos(t.db.options.Clock()) {
		state = 1
	}
	return true, t.hand(`WITH ended AS (
		UPDATE job SET at = $5, again = 0, failures = $6, since = $7, error = $8, failed_at = $9, dead = $10,
			state = $11, epoch = nextval('job_epoch'), owner = ''`+mine+` RETURNING kind, key, epoch, state)
		SELECT kind, key, epoch FROM ended WHERE state = 1`,
		j.Kind, j.Key, epoch, owner, e.next, e.failures, e.since, e.error, e.failedAt, flag(e.dead), state)
}
