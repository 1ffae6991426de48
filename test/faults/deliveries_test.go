package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/cmd/bot/wiring"
)

// The ways in which one delivery is disturbed.
const (
	twice   kind = "comes twice"
	stale   kind = "comes again when all is over"
	late    kind = "is lost, and found in GitHub's list"
	swapped kind = "comes after the one that follows it"
)

// postman stands before the bot's intake: it counts deliveries, and disturbs one.
type postman struct {
	next http.Handler
	at   int64
	kind kind
	n    atomic.Int64

	mu   sync.Mutex
	held *letter
}

// letter is a delivery that is kept for later.
type letter struct {
	header http.Header
	body   []byte
}

func (p *postman) wrap(next http.Handler) http.Handler {
	p.next = next
	return p
}

func (p *postman) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := p.n.Add(1)
	if p.at == 0 || n != p.at {
		p.next.ServeHTTP(w, r)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.kind == swapped && p.held != nil {
			p.bring()
		}
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = &letter{r.Header.Clone(), body}
	switch p.kind {
	case late:
		p.held = nil
		http.Error(w, "lost", http.StatusServiceUnavailable)
		return
	case swapped:
		w.WriteHeader(http.StatusAccepted)
		return
	}
	p.next.ServeHTTP(w, r)
	if p.kind == twice {
		p.bring()
	}
}

// bring delivers what was held. The caller has the lock.
func (p *postman) bring() {
	if p.held == nil {
		return
	}
	r := httptest.NewRequest(http.MethodPost, "/webhook", bytes.NewReader(p.held.body))
	r.Header = p.held.header
	p.held = nil
	p.next.ServeHTTP(httptest.NewRecorder(), r)
}

// runDelivered plays a story with one delivery disturbed; at 0 disturbs none.
func runDelivered(t *testing.T, story story, at int64, k kind) (text string, deliveries int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p := &postman{kind: k}
	st, err := wiring.Open(ctx, wiring.StageOptions{
		Clock: time.Now, GitHubClock: fixed, TokenLife: ages, Log: zerolog.Nop(), Seed: story.seed(), Hook: p.wrap,
		Retry: func(int) time.Duration { return time.Millisecond },
	})
	if err != nil {
		t.Fatal(err)
	}
	p.at = at
	settle := func() error {
		if err := st.Settle(ctx); err != nil {
			return err
		}
		switch k {
		case late:
			if err := st.Bot.Reconcile(ctx); err != nil {
				return err
			}
		case swapped:
			p.mu.Lock()
			p.bring()
			p.mu.Unlock()
		}
		return st.Settle(ctx)
	}
	text, err = story.play(ctx, st.Sandbox, settle)
	if err == nil && k == stale {
		p.mu.Lock()
		p.bring()
		p.mu.Unlock()
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

// TestDeliveries disturbs a sample of the deliveries of each story, or with SLIPWAY_FAULTS=all every one. The story ends
// as it does undisturbed: what GitHub sends is a hint to look, and each command acts once.
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
	type point struct {
		at   int64
		kind kind
	}
	var points []point
	for at := int64(1); at <= deliveries; at++ {
		for _, k := range []kind{twice, stale, late, swapped} {
			points = append(points, point{at, k})
		}
	}
	all := len(points)
	if most := story.bound() / 2; len(points) > most {
		rand.New(rand.NewPCG(seed(t), 1)).Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
		points = points[:most]
	}
	var held atomic.Int64
	t.Run("points", func(t *testing.T) {
		for _, p := range points {
			t.Run(fmt.Sprintf("delivery %d %s", p.at, p.kind), func(t *testing.T) {
				t.Parallel()
				got, _ := runDelivered(t, story, p.at, p.kind)
				if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
					t.Errorf("it ended elsewhere (-undisturbed +disturbed):\n%s", diff)
					return
				}
				held.Add(1)
			})
		}
	})
	fmt.Printf("faults: %s makes %d deliveries; of %d points %d were tried and %d held\n", story.name, deliveries, all, len(points), held.Load())
}
