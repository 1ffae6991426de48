package release

import (
	"fmt"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/markdown"
)

// blocked refuses a phase whose gates do not hold.
func blocked(phase string, failed []Verdict) *Refusal {
	them := "it"
	if len(failed) > 1 {
		them = "them"
	}
	return &Refusal{
		Why:   fmt.Sprintf("`%s` is blocked by %s", phase, Count(len(failed), "gate")),
		Gates: failed,
		Fix:   "resolve " + them + ", then comment `/release " + phase + "` again",
	}
}

// notOnTrack refuses a phase that the track does not go through.
func notOnTrack(version, track, phase string, way []string, next string) *Refusal {
	return &Refusal{
		Why:  fmt.Sprintf("%s is released on the track `%s`, which has no phase `%s`", version, track, phase),
		Rule: "the phases of this track are " + both(markdown.Codes(way)),
		Fix:  next,
	}
}

// phaseDone refuses a phase that was done and is not repeated. left is what it left, empty when that is nothing.
func phaseDone(run Run, left, next string) *Refusal {
	return &Refusal{
		Why: fmt.Sprintf("`%s` was already done, by %s on %s", run.Name, markdown.Login(run.By), minute(run.At)),
		Saw: left, Fix: next,
	}
}

// phaseMissing refuses a phase before which another one comes. about is what that one does, empty when nothing is said.
func phaseMissing(before, phase, about, next string) *Refusal {
	return &Refusal{
		Why:  fmt.Sprintf("`%s` comes before `%s` and has not been started", before, phase),
		Rule: about, Fix: next,
	}
}

// phasePassed refuses a phase after which another one was entered.
func phasePassed(run Run, phase, next string) *Refusal {
	return &Refusal{
		Why: fmt.Sprintf("`%s` comes before `%s`, which was started by %s", phase, run.Name, markdown.Login(run.By)),
		Fix: next,
	}
}

// runStopped refuses because other work has stopped. fix is what helps.
func runStopped(work string, s StepState, fix string) *Refusal {
	return &Refusal{Why: work + " has stopped", Saw: stepTitle(s) + ": " + s.Stopped.Why, Fix: fix}
}

// runWaits refuses because other work waits for something. retype is the command to repeat afterwards, or empty.
func runWaits(work string, s StepState, retype string) *Refusal {
	fix := Sentence(s.Waits.Fix)
	if fix == "" {
		fix = "To check at once, comment `/release retry " + s.ID + "`."
	}
	return &Refusal{
		Why: work + " is in progress", Saw: "waiting for " + s.Waits.For, Who: s.Waits.Who, Fix: fix +
			afterwards(retype),
	}
}

// afterwards says to repeat a command once what it waits for is done; empty where there is none to repeat.
func afterwards(retype string) string {
	if retype == "" {
		return ""
	}
	return " When it is done, comment `" + retype + "` again."
}

// runGoesOn refuses because other work is being done right now.
func runGoesOn(work string, s StepState, retype string) *Refusal {
	return &Refusal{
		Why: work + " is in progress", Saw: "the current step is: " + stepTitle(s),
		Fix: "to see the progress, comment `/release status`." + afterwards(retype),
	}
}

// runEnding refuses because other work is not complete, though none of its steps is due.
func runEnding(work, retype string) *Refusal {
	return &Refusal{
		Why: work + " is in progress",
		Fix: "to see the progress, comment `/release status`." + afterwards(retype),
	}
}

// waysOn are the commands by which a stopped step goes on.
func waysOn(id string) string {
	return "comment `/release retry " + id + "` to try it again, `/release done " + id +
		"` if you have done it by hand, or `/release skip " + id + " REASON` to go on without it"
}

// tryAllAgain is how a step goes on whose id nobody needs to know.
func tryAllAgain() string { return "comment `/release retry` to try it again" }

// tooEarly warns of a phase that begins long before the due date.
func tooEarly(phase string, days int, at, due time.Time) Verdict {
	return Verdict{
		Gate: "window", Warn: true,
		Rule: fmt.Sprintf("`%s` should begin about %d days before the due date", phase, days),
		Saw:  fmt.Sprintf("today is %s, and the due date is %s", day(at), day(due)),
	}
}

// tooLong warns of a phase that has lasted longer than it should.
func tooLong(phase string, days int, begun time.Time) Verdict {
	return Verdict{
		Gate: "window", Warn: true,
		Rule: fmt.Sprintf("`%s` should last at most %d days", phase, days),
		Saw:  fmt.Sprintf("it began on %s", day(begun)),
		Fix:  "keep the next one shorter",
	}
}

// warningText is a verdict that refuses nobody, under the run that it did not stop.
func warningText(v Verdict) string {
	parts := []string{"⚠️", Sentence(v.Rule), Sentence(v.Saw)}
	if v.Fix != "" {
		parts = append(parts, "Recommended: "+strings.TrimSuffix(v.Fix, ".")+".")
	}
	return strings.Join(parts, " ")
}

// notAPhase refuses to plan what is no phase.
func notAPhase(typed string, phases []string) *Refusal {
	return &Refusal{
		Why: markdown.Code(typed) + " is not a phase of this process",
		Fix: "use one of these: " + either(markdown.Codes(phases)),
	}
}

// runName names a run in a sentence: a phase by its command.
func runName(run Run) string {
	if run.Phase {
		return "`" + run.Name + "`"
	}
	return "the " + lower(workTitle(run))
}

// enterNext says to enter a phase.
func enterNext(phase string) string { return "comment `/release " + phase + "`" }

// nothingLeft says that a finished release has no next phase. open are its optional steps that nobody has done.
func nothingLeft(version string, open []string) string {
	return version + " is " + standsFinished(open) + ". To release the next version, comment `/release start VERSION`"
}

// waitFirst says that what is in progress comes before anything else.
func waitFirst(work string) string {
	return "wait until " + work + " is done; `/release next` shows what it is waiting for"
}

// resolveFirst says that what has stopped comes before anything else.
func resolveFirst(work string) string { return "resolve " + work + ", which has stopped: " }

// resumeFirst says that the hold comes before anything else.
func resumeFirst() string { return "comment `/release resume`" }

// startAgain says how to go on after an abort.
func startAgain() string {
	return "to start a new release on this issue, comment `/release start VERSION`"
}
