package patches

import (
	"context"
	"errors"
	"strconv"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/params"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// pickKey names the pick of a pull request into a branch, in the mark of its pull request and in its commits.
func (l *pass) pickKey(branch string) string {
	return keyOf(kindPicks, l.place).String() + "/" + branch
}

// pick looks at one pick, and does what is due: the trial while the pull request is open, the pull request of the pick
// once it is merged.
func (l *pass) pick(ctx context.Context, pull step.Pull, branch string, tags []string) (rules.PickRow, error) {
	minor, _ := l.policy.LineOfBranch(branch)
	row := rules.PickRow{Branch: branch, Minor: minor}
	made, err := l.gh.PullsFrom(ctx, l.place.Name, pickBranch(l.place.Issue, branch), branch)
	if err != nil {
		return row, err
	}
	in := step.Input{
		Key: l.pickKey(branch), Repo: l.place.Name, AppSlug: l.AppSlug, Now: l.Clock().UTC(),
	}
	switch {
	case len(made) > 0:
		return l.follow(ctx, made[0], row, tags)
	case !pull.Merged && pull.State != "open":
		row.State = stateClosed
		return row, nil
	case !pull.Merged:
		applies, err := l.trial(ctx, in, pull, row)
		if err != nil {
			return row, err
		}
		if row.State = stateApplies; !applies {
			row.State = stateWouldConflict
			row.Conflict, err = l.byHand(ctx, branch, pull)
		}
		return row, err
	}
	sha, err := step.Picker{GH: l.gh}.Pick(ctx, in, params.CherryPick{Pull: l.place.Issue, Branch: branch})
	if stop, ok := errors.AsType[*step.Stop](err); ok {
		row.State = stateConflicts(stop.Why)
		row.Conflict, err = l.byHand(ctx, branch, pull)
		return row, err
	}
	if err != nil {
		return row, err
	}
	if sha == "" {
		return l.onBranch(ctx, pull, row, tags)
	}
	return l.propose(ctx, pull, row, sha)
}

// onBranch says in which version a change is that was on the branch before anybody picked it.
func (l *pass) onBranch(ctx context.Context, pull step.Pull, row rules.PickRow, tags []string) (rules.PickRow, error) {
	row.State, row.Merged = stateThere, true
	var err error
	if row.Tag, err = l.firstTag(ctx, pull.MergeSHA, row.Minor, tags); err != nil || row.Tag != "" {
		return row, err
	}
	head, _, err := l.gh.Branch(ctx, l.place.Name, row.Branch)
	if err == nil {
		row.Tag, err = l.firstTag(ctx, head, row.Minor, tags)
	}
	return row, err
}

// trial says whether an open pull request applies to the branch, as a check run on its head.
func (l *pass) trial(ctx context.Context, in step.Input, pull step.Pull, row rules.PickRow) (bool, error) {
	name := "applies to " + row.Minor + "?"
	checks, err := l.gh.Checks(ctx, l.place.Name, pull.HeadSHA)
	if err != nil {
		return false, err
	}
	head, _, err := l.gh.Branch(ctx, l.place.Name, row.Branch)
	if err != nil {
		return false, err
	}
	for _, c := range checks {
		if c.Name == name && c.ExternalID == head { // tried against what the branch is now
			return c.Conclusion == "success", nil
		}
	}
	applies, err := step.Picker{GH: l.gh}.Applies(ctx, in, row.Branch, pull)
	if err != nil {
		return false, err
	}
	run := step.Check{Name: name, Status: "completed", Conclusion: "success", ExternalID: head}
	run.Title, run.Summary = trialApplies(row.Branch)
	if !applies {
		lines, err := l.byHand(ctx, row.Branch, pull)
		if err != nil {
			return false, err
		}
		run.Conclusion = "neutral"
		run.Title, run.Summary = trialConflicts(row.Branch, lines)
	}
	return applies, l.gh.CreateCheck(ctx, l.place.Name, pull.HeadSHA, run)
}

// byHand are the commands for a person. They push to the branch by which the pull request is found again.
func (l *pass) byHand(ctx context.Context, branch string, pull step.Pull) (string, error) {
	shas := []string{pull.MergeSHA}
	if !pull.Merged {
		commits, err := l.gh.PullCommits(ctx, l.place.Name, pull.Number)
		if err != nil {
			return "", err
		}
		shas = nil
		for _, c := range commits {
			shas = append(shas, c.SHA)
		}
	}
	return step.Picker{GH: l.gh}.Lines(ctx, l.place.Name, branch, pickBranch(l.place.Issue, branch), shas)
}

// propose opens the pull request of a pick. It is found again by its branch, whose name is made of what is picked.
func (l *pass) propose(ctx context.Context, pull step.Pull, row rules.PickRow, sha string) (rules.PickRow, error) {
	name := pickBranch(l.place.Issue, row.Branch)
	_, there, err := l.gh.Branch(ctx, l.place.Name, name)
	if err != nil {
		return row, err
	}
	if !there { // else a crash left it, with commits of another moment and the same change
		if err := l.gh.CreateBranch(ctx, l.place.Name, name, sha); err != nil {
			return row, err
		}
	}
	made, err := l.gh.OpenPull(ctx, l.place.Name, step.Pull{
		Title: pickTitle(l.place.Issue, pull.Title), Head: name, Base: row.Branch,
		Body: pickBody(l.place.Issue, pull.Title, row.Branch) + "\n\n" + parse.Marker(l.pickKey(row.Branch)),
	})
	if err != nil {
		return row, err
	}
	return l.follow(ctx, made, row, nil)
}

// follow says how far the pull request of a pick is.
func (l *pass) follow(ctx context.Context, made step.Pull, row rules.PickRow, tags []string) (rules.PickRow, error) {
	row.Ref, row.URL, row.Merged = "#"+strconv.Itoa(made.Number), made.URL, made.Merged
	switch {
	case made.Merged:
		row.State = stateMerged
		tag, err := l.firstTag(ctx, made.MergeSHA, row.Minor, tags)
		if row.Tag = tag; tag != "" {
			row.State = stateIn(tag)
		}
		return row, err
	case made.State == "open":
		held, err := l.held(ctx, made)
		if row.State = stateOpen; held {
			row.State = stateHeld
		}
		return row, err
	}
	row.State = stateAbandoned
	return row, nil
}
