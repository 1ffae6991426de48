package release

import (
	"slices"
	"strings"
	"time"
)

// enter decides the command of a phase.
func enter(r Release, c Command, f Facts, phase Phase, at time.Time) ([]Event, *Refusal) {
	if len(c.Args) > 0 {
		return nil, extraArgument(phase.Name, "", c.rest(0), syntax(phase.Name, ""))
	}
	if r.Aborted != nil {
		return nil, aborted(r.Started.Version, *r.Aborted)
	}
	if r.Held != nil {
		return nil, held(*r.Held, syntax(phase.Name, ""))
	}
	if refusal := inOrder(r, phase); refusal != nil {
		return nil, refusal
	}
	if f.PhaseProblem != nil {
		return nil, f.PhaseProblem
	}
	if failed := failing(f); len(failed) > 0 {
		return nil, blocked(phase.Name, failed)
	}
	warns := slices.DeleteFunc(slices.Clone(f.Gates), func(v Verdict) bool { return v.Holds })
	warns = append(warns, late(r, phase, at)...)
	return []Event{Entered{Source: c.Source, Phase: phase.Name, Vars: f.Vars, Plan: f.Plan.Hash, Warnings: warns}}, nil
}

// inOrder holds the order of the track: every phase before this one is complete, and nothing else is in progress.
func inOrder(r Release, phase Phase) *Refusal {
	track := r.Track()
	at := -1
	for i, item := range track.Sequence() {
		if item.Phase == phase.Name {
			at = i
		}
	}
	if at < 0 {
		return notOnTrack(r.Started.Version, track.Name, phase.Name, r.phases(), nextCommand(r)).passing(r)
	}
	if run, entered := r.Entered(phase.Name); entered {
		switch {
		case !run.Complete():
			return underWay(r, run, "")
		case !phase.Repeat:
			return phaseDone(run, receipts(run), nextCommand(r)).passing(r)
		}
	}
	for i, item := range track.Sequence() {
		run, entered := r.Entered(item.Phase)
		switch {
		case i < at && !entered && !item.Optional:
			return phaseMissing(item.Phase, phase.Name, r.about(item.Phase), r.first(item.Phase)).passing(r)
		case i > at && entered && !phase.Rewind && (!phase.Repeat || i == len(track.Sequence())-1):
			return phasePassed(run, phase.Name, nextCommand(r)).passing(r)
		}
	}
	for _, run := range r.Live() {
		ended := phase.Rewind && run.Phase && track.After(phase.Name, run.Name)
		if !run.Complete() && !ended {
			return underWay(r, run, syntax(phase.Name, ""))
		}
	}
	return nil
}

// about is the sentence of the document that a phase carries out, empty when none is given.
func (r Release) about(phase string) string {
	p, _ := r.Started.Process.Phase(phase)
	return strings.TrimSpace(p.About)
}

// phaseAbout says what a phase does, in a row of a table.
func phaseAbout(p Phase) string {
	if about := strings.TrimSpace(p.About); about != "" {
		return about
	}
	return phaseTitle(p)
}

// phases are those of the track, in order.
func (r Release) phases() []string {
	var out []string
	for _, item := range r.Track().Sequence() {
		out = append(out, item.Phase)
	}
	return out
}

// underWay refuses because a run is not complete, and says what it stands at. retype is the command to give again,
// empty for the one that began the run.
func underWay(r Release, run Run, retype string) *Refusal {
	work := runName(run)
	s, open := run.open()
	refusal := runGoesOn(work, s, retype)
	switch {
	case !open:
		refusal = runEnding(work, retype)
	case s.Stopped != nil:
		refusal = runStopped(work, s, stoppedFix(run, s))
	case s.Waits != nil:
		refusal = runWaits(work, s, retype)
	}
	refusal.Passing = true
	return refusal
}

// open is the step that the run is at.
func (r Run) open() (StepState, bool) {
	i := slices.IndexFunc(r.Steps, func(s StepState) bool { return s.Done == nil && !s.Optional })
	if i < 0 {
		return StepState{}, false
	}
	return r.Steps[i], true
}

// stoppedFix is what helps a step that has stopped.
func stoppedFix(run Run, s StepState) string {
	switch {
	case s.Stopped.Fix != "":
		return s.Stopped.Fix
	case run.Undo:
		return tryAllAgain()
	default:
		return waysOn(s.ID)
	}
}

// nextCommand says what to type next: nothing that would be refused now.
func nextCommand(r Release) string {
	item, ok := r.NextPhase()
	if !ok {
		return r.first("")
	}
	return r.first(item.Phase)
}

// first says what to do next where a phase is to be entered: what is in progress or on hold comes before it. An empty
// phase means that none is left.
func (r Release) first(phase string) string {
	run, open := r.openRun()
	switch {
	case r.Aborted != nil && !open:
		return startAgain()
	case r.Held != nil:
		return resumeFirst()
	case open:
		if s, _ := run.open(); s.Stopped != nil {
			return resolveFirst(runName(run)) + stoppedFix(run, s)
		}
		return waitFirst(runName(run))
	case phase == "":
		return nothingLeft(r.Started.Version, r.stillOpen())
	default:
		return enterNext(phase)
	}
}

// late warns of a phase that begins too early or that comes after one that has lasted too long.
func late(r Release, phase Phase, at time.Time) []Verdict {
	var out []Verdict
	dated := slices.ContainsFunc(phase.Needs, func(g Gate) bool { return g.Asks.Kind() == "date" }) // it warns already
	if due, days := r.Started.Due, phase.Window.EarliestDays; !due.IsZero() && days > 0 && !dated {
		if first := due.AddDate(0, 0, -days); at.Before(first.Add(-3 * Day)) {
			out = append(out, tooEarly(phase.Name, days, at, due))
		}
	}
	for _, run := range r.Live() {
		before, ok := r.Started.Process.Phase(run.Name)
		longest := time.Duration(before.Window.LongestDays) * Day
		if run.Phase && ok && longest > 0 && at.Sub(run.At) > longest && phase.Name != run.Name {
			out = append(out, tooLong(run.Name, before.Window.LongestDays, run.At))
		}
	}
	return out
}
