// Package faults disturbs whole stories at one point each, and holds where each story ends against the undisturbed one.
// A call of GitHub's fails before it took effect; its answer is lost, cut short or {} after it did; GitHub answers 500,
// a page of HTML or a rate limit; the process is really killed (SIGKILL) at that point and started again. Deliveries
// are lost, refused, doubled and mixed up. GitHub's lists lag behind its writes.
package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

func TestMain(m *testing.M) {
	if os.Getenv("SLIPWAY_FAULTS_CHILD") != "" {
		os.Exit(child())
	}
	os.Exit(stopServer(m.Run()))
}

// ages is how long tokens live here: GitHub's clock stands still, and the bot's view of tokens does not.
const ages = 50 * 365 * 24 * time.Hour

var today = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func fixed() time.Time { return today }

var (
	sha = regexp.MustCompile(`\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{12}|[0-9a-f]{8})\b`)
	day = regexp.MustCompile(`20\d\d-\d\d-\d\d( \d\d:\d\d UTC)?`)
	// signed are the copies of the log and how far it was: a disturbed run has more entries.
	signed = regexp.MustCompile(`\n?<!-- slipway:(copy|log)[^>]*-->`)
	ids    = regexp.MustCompile(`http://127\.0\.0\.1:\d+|(issuecomment-|rules/|runs/|untagged-|reply%2F|answer:\S{1,` +
		`80}%23\d{1,9}%2F)\d+`)
)

// end is where a story ended, as text: everything that people and git see, without what must differ between runs
// (ids, the SHAs of commits that carry the time of the pick).
func end(ctx context.Context, s *sandbox.Server, repo string) (string, error) {
	return ended(ctx, s, repo, settled)
}

// ended is end with the comments of each issue in an order of its own.
func ended(ctx context.Context, s *sandbox.Server, repo string,
	order func([]sandbox.SnapComment) []sandbox.SnapComment) (string, error) {
	snap, err := s.Snapshot(ctx, repo)
	if err != nil {
		return "", err
	}
	names := map[string]string{} // each SHA gets the name of the first reference at it
	for _, list := range []map[string]string{snap.Branches, snap.Tags} {
		for _, name := range sorted(list) {
			if at := list[name]; names[at] == "" {
				names[at], names[at[:8]] = "sha-of-"+name, "sha-of-"+name
			}
		}
	}
	// Check runs of several commits are made by jobs that run beside each other.
	for i, check := range snap.Checks {
		snap.Checks[i] = sha.ReplaceAllStringFunc(check, func(m string) string {
			if names[m] != "" {
				return names[m]
			}
			return m
		})
	}
	slices.Sort(snap.Checks)
	var b strings.Builder
	for _, name := range sorted(snap.Branches) {
		fmt.Fprintf(&b, "branch %s %s\n", name, snap.Branches[name])
	}
	for _, name := range sorted(snap.Tags) {
		fmt.Fprintf(&b, "tag %s %s\n", name, snap.Tags[name])
	}
	fmt.Fprintf(&b, "%+v\n%+v\n%+v\n%+v\n", snap.Releases, snap.Milestones, snap.Rulesets, snap.Checks)
	for _, is := range snap.Issues {
		fmt.Fprintf(&b, "\n#%d %s %s %s %s merged=%t\n%s\n", is.Number, is.Title, is.State, is.Milestone, is.Labels,
			is.Merged, is.Body)
		for _, m := range order(is.Comments) {
			fmt.Fprintf(&b, "--- %s %v\n%s\n", m.Author, m.Reactions, m.Body)
		}
	}
	for _, r := range s.Runs(repo) {
		fmt.Fprintf(&b, "\nrun %s %s %s attempt %d %s", r.Workflow, r.Event, r.SHA, r.Attempt, r.Conclusion)
	}
	text := ids.ReplaceAllStringFunc(signed.ReplaceAllString(b.String(), ""),
		func(m string) string { return strings.TrimRight(m, "0123456789") })
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

// settled are the comments in their order, but for those of ours that stand side by side: jobs that run beside each
// other write them in either order.
func settled(comments []sandbox.SnapComment) []sandbox.SnapComment {
	out := slices.Clone(comments)
	ours := func(c sandbox.SnapComment) bool { return strings.HasSuffix(c.Author, "[bot]") }
	for i := 0; i < len(out); i++ {
		j := i
		for j < len(out) && ours(out[j]) {
			j++
		}
		slices.SortFunc(out[i:j], func(a, b sandbox.SnapComment) int { return strings.Compare(mark(a), mark(b)) })
		i = max(i, j)
	}
	return out
}

// mark is the hidden mark of a comment of ours.
func mark(c sandbox.SnapComment) string {
	_, key, _ := strings.Cut(c.Body, "<!-- slipway:key=")
	return key
}

func sorted(m map[string]string) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// kind is a way to break one call, or to disturb one delivery.
type kind string

const (
	before    kind = "fails before it takes effect"
	lost      kind = "takes effect, and its answer is lost"
	broken    kind = "is answered 500"
	page      kind = "is answered 502 and HTML"
	limited   kind = "is answered 403, secondary limit"
	truncated kind = "takes effect, and half of its answer comes"
	empty     kind = "is a write, and is answered {}"
	killed    kind = "and the process is killed before it"
	after     kind = "and the process is killed after it"
)

// kinds are those that break any call; empty breaks writes alone.
var kinds = []kind{before, lost, broken, page, limited, truncated, killed, after}

// writes says that the points of a kind count the writes alone.
func (k kind) writes() bool { return k == empty || k == leasesCut || k == allCut }

// disturber is the transport below everything: it counts calls, and breaks one.
type disturber struct {
	calls, writes atomic.Int64
	at            int64
	kind          kind
}

// due counts a call of GitHub's API, and says that it is the one to break. Registries and the module proxy are no
// GitHub: what they refuse is not there yet, and is waited for.
func (d *disturber) due(r *http.Request) bool {
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		return false
	}
	n := d.calls.Add(1)
	if r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "/access_tokens") {
		return d.at != 0 && !d.kind.writes() && n == d.at
	}
	if w := d.writes.Add(1); d.kind.writes() {
		n = w
	}
	return d.at != 0 && n == d.at
}

