package release

import (
	"time"

	"github.com/slipway-dev/slipway/release/params"
)

// retryVerb is the row of `/release retry`.
func retryVerb() Verb {
	return Verb{
		Name: "retry", Usage: "[STEP]", About: "try a step again that has stopped, or all that have",
		Example: "/release retry tag", Least: 0, Most: 1,
		decide: retry,
	}
}

// retry lets stopped steps be looked at again: one, or all.
func retry(r Release, c Command, _ Facts, _ time.Time) ([]Event, *Refusal) {
	if typed := c.arg(0); typed != "" {
		run, s, refusal := r.undone(typed)
		if refusal != nil {
			return nil, refusal
		}
		if s.Stopped == nil && s.Waits == nil {
			return nil, notStopped(s, r.stands()).passing(r)
		}
		if refusal := unlocked(r, r.Runs[run], s); refusal != nil {
			return nil, refusal
		}
		return []Event{Retried{Source: c.Source, Run: run, Step: s.ID}}, nil
	}
	var events []Event
	for i, run := range r.Runs {
		for _, s := range run.Steps {
			if i >= r.First && !run.Over && s.Stopped != nil && s.Done == nil {
				if refusal := unlocked(r, run, s); refusal != nil {
					return nil, refusal
				}
				events = append(events, Retried{Source: c.Source, Run: i, Step: s.ID})
			}
		}
	}
	if len(events) == 0 {
		return nil, nothingStopped(r.stands()).passing(r)
	}
	return events, nil
}

// unlocked refuses to build once more what its phase wanted a locked branch for, when the lock has ended since: GitHub
// makes the tag of a release where the branch is then.
func unlocked(r Release, run Run, s StepState) *Refusal {
	phase, ok := r.Started.Process.Phase(run.Name)
	started, is := s.Does.Any.(params.RunWorkflow)
	if !ok || !run.Phase || !is {
		return nil
	}
	for _, g := range phase.Needs {
		locked, is := g.Asks.Any.(params.BranchLocked)
		branch, err := Expand(locked.Branch, r.In(run))
		if !is || err != nil || r.Locked(branch) {
			continue
		}
		return branchOpen(branch, s.ID, lockAgain(started.Fix, locked.Phase, phase.Name))
	}
	return nil
}
