package patches_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/patches"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
)

// repo is the repository of these tests. Its first issue has the reports, 2 and 3 are pull requests of fixes.
const repo = "kubernetes/kubernetes"

var morning = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

var appKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

var permissions = map[string]string{
	"metadata": "read", "contents": "write", "issues": "write", "pull_requests": "write", "checks": "write",
	"statuses":       "read",
	"administration": "write", "members": "read", "actions": "write",
}

// seed is a repository with two maintained lines, and two pull requests against the main branch. petra is a release
// manager, sam merges, olga may not label.
func seed(policy string) sandbox.Seed {
	const apply, server = "kubectl/apply.go", "server/server.go"
	return sandbox.Seed{
		Org: "kubernetes", Users: []string{"petra", "sam",
			"olga"}, Teams: map[string][]string{"release-managers": {"petra"}},
		Repos: []sandbox.SeedRepo{{
			Name: "kubernetes", DefaultBranch: "master", Collaborators: map[string]string{"petra": "maintain",
				"sam": "write"},
			Labels: []string{"priority/important-soon", "priority/critical-urgent"},
			Commits: []sandbox.SeedCommit{
				{Message: "Begin", Author: "sam",
					Files: map[string]string{apply: "1\n", server: "1\n", ".github/patch-issues.yaml": policy,
						"schedule.yaml": "schedules: []\n"}},
				{Message: "Serve faster", Author: "sam", Files: map[string]string{server: "2\n"},
					Tags: []string{"v1.30.0"}, Released: true},
				{Branch: "release-1.30", From: "v1.30.0"},
				{Message: "Apply in parallel", Author: "sam", Files: map[string]string{apply: "2\n"},
					Tags: []string{"v1.31.0"}, Released: true},
				{Branch: "release-1.31", From: "v1.31.0"},
				{Branch: "fix-server", From: "master", Message: "Do not serve twice", Author: "sam",
					Files: map[string]string{server: "3\n"}},
				{Branch: "fix-apply", From: "master", Message: "Apply in order again", Author: "sam",
					Files: map[string]string{apply: "3\n"}},
			},
			Issues: []sandbox.SeedIssue{
				{Title: "Patch releases", Body: "The state of the coming patch releases.\n", Author: "petra"},
				{Title: "Do not serve twice", Body: "It served twice.", Author: "sam", Branch: "fix-server"},
				{Title: "Apply in order again", Body: "It applied out of order.", Author: "sam", Branch: "fix-apply"},
			},
		}},
	}
}

const preset = "preset: kubernetes\nschedule: {repo: \"\", path: schedule.yaml}\nreports: {weekly: \"\"}\n"

// stage is the sandbox and Patches, joined by HTTP. What happens in the sandbox is told to Patches as handlers tell it.
type stage struct {
	t   *testing.T
	box *sandbox.Server
	db  *store.Store
	p   *patches.Patches
	gh  *github.App
	id  int64 // of the repository

	mu    sync.Mutex
	now   time.Time
	calls []string // of the bot, since the last comment
	// unchanged are those of them that were answered with 304, which costs nothing.
	unchanged []string
	fail      func(call string) bool
	errs      []error
}

// open is a stage with the repository of seed.
func open(t *testing.T, policy string) *stage {
	t.Helper()
	return openSeed(t, seed(policy))
}

