package sandbox

import (
	"slices"
	"strings"
)

func checkRoutes() []route {
	return []route{
		{"POST", "/repos/{owner}/{repo}/check-runs", "checks:write", handleCreateCheck},
		{"GET", "/repos/{owner}/{repo}/check-runs/{id}", "checks:read", handleCheck},
		{"PATCH", "/repos/{owner}/{repo}/check-runs/{id}", "checks:write", handleEditCheck},
		{"GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs", "checks:read", handleChecks},
		{"POST", "/repos/{owner}/{repo}/statuses/{sha}", "statuses:write", handleCreateStatus},
		{"GET", "/repos/{owner}/{repo}/commits/{ref}/status", "statuses:read", handleStatus},
	}
}

func (s *Server) renderCheck(r *repository, k *check) map[string]any {
	u := s.api("/repos/%s/%s/check-runs/%d", r.Owner.Login, r.Name, k.ID)
	app := s.renderApp()
	if k.AppID != s.o.App.ID {
		app["id"], app["slug"], app["name"] = k.AppID, "github-actions", "GitHub Actions"
	}
	return map[string]any{
		"id": k.ID, "head_sha": k.SHA, "node_id": nodeID("CR", k.ID), "external_id": k.External, "url": u,
		"html_url": s.html("/%s/%s/runs/%d", r.Owner.Login, r.Name, k.ID), "details_url": s.html("/%s/%s/runs/%d",
			r.Owner.Login, r.Name, k.ID),
		"status": k.Status, "conclusion": nullable(k.Conclusion), "started_at": stampOrNil(
			k.Started), "completed_at": stampOrNil(k.Completed),
		"output": map[string]any{"title": nullable(k.Title), "summary": nullable(k.Summary), "text": nil,
			"annotations_count": 0, "annotations_url": u + "/annotations"},
		"name": k.Name, "check_suite": map[string]any{"id": k.Suite}, "app": app, "pull_requests": []any{},
	}
}

type checkInput struct {
	Name, Status, Conclusion string
	HeadSHA                  string `json:"head_sha"`
	ExternalID               string `json:"external_id"`
	Output                   *struct{ Title, Summary string }
}

func handleCreateCheck(c *call) (reply, error) {
	var in checkInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.who.app {
		return reply{}, forbidden("You must authenticate via a GitHub App.")
	}
	if !c.repo.Git.Has(c.ctx, in.HeadSHA) {
		return reply{}, unprocessable("No commit found for SHA: " + in.HeadSHA)
	}
	k := c.s.check(c.repo, in.HeadSHA, in.Name, in.Conclusion, c.s.o.App.ID)
	if k.External = in.ExternalID; in.Output != nil {
		k.Title, k.Summary = in.Output.Title, in.Output.Summary
	}
	return created(c.s.renderCheck(c.repo, k)), nil
}

func (c *call) check() (*check, error) {
	i := slices.IndexFunc(c.repo.Checks, func(k *check) bool { return k.ID == c.id("id") })
	if i < 0 || c.unseen(checkKey(c.repo.Checks[i])) {
		return nil, notFound()
	}
	return c.repo.Checks[i], nil
}

func handleCheck(c *call) (reply, error) {
	k, err := c.check()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.renderCheck(c.repo, k)), nil
}

// handleEditCheck lets an App change its own check runs only.
func handleEditCheck(c *call) (reply, error) {
	k, err := c.check()
	if err != nil {
		return reply{}, err
	}
	var in checkInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.who.app || k.AppID != c.s.o.App.ID {
		return reply{}, forbidden("Invalid app_id `" + c.s.o.App.Slug + "` - check run can only be modified by the " +
			"GitHub App that created it.")
	}
	if in.Name != "" {
		k.Name = in.Name
	}
	if in.Output != nil {
		k.Title, k.Summary = in.Output.Title, in.Output.Summary
	}
	if in.Status != "" {
		k.Status = in.Status
	}
	if in.Conclusion != "" {
		now := c.s.now()
		k.Status, k.Conclusion, k.Completed = "completed", in.Conclusion, &now
	}
	return ok(c.s.renderCheck(c.repo, k)), nil
}

// check adds a check run; an empty conclusion leaves it in progress.
func (s *Server) check(r *repository, sha, name, conclusion string, app int64) *check {
	now := s.now()
	k := &check{ID: s.nextID(), SHA: sha, Name: name, Status: "in_progress", AppID: app, Suite: app, Started: &now}
	if conclusion != "" {
		k.Status, k.Conclusion, k.Completed = "completed", conclusion, &now
	}
	r.Checks = append(r.Checks, k)
	return k
}

func handleChecks(c *call) (reply, error) {
	sha, err := c.repo.Git.Resolve(c.ctx, c.vars["ref"])
	if err != nil {
		return reply{}, unprocessable("No commit found for SHA: " + c.vars["ref"])
	}
	var list []*check
	for _, k := range slices.Backward(listed(c, c.repo.Checks, checkKey)) {
		newer := slices.ContainsFunc(list, func(o *check) bool { return o.Name == k.Name && o.AppID == k.AppID })
		if k.SHA == sha && (c.query("filter") == "all" || !newer) {
			list = append(list, k)
		}
	}
	return paged(c, list, func(items []any) any {
		return map[string]any{"total_count": len(list), "check_runs": items}
	}, func(k *check) any { return c.s.renderCheck(c.repo, k) }), nil
}

func (s *Server) renderMinimal(r *repository) map[string]any {
	out := s.renderRepository(r)
	for _, gone := range []string{"license", "allow_forking"} {
		delete(out, gone)
	}
	return out
}

// FinishCheck adds or finishes a check run of the project's own CI.
func (s *Server) FinishCheck(repo, sha, name, conclusion string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repos[strings.ToLower(repo)]
	k := s.check(r, sha, name, conclusion, 15368)
	s.emit(r, "check_run", "completed", s.users[s.botLogin()], map[string]any{"check_run": s.renderCheck(r, k)})
}
