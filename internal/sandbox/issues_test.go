package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

func TestLabelsAreMadeChangedAndTakenAway(t *testing.T) {
	st := open(t)
	st.app(201, "POST", repo+"/labels", m{"name": "sig/cli", "color": "d2b48c", "description": "the command line"})
	st.app(422, "POST", repo+"/labels", m{"name": "SIG/cli"})
	st.app(422, "POST", repo+"/labels", m{"name": strings.Repeat("x", 51)})
	st.as("eve", 404, "POST", repo+"/issues/1/labels", m{"labels": []string{"bug"}})
	st.app(200, "POST", repo+"/issues/1/labels", m{"labels": []string{"sig/cli", "bug"}})
	st.app(200, "DELETE", repo+"/issues/1/labels/bug", nil)
	st.app(404, "DELETE", repo+"/issues/1/labels/bug", nil)
	wantEvents(t, st, "label created", "issues labeled", "issues labeled", "issues unlabeled")
	want(t, at(st.app(200, "GET", repo+"/issues/1/labels", nil), "list", "0", "name"), "sig/cli", "the label")
	want(t, at(st.app(200, "GET", repo+"/issues/1/events", nil), "list", "2", "event"), "unlabeled", "the history")
	st.app(200, "PATCH", repo+"/labels/sig%2Fcli", m{"new_name": "sig/command-line"})
	st.app(200, "GET", repo+"/labels/sig%2Fcommand-line", nil)
	st.app(200, "PATCH", repo+"/issues/1", m{"labels": []string{"bug"}})
	st.app(204, "DELETE", repo+"/labels/sig%2Fcommand-line", nil)
	wantEvents(t, st, "label edited", "issues unlabeled", "issues labeled", "label deleted")
	want(t, len(st.app(200, "GET", repo+"/issues?labels=bug", nil)["list"].([]any)), 1, "issues with the label")
}

func TestMilestonesComeBySoonestDueDate(t *testing.T) {
	st := open(t)
	st.app(201, "POST", repo+"/milestones", m{"title": "later", "due_on": "2027-01-01T00:00:00Z"})
	st.app(201, "POST", repo+"/milestones", m{"title": "sooner", "due_on": "2026-12-01T00:00:00Z"})
	st.app(422, "POST", repo+"/milestones", m{"title": "sooner"})
	list := st.app(200, "GET", repo+"/milestones", nil)["list"]
	want(t, []any{at(list, "0", "title"), at(list, "1", "title")}, "[sooner later]", "the order")
	st.app(200, "PATCH", repo+"/issues/1", m{"milestone": 1})
	want(t, len(st.app(200, "GET", repo+"/issues?milestone=1", nil)["list"].([]any)), 1, "issues in it")
	want(t, len(st.app(200, "GET", repo+"/issues?milestone=none", nil)["list"].([]any)), 2, "issues in none")
	st.app(200, "PATCH", repo+"/milestones/1", m{"title": "much later", "state": "closed"})
	st.app(204, "DELETE", repo+"/milestones/1", nil)
	st.app(404, "GET", repo+"/milestones/1", nil)
	made := st.app(201, "POST", repo+"/milestones", m{"title": "next"})
	want(t, made["number"], 3, "a number that was never used")
	wantEvents(t, st, "milestone created", "milestone created", "issues milestoned", "milestone closed",
		"milestone deleted", "milestone created")
}

func TestAReactionIsGivenOnce(t *testing.T) {
	st := open(t)
	comment := st.as("eve", 201, "POST", repo+"/issues/1/comments", m{"body": "hello"})
	for _, path := range []string{repo + "/issues/1/reactions",
		repo + "/issues/comments/" + text(comment["id"]) + "/reactions"} {
		first := st.app(201, "POST", path, m{"content": "rocket"})
		want(t, st.app(200, "POST", path, m{"content": "rocket"})["id"], first["id"], "the same reaction")
		st.bad(422, "POST", path, m{"content": "cow"})
		st.as("eve", 404, "DELETE", path+"/"+text(first["id"]), nil)
		want(t, len(st.app(200, "GET", path, nil)["list"].([]any)), 1, "reactions")
		st.app(204, "DELETE", path+"/"+text(first["id"]), nil)
	}
}

