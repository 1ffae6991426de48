package demo

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/slipway-dev/slipway/internal/store"
)

// Clock is a clock that can be moved on: what waits for a moment is then worked at once, and nobody sleeps.
type Clock struct {
	base func() time.Time
	by   atomic.Int64
}

// NewClock goes as base does.
func NewClock(base func() time.Time) *Clock { return &Clock{base: base} }

// Now is the time.
func (c *Clock) Now() time.Time { return c.base().Add(time.Duration(c.by.Load())) }

// Leap moves it on.
func (c *Clock) Leap(d time.Duration) { c.by.Add(int64(d)) }

// shortWait is how long a wait may be that Rest goes through unless it is told another: the moments after which
// something is looked for again.
const shortWait = 45 * time.Second

// Sleep moves the clock on in place of waiting, for the calls of a bot that lives by this clock.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	c.Leap(d)
	return ctx.Err()
}

// Rest waits until every job of the queue is done; to those that go on in a moment, longest away at most, it moves the
// clock. Zero is 45 seconds.
func (c *Clock) Rest(ctx context.Context, queue *store.Store, longest time.Duration) error {
	if longest == 0 {
		longest = shortWait
	}
	for {
		if err := queue.Wait(ctx); err != nil {
			return err
		}
		next, waits, err := queue.NextDue(ctx)
		if err != nil {
			return err
		}
		wait := next.Sub(c.Now())
		if !waits || wait > longest {
			return nil
		}
		c.Leap(max(wait, 0) + time.Millisecond)
		queue.Poke()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}
