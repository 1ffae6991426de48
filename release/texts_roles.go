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
