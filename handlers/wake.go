package handlers

import "context"

// Wake lets the releases of a repository look again when something happened that one of them may wait for. It reads
// nothing out of the payload but the repository: what is true is looked up, not believed.
type Wake struct{ Base }

// Handles names the events.
func (Wake) Handles() []string {
	return []string{
		"push", "delete", "milestone", "label", "status", "workflow_run", "workflow_job", "repository_ruleset",
	}
}

// Handle takes one delivery.
func (h Wake) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	_, p, known, err := h.repository(ctx, kind, payload)
	if err != nil || !known {
		return err
	}
	return h.wake(ctx, p.Repo)
}
