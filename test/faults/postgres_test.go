package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/store/storetest"
)

// The ways in which PostgreSQL is lost while GitHub is slow to answer a write.
const (
	leasesCut kind = "takes effect, and the sessions of all leases end before its answer"
	allCut    kind = "takes effect, and all sessions end before its answer"
)

// sessions are those that end.
var sessions = map[kind]string{
	leasesCut: `SELECT pg_terminate_backend(pid) FROM pg_locks
		JOIN pg_database ON pg_database.oid = pg_locks.database WHERE locktype = 'advisory' AND datname = current_database()`,
	allCut: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`,
}

// slow is how long GitHub takes to answer the write: enough for the other process to find the job.
const slow = 150 * time.Millisecond

// cutter is a disturber of a database.
type cutter struct {
	disturber
	database string
	ended    atomic.Int64 // sessions
}

func (c *cutter) RoundTrip(r *http.Request) (*http.Response, error) {
	if !c.due(r) {
		return http.DefaultTransport.RoundTrip(r)
	}
	resp, err := http.DefaultTransport.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
	if cut := c.cut(context.WithoutCancel(r.Context())); cut != nil {
		return nil, errors.Join(err, cut)
	}
	select { // the answer comes, or whoever asked has gone
	case <-time.After(slow):
	case <-r.Context().Done():
	}
	return resp, err
}

// cut ends sessions.
func (c *cutter) cut(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.database)
	if err != nil {
		return err
	}
	done, err := conn.Exec(ctx, sessions[c.kind])
	c.ended.Add(done.RowsAffected())
	return errors.Join(err, conn.Close(ctx))
}

// TestPostgreSQL plays the release with two bots on one database, which is lost while GitHub is slow to answer a write.
// Each thing is made once, by whichever bot.
func TestPostgreSQL(t *testing.T) {
	story := stories[0]
	want, writes := runCut(t, story, 0, "")
	var points []point
	for at := int64(1); at <= writes; at++ {
		points = append(points, point{at, leasesCut}, point{at, allCut})
	}
	all := len(points)
	points = sample(t, points, 2, story.bound()/10)
	held := hold(t, points, want, func(t *testing.T, p point) string {
		got, _ := runCut(t, story, p.at, p.kind)
		return got
	})
	fmt.Printf("faults: %s on PostgreSQL makes %d writes; of %d points %d were tried and %d held\n", story.name, writes,
		all, len(points), held)
}

// runCut plays a story on PostgreSQL with two bots; at 0 cuts nothing.
func runCut(t *testing.T, story story, at int64, k kind) (text string, writes int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := &cutter{database: server.Database(t)}
	c.kind = k
	o := options(story)
	o.Transport, o.Database = c, c.database
	st, err := demo.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	stop, err := st.Join(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c.writes.Store(0)
	c.calls.Store(0)
	c.at = at
	text, err = story.play(ctx, st.Sandbox, func() error { return settleLost(ctx, st) })
	if err != nil {
		t.Errorf("write %d %s: %v", at, k, err)
	}
	if at > 0 && c.ended.Load() == 0 {
		t.Error("no session was there to end")
	}
	if err := errors.Join(stop(), st.Close()); err != nil {
		t.Error(err)
	}
	return text, c.writes.Load()
}

// settleLost settles while the database may be lost, and catches up with deliveries that it could not take.
func settleLost(ctx context.Context, st *demo.Stage) error {
	for {
		err := errors.Join(st.Settle(ctx), st.Bot.CatchUp(ctx))
		if err == nil {
			err = st.Settle(ctx)
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
}

// server is the PostgreSQL of the tests; TestMain stops it.
var server storetest.Server

func stopServer(code int) int {
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		return max(code, 1)
	}
	return code
}
