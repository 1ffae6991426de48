package store

import (
	"context"
	"fmt"
	"time"
)

// dueJobs are the jobs that run or would run if a worker was free.
const dueJobs = `FROM river_job WHERE state = 'running'
	OR (state IN ('available', 'retryable', 'scheduled') AND scheduled_at <= $1)`

// Idle says that no job runs and none is due now. Jobs of the future do not count.
func (s *Store) Idle(ctx context.Context) (bool, error) {
	n, _, err := s.backlog(ctx)
	return n == 0, err
}

// Pending counts the jobs that run or are due.
func (s *Store) Pending(ctx context.Context) (int, error) {
	n, _, err := s.backlog(ctx)
	return n, err
}

// OldestPending is for how long the oldest of the Pending jobs has been due.
func (s *Store) OldestPending(ctx context.Context) (time.Duration, error) {
	n, oldest, err := s.backlog(ctx)
	if err != nil || n == 0 {
		return 0, err
	}
	return max(s.now().Sub(oldest), 0), nil
}

func (s *Store) backlog(ctx context.Context) (n int, oldest time.Time, err error) {
	err = s.db.each(ctx, func(row scan) error {
		n++
		var due time.Time
		err := row(&due)
		if n == 1 || due.Before(oldest) {
			oldest = due
		}
		return err
	}, `SELECT scheduled_at `+dueJobs, s.db.riverTime(s.now()))
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("look into the queue: %w", err)
	}
	return n, oldest, nil
}

// Wait returns when the queue is idle. Somebody has to be in Run, or it waits for as long as ctx lasts.
func (s *Store) Wait(ctx context.Context) error {
	look := time.NewTicker(s.options.Poll) // for what other processes finish
	defer look.Stop()
	for {
		finished := s.finished.heard()
		idle, err := s.Idle(ctx)
		if idle || err != nil {
			return err
		}
		s.db.poke(ctx) // the clock may have leapt since the last look
		select {
		case <-finished:
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the queue: %w", ctx.Err())
		}
	}
}

// Troubles lists the jobs whose last run failed, the oldest trouble first.
func (s *Store) Troubles(ctx context.Context) ([]Trouble, error) {
	var troubles []Trouble
	err := s.db.each(ctx, func(row scan) error {
		var t Trouble
		var at, next int64
		err := row(&t.Job.Kind, &t.Job.Key, &t.Job.Attempt, &t.Error, &at, &next)
		t.At, t.Next = moment(at), moment(next)
		troubles = append(troubles, t)
		return err
	}, `SELECT kind, key, attempt, error, at, next_at FROM trouble ORDER BY at, kind, key`)
	if err != nil {
		return nil, fmt.Errorf("list failing jobs: %w", err)
	}
	return troubles, nil
}
