package release

import (
	"slices"
	"time"

	"github.com/slipway-dev/slipway/release/params"
)

// Sample is one text for people, rendered with sample values. Name is its subject and its occasion, SUBJECT: OCCASION.
type Sample struct{ Name, Text string }

// Texts are all texts of this package, for docs/replies.md.
func Texts() []Sample {
	return slices.Concat(commandSamples(), roleSamples(), startSamples(), versionSamples(), phaseSamples(),
		planSamples(), consentSamples(),
		answerSamples(), stepSamples(), pullSamples(), teamSamples(), holdSamples(), abortSamples(), statusSamples())
}

// The values of the samples.

func sampleCommand(verb string, args ...string) Command {
	text := "/release " + verb
	for _, a := range args {
		text += " " + a
	}
	return Command{Source: Source{Comment: 1, By: "olaf"}, Text: text, Verb: verb, Args: args}
}

const sampleStart = "/release start 0.21.0"

func sampleTime() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) }
func sampleDue() time.Time  { return time.Date(2026, 12, 18, 0, 0, 0, 0, time.UTC) }
func sampleWays() []string  { return []string{"prepare", "freeze", "branch", "rc", "thaw", "cut"} }
func sampleAbort() Aborted  { return Aborted{Source: Source{By: "rita"}, Reason: "a week too early"} }
func sampleHold() Held      { return Held{Source: Source{By: "rita"}, Reason: "CI is down"} }
func sampleInput() InputRule {
	return InputRule{About: "the release of Kata Containers", Example: "3.6.0"}
}
func sampleDud() Dudded {
	return Dudded{Source: Source{By: "rita"}, Version: "0.21.0", Reason: "half of the tags were pushed"}
}
func sampleWrites() []string {
	return []string{"create tag 0.21.0 at `3f2c1ab90d4e5f60718293a4b5c6d7e8f9012345`",
		"draft release 0.21.0, with the notes since 0.20.0"}
}

func sampleStarted() Started {
	return Started{
		Source: Source{By: "rita"}, Repo: "falcosecurity/libs", Issue: 12, Version: "0.21.0", Track: "minor",
		Previous: "0.20.0", Due: sampleDue(), Process: Process{Name: "falco-libs", Title: "Falco libs"},
	}
}

func sampleRun() Run {
	return Run{Name: "freeze", Number: 1, Phase: true, Source: Source{By: "rita"}, At: sampleTime(), Steps: []StepState{
		{Step: Step{ID: "freeze", Title: "Freeze master"},
			Done: &Did{Text: "branch master frozen", URL: "https://github.com/x/y/rules/1"}},
	}}
}

func sampleStep() StepState {
	return StepState{Step: Step{ID: "tested", Does: params.Set{Any: params.Manual{}},
		Title: "Test the release candidate"}}
}

func sampleWaiting() StepState {
	s := sampleStep()
	s.Waits = &Waits{
		For: "the test of 0.21.0-rc1", Who: "the release team",
		Fix: "tick its box in the description, or comment `/release done tested`",
	}
	return s
}

func sampleStopped() StepState {
	return StepState{
		Step:    Step{ID: "milestone", Title: "Create the milestone 0.21.0"},
		Stopped: &Stopped{Why: "the milestone 0.21.0 is closed"},
	}
}

func sampleVerdict() Verdict {
	return Verdict{
		Gate: "approvals", Kind: "approvals", Rule: "two maintainers of the release team approve the plan",
		Saw: "1 of 2 approved: `@maria`", Who: "`@max`", Fix: "comment `/release approve 46f6d65b46f6`",
	}
}

func refusal(name string, f *Refusal) Sample { return Sample{name, finished(*f).Markdown()} }

