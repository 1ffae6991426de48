package github

import (
	"bytes"
	linked "container/list"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	cacheEntries = 20_000
	cacheBytes   = 64 << 20
)

// cache keeps answers with an ETag and asks again with If-None-Match: a 304 costs nothing of the rate limit. It never
// answers by itself, so that what a step reads is always what GitHub has. Bounded for the App as a whole, however many
// have installed it; the least recently used goes first.
type cache struct {
	maxEntries, maxBytes int

	mu    sync.Mutex
	bytes int
	order *linked.List // of *entry, the most recently used in front
	byKey map[string]*linked.Element
}

// trusted is how long an answer about a commit is given without asking: it never changes, but who may see it can.
const trusted = 10 * time.Minute

// byCommit are the URLs whose answers a commit, tree or tag object decides alone: nothing that anybody does changes
// them.
var byCommit = regexp.MustCompile(
	`/contents/[^?]*\?ref=[0-9a-f]{40}$|/git/(commits|trees|tags)/[0-9a-f]{40}(\?|$)` +
		`|/compare/[0-9a-f]{40}\.\.\.[0-9a-f]{40}(\?|$)`)

// fixed answers from the cache what cannot have changed since it was asked for.
func (c *cache) fixed(who int64, req *http.Request, now time.Time) *http.Response {
	if req.Method != http.MethodGet || !byCommit.MatchString(req.URL.RequestURI()) {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.byKey[key(who, req)]
	if !ok || now.Sub(at.Value.(*entry).at) > trusted {
		return nil
	}
	c.order.MoveToFront(at)
	e := at.Value.(*entry)
	header := e.header.Clone()
	for name := range header { // what was said of the rate limit then counts no more
		if strings.HasPrefix(name, "X-Ratelimit-") {
			header.Del(name)
		}
	}
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: header, Body: io.NopCloser(bytes.NewReader(e.body)), ContentLength: int64(len(e.body)),
	}
}

type entry struct {
	at     time.Time // when it was asked for
	key    string
	etag   string
	header http.Header
	body   []byte
}

func newCache(entries, bytes int) *cache {
	return &cache{maxEntries: entries, maxBytes: bytes, order: linked.New(), byKey: map[string]*linked.Element{}}
}

// key is who asks, the URL, and the form asked for: what one installation may see is not another's, and the same file
// raw and as JSON are two answers.
func key(who int64, req *http.Request) string {
	return strconv.FormatInt(who, 10) + " " + req.URL.String() + "\n" + req.Header.Get("Accept")
}

// ask adds If-None-Match to a GET whose answer is known, and returns that answer.
func (c *cache) ask(who int64, req *http.Request) *entry {
	if req.Method != http.MethodGet || req.Header.Get("If-None-Match") != "" {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.byKey[key(who, req)]
	if !ok {
		return nil
	}
	c.order.MoveToFront(at)
	e := at.Value.(*entry)
	req.Header.Set("If-None-Match", e.etag)
	return e
}

// answer turns a 304 into the answer that we have, and keeps a new one.
func (c *cache) answer(who int64, req *http.Request, known *entry, resp *http.Response, body []byte,
	now time.Time) (*http.Response, []byte) {
	if known != nil && resp.StatusCode == http.StatusNotModified {
		c.touch(known, now)
		header := known.header.Clone()
		for name, values := range resp.Header { // the rate limit of now, not of then
			if name != "Content-Type" && name != "Content-Length" && name != "Link" {
				header[name] = values
			}
		}
		resp.StatusCode, resp.Status, resp.Header = http.StatusOK, "200 OK", header
		resp.ContentLength = int64(len(known.body))
		return resp, known.body
	}
	if etag := resp.Header.Get("Etag"); req.Method == http.MethodGet && resp.StatusCode == http.StatusOK && etag != "" {
		c.keep(&entry{at: now, key: key(who, req), etag: etag, header: resp.Header.Clone(), body: body})
	}
	return resp, body
}

func (c *cache) touch(e *entry, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.at = now
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes, c.order, c.byKey = 0, linked.New(), map[string]*linked.Element{}
}

func (c *cache) keep(e *entry) {
	if len(e.body) > c.maxBytes/4 { // one large file must not push everything else out
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.byKey[e.key]; ok {
		c.drop(old)
	}
	c.byKey[e.key] = c.order.PushFront(e)
	c.bytes += len(e.body)
	for c.order.Len() > c.maxEntries || c.bytes > c.maxBytes {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(at *linked.Element) {
	e := c.order.Remove(at).(*entry)
	delete(c.byKey, e.key)
	c.bytes -= len(e.body)
}
