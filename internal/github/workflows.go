package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

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
func (gh *client) Runs(ctx context.Context, repo, workflow, sha string) ([]step.WorkflowRun, error) {
	what := fmt.Sprintf("list the runs of %s for %s in %s", workflow, sha, repo)
	q := url.Values{"head_sha": {sha}, "per_page": {"100"}}
	var found []workflowRun
	type page struct {
		Runs []workflowRun `json:"workflow_runs"`
	}
	for p, err := range pages[page](ctx, gh, what, in(repo, "actions/workflows/%s/runs?%s", escape(workflow),
		q.Encode())) {
		if missing(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		found = append(found, p.Runs...)
	}
	found, err := recall(ctx, gh, found, listing[workflowRun]{
		kind: madeRun, repo: repo,
		suits: func(w written) bool { return w.Name == workflow && (w.SHA == "" || w.SHA == sha) },
		made:  func(r workflowRun) Made { return Made{ID: r.ID} },
		read: func(ctx context.Context, m Made) (workflowRun, bool, error) {
			what := fmt.Sprintf("read run %d in %s", m.ID, repo)
			r, found, err := readMade[workflowRun](ctx, gh, what, in(repo, "actions/runs/%d", m.ID), m)
			if err == nil && found {
				err = learned(ctx, what, m, r.SHA)
			}
			return r, found, err
		},
		belongs: func(r workflowRun) bool { return r.SHA == sha },
		before:  func(a, b workflowRun) bool { return a.ID > b.ID },
	})
	if err != nil {
		return nil, err
	}
	var out []step.WorkflowRun
	for _, r := range found {
		out = append(out, step.WorkflowRun(r))
	}
	return out, nil
}

// Jobs lists the jobs of the newest attempt of a run.
func (gh *client) Jobs(ctx context.Context, repo string, run int64) ([]step.Job, error) {
	type page struct {
		Jobs []step.Job `json:"jobs"`
	}
	var out []step.Job
	what := fmt.Sprintf("list the jobs of run %d in %s", run, repo)
	for p, err := range pages[page](ctx, gh, what, in(repo, "actions/runs/%d/jobs?per_page=100", run)) {
		if err != nil {
			return nil, err
		}
		out = append(out, p.Jobs...)
	}
	return out, nil
}

// Dispatch starts a workflow on a branch or tag. The run is known by the id that GitHub answers with, also while lists
// do not show it. Where the answer is lost, or tells no id (GitHub Enterprise Server before 3.20), the caller looks for
// the run for longer than lists lag before it starts another.
func (gh *client) Dispatch(ctx context.Context, repo, workflow, ref string, inputs map[string]string) error {
	body := map[string]any{"ref": ref, "return_run_details": true}
	if len(inputs) > 0 {
		body["inputs"] = inputs
	}
	var made struct {
		Run int64 `json:"workflow_run_id"`
	}
	what := fmt.Sprintf("start the workflow %s in %s", workflow, repo)
	err := gh.call(ctx, what, http.MethodPost, in(repo, "actions/workflows/%s/dispatches", escape(workflow)),
		body, &made)
	if err != nil || made.Run == 0 {
		return err
	}
	return noted(ctx, gh, what, Made{Kind: madeRun, Repo: repo, ID: made.Run, Name: workflow}, json.RawMessage(nil))
}

// Rerun runs all jobs of a run again.
func (gh *client) Rerun(ctx context.Context, repo string, run int64) error {
	err := gh.call(ctx, fmt.Sprintf("run run %d in %s again", run, repo), http.MethodPost,
		in(repo, "actions/runs/%d/rerun", run), nil, nil)
	return gh.begunAgain(ctx, repo, run, err)
}

// RerunFailed runs the failed jobs of a run again, and those that depend on them.
func (gh *client) RerunFailed(ctx context.Context, repo string, run int64) error {
	err := gh.call(ctx, fmt.Sprintf("run the failed jobs of run %d in %s again", run, repo), http.MethodPost,
		in(repo, "actions/runs/%d/rerun-failed-jobs", run), nil, nil)
	return gh.begunAgain(ctx, repo, run, err)
}

// begunAgain keeps in mind that a run that ended is under way again, which lists may not show yet.
func (gh *client) begunAgain(ctx context.Context, repo string, run int64, err error) error {
	if err == nil {
		edited(ctx, gh, Made{Kind: madeRun, Repo: repo, ID: run}, json.RawMessage(nil))
	}
	return err
}
