package gate

import (
	"context"
	"slices"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// Row is one kind of gate, as docs and lint show it.
type Row struct {
	Name, About string
	// Permissions are those of the GitHub App that the kind needs.
	Permissions []step.Permission
}

// Roles answers whether a person has a role of the process.
type Roles interface {
	Has(ctx context.Context, who release.Person, role string) (release.Membership, error)
}

// Table is what a phase may need, to be read from top to bottom. For holds the same kinds.
func Table() []Row {
	contents := []step.Permission{{Name: "contents: read", Why: "branches, tags, commits and files are looked at"}}
	drafts := []step.Permission{{Name: "contents: write", Why: "GitHub shows drafts to those who may write"}}
	issues := []step.Permission{{Name: "issues: read", Why: "milestones and labels are part of issues"}}
	pulls := step.Permission{Name: "pull_requests: read", Why: "pull requests are looked at"}
	history := append(slices.Clip(contents), pulls)
	merged := append(slices.Clip(history), issues...)
	line := append(slices.Clip(contents), issues...)
	checks := []step.Permission{{Name: "checks: read", Why: "check runs are looked at"},
		{Name: "statuses: read", Why: "commit statuses are looked at"}}
	runs := []step.Permission{{Name: "actions: read", Why: "workflow runs are looked at"}}
	return []Row{
		{"version-follows", "the version may follow the tags that exist; nothing sets this aside", contents},
		{"tag-free", "the tag is not taken by another commit", contents},
		{"team", "enough people of a role are on the release team", nil},
		{"approvals", "enough people of a role approved the current plan", nil},
		{"checks-green", "every check run and status of one commit succeeded", checks},
		{"no-open-blockers", "no open issue of the milestone carries the label", issues},
		{"milestone-clear", "nothing is open in the milestone", issues},
		{"ported", "what was merged for the milestone is on the release branch too", merged},
		{"milestoned", "everything merged since the last release has a milestone", history},
		{"versions-rise", "the first lines of version files are not below those of the newest tag of a family",
			contents},
		{"candidate-exists", "a release candidate was tagged", contents},
		{"candidate-new", "the branch has something that the last candidate has not", contents},
		{"candidate-current", "the release is identical to the last candidate", contents},
		{"date", "the day has come, counted from the due date", nil},
		{"chart-images-released", "every image of the charts has the tag of a release", contents},
		{"chart-version-unique", "no other branch has the charts with another content under one version", contents},
		{"base-images-versioned", "every image that a Dockerfile begins with has a version", contents},
		{"pick-deadline", "the deadline of cherry-picks for a patch release is past", contents},
		{"picks-approved", "every pull request that was merged into a release branch has the label of approval, of " +
			"somebody who may give it", merged},
		{"line-clear", "no open issue of a priority that blocks affects the line without being resolved in the version",
			line},
		{"driver-version", "the version follows from two version files and the code beside them", contents},
		{"milestone-named", "there is a milestone of that title", issues},
		{"module-tags", "every Go module of the repository can be tagged: an order, the version in each go.mod, no " +
			"tag somewhere else", contents},
		{"images", "container images are in their registries", nil},
		{"no-others", "no file of a pattern but the listed ones has a value", contents},
		{"files", "files of the commit say what is released", contents},
		{"tagged-files", "files of the commit that was tagged say what is released", contents},
		{"files-below", "versions in files are lower than those to be written", contents},
		{"workflow-green", "the newest run of a workflow for the commit succeeded", runs},
		{"run-over", "no run of a workflow is in progress for the commit", runs},
		{"unpublished", "the version is not published", contents},
		{"no-release", "the version is not published, and has no draft", drafts},
		{"branch-locked", "the branch is locked by this release", nil},
		{"release-exists", "a release of another repository is published", contents},
	}
}

// Permissions are those that a kind of gate needs, by name; nil for one that does not exist.
func Permissions(kind string) map[string]string {
	for _, row := range Table() {
		if row.Name == kind {
			return step.Levels(row.Permissions)
		}
	}
	return nil
}

// For is what looks at a gate with these parameters; nil for those of a step.
func For(gh step.GitHub, roles Roles, p params.Any) Kind {
	switch p := p.(type) {
	case params.VersionFollows:
		return versionFollows{gh}
	case params.TagFree:
		return tagFree{gh, p}
	case params.Team:
		return team{roles, p}
	case params.Approvals:
		return approvals{roles, p}
	case params.ChecksGreen:
		return checksGreen{gh, p}
	case params.NoOpenBlockers:
		return noOpenBlockers{gh, p}
	case params.MilestoneClear:
		return milestoneClear{gh, p}
	case params.Ported:
		return ported{gh, p}
	case params.Milestoned:
		return milestoned{gh, p}
	case params.VersionsRise:
		return versionsRise{gh, p}
	case params.CandidateExists:
		return candidates{gh, "exists", params.CandidateCurrent{Again: p.Again}}
	case params.CandidateNew:
		return candidates{gh, "new", params.CandidateCurrent{SHA: p.SHA}}
	case params.CandidateCurrent:
		return candidates{gh, "current", p}
	case params.Date:
		return date{p}
	case params.LineClear:
		return lineClear{gh, p}
	case params.PickDeadline:
		return pickDeadline{gh, p}
	case params.PicksApproved:
		return picksApproved{gh, roles, p}
	case params.DriverVersion:
		return driverVersion{gh, p}
	case params.MilestoneNamed:
		return milestoneNamed{gh, p}
	case params.BranchLocked:
		return branchLocked{p}
	default:
		return built(gh, p)
	}
}

// built is what looks at what was built, written and published.
func built(gh step.GitHub, p params.Any) Kind {
	switch p := p.(type) {
	case params.ChartImages:
		return chartImages{gh, p}
	case params.ChartVersions:
		return chartVersions{gh, p}
	case params.BaseImages:
		return baseImages{gh, p}
	case params.ModuleTags:
		return moduleTags{gh, p}
	case params.Images:
		return imagesThere{p}
	case params.NoOthers:
		return noOthers{gh, p}
	case params.Files:
		return files{gh: gh, Files: p}
	case params.TaggedFiles:
		return files{gh: gh, tag: p.Tag, Files: params.Files{SHA: p.SHA, Edits: p.Edits}}
	case params.FilesBelow:
		return filesBelow{gh, p}
	case params.WorkflowGreen:
		return workflowGreen{gh, p}
	case params.RunOver:
		return runOver{gh, p}
	case params.Unpublished:
		return unpublished{gh: gh, NoRelease: params.NoRelease(p)}
	case params.NoRelease:
		return unpublished{gh: gh, drafts: true, NoRelease: p}
	case params.ReleaseExists:
		return releaseExists{gh, p}
	}
	return nil
}