func TestAPullRequestIsEditedClosedAndOpenedAgain(t *testing.T) {
	st := open(t)
	whole := st.app(200, "GET", repo+"/pulls/2", nil)
	want(t, []any{whole["mergeable"], whole["mergeable_state"], whole["changed_files"], whole["additions"]},
		"[true clean 1 1]", "what it changes")
	want(t, at(st.app(200, "GET", repo+"/pulls/2/files", nil), "list", "0", "filename"), "docs/b.md", "the file")
	clash := st.app(200, "GET", repo+"/pulls/3", nil)
	want(t, []any{clash["mergeable"], clash["mergeable_state"]}, "[false dirty]", "a conflict")
	st.as("bob", 405, "PUT", repo+"/pulls/3/merge", m{"merge_method": "merge"})
	st.as("bob", 409, "PUT", repo+"/pulls/2/merge", m{"sha": st.branch("clash")})
	st.as("eve", 404, "PATCH", repo+"/pulls/2", m{"title": "mine"})
	st.as("bob", 200, "PATCH", repo+"/pulls/2", m{"title": "a better title", "body": "why"})
	st.as("bob", 200, "PATCH", repo+"/pulls/2", m{"state": "closed"})
	st.as("bob", 405, "PUT", repo+"/pulls/2/merge", nil)
	st.as("bob", 200, "PATCH", repo+"/pulls/2", m{"state": "open"})
	st.as("bob", 200, "PUT", repo+"/pulls/2/merge", m{"merge_method": "rebase"})
	st.as("bob", 422, "PATCH", repo+"/pulls/2", m{"state": "open"})
	wantEvents(t, st, "pull_request edited", "pull_request closed", "pull_request reopened", "push",
		"pull_request closed")
}

func TestPeopleAndTeamsAreListed(t *testing.T) {
	st := open(t)
	want(t, at(st.app(200, "GET", repo+"/collaborators", nil), "list", "1", "role_name"), "write", "bob's role")
	st.app(204, "GET", repo+"/collaborators/BOB", nil)
	st.app(404, "GET", repo+"/collaborators/eve", nil)
	want(t, at(st.app(200, "GET", "/orgs/acme/teams", nil), "list", "0", "slug"), "keepers", "the team")
	want(t, st.app(200, "GET", "/orgs/acme/teams/keepers", nil)["members_count"], 2, "its size")
	want(t, at(st.app(200, "GET", "/orgs/acme/teams/keepers/members", nil), "list", "0", "login"), "ada", "a member")
	st.app(404, "GET", "/orgs/acme/teams/others/members", nil)
	want(t, st.app(200, "GET", "/installation/repositories", nil)["total_count"], 1, "repositories")
}

func TestTheRateLimitsAreCountedAndHeld(t *testing.T) {
	st := open(t, func(o *sandbox.Options) { o.Limits = sandbox.Limits{Hourly: 6, ContentMinute: 2} })
	get := func(etag string) *http.Response {
		resp := st.raw(t, "token "+st.token, "GET", repo+"/issues/1", nil, http.Header{"If-None-Match": {etag}})
		_ = resp.Body.Close()
		return resp
	}
	first := get("")
	again := get(first.Header.Get("ETag"))
	want(t, []any{again.StatusCode, first.Header.Get("X-RateLimit-Remaining"),
		again.Header.Get("X-RateLimit-Remaining")}, "[304 5 5]", "a 304 costs nothing")
	st.app(201, "POST", repo+"/issues", m{"title": "1"})
	st.app(201, "POST", repo+"/issues", m{"title": "2"})
	resp := st.raw(t, "token "+st.token, "POST", repo+"/issues", m{"title": "3"}, nil)
	_ = resp.Body.Close()
	want(t, []any{resp.StatusCode, resp.Header.Get("Retry-After")}, "[403 60]", "the secondary limit")
	st.now = st.now.Add(time.Minute)
	st.app(201, "POST", repo+"/issues", m{"title": "3"})
	st.app(200, "GET", "/rate_limit", nil)
	out := get("")
	want(t, []any{out.StatusCode, out.Header.Get("X-RateLimit-Remaining")}, "[403 0]", "the hourly limit")
	st.now = st.now.Add(time.Hour)
	st.token = st.installation(t, nil)
	st.app(200, "GET", repo+"/issues/1", nil)
}

func TestABodyHasALimit(t *testing.T) {
	st := open(t)
	st.app(422, "POST", repo+"/issues/1/comments", m{"body": strings.Repeat("x", sandbox.MaxText+1)})
	st.app(201, "POST", repo+"/issues/1/comments", m{"body": strings.Repeat("é", sandbox.MaxText)})
}
