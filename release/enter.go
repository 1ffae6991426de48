package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// enter decides the command of a phase.
func enter(r Release, c Command, f Facts, phase Phase, at time.Time) ([]Event, *Refusal) {
	if len(c.Args) > 0 {
		return nil, &Refusal{Why: Quoted(c.rest(0)) + " is too much after `" + phase.Name + "`", Rule: "a phase takes no arguments", Fix: "comment `/release " + phase.Name + "`"}
	}
	if r.Aborted != nil {
		return nil, over(r)
	}
	if r.Held != nil {
		return nil, &Refusal{
			Why: "the release is held by " + Login(r.Held.By), Saw: Quoted(r.Held.Reason),
			Fix: "`/release resume`, then `/release " + phase.Name + "` again",
		}
	}
	if refusal := inOrder(r, phase); refusal != nil {
		return nil, refusal
	}
	if f.PhaseProblem != nil {
		return nil, f.PhaseProblem
	}
	var failed, warns []Verdict
	for _, v := range f.Gates {
		switch {
		case v.Holds:
		case v.Warn:
			warns = append(warns, v)
		default:
			failed = append(failed, v)
		}
	}
	if len(failed) > 0 {
		why := "a gate of `" + phase.Name + "` does not hold"
		if len(failed) > 1 {
			why = fmt.Sprintf("%d gates of `%s` do not hold", len(failed), phase.Name)
		}
		return nil, &Refusal{Why: why, Gates: failed, Fix: "clear what stands below, then comment `/release " + phase.Name + "` again"}
	}
	warns = append(warns, late(r, phase, at)...)
	return []Event{Entered{Source: c.Source, Phase: phase.Name, Vars: f.Vars, Plan: f.Plan.Hash, Warnings: warns}}, nil
}

// inOrder holds the order of the track: every phase before this one is complete, and nothing else is under way.
func inOrder(r Release, phase Phase) *Refusal {
	track := r.Track()
	at := -1
	for i, leg := range track.Legs() {
		if leg.Phase == phase.Name {
			at = i
		}
	}
	if at < 0 {
		way := []string{}
		for _, leg := range track.Legs() {
			way = append(way, "`"+leg.Phase+"`")
		}
		return &Refusal{
			Why:  fmt.Sprintf("%s is a %s release, and that track has no `%s`", r.Started.Version, track.Name, phase.Name),
			Rule: "the track goes through " + strings.Join(way, ", "), Fix: nextCommand(r),
		}
	}
	if run, entered := r.Entered(phase.Name); entered {
		switch {
		case !run.Complete():
			return underWay(r, run)
		case !phase.Repeat:
			return &Refusal{
				Why: fmt.Sprintf("`%s` was done by %s on %s", phase.Name, Login(run.By), minute(run.At)),
				Saw: receipts(run), Fix: nextCommand(r),
			}
		}
	}
	for i, leg := range track.Legs() {
		run, entered := r.Entered(leg.Phase)
		switch {
		case i < at && !entered && !leg.Optional:
			return &Refusal{
				Why:  fmt.Sprintf("`%s` comes before `%s`, and has not begun", leg.Phase, phase.Name),
				Rule: phaseAbout(r, leg.Phase), Fix: "comment `/release " + leg.Phase + "` first",
			}
		case i > at && entered && !phase.Rewind && (!phase.Repeat || i == len(track.Legs())-1):
			return &Refusal{
				Why: fmt.Sprintf("`%s` was entered by %s, and `%s` comes before it", leg.Phase, Login(run.By), phase.Name),
				Fix: nextCommand(r),
			}
		}
	}
	for _, run := range r.Live() {
		ended := phase.Rewind && run.Phase && track.After(phase.Name, run.Name)
		if !run.Complete() && !ended {
			return underWay(r, run)
		}
	}
	return nil
}

func phaseAbout(r Release, name string) string {
	phase, _ := r.Started.Process.Phase(name)
	return strings.TrimSpace(phase.About)
}

// underWay refuses because a run is not complete, and says what it stands at.
func underWay(r Release, run Run) *Refusal {
	refusal := &Refusal{Why: "`" + run.Name + "` is under way"}
	for _, s := range run.Steps {
		switch {
		case s.Done != nil || s.Optional:
			continue
		case s.Stopped != nil:
			refusal.Saw = "it stopped at `" + s.ID + "`: " + s.Stopped.Why
			refusal.Fix = s.Stopped.Fix
			if refusal.Fix == "" {
				refusal.Fix = "`/release retry " + s.ID + "`, `/release done " + s.ID + "` or `/release skip " + s.ID + " REASON`"
			}
		case s.Waits != nil:
			refusal.Saw = "it waits for " + s.Waits.For
			refusal.Who = s.Waits.Who
			if refusal.Fix = s.Waits.Fix; refusal.Fix == "" {
				refusal.Fix = "it goes on by itself when that is there; `/release retry " + s.ID + "` looks at once"
			}
		default:
			refusal.Saw = "it is at `" + s.ID + "`"
			refusal.Fix = "wait until it is done; `/release status` tells"
		}
		break
	}
	return refusal
}

// nextCommand says what to type next.
func nextCommand(r Release) string {
	if leg, ok := r.NextLeg(); ok {
		return "comment `/release " + leg.Phase + "`"
	}
	return "nothing: " + r.Started.Version + " is finished; a patch begins with `/release start VERSION`"
}

// late warns of a phase that begins too early or that comes after one that has lasted too long.
func late(r Release, phase Phase, at time.Time) []Verdict {
	var out []Verdict
	dated := slices.ContainsFunc(phase.Needs, func(g Gate) bool { return g.Kind == "date" }) // it warns already
	if due, days := r.Started.Due, phase.Window.EarliestDays; !due.IsZero() && days > 0 && !dated {
		if first := due.AddDate(0, 0, -days); at.Before(first.Add(-3 * Day)) {
			out = append(out, Verdict{
				Gate: "window", Warn: true, Rule: fmt.Sprintf("%s begins about %d days before the due date", phase.Name, days),
				Saw: fmt.Sprintf("%s, and the due date is %s", day(at), day(due)),
			})
		}
	}
	for _, run := range r.Live() {
		before, ok := r.Started.Process.Phase(run.Name)
		longest := time.Duration(before.Window.LongestDays) * Day
		if run.Phase && ok && longest > 0 && at.Sub(run.At) > longest && phase.Name != run.Name {
			out = append(out, Verdict{
				Gate: "window", Warn: true, Rule: fmt.Sprintf("%s lasts at most %d days", run.Name, before.Window.LongestDays),
				Saw: fmt.Sprintf("it began on %s", day(run.At)), Fix: "shorter freezes are encouraged",
			})
		}
	}
	return out
}
