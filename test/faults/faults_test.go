// Package faults breaks every GitHub call of a whole story, one at a time, in four ways, and holds where the story
// ends against the undisturbed one: the call fails before it took effect, its answer is lost after it did, GitHub
// answers 500, and the process is really killed (SIGKILL) at that point and started again.
package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/cmd/bot/wiring"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

func TestMain(m *testing.M) {
	if os.Getenv("SLIPWAY_FAULTS_CHILD") != "" {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

// ages is how long tokens live here: GitHub's clock stands still, and the bot's view of tokens does not.
const ages = 50 * 365 * 24 * time.Hour

var today = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func fixed() time.Time { return today }

var (
	sha = regexp.MustCompile(`\b[0-9a-f]{40}\b|\b[0-9a-f]{8}\b`)
	day = regexp.MustCompile(`20\d\d-\d\d-\d\d( \d\d:\d\d UTC)?`)
	ids = regexp.MustCompile(`http://127\.0\.0\.1:\d+|(issuecomment-|rules/|runs/|untagged-|reply%2F|answer:\S{1,80}%23\d{1,9}%2F)\d+`)
)

// end is where a story ended, as text: everything that people and git see, without what must differ between runs
// (ids, the SHAs of commits that carry the time of the pick).
func end(ctx context.Context, s *sandbox.Server, repo string) (string, error) {
	shot, err := s.Snapshot(ctx, repo)
	if err != nil {
		return "", err
	}
	names := map[string]string{} // each SHA gets the name of the first reference at it
	for _, list := range []map[string]string{shot.Branches, shot.Tags} {
		for _, name := range sorted(list) {
			if at := list[name]; names[at] == "" {
				names[at], names[at[:8]] = "sha-of-"+name, "sha-of-"+name
			}
		}
	}
	var b strings.Builder
	for _, name := range sorted(shot.Branches) {
		fmt.Fprintf(&b, "branch %s %s\n", name, shot.Branches[name])
	}
	for _, name := range sorted(shot.Tags) {
		fmt.Fprintf(&b, "tag %s %s\n", name, shot.Tags[name])
	}
	fmt.Fprintf(&b, "%+v\n%+v\n%+v\n%+v\n", shot.Releases, shot.Milestones, shot.Rulesets, shot.Checks)
	for _, is := range shot.Issues {
		fmt.Fprintf(&b, "\n#%d %s %s %s %s merged=%t\n%s\n", is.Number, is.Title, is.State, is.Milestone, is.Labels, is.Merged, is.Body)
		for _, m := range is.Comments {
			fmt.Fprintf(&b, "--- %s %v\n%s\n", m.Author, m.Reactions, m.Body)
		}
	}
	for _, r := range s.Runs(repo) {
		fmt.Fprintf(&b, "\nrun %s %s %s attempt %d %s", r.Workflow, r.Event, r.SHA, r.Attempt, r.Conclusion)
	}
	text := ids.ReplaceAllStringFunc(b.String(), func(m string) string { return strings.TrimRight(m, "0123456789") })
	text = day.ReplaceAllString(text, "DAY") // the bot's clock is the real one here: retries wait by it
	plans := map[string]string{}
	return sha.ReplaceAllStringFunc(text, func(m string) string {
		if names[m] != "" {
			return names[m]
		}
		if plans[m] == "" {
			plans[m] = "hash-" + strconv.Itoa(len(plans))
		}
		return plans[m]
	}), nil
}

func sorted(m map[string]string) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// kind is a way to break one call.
type kind string

const (
	before kind = "fails before it takes effect"
	lost   kind = "takes effect, and its answer is lost"
	broken kind = "is answered 500"
	killed kind = "and the process is killed before it"
	after  kind = "and the process is killed after it"
)

// disturber is the transport below everything: it counts calls, and breaks one.
type disturber struct {
	n    atomic.Int64
	at   int64
	kind kind
}

func (d *disturber) RoundTrip(r *http.Request) (*http.Response, error) {
	if n := d.n.Add(1); d.at == 0 || n != d.at {
		return http.DefaultTransport.RoundTrip(r)
	}
	switch d.kind {
	case before:
		return nil, errors.New("disturbed: connection refused")
	case lost:
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		return nil, errors.New("disturbed: connection reset")
	}
	return &http.Response{
		StatusCode: http.StatusInternalServerError, Status: "500 Internal Server Error", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: http.NoBody, Request: r,
	}, nil
}

// run plays a story in this process with one call broken; at 0 breaks none.
func run(t *testing.T, story story, at int64, k kind) (text string, calls int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	d := &disturber{kind: k}
	st, err := wiring.Open(ctx, wiring.StageOptions{
		Clock: time.Now, GitHubClock: fixed, TokenLife: ages, Log: zerolog.Nop(), Seed: story.seed(), Transport: d,
		Retry: func(int) time.Duration { return time.Millisecond },
	})
	if err != nil {
		t.Fatal(err)
	}
	d.n.Store(0)
	d.at = at
	text, err = story.play(ctx, st.Sandbox, func() error { return st.Settle(ctx) })
	if err != nil {
		t.Errorf("call %d %s: %v", at, k, err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
	return text, d.n.Load()
}

// seed is that of the sample: printed, and given again by SLIPWAY_FAULTS_SEED.
func seed(t *testing.T) uint64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("SLIPWAY_FAULTS_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("SLIPWAY_FAULTS_SEED: %v", err)
		}
	}
	t.Logf("a sample, with SLIPWAY_FAULTS_SEED=%d", seed)
	return seed
}

// TestFaults breaks a sample of the calls of each story, or with SLIPWAY_FAULTS=all every one up to the story's bound.
func TestFaults(t *testing.T) {
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) { faults(t, story) })
	}
}

func faults(t *testing.T, story story) {
	want, calls := run(t, story, 0, "")
	if !strings.Contains(want, story.ends) {
		t.Fatalf("the undisturbed story did not end with %q:\n%s", story.ends, want)
	}
	type point struct {
		at   int64
		kind kind
	}
	var points []point
	for at := int64(1); at <= calls; at++ {
		for _, k := range []kind{before, lost, broken, killed, after} {
			points = append(points, point{at, k})
		}
	}
	all := len(points)
	if most := story.bound(); len(points) > most {
		random := rand.New(rand.NewPCG(seed(t), 0))
		random.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
		points = points[:most]
	}
	var held atomic.Int64
	t.Run("points", func(t *testing.T) {
		for _, p := range points {
			t.Run(fmt.Sprintf("call %d %s", p.at, p.kind), func(t *testing.T) {
				t.Parallel()
				var got string
				if p.kind == killed || p.kind == after {
					got = runKilled(t, story, p.at, p.kind)
				} else {
					got, _ = run(t, story, p.at, p.kind)
				}
				if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
					t.Errorf("it ended elsewhere (-undisturbed +disturbed):\n%s", diff)
					return
				}
				held.Add(1)
			})
		}
	})
	fmt.Printf("faults: %s makes %d GitHub calls; of %d points %d were tried and %d held\n", story.name, calls, all, len(points), held.Load())
}
