package release

import (
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// notAllowed refuses somebody who has none of the roles that the command needs. asks are those who have one.
func notAllowed(c Command, needed, asks []string) *Refusal {
	refusal := &Refusal{
		Why: "only " + rolesText(needed) + " can use `/release " + c.Verb + "`; " + markdown.Login(c.By) + " is " +
			noneOf(needed),
		Rule: "roles come from `.github/release.yaml` on the default branch and from permissions on GitHub",
		Who:  strings.Join(asks, "; "),
		Fix:  "ask one of them to comment " + markdown.Code(c.Text),
	}
	if len(needed) == 0 {
		refusal.Why = "this process lets nobody use `/release " + c.Verb + "`"
		refusal.Fix = "a maintainer can change who may use it under `may` in `.github/release.yaml`"
	} else if len(asks) == 0 {
		refusal.Fix = "ask " + rolesText(needed) + " to comment " + markdown.Code(c.Text)
	}
	return refusal
}

// ofAssignee says in a refusal why the sender's assignment to the tracking issue does not help.
func ofAssignee(r Release, p Process, c Command, f Facts, why *Refusal) *Refusal {
	who := p.Appointers()
	a, known := r.Assignment(c.Person())
	switch {
	case len(who) == 0:
	case !r.Begun || c.Verb == "start":
		again, starters := c.Text, p.lasting(whoMay(p, "start"))
		if why.Why = notStarter(c, starters, "a release"); !begins(r, p, c) {
			again = p.startLine(c, f)
			why.Why = "no release has been started on this issue, and " + notStarter(c, starters, "one")
		}
		if why.Fix = startByOther(again); f.Assignee {
			why.Rule, why.Fix = assigneeRule(who), assignAndStart(c, again)
		}
	case !known || !f.Assignee:
	case a.Counts && r.Started.Appoints && lasting(r, c):
		why.Rule = assigneeTooLittle(c)
	case !r.Started.Appoints:
		why.Rule, why.Saw = assigneeRule(who), otherStarter(r.Started.By)
	default:
		why.Rule, why.Saw = assigneeRule(who), otherAssigner(a)
		why.Fix += "; or ask " + rolesText(who) + " " + assignAgain(a)
	}
	return why
}

// notStarter says who can start what.
func notStarter(c Command, needed []string, what string) string {
	if len(needed) == 0 {
		return "this process lets nobody start " + what
	}
	return "only " + rolesText(needed) + " can start " + what + "; " + markdown.Login(c.By) + " is " + noneOf(needed)
}

// assigneeRule says when an assignment to the tracking issue gives a role. by are the roles of those who can assign.
func assigneeRule(by []string) string {
	return "being assigned to the issue gives a role when " + rolesText(by) + " started the release and made the " +
		"assignment"
}

func startByOther(start string) string { return "ask one of them to comment " + markdown.Code(start) }

func assignAndStart(c Command, start string) string {
	return "ask one of them to assign " + markdown.Login(c.By) + " to this issue and to comment " + markdown.Code(start)
}

// assigneeTooLittle says that a command takes more than an assignment.
func assigneeTooLittle(c Command) string {
	rule := "being assigned to the issue is not enough for `/release " + c.Verb + "`"
	if c.Verb == "abort" || c.Verb == "hold" {
		rule += " when somebody else started the release"
	}
	return rule
}

func otherStarter(by string) string {
	return markdown.Login(by) + " started this release and cannot change its team, so an assignment gives no role here"
}

// otherAssigner says that an assignment gives no role.
func otherAssigner(a Assignment) string {
	switch {
	case a.By.Login == "":
		return "GitHub does not say who assigned " + markdown.Login(a.Login)
	case a.Counts:
		return markdown.Login(a.By.Login) + " assigned " + markdown.Login(a.Login) +
			" and can no longer change the release team"
	case a.By.Is(a.Person):
		return markdown.Login(a.Login) + " made the assignment, and cannot change the release team"
	}
	return markdown.Login(a.By.Login) + " assigned " + markdown.Login(a.Login) + " and cannot change the release team"
}

func assignAgain(a Assignment) string {
	who := markdown.Login(a.Login)
	return "to remove the assignment of " + who + " and to assign " + who + " again"
}

func noneOf(needed []string) string {
	switch len(needed) {
	case 1:
		return "not one"
	case 2:
		return "neither"
	default:
		return "none of these"
	}
}

// notConfirmed refuses because GitHub's answer about a role could not be had.
func notConfirmed(c Command, needed []string) *Refusal {
	return &Refusal{
		Why: "GitHub could not confirm that " + markdown.Login(c.By) + " is " + rolesText(needed) +
			", so the command was not run",
		Rule: "a command runs only when the role of its author is confirmed",
		Fix:  "try again in a few minutes: comment " + markdown.Code(c.Text),
	}
}
