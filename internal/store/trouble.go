package store

import (
	"context"
	"fmt"
	"time"
)

// Trouble is a job whose last run failed.
type Trouble struct {
	Job   Job // with the number of the attempt that failed last
	Error string
	At    time.Time // of the last failure
	Next  time.Time // when it is tried again; zero when it failed for good
	Dead  bool      // it failed for good: Retry and Drop are for it
}

// Troubles lists the jobs that are failing and those that failed for good, the one that failed longest ago
// first.
func (s *Store) Troubles(ctx context.Context) ([]Trouble, error) {
	var troubles []Trouble
	err := s.db.each(ctx, func(row scan) error {
		var t Trouble
		var since, at, next, dead int64
		err := row(&t.Job.Kind, &t.Job.Key, &t.Job.Attempt, &since, &t.Error, &at, &next, &dead)
		t.Job.Since, t.At, t.Next, t.Dead = moment(since), moment(at), moment(next), dead == 1
		troubles = append(troubles, t)
		return err
	}, `SELECT kind, key, failures, since, error, failed_at, at, dead FROM job
		WHERE failed_at > 0 ORDER BY failed_at, kind, key`)
	if err != nil {
		return nil, fmt.Errorf("list failing jobs: %w", err)
	}
	return troubles, nil
}

// Retry puts a job that failed for good back into the queue, as if it had never run. ErrNotFound: there is no
// dead job of this name.
func (s *Store) Retry(ctx context.Context, j Job) error {
	err := s.db.write(ctx, func(tx tx) error {
		if err := removeDead(tx, j); err != nil {
			return err
		}
		return tx.wake(j.Kind, j.Key, nanos(s.now()))
	})
	if err != nil {
		return fmt.Errorf("retry %s %s: %w", j.Kind, j.Key, err)
	}
	return nil
}

// Drop forgets a job that failed for good; a delivery is handled with that. ErrNotFound: there is no dead job
// of this name.
func (s *Store) Drop(ctx context.Context, j Job) error {
	err := s.db.write(ctx, func(tx tx) error {
		if err := removeDead(tx, j); err != nil || j.Kind != KindDelivery {
			return err
		}
		return handled(tx, j.Key, s.now())
	})
	if err != nil {
		return fmt.Errorf("drop %s %s: %w", j.Kind, j.Key, err)
	}
	return nil
}

// removeDead removes a dead job.
func removeDead(tx tx, j Job) error {
	rows, err := tx.exec(`DELETE FROM job WHERE kind = $1 AND key = $2 AND dead = 1`, j.Kind, j.Key)
	if err == nil && rows == 0 {
		err = ErrNotFound
	}
	return err
}
