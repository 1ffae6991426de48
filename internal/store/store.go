// Package store keeps what must survive a crash: the inbox of webhook deliveries, the release logs, and
// the queue of jobs that works both off. It runs on SQLite (embedded, the default) and on PostgreSQL,
// and answers alike on both: one conformance suite holds them together.
//
// A delivery and its job are committed in one transaction before Deliver returns, so nothing that
// GitHub got an answer for is ever lost. The jobs are River's (riverqueue.com); what this package adds
// is that many wakes of one job become one run, that a wake during a run becomes one more run, and that
// the jobs of a killed process run again at once.
//
// The store knows nothing of releases, of GitHub or of what a job does.
package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

var (
	// ErrNotFound is the answer for a delivery that was never received, or was pruned.
	ErrNotFound = errors.New("not found in the store")
	// ErrConflict is the answer to an Append whose writer had not seen the newest entries.
	ErrConflict = errors.New("the log has moved on")
	// ErrClosed is the answer of a store after Close.
	ErrClosed = errors.New("the store is closed")
)

// Options are what Open needs besides the address. The zero value is a sensible one.
type Options struct {
	// Clock tells the time, also to River; nil is time.Now. Jobs become due by it.
	Clock func() time.Time
	// Log gets a line for each failed job, and what River has to say.
	Log zerolog.Logger
	// Poll is how often the queue looks for jobs that have become due, and on PostgreSQL for jobs of
	// processes that died. A new job does not wait for it. Zero is one second; the least is 2 ms.
	Poll time.Duration
	// Workers is how many jobs run at a time; zero is 8.
	Workers int
	// Retry is how long to wait after the given failure in a row, counted from 1. Nil doubles from one
	// second up to ten minutes.
	Retry func(attempt int) time.Duration
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	o.Poll = max(o.Poll, 2*time.Millisecond)
	if o.Workers <= 0 {
		o.Workers = 8
	}
	if o.Retry == nil {
		o.Retry = func(attempt int) time.Duration {
			return min(time.Second<<min(attempt-1, 20), 10*time.Minute)
		}
	}
	return o
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	db       database
	options  Options
	intake   *intake
	turns    turns
	finished *bell

	life   context.Context // ends with Close
	end    context.CancelFunc
	closed sync.Once

	run  sync.Mutex // held by Run
	work work
}

// Open opens the database at url and brings its schema up to date, ours and River's.
//
//	sqlite:PATH       a file, created when missing; one process at a time, a second one is refused
//	sqlite::memory:   gone when closed
//	postgres://...    any PostgreSQL from 14 on; several processes may share it. Not through a pooler
//	                  that pools transactions: locks and notifications belong to a session
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	o = o.withDefaults()
	s := &Store{options: o, finished: newBell()}
	scheme, rest, _ := strings.Cut(url, ":")
	var err error
	switch scheme {
	case "sqlite":
		s.db, err = openSQLite(ctx, strings.TrimPrefix(rest, "//"), o, s.perform)
	case "postgres", "postgresql":
		s.db, err = openPostgres(ctx, url, o, s.perform)
	default:
		// The address is not shown: it may hold a password.
		err = fmt.Errorf("a database is sqlite:PATH or postgres://USER@HOST/NAME, not %q", scheme+":...")
	}
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	s.life, s.end = context.WithCancel(context.WithoutCancel(ctx))
	s.intake = newIntake(s.life, s.commit)
	return s, nil
}

// Close stops Run, waits for the jobs that are running and closes the database. Deliveries that wait for
// their transaction are refused with ErrClosed.
func (s *Store) Close() error {
	var err error
	s.closed.Do(func() {
		s.end()
		s.run.Lock()
		defer s.run.Unlock()
		s.intake.wait()
		if err = s.db.close(); err != nil {
			err = fmt.Errorf("close the store: %w", err)
		}
	})
	return err
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.db.ping(ctx); err != nil {
		return fmt.Errorf("ping the store: %w", err)
	}
	return nil
}

func (s *Store) now() time.Time { return s.options.Clock().UTC() }

// nanos is how a time is kept: nanoseconds since 1970, and 0 for no time.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}

// bell tells everyone who waits that something has happened.
type bell struct {
	mu   sync.Mutex
	next chan struct{}
}

func newBell() *bell { return &bell{next: make(chan struct{})} }

// heard is closed at the next ring.
func (b *bell) heard() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.next)
	b.next = make(chan struct{})
}
