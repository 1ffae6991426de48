package contract

import (
	"bytes"
	stdcmp "cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func fresh(t testing.TB) *Checker {
	t.Helper()
	checker, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return checker.Fresh()
}

func examples(t testing.TB) []Example {
	t.Helper()
	all, err := Examples()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func example(t testing.TB, name string) Example {
	t.Helper()
	for _, e := range examples(t) {
		if e.Name == name {
			return e
		}
	}
	t.Fatalf("there is no example %s", name)
	return Example{}
}

// documented is the answer that GitHub's description gives as the example of a route.
func documented(t testing.TB, c *Checker, method, path string, status int) any {
	t.Helper()
	route, _, err := c.route(method, path)
	if err != nil {
		t.Fatalf("route %s %s: %v", method, path, err)
	}
	body, err := json.Marshal(
		route.Operation.Responses.Status(status).Value.Content["application/json"].Examples["default"].Value.Value)
	if err != nil {
		t.Fatal(err)
	}
	value, err := decode(body)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// wantProblems compares all but the bodies, which are long.
func wantProblems(t *testing.T, got []Problem, want ...Problem) {
	t.Helper()
	var short []Problem
	for _, p := range got {
		short = append(short, p.key())
	}
	if diff := cmp.Diff(want, short); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// A call is an exchange to make through the middleware.
type call struct {
	method, path string // with the query
	body         string
	status       int
	answer       any // encoded as JSON unless nil
}

// exchanged makes a call through the middleware and returns what the checker thinks of it.
func exchanged(t *testing.T, c *Checker, do call) []Problem {
	t.Helper()
	handler := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if do.answer == nil {
			w.WriteHeader(do.status)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(do.status)
		if err := json.NewEncoder(w).Encode(do.answer); err != nil {
			t.Error(err)
		}
	}), "/api/v3")
	req := httptest.NewRequest(do.method, "/api/v3"+do.path, strings.NewReader(do.body))
	if do.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	handler.ServeHTTP(httptest.NewRecorder(), req)
	return c.Problems()
}

const comments = "/repos/o/r/issues/1/comments"

// Each call but its one fault is good: the same call without it is tried too.
func TestABadExchangeIsToldFromAGoodOne(t *testing.T) {
	said := map[string]any{"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}
	for _, test := range []struct {
		name  string
		good  call
		spoil func(*call)
		want  Problem
	}{
		{
			"the answer lacks a required field",
			call{method: "POST", path: comments, body: `{"body":"hello"}`, status: 201},
			func(c *call) { delete(c.answer.(map[string]any), "html_url") },
			Problem{"POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "response 201", "/html_url",
				`property "html_url" is missing`, ""},
		},
		{
			"a field of the answer has the wrong type, deep in a list",
			call{method: "GET", path: comments, status: 200},
			func(c *call) { c.answer.([]any)[0].(map[string]any)["user"].(map[string]any)["id"] = "1" },
			Problem{"GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "response 200", "/*/user/id",
				"value must be an integer", ""},
		},
		{
			"the answer has a field that GitHub's has not",
			call{method: "POST", path: comments, body: `{"body":"hello"}`, status: 201},
			func(c *call) { c.answer.(map[string]any)["htmlurl"] = "https://github.com" },
			Problem{"POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "response 201", "/htmlurl",
				"GitHub describes no such field", ""},
		},
		{
			"the answer names a relative URL",
			call{method: "POST", path: "/repos/o/r/git/refs",
				body: `{"ref":"refs/heads/x","sha":"aa218f56b14c9653891f9e74264a383fa43fefbd"}`, status: 201},
			func(c *call) { c.answer.(map[string]any)["url"] = "/git/refs/heads/x" },
			Problem{"POST", "/repos/{owner}/{repo}/git/refs", "response 201", "/url",
				`string doesn't match the format "uri" ("/git/refs/heads/x" is not an absolute URL)`, ""},
		},
		{
			"the request lacks a required field",
			call{method: "POST", path: "/repos/o/r/git/refs",
				body: `{"ref":"refs/heads/x","sha":"aa218f56b14c9653891f9e74264a383fa43fefbd"}`, status: 201},
			func(c *call) { c.body = `{"ref":"refs/heads/x"}` },
			Problem{"POST", "/repos/{owner}/{repo}/git/refs", "request", "/sha", `property "sha" is missing`, ""},
		},
		{
			"the request misspells an optional field",
			call{method: "PATCH", path: "/repos/o/r/milestones/1", body: `{"state":"closed"}`, status: 200},
			func(c *call) { c.body = `{"sate":"closed"}` },
			Problem{"PATCH", "/repos/{owner}/{repo}/milestones/{milestone_number}", "request", "/sate",
				"GitHub describes no such field", ""},
		},
		{
			"a query parameter has a value that GitHub does not know",
			call{method: "GET", path: "/repos/o/r/milestones?state=open", status: 200},
			func(c *call) { c.path = "/repos/o/r/milestones?state=opened" },
			Problem{"GET", "/repos/{owner}/{repo}/milestones", "request", "query state",
				`value is not one of the allowed values ["open","closed","all"]`, ""},
		},
		{
			"GitHub does not know the query parameter",
			call{method: "GET", path: "/repos/o/r/milestones?state=open", status: 200},
			func(c *call) { c.path = "/repos/o/r/milestones?sate=open" },
			Problem{"GET", "/repos/{owner}/{repo}/milestones", "request", "query sate",
				"GitHub knows no such parameter", ""},
		},
		{
			"a number in the path is none",
			call{method: "GET", path: comments, status: 200},
			func(c *call) { c.path = "/repos/o/r/issues/first/comments" },
			Problem{"GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "request", "path issue_number",
				`parameter "issue_number" in path has an error: value first: an invalid integer: invalid syntax`, ""},
		},
		{
			"GitHub never answers this status here",
			call{method: "POST", path: comments, body: `{"body":"hello"}`, status: 201},
			func(c *call) { c.status, c.answer = 409, said },
			Problem{"POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "response 409", "",
				"undocumented status 409, GitHub documents 201, 403, 404, 410, 422", ""},
		},
		{
			"the path is none of GitHub's",
			call{method: "GET", path: comments, status: 200},
			func(c *call) { c.path = "/repos/o/r/remarks" },
			Problem{"GET", "/repos/o/r/remarks", "route", "",
				"GitHub describes no such route: no matching operation was found", ""},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			do := test.good
			path, _, _ := strings.Cut(do.path, "?")
			do.answer = documented(t, fresh(t), do.method, path, do.status)
			wantProblems(t, exchanged(t, fresh(t), do))

			test.spoil(&do)
			wantProblems(t, exchanged(t, fresh(t), do), test.want)
		})
	}
}

func TestARedirectMayComeFromEveryRoute(t *testing.T) {
	moved := map[string]any{"message": "Moved Permanently", "url": "https://api.github.com/repositories/1/issues",
		"documentation_url": "https://docs.github.com/rest"}
	for _, header := range []http.Header{nil, {"Location": {"https://api.github.com/repositories/1/issues"}}} {
		c := fresh(t)
		handler := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", header.Get("Location"))
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusTemporaryRedirect)
			_ = json.NewEncoder(w).Encode(moved)
		}), "/api/v3")
		for _, path := range []string{"/repos/o/r/issues", "/repositories/1/issues"} {
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/api/v3"+path, nil))
		}
		if got := len(c.Problems()) > 0; got != (header == nil) {
			t.Errorf("with the header %v: %v", header, c.Problems())
		}
	}
}

func TestWhatIsServedByTheIDOfARepositoryIsDescribedByItsName(t *testing.T) {
	answer := documented(t, fresh(t), "GET", "/repos/o/r/milestones", 200)
	wantProblems(t,
		exchanged(t, fresh(t), call{method: "GET", path: "/repositories/1/milestones?state=open", status: 200,
			answer: answer}))
	wantProblems(t,
		exchanged(t, fresh(t), call{method: "GET", path: "/repositories/1/remarks", status: 200, answer: answer}),
		Problem{"GET", "/repositories/1/remarks", "route", "",
			"GitHub describes no such route: no matching operation was found", ""})
}

func TestAKnownDeviationIsForgivenAndRemembered(t *testing.T) {
	c := fresh(t)
	problems := exchanged(t, c,
		call{method: "POST", path: "/repos/o/r/git/refs", body: `{"ref":"refs/heads/x","sha":"aa"}`, status: 403,
			answer: map[string]any{"message": "Resource not accessible by integration"}})
	wantProblems(t, problems)
	for _, d := range c.Unneeded() {
		if strings.Contains(d.What, "403") {
			t.Errorf("%s was needed just now", d)
		}
	}
	if got, want := len(c.Unneeded()), len(deviations())-1; got != want {
		t.Errorf("%d deviations were not needed, want %d", got, want)
	}
}

func TestAnErrorWithoutAMessageIsAProblemWhateverItsStatus(t *testing.T) {
	problems := exchanged(t, fresh(t),
		call{method: "POST", path: "/repos/o/r/git/refs", body: `{"ref":"refs/heads/x","sha":"aa"}`, status: 403,
			answer: map[string]any{}})
	wantProblems(t, problems, Problem{"POST", "/repos/{owner}/{repo}/git/refs", "response 403", "/message",
		"an error must say what is wrong", ""})
}

func TestTheSameProblemIsToldOnce(t *testing.T) {
	c := fresh(t)
	for i := range 3 {
		exchanged(t, c, call{method: "GET", path: fmt.Sprintf("/repos/o/r/milestones?state=opened&page=%d", i+1),
			status: 200, answer: []any{}})
	}
	if got := len(c.Problems()); got != 1 {
		t.Errorf("three exchanges with one problem make %d problems, want 1", got)
	}
	if got := c.Seen(); got != 3 {
		t.Errorf("saw %d exchanges, want 3", got)
	}
}

// Every documented path, with a plain value for each parameter, is found again, so that no parameter that may hold
// slashes swallows another route.
func TestEveryDocumentedRouteIsFound(t *testing.T) {
	c := fresh(t)
	root, _, err := c.route("GET", "/repos/o/r")
	if err != nil {
		t.Fatal(err)
	}
	// Two descriptions of one path, which only GitHub can tell apart. Slipway calls neither of the first two.
	ambiguous := map[string]bool{
		"DELETE /orgs/{org}/attestations/{attestation_id}":       true,
		"DELETE /users/{username}/attestations/{attestation_id}": true,
		"GET /repos/{owner}/{repo}/compare/{base}...{head}":      true, // the same as {basehead}
	}
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	for path, item := range root.Spec.Paths.Map() {
		for method := range item.Operations() {
			if ambiguous[method+" "+path] {
				continue
			}
			route, _, err := c.route(method, parameter.ReplaceAllString(path, "7"))
			if err != nil {
				t.Errorf("%s %s: %v", method, path, err)
			} else if route.Path != path {
				t.Errorf("%s %s is taken for %s", method, path, route.Path)
			}
		}
	}
}

func TestParametersMayHoldSlashes(t *testing.T) {
	c := fresh(t)
	for _, test := range []struct{ method, path, want string }{
		{"GET", "/repos/o/r/contents/a/b/c.yaml", "/repos/{owner}/{repo}/contents/{path}"},
		{"GET", "/repos/o/r/git/ref/heads/release/0.21.x", "/repos/{owner}/{repo}/git/ref/{ref}"},
		{"DELETE", "/repos/o/r/git/refs/heads/release/0.21.x", "/repos/{owner}/{repo}/git/refs/{ref}"},
		{"GET", "/repos/o/r/branches/release/0.21.x/protection", "/repos/{owner}/{repo}/branches/{branch}/protection"},
		{"GET", "/repos/o/r/branches/release%2F0.21.x", "/repos/{owner}/{repo}/branches/{branch}"},
		{"GET", "/repos/o/r/compare/main...release/0.21.x", "/repos/{owner}/{repo}/compare/{basehead}"},
		{"GET", "/repos/o/r/releases/tags/cmd/v1.2.3", "/repos/{owner}/{repo}/releases/tags/{tag}"},
		{"GET", "/repos/o/r/labels/kind/bug", "/repos/{owner}/{repo}/labels/{name}"},
		{"DELETE", "/repos/o/r/issues/7/labels/kind/bug", "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}"},
		{"GET", "/repos/o/r/commits/release/0.21.x/check-runs", "/repos/{owner}/{repo}/commits/{ref}/check-runs"},
		{"GET", "/repos/o/r/commits/0a1b2c/pulls", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls"},
	} {
		route, _, err := c.route(test.method, test.path)
		if err != nil {
			t.Errorf("%s %s: %v", test.method, test.path, err)
			continue
		}
		if got := withoutSlashes(route.Path); got != test.want {
			t.Errorf("%s %s is taken for %s, want %s", test.method, test.path, got, test.want)
		}
	}
}

func TestTheMiddlewareChangesNothing(t *testing.T) {
	c := fresh(t)
	var read []byte
	server := httptest.NewServer(c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		read, _ = io.ReadAll(r.Body)
		w.Header().Set("X-Kept", "yes")
		w.WriteHeader(http.StatusTeapot)
		if _, err := io.WriteString(w, "first "); err != nil {
			t.Error(err)
		}
		w.(http.Flusher).Flush()
		if _, err := io.WriteString(w, "second"); err != nil {
			t.Error(err)
		}
	}), "/api/v3"))
	defer server.Close()

	sent := bytes.Repeat([]byte("slipway "), 1<<17) // more than net/http keeps of a body that nobody read
	for _, path := range []string{"/api/v3/repos/o/r", "/o/r.git/info/refs"} {
		answer, err := http.Post(server.URL+path, "text/plain", bytes.NewReader(sent))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		if err := stdcmp.Or(err, answer.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(read, sent) {
			t.Errorf("%s: the handler read %d bytes, sent were %d", path, len(read), len(sent))
		}
		if string(got) != "first second" || answer.StatusCode != http.StatusTeapot ||
			answer.Header.Get("X-Kept") != "yes" || answer.ContentLength != -1 {
			t.Errorf("%s: answered %d %q, length %d", path, answer.StatusCode, got, answer.ContentLength)
		}
	}
	if got := c.Seen(); got != 1 {
		t.Errorf("recorded %d exchanges, want 1: git is not the API", got)
	}
}

func TestTheHookMiddlewareChecksHeadersAndPayload(t *testing.T) {
	good := example(t, "issue_comment.created #2")
	deliver := func(t *testing.T, payload []byte, without string) []Problem {
		t.Helper()
		c := fresh(t)
		req := httptest.NewRequest("POST", "/hooks", bytes.NewReader(payload))
		for _, name := range []string{
			"User-Agent", "X-GitHub-Hook-ID", "X-GitHub-Hook-Installation-Target-ID",
			"X-GitHub-Hook-Installation-Target-Type", "X-GitHub-Delivery", "X-Hub-Signature-256",
		} {
			if name != without {
				req.Header.Set(name, "some")
			}
		}
		req.Header.Set("X-GitHub-Event", "issue_comment")
		var read []byte
		c.HookMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			read,
				_ = io.ReadAll(r.Body)
		})).ServeHTTP(httptest.NewRecorder(), req)
		if !bytes.Equal(read, payload) {
			t.Errorf("the receiver read %d bytes, sent were %d", len(read), len(payload))
		}
		return c.Problems()
	}
	wantProblems(t, deliver(t, good.Payload, ""))
	wantProblems(t, deliver(t, good.Payload, "X-Hub-Signature-256"),
		Problem{"WEBHOOK", "issue_comment", "header", "X-Hub-Signature-256", "GitHub always sends it", ""})
	wantProblems(t, deliver(t, []byte(`{`), ""),
		Problem{"WEBHOOK", "issue_comment", "payload", "", "the payload is not JSON: unexpected EOF", ""})
}

// BenchmarkExchange is one exchange recorded and checked, never the same twice.
func BenchmarkExchange(b *testing.B) {
	c := fresh(b)
	answer, err := json.Marshal(documented(b, c, "GET", comments, 200))
	if err != nil {
		b.Fatal(err)
	}
	handler := c.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if _, err := w.Write(answer); err != nil {
			b.Error(err)
		}
	}), "/api/v3")
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		handler.ServeHTTP(httptest.NewRecorder(),
			httptest.NewRequest("GET", fmt.Sprintf("/api/v3/repos/o/r/issues/%d/comments", n), nil))
		c.Wait()
	}
	if problems := c.Problems(); len(problems) > 0 {
		b.Fatal(problems[0])
	}
}
