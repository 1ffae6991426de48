package step

import "strings"

// Row is one kind of step, as docs, lint and the permission table show it.
type Row struct {
	Name, About string
	// Permissions are those of the GitHub App that the kind needs, each with its reason.
	Permissions []Permission
	Params      []Param
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

// Param is a parameter of a kind.
type Param struct {
	Name, About string
	Required    bool
}

func needs(name, about string) Param { return Param{Name: name, About: about, Required: true} }
func takes(name, about string) Param { return Param{Name: name, About: about} }

// Table is what Slipway can do, to be read from top to bottom. Kinds holds the same names.
func Table() []Row {
	issues := Permission{"issues: write", "milestones and comments are part of issues"}
	refs := Permission{"contents: write", "branches, tags, commits and releases are part of the contents"}
	look := Permission{"contents: read", "branches, tags, releases and files are looked at"}
	rules := Permission{"administration: write", "a freeze and a protection are rulesets"}
	pulls := Permission{"pull_requests: write", "a pull request is opened"}
	pull := Permission{"pull_requests: read", "pull requests are looked up"}
	runs := Permission{"actions: write", "workflow runs are read, started, and run again"}
	return []Row{
		{"create-milestone", "make the milestone of the release, with its due date", []Permission{issues},
			[]Param{needs("title", "its title"), takes("due", "YYYY-MM-DD"), takes("description", "its description")}},
		{"rename-milestone", "give a milestone the title of the release", []Permission{issues},
			[]Param{needs("from", "its title until now"), needs("to", "its new title")}},
		{"close-milestone", "close the milestone", []Permission{issues}, []Param{needs("title", "its title")}},
		{"roll-milestone", "move what is not finished to the next milestone, as one recorded act", []Permission{issues},
			[]Param{needs("from", "the milestone"), needs("to", "the next one"), takes("what", "pulls, issues or all"),
				takes("keep", "numbers that stay"), takes("create", "make the next one when it is missing")}},
		{"unroll-milestone", "move back what roll-milestone moved", []Permission{issues}, nil},
		{"create-branch", "make a branch at a commit", []Permission{refs},
			[]Param{needs("branch", "its name"), needs("sha", "the commit")}},
		{"protect-branch", "protect a branch against deletion and force pushes", []Permission{rules},
			[]Param{needs("branch", "its name"), takes("exclusive", "true: only Slipway may change it")}},
		{"lock-branch", "freeze a branch with a ruleset of Slipway's own",
			[]Permission{rules},
			[]Param{needs("branch", "its name"), needs("allow", "exceptions or nobody"), takes("reason", "why"),
				takes("hours", "after so many it is unlocked"), takes("by",
					"admin: an admin locks it by hand, and Slipway looks")}},
		{"unlock-branch", "take the freeze of this release off a branch", []Permission{rules},
			[]Param{needs("branch", "its name"), takes("by", "as for lock-branch")}},
		{"exempt-pull", "let one pull request through the freeze",
			[]Permission{{"checks: write", "an exception is a check run"}, issues, pull,
				{"statuses: read", "what else was said about the commit is looked at"}},
			[]Param{takes("pull", "its number"), takes("sha", "the commit that it is granted for"),
				takes("branch", "or the branch that open-pull proposed from"),
				takes("base", "with branch: where it goes"), needs("reason", "why"), takes("by",
					"who granted it"), takes("milestone", "the milestone it comes back to")}},
		{"cherry-pick", "bring a merged pull request into a branch",
			[]Permission{refs, pull},
			[]Param{needs("pull", "its number"), needs("branch", "the branch"), takes("sha", "the commit of its merge"),
				takes("head", "the commit that it has before its merge"),
				takes("versions", "edits that count on where both sides have a number")}},
		{"create-tag", "make tags at a commit", []Permission{refs},
			[]Param{needs("tag", "one a line, in order"), needs("sha", "the commit"),
				takes("message", "makes it an annotated tag")}},
		{"wait-tag", "wait for a tag that the project's CI makes", []Permission{look},
			[]Param{needs("tag", "its name"), takes("who", "what makes it"),
				takes("hours", "after so many without it, a person is asked")}},
		{"draft-release", "draft the GitHub release, with its notes", []Permission{refs},
			[]Param{needs("tag", "its tag"), needs("name", "its title"), needs("target", "the commit"),
				takes("prerelease", "true or false"),
				takes("notes", "generate or none"), takes("previous", "the tag the notes start from"), takes("body",
					"text before the notes")}},
		{"publish-release", "publish the draft, and hold its tag against the commit", []Permission{refs},
			[]Param{needs("tag", "its tag"), takes("sha", "the commit its tag must have"),
				needs("latest", "true, false or auto"), takes("is_latest", "what auto means")}},
		{"create-release", "publish a GitHub release at once, and never as a draft: workflows on its creation start",
			[]Permission{refs},
			[]Param{needs("tag", "its tag"), needs("sha", "the commit its tag must have"), needs("name", "its title"),
				needs("latest", "true, false or auto"), takes("is_latest", "what auto means"),
				takes("prerelease", "true or false"), takes("notes", "generate or none"), takes("previous",
					"the tag the notes start from"), takes("body", "text before the notes")}},
		{"tag-modules", "tag every Go module of the repository, each behind those it needs, and see each served by " +
			"the module proxy", []Permission{refs},
			[]Param{needs("modules", "a pattern of go.mod files, such as src/*/go.mod"),
				needs("version", "the version; a tag is DIRECTORY/VERSION"), needs("sha",
					"the commit of all of them"), takes("again", "the phase that takes the next number")}},
		{"wait-published", "wait for the release of another project", []Permission{look},
			[]Param{needs("repo", "OWNER/NAME"), needs("version", "its tag, or the SHA of a commit"),
				takes("who", "who publishes it")}},
		{"wait-images", "wait until container images are in their registries", nil,
			[]Param{needs("images", "REGISTRY/NAME:TAG, one a line"), takes("who", "what pushes them")}},
		{"open-pull", "propose new values in files as one pull request", []Permission{refs, pulls},
			[]Param{needs("edits",
				"FILE KIND VALUE, one a line; KIND is line, yaml:PATH, match:REGEXP, add:PATH, module:PATH or "+
					"module:local; a line # TITLE begins another commit"), needs("branch", "its branch"),
				needs("base", "where it goes"), needs("title", "its title, and that of the commit"), takes("body",
					"its text"), takes("repo", "OWNER/NAME, where it is another one"),
				takes("signoff", "true: the commits are signed off by the App")}},
		{"wait-pull", "wait until that pull request is merged",
			[]Permission{look, pull},
			[]Param{needs("edits", "as for open-pull"), needs("branch", "its branch"), needs("base", "where it goes"),
				takes("who", "who merges it"), takes("repo", "as for open-pull")}},
		{"wait-workflow", "wait for the run of a workflow that a push started", []Permission{runs, look},
			[]Param{needs("workflow", "the name of its file"), needs("sha", "the commit"), needs("ref", "the branch"),
				takes("fix", "the phase that fixes what it found")}},
		{"run-workflow", "start a workflow, and wait for its run", []Permission{runs, refs},
			[]Param{needs("workflow", "the name of its file"), needs("sha", "the commit"), needs("ref", "the branch"),
				takes("draft", "the tag that the workflow drafts and publishes"), takes("fix",
					"the phase that fixes what it found"),
				takes("transient", "patterns of jobs that fail for passing reasons, one a line"), takes("retries",
					"how often those are run again by themselves")}},
		{"delete-draft", "delete the draft of a tag; a published release stays", []Permission{refs},
			[]Param{needs("tag", "its tag")}},
		{"verify-release", "look at a release that a workflow published: its tag and its files", []Permission{look},
			[]Param{needs("tag", "its tag"), needs("sha", "the commit that was built"),
				takes("assets", "patterns of files, one a line")}},
		{"announce", "send an announcement to a channel of the server, once", []Permission{issues},
			[]Param{needs("channel", "its name in the configuration of the server"), needs("subject", "one line"),
				needs("text", "plain text")}},
		{"comment", "say something on the tracking issue, once", []Permission{issues},
			[]Param{needs("body", "Markdown")}},
		{"manual", "a step that a person does and reports", nil,
			[]Param{needs("text", "what is to be done"), takes("items", "one a line"), takes("who", "who does it"),
				takes("fix", "what to do when it does not go well")}},
	}
}

// Kinds are the kinds of steps, by name.
func Kinds(gh GitHub) map[string]Kind {
	return map[string]Kind{
		"create-milestone": createMilestone{gh},
		"rename-milestone": renameMilestone{gh},
		"close-milestone":  closeMilestone{gh},
		"roll-milestone":   rollMilestone{gh},
		"unroll-milestone": unrollMilestone{gh},
		"create-branch":    createBranch{gh},
		"protect-branch":   protectBranch(gh),
		"lock-branch":      lockBranch(gh),
		"unlock-branch":    unlockBranch{gh},
		"exempt-pull":      exemptPull{gh},
		"cherry-pick":      cherryPick{gh},
		"create-tag":       createTag{gh},
		"wait-tag":         waitTag{gh},
		"draft-release":    draftRelease{gh},
		"publish-release":  publishRelease{gh},
		"create-release":   createRelease{gh},
		"tag-modules":      tagModules{gh},
		"wait-published":   waitPublished{gh},
		"wait-images":      waitImages{},
		"open-pull":        openPull{gh},
		"wait-pull":        waitPull{gh},
		"wait-workflow":    workflow{gh: gh},
		"run-workflow":     workflow{gh: gh, start: true},
		"delete-draft":     deleteDraft{gh},
		"verify-release":   verifyRelease{gh},
		"announce":         announce{gh},
		"comment":          comment{gh},
		"manual":           manual{},
	}
}
