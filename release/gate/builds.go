package gate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// files holds the files of a commit against the version that is released: a chart that was forgotten has shipped with
// the version before (kata-containers 3.8.0 carried the chart 3.6.0).
type files struct {
	gh  step.FileStore
	tag string // the one that chose the commit, which is never moved
	params.Files
}

func (k files) Elsewhere() []consent.Use {
	return []consent.Use{{Repo: k.Repo, Read: step.EditedFiles(k.Edits)}}
}

func (k files) Check(ctx context.Context, in Input) (release.Verdict, error) {
	repo, rule := in.Repo, "the version in the files is the one being released"
	if k.Repo != "" {
		repo = k.Repo
		rule = "the version in the files of " + repo + " is the one being released"
	}
	wrong, why, err := step.FilesSay(ctx, k.gh, repo, k.SHA, k.Edits)
	if err != nil {
		return release.Verdict{}, err
	}
	if why != "" {
		wrong = []string{why}
	}
	switch {
	case len(wrong) > 0 && k.tag != "":
		return release.Never(rule, k.tag+" is at "+short(k.SHA)+", where "+strings.Join(wrong, "; "),
			tagStays(), "comment `/release dud REASON`, then start the next version"), nil
	case len(wrong) > 0:
		return release.Refuse(rule, strings.Join(wrong, "; "), "anyone who can merge it", k.written()), nil
	}
	return release.Hold(rule, fmt.Sprintf("%s at %s", in.Release.Started.Version, short(k.SHA))), nil
}

// workflowGreen wants the newest run of a workflow for one commit to have succeeded.
type workflowGreen struct {
	gh step.WorkflowStore
	params.WorkflowGreen
}

func (k workflowGreen) Check(ctx context.Context, in Input) (release.Verdict, error) {
	runs, err := k.gh.Runs(ctx, in.Repo, k.Workflow, k.SHA)
	if err != nil {
		return release.Verdict{}, err
	}
	rule := k.Workflow + " succeeded for the commit being released"
	switch {
	case len(runs) == 0:
		return release.Refuse(rule, "there is no run for "+short(k.SHA), "GitHub",
			"a push starts it. If it did not start, start it on GitHub"), nil
	case runs[0].Status != "completed":
		return release.Refuse(rule, fmt.Sprintf("the [run](%s) is in progress", runs[0].URL), "GitHub",
			"wait until it ends"), nil
	case runs[0].Conclusion != "success":
		return release.Refuse(rule, fmt.Sprintf("the [run](%s) ended with the conclusion %s", runs[0].URL,
			runs[0].Conclusion), "anyone who can run workflows", "re-run its failed jobs on GitHub"), nil
	}
	return release.Hold(rule, fmt.Sprintf("the [run](%s) succeeded", runs[0].URL)), nil
}

// unpublished wants nobody to have published the version: what is public is not taken back, only followed.
type unpublished struct {
	gh     step.ReleaseStore
	drafts bool // no draft either
	params.NoRelease
}

func (k unpublished) Check(ctx context.Context, in Input) (release.Verdict, error) {
	all, err := k.gh.Releases(ctx, in.Repo)
	if err != nil {
		return release.Verdict{}, err
	}
	rule := k.Tag + " is not published"
	if k.drafts {
		rule += ", and there is no draft of it"
	}
	i := slices.IndexFunc(all, func(p step.Published) bool { return p.Tag == k.Tag && (k.drafts || !p.Draft) })
	switch {
	case i < 0:
		return release.Hold(rule, "there is no such release"), nil
	case all[i].Draft:
		return release.Refuse(rule, "there is a [draft]("+all[i].URL+")", "the release manager",
			"once nothing uploads to it any more, delete the draft on GitHub"), nil
	}
	return release.Refuse(rule, "it is [published]("+all[i].URL+")",
		"nobody, because a published release is never taken back", abortAndNext()), nil
}

// runOver wants no run of a workflow to be under way for a commit: what it would still write is not known.
type runOver struct {
	gh step.WorkflowStore
	params.RunOver
}

func (k runOver) Check(ctx context.Context, in Input) (release.Verdict, error) {
	// A run that this release started is of the commit that it was started for, wherever the branch is now.
	shas := []string{k.SHA}
	for _, run := range in.Release.Live() {
		if sha := run.Vars["sha"]; sha != "" && !slices.Contains(shas, sha) {
			shas = append(shas, sha)
		}
	}
	var runs []step.WorkflowRun
	for _, sha := range shas {
		of, err := k.gh.Runs(ctx, in.Repo, k.Workflow, sha)
		if err != nil {
			return release.Verdict{}, err
		}
		runs = append(runs, of...)
	}
	rule := "no run of " + k.Workflow + " is in progress"
	if i := slices.IndexFunc(runs, func(r step.WorkflowRun) bool { return r.Status != "completed" }); i >= 0 {
		return release.Refuse(rule, fmt.Sprintf("a [run](%s) for %s is in progress", runs[i].URL, short(runs[i].SHA)),
			"anyone who can cancel workflows", "wait until it ends, or cancel it on GitHub"), nil
	}
	return release.Hold(rule, fmt.Sprintf("%s for %s, none in progress", release.Count(len(runs), "run"),
		short(k.SHA))), nil
}

// branchLocked wants the lock of this release on a branch, so that what is built and what is tagged are one.
type branchLocked struct {
	params.BranchLocked
}

func (k branchLocked) Check(_ context.Context, in Input) (release.Verdict, error) {
	rule := k.Branch + " is locked by this release"
	if in.Release.Locked(k.Branch) {
		return release.Hold(rule, "it is locked"), nil
	}
	return release.Refuse(rule, "it is not locked", "the release manager",
		"comment `/release "+k.Phase+"` to lock it"), nil
}

// written says how files come to say what is released.
func (k files) written() string {
	if k.Again != "" {
		return "comment `/release " + k.Again + "`, and merge the pull request that it opens"
	}
	return "merge the pull request that writes the version"
}
