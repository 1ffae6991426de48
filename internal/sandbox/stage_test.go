package sandbox_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/test/contract"
)

const repo = "/repos/acme/tool"

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

var appKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// everything are the permissions of an App that may do all that the sandbox serves.
var everything = map[string]string{
	"metadata": "read", "contents": "write", "issues": "write", "pull_requests": "write", "checks": "write",
	"statuses":       "write",
	"administration": "write", "members": "read", "actions": "write",
}

// stage is a sandbox behind real HTTP. All that crosses is held against GitHub's description when the test ends.
type stage struct {
	*sandbox.Server
	t     *testing.T
	url   string
	now   time.Time
	token string // of the installation
	check *contract.Checker

	mu     sync.Mutex
	hooks  []hook
	answer int // of the receiver; 0 is 202
}

type hook struct {
	event   string
	payload map[string]any
}

func open(t *testing.T, change ...func(*sandbox.Options)) *stage {
	t.Helper()
	shared, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	key, err := appKey()
	if err != nil {
		t.Fatal(err)
	}
	st := &stage{t: t, now: noon, check: shared.Fresh()}
	receiver := httptest.NewServer(st.check.HookMiddleware(http.HandlerFunc(st.receive)))
	t.Cleanup(receiver.Close)
	front := http.NewServeMux()
	server := httptest.NewServer(front)
	t.Cleanup(server.Close)
	o := sandbox.Options{
		Dir: t.TempDir(), URL: server.URL, Clock: func() time.Time {
			return st.now
		}, Log: zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel),
		App: sandbox.App{ID: 7, Slug: "slipway", PublicKey: &key.PublicKey, Permissions: everything, Events: []string{
			"issues", "issue_comment", "pull_request", "pull_request_review", "push", "create", "delete", "release",
			"milestone", "label", "check_run", "status", "workflow_run",
			"repository",
		}},
		Hook: sandbox.HookTarget{URL: receiver.URL, Secret: "secret", Client: receiver.Client()},
	}
	for _, f := range change {
		f(&o)
	}
	st.Server, st.url = sandbox.New(o), server.URL
	front.Handle("/", st.check.Middleware(st.Handler(), "/api/v3"))
	t.Cleanup(func() {
		st.Flush()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
		for _, p := range st.check.Problems() {
			t.Errorf("contract: %s %s (%s) %s: %s\n%s", p.Method, p.Route, p.Side, p.Field, p.Message, p.Body)
		}
	})
	if err := st.Seed(t.Context(), seed()); err != nil {
		t.Fatal(err)
	}
	st.token = st.installation(t, nil)
	return st
}

func seed() sandbox.Seed {
	return sandbox.Seed{
		Org: "acme", Users: []string{"ada", "bob", "eve"}, Teams: map[string][]string{"keepers": {"ada", "bob"}},
		Repos: []sandbox.SeedRepo{{
			Name: "tool", DefaultBranch: "main", Collaborators: map[string]string{"ada": "admin",
				"bob": "write"}, Labels: []string{"bug"},
			Commits: []sandbox.SeedCommit{
				{Message: "begin", Author: "ada", Files: map[string]string{"VERSION": "1.0.0\n", "docs/a.md": "a\n",
					".github/workflows/release.yaml": workflow}, Tags: []string{"v1.0.0"}, Released: true},
				{Message: "go on", Author: "bob", Files: map[string]string{"VERSION": "1.1.0-dev\n"}},
				{Branch: "topic", From: "main", Message: "a topic", Author: "bob",
					Files: map[string]string{"docs/b.md": "b\n"}},
				{Branch: "clash", From: "v1.0.0", Message: "a clash", Author: "bob",
					Files: map[string]string{"VERSION": "2.0.0\n"}},
			},
			Issues: []sandbox.SeedIssue{{Title: "a bug", Author: "eve", Body: "it breaks"},
				{Title: "topic", Author: "bob", Branch: "topic"}, {Title: "clash", Author: "bob", Branch: "clash"}},
		}},
	}
}

const workflow = `name: Release
run-name: Release ${{ inputs.version }}
on:
  workflow_dispatch:
    inputs:
      version: {required: true}
      dry: {default: "no"}
  push:
    tags: ["v*"]
jobs:
  build: {runs-on: ubuntu-latest}
  test: {runs-on: ubuntu-latest}
  publish: {needs: [build, test], runs-on: ubuntu-latest}
`

