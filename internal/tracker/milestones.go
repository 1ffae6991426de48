package tracker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release/ledger"
	"github.com/slipway-dev/slipway/release/step"
)

// onMerge puts a pull request that was merged into a release branch into the milestone of the next patch, where it has
// none.
func (t *Tracker) onMerge(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, pull step.Pull, tags []string) error {
	minor, ok := p.LineOfBranch(pull.Base)
	if !ok || !pull.Merged || pull.Milestone != 0 || !p.Milestones.OnMerge {
		return nil
	}
	if tag, err := firstTag(ctx, gh, place.Repo, pull.MergeSHA, minor, tags); err != nil || tag != "" {
		return err // it is out already
	}
	m, err := t.ensure(ctx, gh, place.Repo, p.TitleFor(ledger.NextPatch(minor, tags)))
	if err != nil {
		return err
	}
	return gh.SetMilestone(ctx, place.Repo, place.Number, m.Number)
}

// ensure finds the milestone, or makes it.
func (t *Tracker) ensure(ctx context.Context, gh step.GitHub, repo, title string) (step.Milestone, error) {
	all, err := gh.Milestones(ctx, repo)
	if err != nil {
		return step.Milestone{}, err
	}
	if i := slices.IndexFunc(all, func(m step.Milestone) bool { return m.Title == title }); i >= 0 {
		return all[i], nil
	}
	return gh.CreateMilestone(ctx, repo, step.Milestone{Title: title})
}

// rollMemory is what is kept of a rollover, so that it can be undone.
type rollMemory struct {
	Rollover ledger.Rollover `json:"rollover"`
	Undone   bool            `json:"undone,omitempty"`
	// Comment is the one that asked for it, 0 where the publication did.
	Comment int64 `json:"comment,omitempty"`
}

// of says that it is the memory of a rollover of that milestone which was not taken back.
func (m rollMemory) of(title string) bool { return m.Rollover.Title == title && !m.Undone }

func rollLog(repo, title string) string { return "rolled:" + repo + "#0/=" + title }

// Published lets the milestone of a version be rolled over.
func (t *Tracker) Published(ctx context.Context, p Place, tag string) error {
	if !semver.IsValid(tag) || semver.Prerelease(tag) != "" {
		return nil
	}
	return t.wake(ctx, p, p.log("roll")+"/="+tag, 0)
}

// published rolls the milestone of a version over, opens the next, and tells of it wherever the milestone is reported.
func (t *Tracker) published(ctx context.Context, p Place, tag string) error {
	gh := t.GitHub(p.Installation)
	policy, on, problem, err := t.policy(ctx, gh, p.Repo)
	if err != nil || !on || problem != "" {
		return err
	}
	if err := t.roll(ctx, gh, policy, p, tag, 0); err != nil {
		return err
	}
	return t.publishKnown(ctx, p.Repo, tag)
}

// publishKnown begins the report of the known issues of a version beside each report of the coming ones.
func (t *Tracker) publishKnown(ctx context.Context, repo, tag string) error {
	logs, err := t.Store.Logs(ctx, store.Filter{Repo: repo})
	if err != nil {
		return fmt.Errorf("list the logs of %s: %w", repo, err)
	}
	for _, l := range logs {
		at := Place{Installation: l.Installation, Repo: repo, Number: l.Issue}
		name, what, _ := strings.Cut(l.Log, "/=")
		if !strings.HasPrefix(name, "report:") || what != upcoming || !l.Open {
			continue
		}
		log := reportLog(at, "version "+tag)
		var memory reportMemory
		if err := t.load(ctx, log, &memory); err != nil {
			return err
		}
		memory.Itself = memory.Itself || memory.Comment == 0
		if err := t.save(ctx, at, log, memory, true); err != nil {
			return err
		}
		if err := t.again(ctx, log); err != nil {
			return err
		}
	}
	return nil
}

