package release

import (
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// noSuchStep refuses a step that is not there. open are the steps that are not done yet.
func noSuchStep(typed string, open []string) *Refusal {
	refusal := &Refusal{
		Why: "there is no step " + markdown.Code(typed) + " in the phases that have started",
		Fix: "comment `/release status` to see the steps",
	}
	if len(open) > 0 {
		refusal.Saw = "the open steps are " + both(markdown.Codes(open))
		refusal.Fix = "use one of these"
	}
	return refusal
}

// stepDone refuses what is of no use once the step is done.
func stepDone(s StepState) *Refusal {
	return &Refusal{Why: "`" + s.ID + "` is already done", Saw: s.Done.Text, Fix: seeNext()}
}

// stepNotSeen refuses to take a step as done whose effect was looked for and is not there.
func stepNotSeen(c Command, s StepState, seen Observation) *Refusal {
	fix := seen.Fix
	if fix == "" {
		fix = "do it, then comment " + markdown.Code(c.Text) + " again"
		if s.Stopped != nil || s.Waits != nil {
			fix += ". To let Slipway try it, comment `/release retry " + s.ID + "`"
		}
	}
	return &Refusal{
		Why:  "Slipway checked, and `" + s.ID + "` is not done",
		Rule: "a step is done when its result can be seen on GitHub",
		Saw:  seen.Text, Fix: fix,
	}
}

// doneBy is the receipt of a step that a person vouches for.
func doneBy(by, evidence string) string {
	if evidence == "" {
		return "done by " + markdown.Login(by)
	}
	return "done by " + markdown.Login(by) + ": " + markdown.Code(evidence)
}

// skippedBy is the receipt of a step that a person decided to go without.
func skippedBy(by, reason string) string {
	return "skipped by " + markdown.Login(by) + ": " + markdown.Code(reason)
}

// notStopped refuses to retry a step that has not stopped. stands is where the release is.
func notStopped(s StepState, stands string) *Refusal {
	return &Refusal{Why: "`" + s.ID + "` has not stopped", Saw: stands, Fix: seeNext()}
}

// nothingStopped refuses to retry where no step has stopped. stands is where the release is.
func nothingStopped(stands string) *Refusal {
	return &Refusal{Why: "no step has stopped", Saw: stands, Fix: seeNext()}
}

// branchOpen refuses to build again what was to be built from a locked branch, when the branch is open.
func branchOpen(branch, step, fix string) *Refusal {
	return &Refusal{
		Why:  "`" + branch + "` is no longer locked, and `" + step + "` runs only while it is",
		Rule: "what is built must be what is tagged, and the tag is created at the head of the branch",
		Fix:  fix + ". If the version is already public, re-run its failed jobs on GitHub",
	}
}

// lockAgain is how a branch is locked for building once more: by a phase that rewinds the release, or a new release.
func lockAgain(rewind, lock, phase string) string {
	if rewind == "" {
		return "comment `/release abort REASON`, then start the release again"
	}
	return "comment `/release " + rewind + "`, then `/release " + lock + "` and `/release " + phase + "`"
}

// A step as a line of the checklist.

func stepDoneText(title, text, url string) string {
	if url == "" {
		return title + ": " + text
	}
	return fmt.Sprintf("%s: [%s](%s)", title, text, url)
}

func stepStoppedText(title, why string) string { return title + ": **stopped**. " + Sentence(why) }

func stepWaitsText(title, what, who string) string {
	if who == "" {
		return Sentence(title + ": waiting for " + what)
	}
	if strings.HasPrefix(what, who) {
		return Sentence(title + ": waiting for " + what)
	}
	return Sentence(title + ": waiting for " + what + " (" + who + ")")
}

func optionalStep(title string) string { return title + " (optional)" }

func optionalByHand(title, id string) string {
	return title + " (optional): when it is done, comment `/release done " + id + "`"
}

// stepTitle names a step for people: by its title where it has one.
func stepTitle(s StepState) string {
	if s.Title != "" {
		return s.Title
	}
	return "`" + s.ID + "`"
}

// receipts joins what a run left.
func receipts(run Run) string {
	var out []string
	for _, s := range run.Steps {
		if s.Done != nil && s.Done.Text != "" {
			out = append(out, s.Done.Text)
		}
	}
	return strings.Join(out, "; ")
}