func (st *stage) receive(w http.ResponseWriter, r *http.Request) {
	var h hook
	h.event = r.Header.Get("X-GitHub-Event")
	_ = json.NewDecoder(r.Body).Decode(&h.payload)
	st.mu.Lock()
	defer st.mu.Unlock()
	st.hooks = append(st.hooks, h)
	w.WriteHeader(cmp.Or(st.answer, http.StatusAccepted))
	_, _ = w.Write([]byte("taken"))
}

// told are the events that were sent since the last call, as "event action".
func (st *stage) told() []string {
	st.Flush()
	st.mu.Lock()
	defer st.mu.Unlock()
	out := []string{}
	for _, h := range st.hooks {
		action, _ := h.payload["action"].(string)
		out = append(out, strings.TrimSpace(h.event+" "+action))
	}
	st.hooks = nil
	return out
}

// installation gets a token for acme, narrowed as asked.
func (st *stage) installation(t *testing.T, body any) string {
	t.Helper()
	status, out := st.call(t, st.jwt(), "POST",
		fmt.Sprintf("/app/installations/%d/access_tokens", st.InstallationOf("acme")), body)
	if status != http.StatusCreated {
		t.Fatalf("no token: %d %v", status, out)
	}
	return out["token"].(string)
}

// jwt is how the App itself asks.
func (st *stage) jwt() string {
	st.t.Helper()
	key, _ := appKey()
	claims := jwt.RegisteredClaims{Issuer: "7", IssuedAt: jwt.NewNumericDate(time.Now()),
		ExpiresAt: jwt.NewNumericDate(time.Now().Add(9 * time.Minute))}
	text, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
	if err != nil {
		st.t.Fatal(err)
	}
	return "Bearer " + text
}

// call makes a request and gives the answer; a list is under "list".
func (st *stage) call(t *testing.T, auth, method, path string, in any) (int, map[string]any) {
	t.Helper()
	resp := st.raw(t, auth, method, path, in, nil)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	if len(text) > 0 && json.Unmarshal(text, &out) != nil {
		var list []any
		if err := json.Unmarshal(text, &list); err != nil {
			t.Fatalf("%s %s: %s", method, path, text)
		}
		out["list"] = list
	}
	return resp.StatusCode, out
}

func (st *stage) raw(t *testing.T, auth, method, path string, in any, header http.Header) *http.Response {
	t.Helper()
	var body io.Reader
	kind := "application/json"
	switch in := in.(type) {
	case nil:
	case string:
		body, kind = strings.NewReader(in), "application/octet-stream"
	default:
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, st.url+"/api/v3"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", auth)
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// app makes a request as the App, which must be answered so.
func (st *stage) app(want int, method, path string, in any) map[string]any {
	st.t.Helper()
	return st.must("token "+st.token, want, method, path, in)
}

// as makes a request as a person.
func (st *stage) as(login string, want int, method, path string, in any) map[string]any {
	st.t.Helper()
	return st.must("token user:"+login, want, method, path, in)
}

// bad makes a request as the App that GitHub's description forbids; it is not held against it.
func (st *stage) bad(want int, method, path string, in any) {
	st.t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		st.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(st.t.Context(), method, "/api/v3"+path, bytes.NewReader(text))
	r.Header.Set("Authorization", "token "+st.token)
	w := httptest.NewRecorder()
	st.Handler().ServeHTTP(w, r)
	if w.Code != want {
		st.t.Errorf("%s %s: %d, want %d: %s", method, path, w.Code, want, w.Body)
	}
}

func (st *stage) must(auth string, want int, method, path string, in any) map[string]any {
	st.t.Helper()
	got, out := st.call(st.t, auth, method, path, in)
	if got != want {
		st.t.Fatalf("%s %s: %d, want %d: %v", method, path, got, want, out)
	}
	return out
}

func (st *stage) branch(name string) string {
	st.t.Helper()
	snap, err := st.Snapshot(st.t.Context(), "acme/tool")
	if err != nil {
		st.t.Fatal(err)
	}
	return snap.Branches[name]
}

// at follows a path of fields and indexes into an answer.
func at(v any, path ...string) any {
	for _, p := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func want(t *testing.T, got any, value any, what string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(value) {
		t.Errorf("%s: %v, want %v", what, got, value)
	}
}

func wantEvents(t *testing.T, st *stage, events ...string) {
	t.Helper()
	if got := st.told(); !slices.Equal(got, events) {
		t.Errorf("webhooks: %q, want %q", got, events)
	}
}
