package gate

import (
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// Texts are the texts that gates share, for docs/replies.md.
func Texts() []release.Sample {
	return []release.Sample{
		{Name: "Who can resolve it: a tag is somewhere else", Text: tagStays()},
		{Name: "Who can resolve it: a version that does not follow", Text: rulesStay()},
		{Name: "Who can resolve it: the version of a driver", Text: versionDerived()},
		{Name: "Next: the version cannot be released", Text: abortAndNext()},
		{Name: "Next: the policy of patch-release issues", Text: fixPolicy()},
		{Name: "Next: checks", Text: waitForChecks()},
		{Name: "Next: images in charts", Text: inChart()},
		{Name: "Next: a registry that the server does not ask", Text: allow(&step.NotAsked{
			Line: "registries: [ghcr.io, registry.example.org]",
		})},
		{Name: "Seen: a policy that is not valid",
			Text: policyInvalid(".github/patch-issues.yaml", "keep: x is not a number")},
		{Name: "Rules: the release team, one person", Text: teamRule(1, "maintainer")},
		{Name: "Rules: the release team", Text: teamRule(2, "maintainer")},
		{Name: "Rules: one approval", Text: approvalRule(1, "release-manager", false, false)},
		{Name: "Rules: approvals", Text: approvalRule(2, "maintainer", false, true)},
		{Name: "Rules: approvals of the release team", Text: approvalRule(2, "maintainer", true, true)},
	}
}
