package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/slipway-dev/slipway/internal/store"
)

func TestLogs(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, w *world)
	}{
		{"give back what was appended, in order", appendAndRead},
		{"refuse a writer who has not seen the newest entry, and keep nothing of it", conflict},
		{"let one of many writers win", race},
		{"keep nothing of an append that fails half way", halfWay},
		{"are found by what is in the index", listed},
		{"have one writer at a time", lock},
	} {
		t.Run(c.name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, p place) { c.test(t, open(t, p.address(t))) })
		})
	}
}

func entries(datas ...string) (all []store.Entry) {
	for n, data := range datas {
		all = append(all, store.Entry{
			At: time.Date(2026, 3, 2, 9, 0, n, 1, time.UTC), Kind: "noted", Data: []byte(data),
		})
	}
	return all
}

func appendAndRead(t *testing.T, w *world) {
	if got := value(w.Entries(t.Context(), "a"))(t); len(got) != 0 {
		t.Errorf("a log that nobody began holds %v", got)
	}
	must(t, w.Append(t.Context(), "a", 0, entries(`{ "spaces":  1, "a":1,"a":2 }`, `[1e3]`), store.Index{}))
	must(t, w.Append(t.Context(), "b", 0, entries(`"other"`), store.Index{}))
	must(t, w.Append(t.Context(), "a", 2, entries(`"\u0000"`), store.Index{}))
	want := entries(`{ "spaces":  1, "a":1,"a":2 }`, `[1e3]`)
	want = append(want, entries(`"\u0000"`)...)
	for i := range want {
		want[i].Seq = i + 1
	}
	if diff := cmp.Diff(want, value(w.Entries(t.Context(), "a"))(t)); diff != "" {
		t.Error(diff)
	}
}

func conflict(t *testing.T, w *world) {
	must(t, w.Append(t.Context(), "a", 0, entries(`1`, `2`), store.Index{Issue: 1}))
	for _, after := range []int{0, 1, 3} {
		err := w.Append(t.Context(), "a", after, entries(`3`), store.Index{Issue: 2})
		want := fmt.Sprintf("append to log a: the log has moved on: it stands at 2, not at %d", after)
		if !errors.Is(err, store.ErrConflict) || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
	if got := value(w.Entries(t.Context(), "a"))(t); len(got) != 2 {
		t.Errorf("want the two entries, got %v", got)
	}
	if diff := cmp.Diff([]store.Listed{{Log: "a", Index: store.Index{Issue: 1}}}, value(w.Logs(t.Context(), store.Filter{}))(t)); diff != "" {
		t.Error(diff)
	}
}

func race(t *testing.T, w *world) {
	for after := range 10 {
		var won, lost int
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				err := w.Append(t.Context(), "a", after, entries(`1`), store.Index{})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case errors.Is(err, store.ErrConflict):
					lost++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if won != 1 || lost != 3 {
			t.Fatalf("%d won and %d lost, want 1 and 3", won, lost)
		}
	}
}

func halfWay(t *testing.T, w *world) {
	if err := w.Append(t.Context(), "a", 0, entries(`1`, `no JSON`), store.Index{}); err == nil {
		t.Error("took an entry that is no JSON")
	}
	if got := value(w.Entries(t.Context(), "a"))(t); len(got) != 0 {
		t.Errorf("kept %v", got)
	}
	if got := value(w.Logs(t.Context(), store.Filter{}))(t); len(got) != 0 {
		t.Errorf("kept %v", got)
	}
}

func listed(t *testing.T, w *world) {
	soon, late := w.Now().Add(time.Hour), w.Now().Add(48*time.Hour)
	must(t, w.Append(t.Context(), "libs", 0, nil, store.Index{Watches: []string{"to be replaced"}}))
	libs := store.Listed{Log: "libs", Index: store.Index{
		Repo: "falcosecurity/libs", Issue: 12, Installation: 7, Open: true, WakeAt: soon,
		Watches: []string{"falcosecurity/driverkit", "falcosecurity/libs"},
	}}
	falco := store.Listed{Log: "falco", Index: store.Index{
		Repo: "falcosecurity/falco", Issue: 3, Open: true, WakeAt: late, Watches: []string{"falcosecurity/libs"},
	}}
	old := store.Listed{Log: "old", Index: store.Index{Repo: "falcosecurity/libs", Issue: 1}}
	for _, l := range []store.Listed{libs, falco, old} {
		must(t, w.Append(t.Context(), l.Log, 0, nil, l.Index))
	}
	for _, c := range []struct {
		name   string
		filter store.Filter
		want   []store.Listed
	}{
		{"all", store.Filter{}, []store.Listed{falco, libs, old}},
		{"of a repository", store.Filter{Repo: "falcosecurity/libs"}, []store.Listed{libs, old}},
		{"open", store.Filter{Open: new(true)}, []store.Listed{falco, libs}},
		{"closed", store.Filter{Open: new(false)}, []store.Listed{old}},
		{"watching, with all their watches", store.Filter{Watching: "falcosecurity/driverkit"}, []store.Listed{libs}},
		{"to be woken", store.Filter{WakeBefore: soon.Add(1)}, []store.Listed{libs}},
		{"to be woken, not quite yet", store.Filter{WakeBefore: soon}, nil},
		{"all at once", store.Filter{Repo: "falcosecurity/falco", Open: new(true), Watching: "falcosecurity/libs",
			WakeBefore: late.Add(1)}, []store.Listed{falco}},
	} {
		if diff := cmp.Diff(c.want, value(w.Logs(t.Context(), c.filter))(t)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func lock(t *testing.T, w *world) {
	unlock := value(w.Lock(t.Context(), "a"))(t)
	other := value(w.Lock(t.Context(), "b"))(t) // another log is free
	other()

	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Lock(impatient, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want that of the context", err)
	}

	got := make(chan func())
	go func() { got <- value(w.Lock(t.Context(), "a"))(t) }()
	select {
	case <-got:
		t.Fatal("two writers")
	default:
	}
	unlock()
	unlock() // a second time does nothing
	(<-got)()
	value(w.Lock(t.Context(), "a"))(t)()
}

func TestNobodyChangesAnEntryNotEvenByHand(t *testing.T) {
	byHand := map[string]func(url, statement string) error{
		"sqlite": func(url, statement string) error {
			db, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
			must(t, err)
			defer db.Close()
			_, err = db.ExecContext(t.Context(), statement)
			return err
		},
		"postgres": func(url, statement string) error {
			db, err := pgx.Connect(t.Context(), url)
			must(t, err)
			defer db.Close(t.Context())
			_, err = db.Exec(t.Context(), statement)
			return err
		},
	}
	for _, p := range places() {
		do := byHand[p.name]
		if do == nil {
			continue // nobody else can get at it
		}
		url := p.address(t)
		w := open(t, url)
		must(t, w.Append(t.Context(), "a", 0, entries(`1`), store.Index{}))
		for _, statement := range []string{"UPDATE entry SET kind = 'forged'", "DELETE FROM entry"} {
			if err := do(url, statement); err == nil || !strings.Contains(err.Error(), "the release log is append-only") {
				t.Errorf("%s: %s: got error %v", p.name, statement, err)
			}
		}
		if got := value(w.Entries(t.Context(), "a"))(t); len(got) != 1 || got[0].Kind != "noted" {
			t.Errorf("%s: the log is now %v", p.name, got)
		}
	}
}
