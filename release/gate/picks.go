package gate

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/patches"
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
	params.PicksApproved
}

func (k picksApproved) Check(ctx context.Context, in Input) (release.Verdict, error) {
	branch, role := k.Branch, k.Role
	rule := "everything merged into " + branch + " since " + k.Since + " is approved"
	content, found, err := k.gh.File(ctx, in.Repo, patches.File, "")
	if err != nil {
		return release.Verdict{}, err
	}
	if !found {
		return release.Hold(rule, "there is no `"+patches.File+"`, so no approval is needed"), nil
	}
	p, err := patches.Load(content)
	if err != nil {
		return release.Refuse(rule, policyInvalid(patches.File, markdown.Text(err.Error())),
			"the maintainers of the file", fixPolicy()), nil
	}
	label := p.Picks.Approved
	if label == "" {
		return release.Hold(rule,
			"`cherry-picks.approved` in `"+patches.File+"` names no label, so no approval is needed"), nil
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
		return release.Hold(rule, "nothing was merged"), nil
	case len(lacks) == 0:
		return release.Hold(rule,
			fmt.Sprintf("%s, each with the label `%s`", release.Count(len(merged), "pull request"), label)), nil
	}
	return release.Refuse(rule, strings.Join(lacks, "; "), "any "+strings.ReplaceAll(role, "-", " "),
			"review each one and add the label `"+label+"`. To take one out of the release, revert it with a pull "+
				"request"),
		nil
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

// merged are the pull requests that were merged into the branch since the last version: those that its commits name,
// and those in the milestone, for a rebase leaves no number in the commits.
func (k picksApproved) merged(ctx context.Context, in Input) ([]step.Pull, error) {
	compared, err := k.gh.Compare(ctx, in.Repo, k.Since, k.SHA)
	if err != nil {
		return nil, err
	}
	numbers := numbersIn(compared.Commits)
	m, found, err := milestone(ctx, k.gh, in, k.Milestone)
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
		if found && pull.Merged && pull.Base == k.Branch {
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
		return "does not have the label `" + label + "`", nil
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
	case by.Actor.ID == 0:
		return "has the label `" + label + "` from an account that no longer exists", nil
	case by.Bot:
		return "has the label `" + label + "` from " + markdown.Login(by.Actor.Login) + ", which is a bot", nil
	}
	has, err := k.roles.Has(ctx, release.Person(by.Actor), k.Role)
	if err != nil {
		return "", fmt.Errorf("ask whether %s is a %s: %w", by.Actor.Login, k.Role, err)
	}
	if !has.Held() {
		return "has the label `" + label + "` from " + markdown.Login(by.Actor.Login) + ", who is not " +
			release.RoleNoun(k.Role), nil
	}
	return "", nil
}
