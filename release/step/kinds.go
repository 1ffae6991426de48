package step

import (
	"strings"

	"github.com/slipway-dev/slipway/release/params"
)

// Row is one kind of step, as docs, lint and the permission table show it.
type Row struct {
	Name, About string
	// Permissions are those of the GitHub App that the kind needs, each with its reason.
	Permissions []Permission
}

// Permission is a permission of the App: "contents: write".
type Permission struct{ Name, Why string }

// Permissions are those that a kind of step needs, by name; nil for one that does not exist.
func Permissions(kind string) map[string]string {
	for _, row := range Table() {
		if row.Name == kind {
			return Levels(row.Permissions)
		}
	}
	return nil
}

// Levels are permissions by name, each with the highest level that is listed.
func Levels(list []Permission) map[string]string {
	out := map[string]string{}
	for _, p := range list {
		name, level, _ := strings.Cut(p.Name, ": ")
		if out[name] != "write" {
			out[name] = level
		}
	}
	return out
}

// Table is what Slipway can do, to be read from top to bottom. For holds the same kinds.
func Table() []Row {
	issues := Permission{"issues: write", "milestones and comments are part of issues"}
	refs := Permission{"contents: write", "branches, tags, commits and releases are part of the contents"}
	look := Permission{"contents: read", "branches, tags, releases and files are looked at"}
	rules := Permission{"administration: write", "a freeze and a protection are rulesets"}
	pulls := Permission{"pull_requests: write", "a pull request is opened"}
	pull := Permission{"pull_requests: read", "pull requests are looked up"}
	runs := Permission{"actions: write", "workflow runs are read, started, and run again"}
	return []Row{
		{"create-milestone", "make the milestone of the release, with its due date", []Permission{issues}},
		{"rename-milestone", "give a milestone the title of the release", []Permission{issues}},
		{"close-milestone", "close the milestone", []Permission{issues}},
		{"roll-milestone", "move what is not finished to the next milestone, as one recorded act",
			[]Permission{issues}},
		{"unroll-milestone", "move back what roll-milestone moved", []Permission{issues}},
		{"create-branch", "make a branch at a commit", []Permission{refs}},
		{"protect-branch", "protect a branch against deletion and force pushes", []Permission{rules}},
		{"lock-branch", "freeze a branch with a ruleset of Slipway's own",
			[]Permission{rules}},
		{"unlock-branch", "take the freeze of this release off a branch", []Permission{rules}},
		{"exempt-pull", "let one pull request through the freeze",
			[]Permission{{"checks: write", "an exception is a check run"}, issues, pull,
				{"statuses: read", "what else was said about the commit is looked at"}}},
		{"cherry-pick", "bring a merged pull request into a branch",
			[]Permission{refs, pull}},
		{"create-tag", "make tags at a commit", []Permission{refs}},
		{"wait-tag", "wait for a tag that the project's CI makes", []Permission{look}},
		{"draft-release", "draft the GitHub release, with its notes", []Permission{refs}},
		{"publish-release", "publish the draft, and hold its tag against the commit", []Permission{refs}},
		{"create-release", "publish a GitHub release at once, and never as a draft: workflows on its creation start",
			[]Permission{refs}},
		{"tag-modules", "tag every Go module of the repository, each behind those it needs, and see each served by " +
			"the module proxy", []Permission{refs}},
		{"wait-published", "wait for the release of another project", []Permission{look}},
		{"wait-images", "wait until container images are in their registries", nil},
		{"open-pull", "propose new values in files as one pull request", []Permission{refs, pulls}},
		{"wait-pull", "wait until that pull request is merged",
			[]Permission{look, pull}},
		{"wait-workflow", "wait for the run of a workflow that a push started", []Permission{runs, look}},
		{"run-workflow", "start a workflow, and wait for its run", []Permission{runs, refs}},
		{"delete-draft", "delete the draft of a tag; a published release stays", []Permission{refs}},
		{"verify-release", "look at a release that a workflow published: its tag and its files", []Permission{look}},
		{"announce", "send an announcement to a channel of the server, once", []Permission{issues}},
		{"manual", "a step that a person does and reports", nil},
	}
}

// For is what does a step with these parameters; nil for those of a gate.
func For(gh GitHub, p params.Any) Kind {
	switch p := p.(type) {
	case params.CreateMilestone:
		return createMilestone{gh, p}
	case params.RenameMilestone:
		return renameMilestone{gh, p}
	case params.CloseMilestone:
		return closeMilestone{gh, p}
	case params.RollMilestone:
		return rollMilestone{gh, p}
	case params.UnrollMilestone:
		return unrollMilestone{gh, p}
	case params.CreateBranch:
		return createBranch{gh, p}
	case params.ProtectBranch:
		return protectBranch(gh, p)
	case params.LockBranch:
		return lockBranch(gh, p)
	case params.UnlockBranch:
		return unlockBranch{gh, p}
	case params.ExemptPull:
		return exemptPull{gh, p}
	case params.CherryPick:
		return cherryPick{gh, p}
	case params.CreateTag:
		return createTag{gh, p}
	case params.WaitTag:
		return waitTag{gh, p}
	case params.DraftRelease:
		return draftRelease{gh, p}
	case params.PublishRelease:
		return publishRelease{gh, p}
	case params.CreateRelease:
		return createRelease{gh, p}
	case params.TagModules:
		return tagModules{gh, p}
	default:
		return waiting(gh, p)
	}
}

// waiting is what does a step that waits for others, or asks them.
func waiting(gh GitHub, p params.Any) Kind {
	switch p := p.(type) {
	case params.WaitPublished:
		return waitPublished{gh, p}
	case params.WaitImages:
		return waitImages{p}
	case params.OpenPull:
		return openPull{gh, p}
	case params.WaitPull:
		return waitPull{gh, p}
	case params.WaitWorkflow:
		return workflow{gh: gh, RunWorkflow: params.RunWorkflow{Workflow: p.Workflow, SHA: p.SHA, Ref: p.Ref,
			Fix: p.Fix}}
	case params.RunWorkflow:
		return workflow{gh: gh, start: true, RunWorkflow: p}
	case params.DeleteDraft:
		return deleteDraft{gh, p}
	case params.VerifyRelease:
		return verifyRelease{gh, p}
	case params.Announce:
		return announce{gh, p}
	case params.Manual:
		return manual{p}
	}
	return nil
}
