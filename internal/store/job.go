package store

import (
	"context"
	"fmt"
	"time"
)

// The kinds of jobs that the store makes by itself.
const (
	KindDelivery = "delivery" // Deliver; the key is the GUID
	KindIssue    = "issue"    // PutMail, Adopt, and WakeOpen; the key is LogName
)

// Job is something to do. Its kind and key name it: there is never more than one of a name in the queue, and
// one of a name never runs twice at a time.
type Job struct {
	Kind, Key string
	Attempt   int       // 1 for the first try, one more after each failure; Enqueue ignores it
	Since     time.Time // when the first failure in a row was; zero when there is none; Enqueue ignores it
}

// name is what a job is known by.
type name struct{ kind, key string }

func (j Job) name() name { return name{j.Kind, j.Key} }

// Later is returned by the work on a job that went well but has to go on at a later time.
type Later struct{ At time.Time }

func (l Later) Error() string { return "to be continued at " + l.At.Format(time.RFC3339) }

// GiveUp is returned by the work on a job that has failed for good. The job leaves the queue and is listed by
// Troubles as dead, until it is retried, dropped, or wanted again.
type GiveUp struct{ Err error }

func (g GiveUp) Error() string {
	if g.Err == nil {
		return "failed for good"
	}
	return g.Err.Error()
}

func (g GiveUp) Unwrap() error { return g.Err }

// Enqueue makes the job run at the given time; zero is now. A job that waits already runs once, at the
// earlier of the two times, and loses what is left of its backoff. A job that is running now runs once
// more afterwards. One that has failed for good begins anew.
func (s *Store) Enqueue(ctx context.Context, j Job, at time.Time) error {
	if at.IsZero() {
		at = s.now()
	}
	err := s.db.write(ctx, func(tx tx) error { return tx.wake(j.Kind, j.Key, nanos(at)) })
	if err != nil {
		return fmt.Errorf("enqueue %s %s: %w", j.Kind, j.Key, err)
	}
	return nil
}
