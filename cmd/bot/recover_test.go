package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
)

// sample is how many of the points are tried where not all are: SLIPWAY_FAULTS=all tries every one.
const sample = 6

// point is a rehearsal and the turn after which its database is lost.
type point struct {
	rehearsal demo.Rehearsal
	after     int
}

func points(t *testing.T) []point {
	t.Helper()
	var all []point
	for _, r := range demo.Rehearsals() {
		for i := range r.Turns {
			all = append(all, point{r, i})
		}
	}
	if os.Getenv("SLIPWAY_FAULTS") == "all" {
		return all
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("SLIPWAY_FAULTS_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("SLIPWAY_FAULTS_SEED: %v", err)
		}
	}
	t.Logf("%d of %d points, with SLIPWAY_FAULTS_SEED=%d", sample, len(all), seed)
	random := rand.New(rand.NewPCG(seed, 0))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:sample]
}

func TestAReleaseWhoseDatabaseIsLostAndRestoredEndsAsItShould(t *testing.T) {
	for _, p := range points(t) {
		name := fmt.Sprintf("%s after %d, %s", p.rehearsal.Process, p.after+1, p.rehearsal.Turns[p.after].Says)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			st := rehearse(t, ctx, p)
			problems, err := p.rehearsal.Check(ctx, st)
			if err != nil || len(problems) > 0 {
				t.Errorf("it did not end as it should: %q, %v", problems, err)
			}
			wantOneReplyEach(t, ctx, st, p.rehearsal.Repo)
		})
	}
}

// rehearse plays a whole rehearsal, and loses the database after one of its turns.
func rehearse(t *testing.T, ctx context.Context, p point) *demo.Stage {
	t.Helper()
	log := zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel)
	st, err := demo.Open(ctx, demo.StageOptions{Clock: time.Now, Log: log, Seed: p.rehearsal.Seed()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	for i, turn := range p.rehearsal.Turns {
		take(t, ctx, st, p.rehearsal, turn)
		if i != p.after {
			continue
		}
		if err := st.Lose(ctx, p.rehearsal.Repo); err != nil {
			t.Fatalf("after %s: %v", turn.Says, err)
		}
		if p.rehearsal.Repo == demo.Kube {
			// Reports of patch releases are no part of a release: they are asked for again.
			if _, err := st.Sandbox.As(demo.Petra).Comment(ctx, demo.Kube, demo.Patches,
				"/release report patches"); err != nil {
				t.Fatal(err)
			}
			// What was asked for on a pull request that is not merged has no copy, as docs/configuration.md says.
			if turn.On == 2 {
				take(t, ctx, st, p.rehearsal, turn)
			}
		}
		if shown, is := approvedLater(p); is {
			take(t, ctx, st, p.rehearsal, shown)
		}
		if err := st.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	return st
}

// approvedLater is the plan that was shown before the database was lost and that somebody approves afterwards. Which
// plans were shown has no copy, as docs/configuration.md says: it is shown again.
func approvedLater(p point) (demo.Turn, bool) {
	plan := func(t demo.Turn) bool { return strings.HasPrefix(t.Says, "/release plan") }
	for _, turn := range p.rehearsal.Turns[p.after+1:] {
		if plan(turn) {
			return demo.Turn{}, false
		}
		if strings.HasPrefix(turn.Says, "/release approve") {
			for _, earlier := range slices.Backward(p.rehearsal.Turns[:p.after+1]) {
				if plan(earlier) {
					return earlier, true
				}
			}
		}
	}
	return demo.Turn{}, false
}

// take is one line of a rehearsal, and all that comes of it.
func take(t *testing.T, ctx context.Context, st *demo.Stage, r demo.Rehearsal, turn demo.Turn) {
	t.Helper()
	if err := r.Play(ctx, st, turn); err != nil {
		t.Fatalf("%s: %v", turn.Says, err)
	}
}

// wantOneReplyEach holds that no view has two comments.
func wantOneReplyEach(t *testing.T, ctx context.Context, st *demo.Stage, repo string) {
	t.Helper()
	snapshot, err := st.Sandbox.Snapshot(ctx, repo)
	if err != nil {
		t.Fatal(err)
	}
	for _, issue := range snapshot.Issues {
		seen := map[string]bool{}
		for _, comment := range issue.Comments {
			_, mark, found := strings.Cut(comment.Body, "<!-- slipway:key=")
			mark, _, _ = strings.Cut(mark, " -->")
			if found && strings.HasSuffix(comment.Author, "[bot]") && seen[mark] {
				t.Errorf("#%d has two comments of %s", issue.Number, mark)
			}
			seen[mark] = found
		}
	}
}

func TestRecoverSaysWhatIsWrongWithItsArguments(t *testing.T) {
	for _, tc := range []struct{ name, target, want string }{
		{"a name without an owner", "libs", `"libs" is neither OWNER/REPO nor OWNER/REPO#N`},
		{"an issue that is no number", "falcosecurity/libs#x", "is neither OWNER/REPO nor OWNER/REPO#N"},
		{"an issue below one", "falcosecurity/libs#0", "is neither OWNER/REPO nor OWNER/REPO#N"},
		{"no key", "falcosecurity/libs", "No recovery key is configured"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			env := map[string]string{
				"SLIPWAY_GITHUB_APP_ID": "1", "SLIPWAY_GITHUB_WEBHOOK_SECRETS": "s",
				"SLIPWAY_GITHUB_PRIVATE_KEY": "-----BEGIN RSA PRIVATE KEY-----",
			}
			var out, errs bytes.Buffer
			environment := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
			code := run(t.Context(), []string{"recover", tc.target}, environment, strings.NewReader(""), &out, &errs)
			if code != 1 || !strings.Contains(errs.String(), tc.want) {
				t.Errorf("it ends with %d and says %q, want %q", code, errs.String(), tc.want)
			}
		})
	}
}

func TestRecoverSaysWhatItRestoredAndWhatItLeft(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	st, err := demo.Open(ctx, demo.StageOptions{Clock: time.Now, Log: zerolog.Nop(), Seed: demo.FalcoLibs()})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if _, err := st.Sandbox.As(demo.Maria).Comment(ctx, demo.Libs, demo.Tracking,
		"/release prepare"); err != nil {
		t.Fatal(err)
	}
	if err := st.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"SLIPWAY_GITHUB_APP_ID": "4711", "SLIPWAY_GITHUB_WEBHOOK_SECRETS": "s", "SLIPWAY_GITHUB_PRIVATE_KEY": string(
			st.Key),
		"SLIPWAY_GITHUB_API": st.URL + "/api/v3/", "SLIPWAY_RECOVERY_KEYS": strings.Join(st.RecoveryKeys(), ","),
		"DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "new.db"),
	}
	for _, tc := range []struct {
		name, target string
		code         int
		want         string
	}{
		{"a repository without Slipway", "acme/none", 1, "Slipway is not installed in acme/none"},
		{"an issue without a release", demo.Libs + "#2", 1,
			"#2: left as it is: there is no copy of a log on the issue."},
		{"all of a repository", demo.Libs, 0, "falcosecurity/libs#1: restored all "},
		{"the same once more", demo.Libs + "#1", 0,
			"falcosecurity/libs#1: nothing was lost: the database holds all "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			environment := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
			code := run(ctx, []string{"recover", tc.target}, environment, strings.NewReader(""), &out, &out)
			if code != tc.code || !strings.Contains(out.String(), tc.want) {
				t.Errorf("it ends with %d and says\n%s\nwant %d and %q", code, out.String(), tc.code, tc.want)
			}
		})
	}
}
