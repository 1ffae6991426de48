package handlers

import "context"

// PullRequest takes what happens to pull requests: labels ask for picks, a merge lets picks and milestones follow and
// the issues look again that name it.
type PullRequest struct {
	Engine  Engine
	Tracker Tracker
}

// Handles names the event.
func (PullRequest) Handles() []string { return []string{"pull_request"} }

// Handle takes one delivery.
func (h PullRequest) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	var ev struct {
		event
		Number int `json:"number"`
		Pull   struct {
			Merged bool `json:"merged"`
		} `json:"pull_request"`
	}
	if err := decode(kind, payload, &ev); err != nil || ev.Repository.FullName == "" {
		return err
	}
	switch ev.Action {
	case "opened", "reopened", "synchronize", "labeled", "unlabeled", "closed", "edited":
		if err := h.Tracker.Pull(ctx, ev.place(ev.Number)); err != nil {
			return err
		}
	}
	if ev.Action == "closed" || ev.Action == "reopened" {
		if err := h.Tracker.Merged(ctx, ev.place(ev.Number)); err != nil {
			return err
		}
	}
	return wake(ctx, h.Engine, h.Tracker, ev.Repository.FullName)
}
