package github

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/release/step"
)

// fakeGitHub answers with a function, and keeps "METHOD path?query body" of what it was asked. Tokens are its own.
type fakeGitHub struct {
	mu     sync.Mutex
	asked  []string
	slept  []time.Duration
	now    time.Time
	answer func(w http.ResponseWriter, r *http.Request, body string)
	tokens []func(http.ResponseWriter) // refusals of access tokens, each once
	asking int                         // for access tokens
	log    bytes.Buffer
}

// requests is what was asked so far: no answer orders it before the test where the answer was lost.
func (f *fakeGitHub) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

// pass lets time go by.
func (f *fakeGitHub) pass(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

// testKey is one key for all tests: making one takes longer than a test.
var testKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

var start = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func (f *fakeGitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/access_tokens") {
		f.asking++
		if len(f.tokens) > 0 {
			refuse := f.tokens[0]
			f.tokens = f.tokens[1:]
			refuse(w)
			return
		}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"token":"ghs_secret","expires_at":"2099-01-01T00:00:00Z"}`)
		return
	}
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.asked = append(f.asked,
		strings.TrimSpace(r.Method+" "+strings.TrimPrefix(r.RequestURI, "/api/v3/")+" "+string(body)))
	f.mu.Unlock()
	f.answer(w, r, string(body))
}

func open(t *testing.T, pace Pace, answer func(w http.ResponseWriter, r *http.Request, body string)) (*fakeGitHub,
	*App) {
	t.Helper()
	f := &fakeGitHub{now: start, answer: answer}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	rsaKey, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	app, err := New(Config{
		AppID: 7, V3URL: server.URL + "/api/v3/", Log: zerolog.New(&f.log), Pace: pace,
		PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)}),
		Clock:      func() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.now },
		Sleep: func(_ context.Context, d time.Duration) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.slept, f.now = append(f.slept, d), f.now.Add(d)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, app
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// refusals answers each request with the next of them, and then with a repository.
func refusals(list ...func(w http.ResponseWriter)) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ string) {
		if len(list) > 0 {
			next := list[0]
			list = list[1:]
			next(w)
			return
		}
		fmt.Fprint(w, `{"default_branch":"main"}`)
	}
}

func says(status int, body string, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func TestAReadWaitsAndTriesAgain(t *testing.T) {
	soon := fmt.Sprint(start.Add(4 * time.Second).Unix())
	late := start.Add(6 * time.Second)
	broken := says(502, `<html>`)
	for name, test := range map[string]struct {
		answers []func(http.ResponseWriter)
		slept   []time.Duration
		asked   int
		limited time.Time
		fails   string
	}{
		"after two failures of GitHub": {answers: []func(http.ResponseWriter){broken, broken},
			slept: []time.Duration{time.Second, 2 * time.Second}, asked: 3},
		"but not a fourth time": {answers: []func(http.ResponseWriter){broken, broken, broken},
			slept: []time.Duration{time.Second, 2 * time.Second}, asked: 3,
			fails: "read the default branch of a/b: 502 Bad Gateway"},
		"as retry-after says": {answers: []func(http.ResponseWriter){says(429, `{}`, "Retry-After", "5")},
			slept: []time.Duration{5 * time.Second}, asked: 2},
		"until the reset": {answers: []func(http.ResponseWriter){
			says(403, `{}`, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", soon)},
			slept: []time.Duration{4 * time.Second}, asked: 2},
		"never longer than five seconds": {answers: []func(http.ResponseWriter){says(403, `{}`, "Retry-After", "6")},
			asked: 1, limited: late},
		"a minute for the secondary limit": {answers: []func(http.ResponseWriter){
			says(403, `{"message":"You have exceeded a secondary rate limit."}`)}, asked: 1,
			limited: start.Add(time.Minute)},
		"never for a missing permission": {answers: []func(http.ResponseWriter){
			says(403, `{"message":"Resource not accessible by integration"}`)}, asked: 1,
			fails: "read the default branch of a/b: 403 Resource not accessible by integration"},
	} {
		t.Run(name, func(t *testing.T) {
			f, app := open(t, Pace{}, refusals(test.answers...))
			_, err := app.Installation(1).DefaultBranch(t.Context(), "a/b")
			same(t, test.slept, f.slept)
			same(t, test.asked, len(f.asked))
			if limited, ok := errors.AsType[*Limited](err); ok || !test.limited.IsZero() {
				if !ok || !limited.Until.Equal(test.limited) {
					t.Errorf("want a limit until %s, got %v", test.limited, err)
				}
				return
			}
			got := ""
			if err != nil {
				got = err.Error()
			}
			same(t, test.fails, got)
		})
	}
}

func TestAWriteIsMadeOnce(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"when GitHub fails":      says(502, `{}`),
		"when the rate is limit": says(429, `{}`, "Retry-After", "5"),
		"when the answer is lost": func(w http.ResponseWriter) {
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				conn.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, app := open(t, Pace{}, refusals(answer))
			if err := app.Installation(1).CreateBranch(t.Context(), "a/b", "x", "s"); err == nil {
				t.Error("the refusal got lost")
			}
			same(t, []string{`POST repos/a/b/git/refs {"ref":"refs/heads/x","sha":"s"}`}, f.requests())
			same(t, []time.Duration(nil), f.slept)
		})
	}
}

func TestWritesKeepThePaceOfTheirInstallation(t *testing.T) {
	f, app := open(t, Pace{PerMinute: 2, PerHour: 3},
		func(w http.ResponseWriter, _ *http.Request, _ string) { fmt.Fprint(w, `{"number":1}`) })
	write := func(installation int64) error {
		return app.Installation(installation).EditBody(t.Context(), "a/b", 1, "x")
	}
	for _, later := range []time.Duration{0, 0, 56 * time.Second} {
		f.pass(later)
		if err := write(1); err != nil {
			t.Fatal(err)
		}
	}
	same(t, []time.Duration{4 * time.Second}, f.slept)
	limited, ok := errors.AsType[*Limited](write(1))
	if !ok || !limited.Until.Equal(start.Add(time.Hour)) {
		t.Errorf("want a limit until an hour after the first write, got %v", limited)
	}
	if err := write(2); err != nil {
		t.Errorf("another installation has its own pace: %v", err)
	}
	same(t, 4, len(f.asked))
}

func TestAnAnswerIsAskedForConditionallyAndPerInstallation(t *testing.T) {
	var conditions []string
	_, app := open(t, Pace{}, func(w http.ResponseWriter, r *http.Request, _ string) {
		conditions = append(conditions, r.Header.Get("If-None-Match"))
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, `{"default_branch":"main"}`)
	})
	for _, installation := range []int64{1, 1, 2} {
		branch, err := app.Installation(installation).DefaultBranch(t.Context(), "a/b")
		if err != nil {
			t.Fatal(err)
		}
		same(t, "main", branch)
	}
	same(t, []string{"", `"1"`, ""}, conditions)
}

func TestTheCacheForgetsTheLeastRecentlyUsed(t *testing.T) {
	c := newCache(2, 1000)
	request := func(path string) *http.Request { return httptest.NewRequest(http.MethodGet, "https://h/"+path, nil) }
	for _, path := range []string{"a", "b", "a", "c"} {
		if c.ask(1, request(path)) == nil {
			c.keep(&entry{key: key(1, request(path)), etag: path, body: []byte(path)})
		}
	}
	have := map[string]bool{}
	for _, path := range []string{"a", "b", "c"} {
		have[path] = c.ask(1, request(path)) != nil
	}
	have["of another"] = c.ask(2, request("a")) != nil
	same(t, map[string]bool{"a": true, "b": false, "c": true, "of another": false}, have)
	same(t, 2, c.bytes)
}

func TestNoTokenGoesToAnotherHost(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the other host was asked")
	}))
	defer other.Close()
	_, app := open(t, Pace{}, func(w http.ResponseWriter, r *http.Request, _ string) {
		http.Redirect(w, r, other.URL, http.StatusFound)
	})
	_, err := app.Installation(1).DefaultBranch(t.Context(), "a/b")
	if err == nil || strings.Contains(err.Error(), "ghs_secret") {
		t.Errorf("want a refusal without the token, got %v", err)
	}
}

func TestAMovedRepositoryDoesNotSwallowAWrite(t *testing.T) {
	_, app := open(t, Pace{}, func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.Method != http.MethodGet {
			http.Redirect(w, r, "/api/v3/repositories/1/issues/1", http.StatusMovedPermanently)
		}
	})
	if err := app.Installation(1).EditBody(t.Context(), "a/b", 1, "x"); err == nil {
		t.Error("a write that was not made looks like success")
	}
}

func TestErrorsSayWhatIsWrong(t *testing.T) {
	_, app := open(t, Pace{}, refusals(
		says(403, `{"message":"Resource not accessible by integration"}`, "X-Accepted-GitHub-Permissions",
			"contents=write; contents=write,workflows=write"),
		says(404, `{"message":"Not Found"}`),
		says(404, `{"message":"Not Found"}`),
		says(422, `{"message":"Validation Failed","errors":[{"resource":"Milestone","field":"title",`+
			`"code":"already_exists"},"and more"]}`),
	))
	gh := app.Installation(1)
	err := gh.CreateTag(t.Context(), "falcosecurity/libs", "0.21.0", "s", "")
	same(t, "create tag 0.21.0 in falcosecurity/libs: 403 Resource not accessible by integration", err.Error())
	forbidden, ok := errors.AsType[*Forbidden](err)
	if !ok {
		t.Fatalf("want Forbidden, got %T", err)
	}
	same(t, "contents: write or contents: write and workflows: write", forbidden.MissingPermission())
	if err := gh.React(t.Context(), "a/b", 1, "rocket"); !errors.Is(err, step.ErrGone) {
		t.Errorf("want gone, got %v", err)
	}
	if err := gh.CreateBranch(t.Context(), "a/b", "x", "s"); err == nil || errors.Is(err, step.ErrGone) {
		t.Errorf("a repository that the App may not see is not gone: %v", err)
	}
	_, err = gh.CreateMilestone(t.Context(), "a/b", step.Milestone{Title: "1"})
	same(t, "create milestone 1 in a/b: 422 Validation Failed: Milestone title already_exists: and more", err.Error())
}

func TestNoSecretIsInALogOrAnError(t *testing.T) {
	f, app := open(t, Pace{}, refusals(
		says(403, `{"message":"no"}`),
		says(403, `{}`, "Retry-After", "5"),
		says(502, `<html>`),
		func(w http.ResponseWriter) {
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				conn.Close()
			}
		},
	))
	gh := app.Installation(1)
	texts := []string{fmt.Sprint(gh.CreateBranch(t.Context(), "a/b", "x", "s"),
		gh.EditBody(t.Context(), "a/b", 1, "x"))}
	_, read := gh.DefaultBranch(t.Context(), "a/b")
	_, _, self := app.Self(t.Context())
	f.tokens = []func(http.ResponseWriter){says(401, `{}`)}
	_, other := app.Installation(2).DefaultBranch(t.Context(), "a/b")
	_, key := New(Config{AppID: 1, V3URL: "https://h/", PrivateKey: []byte("-----BEGIN RSA PRIVATE KEY-----\nsecret")})
	texts = append(texts, fmt.Sprint(read, self, other, key), f.log.String())
	for _, text := range texts {
		for _, secret := range []string{"ghs_", "secret", "Bearer", "eyJ", "BEGIN"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in %s", secret, text)
			}
		}
	}
	same(t, true, other != nil && key != nil && f.log.Len() > 0)
}
