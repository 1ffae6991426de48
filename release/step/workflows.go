package step

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
)

// workflow waits for a run of a workflow for one commit, and starts it where the process says so. The run is found by
// the commit: it may be started by hand as well, or by a push. One that failed is run again when a person asks for it,
// and only its failed jobs; one that was cancelled, or whose draft was deleted, begins anew.
type workflow struct {
	gh interface {
		WorkflowStore
		ReleaseStore
		RefReader
	}
	start bool // Slipway dispatches it; else a push or a release does
	params.RunWorkflow
}

// newest is the run that counts. A run that a push started is none that was dispatched.
func (k workflow) newest(ctx context.Context, in Input) (WorkflowRun, bool, error) {
	runs, err := k.gh.Runs(ctx, in.Repo, k.Workflow, k.SHA)
	if err != nil {
		return WorkflowRun{}, false, err
	}
	i := slices.IndexFunc(runs, func(r WorkflowRun) bool { return !k.start || r.Event == "workflow_dispatch" })
	if i < 0 {
		return WorkflowRun{}, false, nil
	}
	return runs[i], true, nil
}

func (k workflow) Plan(ctx context.Context, in Input) ([]Write, error) {
	if !k.start {
		return nil, nil
	}
	o, err := k.Observe(ctx, in)
	return unless(o, err, func() []Write {
		return writes(in.Repo, fmt.Sprintf("run workflow %s on %s, at %s", k.Workflow, k.Ref,
			commit(k.SHA)))
	})
}

func (k workflow) Observe(ctx context.Context, in Input) (Outcome, error) {
	name := k.Workflow
	run, found, err := k.newest(ctx, in)
	switch {
	case err != nil:
		return Outcome{}, err
	case !found && k.start:
		return Missing(), nil
	case !found:
		return WaitFor(fmt.Sprintf("a run of %s for %s", name, short(k.SHA)), "GitHub",
			"a push starts it. If it did not start, start it on GitHub", time.Time{}), nil
	case run.Status != "completed":
		return WaitFor(fmt.Sprintf("[%s](%s), attempt %d", name, run.URL, run.Attempt), "GitHub",
			"Slipway continues when the run ends", time.Time{}), nil
	}
	public, drafted, err := k.public(ctx, in)
	switch {
	case err != nil:
		return Outcome{}, err
	case run.Conclusion == "success" && drafted && !public:
		return WaitFor("the draft of "+k.Draft+" to be published", "anyone with write access",
			fmt.Sprintf("[%s](%s) succeeded and left the draft. Publish it on GitHub before %s moves, because the "+
				"tag is created at its head", name, run.URL, k.Ref), time.Time{}), nil
	case run.Conclusion == "success" && (public || k.Draft == ""):
		return DoneWith(Receipt{Text: fmt.Sprintf("%s succeeded for %s", name, short(run.SHA)), SHA: run.SHA,
			URL: run.URL, ID: run.ID}), nil
	case run.Conclusion == "cancelled" && public:
		return Conflicts(
			fmt.Sprintf("[%s](%s) was cancelled, but %s is already published", name, run.URL, k.Draft),
			"a published release is never taken back, and another run would fail because of it. To go on with what "+
				"is public, "+skip(in),
		), nil
	case in.Again:
		return Missing(), nil
	case run.Conclusion == "cancelled":
		fix := "to start it again, " + retry(in)
		if k.Draft != "" {
			fix = "to delete the draft of " + k.Draft + " that it left and start it again, " + retry(in)
		}
		return Conflicts(fmt.Sprintf("[%s](%s) was cancelled", name, run.URL), fix), nil
	case run.Conclusion == "success":
		return Conflicts(
			fmt.Sprintf("[%s](%s) succeeded, but there is neither a release nor a draft of %s", name, run.URL,
				k.Draft),
			"to start it again, "+retry(in)+". If you make the release by hand, "+skip(in),
		), nil
	}
	failed, robbed, err := k.jobs(ctx, in, run)
	if err != nil {
		return Outcome{}, err
	}
	if !robbed && k.passing(run, failed) {
		return Missing(), nil
	}
	named := make([]string, len(failed))
	for i, job := range failed {
		named[i] = markdown.Text(job)
	}
	why, fix := fmt.Sprintf("[%s](%s) failed in %s", name, run.URL, strings.Join(named, ", ")), "to re-run the "+
		"failed jobs, "
	if robbed {
		why, fix = why+", and its draft of "+k.Draft+" does not exist any more", "to start it again, "
	}
	return Conflicts(why, fix+retry(in)+". "+fixWindow(k.Fix)), nil
}

