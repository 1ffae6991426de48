package step

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
)

// createMilestone makes the milestone of the release and keeps its due date right: "Releases are planned using
// GitHub milestones. The due date indicates when consumers should expect a tagged release" (Falco release.md).
type createMilestone struct {
	gh MilestoneStore
	params.CreateMilestone
}

func (k createMilestone) due(in Input) (time.Time, error) {
	if k.Due == "" {
		return time.Time{}, nil
	}
	due, err := time.Parse(time.DateOnly, k.Due)
	if err != nil {
		return due, fmt.Errorf("parameter due: %w", err)
	}
	return due, nil
}

func (k createMilestone) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	if err != nil || o.State != Absent {
		return nil, err
	}
	title, due := k.Title, k.Due
	switch _, found, err := milestoneOf(ctx, k.gh, in.Repo, title); {
	case err != nil:
		return nil, err
	case found:
		return writes(in.Repo, fmt.Sprintf("set the due date of milestone %s to %s", title, due)), nil
	case due == "":
		return writes(in.Repo, "create milestone "+title), nil
	}
	return writes(in.Repo, fmt.Sprintf("create milestone %s, due %s", title, due)), nil
}

func (k createMilestone) Observe(ctx context.Context, in Input) (Outcome, error) {
	due, err := k.due(in)
	if err != nil {
		return Outcome{}, err
	}
	m, found, err := milestoneOf(ctx, k.gh, in.Repo, k.Title)
	switch {
	case err != nil:
		return Outcome{}, err
	case !found:
		return Missing(), nil
	case m.State == "closed":
		return Conflicts("the milestone "+markdown.Text(m.Title)+" is closed",
			"if it is the right one, reopen it on GitHub, then "+retry(in)), nil
	case !due.IsZero() && !sameDay(m.Due, due):
		return Missing(), nil
	}
	text := "milestone " + markdown.Text(m.Title)
	if !m.Due.IsZero() {
		text += ", due " + m.Due.UTC().Format(time.DateOnly)
	}
	return DoneWith(Receipt{Text: text, URL: m.URL, ID: int64(m.Number)}), nil
}

func (k createMilestone) Act(ctx context.Context, in Input) error {
	due, err := k.due(in)
	if err != nil {
		return err
	}
	m, found, err := milestoneOf(ctx, k.gh, in.Repo, k.Title)
	if err != nil {
		return err
	}
	if found {
		m.Due = due
		return k.gh.EditMilestone(ctx, in.Repo, m)
	}
	_, err = k.gh.CreateMilestone(ctx, in.Repo, Milestone{Title: k.Title, Description: k.Description,
		State: "open", Due: due})
	return err
}

func sameDay(a, b time.Time) bool {
	return a.UTC().Format(time.DateOnly) == b.UTC().Format(time.DateOnly)
}

func milestoneOf(ctx context.Context, gh MilestoneStore, repo, title string) (Milestone, bool, error) {
	all, err := gh.Milestones(ctx, repo)
	if err != nil {
		return Milestone{}, false, err
	}
	i := slices.IndexFunc(all, func(m Milestone) bool { return m.Title == title })
	if i < 0 {
		return Milestone{}, false, nil
	}
	return all[i], true, nil
}

// closeMilestone closes the milestone once the release is out.
type closeMilestone struct {
	gh MilestoneStore
	params.CloseMilestone
}

func (k closeMilestone) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	return unless(o, err, func() []Write { return writes(in.Repo, "close milestone "+k.Title) })
}

func (k closeMilestone) Observe(ctx context.Context, in Input) (Outcome, error) {
	m, found, err := milestoneOf(ctx, k.gh, in.Repo, k.Title)
	switch {
	case err != nil:
		return Outcome{}, err
	case !found:
		return Conflicts("there is no milestone "+k.Title,
			"create it on GitHub, then "+retry(in)+". To go on without it, "+skip(in)), nil
	case m.State != "closed":
		return Missing(), nil
	}
	return DoneWith(Receipt{Text: "milestone " + markdown.Text(m.Title) + " closed", URL: m.URL,
		ID: int64(m.Number)}), nil
}

func (k closeMilestone) Act(ctx context.Context, in Input) error {
	m, found, err := milestoneOf(ctx, k.gh, in.Repo, k.Title)
	if err != nil || !found {
		return err
	}
	m.State = "closed"
	return k.gh.EditMilestone(ctx, in.Repo, m)
}

// renameMilestone gives the milestone in which work was gathered the title of the release. Notes are made of the
// milestone whose title is the tag (falcosecurity/libs, rn2md), so it has to be done before the release is published.
type renameMilestone struct {
	gh MilestoneStore
	params.RenameMilestone
}

func (k renameMilestone) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	return unless(o, err, func() []Write {
		return writes(in.Repo, fmt.Sprintf("rename milestone %s to %s", k.From, k.To))
	})
}

func (k renameMilestone) Observe(ctx context.Context, in Input) (Outcome, error) {
	to, named, err := milestoneOf(ctx, k.gh, in.Repo, k.To)
	if err != nil {
		return Outcome{}, err
	}
	from, there, err := milestoneOf(ctx, k.gh, in.Repo, k.From)
	switch {
	case err != nil:
		return Outcome{}, err
	case named:
		return DoneWith(Receipt{Text: "milestone " + markdown.Text(to.Title), URL: to.URL, ID: int64(to.Number)}), nil
	case !there || from.State != "open":
		return Conflicts(
			fmt.Sprintf("there is no open milestone %s and no milestone %s", k.From, k.To),
			"create milestone "+k.To+" on GitHub, then "+retry(in)+". To go on without it, "+skip(in),
		), nil
	}
	return Missing(), nil
}

func (k renameMilestone) Act(ctx context.Context, in Input) error {
	from, there, err := milestoneOf(ctx, k.gh, in.Repo, k.From)
	if err != nil || !there {
		return err
	}
	from.Title = k.To
	return k.gh.EditMilestone(ctx, in.Repo, from)
}
