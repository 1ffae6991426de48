package github

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release/step"
)

// Permission is the role of a person in a repository. A role that an organization made up counts as the base
// permission that GitHub gives with it. Somebody whom GitHub does not know has none.
func (gh *client) Permission(ctx context.Context, repo string, who step.User) (string, error) {
	if who.ID == 0 {
		return "none", nil
	}
	var p permission
	what := fmt.Sprintf("read the permission of %s in %s", who.Login, repo)
	path := func(login string) string { return in(repo, "collaborators/%s/permission", escape(login)) }
	err := gh.get(ctx, what, path(who.Login), &p)
	if missing(err) || err == nil && p.User.ID != who.ID {
		var now step.User
		var found bool
		if now, found, err = gh.userByID(ctx, who.ID); err == nil && found {
			p = permission{}
			err = gh.get(ctx, what, path(now.Login), &p)
		}
	}
	if missing(err) || err == nil && p.User.ID != who.ID {
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

// permission is what GitHub says of somebody in a repository.
type permission struct {
	Permission string `json:"permission"`
	Role       string `json:"role_name"`
	User       user   `json:"user"`
}

// TeamMember says whether somebody is an active member of a team; an invitation does not count yet. GitHub answers it
// by the login alone, so that is looked up before.
func (gh *client) TeamMember(ctx context.Context, org, slug string, who step.User) (bool, error) {
	now, found, err := gh.userByID(ctx, who.ID)
	if err != nil || !found {
		return false, err
	}
	var m struct {
		State string `json:"state"`
	}
	err = gh.get(ctx, fmt.Sprintf("read the membership of %s in team %s/%s", now.Login, org, slug),
		fmt.Sprintf("orgs/%s/teams/%s/memberships/%s", escape(org), escape(slug), escape(now.Login)), &m)
	if missing(err) {
		return false, nil
	}
	return m.State == "active", err
}

// Team says how many people are in a team, those of its child teams among them. GitHub answers 404 where there is none
// of that name, and for a secret one that the App may not see.
func (gh *client) Team(ctx context.Context, org, slug string) (members int, found bool, err error) {
	var t struct {
		Members int `json:"members_count"`
	}
	err = gh.get(ctx, fmt.Sprintf("read the team %s/%s", org, slug),
		fmt.Sprintf("orgs/%s/teams/%s", escape(org), escape(slug)), &t)
	if missing(err) {
		return 0, false, nil
	}
	return t.Members, err == nil, err
}

// User is the person who has a login now. One that was given up is nobody's, or somebody else's; that of an
// organization is no person's.
func (gh *client) User(ctx context.Context, login string) (step.User, bool, error) {
	var u user
	err := gh.get(ctx, "look up the user "+login, "users/"+escape(login), &u)
	if missing(err) {
		return step.User{}, false, nil
	}
	if err != nil || u.ID == 0 || u.Type == "Organization" {
		return step.User{}, false, err
	}
	return u.value(), true, nil
}

// userByID is the person of an id, by the login of today.
func (gh *client) userByID(ctx context.Context, id int64) (step.User, bool, error) {
	var u user
	if id == 0 {
		return step.User{}, false, nil
	}
	err := gh.get(ctx, fmt.Sprintf("look up the user with the id %d", id), fmt.Sprintf("user/%d", id), &u)
	if missing(err) || err == nil && u.ID != id {
		return step.User{}, false, nil
	}
	return u.value(), err == nil, err
}

// DefaultBranch is the name of the default branch.
func (gh *client) DefaultBranch(ctx context.Context, repo string) (string, error) {
	var r struct {
		DefaultBranch string `json:"default_branch"`
	}
	err := gh.get(ctx, "read the default branch of "+repo, in(repo, ""), &r)
	return r.DefaultBranch, err
}

// File reads a file at a branch, tag or commit; an empty ref is the default branch. A folder or a submodule is no
// file and not found.
func (gh *client) File(ctx context.Context, repo, path, ref string) ([]byte, bool, error) {
	content, _, found, err := gh.FileUpTo(ctx, repo, path, ref, math.MaxInt)
	return content, found, err
}

// FileUpTo reads a file that has no more than most bytes. Of a larger one GitHub is asked for no more than the
// megabyte that it gives unasked.
func (gh *client) FileUpTo(ctx context.Context, repo, path, ref string, most int) ([]byte, int, bool, error) {
	what := fmt.Sprintf("read file %s in %s", path, repo)
	at := in(repo, "contents/%s", escapePath(strings.TrimPrefix(path, "/")))
	if ref != "" {
		at += "?ref=" + url.QueryEscape(ref)
	}
	_, body, err := gh.send(ctx, what, http.MethodGet, at, "", nil)
	if missing(err) {
		return nil, 0, false, nil
	}
	if err != nil {
		return nil, 0, false, err
	}
	if strings.HasPrefix(strings.TrimSpace(string(body)), "[") { // a folder is a list
		return nil, 0, false, nil
	}
	var f struct {
		Type     string `json:"type"`
		Size     int    `json:"size"`
		Encoding string `json:"encoding"`
		Content  string `json:"content"`
	}
	if err := json.Unmarshal(body, &f); err != nil {
		return nil, 0, false, fmt.Errorf("%s: read the answer: %w", what, err)
	}
	switch {
	case f.Type != "file":
		return nil, 0, false, nil
	case f.Size > most:
		return nil, f.Size, true, nil
	}
	if f.Encoding != "base64" { // above 1 MB GitHub gives the content only raw
		_, body, err := gh.send(ctx, what, http.MethodGet, at, "application/vnd.github.raw+json", nil)
		if missing(err) {
			return nil, 0, false, nil
		}
		return body, len(body), err == nil, err
	}
	content, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(f.Content, "\n", ""))
	if err != nil {
		return nil, 0, false, fmt.Errorf("%s: read the answer: %w", what, err)
	}
	return content, len(content), true, nil
}

// Assignments are the assignees of an issue as its history has them, in the order of their assignment. Who assigned
// is the assigner; the actor may be the assignee.
func (gh *client) Assignments(ctx context.Context, repo string, number int) ([]step.Assignment, error) {
	found, err := gh.history(ctx, repo, number)
	if err != nil {
		return nil, err
	}
	var out []step.Assignment
	for _, e := range found {
		if e.Event != "assigned" && e.Event != "unassigned" || e.Assignee == nil {
			continue
		}
		out = slices.DeleteFunc(out, func(a step.Assignment) bool { return a.ID == e.Assignee.ID })
		if e.Event == "unassigned" {
			continue
		}
		one := step.Assignment{User: e.Assignee.value(), Bot: e.App != nil}
		if e.Assigner != nil {
			one.By, one.Bot = e.Assigner.value(), one.Bot || e.Assigner.Type == "Bot"
		}
		out = append(out, one)
	}
	return out, nil
}
