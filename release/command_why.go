package release

import "time"

// whyVerb is the row of `/release why`.
func whyVerb() Verb {
	return Verb{
		Name: "why", Usage: "", About: "list the gates of the next phase, what was seen, and who can resolve it",
		Example: "/release why", Least: 0, Most: 0,
		needs: needsSubject, decide: why, early: true,
	}
}

func why(r Release, c Command, f Facts, _ time.Time) ([]Event, *Refusal) {
	if run, ok := r.openRun(); ok {
		return passing(c, inProgress(runText(r, run))), nil
	}
	return answered(c, whyNot(r, f)), nil
}

// whyNot answers why where nothing is in progress: each gate of the next phase.
func whyNot(r Release, f Facts) string {
	if r.Held != nil {
		return heldAnswer(*r.Held)
	}
	item, ok := r.NextPhase()
	if !ok || r.Aborted != nil {
		return nothingBlocked(r.stands())
	}
	if f.PhaseProblem != nil {
		return f.PhaseProblem.Markdown()
	}
	if len(f.Gates) == 0 {
		return noGates(item.Phase) + changesText(r.Started.Process, item.Phase)
	}
	return gatesText(r.Started.Process, item.Phase, verdicts(f))
}
