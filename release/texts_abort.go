package release

import (
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// finishedAlready refuses to abort a release that is published.
func finishedAlready(version string) *Refusal {
	return &Refusal{
		Why:  version + " is finished and cannot be aborted",
		Rule: "what is published is never taken back",
		Fix: "if the version must not be used, comment `/release dud REASON`. " +
			"To release the next version, comment `/release start VERSION`",
	}
}

// aborted refuses what is of no use once the release was aborted.
func aborted(version string, a Aborted) *Refusal {
	return &Refusal{Why: version + " was aborted by " + markdown.Login(a.By), Saw: reasonGiven(a.Reason),
		Fix: startAgain()}
}

// abortedText answers abort: what is rolled back, what is kept and why, and what is not waited for any longer.
func abortedText(name, by, reason string, undone, kept, awaited []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s aborted %s: %s.\n", markdown.Login(by), name, markdown.Code(reason))
	list(&b, "Rolled back", undone)
	list(&b, "Kept", kept)
	list(&b, "No longer waiting for", awaited)
	return strings.TrimRight(b.String(), "\n")
}

// nothingChanged is added to abortedText where there is nothing to roll back.
func nothingChanged() string {
	return "\n\nNothing had been changed, so there is nothing to roll back."
}

func list(b *strings.Builder, title string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(b, "\n**%s:**\n", title)
	for _, item := range items {
		fmt.Fprintf(b, "- %s\n", capitalized(item))
	}
}

// answerPassed replaces an answer that told of what was in progress before an abort.
func answerPassed(by string) string {
	return "_This answer was given before " + markdown.Login(by) + " aborted the release, and no longer applies._"
}

// keptText is what an abort leaves, with the reason.
func keptText(what, why string) string { return what + ": " + why }

// undoTitle names the step that rolls another one back, and undoMaybeTitle where it may have done nothing.
func undoTitle(title string) string { return "Roll back: " + title }

func undoMaybeTitle(title string) string { return "Roll back, if it was begun: " + title }

// failedAlready refuses to mark a version as failed twice.
func failedAlready(d Dudded) *Refusal {
	return &Refusal{
		Why: d.Version + " was already marked as failed by " + markdown.Login(d.By), Saw: reasonGiven(d.Reason),
		Fix: "to release the next version, comment `/release start VERSION`",
	}
}

// failedText answers dud.
func failedText(name string, d Dudded) string {
	return fmt.Sprintf("%s marked %s as failed: %s. This version will never be released. "+
		"The next version may skip it, and its release notes or its announcement will say so.",
		markdown.Login(d.By), name, markdown.Code(d.Reason))
}
