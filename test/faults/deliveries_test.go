package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/demo"
)

// The ways in which one delivery is disturbed, or several that follow each other.
const (
	twice     kind = "comes twice"
	stale     kind = "comes again when all is over"
	late      kind = "is lost, and found in GitHub's list"
	swapped   kind = "comes after the one that follows it"
	tenLost   kind = "and nine more are lost"
	tenWrong  kind = "and nine more are answered 400"
	tenMixed  kind = "and nine more come in the reverse order"
	tenDouble kind = "and nine more come twice, the second time in the reverse order"
)

// reach is how many deliveries a kind disturbs.
func (k kind) reach() int64 {
	switch k {
	case tenLost, tenWrong, tenMixed, tenDouble:
		return 10
	}
	return 1
}

// relay stands before the bot's intake: it counts deliveries, and disturbs some.
type relay struct {
	next http.Handler
	at   int64
	kind kind
	n    atomic.Int64
	down atomic.Int64 // the status that all get, 0 for none

	mu   sync.Mutex
	held []delivery
}

// delivery is what GitHub sent, kept for later.
type delivery struct {
	header http.Header
	body   []byte
}

func (p *relay) wrap(next http.Handler) http.Handler {
	p.next = next
	return p
}

func (p *relay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := p.n.Add(1)
	if status := p.down.Load(); status != 0 {
		http.Error(w, "down", int(status))
		return
	}
	if p.at == 0 || n < p.at || n >= p.at+p.kind.reach() {
		p.next.ServeHTTP(w, r)
		if p.kind == swapped {
			p.bring()
		}
		return
	}
	switch p.kind {
	case late, tenLost:
		http.Error(w, "lost", http.StatusServiceUnavailable)
		return
	case tenWrong:
		http.Error(w, "wrong signature", http.StatusBadRequest)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	p.mu.Lock()
	p.held = append(p.held, delivery{r.Header.Clone(), body})
	p.mu.Unlock()
	if p.kind == swapped || p.kind == tenMixed {
		w.WriteHeader(http.StatusAccepted)
	} else {
		p.next.ServeHTTP(w, r)
	}
	if p.kind == twice || p.kind.reach() > 1 && n == p.at+p.kind.reach()-1 {
		p.bring()
	}
}

// bring delivers what was held, the newest first.
func (p *relay) bring() {
	p.mu.Lock()
	held := p.held
	p.held = nil
	p.mu.Unlock()
	for _, one := range slices.Backward(held) {
		r := httptest.NewRequest(http.MethodPost, "/webhook", bytes.NewReader(one.body))
		r.Header = one.header
		p.next.ServeHTTP(httptest.NewRecorder(), r)
	}
}

// runDelivered plays a story with one delivery disturbed; at 0 disturbs none.
func runDelivered(t *testing.T, story story, at int64, k kind) (text string, deliveries int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p := &relay{kind: k}
	o := options(story)
	o.Hook = p.wrap
	st, err := demo.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	p.at = at
	settle := func() error {
		if err := st.Settle(ctx); err != nil {
			return err
		}
		switch k {
		case late, tenLost, tenWrong:
			if err := st.Bot.CatchUp(ctx); err != nil {
				return err
			}
		case swapped, tenMixed, tenDouble:
			p.bring()
		}
		return st.Settle(ctx)
	}
	text, err = story.play(ctx, st.Sandbox, settle)
	if err == nil && k == stale {
		p.bring()
		if err = settle(); err == nil {
			text, err = end(ctx, st.Sandbox, story.repo)
		}
	}
	if err != nil {
		t.Errorf("delivery %d %s: %v", at, k, err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
	return text, p.n.Load()
}

// TestDeliveries disturbs a sample of the deliveries of each story, alone or ten in a row, or with SLIPWAY_FAULTS=all
// every one. The story ends as it does undisturbed: what GitHub sends is a hint to look, and each command acts once.
func TestDeliveries(t *testing.T) {
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) { deliveries(t, story) })
	}
}

func deliveries(t *testing.T, story story) {
	want, deliveries := runDelivered(t, story, 0, "")
	if !strings.Contains(want, story.ends) {
		t.Fatalf("the undisturbed story did not end with %q:\n%s", story.ends, want)
	}
	var points []point
	for at := int64(1); at <= deliveries; at++ {
		for _, k := range []kind{twice, stale, late, swapped, tenLost, tenWrong, tenMixed, tenDouble} {
			points = append(points, point{at, k})
		}
	}
	all := len(points)
	points = sample(t, points, 1, story.bound()/2)
	held := hold(t, points, want, func(t *testing.T, p point) string {
		got, _ := runDelivered(t, story, p.at, p.kind)
		return got
	})
	fmt.Printf("faults: %s makes %d deliveries; of %d points %d were tried and %d held\n", story.name, deliveries, all,
		len(points), held)
}