func commandSamples() []Sample {
	problem := Refusal{Why: "this repository has no `.github/release.yaml`", Fix: "add one on the default branch"}
	return []Sample{
		refusal("Commands: a quote is open", unreadable(`a double quote is never closed: type " at its end`)),
		refusal("Commands: a phase with an argument", extraArgument("cut", "", "please", "/release cut")),
		refusal("Commands: an argument too many", extraArgument("pick", "#N", "#124", "/release pick #123")),
		refusal("Commands: an argument is missing", missingArgument(skipVerb())),
		refusal("Commands: no such command", unknownCommand("frobnicate", "")),
		refusal("Commands: a command is misspelled", unknownCommand("frezee", "freeze")),
		refusal("Commands: help where there is no process",
			refer(worksWithoutProcess(problem, []string{"/release report", "/release check"}))),
		refusal("Commands: a misspelled command that needs no process", refer(meantWithoutProcess(problem, "report"))),
		refusal("Commands: a comment was edited into a command", refer(editedComment(sampleCommand("freeze")))),
		refusal("Commands: a phase before a start", notStarted(sampleStart)),
		{"Commands: a question before a start", notStartedYet(sampleStart)},
		{"Commands: GitHub announced a rate limit", waitsForLimit("GitHub limits how many requests Slipway may make",
			minute(sampleTime()))},
		{"Commands: something could not be looked up", triesAgain("something that it needs could not be looked up")},
	}
}

func refer(f Refusal) *Refusal { return &f }

func roleSamples() []Sample {
	asks := []string{"`@rita` (assigned to this issue)", "`@maria`, `@max`"}
	return []Sample{
		refusal("Roles: one of two roles", notAllowed(sampleCommand("cut"), []string{"release-manager", "maintainer"},
			asks)),
		refusal("Roles: one role", notAllowed(sampleCommand("approve"), []string{"maintainer"}, asks[1:])),
		refusal("Roles: one of three roles, and nobody known",
			notAllowed(sampleCommand("done", "tested"), []string{"release-manager", "maintainer", "tester"}, nil)),
		refusal("Start: by an outsider", sampleAssignee("start", Release{}, false)),
		refusal("Start: by an assignee", sampleAssignee("start", Release{}, true)),
		refusal("Assignee: no release yet", sampleAssignee("cut", Release{}, true)),
		refusal("Assignee: dud", sampleAssignee("dud", sampleAppointed("maria", true), true)),
		refusal("Assignee: hold", sampleAssignee("hold", sampleAppointed("maria", true), true)),
		refusal("Assignee: assigned by somebody who may not",
			sampleAssignee("cut", sampleAppointed("tessa", false), true)),
		refusal("Assignee: assigned by themselves", sampleAssignee("cut", sampleAppointed("olaf", false), true)),
		refusal("Assignee: nobody knows by whom", sampleAssignee("cut", sampleAppointed("", false), true)),
		refusal("Assignee: by somebody who may no longer", sampleAssignee("cut", sampleAppointed("maria", true), true)),
		refusal("Assignee: of a release that gives none", func() *Refusal {
			r := sampleAppointed("maria", true)
			r.Started.By, r.Started.Appoints = "hanna", false
			return sampleAssignee("cut", r, true)
		}()),
		refusal("Roles: nobody may", notAllowed(sampleCommand("dud", "late"), nil, nil)),
		refusal("Roles: GitHub does not answer",
			notConfirmed(sampleCommand("cut"), []string{"release-manager", "maintainer"})),
	}
}

