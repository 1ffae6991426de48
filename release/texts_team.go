package release

import "github.com/slipway-dev/slipway/release/markdown"

// noTeamChange refuses a team command that does not say what to do with whom.
func noTeamChange(c Command) *Refusal {
	return &Refusal{
		Why:  markdown.Code(c.Text) + " does not say whom to add or remove",
		Rule: "the command is `/release team add|remove @USER [until=PHASE]`",
		Fix:  "for example, comment `/release team add @mara until=cut`",
	}
}

// noSuchUntil refuses an end of a membership that is no phase.
func noSuchUntil(until string, phases []string) *Refusal {
	return &Refusal{
		Why: markdown.Code(until) + " is not a phase of this process",
		Fix: "use one of these after `until=`: " + either(markdown.Codes(phases)),
	}
}

// notOnTeam refuses to remove somebody who is no member.
func notOnTeam(user, team string) *Refusal {
	return &Refusal{
		Why: markdown.Login(user) + " is not on the release team",
		Saw: "the release team is " + team,
		Fix: "nothing needs to be removed; " + seeNext(),
	}
}

// noUser refuses to add somebody who is not there.
func noUser(login string) *Refusal {
	return &Refusal{
		Why: "GitHub has no user " + markdown.Login(login),
		Fix: "check the spelling, and comment `/release team add @USER` with the login of the person",
	}
}

func nobodyOnTeam() string { return "nobody yet: `/release team add @USER`" }

func memberUntil(login, phase string) string { return markdown.Login(login) + " until `" + phase + "`" }
