package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
)

// User is a person of the sandbox. What a person does goes through the same endpoints as everything else, so the
// same permissions and rulesets hold, and the same webhooks are sent.
type User struct {
	s     *Server
	login string
}

// As is the person of that login.
func (s *Server) As(login string) *User { return &User{s, login} }

// ID is the person's id, which no renaming changes; 0 when there is no such person.
func (u *User) ID() int64 {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	if user := u.s.users[strings.ToLower(u.login)]; user != nil {
		return user.ID
	}
	return 0
}

// Do calls one endpoint as the person; in and out are JSON, either may be nil.
func (u *User) Do(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	req := httptest.NewRequestWithContext(ctx, method, u.s.o.URL+"/api/v3"+path, bytes.NewReader(body))
	req.Header.Set("Authorization", "token user:"+u.login)
	w := httptest.NewRecorder()
	u.s.serveAPI(w, req)
	if w.Code >= 300 {
		return fmt.Errorf("%s as %s: %s %s: %d %s", "request", u.login, method, path, w.Code,
			strings.TrimSpace(w.Body.String()))
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(w.Body.Bytes(), out)
}

// Comment comments on an issue or pull request.
func (u *User) Comment(ctx context.Context, repo string, number int, body string) (id int64, err error) {
	var out struct{ ID int64 }
	err = u.Do(ctx, http.MethodPost, fmt.Sprintf("/repos/%s/issues/%d/comments", repo, number),
		map[string]any{"body": body}, &out)
	return out.ID, err
}

// EditComment edits a comment.
func (u *User) EditComment(ctx context.Context, repo string, id int64, body string) error {
	return u.Do(ctx, http.MethodPatch, fmt.Sprintf("/repos/%s/issues/comments/%d", repo, id),
		map[string]any{"body": body}, nil)
}

// EditIssue changes fields of an issue: title, body, state, milestone, assignees.
func (u *User) EditIssue(ctx context.Context, repo string, number int, fields map[string]any) error {
	return u.Do(ctx, http.MethodPatch, fmt.Sprintf("/repos/%s/issues/%d", repo, number), fields, nil)
}

// MergePull merges a pull request with merge, squash or rebase.
func (u *User) MergePull(ctx context.Context, repo string, number int, method string) error {
	return u.Do(ctx, http.MethodPut, fmt.Sprintf("/repos/%s/pulls/%d/merge", repo, number),
		map[string]any{"merge_method": method}, nil)
}

// OpenPull opens a pull request.
func (u *User) OpenPull(ctx context.Context, repo, title, head, base string) (number int, err error) {
	var out struct{ Number int }
	err = u.Do(ctx, http.MethodPost, "/repos/"+repo+"/pulls",
		map[string]any{"title": title, "head": head, "base": base}, &out)
	return out.Number, err
}

// Commit commits files to a branch; a branch that is missing begins at from. It is a push: rulesets hold.
func (u *User) Commit(ctx context.Context, repo, branch, from, message string, files map[string]string) (sha string,
	err error) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	r := u.s.repos[strings.ToLower(repo)]
	user := u.s.users[strings.ToLower(u.login)]
	if r == nil || user == nil {
		return "", fmt.Errorf("commit to %s as %s: %w", repo, u.login, notFound())
	}
	c := &call{ctx: ctx, s: u.s, repo: r, who: actor{user: user}}
	if !u.s.can(r, c.who, "write") {
		return "", fmt.Errorf("commit to %s as %s: %w", repo, u.login,
			forbidden("Must have push access to Repository."))
	}
	parent, err := r.Git.Resolve(ctx, "refs/heads/"+branch)
	if err != nil {
		if parent, err = r.Git.Resolve(ctx, from); err != nil {
			return "", err
		}
	}
	if sha, err = u.s.commitFiles(ctx, r, parent, message, user.Login, files, u.s.now()); err != nil {
		return "", err
	}
	return sha, u.s.setRef(c, "refs/heads/"+branch, sha, false)
}
