package patches

import (
	"context"

	"github.com/slipway-dev/slipway/release"
)

// check lets the issue or pull request be looked at again, and comments that somebody deleted be written anew.
func check(ctx context.Context, c *command) ([]release.Event, error) {
	keys, look := []string{noteCheck, noteFixed}, c.Issue
	if c.req.Said.Pull {
		keys, look = []string{notePicks, noteApproval}, c.Pull
	}
	for _, key := range keys {
		if err := c.Conversation.RenewNote(ctx, c.place, key); err != nil {
			return nil, err
		}
	}
	return nil, look(ctx, c.place)
}
