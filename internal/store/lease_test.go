package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/store"
)

// cutLeases ends the sessions by which processes show that they live.
const cutLeases = `SELECT pg_terminate_backend(pid) FROM pg_locks
	JOIN pg_database ON pg_database.oid = pg_locks.database WHERE locktype = 'advisory' AND datname = current_database()`

func TestAProcessThatLosesItsLease(t *testing.T) {
	url := server.Database(t)
	w := open(t, url)
	type begun struct {
		j   store.Job
		ctx context.Context
	}
	runs, goOn := make(chan begun, 9), make(chan bool)
	w.work(func(ctx context.Context, j store.Job) error {
		runs <- begun{j, ctx}
		select {
		case <-ctx.Done():
		case <-goOn:
		}
		return nil // as if all had gone well
	})
	value(w.Deliver(t.Context(), delivery("guid-1")))(t)
	for range 2 { // the second time with a lease that was taken anew
		run := <-runs
		byHandPostgres(t, url, cutLeases)
		<-run.ctx.Done() // at once
	}
	last := <-runs
	if diff := cmp.Diff(store.Job{Kind: store.KindDelivery, Key: "guid-1", Attempt: 1}, last.j); diff != "" {
		t.Error(diff)
	}
	if left := value(w.Unhandled(t.Context()))(t); len(left) != 1 {
		t.Error("a run that lost its lease has handled the delivery")
	}
	close(goOn)
	w.settle()
	if left := value(w.Unhandled(t.Context()))(t); len(left) != 0 {
		t.Errorf("unhandled: %q", left)
	}
}

func TestAPingIsAWrite(t *testing.T) {
	url := server.Database(t)
	must(t, open(t, url).Ping(t.Context()))
	readOnly := url + "&default_transaction_read_only=on"
	if !strings.Contains(url, "?") {
		readOnly = url + "?default_transaction_read_only=on"
	}
	s, err := store.Open(t.Context(), readOnly, store.Options{})
	must(t, err)
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Ping(ctx); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("got error %v, want that the database takes no writes", err)
	}
}