func openSeed(t *testing.T, all sandbox.Seed) *stage {
	t.Helper()
	s := &stage{t: t, now: morning}
	key, err := appKey()
	s.must(err)
	front := httptest.NewServer(http.HandlerFunc(s.serve))
	hooks := httptest.NewServer(http.HandlerFunc(s.hook))
	s.box = sandbox.New(sandbox.Options{
		Dir: t.TempDir(), URL: front.URL, Clock: s.clock, LagClock: s.clock, Log: zerolog.Nop(),
		TokenLife: 50 * 365 * 24 * time.Hour,
		App: sandbox.App{ID: 7, Slug: "slipway", PublicKey: &key.PublicKey, Permissions: permissions, Events: []string{
			"issues", "issue_comment", "pull_request", "push", "create", "release", "milestone", "label",
		}},
		Hook: sandbox.HookTarget{URL: hooks.URL, Secret: "secret", Client: hooks.Client()},
	})
	s.db, err = store.Open(t.Context(), "sqlite::memory:", store.Options{
		Clock: s.clock, Log: zerolog.Nop(), Poll: time.Millisecond, Retry: func(int) time.Duration { return 0 },
	})
	s.must(err)
	s.gh, err = github.New(github.Config{
		AppID: 7, V3URL: front.URL +
			"/api/v3/", Log: zerolog.Nop(), Clock: s.clock, Pace: github.Pace{PerMinute: 1_000_000, PerHour: 1_000_000},
		PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
	})
	s.must(err)
	c := &conversation.Conversation{
		Store: s.db, GitHub: s.gh.Client, Clock: s.clock, Log: zerolog.Nop(), AppSlug: "slipway",
		Releases: none{},
	}
	s.p = &patches.Patches{Store: s.db, GitHub: s.gh.Client, Clock: s.clock, Log: zerolog.Nop(),
		AppSlug: "slipway", Conversation: c}
	c.Table = s.p.Commands()
	s.must(s.box.Seed(t.Context(), all))
	s.id = s.box.RepositoryID(repo)
	s.must(s.db.PutRepository(t.Context(),
		store.Repository{ID: s.id, Name: repo, Installation: s.box.InstallationOf("kubernetes")}))
	running, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var ended sync.WaitGroup
	ended.Go(func() { s.errs = append(s.errs, s.db.Run(running, s.work)) })
	t.Cleanup(func() {
		stop()
		ended.Wait()
		front.Close()
		hooks.Close()
		if err := errors.Join(append(s.errs, s.db.Close(), s.box.Close())...); err != nil {
			t.Error(err)
		}
	})
	return s
}

// none are no releases.
type none struct{}

func (none) Step(context.Context, *conversation.Log) (bool, error) { return false, nil }

func (s *stage) work(ctx context.Context, job store.Job) error {
	var err error
	if job.Kind == patches.KindLook {
		err = s.p.Work(ctx, job)
	} else {
		err = s.p.Conversation.Work(ctx, job)
	}
	if _, later := errors.AsType[store.Later](err); err != nil && !later && s.fail == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.errs = append(s.errs, fmt.Errorf("job %s %s: %w", job.Kind, job.Key, err))
	}
	return err
}

func (s *stage) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// pass lets time go by.
func (s *stage) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// serve is the sandbox, with a record of what the bot asks.
func (s *stage) serve(w http.ResponseWriter, r *http.Request) {
	call := r.Method + " " + strings.TrimPrefix(r.URL.RequestURI(), "/api/v3")
	if !strings.HasSuffix(r.URL.Path, "/access_tokens") && !strings.HasSuffix(r.URL.Path, "/graphql") {
		s.mu.Lock()
		s.calls = append(s.calls, call)
		lost := s.fail != nil && s.fail(call)
		s.mu.Unlock()
		if lost { // it is done, and the answer is lost
			s.box.Handler().ServeHTTP(httptest.NewRecorder(), r)
			w.WriteHeader(http.StatusBadGateway)
			return
		}
	}
	status := &recorder{ResponseWriter: w}
	s.box.Handler().ServeHTTP(status, r)
	if status.code == http.StatusNotModified {
		s.mu.Lock()
		s.unchanged = append(s.unchanged, call)
		s.mu.Unlock()
	}
}

// recorder keeps the status of an answer.
type recorder struct {
	http.ResponseWriter
	code int
}

func (r *recorder) WriteHeader(code int) {
	r.code = code
	r.ResponseWriter.WriteHeader(code)
}

// happened is what the tests read of a webhook.
type happened struct {
	Action string
	Ref    string
	Sender struct {
		Login string
		ID    int64
	}
	Issue struct {
		Number    int
		Body      string
		Milestone *struct{ Title string }
		Pull      *struct{} `json:"pull_request"`
	}
	Comment struct {
		ID   int64
		Body string
		At   time.Time `json:"created_at"`
	}
	Number  int
	Pull    struct{ Merged bool } `json:"pull_request"`
	Release struct {
		Tag string `json:"tag_name"`
	}
}

func (s *stage) hook(w http.ResponseWriter, r *http.Request) {
	var ev happened
	err := json.NewDecoder(r.Body).Decode(&ev)
	if err == nil && ev.Sender.Login != "slipway[bot]" {
		err = s.hear(r.Context(), r.Header.Get("X-GitHub-Event"), ev)
	}
	if err != nil {
		s.mu.Lock()
		s.errs = append(s.errs, err)
		s.mu.Unlock()
	}
	w.WriteHeader(http.StatusAccepted)
}

