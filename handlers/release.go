package handlers

import "context"

// Release takes published releases: the milestone of the version is rolled over.
type Release struct {
	Engine  Engine
	Tracker Tracker
}

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
	if err := decode(kind, payload, &ev); err != nil || ev.Repository.FullName == "" {
		return err
	}
	if ev.Action == "published" {
		if err := h.Tracker.Published(ctx, ev.place(0), ev.Release.Tag); err != nil {
			return err
		}
	}
	if ev.Action == "published" {
		// A release of another repository may wait for this one.
		if err := h.Engine.Wake(ctx, ""); err != nil {
			return err
		}
	}
	return wake(ctx, h.Engine, h.Tracker, ev.Repository.FullName)
}
