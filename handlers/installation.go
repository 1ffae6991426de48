package handlers

import (
	"context"

	"github.com/slipway-dev/slipway/internal/conversation"
)

// Installation takes what the owner of an installation does with the App.
type Installation struct{ Base }

// Handles names the event. GitHub sends it without a subscription.
func (Installation) Handles() []string { return []string{"installation"} }

// Handle takes one delivery.
func (h Installation) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	var ev struct {
		event
		Repositories []repository `json:"repositories"`
	}
	if err := decode(kind, payload, &ev); err != nil || ev.Installation.ID == 0 {
		return err
	}
	cause, id := conversation.CauseOf(ctx), ev.Installation.ID
	switch ev.Action {
	case "created":
		return h.arrived(ctx, id, ev.Repositories)
	case "deleted":
		return h.Conversation.LeftAll(ctx, id, conversation.AwayUninstalled, cause.At)
	case "suspend":
		return h.Conversation.LeftAll(ctx, id, conversation.AwaySuspended, cause.At)
	case "unsuspend":
		if err := h.Conversation.Unsuspended(ctx, id, cause); err != nil {
			return err
		}
		return h.Patches.Wake(ctx, 0)
	case "new_permissions_accepted":
		h.Tokens.Renew(id)
		if err := h.Conversation.Permitted(ctx, id, cause); err != nil {
			return err
		}
		return h.Patches.Wake(ctx, 0)
	}
	return nil
}

// arrived takes repositories that an installation covers from now on.
func (b Base) arrived(ctx context.Context, installation int64, list []repository) error {
	var seen []conversation.Repository
	for _, r := range list {
		seen = append(seen, conversation.Repository{Repo: r.ID, Name: r.FullName, Installation: installation,
			Public: r.Private != nil && !*r.Private})
	}
	if err := b.Conversation.Installed(ctx, seen, conversation.CauseOf(ctx)); err != nil {
		return err
	}
	return b.Patches.Wake(ctx, 0)
}
