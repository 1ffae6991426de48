package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// actions is the App id of GitHub Actions, whose check runs the jobs are.
const actions = 15368

// run is one run of a workflow. Its jobs are check runs on its commit, as on GitHub.
type run struct {
	ID                         int64
	Number, Attempt            int
	Workflow                   *workflow
	Name, Title                string
	Event, Branch, SHA         string
	Status, Conclusion         string
	Actor                      *account
	Inputs                     map[string]string
	Created, Updated, Attempts time.Time
	Jobs                       []*job
}

type job struct {
	ID      int64
	Name    string
	Attempt int
	Needs   []string
	Check   *check
}

func runRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/actions/runs", "actions:read", handleRuns},
		{"GET", "/repos/{owner}/{repo}/actions/runs/{id}", "actions:read", handleRun},
		{"GET", "/repos/{owner}/{repo}/actions/runs/{id}/jobs", "actions:read", handleJobs},
		{"POST", "/repos/{owner}/{repo}/actions/runs/{id}/rerun", "actions:write", handleRerun},
		{"POST", "/repos/{owner}/{repo}/actions/runs/{id}/rerun-failed-jobs", "actions:write", handleRerunFailed},
		{"POST", "/repos/{owner}/{repo}/actions/runs/{id}/cancel", "actions:write", handleCancel},
	}
}

// start begins a run: all jobs that wait for no other are in progress.
func (s *Server) start(c *call, w *workflow, f workflowFile, event, branch, sha string, inputs map[string]string) *run {
	number := 1
	for _, r := range c.repo.Runs {
		if r.Workflow == w {
			number++
		}
	}
	title := f.RunName
	for name, value := range inputs {
		title = strings.ReplaceAll(title, "${{ inputs."+name+" }}", value)
	}
	if title == "" {
		if title = f.Name; event == "push" {
			if m, err := c.repo.Git.Commit(c.ctx, sha); err == nil {
				title, _, _ = strings.Cut(m.Message, "\n")
			}
		}
	}
	r := &run{
		ID: s.nextID(), Number: number, Attempt: 1, Workflow: w, Name: f.Name, Title: strings.ReplaceAll(title,
			"${{ github.ref_name }}", branch),
		Event: event, Branch: branch, SHA: sha, Status: "in_progress", Actor: c.who.user, Inputs: inputs,
		Created: s.now(), Updated: s.now(), Attempts: s.now(),
	}
	c.repo.Runs = append(c.repo.Runs, r)
	for _, item := range f.Jobs {
		body, _ := item.Value.(map[string]any)
		if body == nil {
			if ordered, is := item.Value.(interface{ ToMap() map[any]any }); is {
				body = map[string]any{}
				for key, value := range ordered.ToMap() {
					body[fmt.Sprint(key)] = value
				}
			}
		}
		r.Jobs = append(r.Jobs, &job{Name: fmt.Sprint(item.Key), Needs: texts(body["needs"])})
	}
	for _, j := range r.Jobs {
		s.begin(c.repo, r, j)
	}
	s.emitRun(c.repo, r, "requested", c.who.user)
	return r
}

// begin gives a job a new check run in the current attempt.
func (s *Server) begin(repo *repository, r *run, j *job) {
	j.ID, j.Attempt = s.nextID(), r.Attempt
	j.Check = s.check(repo, r.SHA, j.Name, "", actions)
	j.Check.Suite = r.ID
	if len(j.Needs) > 0 {
		j.Check.Status, j.Check.Started = "queued", nil
	}
}

// react starts the workflows that an event starts, each as it stands at the commit.
func (s *Server) react(c *call, event, activity, ref, sha string) {
	if err := c.refresh(); err != nil {
		s.o.Log.Error().Err(err).Str("repository", c.repo.full()).Msg("workflows")
		return
	}
	for _, w := range c.repo.Workflows {
		if f, err := c.read(w, sha); err == nil && f.starts(event, activity, ref) {
			s.start(c, w, f, event, strings.TrimPrefix(strings.TrimPrefix(ref, "refs/heads/"), "refs/tags/"), sha, nil)
		}
	}
}

