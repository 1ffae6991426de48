package hostile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/app"
	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/test/hostile"
)

// A whole release in which every title, description, label, milestone, name of a job, message and reason is hostile:
// nobody is mentioned, nothing is linked or referred to, no mark is forged, no line of the log is, and nothing that is
// secret is told.
func TestAHostileReleaseIsWrittenHarmlessly(t *testing.T) {
	seed := hostileSeed(t)
	t.Logf("with SLIPWAY_HOSTILE_SEED=%d", seed)
	all := demo.Rehearsals()
	if os.Getenv("SLIPWAY_HOSTILE") != "all" { // a sample: the process of the issues, and another one each time
		other := all[int(seed%uint64(len(all)))]
		all = slices.DeleteFunc(all, func(r demo.Rehearsal) bool {
			return r.Process != "kubernetes-patch" && r.Process != other.Process
		})
	}
	for _, r := range all {
		t.Run(r.Process, func(t *testing.T) {
			t.Parallel()
			playHostile(t, r, hostile.From(seed))
		})
	}
}

func hostileSeed(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("SLIPWAY_HOSTILE_SEED")
	if text == "" {
		return uint64(time.Now().UnixNano())
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("SLIPWAY_HOSTILE_SEED: %v", err)
	}
	return seed
}

func playHostile(t *testing.T, r demo.Rehearsal, words hostile.Any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	seed := r.Seed()
	poison(&seed, words)
	w := &writings{tokens: map[string]bool{}}
	st, err := demo.Open(ctx, demo.StageOptions{
		Clock: time.Now, Log: zerolog.New(app.LogLines{To: w}).Level(zerolog.DebugLevel), Seed: seed, Front: w.front,
	})
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	defer func() {
		if !closed {
			_ = st.Close()
		}
	}()
	for i, turn := range r.Turns {
		if err := r.Play(ctx, st, turn); err != nil {
			t.Fatalf("%s: %v", turn.Says, err)
		}
		if turn.Happens == nil {
			interject(t, ctx, st, r, turn, words, i)
		}
	}
	problems, err := r.Check(ctx, st)
	if err != nil || len(problems) > 0 {
		t.Errorf("it did not end as it should: %q, %v", problems, err)
	}
	strange(t, ctx, st, r, words)
	secrets := st.Secrets()
	closed = true
	if err := st.Close(); err != nil {
		t.Error(err)
	}
	for _, problem := range w.problems(secrets) {
		t.Error(problem)
	}
	if len(w.written) < 10 {
		t.Errorf("only %d writes were seen", len(w.written))
	}
}

// poison makes every text of a seed hostile on which the rehearsal does not depend.
func poison(seed *sandbox.Seed, words hostile.Any) {
	seed.Users = append(seed.Users, "mallory")
	for i := range seed.Others {
		poison(&seed.Others[i], words)
	}
	for i := range seed.Repos {
		repo := &seed.Repos[i]
		var labels []string
		for range 4 {
			labels = append(labels, words.Line(40), "sig/"+words.Line(40), "priority/"+words.Line(40))
		}
		repo.Labels = append(repo.Labels, labels...)
		for j := range repo.Commits {
			if c := &repo.Commits[j]; c.Message != "" {
				c.Message += " " + words.Line(60) + "\n\n" + strings.ReplaceAll(words.Block(), "\x00", "")
			}
		}
		for j := range repo.Issues {
			is := &repo.Issues[j]
			is.Title += " " + words.Line(200-len(is.Title))
			// A section of Slipway's in the description of an issue that it does not know is told of, and refused.
			block := strings.ReplaceAll(words.Block(), "<!-- slipway:begin -->", "<!-- slipway:end -->")
			is.Body += "\n\n" + block[:min(len(block), 20000)] // there has to be room for the status
			is.Labels = append(is.Labels, labels[words.IntN(len(labels))], labels[words.IntN(len(labels))])
		}
	}
}

