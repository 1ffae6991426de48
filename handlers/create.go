package handlers

import "context"

// Create takes new branches and tags. A tag may hold fixes that issues wait for.
type Create struct {
	Engine  Engine
	Tracker Tracker
}

// Handles names the event.
func (Create) Handles() []string { return []string{"create"} }

// Handle takes one delivery.
func (h Create) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	var ev struct {
		event
		Ref  string `json:"ref"`
		Kind string `json:"ref_type"`
	}
	if err := decode(kind, payload, &ev); err != nil || ev.Repository.FullName == "" {
		return err
	}
	if ev.Kind != "tag" && ev.bot() {
		return nil // a scratch branch of ours: looking again would make the next one
	}
	if ev.Kind == "tag" {
		if err := h.Tracker.Tagged(ctx, ev.Repository.FullName, ev.Ref); err != nil {
			return err
		}
	}
	return wake(ctx, h.Engine, h.Tracker, ev.Repository.FullName)
}
