package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func peopleRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/collaborators/{user}/permission", "metadata:read", handlePermission},
		{"GET", "/repos/{owner}/{repo}/collaborators", "metadata:read", handleCollaborators},
		{"GET", "/repos/{owner}/{repo}/collaborators/{user}", "metadata:read", handleCollaborator},
		{"GET", "/users/{user}", "", handleUser},
		{"GET", "/user/{id}", "", handleUserByID},
		{"GET", "/orgs/{owner}/teams", "members:read", handleTeams},
		{"GET", "/orgs/{owner}/teams/{team}", "members:read", handleTeam},
		{"GET", "/orgs/{owner}/teams/{team}/members", "members:read", handleMembers},
		{"GET", "/orgs/{owner}/teams/{team}/memberships/{user}", "members:read", handleMembership},
	}
}

func handlePermission(c *call) (reply, error) {
	user := c.s.users[strings.ToLower(c.vars["user"])]
	if user == nil {
		return reply{}, notFound()
	}
	role := c.s.level(c.repo, user.Login)
	old := map[string]string{"maintain": "write", "triage": "read"}[role]
	if old == "" {
		old = role
	}
	u := c.s.renderUser(user)
	u["role_name"] = role
	at := func(least string) bool { return slices.Index(levels, role) >= slices.Index(levels, least) }
	u["permissions"] = map[string]any{"pull": at("read"), "triage": at("triage"), "push": at("write"),
		"maintain": at("maintain"), "admin": at("admin")}
	return ok(map[string]any{"permission": old, "role_name": role, "user": u}), nil
}

func handleMembership(c *call) (reply, error) {
	for _, t := range c.s.teams[c.vars["owner"]] {
		if t.Slug == c.vars["team"] &&
			slices.ContainsFunc(t.Members, func(m string) bool { return strings.EqualFold(m, c.vars["user"]) }) {
			return ok(map[string]any{"url": c.s.api("/orgs/%s/teams/%s/memberships/%s", c.vars["owner"], t.Slug,
				c.vars["user"]), "role": "member", "state": "active"}), nil
		}
	}
	return reply{}, notFound()
}

// association is what ties an author to a repository, in GitHub's words: a member of one of the organisation's teams, a
// collaborator, or nothing, as it is with Apps.
func (s *Server) association(r *repository, author *account) string {
	named := func(login string) bool { return strings.EqualFold(login, author.Login) }
	if slices.ContainsFunc(s.teams[r.Owner.Login], func(t team) bool { return slices.ContainsFunc(t.Members, named) }) {
		return "MEMBER"
	}
	for login := range r.Collaborators {
		if named(login) {
			return "COLLABORATOR"
		}
	}
	return "NONE"
}

// renderCollaborator is a person with what they may do here.
func (s *Server) renderCollaborator(r *repository, user *account) map[string]any {
	u := s.renderUser(user)
	role := s.level(r, user.Login)
	at := func(least string) bool { return slices.Index(levels, role) >= slices.Index(levels, least) }
	u["role_name"] = role
	u["permissions"] = map[string]any{"pull": at("read"), "triage": at("triage"), "push": at("write"),
		"maintain": at("maintain"), "admin": at("admin")}
	return u
}

func handleCollaborators(c *call) (reply, error) {
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, forbidden("Must have push access to view repository collaborators.")
	}
	return page(c, slices.Sorted(maps.Keys(c.repo.Collaborators)), func(login string) any {
		return c.s.renderCollaborator(c.repo, c.s.account(login, "User"))
	}), nil
}

func handleCollaborator(c *call) (reply, error) {
	for login := range c.repo.Collaborators {
		if strings.EqualFold(login, c.vars["user"]) {
			return nothing(), nil
		}
	}
	return reply{}, notFound()
}

func handleUser(c *call) (reply, error) {
	user := c.s.users[strings.ToLower(c.vars["user"])]
	if user == nil {
		return reply{}, notFound()
	}
	return ok(c.s.renderPublicUser(user)), nil
}

func handleUserByID(c *call) (reply, error) {
	for _, user := range c.s.users {
		if user.ID == c.id("id") {
			return ok(c.s.renderPublicUser(user)), nil
		}
	}
	return reply{}, notFound()
}

