package github

import (
	"context"
	"slices"
	"sync"
	"time"
)

// pacer gives each write of one installation its moment: never more in a minute and in an hour than the pace allows,
// and never closer than its gap. Moments are handed out in the order of asking, so that nobody is overtaken.
type pacer struct {
	pace     Pace
	patience time.Duration
	clock    func() time.Time
	sleep    func(context.Context, time.Duration) error

	mu      sync.Mutex
	moments []time.Time // those of the last hour and those handed out ahead, oldest first
}

func newPacer(c Config) *pacer {
	return &pacer{pace: c.Pace, patience: c.Patience, clock: c.Clock, sleep: c.Sleep}
}

// wait returns when the write may be made, and counts it. A moment too far ahead is Limited and is not counted, so
// that no job holds its place in the queue for an hour.
func (p *pacer) wait(ctx context.Context) error {
	at, wait := p.take()
	switch {
	case wait > p.patience:
		return &Limited{Until: at}
	case wait <= 0:
		return nil
	}
	err := p.sleep(ctx, wait)
	if err != nil {
		p.giveBack(at)
	}
	return err
}

// take hands out the next free moment, unless it is too far ahead.
func (p *pacer) take() (at time.Time, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	for len(p.moments) > 0 && !p.moments[0].After(now.Add(-time.Hour)) {
		p.moments = p.moments[1:]
	}
	at = now
	after := func(most int, d time.Duration) {
		if n := len(p.moments); n >= most {
			if free := p.moments[n-most].Add(d); free.After(at) {
				at = free
			}
		}
	}
	after(1, p.pace.Gap) // with no gap this still keeps the order of asking
	after(p.pace.PerMinute, time.Minute)
	after(p.pace.PerHour, time.Hour)
	if wait = at.Sub(now); wait <= p.patience {
		p.moments = append(p.moments, at)
	}
	return at, wait
}

func (p *pacer) giveBack(at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.IndexFunc(p.moments, at.Equal); i >= 0 {
		p.moments = slices.Delete(p.moments, i, i+1)
	}
}
