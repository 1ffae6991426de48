package patches

import (
	"time"

	"github.com/slipway-dev/slipway/release"
	rules "github.com/slipway-dev/slipway/release/patches"
)

// Texts are all texts of this package, with sample values.
func Texts() []release.Sample {
	trusted := rules.Trusted{Permission: "triage", Teams: []string{"release-managers"}}
	priorities := family{"priority", "priority", rules.PriorityPrefix, []string{"critical-urgent", "important-soon"}}
	none, open := []string(nil), []string{"v1.30.2", "v1.31.1"}
	branches := []string{"release-1.31", "release-1.30"}
	var out []release.Sample
	refuse := func(name string, no release.Refusal) {
		out = append(out, release.Sample{Name: name, Text: no.Markdown()})
	}
	say := func(name, text string) { out = append(out, release.Sample{Name: name, Text: text}) }
	refuse("Policy: a repository without patch-release issues", notSetUp())
	refuse("Policy: a policy that cannot be used",
		unusablePolicy(policyState{true, `preset: "kubernets" is none of kubernetes`, "`" + rules.File + "`"}))
	refuse("Policy: somebody who is not trusted", notTrusted("olga", "set milestones", trusted, "kubernetes/kubernetes",
		"/milestone v1.31.1"))
	refuse("Labels: no label named", noLabelNamed(priorities))
	refuse("Labels: an unknown label", noSuchLabel(priorities, "critical"))
	refuse("Labels: an unknown label, nothing like it", noSuchLabel(priorities, "p0"))
	refuse("Labels: an unknown label, where there is none",
		noSuchLabel(family{word: "sig", noun: "SIG", prefix: rules.SIGPrefix}, "node"))
	refuse("Labels: two priorities", onePriority("critical-urgent"))
	refuse("Milestones: no milestone named", noMilestoneNamed(open))
	refuse("Milestones: an unknown milestone", noMilestone("v1.31.01", open))
	refuse("Milestones: an unknown milestone, where none is open", noMilestone("v1.31.1", none))
	refuse("Milestones: a closed milestone", milestoneClosed("v1.30.1", open))
	refuse("Milestones: a milestone that cannot be rolled over", notRollable("v1.31.7"))
	refuse("Milestones: a rollover that was not", nothingRolled("v1.31.9"))
	refuse("Reports: an unknown report", noReport("v1.31.2", open, []string{"v1.31.1"}))
	refuse("Reports: an unknown report, where there is no milestone", noReport("soon", none, none))
	say("Reports: no version with the fix any more", fixUnknown())
	say("Reports: a report of a milestone that was deleted", milestoneGone("v1.31.1"))
	due := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	items := []rules.Issue{{Number: 4, State: "open"}, {Number: 5, State: "closed"}}
	say("Reports: a milestone is due soon", milestoneDue(rules.Policy{}, "v1.31.1", due, 5, items))
	say("Reports: a milestone is due", milestoneDue(rules.Policy{}, "v1.31.1", due, 0, items))
	refuse("Cherry-picks: a cherry-pick of an issue", noPull(4, "release-1.31"))
	refuse("Cherry-picks: a cherry-pick into nothing", noBranchNamed("release-1.31", branches))
	refuse("Cherry-picks: a cherry-pick of what was closed", closedPull(4))
	refuse("Cherry-picks: a cherry-pick into another branch",
		noReleaseBranch("master", "release-{minor}", "release-1.31"))
	refuse("Cherry-picks: a cherry-pick into its own branch", ownBranch("release-1.31"))
	refuse("Cherry-picks: a cherry-pick into a branch that gets none",
		notMaintained("1.28", []string{"1.31", "1.30", "1.29"}))
	refuse("Cherry-picks: a cherry-pick into a branch that is missing", noBranch("release-1.3", branches))
	bad := []release.Refusal{notMaintained("1.28", []string{"1.31", "1.30", "1.29"}), noBranch("release-1.3", branches)}
	say("Cherry-picks: some branches that can be had, and some that cannot", someTaken([]string{"release-1.31"}, bad))
	refuse("Cherry-picks: several branches, none of which can be had", noneTaken(bad))
	for _, state := range []string{
		stateClosed, stateApplies, stateWouldConflict, stateThere, stateMerged, stateOpen, stateHeld, stateAbandoned,
		stateIn("v1.31.1"),
	} {
		say("Cherry-picks: the state of a pick", state)
	}
	say("Cherry-picks: the pull request of a pick",
		pickTitle(3, "Apply in order again")+"\n\n"+pickBody(3, "Apply in order again", "release-1.31"))
	return append(out, approvalSamples(trusted, due)...)
}
