package github

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/slipway-dev/slipway/release/step"
)

type checkRun struct {
	ID         int64  `json:"id"`
	Name       string `json:"name"`
	Status     string `json:"status"`
	Conclusion string `json:"conclusion"`
	ExternalID string `json:"external_id"`
	URL        string `json:"html_url"`
	App        struct {
		ID   int64  `json:"id"`
		Slug string `json:"slug"`
	} `json:"app"`
	SHA   string `json:"head_sha"`
	Suite struct {
		ID int64 `json:"id"`
	} `json:"check_suite"`
	Output struct {
		Title       string `json:"title"`
		Summary     string `json:"summary"`
		Annotations int    `json:"annotations_count"`
	} `json:"output"`
}

func (r checkRun) value() step.Check {
	return step.Check{
		ID: r.ID, Name: r.Name, Status: r.Status, Conclusion: r.Conclusion, App: r.App.Slug, AppID: r.App.ID,
		ExternalID: r.ExternalID, Title: r.Output.Title, Summary: r.Output.Summary, URL: r.URL,
		Annotated: r.Output.Annotations,
	}
}

type commitStatus struct {
	Context     string `json:"context"`
	State       string `json:"state"`
	Description string `json:"description"`
	URL         string `json:"target_url"`
}

// value sees a status as a check: pending runs, error is a failure. A status names no App.
func (s commitStatus) value() step.Check {
	v := step.Check{Name: s.Context, Status: "completed", Conclusion: s.State, Title: s.Description, URL: s.URL}
	switch s.State {
	case "pending":
		v.Status, v.Conclusion = "in_progress", ""
	case "error":
		v.Conclusion = "failure"
	}
	return v
}

// Checks joins the check runs and the statuses of a commit. GitHub's "latest" is the latest of each suite; two suites
// of one App may hold the same name, and the younger run counts.
func (gh *client) Checks(ctx context.Context, repo, sha string) ([]step.Check, error) {
	type statusPage struct {
		Statuses []commitStatus `json:"statuses"`
	}
	// Two workflows may have jobs of one name: each is in the suite of its own run.
	type key struct {
		name       string
		app, suite int64
	}
	var runs []checkRun
	place := map[key]int{}
	listed, err := gh.checkRuns(ctx, repo, sha, "filter=latest")
	if err == nil {
		listed, err = gh.recallChecks(ctx, repo, sha, listed)
	}
	if err != nil {
		return nil, err
	}
	for _, r := range listed {
		k := key{r.Name, r.App.ID, r.Suite.ID}
		i, seen := place[k]
		if !seen {
			place[k] = len(runs)
			runs = append(runs, r)
		} else if r.ID > runs[i].ID {
			runs[i] = r
		}
	}
	var checks []step.Check
	for _, r := range runs {
		checks = append(checks, r.value())
	}
	what := fmt.Sprintf("list the statuses of %s in %s", sha, repo)
	for page, err := range pages[statusPage](ctx, gh, what, in(repo, "commits/%s/status?per_page=100", escape(sha))) {
		if err != nil {
			return nil, err
		}
		for _, s := range page.Statuses {
			checks = append(checks, s.value())
		}
	}
	return checks, nil
}

// recallChecks adds the check runs of our own that GitHub does not list yet.
func (gh *client) recallChecks(ctx context.Context, repo, sha string, listed []checkRun) ([]checkRun, error) {
	newest := map[string]int64{} // by name: GitHub lists no older run of one name
	if w := writtenIn(ctx); w != nil {
		for _, k := range w.matching(madeCheck, repo, func(m Made) bool { return m.SHA == sha }) {
			newest[k.Name] = max(newest[k.Name], k.ID)
		}
	}
	return recall(ctx, gh, listed, listing[checkRun]{
		kind: madeCheck, repo: repo,
		suits: func(w written) bool { return w.SHA == sha && w.ID == newest[w.Name] },
		made:  func(r checkRun) Made { return Made{ID: r.ID} },
		read: func(ctx context.Context, m Made) (checkRun, bool, error) {
			return readMade[checkRun](ctx, gh, fmt.Sprintf("read check %s of %s in %s", m.Name, sha, repo),
				in(repo, "check-runs/%d", m.ID), m)
		},
	})
}