func startSamples() []Sample {
	s, skipped := sampleStarted(), sampleStarted()
	skipped.Skip = "0.20.1 was never needed"
	e := &RuleError{Value: "0.22.0", Rule: ruleGap("0.21.0"), Document: "Falco release.md, Libs versioning"}
	way := []string{"`prepare`", "`freeze`", "`branch`", "`rc`", optionalPhase("thaw"), "`cut`"}
	return []Sample{
		{"Start: started", startedText(s, way, enterNext("prepare"))},
		{"Start: started, with a version skipped", startedText(skipped, way, enterNext("prepare"))},
		{"Start: the configuration names somebody who does not exist",
			noSuchUser(stranger{"mraia", "tester", nobodyHas(Role{})})},
		{"Start: the configuration names a team that does not exist",
			noSuchTeam(voidTeam{VoidTeam{"falcosecurity/lib-maintainers", TeamUnseen}, "maintainer", ""})},
		{"Start: the configuration names a team that may not be read",
			noSuchTeam(voidTeam{VoidTeam{"falcosecurity/libs-maintainers", TeamRefused}, "maintainer", ""})},
		{"Start: the configuration names a team without members",
			noSuchTeam(voidTeam{VoidTeam{"falcosecurity/testers", TeamEmpty}, "tester",
				nobodyHas(Role{Teams: []string{"x"}})})},
		{"Start: the title names another version", otherTitle([]string{"0.20.0"}, "0.21.0")},
		refusal("Start: a release is in progress", releaseUnderWay(Release{Started: s}, standsWaiting("freeze"))),
		refusal("Start: no version", noVersion("Next release", nil, sampleStart)),
		refusal("Start: several versions in the title", noVersion("0.20.0 or 0.21.0", []string{"0.20.0", "0.21.0"},
			sampleStart)),
		refusal("Start: a development version", noPreRelease("2.7.1-dev", "Aether", "/release start 2.7.1")),
		refusal("Start: a candidate", startedByCandidate("0.21.0-rc1", sampleStart, "rc")),
		refusal("Start: a version that failed", failedVersion(sampleDud(), "/release start 0.21.1")),
		refusal("Start: the option from= where there is none", noFrom("Falco libs", sampleStart)),
		refusal("Start: the option from= is missing",
			missingFrom("10.2.0+driver", "the branch that it is released from",
				"/release start 10.2.0+driver from=BRANCH")),
		refusal("Start: a branch with a bad name", noBranchName("a b", "the branch that it is released from",
			sampleStart+" from=BRANCH")),
		refusal("Start: a branch that releases are not made from", otherBranch("main", FromRule{
			About: "the release branch of the libs that it is tagged on", Like: "release/*.x"},
			"/release start 10.2.0+driver from=release/0.25.x")),
		refusal("Start: a bad due date", noDate("tomorrow", sampleStart+" due="+exampleDue(sampleTime()))),
		refusal("Start: a phase of another track",
			otherFirstPhase("0.20.1", "patch", "branch", "/release start 0.20.1")),
		refusal("Start: an unknown option", unknownOption("flavor", "mild", "", []string{"kind", "due"}, sampleStart)),
		refusal("Start: a misspelled option", unknownOption("dew", "2026-12-18", "due", []string{"kind", "due"},
			sampleStart)),
		refusal("Start: an option with a bad value",
			badInput("kata", "3.6;", sampleInput(), "/release start 0.15.0 kata=3.6.0")),
		refusal("Start: an option is missing", missingInput("kata", sampleInput(), "/release start 0.15.0 kata=3.6.0")),
		refusal("Start: a track for other versions",
			otherTrack("0.20.1", "patch", Track{Name: "minor", For: []string{"minor"}}, []string{"patch", "hotfix"})),
		refusal("Start: no such track", noSuchTrack("Falco libs", "huge", []string{"minor"})),
		refusal("Start: no track for the version", noTrackFor("Kubernetes patches", "minor", []string{"patch"})),
		refusal("Start: several tracks", chooseTrack("0.20.1", []string{"patch", "hotfix"})),
		refusal("Start: a version out of order", refusedVersion(e, sampleStart, "")),
		refusal("Start: a version that may skip another",
			refusedVersion(e, sampleStart, `/release start 0.22.0 skip="REASON"`)),
		refusal("Start: a version for another reason", unreadVersion(e, sampleStart)),
		{"Start: the notes after a version that failed", failedNote(sampleDud())},
	}
}

