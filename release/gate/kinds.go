package gate

import (
	"context"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// Row is one kind of gate, as docs and lint show it.
type Row struct {
	Name, About string
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
	return []Row{
		{"version-follows", "the version may follow the tags that exist; nothing sets this aside", nil},
		{"tag-free", "the tag is not taken by another commit",
			[]step.Param{needs("tag", "its name"), needs("sha", "the commit")}},
		{"team", "enough people of a role are on the release team",
			[]step.Param{needs("role", "the role"), needs("count", "how many")}},
		{"approvals", "enough people of a role approved the current plan",
			[]step.Param{needs("role", "the role"), needs("count", "how many"),
				takes("team", "true: they must be on the release team"), takes("self",
					"false: who gives the command does not count")}},
		{"checks-green", "every check run and status of one commit succeeded",
			[]step.Param{needs("sha", "the commit"),
				takes("required",
					"the names that count and must be there, one a line; without it all that are there count"),
				takes("ignore", "names that do not count, one a line")}},
		{"no-open-blockers", "no open issue of the milestone carries the label",
			[]step.Param{needs("milestone", "its title"), needs("label", "the label")}},
		{"milestone-clear", "nothing is open in the milestone",
			[]step.Param{needs("milestone", "its title"), takes("what", "pulls, issues or all")}},
		{"ported", "what was merged for the milestone is on the release branch too",
			[]step.Param{needs("milestone", "its title"), needs("branch", "the release branch"),
				needs("from", "the branch that it was merged into")}},
		{"milestoned", "everything merged since the last release has a milestone",
			[]step.Param{takes("since", "the tag of the last release"), needs("branch", "the branch"),
				needs("milestone", "the one to propose")}},
		{"versions-rise", "the first lines of version files are not below those of the newest tag of a family",
			[]step.Param{needs("files", "one a line"), needs("family", "what its tags end in, such as +driver"),
				needs("rev", "the branch or commit")}},
		{"candidate-exists", "a release candidate was tagged",
			[]step.Param{takes("again", "the phase that makes one, rc if none is named")}},
		{"candidate-new", "the branch has something that the last candidate has not",
			[]step.Param{needs("sha", "the head of the branch")}},
		{"candidate-current", "the release is identical to the last candidate",
			[]step.Param{needs("sha", "the head of the branch"),
				takes("again", "the phase that makes another candidate, rc if none is named")}},
		{"date", "the day has come, counted from the due date",
			[]step.Param{needs("earliest-days", "days before the due date"), needs("due", "YYYY-MM-DD")}},
		{"chart-images-released", "every image of the charts has the tag of a release",
			[]step.Param{needs("sha", "the commit"), needs("charts", "a pattern, such as charts/*/Chart.yaml"),
				needs("tags", "what the tag of a release looks like, as an expression"),
				takes("components", "IMAGE OWNER/NAME, one a line: where its release has to exist"), takes("registry",
					"false: registries are not asked")}},
		{"chart-version-unique", "no other branch has the charts with another content under one version",
			[]step.Param{needs("sha", "the commit"), needs("charts", "a pattern, such as charts/*/Chart.yaml"),
				needs("branches", "what the names of release branches begin with")}},
		{"base-images-versioned", "every image that a Dockerfile begins with has a version",
			[]step.Param{needs("sha", "the commit")}},
		{"pick-deadline", "the deadline of cherry-picks for a patch release is past",
			[]step.Param{needs("version", "the version"),
				takes("path", "the schedule; without it the rule of the month"), takes("repo",
					"OWNER/NAME of the schedule, where it is another one")}},
		{"picks-approved", "every pull request that was merged into a release branch has the label of approval, of " +
			"somebody who may give it",
			[]step.Param{needs("branch", "the branch"), needs("since", "the tag before"), needs("sha", "the commit"),
				needs("milestone", "its title"), needs("role", "who approves")}},
		{"line-clear", "no open issue of a priority that blocks affects the line without being resolved in the version",
			[]step.Param{needs("version", "the version")}},
		{"driver-version", "the version follows from two version files and the code beside them",
			[]step.Param{needs("sha", "the commit"), needs("api", "the first file"), needs("schema", "the second file"),
				needs("code", "the directory of the code")}},
		{"milestone-named", "there is a milestone of that title", []step.Param{needs("milestone", "its title")}},
		{"branch-named", "the branch is named as those that are released from",
			[]step.Param{needs("branch", "the branch"), needs("like", "a pattern, such as release/*.x")}},
		{"module-tags", "every Go module of the repository can be tagged: an order, the version in each go.mod, no " +
			"tag somewhere else",
			[]step.Param{needs("modules", "a pattern of go.mod files, such as src/*/go.mod"),
				needs("version", "the version"), needs("sha", "the commit"), takes("again",
					"the phase that takes the next number")}},
		{"images", "container images are in their registries",
			[]step.Param{needs("images", "REGISTRY/NAME:TAG, one a line")}},
		{"no-others", "no file of a pattern but the listed ones has a value",
			[]step.Param{needs("sha", "the commit"), needs("files", "the pattern"),
				needs("at", "KIND:ARG, as in edits"), needs("value", "the value"), needs("edits",
					"those that are listed")}},
		{"files", "files of the commit say what is released",
			[]step.Param{needs("sha", "the commit"), needs("edits", "FILE KIND VALUE, one a line"),
				takes("repo", "OWNER/NAME, where it is another one"), takes("again", "the phase that proposes them")}},
		{"tagged-files", "files of the commit that was tagged say what is released",
			[]step.Param{needs("sha", "the commit"), needs("edits", "FILE KIND VALUE, one a line"),
				needs("tag", "its name")}},
		{"files-below", "versions in files are lower than those to be written",
			[]step.Param{needs("sha", "the commit or branch"), needs("edits", "FILE KIND VALUE, one a line")}},
		{"workflow-green", "the newest run of a workflow for the commit succeeded",
			[]step.Param{needs("workflow", "the name of its file"), needs("sha", "the commit")}},
		{"run-over", "no run of a workflow is in progress for the commit",
			[]step.Param{needs("workflow", "the name of its file"), needs("sha", "the commit")}},
		{"unpublished", "the version is not published", []step.Param{needs("tag", "its tag")}},
		{"no-release", "the version is not published, and has no draft", []step.Param{needs("tag", "its tag")}},
		{"branch-locked", "the branch is locked by this release",
			[]step.Param{needs("branch", "the branch"), needs("phase", "the phase that locks it")}},
		{"release-exists", "a release of another repository is published",
			[]step.Param{needs("repo", "OWNER/NAME"), needs("tag", "its tag")}},
	}
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
