package release

import (
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// Where a release stands, in a clause that follows "Status:".

func standsNotStarted() string { return "not started" }
func standsStopped(s StepState) string {
	return "stopped at \"" + stepTitle(s) + "\": " + s.Stopped.Why
}
func standsAborted(a Aborted) string {
	return "aborted by " + markdown.Login(a.By) + ": " + markdown.Code(a.Reason)
}

// standsFinished names the optional steps that are open.
func standsFinished(open []string) string {
	if len(open) == 0 {
		return "finished"
	}
	return "finished; what is open is optional: " + strings.Join(open, ", ")
}

// openStep is an optional step that nobody has done.
func openStep(s StepState) string {
	if s.byPerson() {
		return stepTitle(s) + " (`/release done " + s.ID + "`)"
	}
	return stepTitle(s)
}

func standsWaiting(phase string) string { return "waiting for `/release " + phase + "`" }
func standsAt(what string) string       { return "in progress: " + what }

// statusText answers status between two runs.
func statusText(name, stands string) string {
	return "**" + name + ":** " + Sentence(stands) + "\n\nThe checklist is in the description of this issue."
}

// statusRunning answers status while something is being done.
func statusRunning(name, run string) string { return "**" + name + ":** In progress.\n\n" + run }

// Where a run stands, in a clause that follows its title.

func runSuperseded() string            { return "was superseded, because an earlier phase was started again" }
func runDone() string                  { return "is done" }
func runHeld(h Held) string            { return "is " + heldText(h) }
func runAborted() string               { return "ended when the release was aborted" }
func runInProgress() string            { return "is in progress" }
func runWaiting(w Waits) string        { return "is waiting for " + w.For }
func runStoppedAt(title string) string { return "has stopped at \"" + title + "\"" }

// nextCommandText is the last line under a phase that is done.
func nextCommandText(phase string) string { return "Next: comment `/release " + phase + "`." }

// phaseTitle is how people read the name of a phase.
func phaseTitle(p Phase) string {
	if p.Title != "" {
		return p.Title
	}
	return p.Name
}

// workTitle is how people read the name of work that is no phase.
func workTitle(run Run) string {
	switch kind, n, numbered := strings.Cut(run.Name, "-"); {
	case run.Undo:
		return "Rollback"
	case kind == "pick" && numbered:
		return "Cherry-pick of #" + n
	case kind == "exception" && numbered:
		return "Exception for #" + n
	case run.Itself():
		return "End of the lock"
	}
	return run.Name
}

// lapsedTitle is the step that opens a branch whose lock has ended.
func lapsedTitle(branch string, hours int) string {
	return fmt.Sprintf("Unlock %s, which was locked for %d hours", branch, hours)
}

func lapsedStays() string { return "the branch stays unlocked" }

// Parts of the description of the tracking issue.

func workHeading(title, by, at string) string {
	if by == "" {
		return fmt.Sprintf("**%s**, automatic, on %s", title, at)
	}
	return fmt.Sprintf("**%s**, by %s on %s", title, markdown.Login(by), at)
}

func failedRow(d Dudded) string {
	return fmt.Sprintf("%s, by %s; this version will never be released", markdown.Code(d.Reason), markdown.Login(d.By))
}

func exceptionLine(e Exception) string {
	line := fmt.Sprintf("- #%d: %s, by %s", e.Pull, markdown.Code(e.Reason), markdown.Login(e.By))
	switch {
	case e.Pushed != "":
		return line + ". " + lapsedText(e)
	case e.Head != "":
		return line + ", for " + headLink(e.URL, e.Head)
	}
	return line
}

func lastLine(at string) string { return "Last event: " + at + ". Commands: `/release help`." }

// Replies to a command that was not decided yet.

// waitsForLimit says when a command is decided that waits for a rate limit of GitHub.
func waitsForLimit(why, at string) string {
	return "**Waiting:** " + Sentence(why) + " Slipway will continue at " + at + "."
}

// triesAgain says that a command could not be decided yet.
func triesAgain(why string) string {
	return "**Not decided yet:** " + Sentence(why) +
		" Slipway keeps trying for ten minutes and reports the result here."
}
