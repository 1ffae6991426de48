package gate

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// checksGreen looks at every check run and status of one commit, or only at those that are required, where some are. It
// never trusts "check suite completed", which can come before the last run of the suite (bors, docs/design.md).
type checksGreen struct {
	gh step.CheckStore
	params.ChecksGreen
}

func (k checksGreen) Check(ctx context.Context, in Input) (release.Verdict, error) {
	sha := k.SHA
	checks, err := k.gh.Checks(ctx, in.Repo, sha)
	if err != nil {
		return release.Verdict{}, err
	}
	ignore, required := k.Ignore, k.Required
	rule := "every check of " + short(sha) + " succeeded"
	if len(required) > 0 {
		rule = "every required check of " + short(sha) + " succeeded"
	}
	var bad, good []string
	for _, c := range checks {
		switch {
		case slices.Contains(ignore, c.Name), len(required) > 0 && !slices.Contains(required, c.Name):
		case c.Status != "completed":
			bad = append(bad, markdown.Link(c.Name, c.URL)+" is "+strings.ReplaceAll(c.Status, "_", " "))
		case c.Conclusion == "success" || c.Conclusion == "neutral" || c.Conclusion == "skipped":
			good = append(good, c.Name)
		default:
			bad = append(bad, markdown.Link(c.Name, c.URL)+": "+c.Conclusion)
		}
	}
	for _, want := range required {
		if !slices.ContainsFunc(checks, func(c step.Check) bool { return c.Name == want }) {
			bad = append(bad, markdown.Code(want)+" did not run")
		}
	}
	if len(bad) > 0 {
		return release.Refuse(rule, strings.Join(bad, "; "), "anyone who can fix or re-run them", waitForChecks()), nil
	}
	if len(good) == 0 {
		return release.Hold(rule, "no checks ran"), nil
	}
	return release.Hold(rule, fmt.Sprintf("%d succeeded", len(good))), nil
}

// milestone finds one by its title.
func milestone(ctx context.Context, gh step.MilestoneStore, in Input, title string) (m step.Milestone, found bool,
	err error) {
	all, err := gh.Milestones(ctx, in.Repo)
	if err != nil {
		return m, false, err
	}
	i := slices.IndexFunc(all, func(m step.Milestone) bool { return m.Title == title })
	if i < 0 {
		return m, false, nil
	}
	return all[i], true, nil
}

// open lists what is open in a milestone; a milestone that is not there has nothing open.
func open(ctx context.Context, gh step.MilestoneStore, in Input, title string) ([]step.Item, error) {
	m, found, err := milestone(ctx, gh, in, title)
	if err != nil || !found {
		return nil, err
	}
	items, err := gh.MilestoneItems(ctx, in.Repo, m.Number, "open")
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(items, func(item step.Item) bool { return item.Number == in.Issue }), nil
}

func numbers(items []step.Item) string {
	out := []string{}
	for i, item := range items {
		if i == 10 {
			out = append(out, fmt.Sprintf("and %d more", len(items)-10))
			break
		}
		out = append(out, "#"+strconv.Itoa(item.Number))
	}
	return strings.Join(out, ", ")
}

// noOpenBlockers wants no open item with the label in the milestone. It lists the milestone and never searches: the
// search index loses items (Prow, Maintainer's Guide to Tide).
type noOpenBlockers struct {
	gh step.MilestoneStore
	params.NoOpenBlockers
}

func (k noOpenBlockers) Check(ctx context.Context, in Input) (release.Verdict, error) {
	items, err := open(ctx, k.gh, in, k.Milestone)
	if err != nil {
		return release.Verdict{}, err
	}
	label := k.Label
	items = slices.DeleteFunc(items, func(item step.Item) bool {
		return !slices.ContainsFunc(item.Labels, func(l string) bool { return strings.EqualFold(l, label) })
	})
	rule := "nothing open in the milestone " + k.Milestone + " has the label `" + label + "`"
	if len(items) > 0 {
		return release.Refuse(rule, numbers(items), "the people working on them",
			"close them, or remove the label"), nil
	}
	return release.Hold(rule, "none"), nil
}

// milestoneClear wants nothing open in the milestone.
type milestoneClear struct {
	gh step.MilestoneStore
	params.MilestoneClear
}

func (k milestoneClear) Check(ctx context.Context, in Input) (release.Verdict, error) {
	items, err := open(ctx, k.gh, in, k.Milestone)
	if err != nil {
		return release.Verdict{}, err
	}
	items = slices.DeleteFunc(items, func(item step.Item) bool {
		return k.What == "pulls" && !item.Pull || k.What == "issues" && item.Pull
	})
	rule := "nothing is open in the milestone " + k.Milestone
	if len(items) > 0 {
		return release.Refuse(rule, numbers(items), "the people working on them",
			"close or merge them, or move them to another milestone"), nil
	}
	return release.Hold(rule, "nothing"), nil
}

// date compares today with the due date.
type date struct {
	params.Date
}

func (k date) Check(_ context.Context, in Input) (release.Verdict, error) {
	rule := fmt.Sprintf("`%s` should begin about %d days before the due date", in.Phase.Name, k.Days)
	if k.Due == "" {
		return release.Hold(rule, "the release has no due date"), nil
	}
	due, err := time.Parse(time.DateOnly, k.Due)
	if err != nil {
		return release.Verdict{}, fmt.Errorf("parameter due: %w", err)
	}
	saw := fmt.Sprintf("today is %s, and the due date is %s", in.Now.UTC().Format(time.DateOnly), k.Due)
	if first := due.AddDate(0, 0, -k.Days); in.Now.Before(first) {
		return release.Refuse(rule, saw, "the release manager", "wait until "+first.Format(time.DateOnly)), nil
	}
	return release.Hold(rule, saw), nil
}

// releaseExists wants a published release of another repository: the release, not its tag, is the signal.
type releaseExists struct {
	gh step.ReleaseStore
	params.ReleaseExists
}

func (k releaseExists) Elsewhere() []consent.Use {
	return []consent.Use{{Repo: k.Repo, Releases: true}}
}

func (k releaseExists) Check(ctx context.Context, in Input) (release.Verdict, error) {
	all, err := k.gh.Releases(ctx, k.Repo)
	if err != nil {
		return release.Verdict{}, err
	}
	rule, fix := fmt.Sprintf("%s %s is published", k.Repo, k.Tag), "wait until it is published"
	if k.Repo == in.Repo {
		fix = "publish it on GitHub at the commit that was built, or comment `/release abort REASON`"
	}
	for _, p := range all {
		if p.Tag == k.Tag && !p.Draft {
			return release.Hold(rule, p.URL), nil
		}
	}
	return release.Refuse(rule, "it is not published", "the release manager of "+k.Repo, fix), nil
}
