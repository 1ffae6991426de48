package tracker_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/cmd/bot/wiring"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/internal/store"
)

// meter counts what GitHub is asked: what costs something of the rate limit, and what was answered with 304.
type meter struct {
	mu         sync.Mutex
	paid, free []string
}

func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && !strings.HasSuffix(r.URL.Path, "/access_tokens") {
		m.mu.Lock()
		defer m.mu.Unlock()
		line := r.Method + " " + r.URL.RequestURI()
		if resp.StatusCode == http.StatusNotModified {
			m.free = append(m.free, line)
		} else {
			m.paid = append(m.paid, line)
		}
	}
	return resp, err
}

func (m *meter) read() (paid, free []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	paid, free = m.paid, m.free
	m.paid, m.free = nil, nil
	return paid, free
}

// A report over N issues costs at most ceil(N/100)+2 requests when everything changed, and nothing when nothing did.
func TestAReportCostsWhatItPromises(t *testing.T) {
	const n = 250
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	seed := wiring.Kubernetes()
	seed.Repos[0].Labels = append(seed.Repos[0].Labels, "patch-release", "sig/cli")
	for i := range n {
		seed.Repos[0].Issues = append(seed.Repos[0].Issues, sandbox.SeedIssue{
			Title: fmt.Sprintf("Problem %d", i), Body: "```release\nintroduced-in=v1.30.1\n```\n", Author: wiring.Olga,
			Labels: []string{"patch-release"}, Milestone: "v1.31.1",
		})
	}
	var m meter
	st, err := wiring.Open(t.Context(), wiring.StageOptions{
		Clock: func() time.Time { return now }, TokenLife: 50 * 365 * 24 * time.Hour, Log: zerolog.Nop(), Seed: seed, Transport: &m,
		Retry: func(int) time.Duration { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	petra := st.Sandbox.As(wiring.Petra)
	for _, what := range []string{"patches", "v1.31.1", "v1.31.0"} {
		if _, err := petra.Comment(t.Context(), wiring.Kube, wiring.Patches, "/release report "+what); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := st.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	st.Sandbox.SetHook(sandbox.HookTarget{}) // nobody tells what happens now: it is the looks below that find it
	for _, log := range []string{"patches", "milestone v1.31.1", "version v1.31.0"} {
		t.Run(log, func(t *testing.T) {
			look := func() (paid, free []string) {
				t.Helper()
				m.read()
				var later store.Later
				if err := st.Bot.Tracker.Work(t.Context(), "report:kubernetes/kubernetes#1/="+log); !errors.As(err, &later) {
					t.Fatalf("the report answers %v, and not when to look again", err)
				}
				return m.read()
			}
			look() // at what the reports before this one changed
			if paid, free := look(); len(paid) > 0 || len(free) < n/100+2 {
				t.Errorf("nothing changed, and it costs\n%s\nbeside\n%s", strings.Join(paid, "\n"), strings.Join(free, "\n"))
			}
			// The newest issue is on the first page, and moves one from each page to the next.
			if err := petra.Do(t.Context(), "POST", "/repos/kubernetes/kubernetes/issues", map[string]any{
				"title": "One more", "body": "```release\nintroduced-in=v1.30.1\n```\n", "labels": []string{"patch-release", "sig/cli"}, "milestone": 1,
			}, nil); err != nil {
				t.Fatal(err)
			}
			paid, _ := look()
			if pages := n/100 + 1; len(paid) < pages || len(paid) > pages+2 {
				t.Errorf("everything changed, and it costs %d requests, at most %d are promised:\n%s", len(paid), pages+2, strings.Join(paid, "\n"))
			}
		})
	}
}
