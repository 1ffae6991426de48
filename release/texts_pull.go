package release

import (
	"fmt"

	"github.com/slipway-dev/slipway/release/markdown"
)

// noPullNumber refuses an argument that is no number of a pull request.
func noPullNumber(c Command) *Refusal {
	return &Refusal{
		Why: markdown.Code(c.arg(0)) + " is not the number of a pull request",
		Fix: "for example, comment " + exampleOf(c.Verb),
	}
}

func exampleOf(name string) string {
	v, _ := verb(name)
	return "`" + v.Example + "`"
}

// pullNotFound refuses a number that no pull request has.
func pullNotFound(n int) *Refusal {
	return &Refusal{
		Why: fmt.Sprintf("this repository has no pull request #%d", n),
		Fix: "check the number: issues and pull requests share one numbering, and an issue cannot be used here",
	}
}

// pullClosed refuses a pull request that was closed without being merged.
func pullClosed(n int, c Command) *Refusal {
	return &Refusal{
		Why: fmt.Sprintf("#%d was closed without being merged", n),
		Fix: "reopen it, then comment " + markdown.Code(c.Text) + " again",
	}
}

// notFrozen refuses an exception from a freeze that is not there. stands is where the release is.
func notFrozen(n int, stands string) *Refusal {
	return &Refusal{
		Why: "there is no code freeze, so no exception is needed", Saw: stands,
		Fix: fmt.Sprintf("merge #%d as usual", n),
	}
}

// mergedAlready refuses an exception for what was merged without one.
func mergedAlready(n int) *Refusal {
	return &Refusal{
		Why:  fmt.Sprintf("#%d is already merged", n),
		Rule: "an exception is granted before a pull request is merged",
		Fix: fmt.Sprintf("once the code freeze has ended, comment `/release pick #%d` "+
			"to bring it into the release branch", n),
	}
}

// exceptedAlready refuses an exception for what was merged with one.
func exceptedAlready(n int) *Refusal {
	return &Refusal{
		Why: fmt.Sprintf("#%d is already merged, and has an exception", n),
		Fix: fmt.Sprintf("to bring it into the release branch, comment `/release pick #%d`", n),
	}
}

// noReleaseBranch refuses a pick in a process that has no branch to pick into.
func noReleaseBranch(process, next string) *Refusal {
	return &Refusal{Why: process + " has no release branch to cherry-pick into", Fix: next}
}

// noBranchYet refuses a pick before the branch is there: what is merged until then is in it anyway.
func noBranchYet(branch, next string) *Refusal {
	return &Refusal{
		Why:  "`" + branch + "` does not exist yet",
		Rule: "everything that is merged before the branch is created is included in it",
		Fix:  next,
	}
}

// otherBase refuses to pick what was not merged to the default branch.
func otherBase(n int, base, main string) *Refusal {
	return &Refusal{
		Why:  fmt.Sprintf("#%d targets `%s`, not `%s`", n, base, main),
		Rule: "a fix is merged to `" + main + "` first and then cherry-picked, so that no later release misses it",
		Fix:  "open a pull request with this change against `" + main + "`, and pick that one",
	}
}

// noException refuses to pick during the freeze what is not merged and has no exception.
func noException(n int, who string) *Refusal {
	return &Refusal{
		Why:  fmt.Sprintf("the code is frozen, and #%d has no exception", n),
		Rule: exceptionRule(),
		Who:  who,
		Fix:  fmt.Sprintf("comment `/release exception #%d REASON`, then `/release pick #%d` again", n, n),
	}
}

// mergedWithoutException refuses to pick during the freeze what was merged without an exception.
func mergedWithoutException(n int) *Refusal {
	return &Refusal{
		Why:  fmt.Sprintf("the code is frozen, and #%d was merged without an exception", n),
		Rule: exceptionRule(),
		Fix:  fmt.Sprintf("once the code freeze has ended, comment `/release pick #%d` again", n),
	}
}

func exceptionRule() string {
	return "during the code freeze, a pull request needs an exception with a reason"
}

func exceptionTitle(n int) string { return fmt.Sprintf("Allow #%d during the code freeze", n) }

func pickTitle(n int, branch string) string { return fmt.Sprintf("Cherry-pick #%d into %s", n, branch) }

func pickStays() string { return "a commit on a shared branch is never removed" }

// notFrozenMerged refuses an exception for what was merged when there was no freeze.
func notFrozenMerged(n int, stands string) *Refusal {
	return &Refusal{
		Why: fmt.Sprintf("#%d is already merged, and there is no code freeze, so no exception is needed", n),
		Saw: stands, Fix: seeNext(),
	}
}

// otherHead refuses an exception for a commit that is not the head.
func otherHead(n int, named string, pull PullFact) *Refusal {
	return &Refusal{
		Why:  fmt.Sprintf("%s is not the head of #%d", markdown.Code(named), n),
		Rule: fmt.Sprintf("an exception is for the head of a pull request, named by at least %d digits", shortestHash),
		Saw:  "its head is " + headLink(pull.URL, pull.Head),
		Fix: fmt.Sprintf("review it, then comment `/release exception #%d@%s REASON`", n,
			pull.Head[:min(shortestHash, len(pull.Head))]),
	}
}

// headLink is a commit of a pull request, with all of its digits and a link to it.
func headLink(url, sha string) string {
	if url == "" {
		return markdown.Code(sha)
	}
	return "[" + markdown.Code(sha) + "](" + url + "/commits/" + sha + ")"
}

// lapsedException refuses to pick what got other commits after its exception.
func lapsedException(e Exception) *Refusal {
	return &Refusal{
		Why:  fmt.Sprintf("the exception for #%d has lapsed: somebody pushed to it", e.Pull),
		Rule: "an exception is for the head that the pull request had when it was granted",
		Saw: "the exception is for " + headLink(e.URL, e.Head) + ", and the head is " + headLink(e.URL, e.Pushed) +
			" by now",
		Fix: grantAgain(e.Pull),
	}
}

func grantAgain(n int) string {
	return fmt.Sprintf("review the new commits, then comment `/release exception #%d REASON`", n)
}

// lapsedText stands below an exception that was granted and has lapsed.
func lapsedText(e Exception) string {
	return fmt.Sprintf("**The exception has lapsed:** somebody pushed to #%d. It was for %s, and the head is %s by "+
		"now. %s", e.Pull, headLink(e.URL, e.Head), headLink(e.URL, e.Pushed), Sentence(grantAgain(e.Pull)))
}

// replacedBy is the receipt of a step that was asked for anew.
func replacedBy(by string) string { return "asked for again by " + markdown.Login(by) }
