package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/internal/web"
)

// plain is a sandbox without a bot, and its pages.
func plain(t *testing.T) (*sandbox.Server, *httptest.Server) {
	t.Helper()
	s := sandbox.New(sandbox.Options{Dir: t.TempDir(), URL: "http://sandbox.test", Clock: time.Now, Log: zerolog.Nop(),
		App: sandbox.App{Slug: "slipway"}})
	t.Cleanup(func() { _ = s.Close() })
	err := s.Seed(t.Context(), sandbox.Seed{Org: "acme", Users: []string{"ada", "eve"}, Repos: []sandbox.SeedRepo{{
		Name: "tool", DefaultBranch: "main", Collaborators: map[string]string{"ada": "admin"},
		Commits: []sandbox.SeedCommit{{Message: "begin", Author: "ada", Files: map[string]string{
			".github/workflows/build.yml": "name: Build\non: workflow_dispatch\njobs:\n  compile: {}\n  package: " +
				"{needs: compile}\n",
		}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	pages := httptest.NewServer(web.Pages{Sandbox: s, URL: "http://sandbox.test",
		Projects: map[string]web.Project{"acme/tool": {People: []string{"ada", "eve"}}}}.Handler())
	t.Cleanup(pages.Close)
	return s, pages
}

func post(t *testing.T, at string, fields url.Values) string {
	t.Helper()
	resp, err := http.PostForm(at, fields)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAJobIsFinishedOnThePage(t *testing.T) {
	s, pages := plain(t)
	if err := s.As("ada").Do(t.Context(), "POST", "/repos/acme/tool/actions/workflows/build.yml/dispatches",
		map[string]any{"ref": "main"}, nil); err != nil {
		t.Fatal(err)
	}
	at := pages.URL + "/-/acme/tool/runs/" + strconv.FormatInt(s.Runs("acme/tool")[0].ID, 10)
	page := post(t, at, url.Values{"job": {"compile"}, "conclusion": {"success"}})
	if !strings.Contains(page, "compile: completed success") || !strings.Contains(page, "package: in_progress") {
		t.Errorf("after the first job the page shows\n%s", page)
	}
	if page = post(t, at, url.Values{"conclusion": {"nonsense"}}); !strings.Contains(page, "is no conclusion") {
		t.Errorf("a wrong conclusion is answered\n%s", page)
	}
	post(t, at, url.Values{"conclusion": {"failure"}})
	if run := s.Runs("acme/tool")[0]; run.Conclusion != "failure" {
		t.Errorf("the run ended as %q, want failure", run.Conclusion)
	}
}

func TestAnIssueIsOpenedOnThePage(t *testing.T) {
	_, pages := plain(t)
	page := post(t, pages.URL+"/-/acme/tool/issues",
		url.Values{"as": {"eve"}, "title": {"it <b>breaks</b>"}, "body": {"one\r\ntwo"}})
	if !strings.Contains(page, "it &lt;b&gt;breaks&lt;/b&gt;") || !strings.Contains(page, "two") {
		t.Errorf("the new issue is shown as\n%s", page)
	}
	if page = post(t, pages.URL+"/-/acme/tool/issues", url.Values{"as": {"eve"}}); !strings.Contains(page,
		"missing_field") {
		t.Errorf("an issue without a title is answered\n%s", page)
	}
}

func TestAReleaseIsPublishedOnThePage(t *testing.T) {
	s, pages := plain(t)
	page := post(t, pages.URL+"/-/acme/tool/releases", url.Values{"as": {"ada"}, "tag": {"1.0.0"}, "branch": {"main"},
		"files": {"tool.tgz\r\ntool.zip\r\n"}})
	if !strings.Contains(page, "1.0.0 (latest)") {
		t.Errorf("the page does not show the release:\n%s", page)
	}
	var all []struct{ Assets []struct{ Name string } }
	if err := s.As("ada").Do(t.Context(), "GET", "/repos/acme/tool/releases", nil, &all); err != nil || len(all) != 1 ||
		len(all[0].Assets) != 2 {
		t.Errorf("the release is %+v, %v", all, err)
	}
	if page := post(t, pages.URL+"/-/acme/tool/releases",
		url.Values{"as": {"eve"}, "tag": {"1.0.1"}, "branch": {"main"}}); !strings.Contains(page, "class=\"problem\"") {
		t.Errorf("who may not publish is not told:\n%s", page)
	}
}
