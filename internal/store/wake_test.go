package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/internal/store/storetest"
)

// Whatever was true before a wake is seen by a run that begins after it, and no job runs twice at a time.
func TestNoWakeIsLost(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		const keys, wakers, each = 3, 6, 40
		w := open(t, p.address(t))
		var asked, seen, running [keys]atomic.Int64
		index := func(key string) int { return int(key[0] - '0') }
		w.work(func(ctx context.Context, j store.Job) error {
			k := index(j.Key)
			if running[k].Add(1) != 1 {
				t.Errorf("%s runs twice at a time", j.Key)
			}
			defer running[k].Add(-1)
			seen[k].Store(asked[k].Load())
			if seen[k].Load()%5 == 0 {
				return errBroken
			}
			return nil
		})
		var all sync.WaitGroup
		for n := range wakers {
			all.Go(func() {
				for range each {
					k := n % keys
					asked[k].Add(1)
					if err := w.Enqueue(t.Context(), release(fmt.Sprint(k)), time.Time{}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		w.settle()
		for k := range keys {
			if seen[k].Load() != asked[k].Load() {
				t.Errorf("job %d: the last run saw %d of %d", k, seen[k].Load(), asked[k].Load())
			}
		}
	})
}

// A write that is refused shares its transaction with others, which are not.
func TestARefusedWriteTurnsNobodyElseAway(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		w := open(t, p.address(t))
		var all sync.WaitGroup
		for n := range 60 {
			all.Go(func() {
				log := fmt.Sprint(n)
				if n%3 == 0 {
					if err := w.Append(t.Context(), log, 5, entries(`1`), store.Index{}); !errors.Is(err,
						store.ErrConflict) {
						t.Errorf("got error %v, want a conflict", err)
					}
				} else if err := w.Append(t.Context(), log, 0, entries(`1`), store.Index{}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if logs := value(w.Logs(t.Context(), store.Filter{}))(t); len(logs) != 40 {
			t.Errorf("%d logs", len(logs))
		}
	})
}

// A crash is played by a copy of the files, made while the job runs.
func TestAWakeOfTheFutureDuringARunOutlivesACrash(t *testing.T) {
	url := storetest.SQLite(t)
	w := open(t, url)
	running, goOn := make(chan bool), make(chan bool)
	w.work(func(context.Context, store.Job) error { running <- true; <-goOn; return nil })
	defer close(goOn)
	must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	<-running
	must(t, w.Enqueue(t.Context(), release("a"), w.Now().Add(48*time.Hour)))
	must(t, w.Enqueue(t.Context(), release("a"), w.Now().Add(24*time.Hour)))
	copied := storetest.SQLite(t)
	for _, suffix := range []string{"", "-wal"} {
		from, to := strings.TrimPrefix(url, "sqlite:")+suffix, strings.TrimPrefix(copied, "sqlite:")+suffix
		must(t, os.WriteFile(to, value(os.ReadFile(from))(t), 0o600))
	}

	after := open(t, copied)
	var d diary
	after.work(func(_ context.Context, j store.Job) error { d.note(j); return nil })
	after.settle()
	if diff := cmp.Diff([]string{"release a 1"}, d.read()); diff != "" {
		t.Error(diff)
	}
	after.pass(24 * time.Hour)
	after.settle()
	after.pass(48 * time.Hour)
	after.settle()
	if diff := cmp.Diff([]string{"release a 1", "release a 1"}, d.read()); diff != "" {
		t.Error(diff)
	}
}

func TestGivingUpOnAWriteLeavesTheStoreWorking(t *testing.T) {
	everywhere(t, func(t *testing.T, p place) {
		w := open(t, p.address(t))
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for n := range 20 {
			if err := w.Enqueue(gone, release(fmt.Sprint(n)), time.Time{}); err != nil &&
				!errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		must(t, w.Enqueue(t.Context(), release("a"), time.Time{}))
	})
}

// The disk is full, for one.
func TestAJobWhoseEndCannotBeWrittenRunsAgain(t *testing.T) {
	url := storetest.SQLite(t)
	w := open(t, url)
	byHandSQLite(t, url, `CREATE TRIGGER full BEFORE DELETE ON job BEGIN SELECT RAISE(ABORT, 'full'); END`)
	var d diary
	w.work(func(_ context.Context, j store.Job) error {
		if d.note(j); len(d.read()) == 2 {
			byHandSQLite(t, url, `DROP TRIGGER full`)
		}
		return nil
	})
	value(w.Deliver(t.Context(), delivery("guid-1")))(t)
	for idle := false; !idle; idle = value(w.Idle(t.Context()))(t) {
		w.pass(time.Second)
	}
	if diff := cmp.Diff([]string{"delivery guid-1 1", "delivery guid-1 1"}, d.read()); diff != "" {
		t.Error(diff)
	}
	if left := value(w.Unhandled(t.Context()))(t); len(left) != 0 {
		t.Errorf("unhandled: %q", left)
	}
}
