package sandbox

import "slices"

func labelRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/issues/{number}/labels", "issues:read", handleIssueLabels},
		{"POST", "/repos/{owner}/{repo}/issues/{number}/labels", "issues:write", handleLabelIssue},
		{"DELETE", "/repos/{owner}/{repo}/issues/{number}/labels/{name}", "issues:write", handleUnlabelIssue},
		{"GET", "/repos/{owner}/{repo}/labels", "issues:read", handleLabels},
		{"POST", "/repos/{owner}/{repo}/labels", "issues:write", handleCreateLabel},
		{"GET", "/repos/{owner}/{repo}/labels/{name}", "issues:read", handleLabel},
		{"PATCH", "/repos/{owner}/{repo}/labels/{name}", "issues:write", handleEditLabel},
		{"DELETE", "/repos/{owner}/{repo}/labels/{name}", "issues:write", handleDeleteLabel},
	}
}

func (s *Server) ensureLabel(r *repository, name string) *label {
	if l := r.label(name); l != nil {
		return l
	}
	l := &label{ID: s.nextID(), Name: name, Color: "ededed"}
	r.Labels = append(r.Labels, l)
	return l
}

func handleLabelIssue(c *call) (reply, error) {
	is, err := c.issue()
	if err != nil {
		return reply{}, err
	}
	var in struct{ Labels []string }
	if err := c.decode(&in); err != nil {
		var bare []string
		if err := c.decode(&bare); err != nil {
			return reply{}, err
		}
		in.Labels = bare
	}
	if !c.s.can(c.repo, c.who, "triage") {
		return reply{}, notFound()
	}
	out := []any{}
	for _, name := range in.Labels {
		l := c.s.ensureLabel(c.repo, name)
		if !slices.Contains(is.Labels, l) {
			is.Labels = append(is.Labels, l)
			c.labelled(is, l, "labeled")
		}
	}
	for _, l := range is.Labels {
		out = append(out, c.s.renderLabel(c.repo, l))
	}
	return ok(out), nil
}

func handleUnlabelIssue(c *call) (reply, error) {
	is, err := c.issue()
	if err != nil {
		return reply{}, err
	}
	l := c.repo.label(c.vars["name"])
	if l == nil || !slices.Contains(is.Labels, l) || !c.s.can(c.repo, c.who, "triage") {
		return reply{}, notFound()
	}
	is.Labels = slices.DeleteFunc(is.Labels, func(o *label) bool { return o == l })
	is.Updated = c.s.now()
	c.labelled(is, l, "unlabeled")
	out := []any{}
	for _, o := range is.Labels {
		out = append(out, c.s.renderLabel(c.repo, o))
	}
	return ok(out), nil
}

func handleLabels(c *call) (reply, error) {
	return page(c, c.repo.Labels, func(l *label) any { return c.s.renderLabel(c.repo, l) }), nil
}

func handleCreateLabel(c *call) (reply, error) {
	var in struct{ Name, Color, Description string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	switch {
	case in.Name == "":
		return reply{}, invalid("Label", "name", "missing_field")
	case len([]rune(in.Name)) > 50:
		return reply{}, invalid("Label", "name", "too_long")
	case len([]rune(in.Description)) > 100:
		return reply{}, invalid("Label", "description", "too_long")
	case c.repo.label(in.Name) != nil:
		return reply{}, invalid("Label", "name", "already_exists")
	}
	l := c.s.ensureLabel(c.repo, in.Name)
	if l.Description = in.Description; in.Color != "" {
		l.Color = in.Color
	}
	c.s.emit(c.repo, "label", "created", c.who.user, map[string]any{"label": c.s.renderLabel(c.repo, l)})
	return created(c.s.renderLabel(c.repo, l)), nil
}

// labelled writes a change of labels into the history of the issue and tells the webhooks.
func (c *call) labelled(is *issue, l *label, action string) {
	is.Events = append(is.Events, issueEvent{ID: c.s.nextID(), Event: action, Actor: c.who.user, Label: l,
		At: c.s.now()})
	c.told(is, action, map[string]any{"label": c.s.renderLabel(c.repo, l)})
}

func handleIssueLabels(c *call) (reply, error) {
	is, err := c.issue()
	if err != nil {
		return reply{}, err
	}
	return page(c, is.Labels, func(l *label) any { return c.s.renderLabel(c.repo, l) }), nil
}

func (c *call) label() (*label, error) {
	if l := c.repo.label(c.vars["name"]); l != nil {
		return l, nil
	}
	return nil, notFound()
}

func handleLabel(c *call) (reply, error) {
	l, err := c.label()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.renderLabel(c.repo, l)), nil
}

func handleEditLabel(c *call) (reply, error) {
	l, err := c.label()
	if err != nil || !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	var in struct {
		NewName            *string `json:"new_name"`
		Color, Description *string
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	changes := map[string]any{}
	change := func(name string, to *string, from *string) {
		if from != nil && *from != *to {
			changes[name], *to = map[string]any{"from": *to}, *from
		}
	}
	if in.NewName != nil && c.repo.label(*in.NewName) != nil && c.repo.label(*in.NewName) != l {
		return reply{}, invalid("Label", "name", "already_exists")
	}
	change("name", &l.Name, in.NewName)
	change("color", &l.Color, in.Color)
	change("description", &l.Description, in.Description)
	c.s.emit(c.repo, "label", "edited", c.who.user,
		map[string]any{"label": c.s.renderLabel(c.repo, l), "changes": changes})
	return ok(c.s.renderLabel(c.repo, l)), nil
}

func handleDeleteLabel(c *call) (reply, error) {
	l, err := c.label()
	if err != nil || !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	c.repo.Labels = slices.DeleteFunc(c.repo.Labels, func(o *label) bool { return o == l })
	for _, is := range c.repo.Issues {
		is.Labels = slices.DeleteFunc(is.Labels, func(o *label) bool { return o == l })
	}
	c.s.emit(c.repo, "label", "deleted", c.who.user, map[string]any{"label": c.s.renderLabel(c.repo, l)})
	return nothing(), nil
}