func (s *stage) hear(ctx context.Context, event string, ev happened) error {
	at := s.place(max(ev.Issue.Number, ev.Number))
	wake := func() error { return s.p.Wake(ctx, s.id) }
	switch event {
	case "issue_comment":
		if ev.Action != "created" {
			return nil
		}
		said := conversation.Said{
			Comment: ev.Comment.ID, At: ev.Comment.At, By: ev.Sender.Login, ByID: ev.Sender.ID, Body: ev.Comment.Body,
			Pull:  ev.Issue.Pull != nil,
			Block: patches.Concerns(ev.Issue.Body),
		}
		if ev.Issue.Milestone != nil {
			said.Milestone = ev.Issue.Milestone.Title
		}
		return s.p.Conversation.Hear(ctx, at, said)
	case "issues":
		return errors.Join(s.p.Issue(ctx, at), wake())
	case "pull_request":
		return errors.Join(s.p.Pull(ctx, at), s.p.Merged(ctx, at), wake())
	case "create":
		return errors.Join(s.p.Tagged(ctx, s.id, ev.Ref), wake())
	case "release":
		return errors.Join(s.p.Published(ctx, s.place(0), ev.Release.Tag), wake())
	}
	return wake()
}

func (s *stage) place(issue int) conversation.Place {
	return conversation.Place{Repo: s.id, Name: repo, Installation: s.box.InstallationOf("kubernetes"), Issue: issue}
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// settle waits until nothing is due.
func (s *stage) settle() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	for {
		s.box.Flush()
		s.must(s.db.Wait(ctx))
		s.box.Flush()
		if idle, err := s.db.Idle(ctx); err != nil || idle && !s.box.Busy() {
			s.must(err)
			return
		}
	}
}

// later moves the clock on.
func (s *stage) later(d time.Duration) {
	s.mu.Lock()
	s.now = s.now.Add(d)
	s.mu.Unlock()
	s.db.Poke()
	s.settle()
}

// say comments, and gives the calls that it cost.
func (s *stage) say(by string, issue int, text string) []string {
	s.t.Helper()
	s.settle()
	s.mu.Lock()
	s.calls = nil
	s.mu.Unlock()
	_, err := s.box.As(by).Comment(s.t.Context(), repo, issue, text)
	s.must(err)
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// do calls an endpoint of the repository as a person, and waits.
func (s *stage) do(by, method, path string, in any) {
	s.t.Helper()
	s.must(s.box.As(by).Do(s.t.Context(), method, "/repos/"+repo+path, in, nil))
	s.settle()
}

// file opens an issue, and gives its number.
func (s *stage) file(by, title, body string, labels ...string) int {
	s.t.Helper()
	var out struct{ Number int }
	in := map[string]any{"title": title, "body": body, "labels": labels}
	s.must(s.box.As(by).Do(s.t.Context(), "POST", "/repos/"+repo+"/issues", in, &out))
	s.settle()
	return out.Number
}

func (s *stage) issue(number int) sandbox.SnapIssue {
	s.t.Helper()
	snap, err := s.box.Snapshot(s.t.Context(), repo)
	s.must(err)
	for _, is := range snap.Issues {
		if is.Number == number {
			return is
		}
	}
	s.t.Fatalf("there is no #%d", number)
	return sandbox.SnapIssue{}
}

// labels are those of an issue, in order.
func (s *stage) labels(number int) string {
	s.t.Helper()
	return strings.Join(slices.Sorted(slices.Values(s.issue(number).Labels)), " ")
}

// note is our comment of a key; empty when there is none, and the test fails when there are two.
func (s *stage) note(number int, key string) string {
	s.t.Helper()
	var found []string
	for _, c := range s.issue(number).Comments {
		if slices.Contains(parse.Markers(c.Body), s.place(number).Key()+"/"+key) && c.Author == "slipway[bot]" {
			found = append(found, c.Body)
		}
	}
	if len(found) > 1 {
		s.t.Errorf("#%d has %d comments of %s", number, len(found), key)
	}
	text, _, _ := strings.Cut(strings.Join(found, ""), "\n\n<!--")
	return text
}

// last is the reaction to the last comment of people, and our newest reply.
func (s *stage) last(number int) (reactions, reply string) {
	s.t.Helper()
	for _, c := range s.issue(number).Comments {
		if c.Author != "slipway[bot]" {
			reactions, reply = strings.Join(c.Reactions, " "), ""
			continue
		}
		if marks := parse.Markers(c.Body); len(marks) > 0 && strings.Contains(marks[0], "/reply/") {
			reply = c.Body
		}
	}
	return reactions, reply
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
}

func contains(t *testing.T, what, got string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(strings.ToLower(got), strings.ToLower(word)) {
			t.Errorf("%s lacks %q:\n%s", what, word, got)
		}
	}
}
