package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

func issueRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}", "metadata:read", handleRepo},
		{"GET", "/repos/{owner}/{repo}/issues", "issues:read", handleIssues},
		{"POST", "/repos/{owner}/{repo}/issues", "issues:write", handleOpenIssue},
		{"GET", "/repos/{owner}/{repo}/issues/{number}", "issues:read", handleIssue},
		{"PATCH", "/repos/{owner}/{repo}/issues/{number}", "issues:write", handleEditIssue},
		{"GET", "/repos/{owner}/{repo}/issues/{number}/comments", "issues:read", handleComments},
		{"POST", "/repos/{owner}/{repo}/issues/{number}/comments", "issues:write", handleComment},
		{"GET", "/repos/{owner}/{repo}/issues/comments/{id}", "issues:read", handleOneComment},
		{"PATCH", "/repos/{owner}/{repo}/issues/comments/{id}", "issues:write", handleEditComment},
		{"DELETE", "/repos/{owner}/{repo}/issues/comments/{id}", "issues:write", handleDeleteComment},
		{"POST", "/repos/{owner}/{repo}/issues/comments/{id}/reactions", "issues:write", handleReact},
		{"POST", "/repos/{owner}/{repo}/issues/{number}/labels", "issues:write", handleLabelIssue},
		{"DELETE", "/repos/{owner}/{repo}/issues/{number}/labels/{name}", "issues:write", handleUnlabelIssue},
		{"GET", "/repos/{owner}/{repo}/labels", "issues:read", handleLabels},
		{"POST", "/repos/{owner}/{repo}/labels", "issues:write", handleCreateLabel},
		{"GET", "/repos/{owner}/{repo}/milestones", "issues:read", handleMilestones},
		{"POST", "/repos/{owner}/{repo}/milestones", "issues:write", handleCreateMilestone},
		{"PATCH", "/repos/{owner}/{repo}/milestones/{number}", "issues:write", handleEditMilestone},
	}
}

func handleRepo(c *call) (reply, error) {
	out := c.s.renderRepository(c.repo)
	out["network_count"], out["subscribers_count"] = 0, 0
	out["organization"] = c.s.renderUser(c.repo.Owner)
	return ok(out), nil
}

func handleIssues(c *call) (reply, error) {
	state := c.query("state")
	if state == "" {
		state = "open"
	}
	list := slices.Clone(c.repo.Issues)
	list = slices.DeleteFunc(list, func(is *issue) bool {
		if state != "all" && is.State != state {
			return true
		}
		if m := c.query("milestone"); m != "" && m != "*" && (is.Milestone == nil || strconv.Itoa(is.Milestone.Number) != m) {
			return true
		}
		for _, name := range strings.Split(c.query("labels"), ",") {
			if name != "" && !slices.ContainsFunc(is.Labels, func(l *label) bool { return strings.EqualFold(l.Name, name) }) {
				return true
			}
		}
		return false
	})
	slices.Reverse(list)
	return page(c, list, func(is *issue) any { return c.s.renderIssue(c.repo, is) }), nil
}

