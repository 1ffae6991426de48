package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// pickDeadline wants the day to be past on which the picks for a patch release end: what is merged is then known.
type pickDeadline struct {
	gh step.FileStore
	params.PickDeadline
}

func (k pickDeadline) Elsewhere() []consent.Use {
	if k.Path == "" {
		return nil
	}
	return []consent.Use{{Repo: k.Repo, Read: []string{k.Path}}}
}

func (k pickDeadline) Check(ctx context.Context, in Input) (release.Verdict, error) {
	var schedule patches.Schedule
	if path := k.Path; path != "" {
		repo := k.Repo
		if repo == "" {
			repo = in.Repo
		}
		content, found, err := k.gh.File(ctx, repo, path, "")
		if err != nil && !errors.Is(err, step.ErrGone) {
			return release.Verdict{}, err
		}
		if found {
			if schedule, err = patches.ParseSchedule(content); err != nil {
				return release.Refuse("the schedule is valid", markdown.Code(err.Error()), "the maintainers of "+path,
					"fix the file"), nil
			}
		}
	}
	d := schedule.For(k.Version, in.Release.Started.Due, in.Now)
	deadline := d.Deadline.Format(time.DateOnly)
	rule := fmt.Sprintf("cherry-picks for %s end on %s (%s)", k.Version, deadline, d.Source)
	today := in.Now.UTC().Format(time.DateOnly)
	if today > deadline {
		return release.Hold(rule, "today is "+today), nil
	}
	return release.Refuse(rule, "today is "+today, "nobody, because the date is fixed",
		"wait until "+d.Deadline.AddDate(0, 0, 1).Format(time.DateOnly)+". A fix that cannot wait needs a release of "+
			"its own: comment `/release abort REASON`, then `/release start "+k.Version+" kind=urgent`"), nil
}

// lineClear asks the policy: no open issue of a priority that blocks has a line of which the version is to be the next,
// without being resolved in it.
type lineClear struct {
	gh interface {
		step.FileStore
		step.IssueList
		step.RefReader
	}
	params.LineClear
}

func (k lineClear) Check(ctx context.Context, in Input) (release.Verdict, error) {
	version := k.Version
	rule := "no blocking issue is open for " + patches.MinorOf(version)
	content, found, err := k.gh.File(ctx, in.Repo, patches.File, "")
	if err != nil {
		return release.Verdict{}, err
	}
	if !found {
		return release.Hold(rule, "there is no `"+patches.File+"`, so no issue can block"), nil
	}
	p, err := patches.Load(content)
	if err != nil {
		return release.Refuse(rule, policyInvalid(patches.File, markdown.Text(err.Error())),
			"the maintainers of the file", fixPolicy()), nil
	}
	names, err := k.gh.Tags(ctx, in.Repo)
	if err != nil {
		return release.Verdict{}, err
	}
	issues, err := k.urgent(ctx, in.Repo, p)
	if err != nil {
		return release.Verdict{}, err
	}
	var blocks []string
	for _, is := range issues {
		if p.Blocks(is, version, p.MaintainedLines(patches.Versions(names))) {
			blocks = append(blocks, is.Line())
		}
	}
	if len(blocks) == 0 {
		return release.Hold(rule, fmt.Sprintf("none of %d open issues blocks", len(issues))), nil
	}
	return release.Refuse(rule, strings.Join(blocks, "; "), "the owners of the issues",
		"resolve them and add `resolved-in="+version+"`. To lower the priority of one, comment `/priority "+
			"important-soon` on it"), nil
}

// urgent are the open issues of patch releases with a priority that blocks. They are found by the label of the
// priority, which people put: an issue under embargo does not have the labels that Slipway derives.
func (k lineClear) urgent(ctx context.Context, repo string, p patches.Policy) ([]patches.Issue, error) {
	var out []patches.Issue
	for _, label := range p.BlockingLabels() {
		found, err := k.gh.Issues(ctx, repo, step.IssueFilter{Label: label, State: "open"})
		if err != nil {
			return nil, err
		}
		for _, is := range found {
			read := p.Read(patches.Issue{Number: is.Number, Title: is.Title, Body: is.Body, State: is.State,
				Labels: is.Labels, Author: is.Author, URL: is.URL, Pull: is.Pull})
			same := func(o patches.Issue) bool { return o.Number == read.Number }
			if read.Tracked() && !slices.ContainsFunc(out, same) {
				out = append(out, read)
			}
		}
	}
	return out, nil
}
