package rehearsal

import (
	"context"
	"sync"

	"github.com/slipway-dev/slipway/release/step"
)

// channels stand for those of a server: whatever name a process gives, there is one, and what is sent is printed.
type channels struct {
	out *printer
	// refuse is the channel that does not take the first announcement; empty for none.
	refuse string

	mu      sync.Mutex
	refused bool
}

var _ step.Announcer = (*channels)(nil)

func (*channels) Takes(string, string) bool { return true }

func (c *channels) Send(_ context.Context, channel string, a step.Announcement) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if channel == c.refuse && !c.refused {
		c.refused = true
		c.out.print("\n━━ The bad answer: %s\n", spoiling("announce"))
		return &step.NotSent{Why: "the channel answered 503"}
	}
	c.out.wrote("sends to " + channel + ": " + a.Subject)
	return nil
}
