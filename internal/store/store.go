// Package store keeps what must survive a crash: the inbox of webhook deliveries, the commands of each issue,
// the release logs, what was seen at the last look, and the queue of jobs that works all this off. It runs on
// SQLite (embedded, the default) and on PostgreSQL, and answers alike on both: one conformance suite holds
// them together.
//
// A delivery and its job are committed in one transaction before Deliver returns, so nothing that GitHub got
// an answer for is ever lost. A job is a wish in a table of ours: many wishes for one job become one run, a
// wish during a run becomes one more run, and the jobs of a killed process run again at once. On SQLite, where
// one process has the file, the process hands the jobs to its workers itself; on PostgreSQL, where several
// share the work, River (riverqueue.com) does once a job is due.
//
// The store knows nothing of releases, of GitHub or of what a job does.
package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

var (
	// ErrNotFound is the answer for what was never stored, or was pruned.
	ErrNotFound = errors.New("not found in the store")
	// ErrConflict is the answer to a write whose writer had not seen the newest state.
	ErrConflict = errors.New("it has changed since it was read")
	// ErrClosed is the answer of a store after Close.
	ErrClosed = errors.New("the store is closed")
)

// Options are what Open needs besides the address. The zero value is a sensible one.
type Options struct {
	// Clock tells the time; nil is time.Now. Jobs become due by it.
	Clock func() time.Time
	// Log gets a line when the queue itself is in trouble. A failed job is not logged here.
	Log zerolog.Logger
	// Poll is how often the queue looks for jobs that have become due, and on PostgreSQL for jobs of
	// processes that died. A new job does not wait for it. Zero is one second; the least is 2 ms.
	Poll time.Duration
	// Workers is how many jobs run at a time; zero is 16.
	Workers int
	// Retry is how long to wait after the given failure in a row, counted from 1. Nil doubles from one
	// second up to ten minutes.
	Retry func(attempt int) time.Duration
	// Group names what a job belongs to; nil or an empty name is no group. At most PerGroup jobs of one
	// group run at a time in this process, and those that wait for it hold no worker. Zero is no limit.
	Group    func(Job) string
	PerGroup int
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
		o.Workers = 16
	}
	if o.Retry == nil {
		o.Retry = func(attempt int) time.Duration {
			return min(time.Second<<min(attempt-1, 20), 10*time.Minute)
		}
	}
	if o.Group == nil || o.PerGroup <= 0 {
		o.Group = func(Job) string { return "" }
	}
	return o
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	db       database
	options  Options
	finished *notifier // after each job, and when the queue has changed

	life   context.Context // ends with Close
	end    context.CancelFunc
	closed sync.Once
	run    sync.Mutex // held by Run
}

// Open opens the database at url and brings its schema up to date.
//
//	sqlite:PATH       a file, created when missing; one process at a time, a second one is refused
//	sqlite::memory:   gone when closed
//	postgres://...    any PostgreSQL from 14 on; several processes may share it. Not through a pooler
//	                  that pools transactions: locks and notifications belong to a session
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	o = o.withDefaults()
	s := &Store{options: o, finished: newNotifier()}
	scheme, rest, _ := strings.Cut(url, ":")
	var err error
	switch scheme {
	case "sqlite":
		s.db, err = openSQLite(ctx, strings.TrimPrefix(rest, "//"), o, s.finished)
	case "postgres", "postgresql":
		s.db, err = openPostgres(ctx, url, o, s.finished)
	default:
		// The address is not shown: it may hold a password.
		err = fmt.Errorf("a database is sqlite:PATH or postgres://USER@HOST/NAME, not %q", scheme+":...")
	}
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	s.life, s.end = context.WithCancel(context.WithoutCancel(ctx))
	return s, nil
}

// Close stops Run, waits for the jobs that are running and closes the database. Deliveries that wait for
// their transaction are stored or refused with ErrClosed.
func (s *Store) Close() error {
	var err error
	s.closed.Do(func() {
		s.end()
		s.run.Lock()
		defer s.run.Unlock()
		if err = s.db.close(); err != nil {
			err = fmt.Errorf("close the store: %w", err)
		}
	})
	return err
}

// The names of the store's own small values.
const (
	bornValue = "store.born"
	pingValue = "store.ping"
)

// Ping says whether the database takes a write: it makes one, durably. A full disk or a database that is
// only to be read is an error.
func (s *Store) Ping(ctx context.Context) error {
	if s.life.Err() != nil {
		return fmt.Errorf("ping the store: %w", ErrClosed)
	}
	if err := s.setValue(ctx, pingValue, strconv.FormatInt(nanos(s.now()), 10)); err != nil {
		return fmt.Errorf("ping the store: %w", err)
	}
	return nil
}

// Born is when this database was made. One that is older than the note of it was made when the oldest thing
// in it happened.
func (s *Store) Born(ctx context.Context) (time.Time, error) {
	text, found, err := s.Value(ctx, bornValue)
	if err == nil && !found {
		err = ErrNotFound
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("find out when the database was made: %w", err)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("find out when the database was made: %w", err)
	}
	return moment(n), nil
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