// renderPublicUser adds what only the single user has.
func (s *Server) renderPublicUser(user *account) map[string]any {
	out := s.renderUser(user)
	for _, field := range []string{"name", "company", "location", "email", "hireable", "bio"} {
		out[field] = nil
	}
	for _, field := range []string{"public_repos", "public_gists", "followers", "following"} {
		out[field] = 0
	}
	out["user_view_type"] = "public"
	out["blog"], out["created_at"], out["updated_at"] = "", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"
	return out
}

func (s *Server) renderTeam(org *account, t team) map[string]any {
	u := s.api("/organizations/%d/team/%s", org.ID, t.Slug)
	return map[string]any{
		"id": org.ID*1000 +
			int64(slices.IndexFunc(s.teams[org.Login],
				func(o team) bool { return o.Slug == t.Slug })), "node_id": nodeID("T", org.ID),
		"name": t.Slug, "slug": t.Slug, "description": nil, "privacy": "closed",
		"notification_setting": "notifications_enabled", "permission": "pull",
		"url": u, "html_url": s.html("/orgs/%s/teams/%s", org.Login, t.Slug), "members_url": u +
			"/members{/member}", "repositories_url": u + "/repos",
		"parent": nil, "type": "organization", "organization_id": org.ID,
	}
}

func (c *call) org() (*account, error) {
	org := c.s.users[strings.ToLower(c.vars["owner"])]
	if org == nil || org.Type != "Organization" {
		return nil, notFound()
	}
	return org, nil
}

func (c *call) team() (*account, team, error) {
	org, err := c.org()
	if err != nil {
		return nil, team{}, err
	}
	for _, t := range c.s.teams[org.Login] {
		if strings.EqualFold(t.Slug, c.vars["team"]) {
			return org, t, nil
		}
	}
	return nil, team{}, notFound()
}

func handleTeams(c *call) (reply, error) {
	org, err := c.org()
	if err != nil {
		return reply{}, err
	}
	list := slices.SortedFunc(slices.Values(c.s.teams[org.Login]),
		func(a, b team) int { return strings.Compare(a.Slug, b.Slug) })
	return page(c, list, func(t team) any { return c.s.renderTeam(org, t) }), nil
}

func handleTeam(c *call) (reply, error) {
	org, t, err := c.team()
	if err != nil {
		return reply{}, err
	}
	out := c.s.renderTeam(org, t)
	out["members_count"], out["repos_count"] = len(t.Members), 1
	out["created_at"], out["updated_at"] = "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"
	u := c.s.renderOrganization(org)
	for key, value := range map[string]any{
		"has_organization_projects": true, "has_repository_projects": true, "public_repos": 0, "public_gists": 0,
		"followers": 0, "following": 0,
		"html_url": c.s.html("/%s",
			org.Login), "type": "Organization", "created_at": "2026-01-01T00:00:00Z",
		"updated_at": "2026-01-01T00:00:00Z", "archived_at": nil,
	} {
		u[key] = value
	}
	out["organization"] = u
	return ok(out), nil
}

func handleMembers(c *call) (reply, error) {
	_, t, err := c.team()
	if err != nil {
		return reply{}, err
	}
	return page(c, t.Members, func(login string) any { return c.s.renderUser(c.s.account(login, "User")) }), nil
}

// RenameUser gives a person another login. The id stays, and so do roles and teams; the old login is nobody's.
func (s *Server) RenameUser(login, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.users[strings.ToLower(login)]
	if user == nil || s.users[strings.ToLower(to)] != nil {
		return fmt.Errorf("rename the user %s to %s: there is no such user, or the new login is taken", login, to)
	}
	old := user.Login
	delete(s.users, strings.ToLower(old))
	user.Login = to
	s.users[strings.ToLower(to)] = user
	// What a seed gave is the caller's, so it is copied before it changes.
	for _, teams := range s.teams {
		for i, t := range teams {
			if at := slices.Index(t.Members, old); at >= 0 {
				teams[i].Members = slices.Clone(t.Members)
				teams[i].Members[at] = to
			}
		}
	}
	for _, r := range s.repos {
		if level, has := r.Collaborators[old]; has {
			r.Collaborators = maps.Clone(r.Collaborators)
			delete(r.Collaborators, old)
			r.Collaborators[to] = level
		}
	}
	return nil
}

// SetPermission gives a person another permission on a repository.
func (s *Server) SetPermission(repo, login, level string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repository(repo)
	if err != nil {
		return err
	}
	r.Collaborators = maps.Clone(r.Collaborators)
	r.Collaborators[login] = level
	return nil
}
