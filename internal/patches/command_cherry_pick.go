package patches

import (
	"context"

	"github.com/slipway-dev/slipway/release"
)

// cherryPick asks for picks of the pull request that is commented on.
func cherryPick(ctx context.Context, c *command) ([]release.Event, error) {
	if no, err := c.refuseUntrusted(ctx, "ask for cherry-picks"); no != nil || err != nil {
		return no, err
	}
	tags, err := c.versions(ctx)
	if err != nil {
		return nil, err
	}
	var branches []string
	for _, minor := range c.policy.MaintainedLines(tags) {
		branches = append(branches, c.policy.Branch(minor))
	}
	example := first(branches, c.policy.Branch("1.2"))
	pull, found, err := c.gh.Pull(ctx, c.place.Name, c.place.Issue)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return c.req.Refuse(noPull(c.place.Issue, example)), nil
	case len(c.args) == 0:
		return c.req.Refuse(noBranchNamed(example, branches)), nil
	case pull.State != "open" && !pull.Merged:
		return c.req.Refuse(closedPull(c.place.Issue)), nil
	}
	for _, branch := range c.args {
		if no := c.pickable(tags, branch, pull); no != nil {
			return c.req.Refuse(*no), nil
		}
		_, there, err := c.gh.Branch(ctx, c.place.Name, branch)
		if err != nil {
			return nil, err
		}
		if !there {
			return c.req.Refuse(noBranch(branch, branches)), nil
		}
	}
	k := keyOf(kindPicks, c.place)
	if _, err := change(ctx, c.Patches, k, func(m *picksMemory, open *bool) {
		m.want(c.args)
		*open = true
	}); err != nil {
		return nil, err
	}
	if err := c.Conversation.RenewNote(ctx, c.place, notePicks); err != nil {
		return nil, err
	}
	return nil, c.wake(ctx, k)
}
