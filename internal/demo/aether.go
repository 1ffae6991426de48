package demo

import "github.com/slipway-dev/slipway/internal/sandbox"

// Charts is the chart repository of the Aether rehearsal, and Adapter a component of it.
const (
	Charts  = "omec-project/aether-helm-charts"
	Adapter = "omec-project/sdcore-adapter"
)

// People of Aether.
const (
	Nora     = "nora"     // release manager
	Otto     = "otto"     // maintainer
	AetherCI = "aetherci" // tags what is merged
)

// Aether is a chart repository before a release, with a chart that still names an image of a branch, and a component
// whose released version the last Aether uses.
func Aether() sandbox.Seed {
	people := map[string]string{Nora: "triage", Otto: "maintain", AetherCI: "write"}
	values := func(tag string) string {
		return "# images of the adapter\nimage:\n  repository: omecproject/sdcore-adapter\n  tag: " + tag +
			"\nimages:\n  tags:\n    init: docker.io/library/busybox:1.36.1\n"
	}
	return sandbox.Seed{
		Org: "omec-project", Users: []string{Nora, Otto, AetherCI, Zoe},
		Images: []string{"docker.io/omecproject/sdcore-adapter:v0.3.13", "docker.io/library/busybox:1.36.1"},
		Repos: []sandbox.SeedRepo{
			{
				Name: "aether-helm-charts", DefaultBranch: "main", Collaborators: people,
				Commits: []sandbox.SeedCommit{
					{Message: "Aether 2.0.0", Author: Otto, Files: map[string]string{
						"VERSION": "2.0.0\n", "charts/adapter/Chart.yaml": "apiVersion: v2\nname: adapter\nversion: " +
							"2.0.43 # of the chart\nappVersion: v0.3.13\n", "charts/adapter/values.yaml": values(
							"v0.3.13"),
						"charts/umbrella/Chart.yaml": "apiVersion: v2\nname: umbrella\nversion: 1.5.0\nappVersion: " +
							"v0.3.13\ndependencies:\n  - name: adapter\n    version: 2.0.43\n",
						"charts/umbrella/values.yaml": "image:\n  repository: omecproject/sdcore-adapter\n  tag: \"\"\n",
						".github/release.yaml": "process: aether\nphases:\n  - name: prepare\n    require:\n" +
							"      - charts: {components: {sdcore-adapter: " + Adapter + "}}\n" +
							"        id: chart-images\n        replace: true\n" +
							"        reason: the adapter is released in its own repository\n",
					}, Tags: []string{"2.0.0"}, Released: true},
					{Branch: "aether-2.0", From: "2.0.0"},
					{Branch: "aether-2.0", Message: "Return to 2.0.1-dev", Author: Otto,
						Files: map[string]string{"VERSION": "2.0.1-dev\n"}},
					{Message: "Work on", Author: Otto, Files: map[string]string{
						"VERSION": "2.1.0-dev\n", "charts/adapter/Chart.yaml": "apiVersion: v2\nname: " +
							"adapter\nversion: 2.1.0 # of the chart\nappVersion: v0.3.13\n",
						"charts/adapter/values.yaml": values("master"),
						"charts/umbrella/Chart.yaml": "apiVersion: v2\nname: umbrella\nversion: 1.6.0\nappVersion: " +
							"v0.3.13\ndependencies:\n  - name: adapter\n    version: 2.1.0\n",
					}},
				},
				Issues: []sandbox.SeedIssue{
					{Title: "Aether 2.1.0", Body: "The next Aether.\n", Author: Otto, Assignees: []string{Nora}},
					{Title: "Aether 2.0.1", Body: "A point release.\n", Author: Otto, Assignees: []string{Nora}},
				},
			},
			{
				Name: "aether-docs", DefaultBranch: "main", Collaborators: people,
				Commits: []sandbox.SeedCommit{{Message: "Document 2.0.0", Author: Otto,
					Files: map[string]string{"VERSION": "2.0.0\n", ".github/release.yaml": "lets:\n  - {repo: " +
						"omec-project/aether-helm-charts, pulls: [VERSION]}\n"}, Tags: []string{"2.0.0"}}},
			},
			{
				Name: "sdcore-adapter", DefaultBranch: "main", Collaborators: people,
				Commits: []sandbox.SeedCommit{
					{Message: "Release 0.3.13", Author: Otto,
						Files: map[string]string{"VERSION": "0.3.13\n",
							"go.mod":               "module github.com/omec-project/sdcore-adapter\n",
							".github/release.yaml": "process: aether-component\n"}, Tags: []string{"v0.3.13"},
						Released: true},
					{Message: "Begin 0.4.0", Author: Otto, Files: map[string]string{"VERSION": "0.4.0-dev\n"}},
				},
				Issues: []sandbox.SeedIssue{{Title: "A fix for Aether 2.0", Body: "It crashes.\n", Author: Otto,
					Assignees: []string{Nora}}},
			},
		},
	}
}
