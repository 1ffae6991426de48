package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

const (
	// longestWait is how long a call sleeps for a rate limit; a longer wait goes back to the caller as Limited.
	longestWait = 30 * time.Second
	// tries is how often a GET is made when GitHub or the network fails.
	tries = 3
	// perTry bounds one request, its answer read to the end.
	perTry = 60 * time.Second
	// largestAnswer bounds the memory that one answer may take.
	largestAnswer = 64 << 20
)

// chain is the transport of one installation, outside of the authentication: so the calls for access tokens, which
// the authentication makes itself, pass none of it.
type chain struct {
	next  http.RoundTripper
	host  string
	clock func() time.Time
	sleep func(context.Context, time.Duration) error
	log   zerolog.Logger
	pacer *pacer
	cache *cache

	mu      sync.Mutex
	blocked time.Time // no request before this
}

func newChain(c Config, host string, next http.RoundTripper) *chain {
	return &chain{
		next: next, host: host, clock: c.Clock, sleep: c.Sleep, log: c.Log,
		pacer: newPacer(c.Pace, c.Clock, c.Sleep), cache: newCache(cacheEntries, cacheBytes),
	}
}

// RoundTrip makes a request: a read up to three times, a write once.
func (c *chain) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != c.host {
		// The next transport would put the token on it.
		closeBody(req)
		return nil, fmt.Errorf("GitHub sent us to %s, which is not %s", req.URL.Host, c.host)
	}
	read := req.Method == http.MethodGet || req.Method == http.MethodHead
	ctx := req.Context()
	for try := 1; ; try++ {
		err := c.unblock(ctx)
		if err == nil && !read && !strings.HasSuffix(req.URL.Path, "/access_tokens") {
			err = c.pacer.wait(ctx)
		}
		if err != nil {
			closeBody(req)
			return nil, err
		}
		resp, err := c.once(req)
		again := read && try < tries && ctx.Err() == nil
		if err != nil {
			if !again {
				return nil, err
			}
		} else if wait := c.limit(resp); wait > 0 {
			if !again || wait > longestWait {
				return nil, &Limited{Until: c.clock().Add(wait)}
			}
			continue // unblock sleeps
		} else if resp.StatusCode < 500 || !again {
			return resp, nil
		}
		if err := c.sleep(ctx, time.Duration(try)*time.Second); err != nil {
			return nil, err
		}
	}
}

// unblock waits out a rate limit that an earlier answer told of.
func (c *chain) unblock(ctx context.Context) error {
	for {
		c.mu.Lock()
		until := c.blocked
		c.mu.Unlock()
		wait := until.Sub(c.clock())
		if wait <= 0 {
			return nil
		}
		if wait > longestWait {
			return &Limited{Until: until}
		}
		if err := c.sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// limit looks at an answer, remembers how long GitHub wants to be left alone, and returns how long when this very
// answer is a rate limit.
func (c *chain) limit(resp *http.Response) time.Duration {
	now := c.clock()
	until, refused := limitedUntil(resp, now)
	if until.IsZero() {
		return 0
	}
	c.mu.Lock()
	if until.After(c.blocked) {
		c.blocked = until
	}
	c.mu.Unlock()
	if !refused {
		return 0
	}
	c.log.Warn().Time("until", until).Int("status", resp.StatusCode).Msg("GitHub limits the rate")
	return max(until.Sub(now), time.Nanosecond)
}

// once makes one request and reads the whole answer, so that a connection that breaks in its middle is an error here.
func (c *chain) once(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), perTry)
	defer cancel()
	sent := req.Clone(ctx)
	cached := c.cache.ask(sent)
	resp, err := c.next.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > largestAnswer {
		return nil, errors.New("the answer is larger than 64 MB")
	}
	resp.Request = req
	resp, body = c.cache.answer(req, cached, resp, body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	c.log.Debug().Str("method", req.Method).Str("path", req.URL.Path).Int("status", resp.StatusCode).
		Str("remaining", resp.Header.Get("X-Ratelimit-Remaining")).Msg("asked GitHub")
	return resp, nil
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}