func versionSamples() []Sample {
	var out []Sample
	v := Version{Minor: 21}
	for _, rule := range []string{
		ruleThreeNumbers(), ruleWholeNumbers(), ruleNumberSize(), ruleLeadingZero(), ruleEmptyPart(), ruleIdentifiers(),
		ruleNoPrefix(), rulePrefix(), ruleNoBuild(), ruleBuild("driver"), ruleMajorLeast("1"), ruleMajor(
			"0"), ruleNoPreRelease(),
		rulePreRelease([]string{"-rc1", "-dev"}), ruleBump("rc"), ruleNoSuchPre("beta"), ruleFinalAlready(
			"minor, patch"),
		ruleDevAfterFinal(), ruleSecondPre(), ruleNoKind("major", "minor, patch"), ruleAskFor(ruleMajor("0"),
			"minor, patch"),
		ruleExists("0.21.0"), ruleNewer(v), ruleNewerOfLine(v), ruleGap("0.21.0"),
		ruleInterfaceDown("driver/API_VERSION", "10.1.0", "10.0.0+driver"), ruleNoDriverChange(),
	} {
		out = append(out, Sample{"Versions: a rule", "- " + Sentence(rule)})
	}
	e := &RuleError{Value: "v0.21.0", Rule: ruleNoPrefix(), Document: "Falco release.md, Libs versioning",
		Want: "0.21.0"}
	return append(out, Sample{"Versions: on the command line", ruleErrorText(e)})
}

func phaseSamples() []Sample {
	run, next := sampleRun(), enterNext("branch")
	verdicts := []Verdict{sampleVerdict(), {Gate: "candidate-exists", Rule: "a release candidate was tagged",
		Saw: "there is none", Fix: "comment `/release rc`"}}
	early, long := tooEarly("freeze", 7, sampleTime(), sampleDue()), tooLong("freeze", 5, sampleTime())
	return []Sample{
		refusal("Phases: one gate", blocked("cut", verdicts[:1])),
		refusal("Phases: two gates", blocked("cut", verdicts)),
		refusal("Phases: not on the track", notOnTrack("0.20.1", "patch", "freeze", []string{"branch", "cut"}, next)),
		refusal("Phases: done before", phaseDone(run, receipts(run), next)),
		refusal("Phases: an earlier phase is missing", phaseMissing("freeze", "cut",
			"About 1 week before the due date, no new features are merged.", enterNext("freeze"))),
		refusal("Phases: a later phase was entered", phasePassed(run, "prepare", next)),
		refusal("Phases: after an abort", notOnTrack("0.20.1", "patch", "freeze", []string{"branch", "cut"},
			startAgain())),
		refusal("Phases: during a hold", phaseDone(run, receipts(run), resumeFirst())),
		refusal("Phases: something is in progress", phaseDone(run, receipts(run), waitFirst("`branch`"))),
		refusal("Phases: something has stopped",
			phaseDone(run, receipts(run), resolveFirst("`branch`")+waysOn("protect"))),
		refusal("Phases: nothing is left", phaseDone(run, receipts(run), nothingLeft("0.21.0", nil))),
		refusal("Phases: the one before has stopped", runStopped("`prepare`", sampleStopped(), waysOn("milestone"))),
		refusal("Phases: the rollback has stopped", runStopped("the rollback", sampleStopped(), tryAllAgain())),
		refusal("Phases: the one before waits", runWaits("`thaw`", sampleWaiting(), "/release cut")),
		refusal("Phases: it waits itself", runWaits(runName(Run{Name: "thaw", Phase: true}), sampleWaiting(), "")),
		refusal("Phases: the one before is carried out", runGoesOn("`thaw`", sampleStep(), "/release cut")),
		refusal("Phases: the one before ends", runEnding("`thaw`", "/release cut")),
		{"Phases: entered early", warningText(early)},
		{"Phases: entered late", warningText(long)},
		{"Phases: done", "**Code freeze** " + runDone() + ".\n\n" + nextCommandText("branch")},
	}
}

