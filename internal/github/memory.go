package github

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// memory is what one job has read: nothing is read twice unless a write lies between. Only answers are in it, no
// failures.
type memory struct {
	mu      sync.Mutex
	answers map[string]remembered
	writes  int // begun and ended so far: what was read meanwhile is not kept
	refused map[int64]error
	asking  map[string]chan struct{} // reads that are under way; closed when they have ended
}

type remembered struct {
	where  place
	status int
	header http.Header
	body   []byte
}

type memoryKey struct{}

type afreshKey struct{}

// OneJob gives a context below which no URL is read twice, unless a write below it lies between that may have changed
// the answer. What was read is forgotten with the context.
func OneJob(ctx context.Context) context.Context { return Remembering(ctx, NewMemory()) }

// Memory is what several jobs have read that look at the same moment of a repository. Safe for many goroutines.
type Memory struct{ memory }

// NewMemory has read nothing.
func NewMemory() *Memory {
	return &Memory{memory{answers: map[string]remembered{}, refused: map[int64]error{},
		asking: map[string]chan struct{}{}}}
}

// Remembering is OneJob with a memory that other jobs have as well.
func Remembering(ctx context.Context, m *Memory) context.Context {
	return context.WithValue(ctx, memoryKey{}, &m.memory)
}

// ask is called for a read that is not known: when another goroutine is reading the same, it waits until that has ended
// and answers false. Who gets true reads, and calls done.
func (m *memory) ask(who int64, req *http.Request) (mine bool, done func(), err error) {
	if m == nil || req.Method != http.MethodGet {
		return true, func() {}, nil
	}
	name := key(who, req)
	m.mu.Lock()
	other, busy := m.asking[name]
	if !busy {
		ended := make(chan struct{})
		m.asking[name] = ended
		m.mu.Unlock()
		return true, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			delete(m.asking, name)
			close(ended)
		}, nil
	}
	m.mu.Unlock()
	select {
	case <-other:
		return false, nil, nil
	case <-req.Context().Done():
		return false, nil, req.Context().Err()
	}
}

// Afresh gives a context whose reads are made although the job made them before, and kept for the job: for who must
// know what stands there now, and for who waits for a change that others make.
func Afresh(ctx context.Context) context.Context { return context.WithValue(ctx, afreshKey{}, true) }

func memoryIn(ctx context.Context) *memory {
	m, _ := ctx.Value(memoryKey{}).(*memory)
	return m
}