// strange opens issues with hostile texts in each field, and looks at the reports of them.
func strange(t *testing.T, ctx context.Context, st *demo.Stage, r demo.Rehearsal, words hostile.Any) {
	t.Helper()
	snapshot, err := st.Sandbox.Snapshot(ctx, r.Repo)
	if err != nil {
		t.Fatal(err)
	}
	labels := snapshot.Issues[0].Labels
	for range 3 {
		var milestone struct{ Number int }
		if err := st.Sandbox.As(r.Turns[0].By).Do(ctx, http.MethodPost, "/repos/"+r.Repo+"/milestones",
			map[string]any{"title": words.Line(200), "description": words.Block()}, &milestone); err != nil {
			t.Log(err) // who may not make milestones
		}
		fields := map[string]any{"title": words.Line(250), "body": "```release\nintroduced-in=v1.30.0\n" + words.Line(100) +
			"\n```\n\n## Symptoms\n\n" + words.Block() + "\n\n## Root cause\n\nBinaries:\n- " + words.Line(100) +
			"\n\n## PRs\n\n- #2\n", "labels": labels} // a pull request that is listed there is meant
		if milestone.Number > 0 {
			fields["milestone"] = milestone.Number
		}
		if err := st.Sandbox.As(r.Turns[0].By).Do(ctx, http.MethodPost, "/repos/"+r.Repo+"/issues", fields,
			nil); err != nil {
			t.Log(err) // who may not set labels
		}
		if err := st.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 11 {
		interject(t, ctx, st, r, demo.Turn{By: r.Turns[0].By}, words, i)
	}
	last := demo.Turn{By: r.Turns[0].By, Says: "/release report patches\n/release status"}
	if err := r.Play(ctx, st, last); err != nil {
		t.Fatal(err)
	}
}

// interject says hostile things beside a turn: what is refused, and what is done with a hostile reason.
func interject(
	t *testing.T, ctx context.Context, st *demo.Stage, r demo.Rehearsal, turn demo.Turn, words hostile.Any, i int,
) {
	t.Helper()
	says := []string{
		"/release hold \"" + words.Word() + "\"\n/release resume",
		"/release " + words.Word(), "/release done " + words.Word(), "/release skip x \"" + words.Word() + "\"",
		"/release why\n" + words.Block(), "/release team add " + words.Word(), "/release plan " + words.Word(),
		"/priority " + words.Word() + "\n/sig " + words.Word(), "/milestone " + words.Word(),
		"/cherry-pick " + words.Word() + "\n/cherry-pick " + words.Ref(), "/release report \"" + words.Word() + "\"",
	}
	text := says[i%len(says)]
	for _, by := range []string{turn.By, "mallory"} {
		on, says := max(turn.On, demo.Tracking), text
		if by == turn.By { // whose abort is one
			says = strings.ReplaceAll(text, "/release abort", "/release status")
		}
		if _, err := st.Sandbox.As(by).Comment(ctx, r.Repo, on, says); err != nil && by == turn.By {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if err := st.Settle(ctx); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// writings are all that the bot writes: requests to GitHub, and lines of its log.
type writings struct {
	mu      sync.Mutex
	written []writing
	log     bytes.Buffer
	tokens  map[string]bool
}

type writing struct{ method, path, body string }

func (w *writings) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(line)
}

func (w *writings) front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, req *http.Request) {
		_, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
		body, err := io.ReadAll(req.Body)
		if err != nil {
			http.Error(out, err.Error(), http.StatusBadRequest)
			return
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		w.mu.Lock()
		if token != "" && !strings.Contains(req.URL.Path, ".git/") {
			w.tokens[token] = true
		}
		if req.Method != http.MethodGet && !strings.HasSuffix(req.URL.Path, "/access_tokens") &&
			strings.HasPrefix(req.URL.Path, "/api/") {
			w.written = append(w.written, writing{req.Method, req.URL.Path, string(body)})
		}
		w.mu.Unlock()
		next.ServeHTTP(out, req)
	})
}

// problems are what of the hostile texts is alive in what was written, and each secret that was told.
func (w *writings) problems(secrets []string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []string
	for _, one := range w.written {
		for _, problem := range one.problems() {
			found = append(found, fmt.Sprintf("%s %s: %s", one.method, one.path, problem))
		}
	}
	found = append(found, hostile.Log(w.log.String())...)
	for token := range w.tokens {
		secrets = append(secrets, token)
	}
	for _, secret := range secrets {
		if strings.Contains(w.log.String(), secret) {
			found = append(found, fmt.Sprintf("the log has the secret %.8s…", secret))
		}
		for _, one := range w.written {
			if strings.Contains(one.body, secret) {
				found = append(found, fmt.Sprintf("%s %s has the secret %.8s…", one.method, one.path, secret))
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

var descriptions = regexp.MustCompile(`/issues/\d+$`)

// problems looks at each text of a request by what GitHub does with it.
func (one writing) problems() []string {
	var fields map[string]any
	if json.Unmarshal([]byte(one.body), &fields) != nil {
		return nil
	}
	var found []string
	look := func(name, text string, problems []string) {
		for _, problem := range problems {
			found = append(found, fmt.Sprintf("%s: %s, in %.3000q", name, problem, text))
		}
	}
	var each func(name string, value any)
	each = func(name string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for inner, value := range v {
				each(inner, value)
			}
		case []any:
			for _, value := range v {
				each(name, value)
			}
		case string:
			switch name {
			case "body", "summary", "text", "description":
				if name == "body" && descriptions.MatchString(one.path) {
					v, _ = parse.Section(v) // the rest is the text of people, as it was
				}
				look(name, v, hostile.Markdown(v))
			case "title", "name", "message", "commit_message":
				if strings.Contains(v, "(cherry picked from commit ") {
					return // the message of somebody else, kept as git keeps it
				}
				look(name, v, hostile.Title(v))
			}
		}
	}
	each("", fields)
	return found
}
