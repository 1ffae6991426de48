package sandbox

import (
	"cmp"
	"slices"
	"time"
)

func milestoneRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/milestones", "issues:read", handleMilestones},
		{"POST", "/repos/{owner}/{repo}/milestones", "issues:write", handleCreateMilestone},
		{"GET", "/repos/{owner}/{repo}/milestones/{number}", "issues:read", handleMilestone},
		{"PATCH", "/repos/{owner}/{repo}/milestones/{number}", "issues:write", handleEditMilestone},
		{"DELETE", "/repos/{owner}/{repo}/milestones/{number}", "issues:write", handleDeleteMilestone},
	}
}

func handleMilestones(c *call) (reply, error) {
	state := c.query("state")
	if state == "" {
		state = "open"
	}
	list := slices.Clone(listed(c, c.repo.Milestones, milestoneKey))
	list = slices.DeleteFunc(list, func(m *milestone) bool { return state != "all" && m.State != state })
	slices.SortStableFunc(list, soonest)
	if c.query("direction") == "desc" {
		slices.Reverse(list)
	}
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
	before, title := m.State, m.Title
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
		changes := map[string]any{}
		if title != m.Title {
			changes["title"] = map[string]any{"from": title}
		}
		c.s.emit(c.repo, "milestone", "edited", c.who.user, map[string]any{"milestone": c.s.renderMilestone(c.repo, m),
			"changes": changes})
	}
	return ok(c.s.renderMilestone(c.repo, m)), nil
}

func handleMilestone(c *call) (reply, error) {
	m := c.repo.milestone(c.number("number"))
	if m == nil || c.unseen(milestoneKey(m)) {
		return reply{}, notFound()
	}
	return ok(c.s.renderMilestone(c.repo, m)), nil
}

func handleDeleteMilestone(c *call) (reply, error) {
	m := c.repo.milestone(c.number("number"))
	if m == nil || !c.s.can(c.repo, c.who, "triage") {
		return reply{}, notFound()
	}
	shown := c.s.renderMilestone(c.repo, m)
	c.repo.Milestones = slices.DeleteFunc(c.repo.Milestones, func(o *milestone) bool { return o == m })
	for _, is := range c.repo.Issues {
		if is.Milestone == m {
			is.Milestone = nil
		}
	}
	c.s.emit(c.repo, "milestone", "deleted", c.who.user, map[string]any{"milestone": shown})
	return nothing(), nil
}

// nextMilestone is a number that no milestone had: those of deleted ones are not given again.
func (r *repository) nextMilestone() int {
	r.LastMilestone = max(r.LastMilestone, len(r.Milestones)) + 1
	return r.LastMilestone
}

// soonest orders milestones as the list of GitHub does by default: the earliest due date first, those without one last.
func soonest(a, b *milestone) int {
	due := func(m *milestone) int64 {
		if m.Due == nil {
			return 1 << 62
		}
		return m.Due.Unix()
	}
	return cmp.Or(cmp.Compare(due(a), due(b)), cmp.Compare(a.Number, b.Number))
}
