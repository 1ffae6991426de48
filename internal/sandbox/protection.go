package sandbox

import (
	"slices"
	"strconv"
	"strings"
)

// protection is the protection of one branch (docs.github.com, REST API endpoints for protected branches). A PUT
// replaces all of it, which is why Slipway never writes it where it holds rules of others.
type protection struct {
	Checks *struct {
		Strict   bool
		Contexts []string
		Checks   []struct {
			Context string
			AppID   int64 `json:"app_id"`
		}
	} `json:"required_status_checks"`
	EnforceAdmins *bool `json:"enforce_admins"`
	Reviews       *struct {
		Count     int  `json:"required_approving_review_count"`
		Dismiss   bool `json:"dismiss_stale_reviews"`
		Owners    bool `json:"require_code_owner_reviews"`
		LastPush  bool `json:"require_last_push_approval"`
		Dismissal any  `json:"dismissal_restrictions"`
	} `json:"required_pull_request_reviews"`
	Restrictions   *struct{ Users, Teams, Apps []string }
	Linear         bool  `json:"required_linear_history"`
	ForcePushes    *bool `json:"allow_force_pushes"`
	Deletions      bool  `json:"allow_deletions"`
	BlockCreations bool  `json:"block_creations"`
	Conversation   bool  `json:"required_conversation_resolution"`
	Lock           bool  `json:"lock_branch"`
	ForkSyncing    bool  `json:"allow_fork_syncing"`
}

func protectionRoutes() []route {
	const path = "/repos/{owner}/{repo}/branches/{branch}/protection"
	return []route{
		{"GET", path, "administration:read", handleProtection},
		{"PUT", path, "administration:write", handleProtect},
		{"DELETE", path, "administration:write", handleUnprotect},
	}
}

func (c *call) protectable() (branch string, err error) {
	if _, err := c.repo.Git.Ref(c.ctx, "refs/heads/"+c.vars["branch"]); err != nil {
		return "", &problem{status: 404, message: "Branch not found"}
	}
	if !c.s.can(c.repo, c.who, "admin") {
		return "", notFound()
	}
	return c.vars["branch"], nil
}

func handleProtection(c *call) (reply, error) {
	branch, err := c.protectable()
	if err != nil {
		return reply{}, err
	}
	p := c.repo.Protections[branch]
	if p == nil {
		return reply{}, &problem{status: 404, message: "Branch not protected"}
	}
	return ok(c.s.renderProtection(c.repo, branch, p)), nil
}

func handleProtect(c *call) (reply, error) {
	branch, err := c.protectable()
	if err != nil {
		return reply{}, err
	}
	var given map[string]any
	if err := c.decode(&given); err != nil {
		return reply{}, err
	}
	for _, field := range []string{"required_status_checks", "enforce_admins", "required_pull_request_reviews",
		"restrictions"} {
		if _, has := given[field]; !has {
			return reply{}, unprocessable("Invalid request.\n\n\"" + field + "\" wasn't supplied.")
		}
	}
	p := &protection{}
	if err := c.decode(p); err != nil {
		return reply{}, err
	}
	if c.repo.Protections == nil {
		c.repo.Protections = map[string]*protection{}
	}
	c.repo.Protections[branch] = p
	return ok(c.s.renderProtection(c.repo, branch, p)), nil
}

func handleUnprotect(c *call) (reply, error) {
	branch, err := c.protectable()
	if err != nil {
		return reply{}, err
	}
	if c.repo.Protections[branch] == nil {
		return reply{}, &problem{status: 404, message: "Branch not protected"}
	}
	delete(c.repo.Protections, branch)
	return nothing(), nil
}

// contexts are the names of the required checks, in their two notations.
func (p *protection) contexts() []string {
	names := slices.Clone(p.Checks.Contexts)
	for _, k := range p.Checks.Checks {
		if !slices.Contains(names, k.Context) {
			names = append(names, k.Context)
		}
	}
	return names
}

func on(flag bool) map[string]any { return map[string]any{"enabled": flag} }

