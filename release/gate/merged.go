package gate

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// most bounds how many pull requests a gate looks up one by one; a warning need not be complete.
const most = 100

// ported looks for pull requests of the milestone that were merged into the default branch and that the release branch
// has not: a fix is merged there first, and forgotten easily (Falco release.md, Release branch).
type ported struct {
	gh interface {
		step.MilestoneStore
		step.PullStore
		step.CommitStore
		step.RefReader
	}
	params.Ported
}

func (k ported) Check(ctx context.Context, in Input) (release.Verdict, error) {
	rule := "everything merged for " + k.Milestone + " is on " + k.Branch
	m, found, err := milestone(ctx, k.gh, in, k.Milestone)
	if err != nil {
		return release.Verdict{}, err
	}
	if !found {
		return release.Hold(rule, "there is no such milestone"), nil
	}
	items, err := k.gh.MilestoneItems(ctx, in.Repo, m.Number, "closed")
	if err != nil {
		return release.Verdict{}, err
	}
	items = slices.DeleteFunc(items, func(item step.Item) bool { return !item.Pull })
	head, found, err := k.gh.Branch(ctx, in.Repo, k.Branch)
	if err != nil {
		return release.Verdict{}, err
	}
	if len(items) == 0 || !found {
		return release.Hold(rule, "nothing was merged for it"), nil
	}
	base, err := k.gh.MergeBase(ctx, in.Repo, k.From, head)
	if err != nil {
		return release.Verdict{}, err
	}
	own, err := k.gh.Compare(ctx, in.Repo, base, head)
	if err != nil {
		return release.Verdict{}, err
	}
	var left []string
	for _, item := range items[:min(len(items), most)] {
		there, err := k.has(ctx, in, item.Number, head, own.Commits)
		if err != nil {
			return release.Verdict{}, err
		}
		if !there {
			left = append(left, "#"+strconv.Itoa(item.Number))
		}
	}
	if len(left) > 0 {
		return release.Refuse(rule, "missing there: "+strings.Join(left, ", "), "the release manager",
			"comment `/release pick "+left[0]+"`, or remove it from the milestone"), nil
	}
	return release.Hold(rule, release.Count(len(items), "pull request")), nil
}

// has says that the branch contains the merge of a pull request, or a pick of it. What goes somewhere else is not
// missing.
func (k ported) has(ctx context.Context, in Input, number int, head string, own []step.Commit) (bool, error) {
	p, found, err := k.gh.Pull(ctx, in.Repo, number)
	if err != nil || !found || !p.Merged || p.Base != k.From {
		return true, err
	}
	for _, c := range own {
		if strings.Contains(c.Message, step.Origin(p.MergeSHA)) || strings.Contains(c.Message, step.Origin(p.HeadSHA)) {
			return true, nil
		}
	}
	to, err := k.gh.Compare(ctx, in.Repo, head, p.MergeSHA)
	return to.Ahead == 0, err
}

// milestoned looks for pull requests that were merged since the last release and have no milestone: notes that go by
// milestones leave them out.
type milestoned struct {
	gh interface {
		step.PullStore
		step.CommitStore
	}
	params.Milestoned
}

func (k milestoned) Check(ctx context.Context, in Input) (release.Verdict, error) {
	rule := "everything merged since the last release has a milestone"
	if k.Since == "" {
		return release.Hold(rule, "there is no earlier release"), nil
	}
	since, err := k.gh.Compare(ctx, in.Repo, k.Since, k.Branch)
	if err != nil {
		return release.Verdict{}, err
	}
	var without []step.Item
	named := numbersIn(since.Commits)
	named = named[:min(len(named), most)]
	for _, number := range named {
		p, found, err := k.gh.Pull(ctx, in.Repo, number)
		if err != nil {
			return release.Verdict{}, err
		}
		if found && p.Merged && p.Milestone == 0 {
			without = append(without, step.Item{Number: number})
		}
	}
	if len(without) > 0 {
		return release.Refuse(rule, "without a milestone: "+numbers(without), "anyone with triage permission",
			"set the milestone "+k.Milestone+", or the one it belongs to"), nil
	}
	return release.Hold(rule, fmt.Sprintf("%s since %s", release.Count(len(named), "pull request"),
		k.Since)), nil
}

// versionsRise shows what version files said at the newest tag of a family and what they say now. They may stay, and
// never fall: "exceptions to the versioning rules are never allowed" (Falco release.md, Code freeze).
type versionsRise struct {
	gh interface {
		step.FileStore
		step.RefReader
	}
	params.VersionsRise
}

func (k versionsRise) Check(ctx context.Context, in Input) (release.Verdict, error) {
	all, err := k.gh.Tags(ctx, in.Repo)
	if err != nil {
		return release.Verdict{}, err
	}
	newest := ""
	for _, tag := range all {
		bare, family := strings.CutSuffix(tag, k.Family)
		if v := "v" + bare; family && semver.IsValid(v) && semver.Prerelease(v) == "" &&
			(newest == "" || semver.Compare(v, "v"+strings.TrimSuffix(newest, k.Family)) > 0) {
			newest = tag
		}
	}
	rule := "versions in files do not decrease"
	if newest == "" {
		return release.Hold(rule, "there is no tag that ends with "+k.Family), nil
	}
	var saw, wrong []string
	for _, path := range k.Files {
		was, err := k.first(ctx, in.Repo, path, newest)
		if err != nil {
			return release.Verdict{}, err
		}
		is, err := k.first(ctx, in.Repo, path, k.Rev)
		if err != nil {
			return release.Verdict{}, err
		}
		text := fmt.Sprintf("%s %s → %s", markdown.Code(path), firstLine(was), firstLine(is))
		if was == is {
			text = fmt.Sprintf("%s %s", markdown.Code(path), firstLine(is))
		}
		if saw = append(saw, text); !semver.IsValid("v"+is) || semver.IsValid("v"+was) &&
			semver.Compare("v"+is, "v"+was) < 0 {
			wrong = append(wrong, text)
		}
	}
	if len(wrong) > 0 {
		return release.Never(rule, "since "+newest+": "+strings.Join(wrong, ", "), rulesStay(),
			"fix the file on "+k.Rev), nil
	}
	return release.Hold(rule, "since "+newest+": "+strings.Join(saw, ", ")), nil
}

// first is the first line of a file: all other lines are ignored (driver/README.VERSION.md). A file that is missing
// says nothing.
func (k versionsRise) first(ctx context.Context, repo, path, rev string) (string, error) {
	content, _, err := k.gh.File(ctx, repo, path, rev)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(content), "\n")
	return strings.TrimSpace(line), nil
}

// firstLine shows the beginning of a file, which may hold anything.
func firstLine(text string) string {
	if text == "" {
		return "(nothing)"
	}
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "…"
	}
	return markdown.Text(text)
}