// checkRuns lists check runs of a commit.
func (gh *client) checkRuns(ctx context.Context, repo, sha, query string) ([]checkRun, error) {
	type runPage struct {
		Runs []checkRun `json:"check_runs"`
	}
	var listed []checkRun
	what := fmt.Sprintf("list the checks of %s in %s", sha, repo)
	for page, err := range pages[runPage](ctx, gh, what,
		in(repo, "commits/%s/check-runs?%s&per_page=100", escape(sha), query)) {
		if err != nil {
			return nil, err
		}
		listed = append(listed, page.Runs...)
	}
	return listed, nil
}

// CheckRuns are those of one name, whichever of them is the newest.
func (gh *client) CheckRuns(ctx context.Context, repo, sha, name string) ([]step.Check, error) {
	listed, err := gh.checkRuns(ctx, repo, sha, "filter=all&check_name="+url.QueryEscape(name))
	if err == nil {
		listed, err = gh.recallChecks(ctx, repo, sha, listed)
	}
	if err != nil {
		return nil, err
	}
	var checks []step.Check
	for _, r := range listed {
		if r.Name == name {
			checks = append(checks, r.value())
		}
	}
	return checks, nil
}

// CreateCheck writes a check run of our own on a commit.
func (gh *client) CreateCheck(ctx context.Context, repo, sha string, c step.Check) error {
	body := checkBody(c)
	body["head_sha"] = sha
	var made checkRun
	what := fmt.Sprintf("write check %s on %s in %s", c.Name, sha, repo)
	if err := gh.call(ctx, what, http.MethodPost, in(repo, "check-runs"), body, &made); err != nil {
		return err
	}
	return noted(ctx, gh, what, Made{Kind: madeCheck, Repo: repo, ID: made.ID, Name: c.Name, SHA: sha, URL: made.URL},
		made)
}

// EditCheck replaces what a check run of our own says.
func (gh *client) EditCheck(ctx context.Context, repo string, id int64, c step.Check) error {
	var made checkRun
	what := fmt.Sprintf("edit check %s in %s", c.Name, repo)
	if err := gh.call(ctx, what, http.MethodPatch, in(repo, "check-runs/%d", id), checkBody(c), &made); err != nil {
		return err
	}
	edited(ctx, gh, Made{Kind: madeCheck, Repo: repo, ID: id, Name: c.Name, SHA: made.SHA}, made)
	return nil
}

// checkBody is a check run as GitHub takes it.
func checkBody(c step.Check) map[string]any {
	body := map[string]any{"name": c.Name}
	if c.Status != "" {
		body["status"] = c.Status
	}
	if c.Conclusion != "" {
		body["status"], body["conclusion"] = "completed", c.Conclusion
	}
	if c.ExternalID != "" {
		body["external_id"] = c.ExternalID
	}
	if c.URL != "" {
		body["details_url"] = c.URL
	}
	if c.Title != "" || c.Summary != "" { // GitHub wants both or none
		output := map[string]any{"title": cmp.Or(c.Title, c.Name), "summary": cut(c.Summary, bodyLimit-1)}
		if len(c.Annotations) > 0 {
			output["annotations"] = annotations(c.Annotations)
		}
		body["output"] = output
	}
	return body
}

// annotations are remarks as GitHub takes them.
func annotations(list []step.Annotation) []map[string]any {
	var out []map[string]any
	for _, a := range list {
		one := map[string]any{"path": a.Path, "start_line": a.Line, "end_line": a.Line, "annotation_level": a.Level,
			"message": a.Text}
		if a.Title != "" {
			one["title"] = a.Title
		}
		if a.Column > 0 {
			one["start_column"], one["end_column"] = a.Column, a.Column
		}
		out = append(out, one)
	}
	return out
}
