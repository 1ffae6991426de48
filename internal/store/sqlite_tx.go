package store

import (
	"context"
	"database/sql"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

type sqliteTx struct {
	*sql.Tx
	client *river.Client[*sql.Tx]
	jobs   bool // jobs were added
}

func (db *sqlite) write(ctx context.Context, do func(tx) error) error {
	t, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = t.Rollback() }() // does nothing after the commit
	mine := &sqliteTx{Tx: t, client: db.client}
	if err := do(mine); err != nil {
		return err
	}
	if err := t.Commit(); err != nil {
		return err
	}
	if mine.jobs {
		db.poke(ctx)
	}
	return nil
}

func (db *sqlite) each(ctx context.Context, row func(scan) error, query string, args ...any) error {
	return eachRow(ctx, db.readers, row, query, args)
}

func (t *sqliteTx) each(ctx context.Context, row func(scan) error, query string, args ...any) error {
	return eachRow(ctx, t.Tx, row, query, args)
}

func eachRow(ctx context.Context, in interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, row func(scan) error, query string, args []any) error {
	rows, err := in.QueryContext(ctx, query, args...)
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

func (t *sqliteTx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := t.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *sqliteTx) addDeliveries(ctx context.Context, deliveries []queued) (map[string]bool, error) {
	insert, err := t.PrepareContext(ctx, `INSERT INTO delivery
		(guid, event, action, installation, repo, payload, received_at, handled_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`)
	if err != nil {
		return nil, err
	}
	defer insert.Close()
	fresh := make(map[string]bool, len(deliveries))
	for _, d := range deliveries {
		payload := d.Payload
		if payload == nil {
			payload = []byte{}
		}
		result, err := insert.ExecContext(ctx, d.GUID, d.Event, d.Action, d.InstallationID, d.Repo, payload,
			nanos(d.ReceivedAt), nanos(d.handledAt))
		if err != nil {
			return nil, err
		}
		rows, err := result.RowsAffected()
		if err != nil {
			return nil, err
		}
		fresh[d.GUID] = rows == 1
	}
	return fresh, nil
}

func (t *sqliteTx) addJobs(ctx context.Context, jobs []river.InsertManyParams) ([]*rivertype.JobInsertResult, error) {
	t.jobs = true
	return t.client.InsertManyTx(ctx, t.Tx, jobs)
}

func (t *sqliteTx) complete(ctx context.Context, job *river.Job[run]) error {
	_, err := river.JobCompleteTx[*pokable](ctx, t.Tx, job)
	return err
}
