package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

type postgresTx struct {
	pgx.Tx
	client *river.Client[pgx.Tx]
}

func (db *postgres) write(ctx context.Context, do func(tx) error) error {
	return pgx.BeginFunc(ctx, db.pool, func(t pgx.Tx) error { return do(postgresTx{t, db.client}) })
}

func (db *postgres) each(ctx context.Context, row func(scan) error, query string, args ...any) error {
	rows, err := db.pool.Query(ctx, query, args...)
	return eachPostgresRow(rows, err, row)
}

func (t postgresTx) each(ctx context.Context, row func(scan) error, query string, args ...any) error {
	rows, err := t.Query(ctx, query, args...)
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

func (t postgresTx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := t.Exec(ctx, query, args...)
	return result.RowsAffected(), err
}

func (t postgresTx) addDeliveries(ctx context.Context, deliveries []queued) (map[string]bool, error) {
	n := len(deliveries)
	guids, events, actions, repos := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	installations, received, handled := make([]int64, n), make([]int64, n), make([]int64, n)
	payloads := make([][]byte, n)
	for i, d := range deliveries {
		guids[i], events[i], actions[i], repos[i] = d.GUID, d.Event, d.Action, d.Repo
		installations[i], received[i], handled[i] = d.InstallationID, nanos(d.ReceivedAt), nanos(d.handledAt)
		payloads[i] = append([]byte{}, d.Payload...) // never nil, which would be NULL
	}
	fresh := make(map[string]bool, n)
	err := t.each(ctx, func(row scan) error {
		var guid string
		err := row(&guid)
		fresh[guid] = true
		return err
	}, `INSERT INTO delivery (guid, event, action, installation, repo, payload, received_at, handled_at)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bytea[], $7::bigint[], $8::bigint[])
		ON CONFLICT DO NOTHING RETURNING guid`,
		guids, events, actions, installations, repos, payloads, received, handled)
	return fresh, err
}

// addJobs also tells every process, from the commit on, that there are jobs.
func (t postgresTx) addJobs(ctx context.Context, jobs []river.InsertManyParams) ([]*rivertype.JobInsertResult, error) {
	added, err := t.client.InsertManyTx(ctx, t.Tx, jobs)
	if err != nil {
		return nil, err
	}
	return added, notify(ctx, t.client.Driver().UnwrapExecutor(t.Tx))
}

func (t postgresTx) complete(ctx context.Context, job *river.Job[run]) error {
	_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, t.Tx, job)
	return err
}
