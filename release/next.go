package release

import (
	"slices"
	"time"
)

// Work is what Next found: a step that is due, or what the release stands still for.
type Work struct {
	// Due says that there is a step to observe now: Runs[Run].Steps[Step].
	Due       bool
	Run, Step int
	// Stands says why nothing is due, in a clause that follows "Status:": "on hold, by `@rita`: `CI is down`".
	Stands string
}

// Next names the work that is due. It is the only place that decides what runs, and it looks at nothing but the
// release.
func Next(r Release, _ time.Time) Work {
	// What happens by itself, such as the end of a lock, waits for nothing that has stopped or is held.
	for i, run := range r.Runs {
		j := slices.IndexFunc(run.Steps, func(s StepState) bool { return s.Done == nil && s.Stopped == nil })
		if i >= r.First && r.Aborted == nil && run.Itself() && j >= 0 {
			return Work{Due: true, Run: i, Step: j}
		}
	}
	switch {
	case !r.Begun:
		return Work{Stands: standsNotStarted()}
	case r.Held != nil:
		return Work{Stands: heldText(*r.Held)}
	}
	for i, run := range r.Runs {
		if i < r.First || run.Complete() || (r.Aborted != nil && !run.Undo) {
			continue
		}
		// The rollback goes on past a step that cannot be undone: every other lock must still be opened.
		for j, s := range run.Steps {
			switch {
			case s.Done != nil, s.Optional:
				continue
			case s.Stopped != nil && run.Undo:
				continue
			case s.Stopped != nil:
				return Work{Run: i, Step: j, Stands: standsStopped(s)}
			}
			return Work{Due: true, Run: i, Step: j}
		}
	}
	if r.Aborted != nil {
		return Work{Stands: standsAborted(*r.Aborted)}
	}
	if r.Finished() {
		return Work{Stands: standsFinished(r.stillOpen())}
	}
	if item, ok := r.NextPhase(); ok {
		return Work{Stands: standsWaiting(item.Phase)}
	}
	return Work{Stands: standsFinished(r.stillOpen())}
}

// NextPhase is the next phase to be entered on the track. Optional phases that were passed over are not it, unless
// nothing else is left.
func (r Release) NextPhase() (TrackPhase, bool) {
	sequence := r.Track().Sequence()
	newest := -1
	for i, item := range sequence {
		if _, entered := r.Entered(item.Phase); entered {
			newest = i
		}
	}
	rest := sequence[newest+1:]
	if i := slices.IndexFunc(rest, func(l TrackPhase) bool { return !l.Optional }); i >= 0 {
		return rest[i], true
	}
	if len(rest) > 0 {
		return rest[0], true
	}
	return TrackPhase{}, false
}
