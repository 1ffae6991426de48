package store_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/internal/store/storetest"
)

// River completes each job once more by its id, up to 250 ms after it was done; its cleaner may have removed the job by
// then, as it goes by the time of the machine and not by Options.Clock.
func TestAJobIsNotTakenForARemovedOne(t *testing.T) {
	url := storetest.SQLite(t)
	w := open(t, url)
	river, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:")+"?_pragma=busy_timeout(10000)")
	must(t, err)
	defer river.Close()

	running, goOn := make(chan bool, 9), make(chan bool, 9)
	w.work(func(context.Context, store.Job) error {
		running <- true
		<-goOn
		return nil
	})
	t.Cleanup(func() { close(goOn) })
	start := func(key string) (id int64) {
		t.Helper()
		must(t, w.Enqueue(t.Context(), release(key), time.Time{}))
		<-running
		must(t, river.QueryRowContext(t.Context(), `SELECT id FROM river_job WHERE state = 'running'`).Scan(&id))
		return id
	}
	removed := start("a")
	goOn <- true
	w.settle()
	_, err = river.ExecContext(t.Context(), `DELETE FROM river_job WHERE id = $1 AND state = 'completed'`, removed)
	must(t, err)

	start("b")
	_, err = river.ExecContext(t.Context(), `UPDATE river_job SET state = 'completed', finalized_at = scheduled_at
		WHERE id = $1 AND state = 'running'`, removed)
	must(t, err)
	if value(w.Idle(t.Context()))(t) {
		t.Error("idle while a job runs")
	}
	goOn <- true
	w.settle()
}
