package gate

import (
	"context"
	"slices"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// Row is one kind of gate, as docs and lint show it.
type Row struct {
	Name, About string
	// Permissions are those of the GitHub App that the kind needs.
	Permissions []step.Permission
	Params      []step.Param
}

// Roles answers whether a person has a role of the process.
type Roles interface {
	Has(ctx context.Context, who release.Person, role string) (release.Membership, error)
}

// Table is what a phase may need, to be read from top to bottom. Kinds holds the same names.
func Table() []Row {
	needs := func(name, about string) step.Param { return step.Param{Name: name, About: about, Required: true} }
	takes := func(name, about string) step.Param { return step.Param{Name: name, About: about} }
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
		{"version-follows", "the version may follow the tags that exist; nothing sets this aside", contents, nil},
		{"tag-free", "the tag is not taken by another commit", contents,
			[]step.Param{needs("tag", "its name"), needs("sha", "the commit")}},
		{"team", "enough people of a role are on the release team", nil,
			[]step.Param{needs("role", "the role"), needs("count", "how many")}},
		{"approvals", "enough people of a role approved the current plan", nil,
			[]step.Param{needs("role", "the role"), needs("count", "how many"),
				takes("team", "true: they must be on the release team"), takes("self",
					"false: who gives the command does not count")}},
		{"checks-green", "every check run and status of one commit succeeded", checks,
			[]step.Param{needs("sha", "the commit"),
				takes("required",
					"the names that count and must be there, one a line; without it all that are there count"),
				takes("ignore", "names that do not count, one a line")}},
		{"no-open-blockers", "no open issue of the milestone carries the label", issues,
			[]step.Param{needs("milestone", "its title"), needs("label", "the label")}},
		{"milestone-clear", "nothing is open in the milestone", issues,
			[]step.Param{needs("milestone", "its title"), takes("what", "pulls, issues or all")}},
		{"ported", "what was merged for the milestone is on the release branch too", merged,
			[]step.Param{needs("milestone", "its title"), needs("branch", "the release branch"),
				needs("from", "the branch that it was merged into")}},
		{"milestoned", "everything merged since the last release has a milestone", history,
			[]step.Param{takes("since", "the tag of the last release"), needs("branch", "the branch"),
				needs("milestone", "the one to propose")}},
		{"versions-rise", "the first lines of version files are not below those of the newest tag of a family", contents,
			[]step.Param{needs("files", "one a line"), needs("family", "what its tags end in, such as +driver"),
				needs("rev", "the branch or commit")}},
		{"candidate-exists", "a release candidate was tagged", contents,
			[]step.Param{takes("again", "the phase that makes one, rc if none is named")}},
		{"candidate-new", "the branch has something that the last candidate has not", contents,
			[]step.Param{needs("sha", "the head of the branch")}},
		{"candidate-current", "the release is identical to the last candidate", contents,
			[]step.Param{needs("sha", "the head of the branch"),
				takes("again", "the phase that makes another candidate, rc if none is named")}},
		{"date", "the day has come, counted from the due date", nil,
			[]step.Param{needs("earliest-days", "days before the due date"), needs("due", "YYYY-MM-DD")}},
		{"chart-images-released", "every image of the charts has the tag of a release", contents,
			[]step.Param{needs("sha", "the commit"), needs("charts", "a pattern, such as charts/*/Chart.yaml"),
				needs("tags", "what the tag of a release looks like, as an expression"),
				takes("components", "IMAGE OWNER/NAME, one a line: where its release has to exist"), takes("registry",
					"false: registries are not asked")}},
		{"chart-version-unique", "no other branch has the charts with another content under one version", contents,
			[]step.Param{needs("sha", "the commit"), needs("charts", "a pattern, such as charts/*/Chart.yaml"),
				needs("branches", "what the names of release branches begin with")}},
		{"base-images-versioned", "every image that a Dockerfile begins with has a version", contents,
			[]step.Param{needs("sha", "the commit")}},
		{"pick-deadline", "the deadline of cherry-picks for a patch release is past", contents,
			[]step.Param{needs("version", "the version"),
				takes("path", "the schedule; without it the rule of the month"), takes("repo",
					"OWNER/NAME of the schedule, where it is another one")}},
		{"picks-approved", "every pull request that was merged into a release branch has the label of approval, of " +
			"somebody who may give it", merged,
			[]step.Param{needs("branch", "the branch"), needs("since", "the tag before"), needs("sha", "the commit"),
				needs("milestone", "its title"), needs("role", "who approves")}},
		{"line-clear", "no open issue of a priority that blocks affects the line without being resolved in the version", line,
			[]step.Param{needs("version", "the version")}},
		{"driver-version", "the version follows from two version files and the code beside them", contents,
			[]step.Param{needs("sha", "the commit"), needs("api", "the first file"), needs("schema", "the second file"),
				needs("code", "the directory of the code")}},
		{"milestone-named", "there is a milestone of that title", issues, []step.Param{needs("milestone", "its title")}},
		{"branch-named", "the branch is named as those that are released from", nil,
			[]step.Param{needs("branch", "the branch"), needs("like", "a pattern, such as release/*.x")}},
		{"module-tags", "every Go module of the repository can be tagged: an order, the version in each go.mod, no " +
			"tag somewhere else", contents,
			[]step.Param{needs("modules", "a pattern of go.mod files, such as src/*/go.mod"),
				needs("version", "the version"), needs("sha", "the commit"), takes("again",
					"the phase that takes the next number")}},
		{"images", "container images are in their registries", nil,
			[]step.Param{needs("images", "REGISTRY/NAME:TAG, one a line")}},
		{"no-others", "no file of a pattern but the listed ones has a value", contents,
			[]step.Param{needs("sha", "the commit"), needs("files", "the pattern"),
				needs("at", "KIND:ARG, as in edits"), needs("value", "the value"), needs("edits",
					"those that are listed")}},
		{"files", "files of the commit say what is released", contents,
			[]step.Param{needs("sha", "the commit"), needs("edits", "FILE KIND VALUE, one a line"),
				takes("repo", "OWNER/NAME, where it is another one"), takes("again", "the phase that proposes them")}},
		{"tagged-files", "files of the commit that was tagged say what is released", contents,
			[]step.Param{needs("sha", "the commit"), needs("edits", "FILE KIND VALUE, one a line"),
				needs("tag", "its name")}},
		{"files-below", "versions in files are lower than those to be written", contents,
			[]step.Param{needs("sha", "the commit or branch"), needs("edits", "FILE KIND VALUE, one a line")}},
		{"workflow-green", "the newest run of a workflow for the commit succeeded", runs,
			[]step.Param{needs("workflow", "the name of its file"), needs("sha", "the commit")}},
		{"run-over", "no run of a workflow is in progress for the commit", runs,
			[]step.Param{needs("workflow", "the name of its file"), needs("sha", "the commit")}},
		{"unpublished", "the version is not published", contents, []step.Param{needs("tag", "its tag")}},
		{"no-release", "the version is not published, and has no draft", drafts, []step.Param{needs("tag", "its tag")}},
		{"branch-locked", "the branch is locked by this release", nil,
			[]step.Param{needs("branch", "the branch"), needs("phase", "the phase that locks it")}},
		{"release-exists", "a release of another repository is published", contents,
			[]step.Param{needs("repo", "OWNER/NAME"), needs("tag", "its tag")}},
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

// Kinds are the kinds of gates, by name.
func Kinds(gh step.GitHub, roles Roles) map[string]Kind {
	return map[string]Kind{
		"version-follows":       versionFollows{gh},
		"tag-free":              tagFree{gh},
		"team":                  team{roles},
		"approvals":             approvals{roles},
		"checks-green":          checksGreen{gh},
		"no-open-blockers":      noOpenBlockers{gh},
		"milestone-clear":       milestoneClear{gh},
		"ported":                ported{gh},
		"milestoned":            milestoned{gh},
		"versions-rise":         versionsRise{gh},
		"candidate-exists":      candidates{gh, "exists"},
		"candidate-new":         candidates{gh, "new"},
		"candidate-current":     candidates{gh, "current"},
		"date":                  date{},
		"chart-images-released": chartImages{gh},
		"chart-version-unique":  chartVersions{gh},
		"base-images-versioned": baseImages{gh},
		"pick-deadline":         pickDeadline{gh},
		"picks-approved":        picksApproved{gh, roles},
		"line-clear":            lineClear{gh},
		"driver-version":        driverVersion{gh},
		"milestone-named":       milestoneNamed{gh},
		"module-tags":           moduleTags{gh},
		"images":                imagesThere{},
		"no-others":             noOthers{gh},
		"branch-named":          branchNamed{},
		"files":                 files{gh: gh},
		"tagged-files":          files{gh: gh, tagged: true},
		"files-below":           filesBelow{gh},
		"workflow-green":        workflowGreen{gh},
		"run-over":              runOver{gh},
		"unpublished":           unpublished{gh: gh},
		"no-release":            unpublished{gh: gh, drafts: true},
		"branch-locked":         branchLocked{},
		"release-exists":        releaseExists{gh},
	}
}
