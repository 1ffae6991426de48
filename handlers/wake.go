package handlers

import (
	"context"
	"errors"
)

// Wake lets the releases of a repository look again when something happened that one of them may wait for. It reads
// nothing out of the payload but the repository's name: what is true is looked up, not believed.
type Wake struct {
	Engine  Engine
	Tracker Tracker
}

// Handles names the events.
func (Wake) Handles() []string {
	return []string{
		"push", "delete", "milestone", "label",
		"check_run", "check_suite", "status", "workflow_run", "workflow_job", "repository_ruleset",
	}
}

// Handle takes one delivery.
func (h Wake) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	var ev event
	if err := decode(kind, payload, &ev); err != nil || ev.Repository.FullName == "" {
		return err
	}
	return wake(ctx, h.Engine, h.Tracker, ev.Repository.FullName)
}

func wake(ctx context.Context, e Engine, t Tracker, repo string) error {
	return errors.Join(e.Wake(ctx, repo), t.Wake(ctx, repo))
}