func planSamples() []Sample {
	hash := "46f6d65b46f6d65b46f6d65b46f6d65b46f6d65b46f6d65b46f6d65b46f6d65b"
	plan := Plan{Hash: hash, Writes: sampleWrites(), Needs: []StepNeeds{
		{Step: "tag", Permissions: []string{"contents: write"},
			Stays: "a tag is never moved or deleted"}, {Step: "tested"}},
		Manifest: []byte(`{"gates":[],"phase":"cut","pins":{"sha":"3f2c1ab9"}}`)}
	stop, long := plan, plan
	stop.Stops = []Obstacle{{"Tag 0.21.0", "the tag 0.21.0 already exists at 1e8f0d22, not at 3f2c1ab9",
		"comment `/release abort REASON`"}}
	long.Manifest = make([]byte, longestManifest+1)
	rc, cut, v := Phase{Name: "rc"}, Phase{Name: "cut"}, sampleVerdict()
	never := Never("the tag 0.21.0 is free", "it is at 1e8f0d22, but must be at 3f2c1ab9",
		"nobody, because a tag is never moved", "comment `/release abort REASON`")
	never.Gate = "tag-free"
	maria, mara := Source{By: "maria", ID: 1}, Source{By: "mara", ID: 2}
	discounted := v
	discounted.Saw = "1 of 2 approved: `@maria`; the approval of `@mara` does not count: they are not on the release team"
	discounted.Discounts = []Discount{{Person: mara.Person(), Why: "they are not on the release team"}}
	signed := []Verdict{v, {Gate: "no-open-blockers", Saw: "#7 is open", Fix: "close it"}}
	const name = "Falco libs 0.21.0"
	return []Sample{
		{"Plan: the plan of a phase", planText(name, rc, plan, Prospect{Ready: true})},
		{"Plan: a plan to approve", planText(name, cut, plan, Prospect{Approvable: true, Ready: true,
			Failed: []Verdict{v}})},
		{"Plan: a plan that would stop", planText(name, cut, stop, Prospect{Approvable: true, Ready: true})},
		{"Plan: a plan with a gate that nobody can clear",
			planText(name, cut, plan, Prospect{Approvable: true, Failed: []Verdict{never}})},
		{"Plan: what helps approvals of a plan that would stop", "- " + Sentence(resolveBeforeApproval(stop.Stops))},
		{"Plan: everything is done", planText(name, cut, Plan{Hash: hash, Done: true}, Prospect{Ready: true})},
		{"Plan: nothing to change", planText(name, cut, Plan{Hash: hash}, Prospect{Approvable: true, Ready: true})},
		{"Plan: too long to be shown", planText(name, rc, long, Prospect{Ready: true})},
		{"Plan: approved", approvedText(maria, "cut", plan, signed, signed, true)},
		{"Plan: approved by somebody who does not count", approvedText(mara, "cut", plan, []Verdict{discounted}, nil,
			true)},
		{"Plan: approved, with nothing to change", approvedText(maria, "cut", Plan{Hash: hash}, nil, nil, false)},
		refusal("Plan: no phase is left", noPhaseLeft("approve", "0.21.0", nil)),
		refusal("Plan: no phase needs an approval", needsNoApproval("freeze", enterNext("freeze"))),
		refusal("Plan: nothing is left to approve", nothingToApprove("cut", enterNext("cut"))),
		refusal("Plan: something is in the way", onlyFails("cut", stop.Stops, []Verdict{never})),
		refusal("Plan: a gate that nobody can clear", onlyFails("cut", nil, []Verdict{never})),
		refusal("Plan: too few digits of a hash", hashTooShort("46f6d65b", "cut", ShortHash(hash))),
		refusal("Plan: one that was not shown", unseenPlan("cut", ShortHash(hash))),
		refusal("Plan: another hash", staleHash("000000000000", "cut", ShortHash(hash))),
		refusal("Plan: no phase", notAPhase("tomorrow", sampleWays())),
	}
}

