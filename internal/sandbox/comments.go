package sandbox

import (
	"cmp"
	"slices"
	"strings"
)

func commentRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/issues/comments", "issues:read", handleAllComments},
		{"GET", "/repos/{owner}/{repo}/issues/{number}/comments", "issues:read", handleComments},
		{"POST", "/repos/{owner}/{repo}/issues/{number}/comments", "issues:write", handleComment},
		{"GET", "/repos/{owner}/{repo}/issues/comments/{id}", "issues:read", handleOneComment},
		{"PATCH", "/repos/{owner}/{repo}/issues/comments/{id}", "issues:write", handleEditComment},
		{"DELETE", "/repos/{owner}/{repo}/issues/comments/{id}", "issues:write", handleDeleteComment},
	}
}

// showComment is a comment as the API shows it. Unlike a webhook, it says whether the comment is hidden.
func (c *call) showComment(is *issue, m *comment) map[string]any {
	out := c.s.renderComment(c.repo, is, m)
	out["minimized"] = nil
	if m.Minimized != "" {
		out["minimized"] = map[string]any{"reason": m.reason()}
	}
	return out
}

// recent says that a comment changed since the moment that a list asks for.
func (c *call) recent(m *comment) bool {
	since := c.query("since")
	return since == "" || stamp(m.Updated) >= since
}

// handleAllComments lists the comments of all issues, by id or, when asked, by their last change.
func handleAllComments(c *call) (reply, error) {
	type said struct {
		is *issue
		m  *comment
	}
	var list []said
	for _, is := range c.repo.Issues {
		for _, m := range listed(c, is.Comments, commentKey) {
			if c.recent(m) {
				list = append(list, said{is, m})
			}
		}
	}
	slices.SortFunc(list, func(a, b said) int { return cmp.Compare(a.m.ID, b.m.ID) })
	if c.query("sort") == "updated" {
		slices.SortStableFunc(list, func(a, b said) int { return a.m.Updated.Compare(b.m.Updated) })
	}
	if c.query("direction") == "desc" {
		slices.Reverse(list)
	}
	return page(c, list, func(one said) any { return c.showComment(one.is, one.m) }), nil
}

func handleComments(c *call) (reply, error) {
	is, err := c.issue()
	if err != nil {
		return reply{}, err
	}
	var list []*comment
	for _, m := range listed(c, is.Comments, commentKey) {
		if c.recent(m) {
			list = append(list, m)
		}
	}
	return page(c, list, func(m *comment) any { return c.showComment(is, m) }), nil
}

func handleComment(c *call) (reply, error) {
	is, err := c.issue()
	if err != nil {
		return reply{}, err
	}
	if c.closedTo(is) {
		return reply{}, forbidden("Unable to create comment because issue is locked.")
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
	now := c.s.now()
	m := &comment{ID: c.s.nextID(), User: c.who.user, App: c.who.app, Body: in.Body, Created: now, Updated: now}
	is.Comments = append(is.Comments, m)
	is.Updated = now
	c.s.emit(c.repo, "issue_comment", "created", c.who.user, map[string]any{
		"issue": c.s.renderIssue(c.repo, is), "comment": c.s.renderComment(c.repo, is, m),
	})
	return created(c.showComment(is, m)), nil
}

func handleOneComment(c *call) (reply, error) {
	is, m := c.repo.comment(c.id("id"))
	if m == nil || c.unseen(commentKey(m)) {
		return reply{}, notFound()
	}
	return ok(c.showComment(is, m)), nil
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
	return ok(c.showComment(is, m)), nil
}

func handleDeleteComment(c *call) (reply, error) {
	is, m := c.repo.comment(c.id("id"))
	if m == nil {
		return reply{}, notFound()
	}
	if m.User != c.who.user && !c.s.can(c.repo, c.who, "write") {
		return reply{}, forbidden("Must have admin rights to Repository.")
	}
	is.Comments = slices.DeleteFunc(is.Comments, func(o *comment) bool { return o == m })
	c.s.emit(c.repo, "issue_comment", "deleted", c.who.user, map[string]any{
		"issue": c.s.renderIssue(c.repo, is), "comment": c.s.renderComment(c.repo, is, m),
	})
	return nothing(), nil
}
