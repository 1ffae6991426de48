package sandbox

import "slices"

func ruleRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/rulesets", "metadata:read", handleRulesets},
		{"POST", "/repos/{owner}/{repo}/rulesets", "administration:write", handleCreateRuleset},
		{"GET", "/repos/{owner}/{repo}/rulesets/{id}", "metadata:read", handleRuleset},
		{"PUT", "/repos/{owner}/{repo}/rulesets/{id}", "administration:write", handleEditRuleset},
		{"DELETE", "/repos/{owner}/{repo}/rulesets/{id}", "administration:write", handleDeleteRuleset},
		{"GET", "/repos/{owner}/{repo}/rules/branches/{branch...}", "metadata:read", handleBranchRules},
	}
}

func (s *Server) renderRuleset(r *repository, set *ruleset, whole bool) map[string]any {
	out := map[string]any{
		"id": set.ID, "name": set.Name, "target": set.Target, "source_type": "Repository", "source": r.full(),
		"enforcement": set.Enforcement,
		"node_id":     nodeID("RRS", set.ID), "created_at": stamp(set.Created), "updated_at": stamp(set.Updated),
		"_links": map[string]any{
			"self": map[string]any{"href": s.api("/repos/%s/%s/rulesets/%d", r.Owner.Login, r.Name, set.ID)},
			"html": map[string]any{"href": s.html("/%s/%s/rules/%d", r.Owner.Login, r.Name, set.ID)},
		},
	}
	if whole {
		out["bypass_actors"] = append([]bypass{}, set.Bypass...)
		out["conditions"] = map[string]any{"ref_name": map[string]any{"include": set.Include, "exclude": set.Exclude}}
		out["rules"] = set.Rules
	}
	return out
}

func handleRulesets(c *call) (reply, error) {
	return page(c, listed(c, c.repo.Rulesets, rulesetKey),
		func(r *ruleset) any { return c.s.renderRuleset(c.repo, r, false) }), nil
}

func (c *call) ruleset() (*ruleset, error) {
	i := slices.IndexFunc(c.repo.Rulesets, func(r *ruleset) bool { return r.ID == c.id("id") })
	if i < 0 || c.unseen(rulesetKey(c.repo.Rulesets[i])) {
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

type rulesetInput struct {
	Name, Target, Enforcement string
	BypassActors              []bypass `json:"bypass_actors"`
	Conditions                *struct {
		RefName struct{ Include, Exclude []string } `json:"ref_name"`
	}
	Rules []rule
}

func (in rulesetInput) into(set *ruleset) {
	if in.Name != "" {
		set.Name = in.Name
	}
	if in.Target != "" {
		set.Target = in.Target
	}
	if in.Enforcement != "" {
		set.Enforcement = in.Enforcement
	}
	if in.BypassActors != nil {
		set.Bypass = in.BypassActors
	}
	if in.Conditions != nil {
		set.Include, set.Exclude = in.Conditions.RefName.Include, in.Conditions.RefName.Exclude
	}
	if in.Rules != nil {
		set.Rules = in.Rules
	}
	if set.Exclude == nil {
		set.Exclude = []string{}
	}
}

func handleCreateRuleset(c *call) (reply, error) {
	var in rulesetInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "admin") {
		return reply{}, notFound()
	}
	if slices.ContainsFunc(c.repo.Rulesets, func(r *ruleset) bool { return r.Name == in.Name }) {
		return reply{}, &problem{status: 422, message: "Validation Failed",
			errors: []map[string]any{{"resource": "RepositoryRuleset", "code": "custom", "field": "name",
				"message": "Name must be unique"}}}
	}
	set := &ruleset{ID: c.s.nextID(), Target: "branch", Created: c.s.now(), Updated: c.s.now()}
	in.into(set)
	c.repo.Rulesets = append(c.repo.Rulesets, set)
	return created(c.s.renderRuleset(c.repo, set, true)), nil
}

func handleEditRuleset(c *call) (reply, error) {
	set, err := c.ruleset()
	if err != nil || !c.s.can(c.repo, c.who, "admin") {
		return reply{}, notFound()
	}
	var in rulesetInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	in.into(set)
	set.Updated = c.s.now()
	return ok(c.s.renderRuleset(c.repo, set, true)), nil
}

func handleDeleteRuleset(c *call) (reply, error) {
	set, err := c.ruleset()
	if err != nil || !c.s.can(c.repo, c.who, "admin") {
		return reply{}, notFound()
	}
	c.repo.Rulesets = slices.DeleteFunc(c.repo.Rulesets, func(r *ruleset) bool { return r == set })
	return nothing(), nil
}

// handleBranchRules lists the rules that hold for a branch, with the ruleset that each comes from.
func handleBranchRules(c *call) (reply, error) {
	list := []any{}
	for _, set := range c.repo.Rulesets {
		if !set.covers(c.repo, "refs/heads/"+c.vars["branch"]) {
			continue
		}
		for _, one := range set.Rules {
			line := map[string]any{"type": one.Type, "ruleset_source_type": "Repository",
				"ruleset_source": c.repo.full(), "ruleset_id": set.ID}
			if one.Parameters != nil {
				line["parameters"] = one.Parameters
			}
			list = append(list, line)
		}
	}
	return ok(list), nil
}
