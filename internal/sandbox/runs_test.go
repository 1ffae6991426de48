package sandbox_test

import (
	"fmt"
	"testing"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

func text(v any) string {
	if n, is := v.(float64); is {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprint(v)
}

const flow = repo + "/actions/workflows/release.yaml"

func TestAWorkflowIsDispatchedFailsAndIsRunAgain(t *testing.T) {
	st := open(t)
	want(t, st.app(200, "GET", repo+"/actions/workflows", nil)["total_count"], 1, "workflows")
	want(t, st.app(200, "GET", flow, nil)["name"], "Release", "its name")
	st.app(404, "GET", repo+"/actions/workflows/other.yaml", nil)
	st.app(422, "POST", flow+"/dispatches", m{"ref": "main"})
	st.app(422, "POST", flow+"/dispatches", m{"ref": "main", "inputs": m{"version": "1", "nonsense": "x"}})
	st.app(422, "POST", flow+"/dispatches", m{"ref": "nowhere", "inputs": m{"version": "1"}})
	st.as("eve", 403, "POST", flow+"/dispatches", m{"ref": "main", "inputs": m{"version": "1"}})
	st.app(204, "POST", flow+"/dispatches", m{"ref": "main", "inputs": m{"version": "0"}})
	made := st.app(200, "POST", flow+"/dispatches",
		m{"ref": "main", "inputs": m{"version": "1.1.0"}, "return_run_details": true})
	path := repo + "/actions/runs/" + text(made["workflow_run_id"])
	run := st.app(200, "GET", path, nil)
	want(t, run["display_title"], "Release 1.1.0", "the title")
	want(t, run["status"], "in_progress", "the status")
	want(t, run["head_sha"], st.branch("main"), "the commit")
	want(t, st.app(200, "GET", flow+"/runs?event=workflow_dispatch&branch=main", nil)["total_count"], 2, "runs")
	wantEvents(t, st, "workflow_run requested", "workflow_run requested")

	id := int64(made["workflow_run_id"].(float64))
	finish := func(job, conclusion string) {
		t.Helper()
		if err := st.FinishJob("acme/tool", id, job, conclusion); err != nil {
			t.Fatal(err)
		}
	}
	finish("build", "success")
	st.app(403, "POST", path+"/rerun-failed-jobs", nil) // it still runs
	finish("test", "failure")
	wantEvents(t, st, "check_run completed", "check_run completed", "check_run completed", "workflow_run completed")
	want(t, st.app(200, "GET", path, nil)["conclusion"], "failure", "the conclusion")
	jobs := st.app(200, "GET", path+"/jobs", nil)["jobs"]
	want(t, at(jobs, "2", "conclusion"), "skipped", "the job that waited")
	st.app(409, "POST", path+"/cancel", nil)
	st.app(201, "POST", path+"/rerun-failed-jobs", nil)
	jobs = st.app(200, "GET", path+"/jobs", nil)["jobs"]
	want(t, []any{at(jobs, "0", "run_attempt"), at(jobs, "1", "run_attempt"), at(jobs, "2", "status")}, "[1 2 queued]",
		"the second attempt")
	finish("test", "success")
	finish("", "success")
	run = st.app(200, "GET", path, nil)
	want(t, []any{run["conclusion"], run["run_attempt"]}, "[success 2]", "the end")
	want(t, st.app(200, "GET", repo+"/actions/runs?status=success", nil)["total_count"], 1, "successful runs")
	st.app(201, "POST", path+"/rerun", nil)
	st.app(202, "POST", path+"/cancel", nil)
	want(t, st.app(200, "GET", path, nil)["conclusion"], "cancelled", "after the cancel")
	if err := st.FinishJob("acme/tool", id, "nonsense", "success"); err == nil {
		t.Error("a job that is not there was finished")
	}
	want(t, len(st.Runs("acme/tool")), 2, "runs")
}

func TestATagStartsTheWorkflowThatWaitsForIt(t *testing.T) {
	st := open(t)
	st.app(201, "POST", repo+"/git/refs", m{"ref": "refs/tags/nightly", "sha": st.branch("main")})
	want(t, len(st.Runs("acme/tool")), 0, "runs for another tag")
	st.app(201, "POST", repo+"/git/refs", m{"ref": "refs/tags/v1.1.0", "sha": st.branch("main")})
	runs := st.Runs("acme/tool")
	want(t, len(runs), 1, "runs")
	want(t, []any{runs[0].Event, runs[0].Branch, runs[0].SHA == st.branch("main")}, "[push v1.1.0 true]", "the run")
	checks := st.app(200, "GET", repo+"/commits/v1.1.0/check-runs", nil)
	want(t, checks["total_count"], 3, "check runs of its jobs")
}

func TestAReleaseCarriesItsFiles(t *testing.T) {
	st := open(t)
	draft := st.app(201, "POST", repo+"/releases", m{"tag_name": "v1.1.0", "draft": true, "name": "1.1.0"})
	st.app(404, "GET", repo+"/releases/tags/v1.1.0", nil)
	path := repo + "/releases/" + text(draft["id"])
	// The upload itself goes to another host on GitHub, and its description has it there.
	resp := st.raw(t, "token "+st.token, "POST", path+"/assets?name=tool.tar.gz", "bytes", nil)
	_ = resp.Body.Close()
	want(t, resp.StatusCode, 201, "the upload")
	resp = st.raw(t, "token "+st.token, "POST", path+"/assets?name=tool.tar.gz", "bytes", nil)
	_ = resp.Body.Close()
	want(t, resp.StatusCode, 422, "the same name again")
	list := st.app(200, "GET", path+"/assets", nil)["list"]
	want(t, []any{at(list, "0", "name"), at(list, "0", "size")}, "[tool.tar.gz 5]", "the asset")
	st.app(200, "PATCH", path, m{"draft": false})
	wantEvents(t, st, "create", "push", "workflow_run requested", "release published")
	want(t, at(st.app(200, "GET", repo+"/releases/tags/v1.1.0", nil), "assets", "0", "name"), "tool.tar.gz",
		"in the release")
	asset := repo + "/releases/assets/" + text(at(list, "0", "id"))
	st.app(200, "GET", asset, nil)
	st.app(204, "DELETE", asset, nil)
	st.app(404, "GET", asset, nil)
	want(t, st.app(200, "GET", repo+"/releases/latest", nil)["tag_name"], "v1.1.0", "latest")
}

func TestAnAppChangesItsOwnCheckRunsOnly(t *testing.T) {
	st := open(t)
	own := st.app(201, "POST", repo+"/check-runs",
		m{"name": "slipway", "head_sha": st.branch("main"), "status": "in_progress"})
	path := repo + "/check-runs/" + text(own["id"])
	st.app(200, "PATCH", path,
		m{"status": "completed", "conclusion": "success", "output": m{"title": "t", "summary": "s"}})
	want(t, st.app(200, "GET", path, nil)["conclusion"], "success", "the conclusion")
	st.as("ada", 403, "PATCH", path, m{"conclusion": "failure"})
	st.as("ada", 403, "POST", repo+"/check-runs", m{"name": "x", "head_sha": st.branch("main")})
	st.FinishCheck("acme/tool", st.branch("main"), "ci", "failure")
	checks := st.app(200, "GET", repo+"/commits/main/check-runs", nil)["check_runs"]
	st.app(403, "PATCH", repo+"/check-runs/"+text(at(checks, "0", "id")), m{"conclusion": "success"})
}

func TestAnEditOfACheckRunAddsItsAnnotations(t *testing.T) {
	st := open(t, func(o *sandbox.Options) { o.App.Events = []string{"check_run", "check_suite"} })
	notes := func(n int) []m {
		var out []m
		for i := range n {
			out = append(out, m{"path": "VERSION", "start_line": i + 1, "end_line": i + 1, "annotation_level": "failure",
				"message": "wrong"})
		}
		return out
	}
	says := func(n int) m { return m{"title": "t", "summary": "s", "annotations": notes(n)} }
	run := m{"name": "slipway", "head_sha": st.branch("main"), "conclusion": "failure", "external_id": "pull/1"}
	run["output"] = says(50)
	own := st.app(201, "POST", repo+"/check-runs", run)
	path := repo + "/check-runs/" + text(own["id"])
	st.app(200, "PATCH", path, m{"output": says(2)})
	want(t, at(st.app(200, "GET", path, nil), "output", "annotations_count"), float64(52), "the annotations")
	want(t, at(st.app(200, "GET", path+"/annotations?per_page=1", nil)["list"], "0", "message"), "wrong", "one of them")

	st.app(201, "POST", repo+"/check-runs", m{"name": "other", "head_sha": st.branch("main")})
	list := st.app(200, "GET", repo+"/commits/main/check-runs?check_name=slipway&filter=all", nil)
	want(t, list["total_count"], float64(1), "the runs of that name")

	st.as("ada", 201, "POST", path+"/rerequest", nil)
	st.as("ada", 201, "POST", repo+"/check-suites/"+text(at(own, "check_suite", "id"))+"/rerequest", nil)
	wantEvents(t, st, "check_run rerequested", "check_suite rerequested")
}

func TestAPullRequestComesFromAFork(t *testing.T) {
	st := open(t)
	n, err := st.As("eve").ForkPull(t.Context(), "acme/tool", "Change it", "main", map[string]string{"VERSION": "9.9.9\n"})
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("%s/pulls/%d", repo, n)
	pull := st.app(200, "GET", path, nil)
	want(t, []any{at(pull, "head", "repo", "full_name"), at(pull, "head", "repo", "fork"),
		at(pull, "base", "repo", "full_name")}, "[eve/tool true acme/tool]", "the two sides")
	want(t, at(st.app(200, "GET", path+"/files", nil)["list"], "0", "filename"), "VERSION", "the file")
	file := st.app(200, "GET", repo+"/contents/VERSION?ref="+text(at(pull, "head", "sha")), nil)
	want(t, file["size"], float64(6), "the file of the fork, by its commit")
	if err := st.As("eve").PushFork(t.Context(), "acme/tool", n, map[string]string{"x": "y\n"}); err != nil {
		t.Fatal(err)
	}
	if err := st.As("ada").PushFork(t.Context(), "acme/tool", n, map[string]string{"x": "y\n"}); err == nil {
		t.Error("somebody else pushed to the fork")
	}
	wantEvents(t, st, "pull_request opened", "pull_request synchronize")
}
