package step

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
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
}

// newest is the run that counts. A run that a push started is none that was dispatched.
func (k workflow) newest(ctx context.Context, in Input) (WorkflowRun, bool, error) {
	runs, err := k.gh.Runs(ctx, in.Repo, in.With["workflow"], in.With["sha"])
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
		return writes(in.Repo, fmt.Sprintf("start the workflow %s on %s, at %s", in.With["workflow"], in.With["ref"], short(in.With["sha"])))
	})
}

func (k workflow) Observe(ctx context.Context, in Input) (Outcome, error) {
	name, retry := in.With["workflow"], "`/release retry "+stepID(in)+"`"
	run, found, err := k.newest(ctx, in)
	switch {
	case err != nil:
		return Outcome{}, err
	case !found && k.start:
		return Missing(), nil
	case !found:
		return WaitFor(fmt.Sprintf("a run of %s for %s", name, short(in.With["sha"])), "GitHub", "it begins with the push; when it does not, start it on GitHub", time.Time{}), nil
	case run.Status != "completed":
		return WaitFor(fmt.Sprintf("[%s](%s), attempt %d", name, run.URL, run.Attempt), "GitHub", "it goes on by itself when the run ends", time.Time{}), nil
	}
	public, drafted, err := k.public(ctx, in)
	switch {
	case err != nil:
		return Outcome{}, err
	case run.Conclusion == "success" && drafted && !public:
		return WaitFor("the draft of "+in.With["draft"]+" to be published", "whoever may write",
			fmt.Sprintf("[%s](%s) succeeded and left it; publish it on GitHub while %s is where it was, because its tag is made there", name, run.URL, in.With["ref"]), time.Time{}), nil
	case run.Conclusion == "success" && (public || in.With["draft"] == ""):
		return DoneWith(Receipt{Text: fmt.Sprintf("%s succeeded for %s", name, short(run.SHA)), SHA: run.SHA, URL: run.URL, ID: run.ID}), nil
	case run.Conclusion == "cancelled" && public:
		return Conflicts(
			fmt.Sprintf("[%s](%s) was cancelled, and %s is published already", name, run.URL, in.With["draft"]),
			"a published release stays, and a second run would give up at it: `/release skip "+stepID(in)+" REASON` goes on with what is public",
		), nil
	case in.Again:
		return Missing(), nil
	case run.Conclusion == "cancelled":
		fix := retry + " starts it anew"
		if in.With["draft"] != "" {
			fix = retry + " deletes the draft of " + in.With["draft"] + " that it left, and starts it anew"
		}
		return Conflicts(fmt.Sprintf("[%s](%s) was cancelled", name, run.URL), fix), nil
	case run.Conclusion == "success":
		return Conflicts(
			fmt.Sprintf("[%s](%s) succeeded, and there is neither a release of %s nor a draft", name, run.URL, in.With["draft"]),
			retry+" starts it anew; or make the release by hand, then `/release skip "+stepID(in)+" REASON`",
		), nil
	}
	failed, robbed, err := k.jobs(ctx, in, run)
	if err != nil {
		return Outcome{}, err
	}
	if !robbed && passing(in, run, failed) {
		return Missing(), nil
	}
	why, fix := fmt.Sprintf("[%s](%s) failed in %s", name, run.URL, strings.Join(failed, ", ")), " runs the failed jobs again"
	if robbed {
		why, fix = why+", and its draft of "+in.With["draft"]+" is gone", " starts it anew"
	}
	return Conflicts(why, retry+fix+"; what needs a fix: "+fixWindow(in)+"`/release abort REASON`"), nil
}

// passing says that what failed may well succeed when it is tried again, and has not been tried too often: jobs that only
// move bytes fail when a registry does. Attempts are counted by GitHub.
func passing(in Input, run WorkflowRun, failed []string) bool {
	retries, err := strconv.Atoi(in.With["retries"])
	if err != nil || run.Attempt > retries || len(failed) == 0 {
		return false
	}
	return !slices.ContainsFunc(failed, func(job string) bool {
		return !slices.ContainsFunc(lines(in.With["transient"]), func(pattern string) bool { hit, _ := path.Match(pattern, job); return hit })
	})
}

// jobs tells which jobs of a run have failed, and whether they could not go on: what those that succeeded had drafted is gone.
func (k workflow) jobs(ctx context.Context, in Input, run WorkflowRun) (failed []string, robbed bool, err error) {
	jobs, err := k.gh.Jobs(ctx, in.Repo, run.ID)
	if err != nil {
		return nil, false, err
	}
	succeeded := false
	for _, j := range jobs {
		succeeded = succeeded || j.Conclusion == "success"
		if j.Status == "completed" && !slices.Contains([]string{"success", "skipped", "neutral"}, j.Conclusion) {
			failed = append(failed, calm(j.Name))
		}
	}
	public, drafted, err := k.public(ctx, in)
	return failed, in.With["draft"] != "" && succeeded && !drafted && !public, err
}

// fixWindow is how the process mends what a run found broken.
func fixWindow(in Input) string {
	if phase := in.With["fix"]; phase != "" {
		return "`/release " + phase + "`, merge it, and begin again; or "
	}
	return ""
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
	if err := deleteDrafts(ctx, k.gh, in, in.With["draft"]); err != nil {
		return err
	}
	return k.gh.Dispatch(ctx, in.Repo, in.With["workflow"], in.With["ref"], nil)
}

// still holds the branch against the commit that was looked at. A run that is dispatched is of the head, and GitHub makes the
// tag of a draft where the branch is when it is published: on a branch that moved on, neither would be that commit.
func (k workflow) still(ctx context.Context, in Input) error {
	ref, sha := in.With["ref"], in.With["sha"]
	head, found, err := k.gh.Branch(ctx, in.Repo, ref)
	if err != nil || !found || head == sha {
		return err
	}
	if public, _, err := k.public(ctx, in); err != nil || public {
		return err
	}
	fix := "`/release abort REASON`, and begin again"
	if phase := in.With["fix"]; phase != "" {
		fix = "`/release " + phase + "`, then begin again with what " + ref + " is now; or `/release abort REASON`"
	}
	return &Stop{Why: fmt.Sprintf("%s has moved on to %s, and %s was for %s", ref, short(head), in.With["workflow"], short(sha)), Fix: fix}
}

// public says whether the version is out, and has its tag; and whether there is a draft of it.
func (k workflow) public(ctx context.Context, in Input) (public, drafted bool, err error) {
	if in.With["draft"] == "" {
		return false, false, nil
	}
	all, err := k.gh.Releases(ctx, in.Repo)
	for _, p := range all {
		if p.Tag == in.With["draft"] {
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
type deleteDraft struct{ gh ReleaseStore }

func (k deleteDraft) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	return unless(o, err, func() []Write { return writes(in.Repo, "delete the draft of "+in.With["tag"]) })
}

func (k deleteDraft) Observe(ctx context.Context, in Input) (Outcome, error) {
	all, err := k.gh.Releases(ctx, in.Repo)
	if err != nil {
		return Outcome{}, err
	}
	for _, p := range all {
		switch {
		case p.Tag != in.With["tag"]:
		case p.Draft:
			return Missing(), nil
		default:
			return Conflicts(in.With["tag"]+" is published", "a published release stays: release the next version"), nil
		}
	}
	return DoneWith(Receipt{Text: "there is no draft of " + in.With["tag"]}), nil
}

func (k deleteDraft) Act(ctx context.Context, in Input) error {
	return deleteDrafts(ctx, k.gh, in, in.With["tag"])
}