func handleOpenIssue(c *call) (reply, error) {
	var in struct {
		Title, Body string
		Assignees   []string
		Labels      []string
		Milestone   *int
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if in.Title == "" {
		return reply{}, invalid("Issue", "title", "missing_field")
	}
	if err := tooLong("Issue", in.Body); err != nil {
		return reply{}, err
	}
	is := &issue{
		ID: c.s.nextID(), Number: len(c.repo.Issues) + 1, Title: in.Title, Body: in.Body, State: "open", User: c.who.user,
		Created: c.s.now(), Updated: c.s.now(),
	}
	if c.s.can(c.repo, c.who, "triage") {
		for _, login := range in.Assignees {
			if a := c.s.users[strings.ToLower(login)]; a != nil {
				is.Assignees = append(is.Assignees, a)
			}
		}
		for _, name := range in.Labels {
			is.Labels = append(is.Labels, c.s.ensureLabel(c.repo, name))
		}
		if in.Milestone != nil {
			is.Milestone = c.repo.milestone(*in.Milestone)
		}
	}
	c.repo.Issues = append(c.repo.Issues, is)
	c.s.emit(c.repo, "issues", "opened", c.who.user, map[string]any{"issue": c.s.renderIssue(c.repo, is)})
	return created(c.s.renderIssue(c.repo, is)), nil
}

func (s *Server) ensureLabel(r *repository, name string) *label {
	if l := r.label(name); l != nil {
		return l
	}
	l := &label{ID: s.nextID(), Name: name, Color: "ededed"}
	r.Labels = append(r.Labels, l)
	return l
}

func (c *call) issue() (*issue, error) {
	is := c.repo.issue(c.number("number"))
	if is == nil {
		return nil, notFound()
	}
	return is, nil
}

func handleIssue(c *call) (reply, error) {
	is, err := c.issue()
	if err != nil {
		return reply{}, err
	}
	out := c.s.renderIssue(c.repo, is)
	out["closed_by"] = nil
	return ok(out), nil
}

func handleEditIssue(c *call) (reply, error) {
	is, err := c.issue()
	if err != nil {
		return reply{}, err
	}
	var in map[string]any
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	own := c.who.user == is.User
	if !c.s.can(c.repo, c.who, "triage") && !own || in["milestone"] != nil && !c.s.can(c.repo, c.who, "triage") {
		return reply{}, notFound()
	}
	changes := map[string]any{}
	if v, has := in["title"].(string); has && v != is.Title {
		changes["title"], is.Title = map[string]any{"from": is.Title}, v
	}
	if v, has := in["body"].(string); has && v != is.Body {
		if err := tooLong("Issue", v); err != nil {
			return reply{}, err
		}
		changes["body"], is.Body = map[string]any{"from": is.Body}, v
	}
	is.Updated = c.s.now()
	send := func(action string, fields map[string]any) {
		fields["issue"] = c.s.renderIssue(c.repo, is)
		c.s.emit(c.repo, "issues", action, c.who.user, fields)
	}
	if v, has := in["state"].(string); has && v != is.State {
		is.State = v
		now := c.s.now()
		action := "closed"
		is.Closed = &now
		if v == "open" {
			is.Closed, action = nil, "reopened"
		}
		send(action, map[string]any{})
	}
	if v, has := in["milestone"]; has {
		before := is.Milestone
		is.Milestone = nil
		if n, isNumber := v.(float64); isNumber {
			if is.Milestone = c.repo.milestone(int(n)); is.Milestone == nil {
				is.Milestone = before
				return reply{}, invalid("Issue", "milestone", "invalid")
			}
		}
		if before != nil && before != is.Milestone {
			send("demilestoned", map[string]any{"milestone": c.s.renderMilestone(c.repo, before)})
		}
		if is.Milestone != nil && before != is.Milestone {
			send("milestoned", map[string]any{"milestone": c.s.renderMilestone(c.repo, is.Milestone)})
		}
	}
	if v, has := in["assignees"].([]any); has {
		is.Assignees = nil
		for _, login := range v {
			if a := c.s.users[strings.ToLower(login.(string))]; a != nil {
				is.Assignees = append(is.Assignees, a)
				send("assigned", map[string]any{"assignee": c.s.renderUser(a)})
			}
		}
	}
	if len(changes) > 0 {
		send("edited", map[string]any{"changes": changes})
	}
	out := c.s.renderIssue(c.repo, is)
	out["closed_by"] = nil
	return ok(out), nil
}

func handleComments(c *call) (reply, error) {
	is, err := c.issue()
	if err != nil {
		return reply{}, err
	}
	return page(c, is.Comments, func(m *comment) any { return c.s.renderComment(c.repo, is, m) }), nil
}

func handleComment(c *call) (reply, error) {
	is, err := c.issue()
	if err != nil {
		return reply{}, err
	}
	var in struct{ Body string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if strings.TrimSpace(in.Body) == "" {
		return reply{}, invalid("IssueComment", "body", "missing_field")
	}
	if err := tooLong("IssueComment", in.Body); err != nil {
		return reply{}, err
	}
	m := &comment{ID: c.s.nextID(), User: c.who.user, Body: in.Body, Created: c.s.now(), Updated: c.s.now()}
	is.Comments = append(is.Comments, m)
	is.Updated = c.s.now()
	c.s.emit(c.repo, "issue_comment", "created", c.who.user, map[string]any{"issue": c.s.renderIssue(c.repo, is), "comment": c.s.renderComment(c.repo, is, m)})
	return created(c.s.renderComment(c.repo, is, m)), nil
}

func handleOneComment(c *call) (reply, error) {
	is, m := c.repo.comment(c.id("id"))
	if m == nil {
		return reply{}, notFound()
	}
	return ok(c.s.renderComment(c.repo, is, m)), nil
}

func handleEditComment(c *call) (reply, error) {
	is, m := c.repo.comment(c.id("id"))
	if m == nil {
		return reply{}, notFound()
	}
	var in struct{ Body string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if m.User != c.who.user && !c.s.can(c.repo, c.who, "write") {
		return reply{}, forbidden("Must have admin rights to Repository.")
	}
	if err := tooLong("IssueComment", in.Body); err != nil {
		return reply{}, err
	}
	before := m.Body
	m.Body, m.Updated = in.Body, c.s.now()
	c.s.emit(c.repo, "issue_comment", "edited", c.who.user, map[string]any{
		"changes": map[string]any{"body": map[string]any{"from": before}},
		"issue":   c.s.renderIssue(c.repo, is), "comment": c.s.renderComment(c.repo, is, m),
	})
	return ok(c.s.renderComment(c.repo, is, m)), nil
}

func handleDeleteComment(c *call) (reply, error) {
	is, m := c.repo.comment(c.id("id"))
	if m == nil {
		return reply{}, notFound()
	}
	is.Comments = slices.DeleteFunc(is.Comments, func(o *comment) bool { return o == m })
	c.s.emit(c.repo, "issue_comment", "deleted", c.who.user, map[string]any{"issue": c.s.renderIssue(c.repo, is), "comment": c.s.renderComment(c.repo, is, m)})
	return nothing(), nil
}

func handleReact(c *call) (reply, error) {
	_, m := c.repo.comment(c.id("id"))
	if m == nil {
		return reply{}, notFound()
	}
	var in struct{ Content string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	render := func(r reaction) map[string]any {
		return map[string]any{"id": r.ID, "node_id": nodeID("R", r.ID), "user": c.s.renderUser(r.User), "content": r.Content, "created_at": stamp(r.Created)}
	}
	for _, r := range m.Reactions {
		if r.User == c.who.user && r.Content == in.Content {
			return ok(render(r)), nil
		}
	}
	r := reaction{ID: c.s.nextID(), User: c.who.user, Content: in.Content, Created: c.s.now()}
	m.Reactions = append(m.Reactions, r)
	return created(render(r)), nil
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
			c.s.emit(c.repo, "issues", "labeled", c.who.user, map[string]any{"issue": c.s.renderIssue(c.repo, is), "label": c.s.renderLabel(c.repo, l)})
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
	c.s.emit(c.repo, "issues", "unlabeled", c.who.user, map[string]any{"issue": c.s.renderIssue(c.repo, is), "label": c.s.renderLabel(c.repo, l)})
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
	if c.repo.label(in.Name) != nil {
		return reply{}, invalid("Label", "name", "already_exists")
	}
	l := c.s.ensureLabel(c.repo, in.Name)
	l.Color, l.Description = in.Color, in.Description
	return created(c.s.renderLabel(c.repo, l)), nil
}

func handleMilestones(c *call) (reply, error) {
	state := c.query("state")
	if state == "" {
		state = "open"
	}
	list := slices.Clone(c.repo.Milestones)
	list = slices.DeleteFunc(list, func(m *milestone) bool { return state != "all" && m.State != state })
	return page(c, list, func(m *milestone) any { return c.s.renderMilestone(c.repo, m) }), nil
}

type milestoneInput struct {
	Title, State, Description *string
	DueOn                     *time.Time `json:"due_on"`
}

func (in milestoneInput) into(m *milestone) {
	if in.Title != nil {
		m.Title = *in.Title
	}
	if in.Description != nil {
		m.Description = *in.Description
	}
	if in.State != nil {
		m.State = *in.State
	}
	if in.DueOn != nil {
		m.Due = in.DueOn
	}
}

func handleCreateMilestone(c *call) (reply, error) {
	var in milestoneInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "triage") {
		return reply{}, notFound()
	}
	if in.Title == nil || *in.Title == "" {
		return reply{}, invalid("Milestone", "title", "missing_field")
	}
	if slices.ContainsFunc(c.repo.Milestones, func(m *milestone) bool { return m.Title == *in.Title }) {
		return reply{}, invalid("Milestone", "title", "already_exists")
	}
	m := c.s.milestoneTitled(c.repo, *in.Title, c.who.user)
	in.into(m)
	c.s.emit(c.repo, "milestone", "created", c.who.user, map[string]any{"milestone": c.s.renderMilestone(c.repo, m)})
	return created(c.s.renderMilestone(c.repo, m)), nil
}

func handleEditMilestone(c *call) (reply, error) {
	m := c.repo.milestone(c.number("number"))
	if m == nil || !c.s.can(c.repo, c.who, "triage") {
		return reply{}, notFound()
	}
	var in milestoneInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	before := m.State
	in.into(m)
	m.Updated = c.s.now()
	switch {
	case before == "open" && m.State == "closed":
		now := c.s.now()
		m.Closed = &now
		c.s.emit(c.repo, "milestone", "closed", c.who.user, map[string]any{"milestone": c.s.renderMilestone(c.repo, m)})
	case before == "closed" && m.State == "open":
		m.Closed = nil
		c.s.emit(c.repo, "milestone", "opened", c.who.user, map[string]any{"milestone": c.s.renderMilestone(c.repo, m)})
	default:
		c.s.emit(c.repo, "milestone", "edited", c.who.user, map[string]any{"milestone": c.s.renderMilestone(c.repo, m), "changes": map[string]any{}})
	}
	return ok(c.s.renderMilestone(c.repo, m)), nil
}
