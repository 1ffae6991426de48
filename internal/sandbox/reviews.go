package sandbox

import (
	"slices"
	"time"
)

// review is one review of a pull request.
type review struct {
	ID          int64
	User        *account
	Body, State string // APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED
	SHA         string
	Submitted   time.Time
	counts      bool // by a reviewer with write access
}

func reviewRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/pulls/{number}/reviews", "pull_requests:read", handleReviews},
		{"POST", "/repos/{owner}/{repo}/pulls/{number}/reviews", "pull_requests:write", handleReview},
		{"PUT", "/repos/{owner}/{repo}/pulls/{number}/reviews/{id}/dismissals", "pull_requests:write", handleDismiss},
	}
}

// approvals counts the people whose last word is an approval.
func (p *pull) approvals() int {
	last := map[*account]string{}
	for _, r := range p.Reviews {
		if r.counts && r.State != "COMMENTED" {
			last[r.User] = r.State
		}
	}
	n := 0
	for _, state := range last {
		if state == "APPROVED" {
			n++
		}
	}
	return n
}

func (s *Server) renderReview(r *repository, is *issue, v *review) map[string]any {
	h := s.html("/%s/%s/pull/%d#pullrequestreview-%d", r.Owner.Login, r.Name, is.Number, v.ID)
	u := s.api("/repos/%s/%s/pulls/%d", r.Owner.Login, r.Name, is.Number)
	return map[string]any{
		"id": v.ID, "node_id": nodeID("PRR",
			v.ID), "user": s.renderUser(v.User), "body": v.Body, "state": v.State, "commit_id": v.SHA, "html_url": h,
		"pull_request_url": u, "author_association": "MEMBER", "submitted_at": stamp(v.Submitted),
		"_links": map[string]any{"html": map[string]any{"href": h}, "pull_request": map[string]any{"href": u}},
	}
}

func handleReviews(c *call) (reply, error) {
	is, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	return page(c, is.Pull.Reviews, func(v *review) any { return c.s.renderReview(c.repo, is, v) }), nil
}

func handleReview(c *call) (reply, error) {
	is, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	var in struct {
		Body, Event string
		CommitID    string `json:"commit_id"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	state := map[string]string{"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED",
		"COMMENT": "COMMENTED"}[in.Event]
	switch {
	case state == "":
		return reply{}, unprocessable("the sandbox keeps no pending reviews: event must be APPROVE, REQUEST_CHANGES " +
			"or COMMENT")
	case state != "COMMENTED" && c.who.user == is.User:
		return reply{}, unprocessable("Can not approve your own pull request")
	case state != "APPROVED" && in.Body == "":
		return reply{}, unprocessable("Body can't be blank")
	}
	sha := in.CommitID
	if sha == "" {
		sha = is.Pull.HeadSHA
	}
	v := &review{ID: c.s.nextID(), User: c.who.user, Body: in.Body, State: state, SHA: sha, Submitted: c.s.now(),
		counts: c.s.can(c.repo, c.who, "write")}
	is.Pull.Reviews = append(is.Pull.Reviews, v)
	is.Updated = c.s.now()
	c.s.emitReview(c, is, v, "submitted")
	return ok(c.s.renderReview(c.repo, is, v)), nil
}

func handleDismiss(c *call) (reply, error) {
	is, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	i := slices.IndexFunc(is.Pull.Reviews, func(v *review) bool { return v.ID == c.id("id") })
	if i < 0 || !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	is.Pull.Reviews[i].State = "DISMISSED"
	c.s.emitReview(c, is, is.Pull.Reviews[i], "dismissed")
	return ok(c.s.renderReview(c.repo, is, is.Pull.Reviews[i])), nil
}

func (s *Server) emitReview(c *call, is *issue, v *review, action string) {
	shown := s.renderReview(c.repo, is, v)
	shown["state"] = map[string]string{"APPROVED": "approved", "CHANGES_REQUESTED": "changes_requested",
		"COMMENTED": "commented", "DISMISSED": "dismissed"}[v.State]
	s.emit(c.repo, "pull_request_review", action, c.who.user,
		map[string]any{"review": shown, "pull_request": s.renderPull(c, is)})
}