func answerSamples() []Sample {
	phase := Phase{Name: "freeze", Title: "Code freeze", About: "No new features are merged.",
		Who: []string{"release-manager", "maintainer"}}
	warn := early()
	holds := Verdict{Gate: "team", Holds: true, Rule: "two maintainers are on the release team",
		Saw: "2: `@maria`, `@max`"}
	p := Process{Title: "Falco libs", Phases: []Phase{phase},
		May: map[string][]string{"default": {"release-manager", "maintainer"}, "help": {"anyone"}}}
	report := Verb{Name: "report", Usage: "MILESTONE", About: "report on the issues of a patch release", Who: "anyone"}
	return []Sample{
		{"Next and why: in progress", inProgress("**" + phaseTitle(phase) + "** " + runInProgress() + ".")},
		{"Next and why: on hold", heldAnswer(sampleHold())},
		{"Next and why: nothing is next", nothingNext(standsFinished(nil))},
		{"Next and why: nothing is next, and an optional step is open", nothingNext(standsFinished([]string{openStep(
			StepState{Step: Step{ID: "testing", Does: params.Set{Any: params.Manual{}}, Title: "Test the packages",
				Optional: true}})}))},
		{"Next and why: nothing is blocked", nothingBlocked(standsAborted(sampleAbort()))},
		{"Next and why: the next phase", nextPhase(phase, 2, 0, 0)},
		{"Next and why: a phase without gates", nextPhase(phase, 0, 0, 0)},
		{"Next and why: a phase with a gate that blocks", nextPhase(phase, 2, 1, 0)},
		{"Next and why: a phase with a warning", nextPhase(phase, 2, 0, 1)},
		{"Next and why: a phase that cannot be planned", nextImpossible(phase, Refusal{
			Why: "the branch release/0.21.x does not exist", Fix: "comment `/release branch`"})},
		{"Next and why: no gates", noGates("thaw")},
		{"Next and why: what a repository changed in a built-in process", changesText(Process{Changed: []Change{
			{Phase: "cut", What: "approvals", Gate: true, Removed: true, Reason: "we are only two"}}}, "cut")},
		{"Lint: a change of a built-in process",
			ChangeText(Change{Phase: "rc", What: "tag", Reason: "signed by hand"})},
		{"Next and why: the gates", gatesText(Process{}, "cut", []Verdict{holds, sampleVerdict(), warn})},
		{"Help: help", helpText(p, []Verb{report}, standsWaiting("freeze"))},
		{"Help: what a refusal suggests that has nothing better", Sentence(seeNext())},
	}
}

func early() Verdict { return tooEarly("freeze", 7, sampleTime(), sampleDue()) }

func stepSamples() []Sample {
	done := sampleStep()
	done.Done = &Did{Text: doneBy("rita", "all suites are green")}
	text, _ := stepText(sampleStopped())
	waits, _ := stepText(sampleWaiting())
	return []Sample{
		refusal("Steps: no such step", noSuchStep("tset", nil)),
		refusal("Steps: no such step, while others are open", noSuchStep("tset", []string{"tested", "milestone"})),
		refusal("Steps: done before", stepDone(done)),
		refusal("Steps: cannot be seen", stepNotSeen(sampleCommand("done", "tag"), sampleStopped(),
			Observation{Text: "there is no tag 0.21.0"})),
		refusal("Steps: has not stopped", notStopped(sampleStep(), standsWaiting("cut"))),
		refusal("Steps: nothing has stopped", nothingStopped(standsWaiting("cut"))),
		refusal("Steps: the branch is open again", branchOpen("main", "run", lockAgain("fix", "freeze", "cut"))),
		refusal("Steps: the branch is open again, and nothing locks it",
			branchOpen("main", "run", lockAgain("", "freeze", "cut"))),
		{"Steps: done by hand", doneBy("rita", "")},
		{"Steps: done by hand, with evidence", doneBy("rita", "all suites are green")},
		{"Steps: skipped", skippedBy("rita", "no driver change")},
		{"Steps: a line that is done",
			stepDoneText("Tag 0.21.0", "tag 0.21.0 at 3f2c1ab9", "https://github.com/x/y/releases/tag/0.21.0")},
		{"Steps: a line that has stopped", text},
		{"Steps: a line that waits for a person", waits},
		{"Steps: a line that waits", stepWaitsText("Wait for the images", "the run of build.yaml", "")},
		{"Steps: a line that waits for somebody",
			stepWaitsText("Wait for the tag", "the tag v4.2.0", "GitHub Actions")},
		{"Steps: a line that has stopped and says no more",
			stepStoppedText("Create the milestone 0.21.0", "the milestone is closed")},
		{"Steps: an optional line", optionalStep("Update the website")},
		{"Steps: an optional line of a person", optionalByHand("Evaluate the pending features", "evaluate")},
		{"Steps: a rollback", undoTitle("Freeze master")},
		{"Steps: a rollback of what may not be there", undoMaybeTitle("Freeze master")},
		{"Steps: the end of a lock", lapsedTitle("main", 48) + ": " + lapsedStays()},
		{"Steps: an exception", exceptionTitle(123)},
		{"Steps: a cherry-pick", pickTitle(123, "release/0.21.x") + ": " + pickStays()},
	}
}

