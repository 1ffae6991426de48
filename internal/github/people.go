package github

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Permission is the role of a person in a repository. A role that an organization made up counts as the base
// permission that GitHub gives with it. Somebody whom GitHub does not know has none.
func (gh *client) Permission(ctx context.Context, repo, login string) (string, error) {
	var p struct {
		Permission string `json:"permission"`
		Role       string `json:"role_name"`
	}
	what := fmt.Sprintf("read the permission of %s in %s", login, repo)
	err := gh.get(ctx, what, in(repo, "collaborators/%s/permission", escape(login)), &p)
	if missing(err) {
		return "none", nil
	}
	if err != nil {
		return "", err
	}
	roles := []string{"none", "read", "triage", "write", "maintain", "admin"}
	for _, role := range []string{p.Role, p.Permission} {
		if slices.Contains(roles, role) {
			return role, nil
		}
	}
	return "", fmt.Errorf("%s: GitHub answered the unknown role %q", what, p.Role)
}

// TeamMember says whether somebody is an active member of a team; an invitation does not count yet.
func (gh *client) TeamMember(ctx context.Context, org, slug, login string) (bool, error) {
	var m struct {
		State string `json:"state"`
	}
	err := gh.get(ctx, fmt.Sprintf("read the membership of %s in team %s/%s", login, org, slug),
		fmt.Sprintf("orgs/%s/teams/%s/memberships/%s", escape(org), escape(slug), escape(login)), &m)
	if missing(err) {
		return false, nil
	}
	return m.State == "active", err
}

// User is the id behind a login. A login that was given up is nobody's, or somebody else's.
func (gh *client) User(ctx context.Context, login string) (int64, bool, error) {
	var u user
	err := gh.get(ctx, "look up the user "+login, "users/"+escape(login), &u)
	if missing(err) {
		return 0, false, nil
	}
	return u.ID, err == nil, err
}

// DefaultBranch is the name of the default branch.
func (gh *client) DefaultBranch(ctx context.Context, repo string) (string, error) {
	var r struct {
		DefaultBranch string `json:"default_branch"`
	}
	err := gh.get(ctx, "read the default branch of "+repo, in(repo, ""), &r)
	return r.DefaultBranch, err
}

// Public says that everybody may read the repository.
func (gh *client) Public(ctx context.Context, repo string) (bool, error) {
	var r struct {
		Private    bool   `json:"private"`
		Visibility string `json:"visibility"`
	}
	err := gh.get(ctx, "read "+repo, in(repo, ""), &r)
	return err == nil && !r.Private && (r.Visibility == "" || r.Visibility == "public"), err
}

// File reads a file at a branch, tag or commit; an empty ref is the default branch. A folder or a submodule is no
// file and not found.
func (gh *client) File(ctx context.Context, repo, path, ref string) ([]byte, bool, error) {
	what := fmt.Sprintf("read file %s in %s", path, repo)
	at := in(repo, "contents/%s", escapePath(strings.TrimPrefix(path, "/")))
	if ref != "" {
		at += "?ref=" + url.QueryEscape(ref)
	}
	_, body, err := gh.send(ctx, what, http.MethodGet, at, "", nil)
	if missing(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if strings.HasPrefix(strings.TrimSpace(string(body)), "[") { // a folder is a list
		return nil, false, nil
	}
	var f struct {
		Type     string `json:"type"`
		Encoding string `json:"encoding"`
		Content  string `json:"content"`
	}
	if err := json.Unmarshal(body, &f); err != nil {
		return nil, false, fmt.Errorf("%s: read the answer: %w", what, err)
	}
	if f.Type != "file" {
		return nil, false, nil
	}
	if f.Encoding != "base64" { // above 1 MB GitHub gives the content only raw
		_, body, err := gh.send(ctx, what, http.MethodGet, at, "application/vnd.github.raw+json", nil)
		if missing(err) {
			return nil, false, nil
		}
		return body, err == nil, err
	}
	content, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(f.Content, "\n", ""))
	if err != nil {
		return nil, false, fmt.Errorf("%s: read the answer: %w", what, err)
	}
	return content, true, nil
}
