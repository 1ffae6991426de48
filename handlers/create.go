package handlers

import "context"

// Create takes new branches and tags. A tag may hold fixes that issues wait for.
type Create struct{ Base }

// Handles names the event.
func (Create) Handles() []string { return []string{"create"} }

// Handle takes one delivery.
func (h Create) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	var ev struct {
		event
		Ref  string `json:"ref"`
		Kind string `json:"ref_type"`
	}
	if err := decode(kind, payload, &ev); err != nil {
		return err
	}
	p, known, err := h.place(ctx, ev.event, 0)
	if err != nil || !known {
		return err
	}
	if ev.Kind == "tag" {
		if err := h.Patches.Tagged(ctx, p.Repo, ev.Ref); err != nil {
			return err
		}
	}
	return h.wake(ctx, p.Repo)
}