func (s *Server) renderProtection(r *repository, branch string, p *protection) map[string]any {
	u := s.api("/repos/%s/%s/branches/%s/protection", r.Owner.Login, r.Name, branch)
	out := map[string]any{
		"url": u, "enforce_admins": map[string]any{"url": u + "/enforce_admins", "enabled": p.EnforceAdmins != nil &&
			*p.EnforceAdmins},
		"required_linear_history": on(p.Linear), "allow_force_pushes": on(p.ForcePushes != nil &&
			*p.ForcePushes), "allow_deletions": on(p.Deletions),
		"block_creations": on(p.BlockCreations), "required_conversation_resolution": on(
			p.Conversation), "lock_branch": on(p.Lock), "allow_fork_syncing": on(p.ForkSyncing),
		"required_signatures": map[string]any{"url": u + "/required_signatures", "enabled": false},
	}
	if p.Checks != nil {
		checks, contexts := []any{}, []any{}
		for _, name := range p.contexts() {
			line := map[string]any{"context": name, "app_id": nil}
			for _, k := range p.Checks.Checks {
				if k.Context == name && k.AppID > 0 {
					line["app_id"] = k.AppID
				}
			}
			checks, contexts = append(checks, line), append(contexts, name)
		}
		out["required_status_checks"] = map[string]any{
			"url": u + "/required_status_checks", "strict": p.Checks.Strict, "contexts": contexts, "contexts_url": u +
				"/required_status_checks/contexts", "checks": checks,
		}
	}
	if p.Reviews != nil {
		out["required_pull_request_reviews"] = map[string]any{
			"url": u +
				"/required_pull_request_reviews", "dismiss_stale_reviews": p.Reviews.Dismiss,
			"require_code_owner_reviews": p.Reviews.Owners,
			"require_last_push_approval": p.Reviews.LastPush, "required_approving_review_count": p.Reviews.Count,
		}
	}
	if p.Restrictions != nil {
		users, teams := []any{}, []any{}
		for _, login := range p.Restrictions.Users {
			users = append(users, s.renderUser(s.account(login, "User")))
		}
		for _, t := range s.teams[r.Owner.Login] {
			if slices.Contains(p.Restrictions.Teams, t.Slug) {
				teams = append(teams, s.renderTeam(r.Owner, t))
			}
		}
		apps := []any{}
		if slices.Contains(p.Restrictions.Apps, s.o.App.Slug) {
			apps = append(apps, s.renderApp())
		}
		out["restrictions"] = map[string]any{
			"url": u + "/restrictions", "users_url": u + "/restrictions/users", "teams_url": u +
				"/restrictions/teams", "apps_url": u + "/restrictions/apps",
			"users": users, "teams": teams, "apps": apps,
		}
	}
	return out
}

// unprotected says what of a protection an update breaks; empty when it breaks nothing.
func (s *Server) unprotected(c *call, p *protection, u update) string {
	if !c.who.app && (p.EnforceAdmins == nil || !*p.EnforceAdmins) && s.level(c.repo, c.who.user.Login) == "admin" {
		return ""
	}
	switch {
	case u.deletes() && !p.Deletions:
		return "Cannot delete a protected branch"
	case !u.moves():
		return ""
	case p.Lock:
		return "Cannot change this locked branch"
	case p.Restrictions != nil && !s.trusted(c.repo, p, c.who):
		return "You're not authorized to push to this branch. Visit " +
			"https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository for more " +
			"information."
	case u.pull == nil && (p.ForcePushes == nil || !*p.ForcePushes) && !c.repo.Git.IsAncestor(c.ctx, u.before, u.after):
		return "Cannot force-push to a protected branch"
	}
	if p.Reviews != nil {
		if why := approved(u.pull, p.Reviews.Count); why != "" {
			return why
		}
	}
	if p.Checks != nil {
		for _, name := range p.contexts() {
			if !c.repo.passed(u.after, name, 0) {
				return "Required status check \"" + name + "\" is expected."
			}
		}
	}
	return ""
}

// trusted says that the actor is on the list of those who may push.
func (s *Server) trusted(r *repository, p *protection, who actor) bool {
	if who.app {
		return slices.Contains(p.Restrictions.Apps, s.o.App.Slug)
	}
	same := func(login string) bool { return strings.EqualFold(login, who.user.Login) }
	return slices.ContainsFunc(p.Restrictions.Users, same) ||
		slices.ContainsFunc(s.teams[r.Owner.Login], func(t team) bool {
			return slices.Contains(p.Restrictions.Teams, t.Slug) && slices.ContainsFunc(t.Members, same)
		})
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func needed(n int) string {
	if n == 1 {
		return " is"
	}
	return " are"
}
