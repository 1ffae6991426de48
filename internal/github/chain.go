package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

const (
	// tries is how often a GET is made when GitHub or the network fails.
	tries = 3
	// perTry bounds one request, its answer read to the end.
	perTry = 60 * time.Second
	// largestAnswer bounds the memory that one answer may take.
	largestAnswer = 64 << 20
)

// chain is the transport of one client, outside of the authentication: so the calls for access tokens, which
// the authentication makes itself, pass none of it, and only their refusals are seen here.
type chain struct {
	next   http.RoundTripper
	who    int64 // one number for the clients of the same repositories, so that none gets what another may see
	host   string
	sleep  func(context.Context, time.Duration) error
	clock  func() time.Time
	log    zerolog.Logger
	cache  *cache
	pacer  *pacer
	limits *limits
}

func newChain(c Config, who int64, host string, shared *cache, counted account, next http.RoundTripper) *chain {
	return &chain{
		next: next, who: who, host: host, sleep: c.Sleep, clock: c.Clock, log: c.Log,
		cache: shared, pacer: counted.pacer, limits: counted.limits,
	}
}

// RoundTrip makes a request: a read up to three times, a write once. The effect of a write whose answer got lost may be
// there, and only a look can tell, which is the engine's.
func (c *chain) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != c.host {
		// The next transport would put the token on it.
		closeBody(req)
		return nil, fmt.Errorf("GitHub sent us to %s, which is not %s", req.URL.Host, c.host)
	}
	job := memoryIn(req.Context())
	known, asked := job.recall(c.who, req)
	if known == nil {
		mine, done, err := job.ask(c.who, req)
		if err != nil {
			closeBody(req)
			return nil, err
		}
		if mine {
			defer done()
		} else {
			known, asked = job.recall(c.who, req)
		}
	}
	if known != nil {
		return known, nil
	}
	if err := job.refusal(c.who); err != nil {
		closeBody(req)
		return nil, err
	}
	job.forget(req)
	defer job.forget(req)
	resp, err := c.make(req)
	if err != nil {
		job.refuse(c.who, err)
		return nil, err
	}
	job.keep(c.who, req, asked, resp)
	return resp, nil
}

// make makes a request until it has an answer.
func (c *chain) make(req *http.Request) (*http.Response, error) {
	read := req.Method == http.MethodGet || req.Method == http.MethodHead
	ctx := req.Context()
	for try := 1; ; try++ {
		if err := c.await(ctx, read || strings.HasSuffix(req.URL.Path, "/access_tokens")); err != nil {
			closeBody(req)
			return nil, err
		}
		resp, err := c.once(req)
		answer := resp
		if err != nil {
			answer = tokenRefusal(err)
		}
		var wait time.Duration
		if answer != nil {
			wait = c.limits.see(answer, read)
		}
		again := read && try < tries && ctx.Err() == nil
		switch {
		case wait > 0:
			if !again || wait > c.limits.patience {
				return nil, &Limited{Until: c.clock().Add(wait)}
			}
			continue // await sleeps
		case answer != nil && answer.StatusCode < 500, !again:
			return resp, tokenError(err)
		}
		if err := c.sleep(ctx, time.Duration(try)*time.Second); err != nil {
			return nil, err
		}
	}
}

// await waits until the request may be made. While GitHub wants to be left alone no moment of the pace is spent.
func (c *chain) await(ctx context.Context, free bool) error {
	if err := c.limits.wait(ctx); err != nil || free {
		return err
	}
	if err := c.pacer.wait(ctx); err != nil {
		return err
	}
	return c.limits.wait(ctx) // a limit may have come meanwhile
}

// once makes one request and reads the whole answer, so that a connection that breaks in its middle is an error here.
func (c *chain) once(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), perTry)
	defer cancel()
	sent := req.Clone(ctx)
	if resp := c.cache.fixed(c.who, req, c.clock()); resp != nil {
		return resp, nil
	}
	cached := c.cache.ask(c.who, sent)
	resp, err := c.next.RoundTrip(sent)
	if err != nil {
		if refusal := tokenRefusal(err); refusal != nil { // its body is ours to close
			body, _ := io.ReadAll(io.LimitReader(refusal.Body, 64<<10))
			refusal.Body.Close()
			refusal.Body = io.NopCloser(bytes.NewReader(body))
		}
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestAnswer+1))
	if err != nil {
		return nil, &brokenAnswer{err.Error()}
	}
	if len(body) > largestAnswer {
		return nil, errors.New("the answer is larger than 64 MB")
	}
	if err := whole(req, resp, body); err != nil {
		return nil, err
	}
	resp.Request = req
	resp, body = c.cache.answer(c.who, req, cached, resp, body, c.clock())
	resp.Body = io.NopCloser(bytes.NewReader(body))
	c.log.Debug().Str("method", req.Method).Str("path", req.URL.Path).Int("status", resp.StatusCode).
		Str("remaining", resp.Header.Get("X-Ratelimit-Remaining")).Str("request",
		resp.Header.Get("X-Github-Request-Id")).Msg("asked GitHub")
	return resp, nil
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}
