package sandbox

import (
	"slices"
	"time"
)

// status is a commit status: what reported on commits before check runs, and still does.
type status struct {
	ID                  int64
	SHA, Context, State string
	Description, Target string
	Creator             *account
	Created             time.Time
}

func (s *Server) renderStatus(r *repository, t *status) map[string]any {
	return map[string]any{
		"url": s.api("/repos/%s/%s/statuses/%s", r.Owner.Login, r.Name, t.SHA), "avatar_url": s.html("/avatars/%s",
			t.Creator.Login), "id": t.ID,
		"node_id": nodeID("S",
			t.ID), "state": t.State, "description": nullable(t.Description), "target_url": nullable(t.Target),
		"context":    t.Context,
		"created_at": stamp(t.Created), "updated_at": stamp(t.Created),
	}
}

func handleCreateStatus(c *call) (reply, error) {
	var in struct {
		State, Description, Context string
		Target                      string `json:"target_url"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	if !c.repo.Git.Has(c.ctx, c.vars["sha"]) {
		return reply{}, unprocessable("No commit found for SHA: " + c.vars["sha"])
	}
	if !slices.Contains([]string{"error", "failure", "pending", "success"}, in.State) {
		return reply{}, invalid("Status", "state", "invalid")
	}
	if in.Context == "" {
		in.Context = "default"
	}
	t := &status{
		ID: c.s.nextID(), SHA: c.vars["sha"], Context: in.Context, State: in.State, Description: in.Description,
		Target: in.Target, Creator: c.who.user, Created: c.s.now(),
	}
	c.repo.Statuses = append(c.repo.Statuses, t)
	c.s.emitStatus(c, t)
	out := c.s.renderStatus(c.repo, t)
	out["creator"] = c.s.renderUser(t.Creator)
	return created(out), nil
}

func (s *Server) emitStatus(c *call, t *status) {
	m, err := c.repo.Git.Commit(c.ctx, t.SHA)
	if err != nil {
		return
	}
	branches := []any{}
	if refs, err := c.repo.Git.Refs(c.ctx, "refs/heads/"); err == nil {
		for _, ref := range refs {
			if ref.SHA == t.SHA {
				branches = append(branches, map[string]any{
					"name": ref.Name[len("refs/heads/"):], "protected": c.repo.protected(ref.Name),
					"commit": map[string]any{"sha": t.SHA, "url": s.api("/repos/%s/%s/commits/%s", c.repo.Owner.Login,
						c.repo.Name, t.SHA)},
				})
			}
		}
	}
	s.emit(c.repo, "status", "", c.who.user, map[string]any{
		"id": t.ID, "sha": t.SHA, "name": c.repo.full(), "target_url": nullable(t.Target), "avatar_url": s.html(
			"/avatars/%s", t.Creator.Login), "context": t.Context,
		"description": nullable(t.Description), "state": t.State, "commit": s.renderCommit(c.repo,
			m), "branches": branches, "created_at": stamp(t.Created), "updated_at": stamp(t.Created),
	})
}

// handleStatus sums up the newest status of each context.
func handleStatus(c *call) (reply, error) {
	sha, err := c.repo.Git.Resolve(c.ctx, c.vars["ref"])
	if err != nil {
		return reply{}, notFound()
	}
	var list []*status
	for _, t := range slices.Backward(c.repo.Statuses) {
		if t.SHA == sha && !slices.ContainsFunc(list, func(o *status) bool { return o.Context == t.Context }) {
			list = append(list, t)
		}
	}
	sum := "pending"
	if len(list) > 0 {
		sum = "success"
	}
	for _, t := range list {
		switch t.State {
		case "pending":
			if sum == "success" {
				sum = "pending"
			}
		case "failure", "error":
			sum = "failure"
		}
	}
	u := c.s.api("/repos/%s/%s/commits/%s", c.repo.Owner.Login, c.repo.Name, sha)
	return paged(c, list, func(items []any) any {
		return map[string]any{
			"state": sum, "statuses": items, "sha": sha, "total_count": len(list), "repository": c.s.renderMinimal(
				c.repo), "commit_url": u, "url": u + "/status",
		}
	}, func(t *status) any {
		out := c.s.renderStatus(c.repo, t)
		out["required"] = false
		return out
	}), nil
}
