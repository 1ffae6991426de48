package github

import (
	linked "container/list"
	"net/http"
	"strconv"
	"sync"
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

type entry struct {
	key    string
	etag   string
	header http.Header
	body   []byte
}

func newCache(entries, bytes int) *cache {
	return &cache{maxEntries: entries, maxBytes: bytes, order: linked.New(), byKey: map[string]*linked.Element{}}
}

// key is who asks, the URL, and the form asked for: what one installation may see is not another's, and the same file raw
// and as JSON are two answers.
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
func (c *cache) answer(who int64, req *http.Request, known *entry, resp *http.Response, body []byte) (*http.Response, []byte) {
	if known != nil && resp.StatusCode == http.StatusNotModified {
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
		c.keep(&entry{key: key(who, req), etag: etag, header: resp.Header.Clone(), body: body})
	}
	return resp, body
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
