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
	var good []string
	var bad []release.Refusal
	for _, branch := range c.args {
		no := c.pickable(tags, branch, pull)
		if no == nil {
			_, there, err := c.gh.Branch(ctx, c.place.Name, branch)
			if err != nil {
				return nil, err
			}
			if there {
				good = append(good, branch)
				continue
			}
			no = new(noBranch(branch, branches))
		}
		bad = append(bad, *no)
	}
	if len(good) == 0 {
		return c.req.Refuse(noneTaken(bad)), nil
	}
	k := keyOf(kindPicks, c.place)
	if _, err := change(ctx, c.Patches, k, func(m *picksMemory, open *bool) {
		m.want(good)
		*open = true
	}); err != nil {
		return nil, err
	}
	if err := c.Conversation.RenewNote(ctx, c.place, notePicks); err != nil {
		return nil, err
	}
	if err := c.wake(ctx, k); err != nil || len(bad) == 0 {
		return nil, err
	}
	return c.req.Answer(someTaken(good, bad)), nil
}
