package web_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/web"
)

// A newcomer opens the tracking issue, comments as the release manager, and sees what happened.
func TestANewcomerDrivesAReleaseFromThePage(t *testing.T) {
	st, err := demo.Open(t.Context(), demo.StageOptions{
		Clock: time.Now, Log: zerolog.Nop(), Seed: demo.FalcoLibs(),
		Page: func(st *demo.Stage) http.Handler {
			return web.Pages{Sandbox: st.Sandbox, URL: st.URL,
				Projects: map[string]web.Project{demo.Libs: {People: []string{demo.Manager, demo.Maria, demo.Outsider},
					Template: "## Symptoms\n"}}}.Handler()
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	issue := st.URL + "/-/falcosecurity/libs/issues/1"
	get := func(at string) string {
		t.Helper()
		resp, err := http.Get(at)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %v", at, resp.StatusCode, err)
		}
		return string(text)
	}
	say := func(as, text string, header http.Header) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, issue,
			strings.NewReader(url.Values{"as": {as}, "body": {text}, "do": {"comment"}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = header
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if err := st.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode
	}
	if code := say(demo.Maria, "/release prepare", http.Header{}); code != http.StatusOK {
		t.Errorf("commenting answers %d", code)
	}
	if page := get(issue); !strings.Contains(page, "<strong>Preparation</strong> is done") ||
		!strings.Contains(page, "🚀") {
		t.Errorf("the page does not show that the preparation is done:\n%s", page)
	}
	say(demo.Outsider, "/release freeze <script>alert(1)</script>", http.Header{})
	page := get(issue)
	if strings.Contains(page, "<script>") || !strings.Contains(page, "<strong>Refused:</strong>") {
		t.Errorf("the page is not clean, or does not show the refusal:\n%s", page)
	}
	if code := say(demo.Manager, "/release freeze",
		http.Header{"Sec-Fetch-Site": {"cross-site"}}); code != http.StatusForbidden {
		t.Errorf("a form of another page is answered %d, want 403", code)
	}
	// The links that Slipway writes lead somewhere.
	if page := get(st.URL + "/falcosecurity/libs/milestone/1"); !strings.Contains(page, "release/0.20.x") {
		t.Errorf("the link of a milestone leads to\n%s", page)
	}
	if page := get(st.URL + "/"); !strings.Contains(page, "falcosecurity/libs") {
		t.Errorf("the first page does not list the repository:\n%s", page)
	}
}
