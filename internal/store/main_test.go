package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/internal/store/storetest"
)

var server storetest.Server

func TestMain(m *testing.M) {
	if url := os.Getenv(doomedURL); url != "" {
		doomed(url)
		return
	}
	code := m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// A place is a kind of database.
type place struct {
	name    string
	address func(testing.TB) string
}

func places() []place {
	return []place{
		{"sqlite", storetest.SQLite},
		{"sqlite in memory", func(testing.TB) string { return "sqlite::memory:" }},
		{"postgres", server.Database},
	}
}

// everywhere runs a test on every kind of database.
func everywhere(t *testing.T, test func(t *testing.T, p place)) {
	for _, p := range places() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			test(t, p)
		})
	}
}

// world is a store in a test, with a clock that only the test moves.
type world struct {
	*store.Store
	*fakeClock
	t *testing.T
}

func open(t *testing.T, url string) *world {
	t.Helper()
	clock := &fakeClock{now: time.Date(2026, 3, 2, 9, 0, 0, 123456789, time.UTC)}
	s, err := store.Open(t.Context(), url, options(clock))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{s, clock, t}
}

func options(clock *fakeClock) store.Options {
	return store.Options{
		Clock: clock.Now, Poll: 20 * time.Millisecond, Workers: 4,
		Retry: func(attempt int) time.Duration { return time.Duration(attempt) * time.Minute },
		Group: func(j store.Job) string {
			group, _, grouped := strings.Cut(j.Key, "/")
			if !grouped {
				return ""
			}
			return group
		},
		PerGroup: 2,
	}
}

// work runs the queue for the rest of the test, or until the returned function is called.
func (w *world) work(do func(ctx context.Context, j store.Job) error) (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx, do) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("Run: %v", err)
		}
	})
	w.t.Cleanup(stop)
	return stop
}

// settle waits until there is nothing more to do now.
func (w *world) settle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	must(w.t, w.Wait(ctx))
}

type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// diary notes which jobs ran.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(j store.Job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf("%s %s %d", j.Kind, j.Key, j.Attempt))
}

func (d *diary) read() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.lines...)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func value[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T { t.Helper(); must(t, err); return v }
}

var errBroken = errors.New("broken")