// recall answers a read from the memory. asked is to be given to keep.
func (m *memory) recall(who int64, req *http.Request) (resp *http.Response, asked int) {
	if m == nil {
		return nil, 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.answers[key(who, req)]
	if !ok || req.Method != http.MethodGet || req.Context().Value(afreshKey{}) != nil {
		return nil, m.writes
	}
	return &http.Response{
		StatusCode: r.status, Status: http.StatusText(
			r.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: r.header.Clone(), Body: io.NopCloser(bytes.NewReader(r.body)), ContentLength: int64(len(r.body)),
	}, m.writes
}

// keep remembers the answer to a read, unless a write was made since it was asked for.
func (m *memory) keep(who int64, req *http.Request, asked int, resp *http.Response) {
	if m == nil || req.Method != http.MethodGet || !lasting(resp.StatusCode) {
		return
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil && m.writes == asked {
		m.answers[key(who, req)] = remembered{placeOf(req.URL), resp.StatusCode, resp.Header.Clone(), body}
	}
}

// listed says that the job has read what stands at a place, and changed nothing of it since.
func (m *memory) listed(at place) bool {
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.answers {
		if r.where == at && r.status < 300 {
			return true
		}
	}
	return false
}

// lasting says that an answer is what GitHub has, and not that it could not be had this time.
func lasting(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusGone, http.StatusConflict, http.StatusUnprocessableEntity:
		return true
	}
	return status < 400
}

// forget drops what a write may change. It is called when the write begins and when it has ended, however it ended.
func (m *memory) forget(req *http.Request) {
	if m == nil || changesNothing(req) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes++
	written := placeOf(req.URL)
	for k, r := range m.answers {
		if written.touches(req.Method, r.where, r.status >= 400) {
			delete(m.answers, k)
		}
	}
}

func changesNothing(req *http.Request) bool {
	return req.Method == http.MethodGet || req.Method == http.MethodHead ||
		strings.HasSuffix(req.URL.Path, "/access_tokens") || strings.HasSuffix(req.URL.Path, "/releases/generate-notes")
}

// place is what a URL is about: a repository in small letters, empty for none, and the path below it.
type place struct {
	repo, below string
}

func placeOf(u *url.URL) place {
	if _, rest, ok := strings.Cut(u.Path, "/repos/"); ok {
		if parts := strings.SplitN(rest, "/", 3); len(parts) > 1 {
			return place{strings.ToLower(parts[0] + "/" + parts[1]), strings.Join(parts[2:], "/")}
		}
	}
	return place{below: strings.TrimPrefix(u.Path, "/")}
}

// touches says that a write at p may change what is read at other; absent says that nothing was there.
func (p place) touches(method string, other place, absent bool) bool {
	if p.repo == "" {
		if strings.HasSuffix(p.below, "graphql") { // it names a comment, and no repository
			return other.repo != "" && other.comments()
		}
		return other.repo == ""
	}
	if other.repo != p.repo {
		return other.repo == "" && strings.Contains("/"+other.below, "/repositories/") // by id: it may be the same one
	}
	switch {
	case p.comments():
		return other.comments()
	case p.area("issues", "labels", "milestones"):
		return other.area("issues", "labels", "milestones", "pulls")
	case other.area("collaborators"): // no write of ours changes who may do what
		return false
	case p.area("rulesets"):
		return other.area("rulesets", "rules")
	case p.area("check-runs"):
		return other.area("commits", "check-runs", "check-suites")
	case p.area("releases"): // a release may make its tag
		return other.area("releases", "git", "compare")
	case p.area("actions"):
		return other.area("actions", "commits")
	case p.area("git") && !strings.HasPrefix(p.below, "git/refs"): // objects, which nothing points to yet
		return false
	case p.area("git") && method == http.MethodPost: // a new branch or tag, which changes no other
		return absent || other.refs() || other.area("branches", "actions", "commits", "compare", "")
	case p.below == "pulls" && method == http.MethodPost: // a new pull request
		return absent || other.area("pulls", "issues", "milestones", "actions", "commits")
	}
	return !other.area("rulesets", "rules")
}

// area says that the path is one of these or below.
func (p place) area(names ...string) bool {
	first, _, _ := strings.Cut(p.below, "/")
	for _, name := range names {
		if first == name {
			return true
		}
	}
	return false
}

// refs says that the path is about branches and tags by their names.
func (p place) refs() bool {
	return strings.HasPrefix(p.below, "git/ref") || strings.HasPrefix(p.below, "git/matching-refs")
}

// comments says that the path is about comments: issues/comments/3 and its reactions, and issues/1/comments.
func (p place) comments() bool {
	parts := strings.Split(p.below, "/")
	return parts[0] == "issues" &&
		((len(parts) > 1 && parts[1] == "comments") || (len(parts) > 2 && parts[2] == "comments"))
}

// refusal is why the job got no access token before, nil when it was not refused.
func (m *memory) refusal(who int64) error {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refused[who]
}

// refuse remembers that the job gets no access token, where asking again within the job would be answered the same.
func (m *memory) refuse(who int64, err error) {
	_, gone := errors.AsType[*Gone](err)
	refused, ok := errors.AsType[*TokenRefused](err)
	if m == nil || !gone && (!ok || status(refused.Err) >= 500) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refused[who] = err
}
