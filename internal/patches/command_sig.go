package patches

import (
	"context"

	"github.com/slipway-dev/slipway/release"
	rules "github.com/slipway-dev/slipway/release/patches"
)

func sigs(p rules.Policy) family { return family{"sig", "SIG", rules.SIGPrefix, p.SIGNames()} }

// sig adds special interest groups to those that are named already.
func sig(ctx context.Context, c *command) ([]release.Event, error) {
	_, _, no, err := c.add(ctx, sigs(c.policy))
	if no != nil || err != nil {
		return no, err
	}
	return nil, c.changed(ctx)
}

func removeSIG(ctx context.Context, c *command) ([]release.Event, error) {
	return c.remove(ctx, sigs(c.policy))
}
