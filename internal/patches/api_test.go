package patches_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/internal/store"
)

// get asks the API as a program does.
func (s *stage) get(path string, header ...string) *http.Response {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.p.API().ServeHTTP(w, r)
	return w.Result()
}

// public stores what a delivery says of the repository.
func (s *stage) public(yes bool, away string) {
	s.t.Helper()
	s.must(s.db.PutRepository(s.t.Context(), store.Repository{
		ID: s.id, Name: repo, Installation: s.box.InstallationOf("kubernetes"), Public: yes, Away: away,
	}))
}

const affected131 = "/api/v1/repos/" + repo + "/affected/v1.31.0"

func TestTheAPIAsksGitHubForNothing(t *testing.T) {
	s := open(t, preset)
	s.public(true, "")
	s.file("olga", "a crash", "```release\nintroduced-in=v1.31.0\n```\n")
	s.mu.Lock()
	s.calls = nil
	s.mu.Unlock()
	for _, path := range []string{affected131, "/api/v1/repos/" + repo + "/osv", "/api/v1/repos/nobody/nothing/osv",
		"/api/v1/repos/" + repo + "/affected/v9.9.9", "/api/v1/repos/" + repo + "/affected/%2e%2e"} {
		for range 50 {
			s.get(path).Body.Close()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.calls) > 0 {
		t.Errorf("250 requests made %d of GitHub: %v", len(s.calls), s.calls)
	}
}

func TestTheAPIAnswersForPublicRepositoriesWithAPolicyAlone(t *testing.T) {
	s := open(t, preset)
	s.file("olga", "a crash", "```release\nintroduced-in=v1.31.0\n```\n")
	body := func(resp *http.Response) string {
		t.Helper()
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		s.must(err)
		return string(text)
	}
	unknown := body(s.get("/api/v1/repos/nobody/nothing/osv"))
	hidden := func(why string) {
		t.Helper()
		resp := s.get(affected131)
		if text := body(resp); resp.StatusCode != http.StatusNotFound || text != unknown {
			t.Errorf("%s: answered %d %s", why, resp.StatusCode, text)
		}
	}
	shown := func(why string) {
		t.Helper()
		resp := s.get(affected131)
		if text := body(resp); resp.StatusCode != http.StatusOK || !strings.Contains(text, "a crash") {
			t.Errorf("%s: answered %d %s", why, resp.StatusCode, text)
		}
	}
	hidden("nobody has said that it is public")
	s.public(true, "")
	shown("it is public")
	s.public(true, "uninstalled")
	hidden("the App is not installed any more")
	s.public(false, "")
	hidden("it is private")
	s.public(true, "")
	s.do("sam", "DELETE", "/contents/.github/patch-issues.yaml",
		map[string]any{"message": "x", "sha": s.sha(".github/patch-issues.yaml"), "branch": "master"})
	s.p.Pushed(repo)
	s.must(s.p.Wake(t.Context(), s.id))
	s.settle()
	hidden("it has no policy any more")
}

func TestTheAPISaysWhenNothingChanged(t *testing.T) {
	s := open(t, preset)
	s.public(true, "")
	s.file("olga", "a crash", "```release\nintroduced-in=v1.31.0\n```\n")
	first := s.get(affected131)
	tag := first.Header.Get("ETag")
	want(t, "how long it is fresh", first.Header.Get("Cache-Control"), "public, max-age=60")
	for _, match := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		if resp := s.get(affected131, "If-None-Match", match); resp.StatusCode != http.StatusNotModified {
			t.Errorf("%s: answered %d", match, resp.StatusCode)
		}
	}
	s.file("olga", "another crash", "```release\nintroduced-in=v1.31.0\n```\n")
	if resp := s.get(affected131, "If-None-Match", tag); resp.StatusCode != http.StatusOK {
		t.Errorf("something changed, and it is answered %d", resp.StatusCode)
	}
}

func TestTheIDsOfOSVAreThoseOfTheRepositoryHoweverItIsTyped(t *testing.T) {
	s := open(t, preset)
	s.public(true, "")
	s.file("olga", "a crash", "```release\nintroduced-in=v1.31.0\n```\n")
	one := s.get("/api/v1/repos/" + repo + "/osv")
	other := s.get("/api/v1/repos/" + strings.ToUpper(repo) + "/osv")
	if one.StatusCode != http.StatusOK || one.Header.Get("ETag") != other.Header.Get("ETag") {
		t.Errorf("they differ: %d and %d", one.StatusCode, other.StatusCode)
	}
}

func TestTheAPIForgetsAnIssueThatComesUnderEmbargo(t *testing.T) {
	s := open(t, preset)
	s.public(true, "")
	number := s.file("olga", "a crash", "```release\nintroduced-in=v1.31.0\n```\n")
	before := s.get(affected131).Header.Get("ETag")
	s.do("petra", "POST", fmt.Sprintf("/issues/%d/labels", number), map[string]any{"labels": []string{"security/embargo"}})
	s.settle()
	resp := s.get(affected131)
	text, err := io.ReadAll(resp.Body)
	s.must(err)
	if resp.Header.Get("ETag") == before || strings.Contains(string(text), "crash") {
		t.Errorf("it still tells of it: %s", text)
	}
}
