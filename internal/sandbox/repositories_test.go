package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
)

// once makes a request as the App and follows no redirect.
func (st *stage) once(method, path string) (status int, to string) {
	st.t.Helper()
	body := strings.NewReader(`{"body": "hello"}`)
	req, err := http.NewRequestWithContext(st.t.Context(), method, st.url+"/api/v3"+path, body)
	if err != nil {
		st.t.Fatal(err)
	}
	if method == "GET" {
		req.Body = http.NoBody
	}
	req.Header.Set("Authorization", "token "+st.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		st.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode, strings.TrimPrefix(resp.Header.Get("Location"), st.url+"/api/v3")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheOldNameOfARepositoryLeadsToIt(t *testing.T) {
	st := open(t)
	id := st.RepositoryID("acme/tool")
	must(t, st.RenameRepository("acme/tool", "Hammer"))
	wantEvents(t, st, "repository renamed")
	byID := "/repositories/" + text(float64(id))
	for _, test := range []struct {
		method, path string
		status       int
		to           string
	}{
		{"GET", repo, 301, byID},
		{"GET", repo + "/issues?state=all&labels=a%2Fb", 301, byID + "/issues?state=all&labels=a%2Fb"},
		{"POST", repo + "/issues/1/comments", 307, byID + "/issues/1/comments"},
		{"GET", "/repos/acme/nothing", 404, ""},
		{"GET", "/repositories/1/issues", 404, ""},
	} {
		status, to := st.once(test.method, test.path)
		want(t, []any{status, to}, []any{test.status, test.to}, test.method+" "+test.path)
	}
	st.app(201, "POST", repo+"/issues/1/comments", m{"body": "through the old name"})
	want(t, st.app(200, "GET", repo, nil)["full_name"], "acme/Hammer", "the new name")
	want(t, st.app(200, "GET", byID, nil)["id"], float64(id), "the same id")
	want(t, len(st.app(200, "GET", "/repos/acme/hammer/issues/1/comments", nil)["list"].([]any)), 1, "comments")
	st.app(200, "GET", "/repos/acme/hammer/contents/VERSION?ref=v1.0.0", nil)
	_, err := st.As("bob").Commit(t.Context(), "acme/hammer", "main", "", "after the move", map[string]string{"x": "y"})
	must(t, err)
	if err := st.RenameRepository("acme/tool", "else"); err == nil {
		t.Error("a repository was renamed by its old name")
	}
	st.told()
	must(t, st.RenameRepository("acme/Hammer", "tool"))
	st.app(200, "GET", "/repos/acme/hammer/issues/1", nil)
	want(t, at(st.hookOf("repository"), "changes", "repository", "name", "from"), "Hammer", "the name before")
}

func TestATransferredRepositoryGoesWithItsNewInstallation(t *testing.T) {
	st := open(t)
	other := st.Install("umbrella")
	st.told()
	must(t, st.TransferRepository("acme/tool", "umbrella"))
	st.Flush()
	moved := st.hookOf("repository")
	want(t, at(moved, "repository", "full_name"), "umbrella/tool", "the repository")
	want(t, at(moved, "installation", "id"), float64(other), "the installation")
	want(t, at(moved, "changes", "owner", "from", "organization", "login"), "acme", "the owner before")
	wantEvents(t, st, "installation_repositories removed", "installation_repositories added", "repository transferred")
	st.app(200, "GET", repo+"/issues/1", nil)
	st.app(403, "POST", repo+"/issues/1/comments", m{"body": "with the token of acme"})
	want(t, st.itself(200, "GET", "/repos/umbrella/tool/installation")["id"], float64(other), "the installation")
}

func TestARepositoryTransferredToWhereTheAppIsNotCanOnlyBeRead(t *testing.T) {
	st := open(t)
	must(t, st.TransferRepository("acme/tool", "elsewhere"))
	wantEvents(t, st, "installation_repositories removed")
	st.app(200, "GET", repo+"/issues/1", nil)
	st.app(403, "POST", repo+"/issues/1/comments", m{"body": "hello"})
	st.itself(404, "GET", "/repos/elsewhere/tool/installation")
	st.as("eve", 201, "POST", "/repos/elsewhere/tool/issues/1/comments", m{"body": "hello"})
	wantEvents(t, st)
}

func TestADeletedRepositoryIsGone(t *testing.T) {
	st := open(t)
	must(t, st.DeleteRepository("acme/tool"))
	wantEvents(t, st, "repository deleted")
	st.app(404, "GET", repo, nil)
	st.app(404, "POST", repo+"/issues/1/comments", m{"body": "hello"})
	if st.RepositoryID("acme/tool") != 0 {
		t.Error("it has an id")
	}
}

func TestARenamedPersonKeepsTheIDAndTheRole(t *testing.T) {
	st := open(t)
	id := st.As("bob").ID()
	must(t, st.RenameUser("bob", "Robert"))
	want(t, []any{st.As("robert").ID(), st.As("bob").ID()}, []any{id, 0}, "the ids")
	want(t, st.app(200, "GET", repo+"/collaborators/robert/permission", nil)["role_name"], "write", "the role")
	st.app(200, "GET", "/users/robert", nil)
	want(t, st.app(200, "GET", "/user/"+text(float64(id)), nil)["login"], "Robert", "the login")
	want(t, at(st.app(200, "GET", "/orgs/acme/teams/keepers/members", nil), "list", "1", "login"), "Robert", "the team")
	st.app(404, "GET", "/users/bob", nil)
}
