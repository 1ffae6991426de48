package sandbox_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// spoiled makes one request whose answer a test spoils, and gives what the client sees of it. No connection is
// used again, so the client does not try by itself.
func (st *stage) spoiled(t *testing.T, method, path, in string) (resp *http.Response, body string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, st.url+"/api/v3"+path, strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "token "+st.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err = (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp, string(text), err
}

func TestARouteIsDeniedBeforeItHasAnEffect(t *testing.T) {
	st := open(t)
	for _, test := range []struct {
		status            int
		message, accepted string
		want              string // how the body begins
	}{
		{403, "Resource not accessible by integration", "issues=write", `{"documentation_url":`},
		{404, "Not Found", "", `{"documentation_url":`},
		{500, "Server Error", "", `{"documentation_url":`},
		{502, "", "", "<!DOCTYPE html>"},
	} {
		st.Deny(func(method, path string) (int, string, string, bool) {
			return test.status, test.message, test.accepted, method == "POST" && path == repo+"/issues/1/comments"
		})
		resp, body, err := st.spoiled(t, "POST", repo+"/issues/1/comments", `{"body": "hello"}`)
		must(t, err)
		accepted := resp.Header.Get("X-Accepted-GitHub-Permissions")
		want(t, []any{resp.StatusCode, accepted}, []any{test.status, test.accepted}, "the answer")
		if !strings.HasPrefix(body, test.want) {
			t.Errorf("%d: %s", test.status, body)
		}
		st.app(200, "GET", repo+"/issues/1/comments", nil)
	}
	_, err := st.As("eve").Comment(t.Context(), "acme/tool", 1, "a person is not disturbed")
	must(t, err)
	st.Deny(nil)
	st.app(201, "POST", repo+"/issues/1/comments", m{"body": "hello"})
	want(t, len(st.shown(t)), 2, "comments")
}

func TestGraphQLIsDeniedToo(t *testing.T) {
	st := open(t)
	st.Deny(func(_, path string) (int, string, string, bool) { return 403, "no", "", path == "/graphql" })
	want(t, st.graphql("token "+st.token, 403, minimize, nil)["message"], "no", "the answer")
}

func TestASpoiledAnswerComesAfterTheEffect(t *testing.T) {
	st := open(t)
	for i, test := range []struct {
		how    sandbox.Spoiling
		status int
		body   string // how it begins
		err    bool
	}{
		{sandbox.EmptyObject, 201, "{}", false},
		{sandbox.HTMLPage, 502, "<!DOCTYPE html>", false},
		{sandbox.Truncated, 201, `{"author_association"`, true},
		{sandbox.Lost, 0, "", true},
		{sandbox.Unspoiled, 201, `{"author_association"`, false},
	} {
		t.Run(fmt.Sprint(test.how), func(t *testing.T) {
			st.Spoil(func(method, _ string) sandbox.Spoiling {
				if method == "POST" {
					return test.how
				}
				return sandbox.Unspoiled
			})
			resp, body, err := st.spoiled(t, "POST", repo+"/issues/1/comments", `{"body": "hello"}`)
			status := 0
			if resp != nil {
				status = resp.StatusCode
			}
			if (err != nil) != test.err || !strings.HasPrefix(body, test.body) || status != test.status {
				t.Errorf("%d %q %v", status, body, err)
			}
			want(t, len(st.shown(t)), i+1, "comments")
		})
	}
	st.Spoil(nil)
}
