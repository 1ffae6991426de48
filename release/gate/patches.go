package gate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/ledger"
	"github.com/slipway-dev/slipway/release/step"
)

// pickDeadline wants the day to be past on which the picks for a patch release end: what is merged is then known.
type pickDeadline struct{ gh step.FileStore }

func (k pickDeadline) Check(ctx context.Context, in Input) (release.Verdict, error) {
	var schedule ledger.Schedule
	if path := in.With["path"]; path != "" {
		repo := in.With["repo"]
		if repo == "" {
			repo = in.Repo
		}
		content, found, err := k.gh.File(ctx, repo, path, "")
		if err != nil && !errors.Is(err, step.ErrGone) {
			return release.Verdict{}, err
		}
		if found {
			if schedule, err = ledger.ParseSchedule(content); err != nil {
				return release.Refuse("the schedule can be read", err.Error(), "whoever keeps "+path, "mend the file"), nil
			}
		}
	}
	d := schedule.For(in.With["version"], in.Release.Started.Due, in.Now)
	deadline := d.Deadline.Format(time.DateOnly)
	rule := fmt.Sprintf("cherry-picks for %s end on %s (%s)", in.With["version"], deadline, d.Source)
	today := in.Now.UTC().Format(time.DateOnly)
	if today > deadline {
		return release.Hold(rule, "it is "+today), nil
	}
	return release.Refuse(rule, "it is "+today, "nobody: the day comes by itself", "wait until "+d.Deadline.AddDate(0, 0, 1).Format(time.DateOnly)+"; what cannot wait is a release of its own: `/release abort REASON`, then `/release start "+in.With["version"]+" kind=urgent`"), nil
}

// lineClear asks the ledger: no open issue of a priority that blocks has a line of which the version is to be the next,
// without being resolved in it.
type lineClear struct {
	gh interface {
		step.FileStore
		step.IssueList
		step.RefReader
	}
}

func (k lineClear) Check(ctx context.Context, in Input) (release.Verdict, error) {
	version := in.With["version"]
	rule := "nothing that blocks is open for " + ledger.MinorOf(version)
	content, found, err := k.gh.File(ctx, in.Repo, ledger.File, "")
	if err != nil {
		return release.Verdict{}, err
	}
	if !found {
		return release.Hold(rule, "there is no `"+ledger.File+"`, so no issue blocks"), nil
	}
	p, err := ledger.Load(content)
	if err != nil {
		return release.Refuse(rule, "`"+ledger.File+"` cannot be used: "+ledger.Calm(err.Error()), "whoever maintains it", "mend the file on the default branch"), nil
	}
	names, err := k.gh.Tags(ctx, in.Repo)
	if err != nil {
		return release.Verdict{}, err
	}
	tracked, err := k.gh.Issues(ctx, in.Repo, step.IssueFilter{Label: p.Labels.Tracked, State: "open"})
	if err != nil {
		return release.Verdict{}, err
	}
	var issues []ledger.Issue
	for _, is := range tracked {
		issues = append(issues, p.Read(ledger.Issue{Number: is.Number, Title: is.Title, Body: is.Body, State: is.State, Labels: is.Labels, Author: is.Author, URL: is.URL, Pull: is.Pull}))
	}
	var blocks []string
	for _, is := range p.Blocking(issues) {
		if p.Blocks(is, version, p.MaintainedLines(ledger.Versions(names))) {
			blocks = append(blocks, is.Line())
		}
	}
	if len(blocks) == 0 {
		return release.Hold(rule, fmt.Sprintf("%d open issues, none of them", len(issues))), nil
	}
	return release.Refuse(rule, strings.Join(blocks, "; "), "their owners", "resolve them and add `resolved-in="+version+"`, or give them another priority: `/priority important-soon`"), nil
}
