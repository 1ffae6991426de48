package sandbox

import (
	"path"
	"slices"
	"strings"
)

func ruleRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/rulesets", "metadata:read", handleRulesets},
		{"POST", "/repos/{owner}/{repo}/rulesets", "administration:write", handleCreateRuleset},
		{"GET", "/repos/{owner}/{repo}/rulesets/{id}", "metadata:read", handleRuleset},
		{"DELETE", "/repos/{owner}/{repo}/rulesets/{id}", "administration:write", handleDeleteRuleset},
	}
}

func (s *Server) renderRuleset(r *repository, set *ruleset, whole bool) map[string]any {
	out := map[string]any{
		"id": set.ID, "name": set.Name, "target": "branch", "source_type": "Repository", "source": r.full(), "enforcement": set.Enforcement,
		"node_id": nodeID("RRS", set.ID), "created_at": stamp(set.Created), "updated_at": stamp(set.Updated),
		"_links": map[string]any{
			"self": map[string]any{"href": s.api("/repos/%s/%s/rulesets/%d", r.Owner.Login, r.Name, set.ID)},
			"html": map[string]any{"href": s.html("/%s/%s/rules/%d", r.Owner.Login, r.Name, set.ID)},
		},
	}
	if whole {
		out["bypass_actors"] = set.Bypass
		out["conditions"] = map[string]any{"ref_name": map[string]any{"include": set.Include, "exclude": set.Exclude}}
		out["rules"] = set.Rules
	}
	return out
}

func handleRulesets(c *call) (reply, error) {
	return page(c, c.repo.Rulesets, func(r *ruleset) any { return c.s.renderRuleset(c.repo, r, false) }), nil
}

func (c *call) ruleset() (*ruleset, error) {
	i := slices.IndexFunc(c.repo.Rulesets, func(r *ruleset) bool { return r.ID == c.id("id") })
	if i < 0 {
		return nil, notFound()
	}
	return c.repo.Rulesets[i], nil
}

func handleRuleset(c *call) (reply, error) {
	set, err := c.ruleset()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.renderRuleset(c.repo, set, true)), nil
}

func handleCreateRuleset(c *call) (reply, error) {
	var in struct {
		Name, Target, Enforcement string
		BypassActors              []bypass `json:"bypass_actors"`
		Conditions                struct {
			RefName struct{ Include, Exclude []string } `json:"ref_name"`
		}
		Rules []rule
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "admin") {
		return reply{}, notFound()
	}
	if slices.ContainsFunc(c.repo.Rulesets, func(r *ruleset) bool { return r.Name == in.Name }) {
		return reply{}, &problem{status: 422, message: "Validation Failed", errors: []map[string]any{{"resource": "RepositoryRuleset", "code": "custom", "field": "name", "message": "Name must be unique"}}}
	}
	set := &ruleset{
		ID: c.s.nextID(), Name: in.Name, Enforcement: in.Enforcement, Include: in.Conditions.RefName.Include, Exclude: in.Conditions.RefName.Exclude,
		Rules: in.Rules, Bypass: in.BypassActors, Created: c.s.now(), Updated: c.s.now(),
	}
	if set.Exclude == nil {
		set.Exclude = []string{}
	}
	c.repo.Rulesets = append(c.repo.Rulesets, set)
	return created(c.s.renderRuleset(c.repo, set, true)), nil
}

func handleDeleteRuleset(c *call) (reply, error) {
	set, err := c.ruleset()
	if err != nil || !c.s.can(c.repo, c.who, "admin") {
		return reply{}, notFound()
	}
	c.repo.Rulesets = slices.DeleteFunc(c.repo.Rulesets, func(r *ruleset) bool { return r == set })
	return nothing(), nil
}

func (set *ruleset) covers(r *repository, ref string) bool {
	hit := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			switch p {
			case "~ALL":
				return strings.HasPrefix(ref, "refs/heads/")
			case "~DEFAULT_BRANCH":
				return ref == "refs/heads/"+r.DefaultBranch
			}
			matched, _ := path.Match(p, ref)
			return matched
		})
	}
	return set.Enforcement == "active" && hit(set.Include) && !hit(set.Exclude)
}

// passes says that the actor may go around the ruleset.
func (s *Server) passes(r *repository, set *ruleset, who actor) bool {
	return slices.ContainsFunc(set.Bypass, func(b bypass) bool {
		switch b.ActorType {
		case "Integration":
			return who.app && b.ActorID != nil && *b.ActorID == s.o.App.ID
		case "OrganizationAdmin":
			return !who.app && s.level(r, who.user.Login) == "admin"
		}
		return false
	})
}

// obey holds a change of a reference against the rulesets.
func (s *Server) obey(c *call, ref, before, after string) error {
	for _, set := range c.repo.Rulesets {
		if !set.covers(c.repo, ref) || s.passes(c.repo, set, c.who) {
			continue
		}
		for _, rule := range set.Rules {
			why := ""
			switch rule.Type {
			case "update":
				if before != "" && after != "" {
					why = "Cannot update this protected ref."
				}
			case "deletion":
				if after == "" {
					why = "Cannot delete this branch"
				}
			case "creation":
				if before == "" {
					why = "Cannot create ref due to creations being restricted."
				}
			case "non_fast_forward":
				if before != "" && after != "" && !c.repo.Git.IsAncestor(c.ctx, before, after) {
					why = "Cannot force-push to this branch"
				}
			case "required_status_checks":
				if before != "" && after != "" {
					why = s.missingCheck(c, rule, after)
				}
			}
			if why != "" {
				return unprocessable("Repository rule violations found\n\n" + why + " (ruleset \"" + set.Name + "\")")
			}
		}
	}
	return nil
}

// missingCheck names a required check that the commit lacks.
func (s *Server) missingCheck(c *call, r rule, sha string) string {
	required, _ := r.Parameters["required_status_checks"].([]any)
	for _, one := range required {
		want, _ := one.(map[string]any)
		name, _ := want["context"].(string)
		if !slices.ContainsFunc(c.repo.Checks, func(k *check) bool {
			id, bound := want["integration_id"].(float64)
			return k.SHA == sha && k.Name == name && k.Conclusion == "success" && (!bound || int64(id) == k.AppID)
		}) {
			return "Required status check \"" + name + "\" is expected."
		}
	}
	return ""
}
