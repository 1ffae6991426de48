package github

import (
	"bytes"
	"container/list"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Pace bounds the calls that create content (docs.github.com, Rate limits for the REST API: 80 a minute, 500 an hour).
type Pace struct{ PerMinute, PerHour int }

// patience is the longest wait that is slept; a longer one is an answer, so that the queue can do other work.
const patience = 30 * time.Second

// chain is what stands around every call. It is one for all installations: the App as a whole is paced.
type chain struct {
	c     Config
	mu    sync.Mutex
	made  []time.Time // when content was created, within the last hour
	pages map[string]*list.Element
	order *list.List
}

type pageCopy struct {
	key    string
	etag   string
	header http.Header
	body   []byte
}

// pagesKept bounds the cache; each page is at most pageSize long.
const pagesKept, pageSize = 2000, 256 << 10

func newChain(c Config) *chain {
	return &chain{c: c, pages: map[string]*list.Element{}, order: list.New()}
}

func (ch *chain) around(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet {
			return ch.get(next, r)
		}
		return ch.write(next, r)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// get asks conditionally (a 304 is free), and again after a passing failure: looking twice harms nobody.
func (ch *chain) get(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	key := r.Header.Get("Authorization") + " " + r.Header.Get("Accept") + " " + r.URL.String()
	// Tokens change every hour; what they may see does not. The key must not hold one.
	if _, after, ok := strings.Cut(key, " "); ok {
		key = after
	}
	kept := ch.kept(key)
	var resp *http.Response
	var err error
	for try := range 3 {
		again := r.Clone(r.Context())
		if kept != nil {
			again.Header.Set("If-None-Match", kept.etag)
		}
		resp, err = next.RoundTrip(again)
		wait, limited := ch.limit(resp)
		switch {
		case err == nil && limited && wait <= patience && try < 2:
		case err == nil && limited:
			drain(resp)
			return nil, &Limited{Until: ch.c.Clock().Add(wait)}
		case err == nil && resp.StatusCode < 500:
			return ch.keep(key, kept, resp)
		default:
			wait = time.Duration(try+1) * 200 * time.Millisecond
		}
		if try == 2 {
			break
		}
		drain(resp)
		if e := ch.c.Sleep(r.Context(), wait); e != nil {
			return nil, e
		}
	}
	return resp, err
}

func (ch *chain) kept(key string) *pageCopy {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	e, ok := ch.pages[key]
	if !ok {
		return nil
	}
	ch.order.MoveToFront(e)
	return e.Value.(*pageCopy)
}

// keep remembers an answer that can be asked for conditionally, and gives the remembered one for a 304.
func (ch *chain) keep(key string, kept *pageCopy, resp *http.Response) (*http.Response, error) {
	if resp.StatusCode == http.StatusNotModified && kept != nil {
		drain(resp)
		resp.StatusCode, resp.Status = http.StatusOK, "200 OK"
		for name, values := range kept.header {
			resp.Header[name] = values
		}
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(kept.body)), int64(len(kept.body))
		return resp, nil
	}
	etag := resp.Header.Get("ETag")
	if resp.StatusCode != http.StatusOK || etag == "" {
		return resp, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, pageSize+1))
	if err != nil {
		return nil, err
	}
	if len(body) > pageSize {
		resp.Body = readCloser{io.MultiReader(bytes.NewReader(body), resp.Body), resp.Body}
		return resp, nil
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	ch.mu.Lock()
	defer ch.mu.Unlock()
	header := http.Header{"Link": resp.Header["Link"], "Content-Type": resp.Header["Content-Type"], "Etag": {etag}}
	if e, ok := ch.pages[key]; ok {
		ch.order.Remove(e)
	}
	ch.pages[key] = ch.order.PushFront(&pageCopy{key, etag, header, body})
	for ch.order.Len() > pagesKept {
		oldest := ch.order.Back()
		ch.order.Remove(oldest)
		delete(ch.pages, oldest.Value.(*pageCopy).key)
	}
	return resp, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// write paces, and never tries again: the call may have taken effect, and only a look can tell.
func (ch *chain) write(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/access_tokens") {
		if err := ch.pace(r.Context()); err != nil {
			return nil, err
		}
	}
	resp, err := next.RoundTrip(r)
	if wait, limited := ch.limit(resp); err == nil && limited {
		drain(resp)
		return nil, &Limited{Until: ch.c.Clock().Add(wait)}
	}
	return resp, err
}

// pace waits until one more call fits into the last minute and the last hour.
func (ch *chain) pace(ctx context.Context) error {
	for {
		ch.mu.Lock()
		now := ch.c.Clock()
		for len(ch.made) > 0 && now.Sub(ch.made[0]) >= time.Hour {
			ch.made = ch.made[1:]
		}
		wait := time.Duration(0)
		if n := ch.c.Pace.PerHour; n > 0 && len(ch.made) >= n {
			wait = max(wait, ch.made[len(ch.made)-n].Add(time.Hour).Sub(now))
		}
		if n := ch.c.Pace.PerMinute; n > 0 && len(ch.made) >= n {
			wait = max(wait, ch.made[len(ch.made)-n].Add(time.Minute).Sub(now))
		}
		if wait <= 0 {
			ch.made = append(ch.made, now)
			ch.mu.Unlock()
			return nil
		}
		ch.mu.Unlock()
		if wait > patience {
			return &Limited{Until: now.Add(wait)}
		}
		if err := ch.c.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// limit reads from an answer how long to wait (docs.github.com, Exceeding the rate limit): retry-after, else the reset
// when nothing remains, else a minute for a secondary limit.
func (ch *chain) limit(resp *http.Response) (time.Duration, bool) {
	if resp == nil || (resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusTooManyRequests) {
		return 0, false
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		return time.Duration(s) * time.Second, true
	}
	if resp.Header.Get("X-RateLimit-Remaining") == "0" {
		if reset, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
			return max(time.Second, time.Unix(reset, 0).Sub(ch.c.Clock())), true
		}
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		return time.Minute, true
	}
	head, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return 0, false
	}
	resp.Body = readCloser{io.MultiReader(bytes.NewReader(head), resp.Body), resp.Body}
	return time.Minute, bytes.Contains(head, []byte("secondary rate limit"))
}

func drain(resp *http.Response) {
	if resp != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
		_ = resp.Body.Close()
	}
}