// roll does it. Where a comment asked for it, what people were asked about moves.
func (t *Tracker) roll(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, version string, comment int64) error {
	all, err := gh.Milestones(ctx, place.Repo)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(m step.Milestone) bool { return m.Title == p.TitleFor(version) })
	if i < 0 {
		return nil
	}
	m := all[i]
	log := rollLog(place.Repo, m.Title)
	unlock, err := t.Store.Lock(ctx, log)
	if err != nil {
		return fmt.Errorf("lock %s: %w", log, err)
	}
	defer unlock()
	var memory rollMemory
	if err := t.load(ctx, log, &memory); err != nil {
		return err
	}
	if m.State != "open" {
		if memory.of(m.Title) { // it may have been cut off after the milestone was closed
			return t.tell(ctx, gh, place.Repo, m.Title, memory.Rollover.Tell(version))
		}
		return nil
	}
	tags, err := versions(ctx, gh, place.Repo)
	if err != nil {
		return err
	}
	items, err := gh.Issues(ctx, place.Repo, step.IssueFilter{Milestone: m.Number, State: "open"})
	if err != nil {
		return err
	}
	var list []ledger.Issue
	for _, is := range items {
		list = append(list, read(p, is))
	}
	if comment != 0 {
		p.Milestones.Others = "move"
	}
	next := ledger.NextPatch(ledger.MinorOf(version), append(tags, version))
	r := p.Roll(version, next, list)
	// A run that was cut off has moved some: they are found no more, and belong to the same rollover.
	for _, n := range memory.Rollover.Move {
		if !memory.Undone && !slices.Contains(r.Move, n) {
			r.Move = append(r.Move, n)
		}
	}
	memory = rollMemory{Rollover: r, Comment: comment}
	if err := t.save(ctx, place, log, memory, false); err != nil {
		return err
	}
	to, err := t.ensure(ctx, gh, place.Repo, r.Next)
	if err != nil {
		return err
	}
	for _, n := range r.Move {
		if err := gone(gh.SetMilestone(ctx, place.Repo, n, to.Number)); err != nil {
			return err
		}
	}
	if r.Close {
		m.State = "closed"
		if err := gh.EditMilestone(ctx, place.Repo, m); err != nil {
			return err
		}
	}
	return t.tell(ctx, gh, place.Repo, m.Title, r.Tell(version))
}

// tell comments once on every issue that reports the milestone.
func (t *Tracker) tell(ctx context.Context, gh step.GitHub, repo, title, text string) error {
	logs, err := t.Store.Logs(ctx, store.Filter{Repo: repo})
	if err != nil {
		return err
	}
	for _, l := range logs {
		if strings.HasPrefix(l.Log, "report:") && (strings.HasSuffix(l.Log, "/=milestone "+title) || strings.HasSuffix(l.Log, "/="+upcoming)) {
			at := Place{Installation: l.Installation, Repo: repo, Number: l.Issue}
			if _, err := t.sticky(ctx, gh, at, rollLog(repo, title), func(bool) string { return text }); err != nil {
				return err
			}
		}
	}
	return nil
}

// rollByHand moves what a rollover asked about.
func (t *Tracker) rollByHand(ctx context.Context, gh step.GitHub, p ledger.Policy, c Comment, all []step.Milestone, title string) error {
	tags, err := versions(ctx, gh, c.Repo)
	if err != nil {
		return err
	}
	var memory rollMemory
	if err := t.load(ctx, rollLog(c.Repo, title), &memory); err != nil {
		return err
	}
	// This very comment may have closed it before it was cut off.
	ours := memory.of(title) && memory.Comment == c.ID
	for _, v := range tags {
		if p.TitleFor(v) == title && slices.ContainsFunc(all, func(m step.Milestone) bool { return m.Title == title && (m.State == "open" || ours) }) {
			return t.roll(ctx, gh, p, c.Place, v, c.ID)
		}
	}
	return &refusal{why: "`" + strings.ReplaceAll(title, "`", "'") + "` is no open milestone of a published version", fix: "comment `/milestone roll vX.Y.Z` with one that is"}
}

// undoRollover puts back what a rollover moved, and opens the milestone again.
func (t *Tracker) undoRollover(ctx context.Context, gh step.GitHub, c Comment, all []step.Milestone, title string) error {
	log := rollLog(c.Repo, title)
	unlock, err := t.Store.Lock(ctx, log)
	if err != nil {
		return fmt.Errorf("lock %s: %w", log, err)
	}
	defer unlock()
	var memory rollMemory
	if err := t.load(ctx, log, &memory); err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(m step.Milestone) bool { return m.Title == title })
	if memory.Rollover.Title == "" || i < 0 {
		return &refusal{why: "nothing was rolled over from `" + strings.ReplaceAll(title, "`", "'") + "`", fix: "comment `/milestone undo TITLE` with the title of a milestone whose version is published"}
	}
	m := all[i]
	if m.State != "open" {
		m.State = "open"
		if err := gh.EditMilestone(ctx, c.Repo, m); err != nil {
			return err
		}
	}
	for _, n := range memory.Rollover.Move {
		item, found, err := gh.Issue(ctx, c.Repo, n)
		if err != nil {
			return err
		}
		// Whoever moved it on meanwhile meant it.
		if found && item.MilestoneTitle == memory.Rollover.Next {
			if err := gh.SetMilestone(ctx, c.Repo, n, m.Number); err != nil {
				return err
			}
		}
	}
	memory.Undone = true
	return t.save(ctx, c.Place, log, memory, false)
}
