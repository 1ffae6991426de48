package patches

import (
	"context"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// milestone sets or clears the milestone of an issue or pull request, or lets a rollover be done or undone.
func milestone(ctx context.Context, c *command) ([]release.Event, error) {
	if no, err := c.refuseUntrusted(ctx, "set milestones"); no != nil || err != nil {
		return no, err
	}
	name := strings.Join(c.args, " ")
	if strings.EqualFold(name, "clear") {
		return nil, c.setMilestone(ctx, 0)
	}
	all, err := c.gh.Milestones(ctx, c.place.Name)
	if err != nil {
		return nil, err
	}
	m, found := titled(all, name)
	switch {
	case name == "":
		return c.req.Refuse(noMilestoneNamed(openTitles(all))), nil
	case found && m.State == "open":
		return nil, c.setMilestone(ctx, m.Number)
	case found:
		return c.req.Refuse(milestoneClosed(name, openTitles(all))), nil
	case len(c.args) > 1 && strings.EqualFold(c.args[0], "roll"):
		return c.rollByHand(ctx, all, strings.Join(c.args[1:], " "))
	case len(c.args) > 1 && strings.EqualFold(c.args[0], "undo"):
		return c.undoRollover(ctx, all, strings.Join(c.args[1:], " "))
	}
	return c.req.Refuse(noMilestone(name, openTitles(all))), nil
}

// setMilestone sets it by its number; 0 clears it.
func (c *command) setMilestone(ctx context.Context, number int) error {
	if err := c.gh.SetMilestone(ctx, c.place.Name, c.place.Issue, number); err != nil {
		return err
	}
	return c.changed(ctx)
}

// rollByHand lets what a rollover asked about be moved on.
func (c *command) rollByHand(ctx context.Context, all []step.Milestone, title string) ([]release.Event, error) {
	k := rolloverKey(c.place, title)
	memory, _, err := load[rollMemory](ctx, c.Store, k)
	if err != nil {
		return nil, err
	}
	if memory.Comment == c.req.Said.Comment {
		return nil, c.wake(ctx, k) // this very line asked for it, before a crash
	}
	tags, err := c.versions(ctx)
	if err != nil {
		return nil, err
	}
	m, found := titled(all, title)
	for _, version := range tags {
		if c.policy.TitleFor(version) == title && found && m.State == "open" {
			return nil, c.wish(ctx, k, wishRoll, version)
		}
	}
	return c.req.Refuse(notRollable(title)), nil
}

// undoRollover lets what a rollover moved be put back.
func (c *command) undoRollover(ctx context.Context, all []step.Milestone, title string) ([]release.Event, error) {
	k := rolloverKey(c.place, title)
	memory, _, err := load[rollMemory](ctx, c.Store, k)
	if err != nil {
		return nil, err
	}
	if _, found := titled(all, title); !found || memory.Rollover.Title == "" {
		return c.req.Refuse(nothingRolled(title)), nil
	}
	return nil, c.wish(ctx, k, wishUndo, memory.Version)
}

func (c *command) wish(ctx context.Context, k key, w rollWish, version string) error {
	if _, err := change(ctx, c.Patches, k, func(m *rollMemory, _ *bool) {
		m.Wish, m.Version, m.Comment = w, version, c.req.Said.Comment
	}); err != nil {
		return err
	}
	return c.wake(ctx, k)
}
