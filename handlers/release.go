package handlers

import "context"

// Release takes published releases: the milestone of the version is rolled over.
type Release struct{ Base }

// Handles names the event.
func (Release) Handles() []string { return []string{"release"} }

// Handle takes one delivery.
func (h Release) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	var ev struct {
		event
		Release struct {
			Tag string `json:"tag_name"`
		} `json:"release"`
	}
	if err := decode(kind, payload, &ev); err != nil {
		return err
	}
	p, known, err := h.place(ctx, ev.event, 0)
	if err != nil || !known {
		return err
	}
	if ev.Action == "published" {
		if err := h.Patches.Published(ctx, p, ev.Release.Tag); err != nil {
			return err
		}
		// A release of another repository may wait for this one.
		if err := h.Releases.Wake(ctx, 0); err != nil {
			return err
		}
	}
	return h.wake(ctx, p.Repo)
}
