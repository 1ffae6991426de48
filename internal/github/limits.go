package github

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limitedUntil reads the rate limit from an answer, as GitHub's "Rate limits for the REST API" describes it. until is
// zero when there is none; refused says that this answer is the refusal, and not just the last that passed.
func limitedUntil(resp *http.Response, now time.Time) (until time.Time, refused bool) {
	h := resp.Header
	refusal := resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusTooManyRequests
	if refusal {
		if after := retryAfter(h.Get("Retry-After"), now); !after.IsZero() {
			return after, true
		}
	}
	if h.Get("X-Ratelimit-Remaining") == "0" {
		reset, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64)
		if err == nil {
			return time.Unix(reset, 0), refusal
		}
		if refusal {
			return now.Add(time.Minute), true
		}
	}
	// Without a header GitHub asks for at least one minute.
	if resp.StatusCode == http.StatusTooManyRequests || (refusal && secondary(resp)) {
		return now.Add(time.Minute), true
	}
	return time.Time{}, false
}

// secondary looks for the secondary rate limit in the text of a 403, and leaves the text there.
func secondary(resp *http.Response) bool {
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	body = bytes.ToLower(body)
	return err == nil && (bytes.Contains(body, []byte("secondary rate limit")) || bytes.Contains(body, []byte("abuse detection")))
}

// retryAfter reads seconds or an HTTP date.
func retryAfter(value string, now time.Time) time.Time {
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 {
		return now.Add(time.Duration(seconds) * time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return at
	}
	return time.Time{}
}

// pacer spreads the writes of one installation over sliding windows of a minute and an hour.
type pacer struct {
	pace  Pace
	clock func() time.Time
	sleep func(context.Context, time.Duration) error

	mu   sync.Mutex
	past []time.Time // the writes of the last hour, oldest first
}

func newPacer(p Pace, clock func() time.Time, sleep func(context.Context, time.Duration) error) *pacer {
	return &pacer{pace: p, clock: clock, sleep: sleep}
}

// wait returns when the write may be made, and counts it. The minute's window is slept out; a longer wait, which only
// the hour's can ask for, is Limited, so that no job holds its place for an hour.
func (p *pacer) wait(ctx context.Context) error {
	for {
		free := p.take()
		d := free.Sub(p.clock())
		if free.IsZero() {
			return nil
		}
		if d > time.Minute {
			return &Limited{Until: free}
		}
		if d <= 0 {
			continue
		}
		if err := p.sleep(ctx, d); err != nil {
			return err
		}
	}
}

// take counts a write when both windows have room, and else tells when they will.
func (p *pacer) take() (free time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	for len(p.past) > 0 && !p.past[0].After(now.Add(-time.Hour)) {
		p.past = p.past[1:]
	}
	for _, w := range []struct {
		most int
		size time.Duration
	}{{p.pace.PerMinute, time.Minute}, {p.pace.PerHour, time.Hour}} {
		if len(p.past) < w.most {
			continue
		}
		if at := p.past[len(p.past)-w.most].Add(w.size); at.After(now) && at.After(free) {
			free = at
		}
	}
	if free.IsZero() {
		p.past = append(p.past, now)
	}
	return free
}
