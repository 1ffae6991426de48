package sandbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// graphql sends a document and gives the answer.
func (st *stage) graphql(auth string, status int, query string, variables m) map[string]any {
	st.t.Helper()
	text, err := json.Marshal(m{"query": query, "variables": variables})
	if err != nil {
		st.t.Fatal(err)
	}
	url := st.url + sandbox.GraphQLPath
	req, err := http.NewRequestWithContext(st.t.Context(), "POST", url, strings.NewReader(string(text)))
	if err != nil {
		st.t.Fatal(err)
	}
	req.Header.Set("Authorization", auth)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		st.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		st.t.Fatal(err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(body, &out); err != nil || resp.StatusCode != status {
		st.t.Fatalf("%s: %d %s: %v", query, resp.StatusCode, body, err)
	}
	return out
}

const minimize = `mutation Hide($id: ID!, $why: ReportedContentClassifiers!) {
  minimizeComment(input: {subjectId: $id, classifier: $why}) { minimizedComment { isMinimized minimizedReason } }
}`

func (st *stage) shown(t *testing.T) []sandbox.SnapComment {
	t.Helper()
	snap, err := st.Snapshot(t.Context(), "acme/tool")
	if err != nil {
		t.Fatal(err)
	}
	return snap.Issues[0].Comments
}

func TestACommentIsMinimized(t *testing.T) {
	st := open(t)
	one := st.app(201, "POST", repo+"/issues/1/comments", m{"body": "one"})
	two := st.as("eve", 201, "POST", repo+"/issues/1/comments", m{"body": "two"})
	st.told()
	out := st.graphql("token "+st.token, 200, minimize, m{"id": one["node_id"], "why": "OUTDATED"})
	hidden := at(out, "data", "minimizeComment", "minimizedComment")
	want(t, []any{hidden, out["errors"]}, "[map[isMinimized:true minimizedReason:outdated] <nil>]", "the answer")
	want(t, []any{st.shown(t)[0].Minimized, st.shown(t)[1].Minimized}, "[true false]", "minimized")
	path := repo + "/issues/comments/"
	want(t, at(st.app(200, "GET", path+text(one["id"]), nil), "minimized", "reason"), "outdated", "the first")
	want(t, at(st.app(200, "GET", path+text(two["id"]), nil), "minimized"), nil, "the second")
	wantEvents(t, st)

	both := fmt.Sprintf(`mutation {
	  a: minimizeComment(input: {subjectId: %q, classifier: OUTDATED}) { clientMutationId }
	  b: minimizeComment(input: {subjectId: "IC_1", classifier: OUTDATED}) { clientMutationId } }`, two["node_id"])
	out = st.graphql("bearer user:bob", 200, both, nil)
	want(t, out["data"], "map[a:map[clientMutationId:<nil>] b:<nil>]", "the answer to two")
	wrong := at(out["errors"], "0")
	want(t, []any{at(wrong, "type"), at(wrong, "path", "0"), at(wrong, "locations", "0", "line")}, "[NOT_FOUND b 3]",
		"the error")
	want(t, st.shown(t)[1].Minimized, true, "minimized by a person")
}

func TestGraphQLSaysNoInItsOwnShape(t *testing.T) {
	st := open(t)
	one := st.app(201, "POST", repo+"/issues/1/comments", m{"body": "one"})
	narrow := "token " + st.installation(t, m{"permissions": m{"issues": "read"}})
	for _, test := range []struct {
		name, auth, query string
		id, why           any
		want              string // how the message begins
	}{
		{"a person without a role", "token user:eve", minimize, one["node_id"], "OUTDATED",
			"eve does not have the correct"},
		{"a token that may only read", narrow, minimize, one["node_id"], "OUTDATED",
			"Resource not accessible by integration"},
		{"an unknown comment", narrow, minimize, "IC_9", "OUTDATED", "Could not resolve to a node with the global id"},
		{"an unknown reason", narrow, minimize, one["node_id"], "OLD", "Argument 'classifier'"},
		{"no id", narrow, minimize, nil, "OUTDATED", "Argument 'subjectId'"},
		{"another mutation", narrow, `mutation { deleteIssue(input: {}) { x } }`, nil, nil,
			"Field 'deleteIssue' doesn't exist"},
		{"another field", narrow, `mutation { minimizeComment(input: {}) { comment } }`, nil, nil,
			"Field 'comment' doesn't exist"},
		{"no mutation", narrow, `{ viewer { login } }`, nil, nil, "Field 'viewer' doesn't exist on type 'Query'"},
		{"no fields", narrow, `mutation { minimizeComment(input: {}) }`, nil, nil, "Field must have selections"},
		{"half a document", narrow, `mutation { minimizeComment(`, nil, nil, "Unexpected end of document"},
		{"no document", narrow, `mutation } {`, nil, nil, "Parse error on"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := st.graphql(test.auth, 200, test.query, m{"id": test.id, "why": test.why})
			if message, _ := at(out["errors"], "0", "message").(string); !strings.HasPrefix(message, test.want) {
				t.Errorf("%v, want %s", out, test.want)
			}
		})
	}
	if st.shown(t)[0].Minimized {
		t.Error("a refused mutation had its effect")
	}
	st.graphql("token nobody", 401, minimize, nil)
}

