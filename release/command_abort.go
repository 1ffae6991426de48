package release

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/slipway-dev/slipway/release/params"
)

// abortVerb is the row of `/release abort`.
func abortVerb() Verb {
	return Verb{
		Name: "abort", Usage: "REASON", About: "end the release and roll back what can be rolled back",
		Example: `/release abort "a week too early"`, Least: 1, Most: -1,
		decide: abort, running: true, First: true,
	}
}

// abort ends the release. What can be rolled back is rolled back in the reverse order; the rest is named with the
// reason why it is kept.
func abort(r Release, c Command, _ Facts, _ time.Time) ([]Event, *Refusal) {
	reason := c.rest(0)
	if r.Finished() && !r.pending() {
		return nil, finishedAlready(r.Started.Version)
	}
	var back []Step
	var undone, kept, awaited []string
	locks := r.locks()
	for i, run := range slices.Backward(r.Runs) {
		if i < r.First {
			break
		}
		for _, s := range slices.Backward(run.Steps) {
			// The step that was in progress may have acted without its receipt, so it is undone as well.
			touched := s.Done != nil && s.Done.How != Skipped ||
				s.Done == nil && !s.Optional && (s.Waits != nil || s.Stopped != nil)
			switch {
			case !touched:
				continue
			case s.Undo.Any != nil && s.Stopped != nil && !s.Tried:
				continue // it wrote nothing
			case s.locks() && s.Done != nil && !holds(locks, s):
				continue // it was opened since
			case s.Until != "" && run.did(s.Until):
				continue
			case s.Undo.Any != nil:
				back = append(back, undoStep(r, run, s))
				if s.made() {
					undone = append(undone, stepTitle(s))
				}
			case s.Stays != "" && s.Done != nil:
				kept = append(kept, keptText(s.Done.Text, s.Stays))
			case s.Stays != "" && s.Waits != nil:
				awaited = append(awaited, keptText(s.Waits.For, s.Stays)) // it is not there, and may come all the same
			case s.Stays != "" && s.Stopped != nil:
				kept = append(kept, keptText(s.Stopped.Why, s.Stays))
			}
		}
	}
	events := []Event{Aborted{Source: c.Source, Reason: reason}}
	text := abortedText(r.name(), c.By, reason, undone, kept, awaited)
	if len(back)+len(kept)+len(awaited) == 0 {
		text += nothingChanged()
	}
	if len(back) > 0 {
		events = append(events, Asked{Source: c.Source, Name: "abort", Steps: back, Vars: map[string]string{}})
	}
	return append(events, answered(c, text)...), nil
}

// did says that the step was done, and not skipped.
func (r Run) did(id string) bool {
	s, ok := r.Step(id)
	return ok && s.Done != nil && s.Done.How != Skipped
}

// made says that something of the step is known to be there.
func (s StepState) made() bool { return s.Done != nil || len(s.Made) > 0 }

// holds says that the step is one of those locks.
func holds(locks map[string]StepState, s StepState) bool {
	for _, lock := range locks {
		if lock.Done == s.Done {
			return true
		}
	}
	return false
}

// undoStep is the step that undoes s, with the values of the run that did it.
func undoStep(r Release, run Run, s StepState) Step {
	undo, err := s.Undo.Fill(r.filling(run))
	if err != nil {
		undo = s.Undo // it stops at what cannot be filled in, and says so
	}
	if unroll, ok := undo.Any.(params.UnrollMilestone); ok {
		unroll.Rolled = r.Key(run, s.ID)
		if s.Done != nil {
			unroll.Moves = moved(s.Done.Undo)
		}
		undo.Any = unroll
	}
	// A phase may have been entered several times, and each of its steps goes back by itself.
	id := "undo-" + run.Name + "-" + s.ID
	if run.Number > 1 {
		id = fmt.Sprintf("undo-%s-%d-%s", run.Name, run.Number, s.ID)
	}
	title := undoTitle(stepTitle(s))
	if !s.made() {
		title = undoMaybeTitle(stepTitle(s))
	}
	return Step{ID: id, Does: undo, Title: title}
}

// moved are the items of a receipt, with the milestones that they were in.
func moved(receipt map[string]string) []params.Move {
	var out []params.Move
	for _, item := range slices.Sorted(maps.Keys(receipt)) {
		n, err := strconv.Atoi(item)
		from, broken := strconv.Atoi(receipt[item])
		if err == nil && broken == nil {
			out = append(out, params.Move{Item: n, From: from})
		}
	}
	return out
}