func pullSamples() []Sample {
	return []Sample{
		refusal("Pull requests: no number", noPullNumber(sampleCommand("exception", "two"))),
		refusal("Pull requests: not found", pullNotFound(123)),
		refusal("Pull requests: closed", pullClosed(123, sampleCommand("pick", "#123"))),
		refusal("Pull requests: an exception without a freeze", notFrozen(123, standsWaiting("freeze"))),
		refusal("Pull requests: an exception without a freeze, for what is merged",
			notFrozenMerged(123, standsWaiting("freeze"))),
		refusal("Pull requests: an exception for what is merged", mergedAlready(123)),
		refusal("Pull requests: an exception a second time", exceptedAlready(123)),
		refusal("Pull requests: a pick without a release branch", noReleaseBranch("Kata Containers", enterNext("cut"))),
		refusal("Pull requests: a pick before the branch", noBranchYet("release/0.21.x", enterNext("branch"))),
		refusal("Pull requests: a pick from another branch", otherBase(123, "feature", "master")),
		refusal("Pull requests: a pick in the freeze", noException(123, "`@maria`, `@max`")),
		refusal("Pull requests: a pick in the freeze, merged already", mergedWithoutException(123)),
		refusal("Pull requests: an exception for another commit", otherHead(123, "c0ffee", PullFact{
			Head: sampleLapsed().Pushed, URL: sampleLapsed().URL})),
		refusal("Pull requests: a pick in the freeze after a push", lapsedException(sampleLapsed())),
		{"Pull requests: an exception that has lapsed", lapsedText(sampleLapsed())},
		{"Pull requests: work that was asked for again", replacedBy("rita")},
	}
}

func teamSamples() []Sample {
	return []Sample{
		refusal("Team: not clear", noTeamChange(sampleCommand("team", "promote", "@mara"))),
		refusal("Team: no such phase", noSuchUntil("never", sampleWays())),
		refusal("Team: not a member", notOnTeam("olaf", memberUntil("mara", "cut"))),
		refusal("Team: no such user", noUser("mara")),
		{"Team: nobody", nobodyOnTeam()},
	}
}

func holdSamples() []Sample {
	return []Sample{
		refusal("Hold: a phase during a hold", held(sampleHold(), "/release freeze")),
		refusal("Hold: nothing is on hold", notHeld()),
	}
}

func abortSamples() []Sample {
	kept := []string{keptText("tag 0.21.0-rc1 at c8b48ad8", "a tag is never moved or deleted")}
	undone := []string{"Move what is not merged from 0.21.0 to 0.22.0", "Freeze master"}
	awaited := []string{keptText("the tag v4.2.0", "the tag may still be created")}
	return []Sample{
		{"Abort: aborted", abortedText("Falco libs 0.21.0", "rita", "a week too early", undone, kept, awaited)},
		{"Abort: aborted before anything was changed", abortedText("Falco libs 0.21.0", "rita", "a week too early", nil,
			nil, nil) + nothingChanged()},
		{"Abort: an earlier answer", answerPassed("rita")},
		refusal("Abort: finished", finishedAlready("0.21.0")),
		refusal("Abort: a command after it", aborted("0.21.0", sampleAbort())),
		{"Abort: a version that failed", failedText("Falco libs 0.21.0", sampleDud())},
		refusal("Abort: a version that failed before", failedAlready(sampleDud())),
	}
}

