package handlers

import (
	"context"

	"github.com/slipway-dev/slipway/internal/conversation"
)

// InstallationRepositories takes the choice of the repositories that an installation covers.
type InstallationRepositories struct{ Base }

// Handles names the event. GitHub sends it without a subscription.
func (InstallationRepositories) Handles() []string { return []string{"installation_repositories"} }

// Handle takes one delivery.
func (h InstallationRepositories) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	var ev struct {
		event
		Added   []repository `json:"repositories_added"`
		Removed []repository `json:"repositories_removed"`
	}
	if err := decode(kind, payload, &ev); err != nil || ev.Installation.ID == 0 {
		return err
	}
	at := conversation.CauseOf(ctx).At
	for _, r := range ev.Removed {
		if err := h.Conversation.Left(ctx, ev.Installation.ID, r.ID, conversation.AwayRemoved, at); err != nil {
			return err
		}
	}
	if len(ev.Added) == 0 {
		return nil
	}
	return h.arrived(ctx, ev.Installation.ID, ev.Added)
}