func (d *disturber) RoundTrip(r *http.Request) (*http.Response, error) {
	if !d.due(r) {
		return http.DefaultTransport.RoundTrip(r)
	}
	switch d.kind {
	case before:
		return nil, errors.New("disturbed: connection refused")
	case broken:
		return answer(r, http.StatusInternalServerError, "application/json", ""), nil
	case page:
		return answer(r, http.StatusBadGateway, "text/html; charset=utf-8", "<html><body>Unicorn!</body></html>"), nil
	case limited:
		return answer(r, http.StatusForbidden, "application/json",
			`{"message":"You have exceeded a secondary rate limit."}`), nil
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	switch d.kind {
	case truncated:
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]),
			iotest.ErrReader(io.ErrUnexpectedEOF)))
		return resp, nil
	case empty:
		if resp.StatusCode == http.StatusNoContent {
			return resp, nil
		}
		resp.Header.Del("ETag")
		resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader("{}")), 2
		return resp, nil
	}
	return nil, errors.New("disturbed: connection reset")
}

// answer is one that GitHub itself never gave.
func answer(r *http.Request, status int, content, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {content}}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}
}

// longest is the longest wait that a story goes through: a rate limit of a minute, and a copy of the log that is
// written a minute later.
const longest = 2 * time.Minute

// options are those of a stage whose calls and queue wait by a clock that leaps.
func options(story story) demo.StageOptions {
	return demo.StageOptions{
		Clock: fixed, TokenLife: ages, Log: zerolog.Nop(), Seed: story.seed(), Longest: longest,
		Retry: func(int) time.Duration { return time.Millisecond },
	}
}

// run plays a story in this process with one call broken; at 0 breaks none.
func run(t *testing.T, story story, at int64, k kind) (text string, calls, writes int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	d := &disturber{kind: k}
	o := options(story)
	o.Transport = d
	st, err := demo.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	d.calls.Store(0)
	d.writes.Store(0)
	d.at = at
	text, err = story.play(ctx, st.Sandbox, func() error { return st.Settle(ctx) })
	if err != nil {
		t.Errorf("call %d %s: %v", at, k, err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
	return text, d.calls.Load(), d.writes.Load()
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

// point is one way to disturb a story.
type point struct {
	at   int64
	kind kind
}

func faults(t *testing.T, story story) {
	want, calls, writes := run(t, story, 0, "")
	if !strings.Contains(want, story.ends) {
		t.Fatalf("the undisturbed story did not end with %q:\n%s", story.ends, want)
	}
	var points []point
	for at := int64(1); at <= calls; at++ {
		for _, k := range kinds {
			points = append(points, point{at, k})
		}
	}
	for at := int64(1); at <= writes; at++ {
		points = append(points, point{at, empty})
	}
	all := len(points)
	points = sample(t, points, 0, story.bound())
	held := hold(t, points, want, func(t *testing.T, p point) string {
		if p.kind == killed || p.kind == after {
			return runKilled(t, story, p.at, p.kind)
		}
		got, _, _ := run(t, story, p.at, p.kind)
		return got
	})
	fmt.Printf("faults: %s makes %d GitHub calls, %d of them writes; of %d points %d were tried and %d held\n",
		story.name, calls, writes, all, len(points), held)
}

// sample is a random choice of most points, where there are more.
func sample(t *testing.T, points []point, stream uint64, most int) []point {
	t.Helper()
	if len(points) <= most {
		return points
	}
	random := rand.New(rand.NewPCG(seed(t), stream))
	random.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	return points[:most]
}

// hold plays all points, and counts those that end where the undisturbed story does.
func hold(t *testing.T, points []point, want string, play func(*testing.T, point) string) int64 {
	t.Helper()
	var held atomic.Int64
	t.Run("points", func(t *testing.T) {
		for _, p := range points {
			t.Run(fmt.Sprintf("%d %s", p.at, p.kind), func(t *testing.T) {
				t.Parallel()
				got := play(t, p)
				if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
					t.Errorf("it ended elsewhere (-undisturbed +disturbed):\n%s", diff)
				}
				if !t.Failed() {
					held.Add(1)
				}
			})
		}
	})
	return held.Load()
}
