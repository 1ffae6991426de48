package handlers

import (
	"context"

	"github.com/slipway-dev/slipway/internal/conversation"
)

// Repository takes what happens to a whole repository. That it has another name or owner was seen already, as with any
// event that names it (internal/conversation, Meet).
type Repository struct{ Base }

// Handles names the event.
func (Repository) Handles() []string { return []string{"repository"} }

// Handle takes one delivery.
func (h Repository) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	ev, p, known, err := h.repository(ctx, kind, payload)
	if err != nil || !known {
		return err
	}
	if ev.Action == "deleted" {
		at := conversation.CauseOf(ctx).At
		return h.Conversation.Left(ctx, p.Installation, p.Repo, conversation.AwayDeleted, at)
	}
	return h.wake(ctx, p.Repo)
}
