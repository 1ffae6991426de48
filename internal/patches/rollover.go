package patches

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// rollMemory is what is kept of the rollover of a milestone, so that it can be undone.
type rollMemory struct {
	Rollover rules.Rollover `json:"rollover,omitzero"`
	Undone   bool           `json:"undone,omitempty"`
	// Version is the one whose publication rolls the milestone over.
	Version string `json:"version,omitempty"`
	// Wish is what is still to be done, and Comment the one that asked for it, 0 where the publication did.
	Wish    rollWish      `json:"wish,omitempty"`
	Comment int64         `json:"comment,omitempty"`
	Made    []github.Made `json:"made,omitempty"`
}

type rollWish string

const (
	wishRoll rollWish = "roll"
	wishUndo rollWish = "undo"
)

// of says that it is the memory of a rollover of that milestone which was not taken back.
func (m rollMemory) of(title string) bool { return m.Rollover.Title == title && !m.Undone }

// rolloverKey is the key of the rollover of a milestone.
func rolloverKey(p conversation.Place, title string) key {
	return key{kind: kindRollover, repo: p.Repo, what: title}
}

// noteRollover is the key of the comment that tells of it.
func noteRollover(title string) string { return "rolled/=" + title }

// published lets the milestone of a version be rolled over, and begins the report of its known issues beside each
// report of the coming ones. A rollover that somebody took back is not done again.
func (l *pass) published(ctx context.Context, tag string) error {
	k := rolloverKey(l.place, l.policy.TitleFor(tag))
	memory, err := change(ctx, l.Patches, k, func(m *rollMemory, _ *bool) {
		if !m.Undone || m.Version != tag {
			m.Version, m.Wish, m.Comment = tag, wishRoll, 0
		}
	})
	if err != nil {
		return err
	}
	if memory.Wish != "" {
		if err := l.wake(ctx, k); err != nil {
			return err
		}
	}
	return l.publishKnown(ctx, tag)
}

// publishKnown begins the reports.
func (l *pass) publishKnown(ctx context.Context, tag string) error {
	open, err := l.openReports(ctx, l.place.Repo)
	if err != nil {
		return err
	}
	for _, snap := range open {
		on, err := parseKey(snap.Key)
		if err != nil || on.what != upcoming {
			continue // a key that cannot be read names no report
		}
		k := on.of("version " + tag)
		if _, err := change(ctx, l.Patches, k, func(m *reportMemory, open *bool) {
			m.Itself = m.Itself || m.Before.At.IsZero() && m.Asked == 0
			*open = m.wanted()
		}); err != nil {
			return err
		}
		if err := l.wake(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// rollover does what is wished for a milestone.
func (l *pass) rollover(ctx context.Context, title string) (err error) {
	k := rolloverKey(l.place, title)
	ctx, done, err := recalling(ctx, l.Patches, k, func(m *rollMemory) *[]github.Made { return &m.Made })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	memory, _, err := load[rollMemory](ctx, l.Store, k)
	if err != nil || memory.Wish == "" {
		return err
	}
	did := memory
	if memory.Wish == wishUndo {
		err = l.unroll(ctx, memory.Rollover)
		did.Undone = true
	} else {
		did.Rollover, err = l.roll(ctx, k, memory, title)
		did.Undone = false
	}
	if err != nil {
		return err
	}
	_, err = change(ctx, l.Patches, k, func(m *rollMemory, _ *bool) {
		m.Rollover, m.Undone = did.Rollover, did.Undone
		if m.Wish == memory.Wish && m.Comment == memory.Comment {
			m.Wish = ""
		}
	})
	if err != nil {
		return err
	}
	return l.wakeReports(ctx, l.place.Repo)
}

// roll moves the open items of a milestone on, closes it, opens the next, and tells of it wherever the milestone is
// reported. Where a comment asked for it, what people were asked about moves.
func (l *pass) roll(ctx context.Context, k key, memory rollMemory, title string) (rules.Rollover, error) {
	m, found, err := l.milestone(ctx, title)
	switch {
	case err != nil || !found:
		return memory.Rollover, err
	case m.State != "open" && memory.of(title): // it may have been cut off after the milestone was closed
		return memory.Rollover, l.tell(ctx, title, memory.Rollover.Tell(memory.Version))
	case m.State != "open":
		return memory.Rollover, nil
	}
	tags, err := l.versions(ctx)
	if err != nil {
		return memory.Rollover, err
	}
	next := rules.NextPatch(rules.MinorOf(memory.Version), append(slices.Clone(tags), memory.Version))
	r, err := l.plan(ctx, memory, m, next)
	if err != nil {
		return r, err
	}
	// A run that is cut off has moved some: they are found no more, and belong to the same rollover.
	_, err = change(ctx, l.Patches, k, func(kept *rollMemory, _ *bool) { kept.Rollover, kept.Undone = r, false })
	if err != nil {
		return r, err
	}
	to, err := l.ensure(ctx, next)
	if err != nil {
		return r, err
	}
	for _, n := range r.Move {
		if err := gone(l.gh.SetMilestone(ctx, l.place.Name, n, to.Number)); err != nil {
			return r, err
		}
	}
	if r.Close {
		m.State = "closed"
		if err := l.gh.EditMilestone(ctx, l.place.Name, m); err != nil {
			return r, err
		}
	}
	return r, l.tell(ctx, title, r.Tell(memory.Version))
}

// plan decides what becomes of the items of an open milestone; next is the version that comes after its own.
func (l *pass) plan(ctx context.Context, memory rollMemory, m step.Milestone, next string) (rules.Rollover, error) {
	items, _, err := l.list(ctx, step.IssueFilter{Milestone: m.Number, State: "open"})
	if err != nil {
		return rules.Rollover{}, err
	}
	policy := l.policy
	if memory.Comment != 0 {
		policy.Milestones.Others = "move"
	}
	r := policy.Roll(memory.Version, next, items)
	for _, n := range memory.Rollover.Move {
		if !memory.Undone && !slices.Contains(r.Move, n) {
			r.Move = append(r.Move, n)
		}
	}
	return r, nil
}

// tell comments once on every issue that reports the milestone.
func (l *pass) tell(ctx context.Context, title, text string) error {
	open, err := l.openReports(ctx, l.place.Repo)
	if err != nil {
		return err
	}
	for _, snap := range open {
		if !strings.HasSuffix(snap.Key, "/=milestone "+title) && !strings.HasSuffix(snap.Key, "/="+upcoming) {
			continue
		}
		at := *l
		at.place.Issue = snap.Issue
		if err := at.say(ctx, noteRollover(title), text); err != nil {
			return err
		}
	}
	return nil
}

// unroll puts back what a rollover moved, and opens the milestone again.
func (l *pass) unroll(ctx context.Context, r rules.Rollover) error {
	m, found, err := l.milestone(ctx, r.Title)
	if err != nil || !found {
		return err
	}
	if m.State != "open" {
		m.State = "open"
		if err := l.gh.EditMilestone(ctx, l.place.Name, m); err != nil {
			return err
		}
	}
	for _, n := range r.Move {
		item, found, err := l.gh.Issue(ctx, l.place.Name, n)
		if err != nil {
			return err
		}
		// Whoever moved it on meanwhile meant it.
		if found && item.MilestoneTitle == r.Next {
			if err := gone(l.gh.SetMilestone(ctx, l.place.Name, n, m.Number)); err != nil {
				return err
			}
		}
	}
	return nil
}
