package patches

import (
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
	rules "github.com/slipway-dev/slipway/release/patches"
)

// The refusals of the commands, each in one place.

func notSetUp() release.Refusal {
	return release.Refusal{
		Why: "this repository is not set up for patch-release issues",
		Rule: "they need `" + rules.File + "` on the default branch, " +
			"or in the .github repository of the owner",
		Fix: "commit that file with the line `preset: kubernetes`; `bot init` writes it, and the issue templates",
	}
}

func unusablePolicy(s policyState) release.Refusal {
	return release.Refusal{
		Why: s.where + " cannot be used",
		Saw: "the check reports: " + markdown.Text(s.problem),
		Fix: "correct the file on the default branch; `bot lint " + rules.File + "` checks it before you commit",
	}
}

// notTrusted refuses somebody who may not do something; what ends a sentence: "set milestones".
func notTrusted(login, what string, t rules.Trusted, repo, line string) release.Refusal {
	return release.Refusal{
		Why:  "only people whom the policy trusts can " + what + "; " + markdown.Login(login) + " is not one of them",
		Rule: "they are named under `trusted` in `" + rules.File + "` on the default branch",
		Who:  those(t, repo),
		Fix:  "ask one of them to comment " + markdown.Code(line),
	}
}

// family is a family of labels, with the names that there are in it.
type family struct {
	word, noun, prefix string // sig, SIG, sig/
	names              []string
}

func (f family) all() string { return strings.Join(f.names, ", ") }

func noLabelNamed(f family) release.Refusal {
	no := release.Refusal{Why: "no " + f.noun + " is named", Fix: "name one after `/" + f.word + "`"}
	if len(f.names) > 0 {
		no.Fix = "comment `/" + f.word + " " + f.names[0] + "`, for example; the names are " + f.all()
	}
	return no
}

func noSuchLabel(f family, name string) release.Refusal {
	no := release.Refusal{
		Why: "there is no " + f.noun + " " + markdown.Code(name),
		Fix: "define it in `" + rules.File + "` on the default branch",
	}
	if len(f.names) > 0 {
		no.Fix = "use one of " + f.all()
	}
	if near, ok := parse.Nearest(name, f.names); ok {
		no.Fix = "did you mean `/" + f.word + " " + near + "`? The names are " + f.all()
	}
	return no
}

func onePriority(name string) release.Refusal {
	return release.Refusal{Why: "an issue has one priority", Fix: "comment `/priority " + name + "`"}
}

// openMilestones says which milestones can be set.
func openMilestones(open []string) string {
	if len(open) == 0 {
		return "no milestone is open; create one on GitHub"
	}
	return "the open milestones are " + listed(open)
}

func noMilestoneNamed(open []string) release.Refusal {
	return release.Refusal{
		Why: "no milestone is named",
		Fix: "comment `/milestone NAME` or `/milestone clear`; " + openMilestones(open),
	}
}

func noMilestone(title string, open []string) release.Refusal {
	no := release.Refusal{Why: "there is no milestone " + markdown.Code(title), Fix: openMilestones(open)}
	if near, ok := parse.Nearest(title, open); ok {
		no.Fix = "did you mean " + markdown.Code("/milestone "+near) + "? " + capital(openMilestones(open))
	}
	return no
}

func milestoneClosed(title string, open []string) release.Refusal {
	return release.Refusal{
		Why: "the milestone " + markdown.Code(title) + " is closed",
		Fix: "reopen it on GitHub, or use another; " + openMilestones(open),
	}
}

func notRollable(title string) release.Refusal {
	return release.Refusal{
		Why: markdown.Code(title) + " is not an open milestone of a published version",
		Fix: "comment `/milestone roll TITLE` with the title of one that is",
	}
}

func nothingRolled(title string) release.Refusal {
	return release.Refusal{
		Why: "nothing was moved out of " + markdown.Code(title),
		Fix: "comment `/milestone undo TITLE` with the title of a milestone whose version is published",
	}
}

// noReport takes the titles of the open milestones, and all names that there are.
func noReport(what string, open, names []string) release.Refusal {
	no := release.Refusal{
		Why: "there is no milestone and no published version " + markdown.Code(what),
		Fix: "comment `/release report patches`, or name a published version: `/release report vX.Y.Z`",
	}
	if len(open) > 0 {
		no.Fix = "comment `/release report patches`, `/release report MILESTONE` or `/release report vX.Y.Z`; " +
			openMilestones(open)
	}
	if near, ok := parse.Nearest(what, names); ok {
		no.Fix = "did you mean " + markdown.Code("/release report "+near) + "? " + capital(no.Fix)
	}
	return no
}

func noPull(number int, branch string) release.Refusal {
	return release.Refusal{
		Why: fmt.Sprintf("#%d is not a pull request", number),
		Fix: "comment `/cherry-pick " + branch + "` on the pull request of the fix",
	}
}

// noBranchNamed and others take the branches of the maintained lines.
func noBranchNamed(example string, branches []string) release.Refusal {
	no := release.Refusal{Why: "no branch is named", Fix: "comment `/cherry-pick " + example + "`"}
	if len(branches) > 0 {
		no.Fix += "; the maintained branches are " + strings.Join(branches, ", ")
	}
	return no
}

func closedPull(number int) release.Refusal {
	return release.Refusal{
		Why: fmt.Sprintf("#%d was closed without a merge", number),
		Fix: "reopen it, or comment on the pull request that has the fix",
	}
}

func noReleaseBranch(branch, pattern, example string) release.Refusal {
	return release.Refusal{
		Why:  markdown.Code(branch) + " is not a release branch",
		Rule: "release branches are called `" + pattern + "`",
		Fix:  "name one, for example `/cherry-pick " + example + "`",
	}
}

func ownBranch(branch string) release.Refusal {
	return release.Refusal{Why: "this pull request already targets " + markdown.Code(branch),
		Fix: "name another branch"}
}

func notMaintained(minor string, maintained []string) release.Refusal {
	no := release.Refusal{
		Why: minor + " is no longer maintained",
		Fix: "leave it out; to maintain it again, name it under `maintained` in `" + rules.File + "`",
	}
	if len(maintained) > 0 {
		no.Rule = "the maintained versions are " + strings.Join(maintained, ", ")
	}
	return no
}

func noBranch(branch string, branches []string) release.Refusal {
	no := release.Refusal{Why: "there is no branch " + markdown.Code(branch), Fix: "create it first"}
	if len(branches) > 0 {
		no.Fix = "the maintained branches are " + strings.Join(branches, ", ")
	}
	if near, ok := parse.Nearest(branch, branches); ok {
		no.Fix = "did you mean `/cherry-pick " + near + "`? " + capital(no.Fix)
	}
	return no
}

// noneTaken refuses a line of which no branch can be had.
func noneTaken(bad []release.Refusal) release.Refusal {
	no := bad[0]
	if len(bad) == 1 {
		return no
	}
	whys := make([]string, len(bad))
	for i, one := range bad {
		whys[i] = one.Why
	}
	return release.Refusal{Why: strings.Join(whys, "; "), Rule: no.Rule, Fix: no.Fix}
}

// someTaken answers a line of which some branches can be had.
func someTaken(good []string, bad []release.Refusal) string {
	for i, branch := range good {
		good[i] = markdown.Code(branch)
	}
	text := "Cherry-picks were requested into " + strings.Join(good, ", ") + ", and not into the others:\n"
	for _, no := range bad {
		text += "\n- " + capital(no.Why) + ". **Next:** " + capital(no.Fix) + "."
	}
	return text
}

// capital begins a sentence.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
