package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

func checkRoutes() []route {
	return []route{
		{"POST", "/repos/{owner}/{repo}/check-runs", "checks:write", handleCreateCheck},
		{"GET", "/repos/{owner}/{repo}/check-runs/{id}", "checks:read", handleCheck},
		{"PATCH", "/repos/{owner}/{repo}/check-runs/{id}", "checks:write", handleEditCheck},
		{"GET", "/repos/{owner}/{repo}/check-runs/{id}/annotations", "checks:read", handleAnnotations},
		{"POST", "/repos/{owner}/{repo}/check-runs/{id}/rerequest", "checks:write", handleRerequestCheck},
		{"POST", "/repos/{owner}/{repo}/check-suites/{id}/rerequest", "checks:write", handleRerequestSuite},
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
			"annotations_count": len(k.Annotations), "annotations_url": u + "/annotations"},
		"name": k.Name, "check_suite": map[string]any{"id": k.Suite}, "app": app, "pull_requests": []any{},
	}
}

type checkInput struct {
	Name, Status, Conclusion string
	HeadSHA                  string `json:"head_sha"`
	ExternalID               string `json:"external_id"`
	Output                   *checkOutput
}

type checkOutput struct {
	Title, Summary string
	Annotations    []annotation
}

// The most that GitHub takes in one request (REST, Check runs, output).
const (
	mostAnnotations = 50
	longestSummary  = 65535
)

// wrong is what GitHub refuses an output for.
func (out *checkOutput) wrong() error {
	if out == nil {
		return nil
	}
	if n := len(out.Annotations); n > mostAnnotations {
		return unprocessable(fmt.Sprintf("Invalid request.\n\nNo more than %d items are allowed; %d were supplied.",
			mostAnnotations, n))
	}
	if n := utf8.RuneCountInString(out.Summary); n > longestSummary {
		return unprocessable(fmt.Sprintf("Invalid request.\n\nOnly %d characters are allowed; %d were supplied.",
			longestSummary, n))
	}
	for _, a := range out.Annotations {
		columns := a.StartColumn != 0 || a.EndColumn != 0
		if a.Path == "" || a.Message == "" || a.StartLine < 1 || a.EndLine < a.StartLine ||
			columns && a.StartLine != a.EndLine || !slices.Contains([]string{"notice", "warning", "failure"}, a.Level) {
			return invalid("CheckRun", "annotations", "invalid")
		}
	}
	return nil
}

// says sets what a check run says. Annotations are added to those that are there.
func (k *check) says(out *checkOutput) {
	if out != nil {
		k.Title, k.Summary = out.Title, out.Summary
		k.Annotations = append(k.Annotations, out.Annotations...)
	}
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
	if err := in.Output.wrong(); err != nil {
		return reply{}, err
	}
	k := c.s.check(c.repo, in.HeadSHA, in.Name, in.Conclusion, c.s.o.App.ID)
	k.External = in.ExternalID
	k.says(in.Output)
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

func handleAnnotations(c *call) (reply, error) {
	k, err := c.check()
	if err != nil {
		return reply{}, err
	}
	return page(c, k.Annotations, func(a annotation) any {
		column := func(n int) any {
			if n == 0 {
				return nil
			}
			return n
		}
		return map[string]any{"path": a.Path, "start_line": a.StartLine, "end_line": a.EndLine,
			"start_column": column(a.StartColumn), "end_column": column(a.EndColumn), "annotation_level": a.Level,
			"title": nullable(a.Title), "message": a.Message, "raw_details": nil,
			"blob_href": c.s.html("/%s/%s/blob/%s/%s", c.repo.Owner.Login, c.repo.Name, k.SHA, a.Path)}
	}), nil
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
	if err := in.Output.wrong(); err != nil {
		return reply{}, err
	}
	k.says(in.Output)
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
		named := c.query("check_name") == "" || c.query("check_name") == k.Name
		if k.SHA == sha && named && (c.query("filter") == "all" || !newer) {
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

// handleRerequestCheck tells the App that somebody wants its check run anew: GitHub tells nobody else.
func handleRerequestCheck(c *call) (reply, error) {
	k, err := c.check()
	if err != nil {
		return reply{}, err
	}
	if k.AppID == c.s.o.App.ID {
		c.s.emit(c.repo, "check_run", "rerequested", c.who.user, map[string]any{"check_run": c.s.renderCheck(c.repo, k)})
	}
	return reply{status: 201, body: map[string]any{}}, nil
}

// handleRerequestSuite tells the App that somebody wants all of its check runs anew. The sandbox has one suite for each
// App: the newest commit with a check run of it is meant.
func handleRerequestSuite(c *call) (reply, error) {
	for _, k := range slices.Backward(c.repo.Checks) {
		if k.Suite == c.id("id") && k.AppID == c.s.o.App.ID {
			suite, err := c.s.renderSuite(c, k)
			if err != nil {
				return reply{}, err
			}
			c.s.emit(c.repo, "check_suite", "rerequested", c.who.user, map[string]any{"check_suite": suite})
			return reply{status: 201, body: map[string]any{}}, nil
		}
	}
	return reply{}, notFound()
}

// renderSuite is the check suite of a check run, as its webhook has it.
func (s *Server) renderSuite(c *call, k *check) (map[string]any, error) {
	head, err := c.repo.Git.Commit(c.ctx, k.SHA)
	if err != nil {
		return nil, err
	}
	u := s.api("/repos/%s/%s/check-suites/%d", c.repo.Owner.Login, c.repo.Name, k.Suite)
	commit := s.renderPushed(c, head)
	for _, gone := range []string{"distinct", "url", "added", "removed", "modified"} {
		delete(commit, gone)
	}
	return map[string]any{
		"id": k.Suite, "node_id": nodeID("CS", k.Suite), "head_branch": nil, "head_sha": k.SHA, "status": k.Status,
		"conclusion": nullable(k.Conclusion), "url": u, "before": nil, "after": k.SHA, "pull_requests": []any{},
		"app": s.renderApp(), "created_at": stampOrNil(k.Started), "updated_at": stampOrNil(k.Started),
		"latest_check_runs_count": 1, "check_runs_url": u + "/check-runs", "head_commit": commit,
	}, nil
}

// FinishCheck adds or finishes a check run of the project's own CI.
func (s *Server) FinishCheck(repo, sha, name, conclusion string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repos[strings.ToLower(repo)]
	k := s.check(r, sha, name, conclusion, 15368)
	s.emit(r, "check_run", "completed", s.users[s.botLogin()], map[string]any{"check_run": s.renderCheck(r, k)})
}
