package demo

import "github.com/slipway-dev/slipway/internal/sandbox"

// TestInfra is where the branches of the organisation are protected.
const TestInfra = "falcosecurity/test-infra"

// FalcoDrivers is falcosecurity/libs at the time of a driver release: its version files, the tags of both families with
// a malformed one of old, the release branch of the libs, the milestone next-driver, and the organisation's
// configuration.
func FalcoDrivers() sandbox.Seed {
	driver := func(api, schema, code string) map[string]string {
		return map[string]string{"driver/API_VERSION": api + "\nWhat stands below the first line is ignored.\n",
			"driver/SCHEMA_VERSION": schema + "\n", "driver/main.c": "int version = " + code + ";\n"}
	}
	first := driver("8.0.3", "2.22.1", "1")
	first[".github/release.yaml"] = "process: falco-libs\nteam: [" + Maria + ", " + Max + "]\n"
	first[".github/release/falco-drivers.yaml"] = "process: falco-drivers\nteam: [" + Maria + ", " + Max + "]\n"
	return sandbox.Seed{
		Org:   "falcosecurity",
		Users: []string{Manager, Maria, Max, Outsider},
		Repos: []sandbox.SeedRepo{
			{
				Name: "libs", DefaultBranch: "master", Collaborators: map[string]string{Manager: "triage",
					Maria: "maintain", Max: "maintain"},
				Commits: []sandbox.SeedCommit{
					{Message: "new: import", Author: Maria, Files: first,
						Tags: []string{"0.19.0", "7.1.0+driver-rc1", "7.3.0+driver"}, Released: true},
					{Message: "new: events of a new kind", Author: Max, Files: driver("8.0.3", "3.5.0", "2"),
						Tags: []string{"0.20.0", "8.0.0+driver"}, Released: true},
					{Branch: "release/0.20.x", From: "0.20.0"},
					{Branch: "release/0.20.x", Message: "fix: build on 6.12", Author: Max,
						Files: map[string]string{"driver/main.c": "int version = 21;\n"}},
					{Message: "new: a field", Author: Max, Files: driver("8.0.3", "3.6.1", "3")},
					{Branch: "release/0.21.x", From: "master"},
				},
				Issues: []sandbox.SeedIssue{
					{Title: "Drivers of libs 0.21.0", Body: "With the libs.\n", Author: Maria,
						Assignees: []string{Manager}, Milestone: "next-driver"},
					{Title: "A driver for 6.12", Body: "Alone, of an older branch.\n", Author: Maria,
						Assignees: []string{Manager}},
				},
			},
			{
				Name: "test-infra", DefaultBranch: "master", Collaborators: map[string]string{Maria: "maintain"},
				Commits: []sandbox.SeedCommit{{Message: "Begin", Author: Maria, Files: map[string]string{
					".github/release.yaml": "lets:\n  - {repo: falcosecurity/libs, process: falco-drivers, " +
						"pulls: [config/config.yaml]}\n",
					"config/config.yaml": "# Prow's configuration\nbranch-protection:\n  orgs:\n    falcosecurity:\n " +
						"     repos:\n        libs:\n          protect: true\n          branches:\n            " +
						"\"release/0.20.x\": { protect: true }\n        falco:\n          protect: true\n",
				}}},
			},
		},
	}
}