func (s *Server) emitRun(repo *repository, r *run, action string, sender *account) {
	c := &call{ctx: s.background, s: s, repo: repo, who: actor{user: sender}}
	s.emit(repo, "workflow_run", action, sender,
		map[string]any{"workflow_run": s.renderRun(c, r), "workflow": s.renderWorkflow(c, r.Workflow)})
}

func (s *Server) renderRun(c *call, r *run) map[string]any {
	u := s.api("/repos/%s/%s/actions/runs/%d", c.repo.Owner.Login, c.repo.Name, r.ID)
	suite := s.api("/repos/%s/%s/check-suites/%d", c.repo.Owner.Login, c.repo.Name, r.ID)
	var commit any
	if m, err := c.repo.Git.Commit(c.ctx, r.SHA); err == nil {
		commit = map[string]any{
			"id": m.SHA, "tree_id": m.Tree, "message": m.Message, "timestamp": stamp(m.Committer.When),
			"author":    map[string]any{"name": m.Author.Name, "email": m.Author.Email},
			"committer": map[string]any{"name": m.Committer.Name, "email": m.Committer.Email},
		}
	}
	var previous any
	if r.Attempt > 1 {
		previous = u + "/attempts/" + strconv.Itoa(r.Attempt-1)
	}
	return map[string]any{
		"id": r.ID, "name": r.Name, "node_id": nodeID("WFR",
			r.ID), "check_suite_id": r.ID, "check_suite_node_id": nodeID("CS", r.ID), "head_branch": r.Branch,
		"head_sha": r.SHA, "path": r.Workflow.Path, "run_number": r.Number, "run_attempt": r.Attempt,
		"referenced_workflows": []any{}, "event": r.Event,
		"status": r.Status, "conclusion": nullable(r.Conclusion), "workflow_id": r.Workflow.ID, "url": u,
		"html_url": s.html("/%s/%s/actions/runs/%d", c.repo.Owner.Login, c.repo.Name,
			r.ID), "pull_requests": []any{}, "created_at": stamp(r.Created),
		"updated_at": stamp(r.Updated), "actor": s.renderUser(r.Actor), "triggering_actor": s.renderUser(
			r.Actor), "run_started_at": stamp(r.Attempts),
		"jobs_url": u + "/jobs", "logs_url": u + "/logs", "check_suite_url": suite, "artifacts_url": u +
			"/artifacts", "cancel_url": u + "/cancel",
		"rerun_url": u +
			"/rerun", "previous_attempt_url": previous, "workflow_url": s.api("/repos/%s/%s/actions/workflows/%d",
			c.repo.Owner.Login, c.repo.Name, r.Workflow.ID),
		"head_commit": commit, "repository": s.renderMinimal(c.repo), "head_repository": s.renderMinimal(
			c.repo), "display_title": r.Title,
	}
}

func handleRuns(c *call) (reply, error) {
	var only *workflow
	if c.vars["workflow"] != "" {
		w, err := c.workflow()
		if err != nil {
			return reply{}, err
		}
		only = w
	}
	var list []*run
	for _, r := range slices.Backward(listed(c, c.repo.Runs, runKey)) {
		status := c.query("status")
		if (only == nil || r.Workflow == only) && among(c.query("branch"), r.Branch) &&
			among(c.query("event"), r.Event) && among(c.query("head_sha"), r.SHA) &&
			(status == "" || status == r.Status || status == r.Conclusion) {
			list = append(list, r)
		}
	}
	return paged(c, list, func(items []any) any {
		return map[string]any{"total_count": len(list), "workflow_runs": items}
	}, func(r *run) any { return c.s.renderRun(c, r) }), nil
}

func among(want, have string) bool { return want == "" || want == have }

func (c *call) run() (*run, error) {
	if r := c.repo.run(c.id("id")); r != nil && !c.unseen(runKey(r)) {
		return r, nil
	}
	return nil, notFound()
}

