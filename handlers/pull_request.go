package handlers

import "context"

// PullRequest takes what happens to pull requests: labels ask for picks, a merge lets picks and milestones follow and
// the issues look again that name it, and what may change the release process is looked at.
type PullRequest struct{ Base }

// Handles names the event.
func (PullRequest) Handles() []string { return []string{"pull_request"} }

// Handle takes one delivery.
func (h PullRequest) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	var ev struct {
		event
		Number  int `json:"number"`
		Changes struct {
			Base *struct{} `json:"base"`
		} `json:"changes"`
	}
	if err := decode(kind, payload, &ev); err != nil {
		return err
	}
	p, known, err := h.place(ctx, ev.event, ev.Number)
	if err != nil || !known {
		return err
	}
	switch ev.Action {
	case "opened", "reopened", "synchronize", "labeled", "unlabeled", "closed", "edited":
		if err := h.Patches.Pull(ctx, p); err != nil {
			return err
		}
	}
	switch {
	case ev.Action == "closed":
		err = h.Reviews.Closed(ctx, p)
	case ev.Action == "opened", ev.Action == "reopened", ev.Action == "synchronize", ev.Changes.Base != nil:
		err = h.Reviews.Pull(ctx, p)
	}
	if err != nil {
		return err
	}
	if ev.Action == "closed" || ev.Action == "reopened" {
		if err := h.Patches.Merged(ctx, p); err != nil {
			return err
		}
	}
	return h.wake(ctx, p.Repo)
}
