package gate

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/ledger"
	"github.com/slipway-dev/slipway/release/step"
)

// picksApproved wants everything that was merged into the release branch since the last version to be approved, by the
// label that the policy of the patch-release issues names. The label is asked for its author, because whoever may label
// may put it on (kubernetes/community, contributors/devel/sig-release/cherry-picks.md).
type picksApproved struct {
	gh interface {
		step.FileStore
		step.CommitStore
		step.PullStore
		step.MilestoneStore
		step.IssueStore
		step.IssueList
		step.LabelStore
	}
	roles Roles
}

func (k picksApproved) Check(ctx context.Context, in Input) (release.Verdict, error) {
	branch, role := in.With["branch"], in.With["role"]
	rule := "what was merged into " + branch + " since " + in.With["since"] + " is approved"
	content, found, err := k.gh.File(ctx, in.Repo, ledger.File, "")
	if err != nil {
		return release.Verdict{}, err
	}
	if !found {
		return release.Hold(rule, "there is no `"+ledger.File+"`, so nobody is asked"), nil
	}
	p, err := ledger.Load(content)
	if err != nil {
		return release.Refuse(rule, "`"+ledger.File+"` cannot be used: "+ledger.Calm(err.Error()), "whoever maintains it", "mend the file on the default branch"), nil
	}
	label := p.Picks.Approved
	if label == "" {
		return release.Hold(rule, "`cherry-picks.approved` in `"+ledger.File+"` names no label, so nobody is asked"), nil
	}
	merged, err := k.merged(ctx, in)
	if err != nil {
		return release.Verdict{}, err
	}
	var lacks []string
	for _, pull := range merged {
		why, err := k.lacks(ctx, in, label, pull)
		if err != nil {
			return release.Verdict{}, err
		}
		if why != "" {
			lacks = append(lacks, fmt.Sprintf("[#%d](%s) %s", pull.Number, pull.URL, why))
		}
	}
	switch {
	case len(merged) == 0:
		return release.Hold(rule, "no pull request was"), nil
	case len(lacks) == 0:
		return release.Hold(rule, fmt.Sprintf("%d pull requests, each with `%s`", len(merged), label)), nil
	}
	return release.Refuse(rule, strings.Join(lacks, "; "), "whoever is "+role,
		"look at each, and put `"+label+"` on it; what should not go out is taken back by a pull request of its own"), nil
}

// numbered are the ways in which GitHub writes the number of a pull request into the commit that merges it.
var numbered = regexp.MustCompile(`^Merge pull request #(\d+) from |\(#(\d+)\)$`)

// numbersIn are the numbers of the pull requests that commits name in their titles.
func numbersIn(commits []step.Commit) []int {
	var out []int
	for _, c := range commits {
		title, _, _ := strings.Cut(c.Message, "\n")
		if hit := numbered.FindStringSubmatch(strings.TrimSpace(title)); hit != nil {
			if n, err := strconv.Atoi(hit[1] + hit[2]); err == nil {
				out = append(out, n)
			}
		}
	}
	return out
}

// merged are the pull requests that were merged into the branch since the last version: those that its commits name, and
// those in the milestone, for a rebase leaves no number in the commits.
func (k picksApproved) merged(ctx context.Context, in Input) ([]step.Pull, error) {
	compared, err := k.gh.Compare(ctx, in.Repo, in.With["since"], in.With["sha"])
	if err != nil {
		return nil, err
	}
	numbers := numbersIn(compared.Commits)
	m, found, err := milestone(ctx, k.gh, in)
	if err != nil {
		return nil, err
	}
	if found {
		items, err := k.gh.Issues(ctx, in.Repo, step.IssueFilter{Milestone: m.Number})
		if err != nil {
			return nil, err
		}
		for _, is := range items {
			if is.MergedPull {
				numbers = append(numbers, is.Number)
			}
		}
	}
	slices.Sort(numbers)
	var out []step.Pull
	for _, n := range slices.Compact(numbers) {
		// The title of a pick ends with the number of what it picks, which went elsewhere.
		pull, found, err := k.gh.Pull(ctx, in.Repo, n)
		if err != nil {
			return nil, err
		}
		if found && pull.Merged && pull.Base == in.With["branch"] {
			out = append(out, pull)
		}
	}
	return out, nil
}

// lacks says why a pull request does not count as approved; nothing where it does.
func (k picksApproved) lacks(ctx context.Context, in Input, label string, pull step.Pull) (string, error) {
	issue, _, err := k.gh.Issue(ctx, in.Repo, pull.Number)
	if err != nil {
		return "", err
	}
	same := func(l string) bool { return strings.EqualFold(l, label) }
	if !slices.ContainsFunc(issue.Labels, same) {
		return "has no `" + label + "`", nil
	}
	events, err := k.gh.LabelHistory(ctx, in.Repo, pull.Number)
	if err != nil {
		return "", err
	}
	var by step.LabelEvent
	for _, e := range events {
		if e.Added && same(e.Label) {
			by = e
		}
	}
	switch {
	case by.Actor == "":
		return "has `" + label + "` of nobody who is still there", nil
	case by.Bot:
		return "has `" + label + "` of " + release.Login(by.Actor) + ", a program", nil
	}
	has, err := k.roles.Has(ctx, by.Actor, in.With["role"])
	if err != nil {
		return "", fmt.Errorf("ask whether %s is a %s: %w", by.Actor, in.With["role"], err)
	}
	if has != release.Yes {
		return "has `" + label + "` of " + release.Login(by.Actor) + ", who is not a " + in.With["role"], nil
	}
	return "", nil
}
