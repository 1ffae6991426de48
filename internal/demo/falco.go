package demo

import "github.com/slipway-dev/slipway/internal/sandbox"

// Libs is the repository of the Falco libs rehearsal, and Tracking the number of its tracking issue.
const (
	Libs     = "falcosecurity/libs"
	Tracking = 1
)

// People of the rehearsal.
const (
	Manager  = "rita" // release manager: assigned to the tracking issue, no maintainer
	Maria    = "maria"
	Max      = "max" // maintainers, on the release team
	Outsider = "olaf"
)

// FalcoLibs is a repository of the shape of falcosecurity/libs: driver versions, lightweight tags, a release branch of
// the last minor, open pull requests in the milestone, a tracking issue.
func FalcoLibs() sandbox.Seed {
	body := "Tracking issue of the next libs release.\n\nSlipway keeps its part of this description up to date; what " +
		"stands here is ours.\n"
	return sandbox.Seed{
		Org:   "falcosecurity",
		Users: []string{Manager, Maria, Max, Outsider},
		Teams: map[string][]string{"libs-maintainers": {Maria, Max}},
		Repos: []sandbox.SeedRepo{{
			Name: "libs", DefaultBranch: "master",
			Collaborators: map[string]string{Manager: "triage", Maria: "maintain", Max: "maintain"},
			Labels:        []string{"kind/bug", "kind/feature", "release-blocker"},
			Commits: []sandbox.SeedCommit{
				{Message: "new: import the libraries", Author: Maria, Files: map[string]string{
					"README.md": "# libs\n", "driver/API_VERSION": "8.0.3\n", "driver/SCHEMA_VERSION": "3.6.1\n",
					"userspace/libsinsp/parsers.cpp": "// parsers\nint parse() { return 0; }\n",
					".github/release.yaml":           "process: falco-libs\nteam: [" + Maria + ", " + Max + "]\n",
				}, Tags: []string{"0.19.0", "7.3.0+driver"}, Released: true},
				{Message: "update: count what is dropped", Author: Max,
					Files: map[string]string{"userspace/libscap/scap.c": "int scap_open(void) { return 0; }\n"},
					Tags:  []string{"0.20.0", "0.20.0-rc1", "0.20.0-rc2", "8.0.0+driver"}, Released: true},
				{Branch: "release/0.20.x", From: "0.20.0"},
				{Message: "new(libsinsp): read container labels", Author: Max,
					Files: map[string]string{"userspace/libsinsp/labels.cpp": "int labels() { return 1; }\n"}},
				{Message: "fix(driver): build on 6.12", Author: Maria,
					Files: map[string]string{"driver/main.c": "int init(void) { return 0; }\n"}},
				{Branch: "fix-crash", From: "master", Message: "fix(libsinsp): do not crash on an empty path",
					Author: Outsider, Files: map[string]string{
						"userspace/libsinsp/parsers.cpp": "// parsers\nint parse() { return 1; }\n"}},
				{Branch: "new-plugin", From: "master", Message: "new(plugins): a second plugin API", Author: Outsider,
					Files: map[string]string{"userspace/plugin/second.h": "#define SECOND 1\n"}},
			},
			Issues: []sandbox.SeedIssue{
				{Title: "libs 0.21.0", Body: body, Author: Maria, Assignees: []string{Manager}},
				{Title: "fix(libsinsp): do not crash on an empty path", Body: "Fixes a crash.", Author: Outsider,
					Branch: "fix-crash", Milestone: "0.21.0", Labels: []string{"kind/bug"}},
				{Title: "new(plugins): a second plugin API", Body: "A feature.", Author: Outsider, Branch: "new-plugin",
					Milestone: "0.21.0", Labels: []string{"kind/feature"}},
				{Title: "libs 0.20.1", Body: "A patch of the last minor.\n", Author: Maria,
					Assignees: []string{Manager}},
			},
		}},
	}
}
