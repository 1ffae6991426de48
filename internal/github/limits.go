package github

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// limits is what GitHub has said about the rate of one installation. While it wants to be left alone nothing is asked:
// asking on can get an App banned (docs.github.com, Best practices for using the REST API).
type limits struct {
	patience time.Duration
	clock    func() time.Time
	sleep    func(context.Context, time.Duration) error
	log      zerolog.Logger

	mu       sync.Mutex
	blocked  time.Time // no request before this
	refusals map[bool]int
}

func newLimits(c Config) *limits {
	return &limits{patience: c.Patience, clock: c.Clock, sleep: c.Sleep, log: c.Log, refusals: map[bool]int{}}
}

// wait waits out a limit that an earlier answer told of. A longer one than the patience is Limited.
func (l *limits) wait(ctx context.Context) error {
	var slept time.Time
	for {
		l.mu.Lock()
		until := l.blocked
		l.mu.Unlock()
		wait := until.Sub(l.clock())
		switch {
		case wait <= 0, until.Equal(slept): // slept for: the clock need not agree to the nanosecond
			return nil
		case wait > l.patience:
			return &Limited{Until: until}
		}
		if err := l.sleep(ctx, wait); err != nil {
			return err
		}
		slept = until
	}
}

// see looks at an answer, remembers until when GitHub wants to be left alone, and returns how long that is when this
// very answer is a refusal. read says what was asked: a limit on writes is not over because reads pass.
func (l *limits) see(resp *http.Response, read bool) time.Duration {
	now := l.clock()
	said := limitIn(resp, now)
	l.mu.Lock()
	defer l.mu.Unlock()
	if said.secondary && said.until.IsZero() {
		if !now.Before(l.blocked) { // else it is an answer to what was under way when the limit came
			l.refusals[read]++
		}
		// "wait for at least one minute ... an exponentially increasing amount of time between retries"
		said.until = now.Add(min(time.Minute<<min(max(l.refusals[read]-1, 0), 6), time.Hour))
	}
	if !said.refused && resp.StatusCode < 400 {
		delete(l.refusals, read)
	}
	if said.until.After(l.blocked) {
		l.blocked = said.until
	}
	if !said.refused {
		return 0
	}
	l.log.Warn().Time("until", said.until).Int("status", resp.StatusCode).Bool("secondary",
		said.secondary).Msg("GitHub limits the rate")
	return max(said.until.Sub(now), time.Nanosecond)
}

// limit is what one answer says about the rate. until is zero when it says no time.
type limit struct {
	until     time.Time
	refused   bool // this answer is the refusal, and not just the last one that passed
	secondary bool // told by text or by 429 alone
}

// limitIn reads an answer as GitHub's "Rate limits for the REST API" describes it.
func limitIn(resp *http.Response, now time.Time) limit {
	h := resp.Header
	refusal := resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusTooManyRequests
	if refusal {
		if after := retryAfter(h.Get("Retry-After"), now); !after.IsZero() {
			return limit{until: after, refused: true}
		}
	}
	if h.Get("X-Ratelimit-Remaining") == "0" {
		reset, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64)
		until := time.Unix(reset, 0)
		switch {
		case err == nil && (until.After(now) || !refusal):
			return limit{until: until, refused: refusal}
		case refusal: // no time, or one that has passed for us: the clocks differ, and asking at once would only hurt
			return limit{until: now.Add(time.Minute), refused: true}
		}
	}
	if resp.StatusCode == http.StatusTooManyRequests || (refusal && secondary(resp)) {
		return limit{refused: true, secondary: true}
	}
	return limit{}
}

// secondary looks for the secondary rate limit in the text of a 403, and leaves the text there.
func secondary(resp *http.Response) bool {
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	body = bytes.ToLower(body)
	return err == nil &&
		(bytes.Contains(body, []byte("secondary rate limit")) || bytes.Contains(body, []byte("abuse detection")))
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
