package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
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
		{"are rebuilt from a copy only where there is none", restore},
		{"that are open have their issues woken, those of one repository or of all", wakeOpen},
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
		want := fmt.Sprintf("append to log a: it has changed since it was read: it stands at 2, not at %d", after)
		if !errors.Is(err, store.ErrConflict) || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
	if got := value(w.Entries(t.Context(), "a"))(t); len(got) != 2 {
		t.Errorf("want the two entries, got %v", got)
	}
	if diff := cmp.Diff([]store.Listed{{Log: "a", Index: store.Index{Issue: 1}}},
		value(w.Logs(t.Context(), store.Filter{}))(t)); diff != "" {
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
	must(t, w.Append(t.Context(), "7#12", 0, nil, store.Index{Repo: 1, Issue: 1})) // to be replaced
	libs := store.Listed{Log: "7#12", Index: store.Index{Repo: 7, Issue: 12, Open: true}}
	falco := store.Listed{Log: "8#3", Index: store.Index{Repo: 8, Issue: 3, Open: true}}
	old := store.Listed{Log: "falcosecurity/libs#1", Index: store.Index{Repo: 7, Issue: 1}}
	again := store.Listed{Log: "falcosecurity/libs#12", Index: store.Index{Repo: 7, Issue: 12}}
	for _, l := range []store.Listed{libs, falco, old, again} {
		must(t, w.Append(t.Context(), l.Log, 0, nil, l.Index))
	}
	for _, c := range []struct {
		name   string
		filter store.Filter
		want   []store.Listed
	}{
		{"all", store.Filter{}, []store.Listed{libs, falco, old, again}},
		{"of a repository", store.Filter{Repo: 7}, []store.Listed{libs, old, again}},
		{"open", store.Filter{Open: new(true)}, []store.Listed{libs, falco}},
		{"closed", store.Filter{Open: new(false)}, []store.Listed{old, again}},
		{"all at once", store.Filter{Repo: 8, Open: new(true)}, []store.Listed{falco}},
	} {
		if diff := cmp.Diff(c.want, value(w.Logs(t.Context(), c.filter))(t)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	for _, c := range []struct {
		issue int
		want  string
	}{{12, "7#12"}, {1, "falcosecurity/libs#1"}, {5, ""}} {
		log, found, err := w.LogOf(t.Context(), 7, c.issue)
		must(t, err)
		if log != c.want || found != (c.want != "") {
			t.Errorf("the log of issue %d: got %q, %t, want %q", c.issue, log, found, c.want)
		}
	}
	if got := store.LogName(7, 12); got != "7#12" {
		t.Errorf("a new log is named %s", got)
	}
}

func restore(t *testing.T, w *world) {
	copied := entries(`1`, `2`)
	for i := range copied {
		copied[i].Seq = i + 1
	}
	if err := w.Restore(t.Context(), "7#12", copied[1:], store.Index{Repo: 7, Issue: 12}); err == nil {
		t.Error("restored a copy without its beginning")
	}
	must(t, w.Restore(t.Context(), "7#12", copied, store.Index{Repo: 7, Issue: 12, Open: true}))
	if diff := cmp.Diff(copied, value(w.Entries(t.Context(), "7#12"))(t)); diff != "" {
		t.Error(diff)
	}
	if err := w.Restore(t.Context(), "7#12", copied, store.Index{}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("got error %v, want a conflict", err)
	}
	want := []store.Listed{{Log: "7#12", Index: store.Index{Repo: 7, Issue: 12, Open: true}}}
	if diff := cmp.Diff(want, value(w.Logs(t.Context(), store.Filter{}))(t)); diff != "" {
		t.Error(diff)
	}
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
			if err := do(url, statement); err == nil ||
				!strings.Contains(err.Error(), "the release log is append-only") {
				t.Errorf("%s: %s: got error %v", p.name, statement, err)
			}
		}
		if got := value(w.Entries(t.Context(), "a"))(t); len(got) != 1 || got[0].Kind != "noted" {
			t.Errorf("%s: the log is now %v", p.name, got)
		}
	}
}

func wakeOpen(t *testing.T, w *world) {
	var d diary
	w.work(func(_ context.Context, j store.Job) error { d.note(j); return nil })
	must(t, w.Enqueue(t.Context(), store.Job{Kind: "begin", Key: "a"}, time.Time{}))
	w.settle() // the queue runs, and has woken what was open at its start
	for _, index := range []store.Index{
		{Repo: 7, Issue: 1, Open: true}, {Repo: 7, Issue: 2}, {Repo: 8, Issue: 3, Open: true}, {Issue: 4, Open: true},
	} {
		must(t, w.Append(t.Context(), store.LogName(index.Repo, index.Issue), 0, entries(`1`), index))
	}
	ran := func() []string {
		w.settle()
		lines := d.read()[1:]
		slices.Sort(lines)
		return lines
	}
	must(t, w.WakeOpen(t.Context(), 7, w.Now().Add(time.Hour)))
	if early := ran(); len(early) != 0 {
		t.Errorf("an hour early: %q", early)
	}
	w.pass(time.Hour)
	if diff := cmp.Diff([]string{"issue 7#1 1"}, ran()); diff != "" {
		t.Error(diff)
	}
	must(t, w.WakeOpen(t.Context(), 0, time.Time{}))
	if diff := cmp.Diff([]string{"issue 7#1 1", "issue 7#1 1", "issue 8#3 1"}, ran()); diff != "" {
		t.Error(diff)
	}
}