func TestACommentSaysWhoWroteItAndThroughWhat(t *testing.T) {
	st := open(t)
	by := func(made map[string]any) any {
		return []any{at(made, "performed_via_github_app", "slug"), made["author_association"]}
	}
	want(t, by(st.app(201, "POST", repo+"/issues/1/comments", m{"body": "hello"})), "[slipway NONE]", "the App's")
	want(t, by(st.as("bob", 201, "POST", repo+"/issues/1/comments", m{"body": "hello"})), "[<nil> MEMBER]",
		"a member's")
	want(t, by(st.as("eve", 201, "POST", repo+"/issues/1/comments", m{"body": "hello"})), "[<nil> NONE]",
		"a stranger's")
	shown := st.shown(t)
	want(t, []any{shown[1].AuthorID, shown[1].At}, []any{st.As("BOB").ID(), noon}, "the snapshot")
	want(t, at(st.hookOf("issue_comment"), "comment", "performed_via_github_app", "id"), 7, "the webhook")
	want(t, st.As("nobody").ID(), 0, "the id of nobody")
}

// hookOf is the payload of the first webhook of that event.
func (st *stage) hookOf(event string) map[string]any {
	st.Flush()
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, h := range st.hooks {
		if h.event == event {
			return h.payload
		}
	}
	return nil
}

func TestCommentsAreListedSinceAMoment(t *testing.T) {
	st := open(t)
	first := st.as("eve", 201, "POST", repo+"/issues/1/comments", m{"body": "first"})
	st.as("eve", 201, "POST", repo+"/issues/1/comments", m{"body": "second"})
	st.now = noon.Add(time.Minute)
	st.as("eve", 201, "POST", repo+"/issues/2/comments", m{"body": "third"})
	st.as("eve", 200, "PATCH", repo+"/issues/comments/"+text(first["id"]), m{"body": "first, edited"})
	bodies := func(path string) any {
		var out []any
		for _, one := range st.app(200, "GET", path, nil)["list"].([]any) {
			out = append(out, at(one, "body"))
		}
		return out
	}
	since := "?since=2026-11-21T12:01:00Z"
	want(t, bodies(repo+"/issues/1/comments"+since), "[first, edited]", "the comments of an issue")
	want(t, bodies(repo+"/issues/comments"+since), "[first, edited third]", "those of all issues, by id")
	want(t, bodies(repo+"/issues/comments?sort=updated&direction=desc"), "[third first, edited second]",
		"by their last change")
	st.as("bob", 204, "DELETE", repo+"/issues/comments/"+text(first["id"]), nil)
	want(t, bodies(repo+"/issues/comments"+since), "[third]", "after it was deleted")
}

func TestOnlyWhoMayDeletesAComment(t *testing.T) {
	st := open(t)
	one := st.as("bob", 201, "POST", repo+"/issues/1/comments", m{"body": "mine"})
	st.as("eve", 403, "DELETE", repo+"/issues/comments/"+text(one["id"]), nil)
	st.told()
	st.as("ada", 204, "DELETE", repo+"/issues/comments/"+text(one["id"]), nil)
	wantEvents(t, st, "issue_comment deleted")
}