// passing says that what failed may well succeed when it is tried again, and has not been tried too often: jobs that
// only move bytes fail when a registry does. Attempts are counted by GitHub.
func (k workflow) passing(run WorkflowRun, failed []string) bool {
	if run.Attempt > k.Retries || len(failed) == 0 {
		return false
	}
	return !slices.ContainsFunc(failed, func(job string) bool {
		return !slices.ContainsFunc(k.Transient,
			func(pattern string) bool { hit, _ := path.Match(pattern, job); return hit })
	})
}

// jobs tells which jobs of a run have failed, and whether they could not go on: what those that succeeded had drafted
// is gone.
func (k workflow) jobs(ctx context.Context, in Input, run WorkflowRun) (failed []string, robbed bool, err error) {
	jobs, err := k.gh.Jobs(ctx, in.Repo, run.ID)
	if err != nil {
		return nil, false, err
	}
	succeeded := false
	for _, j := range jobs {
		succeeded = succeeded || j.Conclusion == "success"
		if j.Status == "completed" && !slices.Contains([]string{"success", "skipped", "neutral"}, j.Conclusion) {
			failed = append(failed, j.Name)
		}
	}
	public, drafted, err := k.public(ctx, in)
	return failed, k.Draft != "" && succeeded && !drafted && !public, err
}

func (k workflow) Act(ctx context.Context, in Input) error {
	run, found, err := k.newest(ctx, in)
	if err != nil {
		return err
	}
	again := found && run.Conclusion != "cancelled"
	if again {
		_, robbed, err := k.jobs(ctx, in, run)
		if err != nil {
			return err
		}
		again = !robbed
	}
	if found && !again && !k.start {
		// What a push or a release started runs again for its own commit; many such workflows cannot be dispatched.
		return k.gh.Rerun(ctx, in.Repo, run.ID)
	}
	if k.start {
		if err := k.still(ctx, in); err != nil {
			return err
		}
	}
	if again {
		return k.gh.RerunFailed(ctx, in.Repo, run.ID)
	}
	if err := deleteDrafts(ctx, k.gh, in, k.Draft); err != nil {
		return err
	}
	return k.gh.Dispatch(ctx, in.Repo, k.Workflow, k.Ref, nil)
}

// still holds the branch against the commit that was looked at. A run that is dispatched is of the head, and GitHub
// makes the tag of a draft where the branch is when it is published: on a branch that moved on, neither would be that
// commit.
func (k workflow) still(ctx context.Context, in Input) error {
	ref, sha := k.Ref, k.SHA
	head, found, err := k.gh.Branch(ctx, in.Repo, ref)
	if err != nil || !found || head == sha {
		return err
	}
	if public, _, err := k.public(ctx, in); err != nil || public {
		return err
	}
	fix := "comment `/release abort REASON`, and start again"
	if phase := k.Fix; phase != "" {
		fix = "comment `/release " + phase + "`, then go through the phases again with the current head of " + ref +
			". To end the release, comment `/release abort REASON`"
	}
	return &Stop{Why: fmt.Sprintf("%s has moved on to %s, but %s was to run for %s", ref, short(head),
		k.Workflow, short(sha)), Fix: fix}
}

// public says whether the version is out, and has its tag; and whether there is a draft of it.
func (k workflow) public(ctx context.Context, in Input) (public, drafted bool, err error) {
	if k.Draft == "" {
		return false, false, nil
	}
	all, err := k.gh.Releases(ctx, in.Repo)
	for _, p := range all {
		if p.Tag == k.Draft {
			public, drafted = public || !p.Draft, drafted || p.Draft
		}
	}
	return public, drafted, err
}

// deleteDrafts deletes what a run left half-made. A release that is published is never touched.
func deleteDrafts(ctx context.Context, gh ReleaseStore, in Input, tag string) error {
	if tag == "" {
		return nil
	}
	all, err := gh.Releases(ctx, in.Repo)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Tag == tag && p.Draft {
			if err := gh.DeleteDraft(ctx, in.Repo, p.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// deleteDraft deletes the drafts of a tag, on a person's command.
type deleteDraft struct {
	gh ReleaseStore
	params.DeleteDraft
}

func (k deleteDraft) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	return unless(o, err, func() []Write { return writes(in.Repo, "delete the draft of "+k.Tag) })
}

func (k deleteDraft) Observe(ctx context.Context, in Input) (Outcome, error) {
	all, err := k.gh.Releases(ctx, in.Repo)
	if err != nil {
		return Outcome{}, err
	}
	for _, p := range all {
		switch {
		case p.Tag != k.Tag:
		case p.Draft:
			return Missing(), nil
		default:
			return Conflicts(k.Tag+" is published",
				"a published release is never taken back; release the next version"), nil
		}
	}
	return DoneWith(Receipt{Text: "there is no draft of " + k.Tag}), nil
}

func (k deleteDraft) Act(ctx context.Context, in Input) error {
	return deleteDrafts(ctx, k.gh, in, k.Tag)
}
