package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// Run works jobs off until ctx ends or the store is closed; then it waits for the running jobs and returns.
// The context of a job does not end with ctx. It ends when another process may take the job over, because
// this one can no longer show PostgreSQL that it lives; what such a run answers is not written down. Run first
// wakes the issues of all open logs: whatever was missed while nothing ran is looked for.
//
// When work returns an error, the job is tried again after Options.Retry; Later makes it go on at that time,
// and GiveUp takes it from the queue. A panic is an error like any other.
func (s *Store) Run(ctx context.Context, work func(ctx context.Context, j Job) error) error {
	if !s.run.TryLock() {
		return errors.New("run the queue: it is already running, or closed")
	}
	defer s.run.Unlock()
	if s.life.Err() != nil {
		return fmt.Errorf("run the queue: %w", ErrClosed)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(s.life, stop)()
	if err := s.WakeOpen(ctx, 0, time.Time{}); err != nil && ctx.Err() == nil {
		return fmt.Errorf("run the queue: %w", err)
	}
	err := s.db.run(ctx, func(ctx context.Context, j Job) error { return attempt(ctx, j, work) })
	if err != nil {
		return fmt.Errorf("run the queue: %w", err)
	}
	return nil
}

// WakeOpen lets the jobs of the issues with an open log run at the given time, as Enqueue does: those of one
// repository, or of all for 0. A zero time is now.
func (s *Store) WakeOpen(ctx context.Context, repo int64, at time.Time) error {
	if at.IsZero() {
		at = s.now()
	}
	logs, err := s.Logs(ctx, Filter{Repo: repo, Open: new(true)})
	if err == nil && len(logs) > 0 {
		err = s.db.write(ctx, func(tx tx) error {
			for _, l := range logs {
				if l.Repo == 0 {
					continue // Adopt wakes it
				}
				if err := tx.wake(KindIssue, LogName(l.Repo, l.Issue), nanos(at)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("wake the issues with an open log: %w", err)
	}
	return nil
}

func attempt(ctx context.Context, j Job, work func(context.Context, Job) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return work(ctx, j)
}
