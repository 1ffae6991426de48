package webhook

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	gh "github.com/google/go-github/v62/github"
	"github.com/rs/zerolog"
)

// counted is a body without end that says how much of it was read.
type counted struct{ bytes int }

func (c *counted) Read(p []byte) (int, error) {
	clear(p)
	c.bytes += len(p)
	return len(p), nil
}

func TestABodyIsReadOnlyWhereItCanBeADelivery(t *testing.T) {
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, c := range map[string]struct {
		change     func(*http.Request)
		length     int64
		want, most int
	}{
		"without a signature":     {header(gh.SHA256SignatureHeader, ""), 100, http.StatusBadRequest, 0},
		"with half a signature":   {header(gh.SHA256SignatureHeader, "sha256=12ab"), 100, http.StatusBadRequest, 0},
		"with another signature":  {header(gh.SHA256SignatureHeader, "sha1="+sign("x")[7:]), 100, http.StatusBadRequest, 0},
		"announced as too large":  {header("X-Large", "yes"), MaxBody + 1, http.StatusRequestEntityTooLarge, 0},
		"that never ends":         {header("X-Large", "yes"), -1, http.StatusRequestEntityTooLarge, MaxBody + 1},
		"signed by somebody else": {header("X-Large", "yes"), 20_000, http.StatusBadRequest, 20_000},
	} {
		t.Run(name, func(t *testing.T) {
			body := &counted{}
			s := newStage(t)
			if got := s.post("g1", "push", "", func(r *http.Request) {
				r.Body, r.ContentLength = io.NopCloser(io.LimitReader(body, MaxBody*2)), c.length
				if c.length > 0 {
					r.Body = http.MaxBytesReader(nil, r.Body, c.length)
				}
				c.change(r)
			}); got != c.want {
				t.Errorf("answered %d, not %d", got, c.want)
			}
			if body.bytes > c.most {
				t.Errorf("%d bytes were read, and at most %d may", body.bytes, c.most)
			}
		})
	}
}

func TestALargeDeliveryIsTaken(t *testing.T) {
	s := newStage(t)
	padded := func(n int) string {
		text := comment(1, "/release cut")
		return text + strings.Repeat(" ", n-len(text))
	}
	for i, n := range []int{smallBody - 1, smallBody, smallBody + 1, MaxBody} {
		for _, length := range []int64{int64(n), -1} {
			got := s.post(fmt.Sprint(i, length), "issue_comment", padded(n),
				func(r *http.Request) { r.ContentLength = length })
			if got != http.StatusAccepted {
				t.Errorf("%d bytes, announced as %d: answered %d", n, length, got)
			}
		}
	}
}

// The budget is what the bodies of strangers can take of the memory, however many connections they have.
func TestBytesInFlightStayBelowTheBudget(t *testing.T) {
	l := &lane{size: 100, patience: 1 << 40, grace: 1 << 40}
	var group sync.WaitGroup
	for i := range 200 {
		group.Go(func() {
			h, ok := l.take(t.Context(), 1+i%60, func() {})
			if !ok {
				t.Error("it was refused")
				return
			}
			l.mu.Lock()
			if l.used > l.size {
				t.Errorf("%d bytes are in flight", l.used)
			}
			l.mu.Unlock()
			h.done()
		})
	}
	group.Wait()
	if l.used != 0 || len(l.holders) != 0 || len(l.waiting) != 0 {
		t.Errorf("in the end %d bytes are taken, by %d, and %d wait", l.used, len(l.holders), len(l.waiting))
	}
}

func TestWhoHoldsForLongGivesWay(t *testing.T) {
	l := &lane{size: 100, patience: 1 << 40, grace: 1 << 40}
	stopped := make(chan string, 3)
	take := func(name string, bytes int) *hold {
		h, ok := l.take(t.Context(), bytes, func() { stopped <- name })
		if !ok {
			t.Fatalf("%s was refused", name)
		}
		h.ripen()
		return h
	}
	stored, slow, other := take("stored", 40), take("slow", 30), take("other", 30)
	if !stored.arrived() {
		t.Error("what arrived was taken back")
	}
	next := make(chan *hold)
	go func() { next <- take("next", 20) }()
	if got := <-stopped; got != "slow" {
		t.Errorf("%s gave way", got)
	}
	if slow.arrived() {
		t.Error("what was taken back counts as read")
	}
	slow.done()
	(<-next).done()
	other.done()
	stored.done()
	if len(stopped) > 0 {
		t.Errorf("%s gave way too", <-stopped)
	}
}

func TestWhoFindsNoRoomIsRefusedInTime(t *testing.T) {
	l := &lane{size: 10, patience: 0, grace: 1 << 40}
	h, _ := l.take(t.Context(), 10, func() {})
	if _, ok := l.take(t.Context(), 1, func() {}); ok {
		t.Error("there was room")
	}
	ended, end := context.WithCancel(t.Context())
	end()
	l.patience = 1 << 40
	if _, ok := l.take(ended, 1, func() {}); ok {
		t.Error("there was room for who had gone")
	}
	h.done()
	if _, ok := l.take(t.Context(), 10, func() {}); !ok {
		t.Error("there is no room")
	}
}

// Strangers take the whole budget, and send nothing more: a delivery passes all the same.
func TestADeliveryPassesWhileStrangersHoldTheBudget(t *testing.T) {
	s := newStage(t)
	s.intake.Log = zerolog.Nop() // which several connections may write to
	server := httptest.NewServer(s.intake.Handler())
	t.Cleanup(server.Close)
	address := strings.TrimPrefix(server.URL, "http://")
	open := func(length int) {
		conn, err := net.Dial("tcp", address)
		s.must(err)
		t.Cleanup(func() { conn.Close() })
		_, err = fmt.Fprintf(conn, "POST /webhook HTTP/1.1\r\nHost: x\r\n%s: g\r\n%s: push\r\n%s: %s\r\n"+
			"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n{", guidHeader, eventHeader,
			gh.SHA256SignatureHeader, sign("x"), length)
		s.must(err)
	}
	open(MaxBody)
	for range 3 * smallBytes / smallBody {
		open(smallBody)
	}
	body := comment(1, "/release cut")
	for i := range 5 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, bytes.NewReader([]byte(body)))
		s.must(err)
		for name, value := range map[string]string{
			guidHeader: fmt.Sprint(i), eventHeader: "issue_comment", gh.SHA256SignatureHeader: sign(body),
			"Content-Type": "application/json",
		} {
			req.Header.Set(name, value)
		}
		resp, err := http.DefaultClient.Do(req)
		s.must(err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusAccepted {
			t.Errorf("delivery %d was answered %d", i, resp.StatusCode)
		}
	}
}
