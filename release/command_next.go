package release

import "time"

// nextVerb is the row of `/release next`.
func nextVerb() Verb {
	return Verb{
		Name: "next", Usage: "", About: "say what comes next and who can do it",
		Example: "/release next", Least: 0, Most: 0,
		needs: needsSubject, decide: next, early: true,
	}
}

func next(r Release, c Command, f Facts, _ time.Time) ([]Event, *Refusal) {
	if run, ok := r.openRun(); ok {
		return passing(c, inProgress(runText(r, run))), nil
	}
	return answered(c, upNext(r, f)), nil
}

// upNext answers next where nothing is in progress.
func upNext(r Release, f Facts) string {
	if r.Held != nil {
		return heldAnswer(*r.Held)
	}
	item, ok := r.NextPhase()
	if !ok || r.Aborted != nil {
		return nothingNext(r.stands())
	}
	phase, _ := r.Started.Process.Phase(item.Phase)
	if f.PhaseProblem != nil {
		return nextImpossible(phase, *f.PhaseProblem)
	}
	open, warnings := 0, 0
	for _, v := range f.Gates {
		switch {
		case v.Holds:
		case v.Warn:
			warnings++
		default:
			open++
		}
	}
	return nextPhase(phase, len(f.Gates), open, warnings)
}