func (r *repository) run(id int64) *run {
	i := slices.IndexFunc(r.Runs, func(one *run) bool { return one.ID == id })
	if i < 0 {
		return nil
	}
	return r.Runs[i]
}

func handleRun(c *call) (reply, error) {
	r, err := c.run()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.renderRun(c, r)), nil
}

func handleJobs(c *call) (reply, error) {
	r, err := c.run()
	if err != nil {
		return reply{}, err
	}
	return paged(c, r.Jobs, func(items []any) any {
		return map[string]any{"total_count": len(r.Jobs), "jobs": items}
	}, func(j *job) any { return c.s.renderJob(c, r, j) }), nil
}

func (s *Server) renderJob(c *call, r *run, j *job) map[string]any {
	started := stamp(r.Attempts)
	if j.Check.Started != nil {
		started = stamp(*j.Check.Started)
	}
	return map[string]any{
		"id": j.ID, "run_id": r.ID, "run_url": s.api("/repos/%s/%s/actions/runs/%d", c.repo.Owner.Login, c.repo.Name,
			r.ID), "run_attempt": j.Attempt,
		"node_id": nodeID("J", j.ID), "head_sha": r.SHA, "url": s.api("/repos/%s/%s/actions/jobs/%d",
			c.repo.Owner.Login, c.repo.Name, j.ID),
		"html_url": s.html("/%s/%s/actions/runs/%d/job/%d", c.repo.Owner.Login, c.repo.Name, r.ID,
			j.ID), "status": j.Check.Status,
		"conclusion": nullable(j.Check.Conclusion), "created_at": stamp(
			r.Attempts), "started_at": started, "completed_at": stampOrNil(j.Check.Completed),
		"name": j.Name, "steps": []any{}, "check_run_url": s.api("/repos/%s/%s/check-runs/%d", c.repo.Owner.Login,
			c.repo.Name, j.Check.ID),
		"labels": []any{
			"ubuntu-latest"}, "runner_id": nil, "runner_name": nil, "runner_group_id": nil, "runner_group_name": nil,
		"workflow_name": r.Name, "head_branch": r.Branch,
	}
}

func handleRerun(c *call) (reply, error) { return c.again(func(*job) bool { return true }) }
func handleRerunFailed(c *call) (reply, error) {
	return c.again(func(j *job) bool { return j.Check.Conclusion != "success" })
}

// again begins a new attempt of a run with the jobs that are chosen.
func (c *call) again(chosen func(*job) bool) (reply, error) {
	r, err := c.run()
	if err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, forbidden("Must have admin rights to Repository.")
	}
	if r.Status != "completed" {
		return reply{}, forbidden("This workflow is already running")
	}
	if !slices.ContainsFunc(r.Jobs, chosen) {
		return reply{}, forbidden("This workflow run cannot be retried")
	}
	r.Attempt++
	r.Status, r.Conclusion, r.Updated, r.Attempts = "in_progress", "", c.s.now(), c.s.now()
	for _, j := range r.Jobs {
		if chosen(j) {
			c.s.begin(c.repo, r, j)
		}
	}
	c.s.emitRun(c.repo, r, "requested", c.who.user)
	return created(map[string]any{}), nil
}

func handleCancel(c *call) (reply, error) {
	r, err := c.run()
	if err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, forbidden("Must have admin rights to Repository.")
	}
	if r.Status == "completed" {
		return reply{}, conflict("Cannot cancel a workflow run that is completed.")
	}
	for _, j := range r.Jobs {
		c.s.end(c.repo, r, j, "cancelled")
	}
	return reply{status: 202, body: map[string]any{}}, nil
}

