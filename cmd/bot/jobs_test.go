package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/store"
)

// failing is a database with two jobs: one that failed for good, and one that is tried again.
func failing(t *testing.T) *store.Store {
	t.Helper()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	db, err := store.Open(t.Context(), "sqlite::memory:", store.Options{
		Clock: func() time.Time { return now }, Poll: 2 * time.Millisecond,
		Retry: func(int) time.Duration { return time.Hour },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(db.PutRepository(t.Context(), store.Repository{ID: 1008, Name: "falcosecurity/libs", Installation: 1}))
	must(db.Enqueue(t.Context(), store.Job{Kind: store.KindIssue, Key: "1008#7"}, time.Time{}))
	_, err = db.Deliver(t.Context(), store.Delivery{
		GUID: "g1", Event: "issues", Action: "opened", Repo: "falcosecurity/libs", Payload: []byte("{}"),
	})
	must(err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- db.Run(ctx, func(_ context.Context, j store.Job) error {
			if j.Kind == store.KindDelivery {
				return store.GiveUp{Err: errors.New("not an event\nwith a stack")}
			}
			return errors.New("GitHub is down")
		})
	}()
	must(db.Wait(t.Context()))
	stop()
	must(<-done)
	return db
}

func jobs(t *testing.T, db *store.Store, c jobsCommand) string {
	t.Helper()
	var out strings.Builder
	err := c.do(t.Context(), &out, db)
	if f := (fault{}); errors.As(err, &f) {
		return f.text
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestJobsListsWhatFails(t *testing.T) {
	db := failing(t)
	got := jobs(t, db, jobsCommand{})
	for _, want := range []string{
		"issue     1008#7  falcosecurity/libs#7              1         2026-11-21 12:00:00 UTC  2026-11-21 13:00:00 UTC",
		"GitHub is down\n", "issues opened falcosecurity/libs", "never: failed for good", "not an event\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
	got = jobs(t, db, jobsCommand{JSON: true})
	if strings.Count(got, "\n") != 2 || !strings.Contains(got, `"next":null,"error":"not an event\nwith a stack"`) {
		t.Errorf("as JSON:\n%s", got)
	}
}

func TestAJobIsRetriedOrDropped(t *testing.T) {
	db := failing(t)
	for _, one := range []struct{ action, kind, key, want string }{
		{"retry", "issue", "1008#7", "issue 1008#7 runs again"},
		{"retry", "issue", "9#9", "No job of this name is failing"},
		{"drop", "issue", "1008#7", "No job of this name failed for good"},
		{"drop", "delivery", "g1", "Dropped delivery g1."},
		{"drop", "delivery", "g1", "No job of this name failed for good"},
	} {
		got := jobs(t, db, jobsCommand{Action: one.action, Kind: one.kind, Key: one.key})
		if !strings.Contains(got, one.want) {
			t.Errorf("%s %s %s: %s", one.action, one.kind, one.key, got)
		}
	}
}