func sampleException() Exception {
	return Exception{Excepted: Excepted{Source: Source{By: "rita"}, Pull: 123, Reason: "fixes a crash at start",
		Head: "3f2c1ab90d4e5f60718293a4b5c6d7e8f9012345", URL: "https://github.com/falcosecurity/libs/pull/123"}}
}

func sampleLapsed() Exception {
	e := sampleException()
	e.Pushed = "1e8f0d22a4b5c6d7e8f90123453f2c1ab90d4e5f"
	return e
}

func statusSamples() []Sample {
	name := "Falco libs 0.21.0"
	var out []Sample
	for _, stands := range []string{
		standsNotStarted(), standsStopped(sampleStopped()), standsAborted(
			sampleAbort()), standsFinished(nil), standsWaiting("cut"),
		heldText(sampleHold()), standsAt("Code freeze " + runWaiting(Waits{For: "the run of build.yaml"})),
	} {
		out = append(out, Sample{"Status: between two phases", statusText(name, stands)})
	}
	for _, progress := range []string{
		runSuperseded(), runDone(), runHeld(sampleHold()), runAborted(), runInProgress(), runWaiting(
			Waits{For: "the run of build.yaml"}),
		runStoppedAt("Create the milestone 0.21.0"),
	} {
		out = append(out, Sample{"Status: a phase", statusRunning(name, "**Code freeze** "+progress+".")})
	}
	for _, run := range []Run{{Name: "pick-123"}, {Name: "exception-123"}, {Name: "abort", Undo: true},
		{Name: "expiry"}} {
		if run.Name != "expiry" {
			run.Source = Source{By: "rita"}
		}
		out = append(out,
			Sample{"Description: work besides the phases", workHeading(workTitle(run), run.By, minute(sampleTime()))})
	}
	return append(out,
		Sample{"Description: marked as failed", failedRow(sampleDud())},
		Sample{"Description: an exception",
			exceptionLine(sampleException())},
		Sample{"Status: an exception that has lapsed", exceptionLine(sampleLapsed())},
		Sample{"Description: the last line", lastLine(minute(sampleTime()))},
	)
}

// sampleAppointed is a release with olaf as its assignee.
func sampleAppointed(by string, counts bool) Release {
	ids := map[string]int64{"maria": 1, "olaf": 2, "tessa": 3}
	return Release{Begun: true, Started: Started{Source: Source{By: "maria", ID: 1}, Appoints: true},
		Assigned: []Assignment{{
			Person: Person{Login: "olaf", ID: 2}, By: Person{Login: by, ID: ids[by]}, Counts: counts,
		}}}
}

// sampleAssignee refuses a command of olaf.
func sampleAssignee(verb string, r Release, assigned bool) *Refusal {
	c := sampleCommand(verb)
	c.By, c.ID = "olaf", 2
	p := Process{
		Roles:  map[string]Role{"release-manager": {Assignees: true}, "maintainer": {Permission: "maintain"}},
		May:    map[string][]string{"default": {"release-manager", "maintainer"}},
		Phases: []Phase{{Name: "cut", Who: []string{"release-manager", "maintainer"}}},
	}
	f := Facts{Assignee: assigned, Ask: map[string]string{
		"maintainer": "anyone with the `maintain` permission on falcosecurity/libs",
	}}
	needed := whoMay(p, verb)
	if lasting(r, c) {
		needed = p.lasting(needed)
	}
	return ofAssignee(r, p, c, f, notAllowed(c, needed, []string{f.Ask["maintainer"]}))
}