// end ends a job, frees or skips those that waited for it, and ends the run with its last job.
func (s *Server) end(repo *repository, r *run, j *job, conclusion string) {
	if j.Check.Status == "completed" {
		return
	}
	now := s.now()
	j.Check.Status, j.Check.Conclusion, j.Check.Completed = "completed", conclusion, &now
	if j.Check.Started == nil {
		j.Check.Started = &now
	}
	s.emit(repo, "check_run", "completed", s.users[s.botLogin()],
		map[string]any{"check_run": s.renderCheck(repo, j.Check)})
	for _, waiting := range r.Jobs {
		if waiting.Check.Status != "queued" || !slices.Contains(waiting.Needs, j.Name) {
			continue
		}
		if conclusion != "success" {
			s.end(repo, r, waiting, "skipped")
		} else if !slices.ContainsFunc(r.Jobs, func(o *job) bool {
			return slices.Contains(waiting.Needs, o.Name) &&
				o.Check.Conclusion != "success"
		}) {
			waiting.Check.Status, waiting.Check.Started = "in_progress", &now
		}
	}
	if r.Status != "completed" &&
		!slices.ContainsFunc(r.Jobs, func(o *job) bool { return o.Check.Status != "completed" }) {
		r.Status, r.Conclusion, r.Updated = "completed", r.worst(), now
		s.emitRun(repo, r, "completed", r.Actor)
	}
}

// worst is the conclusion of a run by those of its jobs.
func (r *run) worst() string {
	for _, bad := range []string{"cancelled", "failure", "timed_out"} {
		if slices.ContainsFunc(r.Jobs, func(j *job) bool { return j.Check.Conclusion == bad }) {
			return bad
		}
	}
	return "success"
}

// Run is a run as tests and the page see it.
type Run struct {
	ID                 int64
	Workflow, Title    string // the file's path, and what the list of runs shows
	Event, Branch, SHA string
	Status, Conclusion string
	Attempt            int
	Inputs             map[string]string
	Jobs               []Job
}

// Job is a job of a run.
type Job struct {
	Name, Status, Conclusion string
	Attempt                  int
}

// Runs are the runs of a repository, oldest first.
func (s *Server) Runs(repo string) []Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repos[strings.ToLower(repo)]
	if r == nil {
		return nil
	}
	var out []Run
	for _, one := range r.Runs {
		snap := Run{
			ID: one.ID, Workflow: one.Workflow.Path, Title: one.Title, Event: one.Event, Branch: one.Branch,
			SHA: one.SHA, Status: one.Status,
			Conclusion: one.Conclusion, Attempt: one.Attempt, Inputs: one.Inputs,
		}
		for _, j := range one.Jobs {
			snap.Jobs = append(snap.Jobs, Job{Name: j.Name, Status: j.Check.Status, Conclusion: j.Check.Conclusion,
				Attempt: j.Attempt})
		}
		out = append(out, snap)
	}
	return out
}

// FinishNewest ends the newest run of a workflow, or one job of it: workflow is the name of its file.
func (s *Server) FinishNewest(repo, workflow, name, conclusion string) error {
	var id int64
	for _, r := range s.Runs(repo) {
		if strings.HasSuffix(r.Workflow, "/"+workflow) {
			id = r.ID
		}
	}
	return s.FinishJob(repo, id, name, conclusion)
}

// FinishJob ends the job of a run, as a runner would; an empty name ends all that have not ended.
func (s *Server) FinishJob(repo string, id int64, name, conclusion string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.repos[strings.ToLower(repo)]
	if r == nil || r.run(id) == nil {
		return fmt.Errorf("finish run %d of %s: %w", id, repo, notFound())
	}
	if !slices.Contains([]string{"success", "failure", "cancelled", "skipped", "timed_out", "neutral"}, conclusion) {
		return fmt.Errorf("finish run %d of %s: %q is no conclusion; success, failure, cancelled, skipped, timed_out "+
			"and neutral are", id, repo, conclusion)
	}
	one, found := r.run(id), false
	for _, j := range one.Jobs {
		if name == "" || j.Name == name {
			found = true
			s.end(r, one, j, conclusion)
		}
	}
	if !found {
		return fmt.Errorf("finish run %d of %s: it has no job %q", id, repo, name)
	}
	return nil
}
