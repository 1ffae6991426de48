package gate

import (
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/step"
)

// The texts that several verdicts share, and those that depend on numbers.

func tagStays() string { return "nobody, because a tag is never moved" }

func rulesStay() string {
	return "nobody, because exceptions to the versioning rules are never allowed"
}

func versionDerived() string { return "nobody, because the version is derived from the changes" }

func abortAndNext() string { return "comment `/release abort REASON`, then start the next version" }

func fixPolicy() string { return "fix the file on the default branch" }

func policyInvalid(file, why string) string { return "`" + file + "` is not valid: " + why }

func waitForChecks() string { return "wait until they end, or re-run those that failed" }

func inChart() string { return "release the component, and put its version into the chart" }

// teamRule wants people of a role on the release team.
func teamRule(want int, role string) string {
	return release.People(want, role) + verb(want) + "on the release team"
}

// approvalRule wants approvals of people of a role, of the release team or of anywhere. others says that whoever gives
// the command is not one of them.
func approvalRule(want int, role string, team, others bool) string {
	people := release.People(want, role)
	if team {
		people += " of the release team"
	}
	if others {
		people += ", other than the person who gives the command,"
	}
	if want == 1 {
		return people + " approves the plan"
	}
	return people + " approve the plan"
}

func verb(n int) string {
	if n == 1 {
		return " is "
	}
	return " are "
}

// operator is who configures the server.
const operator = "the operator of Slipway"

func allow(n *step.NotAsked) string {
	return "ask the operator of Slipway to allow it in the configuration of the server: " + markdown.Code(n.Line)
}
