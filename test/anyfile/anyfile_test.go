package anyfile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/process"
)

// No file that lint calls good makes a command silent, or ends it with an internal error. SLIPWAY_FILES is how many
// files of each sort are played, SLIPWAY_FILES_SEED repeats a run, and SLIPWAY_FILES_ONLY plays one of its files.
func TestWhatLintCallsGoodAnswers(t *testing.T) {
	many, err := strconv.Atoi(os.Getenv("SLIPWAY_FILES"))
	if err != nil {
		many = 6
	}
	seed, err := strconv.ParseUint(os.Getenv("SLIPWAY_FILES_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("SLIPWAY_FILES_SEED=%d", seed)
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 0))}
	var files []string
	for range many {
		files = append(files, m.whole(), m.change())
	}
	if only, err := strconv.Atoi(os.Getenv("SLIPWAY_FILES_ONLY")); err == nil {
		files = files[only : only+1]
	}
	playAll(t, files)
}

// FuzzFiles does the same with the files of any seed.
func FuzzFiles(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		m := &maker{Rand: rand.New(rand.NewPCG(seed, 0))}
		playAll(t, []string{m.whole(), m.change()})
	})
}

// playAll plays the files, each in a repository of its own.
func playAll(t *testing.T, files []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	seed := sandbox.Seed{Org: "acme", Users: []string{"ada", "ben"}}
	var processes []release.Process
	for i, file := range files {
		p, err := process.Load([]byte(file))
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		takes(t, p, file)
		processes = append(processes, p)
		seed.Repos = append(seed.Repos, repository(i, file, p))
	}
	var causes lines
	st, err := demo.Open(ctx, demo.StageOptions{Clock: time.Now, Log: zerolog.New(&causes).Level(zerolog.ErrorLevel),
		Seed:  seed,
		Retry: func(int) time.Duration { return time.Millisecond }, Leaps: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	for round := range 9 {
		for i, p := range processes {
			if line := says(p, round, i); line != "" {
				if _, err := st.Sandbox.As("ada").Comment(ctx, seed.Org+"/"+seed.Repos[i].Name, 1, line); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := st.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for i, file := range files {
		snap, err := st.Sandbox.Snapshot(ctx, seed.Org+"/"+seed.Repos[i].Name)
		if err != nil {
			t.Fatal(err)
		}
		answers(t, snap, file)
	}
	if t.Failed() {
		t.Logf("the log says: %s", causes.text.String())
	}
}

// lines are those of a log, which several goroutines write.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// says is what is commented in a round.
func says(p release.Process, round, i int) string {
	version := "0.21.0"
	if !slices.Contains(p.Tracks[i%len(p.Tracks)].For, "minor") {
		version = "0.20.1"
	}
	if p.Versions.Prefix == "v" {
		version = "v" + version
	}
	if p.Versions.Build != "" {
		version += "+" + p.Versions.Build
	}
	track := p.Tracks[i%len(p.Tracks)]
	phases := track.Sequence()
	phase := func(i int) string {
		if i < len(phases) {
			return "/release " + phases[i].Phase
		}
		return ""
	}
	start := "/release start " + version + " kind=" + track.Name
	if p.From.About != "" {
		start += " from=main"
	}
	for name := range p.Inputs {
		start += " " + name + "=1.0.0"
	}
	return []string{start, "/release plan", phase(0), "/release why", phase(1), "/release plan cut", "/release cut",
		"/release status", "/release abort \"enough\""}[round]
}

func repository(i int, file string, p release.Process) sandbox.SeedRepo {
	tag := "0.20.0"
	if p.Versions.Prefix == "v" {
		tag = "v" + tag
	}
	if p.Versions.Build != "" {
		tag += "+" + p.Versions.Build
	}
	tags := []string{tag}
	if i%3 == 2 {
		tags = nil // nothing was released before
	}
	return sandbox.SeedRepo{
		Name: fmt.Sprintf("any%d", i), DefaultBranch: "main",
		Collaborators: map[string]string{"ada": "admin", "ben": "maintain"},
		Commits: []sandbox.SeedCommit{{Message: "Begin", Author: "ben", Tags: tags, Released: tags != nil,
			Files: map[string]string{".github/release.yaml": file, "VERSION": "0.20.0\n", "charts/a/Chart.yaml": "name: a\n" +
				"version: 0.1.0\n", ".github/workflows/build.yaml": "name: Build\non: workflow_dispatch\njobs:\n  build: {}\n"}}},
		Issues: []sandbox.SeedIssue{{Title: "The next one", Body: "x\n", Author: "ada", Assignees: []string{"ada"}}},
	}
}

// answers says which commands got none, or one that is no answer.
func answers(t *testing.T, snap sandbox.Snapshot, file string) {
	t.Helper()
	for _, c := range snap.Issues[0].Comments {
		switch {
		case strings.Contains(c.Body, "internal error"):
			t.Errorf("it ends with an internal error:\n%s\n\n%s", c.Body, file)
		case c.Author != "ada":
		case !strings.Contains(strings.Join(c.Reactions, " "), "rocket") &&
			!strings.Contains(strings.Join(c.Reactions, " "), "confused") && !answered(snap, c.Body):
			t.Errorf("%s was not answered: %v\n%s", c.Body, c.Reactions, file)
		}
		if os.Getenv("SLIPWAY_FILES_PRINT") != "" {
			t.Logf("%s: %.300s", c.Author, c.Body)
		}
	}
}

func answered(snap sandbox.Snapshot, line string) bool {
	for _, c := range snap.Issues[0].Comments {
		if c.Author != "ada" && strings.Contains(c.Body, "> `"+line) {
			return true
		}
	}
	return false
}

// takes holds that each step and gate exists, and has the parameters that it needs.
func takes(t *testing.T, p release.Process, file string) {
	t.Helper()
	for _, ph := range p.Phases {
		for _, g := range ph.Needs {
			for _, name := range params.Lacking(g.Asks.Any) {
				t.Errorf("lint calls it good, and %s has no %s:\n%s", g.Asks.Kind(), name, file)
			}
		}
		for _, s := range ph.Steps {
			for _, name := range params.Lacking(s.Does.Any) {
				t.Errorf("lint calls it good, and %s has no %s:\n%s", s.Does.Kind(), name, file)
			}
		}
	}
}
