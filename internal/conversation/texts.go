package conversation

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
)

// The texts of this package, each in one place. docs/replies.md shows them all.

func arrivedLate() string {
	return "_GitHub delivered this comment late: a command that was written later ran before it._"
}

func misspelled(one parse.Command) release.Refusal {
	return release.Refusal{
		Why: "there is no command " + markdown.Code(one.Words[0]),
		Fix: "did you mean " + markdown.Code("/release"+strings.TrimPrefix(one.Raw, strings.Fields(one.Raw)[0])) + "?",
	}
}

func unreadable(one parse.Command) release.Refusal {
	return release.Refusal{Why: "the line could not be read: " + one.Err, Fix: "close each quote, or remove the quotes"}
}

// hiddenCharacter refuses a word that is not what it looks like.
func hiddenCharacter(one parse.Command, word string) release.Refusal {
	return release.Refusal{
		Why:  markdown.Code(word) + " contains a character that cannot be seen, shown here as its code",
		Rule: "a version, a name or a word of a command has only visible characters",
		Fix:  "type " + markdown.Code(one.Words[0]) + " and its arguments by hand instead of pasting them",
	}
}

func heardLate(one parse.Command, age time.Duration) release.Refusal {
	return release.Refusal{
		Why:  "this command reached Slipway " + hours(age) + " after it was written, so it was not run",
		Rule: "a command that arrives more than two hours late is not run; only `hold` and `abort` are",
		Fix:  "if you still want it, comment " + markdown.Code(one.Raw) + " again",
	}
}

func hours(d time.Duration) string {
	if n := int(d / (24 * time.Hour)); n > 1 {
		return fmt.Sprintf("%d days", n)
	}
	if n := int(d / time.Hour); n > 1 {
		return fmt.Sprintf("%d hours", n)
	}
	return fmt.Sprintf("%d minutes", int(d/time.Minute))
}

// tooMany names the commands of a comment that are not carried out because of their number.
func tooMany(s Said, rest []parse.Command) []release.Event {
	const named = 5
	var lines []string
	for _, one := range rest[:min(len(rest), named)] {
		lines = append(lines, markdown.Code(one.Raw))
	}
	text := strings.Join(lines, ", ")
	if len(rest) > named {
		text += fmt.Sprintf(" and %d more", len(rest)-named)
	}
	src := s.source(rest[0].Line)
	refusal := release.Refusal{
		Why:  fmt.Sprintf("a comment can hold %d commands, and this one holds %d more", MostCommands, len(rest)),
		Saw:  "not run: " + text,
		Rule: fmt.Sprintf("at most %d commands in one comment", MostCommands), Fix: "put the others into a new comment",
	}
	return []release.Event{
		release.Commanded{Source: src, Text: rest[0].Raw, Verb: verbOf(rest[0]), Open: true},
		release.Answered{Source: src, Refused: true, Surplus: true, Text: refusal.Markdown()},
		release.Decided{Source: src},
	}
}

// otherVersion refuses a command on an issue whose log this version of Slipway cannot read.
func otherVersion(form *release.UnknownForm, one parse.Command) release.Refusal {
	return release.Refusal{
		Why: "another version of Slipway recorded this release, and this version cannot read that record, so " +
			markdown.Code(one.Raw) + " was not run",
		Rule: "Slipway carries a release on only if it can read the whole record of it",
		Saw:  "what it cannot read: " + markdown.Code(form.Error()),
		Who:  "the operator of Slipway",
		Fix: "the operator runs the version of Slipway that began this release until the release ends, and you " +
			"comment again. Or start the release again: remove the lock or draft release that this issue names, if there " +
			"is one, and comment `/release start VERSION` on a new issue",
	}
}

func rateLimited() string { return "GitHub limits how many requests Slipway may make" }

func internalError() release.Refusal {
	return release.Refusal{
		Why: "an internal error stopped this command, and it was not run",
		Fix: "tell the operator of Slipway: its log has the cause. `/release status` says where the release stands",
	}
}

// cannotLookUp answers a line that needs what GitHub does not tell.
func cannotLookUp(f github.Failure, one parse.Command) release.Refusal {
	refusal := release.Refusal{
		Why: "the command was not run, because Slipway " + couldNot(f),
		Saw: f.Why, Fix: f.Fix,
	}
	if refusal.Fix == "" {
		refusal.Fix = "comment " + markdown.Code(one.Raw) + " again once that works"
	}
	return refusal
}

// couldNot says what failed, as the end of a sentence: "could not read the checks of 3f2c1ab9".
func couldNot(f github.Failure) string {
	return "could not " + cmp.Or(f.What, "complete a request to GitHub")
}

func whyDelayed(f github.Failure, explained bool) string {
	if explained {
		return "Slipway " + couldNot(f) + ": " + f.Why
	}
	return "something that the command needs could not be looked up"
}

func notCarriedOut(f github.Failure, explained bool, one parse.Command) release.Refusal {
	refusal := release.Refusal{
		Why: "the command was not run: for ten minutes Slipway could not look up what it needs",
		Fix: "comment " + markdown.Code(one.Raw) + " again later",
	}
	if explained {
		refusal.Saw = "Slipway " + couldNot(f) + ": " + f.Why
	}
	return refusal
}

// noHistory is told on an issue with a status of Slipway's of which the database holds nothing.
func noHistory(p Place) string {
	return fmt.Sprintf("**Slipway does not know the release on this issue.** Its database is newer than the release, "+
		"so commands do not run here.\n\n"+
		"- **Next:** The operator of Slipway can restore the release with `bot recover %s#%d`.\n"+
		"- To start again instead, remove Slipway's section from the description, and comment `/release start "+
		"VERSION`.", p.Name, p.Issue)
}

// copyText is what people read in a comment that holds one part of the copy of a log.
func copyText(part, of int) string {
	text := "This comment holds a hidden, signed copy of Slipway's log of this release"
	if of > 1 {
		text += fmt.Sprintf(" (part %d of %d)", part, of)
	}
	return text + ", from which a lost database can be restored. Please do not edit or delete it."
}

// restored takes the place of noHistory once the release was restored.
func restored(p Place) string {
	return fmt.Sprintf("Slipway's log of the release on this issue was lost, and has been restored with `bot recover "+
		"%s#%d`. "+
		"Commands run again.", p.Name, p.Issue)
}
