package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

type workflowRun struct {
	ID         int64  `json:"id"`
	Attempt    int    `json:"run_attempt"`
	Event      string `json:"event"`
	SHA        string `json:"head_sha"`
	Status     string `json:"status"`
	Conclusion string `json:"conclusion"`
	URL        string `json:"html_url"`
}

// Runs lists the runs of a workflow for one commit, the newest first. workflow is its file's name; one that does not
// exist has none.
func (d *door) Runs(ctx context.Context, repo, workflow, sha string) ([]step.WorkflowRun, error) {
	what := fmt.Sprintf("list the runs of %s for %s in %s", workflow, sha, repo)
	q := url.Values{"head_sha": {sha}, "per_page": {"100"}}
	var out []step.WorkflowRun
	type page struct {
		Runs []workflowRun `json:"workflow_runs"`
	}
	for p, err := range pages[page](ctx, d, what, in(repo, "actions/workflows/%s/runs?%s", escape(workflow), q.Encode())) {
		if missing(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, r := range p.Runs {
			out = append(out, step.WorkflowRun(r))
		}
	}
	return out, nil
}

// Jobs lists the jobs of the newest attempt of a run.
func (d *door) Jobs(ctx context.Context, repo string, run int64) ([]step.Job, error) {
	type page struct {
		Jobs []step.Job `json:"jobs"`
	}
	var out []step.Job
	what := fmt.Sprintf("list the jobs of run %d in %s", run, repo)
	for p, err := range pages[page](ctx, d, what, in(repo, "actions/runs/%d/jobs?per_page=100", run)) {
		if err != nil {
			return nil, err
		}
		out = append(out, p.Jobs...)
	}
	return out, nil
}

// listed is how often, a second apart, Dispatch looks for the run that it started.
const listed = 15

// Dispatch starts a workflow on a branch or tag, and comes back when its run is listed, which GitHub does seconds later: who
// looked before would start a second one. Where the answer is lost, a run that was not there before is the answer.
func (d *door) Dispatch(ctx context.Context, repo, workflow, ref string, inputs map[string]string) error {
	before, err := d.dispatched(ctx, repo, workflow)
	if err != nil {
		return err
	}
	body := map[string]any{"ref": ref, "return_run_details": true}
	if len(inputs) > 0 {
		body["inputs"] = inputs
	}
	var made struct {
		Run int64 `json:"workflow_run_id"`
	}
	err = d.call(ctx, fmt.Sprintf("start the workflow %s in %s", workflow, repo), http.MethodPost,
		in(repo, "actions/workflows/%s/dispatches", escape(workflow)), body, &made)
	if status(err) != 0 {
		return err // GitHub said no
	}
	if _, limited := errors.AsType[*Limited](err); limited {
		return err
	}
	for range listed {
		now, problem := d.dispatched(ctx, repo, workflow)
		if problem != nil {
			return errors.Join(err, problem)
		}
		if now > before && now >= made.Run {
			return nil
		}
		if problem := d.sleep(ctx, time.Second); problem != nil {
			return errors.Join(err, problem)
		}
	}
	return err
}

// dispatched is the id of the newest run that was started by hand; ids rise.
func (d *door) dispatched(ctx context.Context, repo, workflow string) (id int64, err error) {
	var page struct {
		Runs []workflowRun `json:"workflow_runs"`
	}
	err = d.get(ctx, fmt.Sprintf("list the runs of %s in %s", workflow, repo), in(repo, "actions/workflows/%s/runs?event=workflow_dispatch&per_page=20", escape(workflow)), &page)
	if err != nil && !missing(err) {
		return 0, err
	}
	for _, r := range page.Runs {
		if r.Event == "workflow_dispatch" {
			id = max(id, r.ID)
		}
	}
	return id, nil
}

// Rerun runs all jobs of a run again.
func (d *door) Rerun(ctx context.Context, repo string, run int64) error {
	return d.call(ctx, fmt.Sprintf("run run %d in %s again", run, repo), http.MethodPost, in(repo, "actions/runs/%d/rerun", run), nil, nil)
}

// RerunFailed runs the failed jobs of a run again, and those that depend on them.
func (d *door) RerunFailed(ctx context.Context, repo string, run int64) error {
	return d.call(ctx, fmt.Sprintf("run the failed jobs of run %d in %s again", run, repo), http.MethodPost,
		in(repo, "actions/runs/%d/rerun-failed-jobs", run), nil, nil)
}
