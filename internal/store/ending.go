package store

import (
	"errors"
	"strings"
	"time"
)

// ending is what becomes of a job after a run.
type ending struct {
	next     int64 // when it runs again; 0: it leaves the queue
	failures int
	since    int64
	error    string
	failedAt int64
	dead     bool
}

// ending is what the outcome of a run means.
func (o Options) ending(j Job, outcome error) ending {
	var later Later
	var giveUp GiveUp
	now := o.Clock().UTC()
	switch {
	case outcome == nil:
		return ending{}
	case errors.As(outcome, &later):
		return ending{next: max(nanos(later.At), 1)}
	}
	e := ending{failures: j.Attempt, since: nanos(j.Since), error: plainText(outcome.Error()), failedAt: nanos(now)}
	if e.since == 0 {
		e.since = e.failedAt
	}
	if errors.As(outcome, &giveUp) {
		e.dead = true
	} else {
		e.next = nanos(now.Add(max(o.Retry(j.Attempt), time.Nanosecond)))
	}
	return e
}

// with is the ending when a wake came during the run, for the given time; 0 when none came.
func (e ending) with(again int64) ending {
	if e.dead && again > 0 {
		return ending{next: again}
	}
	e.next = earlier(e.next, again)
	return e
}

// over says that the job ended well and nobody wants it again.
func (e ending) over() bool { return e.next == 0 && !e.dead }

// earlier is the earlier of two times, of which 0 means never.
func earlier(a, b int64) int64 {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

// plainText drops what PostgreSQL will not keep in a text.
func plainText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
