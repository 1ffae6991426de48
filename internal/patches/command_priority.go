package patches

import (
	"context"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	rules "github.com/slipway-dev/slipway/release/patches"
)

func priorities(p rules.Policy) family {
	return family{"priority", "priority", rules.PriorityPrefix, p.PriorityNames()}
}

// priority sets the one priority, and takes others away: GitHub's answer says which there are.
func priority(ctx context.Context, c *command) ([]release.Event, error) {
	labels, all, no, err := c.add(ctx, priorities(c.policy))
	if no != nil || err != nil {
		return no, err
	}
	others := slices.DeleteFunc(all, func(name string) bool {
		return !strings.HasPrefix(strings.ToLower(name), rules.PriorityPrefix) || carries(labels, name)
	})
	return nil, c.unlabel(ctx, others)
}

func removePriority(ctx context.Context, c *command) ([]release.Event, error) {
	return c.remove(ctx, priorities(c.policy))
}
