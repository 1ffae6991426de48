package store

import "context"

// sqliteTx is one transaction of the writer, shared by the writes of a batch. It keeps every statement
// prepared: to compile one takes longer than to run it.
type sqliteTx struct {
	writer  *writer
	changes *changes // of the queue
}

func (t *sqliteTx) exec(query string, args ...any) (int64, error) {
	statement, err := t.writer.statement(query)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *sqliteTx) each(row func(scan) error, query string, args ...any) error {
	statement, err := t.writer.statement(query)
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(context.Background(), args...)
	return eachRow(rows, err, row)
}

func (t *sqliteTx) script(statements string) error {
	_, err := t.writer.conn.ExecContext(context.Background(), statements)
	return err
}

func (t *sqliteTx) deliver(q queued) (fresh bool, err error) {
	rows, err := t.exec(
		`INSERT INTO delivery (guid, event, action, installation, repo_id, repo, received_at, handled_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		q.GUID, q.Event, q.Action, q.Installation, q.RepoID, q.Repo, nanos(q.ReceivedAt), nanos(q.handledAt))
	if err != nil {
		return false, err
	}
	if _, err := t.exec(`DELETE FROM missing WHERE guid = $1`, q.GUID); err != nil || rows == 0 ||
		!q.handledAt.IsZero() {
		return rows == 1, err
	}
	if _, err := t.exec(`INSERT INTO payload (guid, data) VALUES ($1, $2)`, q.GUID, notNil(q.Payload)); err != nil {
		return false, err
	}
	return true, t.wake(KindDelivery, q.GUID, nanos(q.at))
}

// wake notes the wish in the row of the job. Of a job that runs it is one more run, which its end looks for.
func (t *sqliteTx) wake(kind, key string, at int64) error {
	statement := `INSERT INTO job (kind, key, at) VALUES ($1, $2, $3) ON CONFLICT (kind, key) DO UPDATE SET
		at = CASE WHEN dead = 1 OR excluded.at < at THEN excluded.at ELSE at END,
		failures = CASE dead WHEN 1 THEN 0 ELSE failures END, since = CASE dead WHEN 1 THEN 0 ELSE since END,
		error = CASE dead WHEN 1 THEN '' ELSE error END, failed_at = CASE dead WHEN 1 THEN 0 ELSE failed_at END,
		dead = 0`
	if t.changes.wake(name{kind, key}, at) {
		statement = `UPDATE job SET again = CASE WHEN again = 0 OR $3 < again THEN $3 ELSE again END
			WHERE kind = $1 AND key = $2`
	}
	_, err := t.exec(statement, kind, key, at)
	return err
}

// finish writes what became of a job that ran.
func (t *sqliteTx) finish(j Job, e ending) error {
	e = t.changes.finish(j.name(), e)
	if e.over() {
		if _, err := t.exec(`DELETE FROM job WHERE kind = $1 AND key = $2`, j.Kind, j.Key); err != nil {
			return err
		}
	} else {
		_, err := t.exec(
			`UPDATE job SET at = $3, again = 0, failures = $4, since = $5, error = $6, failed_at = $7, dead = $8
			WHERE kind = $1 AND key = $2`,
			j.Kind, j.Key, e.next, e.failures, e.since, e.error, e.failedAt, flag(e.dead))
		if err != nil {
			return err
		}
	}
	return nil
}
