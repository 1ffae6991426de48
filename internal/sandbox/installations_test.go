package sandbox_test

import (
	"fmt"
	"maps"
	"testing"
)

func (st *stage) tokenOf(t *testing.T, status int, installation int64) {
	t.Helper()
	st.must(st.jwt(), status, "POST", fmt.Sprintf("/app/installations/%d/access_tokens", installation), m{})
}

func TestAnUninstalledAppHasNothingUntilItIsInstalledAgain(t *testing.T) {
	st := open(t)
	before := st.InstallationOf("acme")
	must(t, st.Uninstall("acme"))
	wantEvents(t, st, "installation deleted")
	st.app(401, "GET", repo+"/issues/1", nil)
	st.tokenOf(t, 404, before)
	st.itself(404, "GET", repo+"/installation")
	want(t, len(st.itself(200, "GET", "/app/installations")["list"].([]any)), 0, "installations")
	st.as("eve", 201, "POST", repo+"/issues/1/comments", m{"body": "nobody hears it"})
	wantEvents(t, st)

	after := st.Install("acme")
	if after == before || st.Install("acme") != after {
		t.Errorf("the installation was %d and is %d", before, after)
	}
	want(t, at(st.hookOf("installation"), "repositories", "0", "full_name"), "acme/tool", "its repositories")
	wantEvents(t, st, "installation created")
	st.token = st.installation(t, nil)
	st.app(201, "POST", repo+"/issues/1/comments", m{"body": "back"})
	wantEvents(t, st, "issue_comment created")
	if st.Uninstall("nowhere") == nil {
		t.Error("the App was taken out of where it is not")
	}
}

func TestASuspendedAppIsAnswered403(t *testing.T) {
	st := open(t)
	must(t, st.Suspend("acme"))
	in := st.itself(200, "GET", "/orgs/acme/installation")
	want(t, []any{at(in, "suspended_by", "login"), in["suspended_at"]}, "[ada 2026-11-21T12:00:00Z]",
		"by whom and when")
	want(t, st.app(403, "GET", repo+"/issues/1", nil)["message"], "This installation has been suspended", "the answer")
	want(t, st.graphql("token "+st.token, 403, minimize, nil)["message"], "This installation has been suspended",
		"of GraphQL")
	st.tokenOf(t, 403, st.InstallationOf("acme"))
	st.as("eve", 201, "POST", repo+"/issues/1/comments", m{"body": "nobody hears it"})
	wantEvents(t, st, "installation suspend")
	must(t, st.Unsuspend("acme"))
	st.app(200, "GET", repo+"/issues/1", nil)
	wantEvents(t, st, "installation unsuspend")
}

func TestPermissionsThatWereTakenAwayFailAtTheNextCall(t *testing.T) {
	st := open(t)
	less := maps.Clone(everything)
	less["issues"] = "read"
	st.SetPermissions(less)
	wantEvents(t, st, "installation new_permissions_accepted")
	resp := st.raw(t, "token "+st.token, "POST", repo+"/issues/1/comments", m{"body": "hello"}, nil)
	_ = resp.Body.Close()
	want(t, []any{resp.StatusCode, resp.Header.Get("X-Accepted-GitHub-Permissions")}, "[403 issues=write]",
		"the answer")
	st.app(200, "GET", repo+"/issues/1", nil)
	st.SetPermissions(everything)
	made := st.app(201, "POST", repo+"/issues/1/comments", m{"body": "hello"})
	want(t, at(made, "performed_via_github_app", "permissions", "issues"), "write", "the App in its comment")
}

func TestARepositoryIsTakenOutOfTheInstallation(t *testing.T) {
	st := open(t)
	must(t, st.UnselectRepository("acme/tool"))
	want(t, at(st.hookOf("installation_repositories"), "repositories_removed", "0", "name"), "tool", "the repository")
	wantEvents(t, st, "installation_repositories removed")
	st.app(403, "POST", repo+"/issues/1/comments", m{"body": "hello"})
	st.app(200, "GET", repo+"/issues/1", nil)
	st.itself(404, "GET", repo+"/installation")
	want(t, st.app(200, "GET", "/installation/repositories", nil)["total_count"], 0, "repositories")
	st.as("eve", 201, "POST", repo+"/issues/1/comments", m{"body": "nobody hears it"})
	wantEvents(t, st)
	must(t, st.SelectRepository("acme/tool"))
	wantEvents(t, st, "installation_repositories added")
	st.app(201, "POST", repo+"/issues/1/comments", m{"body": "hello"})
}
