package sandbox_test

import (
	"testing"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// second is a seed with another repository, which has a label in common with the first.
func second() sandbox.Seed {
	s := seed()
	s.Users, s.Teams, s.Repos = nil, nil, []sandbox.SeedRepo{{
		Name: "docs", DefaultBranch: "main", Labels: []string{"bug"}, Collaborators: map[string]string{"ada": "admin"},
		Commits: []sandbox.SeedCommit{{Message: "begin", Author: "ada", Files: map[string]string{"a": "b"}}},
		Issues:  []sandbox.SeedIssue{{Title: "there before", Author: "eve"}},
	}}
	s.Org = "umbrella"
	return s
}

func TestATransferredIssueIsFoundFromItsOldAddress(t *testing.T) {
	st := open(t)
	must(t, st.Seed(t.Context(), second()))
	st.app(200, "POST", repo+"/issues/1/labels", m{"labels": []string{"bug", "only-here"}})
	st.as("eve", 201, "POST", repo+"/issues/1/comments", m{"body": "hello"})
	st.told()
	number, err := st.TransferIssue("acme/tool", 1, "umbrella/docs")
	must(t, err)
	want(t, number, 2, "the new number")
	first := st.hookOf("issues")
	want(t, at(first, "changes", "new_issue", "number"), 2, "the number in the event")
	want(t, at(first, "changes", "new_repository", "full_name"), "umbrella/docs", "the repository in the event")
	wantEvents(t, st, "issues transferred", "issues opened")
	byID := "/repositories/" + text(float64(st.RepositoryID("umbrella/docs"))) + "/issues/2"
	status, to := st.once("GET", repo+"/issues/1/comments?per_page=5")
	want(t, []any{status, to}, []any{301, byID + "/comments?per_page=5"}, "the old address")
	status, to = st.once("POST", repo+"/issues/1/comments")
	want(t, []any{status, to}, []any{307, byID + "/comments"}, "a write to it")
	is := st.app(200, "GET", repo+"/issues/1", nil)
	want(t, []any{is["number"], is["comments"]}, "[2 1]", "the issue")
	want(t, []any{at(is["labels"], "0", "name"), at(is["labels"], "1")}, "[bug <nil>]", "its labels")
	st.app(403, "POST", repo+"/issues/1/comments", m{"body": "with the token of acme"})
	want(t, len(st.app(200, "GET", repo+"/issues?state=all", nil)["list"].([]any)), 2, "issues that are left")
	want(t, st.app(201, "POST", repo+"/issues", m{"title": "new"})["number"], 4, "a number that was never used")
	if _, err := st.TransferIssue("acme/tool", 2, "umbrella/docs"); err == nil {
		t.Error("a pull request was transferred")
	}
}

func TestADeletedIssueIsGone(t *testing.T) {
	st := open(t)
	must(t, st.DeleteIssue("acme/tool", 1))
	wantEvents(t, st, "issues deleted")
	st.app(410, "GET", repo+"/issues/1", nil)
	st.app(410, "GET", repo+"/issues/1/comments", nil)
	st.app(410, "POST", repo+"/issues/1/comments", m{"body": "hello"})
	st.app(410, "PATCH", repo+"/issues/1", m{"title": "hello"})
	st.app(404, "GET", repo+"/issues/99", nil)
	if st.DeleteIssue("acme/tool", 1) == nil {
		t.Error("an issue was deleted twice")
	}
}

func TestOnlyWhoMayWriteCommentsOnALockedIssue(t *testing.T) {
	st := open(t)
	must(t, st.LockIssue("acme/tool", 1))
	must(t, st.LockIssue("acme/tool", 1))
	want(t, at(st.hookOf("issues"), "issue", "locked"), true, "the event")
	wantEvents(t, st, "issues locked")
	refusal := st.as("eve", 403, "POST", repo+"/issues/1/comments", m{"body": "no"})
	want(t, refusal["message"], "Unable to create comment because issue is locked.", "the answer")
	st.as("bob", 201, "POST", repo+"/issues/1/comments", m{"body": "yes"})
	st.app(201, "POST", repo+"/issues/1/comments", m{"body": "yes"})
	snap, err := st.Snapshot(t.Context(), "acme/tool")
	must(t, err)
	want(t, []any{snap.Issues[0].Locked, snap.Issues[1].Locked}, "[true false]", "the snapshot")
	st.told()
	must(t, st.UnlockIssue("acme/tool", 1))
	st.as("eve", 201, "POST", repo+"/issues/1/comments", m{"body": "thanks"})
	st.as("eve", 403, "PUT", repo+"/issues/2/lock", nil)
	st.as("bob", 204, "PUT", repo+"/issues/2/lock", nil)
	st.as("bob", 204, "DELETE", repo+"/issues/2/lock", nil)
	wantEvents(t, st, "issues unlocked", "issue_comment created", "pull_request locked", "pull_request unlocked")
}

func TestOnlyAChangeOfAssigneesIsTold(t *testing.T) {
	st := open(t)
	st.as("bob", 200, "PATCH", repo+"/issues/1", m{"assignees": []string{"ada", "bob"}})
	st.as("bob", 200, "PATCH", repo+"/issues/1", m{"assignees": []string{"bob", "eve"}})
	want(t, at(st.hookOf("issues"), "issue", "assignees", "1", "id"), float64(st.As("bob").ID()), "the event")
	wantEvents(t, st, "issues assigned", "issues assigned", "issues unassigned", "issues assigned")
	st.as("eve", 200, "PATCH", repo+"/issues/1", m{"state": "closed", "title": "better"})
	st.as("eve", 200, "PATCH", repo+"/issues/1", m{"state": "open"})
	wantEvents(t, st, "issues closed", "issues edited", "issues reopened")
}
