package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/riverqueue/river"
)

type work = func(ctx context.Context, j Job) error

// wakeAtOnce is how many jobs are woken in one transaction at the start of Run.
const wakeAtOnce = 200

// Run works jobs off until ctx ends or the store is closed; then it waits for the running jobs, whose
// context does not end, and returns. First it wakes the jobs of all unhandled deliveries and all open
// logs: whatever was missed while nothing ran is looked for.
//
// When work returns an error, the job is tried again after Options.Retry, for ever; Later makes it go on
// at that time. A panic is an error like any other.
func (s *Store) Run(ctx context.Context, work func(ctx context.Context, j Job) error) error {
	if !s.run.TryLock() {
		return errors.New("run the queue: it is already running, or closed")
	}
	defer s.run.Unlock()
	if s.life.Err() != nil {
		return fmt.Errorf("run the queue: %w", ErrClosed)
	}
	s.work = work
	if err := s.wakeAll(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("run the queue: %w", err)
	}
	lasting := context.WithoutCancel(ctx)
	if err := s.db.start(lasting); err != nil {
		return fmt.Errorf("run the queue: %w", err)
	}
	s.db.poke(lasting) // for jobs that came between its first look and now
	select {
	case <-ctx.Done():
	case <-s.life.Done():
	}
	if err := s.db.stop(lasting); err != nil {
		return fmt.Errorf("drain the queue: %w", err)
	}
	return nil
}

func (s *Store) wakeAll(ctx context.Context) error {
	guids, err := s.Unhandled(ctx)
	if err != nil {
		return err
	}
	logs, err := s.Logs(ctx, Filter{Open: new(true)})
	if err != nil {
		return err
	}
	var runs []run
	for _, guid := range guids {
		runs = append(runs, run{Of: KindDelivery, Key: guid})
	}
	for _, l := range logs {
		runs = append(runs, run{Of: KindLog, Key: l.Log})
	}
	for some := range slices.Chunk(runs, wakeAtOnce) {
		err := s.db.write(ctx, func(tx tx) error {
			for _, r := range some {
				// One that is running is just being done, or will be taken over from a dead process.
				if _, err := s.queue(ctx, tx, r, s.now()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("wake what was left undone: %w", err)
		}
	}
	return nil
}

// perform is one run. An error of it is River's business, which tries again: it means that not even the
// outcome could be written down.
func (s *Store) perform(ctx context.Context, rj *river.Job[run]) error {
	j := Job{Kind: rj.Args.Of, Key: rj.Args.Key, Attempt: rj.Args.Failures + 1}
	outcome := s.attempt(ctx, j)
	if later := (Later{}); outcome != nil && !errors.As(outcome, &later) {
		s.options.Log.Warn().Err(outcome).Str("job", j.Kind).Str("key", j.Key).Int("attempt", j.Attempt).
			Msg("job failed, it will be tried again")
	}
	return s.finish(context.WithoutCancel(ctx), rj, outcome)
}

func (s *Store) attempt(ctx context.Context, j Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return s.work(ctx, j)
}

// plainText drops what PostgreSQL will not keep in a text.
func plainText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
