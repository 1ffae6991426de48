package store

import (
	"context"
	"fmt"
	"time"
)

// Idle says that no job runs and none is due now. Jobs of the future do not count, nor those that failed for
// good.
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
		var at int64
		err := row(&n, &at)
		oldest = moment(at)
		return err
	}, `SELECT count(*), coalesce(min(at), 0) FROM job WHERE at > 0 AND at <= $1`, nanos(s.now()))
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("look into the queue: %w", err)
	}
	return n, oldest, nil
}

// NextDue is the earliest time in the future that a job waits for.
func (s *Store) NextDue(ctx context.Context) (at time.Time, found bool, err error) {
	var next int64
	err = s.db.each(ctx, func(row scan) error { return row(&next) },
		`SELECT coalesce(min(at), 0) FROM (SELECT at FROM job WHERE at > $1
			UNION ALL SELECT again FROM job WHERE again > $1) AS wishes`, nanos(s.now()))
	if err != nil {
		return time.Time{}, false, fmt.Errorf("look into the queue: %w", err)
	}
	return moment(next), next != 0, nil
}

// Poke makes the queue look for due jobs now: the clock may have leapt.
func (s *Store) Poke() { s.db.poke() }

// Wait returns when the queue is idle. Somebody has to be in Run, or it waits for as long as ctx lasts.
func (s *Store) Wait(ctx context.Context) error {
	look := time.NewTicker(s.options.Poll) // for what other processes finish
	defer look.Stop()
	for {
		finished := s.finished.wait()
		idle, err := s.Idle(ctx)
		if idle || err != nil {
			return err
		}
		s.Poke() // the clock may have leapt since the last look
		select {
		case <-finished:
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the queue: %w", ctx.Err())
		}
	}
}
