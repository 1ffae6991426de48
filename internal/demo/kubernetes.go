package demo

import (
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// Kube is the repository of the patch-release issues, and Patches the issue on which its reports stand.
const (
	Kube    = "kubernetes/kubernetes"
	Patches = 1
)

// People of that repository.
const (
	Petra = "petra" // patch release manager
	Olga  = "olga"  // owns an issue, and may not label
	Sam   = "sam"   // merges
)

// Kubernetes is a repository of the shape of kubernetes/kubernetes: three maintained lines with branches and tags, a
// pull request that fixes something, and its patch-release issues kept by the preset, which reads the schedule in
// another.
func Kubernetes() sandbox.Seed {
	const apply, server = "staging/src/k8s.io/kubectl/apply.go", "pkg/server/server.go"
	return sandbox.Seed{
		Org:   "kubernetes",
		Users: []string{Petra, Olga, Sam},
		Teams: map[string][]string{"release-managers": {Petra}},
		Repos: []sandbox.SeedRepo{{
			Name: "kubernetes", DefaultBranch: "master", Collaborators: map[string]string{Petra: "maintain",
				Sam: "write"}, Labels: []string{"kind/bug", "priority/important-soon", "priority/critical-urgent"},
			Commits: []sandbox.SeedCommit{
				{Message: "Begin", Author: Sam, Files: map[string]string{
					apply: "package kubectl\n\nfunc Apply() int { return 1 }\n", server: "package server\n\nfunc " +
						"Serve() {}\n",
					".github/patch-issues.yaml": "preset: kubernetes\n",
				}, Tags: []string{"v1.29.0"}, Released: true},
				{Branch: "release-1.29", From: "v1.29.0"},
				{Branch: "release-1.29", Message: "Prepare v1.29.1", Author: Sam,
					Files: map[string]string{"CHANGELOG/1.29.md": "1\n"}, Tags: []string{"v1.29.1"}, Released: true},
				{Message: "Serve faster", Author: Sam,
					Files: map[string]string{server: "package server\n\nfunc Serve() { fast() }\n"}, Tags: []string{
						"v1.30.0"}, Released: true},
				{Branch: "release-1.30", From: "v1.30.0"},
				{Branch: "release-1.30", Message: "Prepare v1.30.1", Author: Sam,
					Files: map[string]string{"CHANGELOG/1.30.md": "1\n"}, Tags: []string{"v1.30.1"}, Released: true},
				{Message: "Apply in parallel", Author: Sam,
					Files: map[string]string{
						apply: "package kubectl\n\nfunc Apply() int { return 2 }\n"}, Tags: []string{"v1.31.0"},
					Released: true},
				{Branch: "release-1.31", From: "v1.31.0"},
				{Branch: "fix-server", From: "master", Message: "Do not serve twice", Author: Sam,
					Files: map[string]string{server: "package server\n\nfunc Serve() { fast(once) }\n"}},
				{Branch: "fix-apply", From: "master", Message: "Apply in order again", Author: Sam,
					Files: map[string]string{apply: "package kubectl\n\nfunc Apply() int { return 3 }\n"}},
			},
			Issues: []sandbox.SeedIssue{
				{Title: "Patch releases", Body: "The state of the coming patch releases.\n", Author: Petra},
				{Title: "Do not serve twice", Body: "It served twice.", Author: Sam, Branch: "fix-server"},
				{Title: "Apply in order again", Body: "It applied out of order.", Author: Sam, Branch: "fix-apply"},
			},
		}, {
			Name: "website", DefaultBranch: "main", Collaborators: map[string]string{Sam: "write"},
			Commits: []sandbox.SeedCommit{{Message: "Plan the patch releases", Author: Sam, Files: map[string]string{
				"data/releases/schedule.yaml": "schedules:\n- release: 1.31\n  next:\n    release: 1.31.1\n    " +
					"cherryPickDeadline: \"2026-11-19\"\n    targetDate: \"2026-11-24\"\n- release: 1.30\n  next:\n  " +
					"  release: 1.30.2\n    cherryPickDeadline: \"2026-11-25\"\n    targetDate: \"2026-12-01\"\n",
			}}},
		}},
	}
}

// KubernetesPatch is the same repository with the process of patch releases, a tracking issue for each of two lines
// that are released at once. By the schedule 1.31.1 is due; the picks for 1.30.2 end five days later.
func KubernetesPatch() sandbox.Seed {
	seed := Kubernetes()
	k := &seed.Repos[0]
	k.Collaborators = map[string]string{Petra: "triage", Sam: "maintain"}
	k.Commits[0].Files[".github/release.yaml"] = "process: kubernetes-patch\n"
	k.Issues = append(k.Issues,
		sandbox.SeedIssue{Title: "Kubernetes v1.31.1", Body: "The patch of November.\n", Author: Sam,
			Assignees: []string{Petra}},
		sandbox.SeedIssue{Title: "Kubernetes v1.30.2", Body: "The patch of November.\n", Author: Sam,
			Assignees: []string{Petra}},
	)
	return seed
}
