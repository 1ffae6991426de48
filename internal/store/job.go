package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// The kinds of jobs that the store makes by itself.
const (
	KindDelivery = "delivery" // Deliver; the key is the GUID
	KindLog      = "release"  // Run, for every open log; the key is the log
)

// Job is something to do. Its kind and key name it: there is never more than one of a name in the queue.
type Job struct {
	Kind, Key string
	Attempt   int // 1 for the first try, one more after each failure; Enqueue ignores it
}

// Later is returned by the work on a job that went well but has to go on at a later time.
type Later struct{ At time.Time }

func (l Later) Error() string { return "to be continued at " + l.At.Format(time.RFC3339) }

// Trouble is a job whose last run failed. It is tried again until it succeeds.
type Trouble struct {
	Job   Job // with the number of the attempt that failed last
	Error string
	At    time.Time
	Next  time.Time // when it is tried again, unless something wakes it sooner
}

// run is what River is given: one River job is one run of one of our jobs.
type run struct {
	Of       string `json:"kind" river:"unique"`
	Key      string `json:"key" river:"unique"`
	Failures int    `json:"failures"`
}

// Kind is the only kind that River knows.
func (run) Kind() string { return "run" }

// due makes the run unique among those that are not over. River does not allow to leave out the running
// one, so a wake during a run stands in the table wake instead.
func (r run) due(at time.Time) river.InsertManyParams {
	return river.InsertManyParams{Args: r, InsertOpts: &river.InsertOpts{
		ScheduledAt: at,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
			rivertype.JobStateRunning, rivertype.JobStateScheduled,
		}},
	}}
}

// Enqueue makes the job run at the given time; zero is now. A job that waits already runs once, at the
// earlier of the two times, and loses what is left of its backoff. A job that is running now runs once
// more afterwards.
func (s *Store) Enqueue(ctx context.Context, j Job, at time.Time) error {
	if at.IsZero() {
		at = s.now()
	}
	err := s.db.write(ctx, func(tx tx) error { return s.wake(ctx, tx, run{Of: j.Kind, Key: j.Key}, at) })
	if err != nil {
		return fmt.Errorf("enqueue %s %s: %w", j.Kind, j.Key, err)
	}
	return nil
}

func (s *Store) wake(ctx context.Context, tx tx, r run, at time.Time) error {
	running, err := s.queue(ctx, tx, r, at)
	if err != nil || !running {
		return err
	}
	_, err = tx.exec(ctx, `INSERT INTO wake (kind, key, at) VALUES ($1, $2, $3) ON CONFLICT (kind, key)
		DO UPDATE SET at = excluded.at WHERE excluded.at < wake.at`, r.Of, r.Key, nanos(at))
	return err
}

// queue sees to it that the run waits for the given time or an earlier one. If the job is running it does
// nothing but say so.
func (s *Store) queue(ctx context.Context, tx tx, r run, at time.Time) (running bool, err error) {
	added, err := tx.addJobs(ctx, []river.InsertManyParams{r.due(at)})
	if err != nil || !added[0].UniqueSkippedAsDuplicate {
		return false, err
	}
	// River has locked the row that is there already, so it keeps this state until the commit.
	there := added[0].Job
	if there.State == rivertype.JobStateRunning {
		return true, nil
	}
	_, err = tx.exec(ctx, `UPDATE river_job SET state = 'available', scheduled_at = $1
		WHERE id = $2 AND scheduled_at > $1`, s.db.riverTime(at), there.ID)
	return false, err
}

// finish ends a run in one transaction: what the work answered, and what was asked for meanwhile.
func (s *Store) finish(ctx context.Context, rj *river.Job[run], outcome error) error {
	r, now := rj.Args, s.now()
	err := s.db.write(ctx, func(tx tx) error {
		// First of all, as this locks the row: from here on a wake makes a run of its own.
		if err := tx.complete(ctx, rj); err != nil && !errors.Is(err, rivertype.ErrNotFound) {
			return err
		}
		next, err := takeWake(ctx, tx, r)
		if err != nil {
			return err
		}
		again := run{Of: r.Of, Key: r.Key}
		var later Later
		switch {
		case errors.As(outcome, &later):
			next = earlier(next, later.At)
			fallthrough
		case outcome == nil:
			_, err = tx.exec(ctx, `DELETE FROM trouble WHERE kind = $1 AND key = $2`, r.Of, r.Key)
		default:
			again.Failures = r.Failures + 1
			next = earlier(next, now.Add(s.options.Retry(again.Failures)))
			err = putTrouble(ctx, tx, again, outcome, now, next)
		}
		if err != nil || next.IsZero() {
			return err
		}
		return s.wake(ctx, tx, again, next)
	})
	if err != nil {
		return fmt.Errorf("finish %s %s: %w", r.Of, r.Key, err)
	}
	s.finished.ring()
	return nil
}

// takeWake returns when a wake that came during the run wants the job to run again; zero if none came.
func takeWake(ctx context.Context, tx tx, r run) (at time.Time, err error) {
	err = tx.each(ctx, func(row scan) error {
		var n int64
		err := row(&n)
		at = moment(n)
		return err
	}, `DELETE FROM wake WHERE kind = $1 AND key = $2 RETURNING at`, r.Of, r.Key)
	return at, err
}

func putTrouble(ctx context.Context, tx tx, r run, outcome error, at, next time.Time) error {
	_, err := tx.exec(ctx, `INSERT INTO trouble (kind, key, attempt, error, at, next_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (kind, key) DO UPDATE SET attempt = excluded.attempt, error = excluded.error,
			at = excluded.at, next_at = excluded.next_at`,
		r.Of, r.Key, r.Failures, plainText(outcome.Error()), nanos(at), nanos(next))
	return err
}

// earlier is the earlier of two times, of which a zero one means never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
