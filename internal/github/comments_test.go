package github

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

const appComment = `{"id":3,"node_id":"IC_3","body":"hi","html_url":"u","user":{"id":41,"login":"slipway[bot]",` +
	`"type":"Bot"},` +
	`"performed_via_github_app":{"id":7},"created_at":"2026-05-04T12:00:00Z","updated_at":"2026-05-04T12:01:00Z"}`

func appCommentValue() step.Comment {
	return step.Comment{
		ID: 3, NodeID: "IC_3", Author: "slipway[bot]", AuthorID: 41, Bot: true, App: 7, Body: "hi", URL: "u",
		At: start, Updated: start.Add(time.Minute),
	}
}

func TestACommentSaysWhoWroteItAndWhen(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{
		"GET repos/a/b/issues/comments/3":                                         appComment,
		"GET repos/a/b/issues/1/comments?per_page=100&since=2026-05-04T12:00:00Z": "[" + appComment + "]",
		`POST repos/a/b/issues/1/comments`:                                        appComment,
	}))
	gh := app.Installation(1)
	one, found, err := gh.Comment(t.Context(), "a/b", 3)
	same(t, appCommentValue(), must(one, err)(t))
	same(t, true, found)
	_, found, err = gh.Comment(t.Context(), "a/b", 4)
	same(t, false, must(found, err)(t))
	same(t, []step.Comment{appCommentValue()}, must(gh.CommentsAfter(t.Context(), "a/b", 1, start))(t))
	same(t, appCommentValue(), must(gh.CreateComment(t.Context(), "a/b", 1, "hi"))(t))
}

func TestAnEditedIssueIsWhatGitHubAnswers(t *testing.T) {
	f, app := open(t, Pace{}, routes(map[string]string{
		"PATCH repos/a/b/issues/1": `{"id":91,"number":1,"body":"old","locked":true,"user":{"id":40,"login":"ann"},` +
			`"assignees":[{"id":42,"login":"bob"}]}`,
	}))
	got := must(app.Installation(1).EditIssueBody(t.Context(), "a/b", 1, "new"))(t)
	same(t, step.Issue{
		Item: step.Item{Number: 1, Author: "ann"}, ID: 91, AuthorID: 40, Body: "old", Locked: true,
		Assignees: []step.User{{Login: "bob", ID: 42}},
	}, got)
	same(t, []string{`PATCH repos/a/b/issues/1 {"body":"new"}`}, f.asked)
}

func TestAUserIsLookedUp(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{"GET users/ann": `{"id":40,"login":"ann"}`}))
	for login, want := range map[string]step.User{"ann": {Login: "ann", ID: 40}, "nobody": {}} {
		who, found, err := app.Installation(1).User(t.Context(), login)
		same(t, want, must(who, err)(t))
		same(t, want.ID != 0, found)
	}
}

func TestACommentIsFoldedAsOutdated(t *testing.T) {
	minimized := func(text string) func(http.ResponseWriter, *http.Request, string) {
		return func(w http.ResponseWriter, _ *http.Request, _ string) { fmt.Fprint(w, text) }
	}
	t.Run("beside the REST API", func(t *testing.T) {
		f, app := open(t, Pace{}, minimized(`{"data":{"minimizeComment":{"minimizedComment":{"isMinimized":true}}}}`))
		if err := app.Installation(1).Minimize(t.Context(), "a/b", "IC_3"); err != nil {
			t.Fatal(err)
		}
		asked := f.asked[0]
		if !strings.HasPrefix(asked, "POST /api/graphql {") || !strings.Contains(asked, `"variables":{"id":"IC_3"}`) ||
			!strings.Contains(asked, "OUTDATED") {
			t.Error(asked)
		}
	})
	for name, test := range map[string]struct{ answer, fails string }{
		"deleted": {`{"data":{"minimizeComment":null},"errors":[{"type":"NOT_FOUND","message":"Could not resolve ` +
			`to a node"}]}`, "404 Could not resolve to a node"},
		"forbidden": {`{"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by integration"}]}`,
			"403 Resource not accessible by integration"},
		"limited": {`{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}`,
			"asks to wait until 2026-05-04T12:01:00Z"},
		"open": {`{"data":{"minimizeComment":{"minimizedComment":{"isMinimized":false}}}}`, "it is not folded"},
	} {
		t.Run(name, func(t *testing.T) {
			_, app := open(t, Pace{}, minimized(test.answer))
			err := app.Installation(1).Minimize(t.Context(), "a/b", "IC_3")
			if err == nil || !strings.Contains(err.Error(), test.fails) {
				t.Errorf("want %q, got %v", test.fails, err)
			}
			same(t, name == "deleted", errors.Is(err, step.ErrGone))
		})
	}
}

func TestTheGraphQLAPIIsBesideTheRESTAPI(t *testing.T) {
	for base, want := range map[string]string{
		"https://api.github.com/":    "https://api.github.com/graphql",
		"https://ghe.corp/api/v3/":   "https://ghe.corp/api/graphql",
		"https://api.tenant.ghe.com": "https://api.tenant.ghe.com/graphql",
	} {
		at, err := url.Parse(base)
		same(t, want, graphqlURL(must(at, err)(t)))
	}
}
