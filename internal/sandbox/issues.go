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
		{"GET", "/repos/{owner}/{repo}/issues/{number}/events", "issues:read", handleIssueEvents},
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
	list := slices.Clone(listed(c, c.repo.Issues, issueKey))
	list = slices.DeleteFunc(list, func(is *issue) bool {
		if state != "all" && is.State != state {
			return true
		}
		if !c.inMilestone(is) {
			return true
		}
		if since := c.query("since"); since != "" && stamp(is.Updated) < since {
			return true
		}
		for _, name := range strings.Split(c.query("labels"), ",") {
			if name != "" &&
				!slices.ContainsFunc(is.Labels, func(l *label) bool { return strings.EqualFold(l.Name, name) }) {
				return true
			}
		}
		return false
	})
	if c.query("sort") == "updated" {
		slices.SortStableFunc(list, func(a, b *issue) int { return a.Updated.Compare(b.Updated) })
	}
	if c.query("direction") != "asc" {
		slices.Reverse(list)
	}
	return page(c, list, func(is *issue) any { return c.s.renderIssue(c.repo, is) }), nil
}

// inMilestone holds an issue against the filter of a list: a number, * for any, none for no milestone.
func (c *call) inMilestone(is *issue) bool {
	switch m := c.query("milestone"); m {
	case "":
		return true
	case "none":
		return is.Milestone == nil
	case "*":
		return is.Milestone != nil
	default:
		return is.Milestone != nil && strconv.Itoa(is.Milestone.Number) == m
	}
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
		ID: c.s.nextID(), Number: c.repo.nextIssue(), Title: in.Title, Body: in.Body, State: "open", User: c.who.user,
		App: c.who.app, Created: c.s.now(), Updated: c.s.now(),
	}
	if c.s.can(c.repo, c.who, "triage") {
		for _, login := range in.Assignees {
			if a := c.s.users[strings.ToLower(login)]; a != nil {
				is.Assignees = append(is.Assignees, a)
				is.Events = append(is.Events, c.s.assigned(a, c.who.user, "assigned"))
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

func (c *call) issue() (*issue, error) {
	number := c.number("number")
	is := c.repo.issue(number)
	if is == nil {
		return nil, c.departed(number)
	}
	if c.unseen(issueKey(is)) {
		return nil, notFound()
	}
	return is, nil
}

// told tells the webhooks of a change of an issue or, with an event of its own, of a pull request.
func (c *call) told(is *issue, action string, fields map[string]any) {
	if is.Pull == nil {
		fields["issue"] = c.s.renderIssue(c.repo, is)
		c.s.emit(c.repo, "issues", action, c.who.user, fields)
		return
	}
	fields["number"], fields["pull_request"] = is.Number, c.s.renderWholePull(c, is)
	c.s.emit(c.repo, "pull_request", action, c.who.user, fields)
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
	if err := c.relabel(is, in["labels"]); err != nil {
		return reply{}, err
	}
	c.reassign(is, in["assignees"], send)
	if len(changes) > 0 {
		send("edited", map[string]any{"changes": changes})
	}
	out := c.s.renderIssue(c.repo, is)
	out["closed_by"] = nil
	return ok(out), nil
}

// reassign sets the assignees of an issue, when they are given.
func (c *call) reassign(is *issue, given any, send func(action string, fields map[string]any)) {
	v, has := given.([]any)
	if !has {
		return
	}
	before := is.Assignees
	is.Assignees = nil
	for _, login := range v {
		name, _ := login.(string)
		if a := c.s.users[strings.ToLower(name)]; a != nil && !slices.Contains(is.Assignees, a) {
			is.Assignees = append(is.Assignees, a)
		}
	}
	for _, a := range before {
		if !slices.Contains(is.Assignees, a) {
			is.Events = append(is.Events, c.s.assigned(a, c.who.user, "unassigned"))
			send("unassigned", map[string]any{"assignee": c.s.renderUser(a)})
		}
	}
	for _, a := range is.Assignees {
		if !slices.Contains(before, a) {
			is.Events = append(is.Events, c.s.assigned(a, c.who.user, "assigned"))
			send("assigned", map[string]any{"assignee": c.s.renderUser(a)})
		}
	}
}

// relabel sets the labels of an issue, when they are given.
func (c *call) relabel(is *issue, given any) error {
	list, has := given.([]any)
	if !has {
		return nil
	}
	if !c.s.can(c.repo, c.who, "triage") {
		return notFound()
	}
	var want []*label
	for _, one := range list {
		name, isText := one.(string)
		if fields, isObject := one.(map[string]any); isObject {
			name, isText = fields["name"].(string)
		}
		if !isText {
			return invalid("Issue", "labels", "invalid")
		}
		want = append(want, c.s.ensureLabel(c.repo, name))
	}
	before := is.Labels
	is.Labels = want
	for _, l := range before {
		if !slices.Contains(want, l) {
			c.labelled(is, l, "unlabeled")
		}
	}
	for _, l := range want {
		if !slices.Contains(before, l) {
			c.labelled(is, l, "labeled")
		}
	}
	return nil
}

// issueEvent is a line of an issue's history. The sandbox keeps those of labels and of assignees.
type issueEvent struct {
	ID       int64
	Event    string
	Actor    *account
	Label    *label   // of labeled, unlabeled
	Assignee *account // of assigned, unassigned
	At       time.Time
}

// eventKey is by what lists lack a change of the assignees. Those of labels are there at once.
func eventKey(e issueEvent) string {
	if e.Assignee == nil {
		return ""
	}
	return idKey(e.ID)
}

// assigned is a change of the assignees, by somebody.
func (s *Server) assigned(who, by *account, what string) issueEvent {
	return issueEvent{ID: s.nextID(), Event: what, Actor: by, Assignee: who, At: s.now()}
}

func handleIssueEvents(c *call) (reply, error) {
	is, err := c.issue()
	if err != nil {
		return reply{}, err
	}
	return page(c, listed(c, is.Events, eventKey), func(e issueEvent) any {
		out := map[string]any{
			"id": e.ID, "node_id": nodeID("E", e.ID), "url": c.s.api("/repos/%s/%s/issues/events/%d",
				c.repo.Owner.Login, c.repo.Name, e.ID),
			"actor": c.s.renderUser(
				e.Actor), "event": e.Event, "commit_id": nil, "commit_url": nil, "created_at": stamp(e.At),
			"performed_via_github_app": nil,
		}
		if e.Label != nil {
			out["label"] = map[string]any{"name": e.Label.Name, "color": e.Label.Color}
			return out
		}
		// The assigner counts. The actor is made the assignee here, so that nobody relies on it.
		out["actor"], out["assignee"], out["assigner"] = c.s.renderUser(e.Assignee), c.s.renderUser(e.Assignee),
			c.s.renderUser(e.Actor)
		return out
	}), nil
}
