package release

import (
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// unreadable refuses a line that is no list of words: an open quote.
func unreadable(problem string) *Refusal {
	return &Refusal{Why: "the line could not be read: " + problem, Fix: "close each quote, or remove the quotes"}
}

// extraArgument refuses an argument where the command takes none, or no more.
func extraArgument(verb, usage, extra, retype string) *Refusal {
	refusal := &Refusal{
		Why: fmt.Sprintf("`/release %s` takes no argument; remove %s", verb, markdown.Code(extra)),
		Fix: "comment `" + retype + "`",
	}
	if usage != "" {
		refusal.Why = fmt.Sprintf("`/release %s` has one argument too many; remove %s", verb, markdown.Code(extra))
		refusal.Rule = "the command is `" + syntax(verb, usage) + "`"
		refusal.Fix = "for example, comment `" + retype + "`"
	}
	return refusal
}

// missingArgument refuses a command that lacks what it speaks of.
func missingArgument(v Verb) *Refusal {
	return &Refusal{
		Why:  "`/release " + v.Name + "` needs " + argumentText(v.Usage),
		Rule: "the command is `" + syntax(v.Name, v.Usage) + "`",
		Fix:  "for example, comment `" + v.Example + "`",
	}
}

// argumentText names the arguments that the usage asks for.
func argumentText(usage string) string {
	var needed []string
	for _, word := range strings.Fields(usage) {
		if !strings.HasPrefix(word, "[") {
			needed = append(needed, "`"+word+"`")
		}
	}
	return both(needed)
}

// syntax is a command with its arguments.
func syntax(verb, usage string) string {
	if strings.HasPrefix(verb, "/") {
		return strings.TrimSpace(verb + " " + usage)
	}
	return strings.TrimSpace("/release " + verb + " " + usage)
}

// unknownCommand refuses a word that is no command. near is the command that was probably meant, or empty.
func unknownCommand(word, near string) *Refusal {
	refusal := &Refusal{
		Why: "there is no command " + markdown.Code(word),
		Fix: "comment `/release help` for a list of the commands",
	}
	if near != "" {
		refusal.Fix = "did you mean `" + syntax(near, "") + "`? For a list of the commands, comment `/release help`"
	}
	return refusal
}

// worksWithoutProcess adds to a problem of the configuration which commands need none.
func worksWithoutProcess(problem Refusal, usages []string) Refusal {
	problem.Fix = Sentence(problem.Fix) + " Until then, " + both(markdown.Codes(usages)) + " can be used"
	return problem
}

// meantWithoutProcess adds to a problem of the configuration that a command was probably meant which needs none.
func meantWithoutProcess(problem Refusal, near string) Refusal {
	problem.Fix = "did you mean `" + syntax(near, "") + "`? It works without a process. Otherwise: " + problem.Fix
	return problem
}

// editedComment refuses a comment that was edited into a command.
func editedComment(c Command) Refusal {
	return Refusal{
		Why:  "this comment was edited, and only new comments are run as commands",
		Rule: "anyone with write access can edit the comment of another person",
		Fix:  "post " + markdown.Code(c.Text) + " as a new comment",
	}
}

// notStarted refuses a command that needs a release. start is the command that starts one.
func notStarted(start string) *Refusal {
	return &Refusal{Why: "no release has been started on this issue", Fix: "comment `" + start + "` to start one"}
}

// notStartedYet answers a question about the release where there is none.
func notStartedYet(start string) string {
	return "No release has been started on this issue. To start one, comment `" + start + "`."
}

// seeNext is what a refusal suggests that has nothing better to suggest.
func seeNext() string { return "comment `/release next` to see what comes next and who can do it" }
