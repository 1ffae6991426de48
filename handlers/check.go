package handlers

import "context"

// Check takes check runs: somebody asks for ours anew, or one ended that a release may wait for.
type Check struct{ Base }

// Handles names the events.
func (Check) Handles() []string { return []string{"check_run", "check_suite"} }

// Handle takes one delivery. GitHub tells an App only of its own check runs that they are wanted anew.
func (h Check) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	type commit struct {
		SHA string `json:"head_sha"`
	}
	var ev struct {
		event
		Run   commit `json:"check_run"`
		Suite commit `json:"check_suite"`
	}
	if err := decode(kind, payload, &ev); err != nil {
		return err
	}
	p, known, err := h.place(ctx, ev.event, 0)
	if err != nil || !known {
		return err
	}
	if ev.Action == "rerequested" {
		sha := ev.Run.SHA
		if kind == "check_suite" {
			sha = ev.Suite.SHA
		}
		if err := h.Reviews.Again(ctx, p.Repo, sha); err != nil {
			return err
		}
	}
	return h.wake(ctx, p.Repo)
}
