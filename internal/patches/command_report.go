package patches

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/release"
)

// report begins a report on the issue, or brings it up to date at once.
func report(ctx context.Context, c *command) ([]release.Event, error) {
	asked := cmp.Or(strings.Join(c.args, " "), c.req.Said.Milestone, upcoming)
	there, err := c.reported(ctx, asked)
	if err != nil {
		return nil, err
	}
	if !there {
		// Each report is looked at again for ever after: to begin one is not for everybody.
		if no, err := c.refuseUntrusted(ctx, "begin a report"); no != nil || err != nil {
			return no, err
		}
	}
	what, no, err := c.subject(ctx, asked)
	if no != nil || err != nil {
		return no, err
	}
	k := keyOf(kindReport, c.place).of(what)
	if memory, open, err := load[reportMemory](ctx, c.Store, k); err != nil {
		return nil, err
	} else if there && (!open || !memory.wanted()) { // it was another of that name
		if no, err := c.refuseUntrusted(ctx, "begin a report"); no != nil || err != nil {
			return no, err
		}
	}
	if _, err := change(ctx, c.Patches, k, func(m *reportMemory, open *bool) {
		m.Asked, m.Gone, m.Over, m.Itself = c.req.Said.Comment, false, false, false
		*open = true
	}); err != nil {
		return nil, err
	}
	if err := c.Conversation.RenewNote(ctx, c.place, noteReport(what)); err != nil {
		return nil, err
	}
	return nil, c.wake(ctx, k)
}

// reported says that such a report is on the issue.
func (c *command) reported(ctx context.Context, asked string) (bool, error) {
	for _, what := range []string{asked, "milestone " + asked, "version " + asked} {
		memory, open, err := load[reportMemory](ctx, c.Store, keyOf(kindReport, c.place).of(what))
		if err != nil || open && memory.wanted() {
			return err == nil, err
		}
	}
	return false, nil
}

// subject is what a report is of, in the words of its key. An open milestone goes before a version of the same name,
// and that before a closed one.
func (c *command) subject(ctx context.Context, asked string) (what string, no []release.Event, err error) {
	if asked == upcoming {
		return upcoming, nil, nil
	}
	all, err := c.gh.Milestones(ctx, c.place.Name)
	if err != nil {
		return "", nil, err
	}
	if slices.Contains(openTitles(all), asked) {
		return "milestone " + asked, nil, nil
	}
	tags, err := c.versions(ctx)
	if err != nil {
		return "", nil, err
	}
	if semver.IsValid(asked) && slices.Contains(tags, asked) {
		return "version " + asked, nil, nil
	}
	if _, found := titled(all, asked); found {
		return "milestone " + asked, nil, nil
	}
	names := []string{upcoming}
	for _, m := range all {
		names = append(names, m.Title)
	}
	return "", c.req.Refuse(noReport(asked, openTitles(all), append(names, tags...))), nil
}
