package scenarios

import (
	"context"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// mallory may do everything in acme/app, and nothing anywhere else.
const mallory = "mallory"

// Consent: the stories of a process that names other repositories.
func TestConsent(t *testing.T) { play(t, "consent", "acme/app", mallory, neighbours) }

// allows REPOSITORY GRANT...: somebody with write access there lets other repositories do so, and nothing else.
func allows(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	text := "lets:\n"
	for _, grant := range args[1:] {
		text += "- " + grant + "\n"
	}
	_, err := s.st.Sandbox.As("tess").Commit(context.Background(), args[0], "main", "", "Say what others may do",
		map[string]string{".github/release.yaml": text})
	ts.Check(err)
	s.settle(ts)
}

// neighbours are a repository whose process reads and writes others: a private one and a public one of the same
// organisation, and a private one of another.
func neighbours() sandbox.Seed {
	mine := map[string]string{mallory: "maintain"}
	theirs := map[string]string{"tess": "maintain"}
	process := `name: app
title: App
document: RELEASE.md
versions: {kinds: [minor, patch]}
inputs:
  from-repo: {about: a repository, example: acme/secret, optional: true}
names: {tag: "{version}"}
roles:
  maintainer: {about: a maintainer, permission: maintain}
may: {default: [maintainer], help: [anyone]}
tracks: [{name: all, for: [minor, patch],
  phases: ["peek?", "named?", "same?", "look?", "wait?", "ask?", "propose?", cut]}]
phases:
- name: peek
  pin: {password: {of: main, repo: acme/secret, file: secret.yaml, yaml: password}}
  do: [{title: Tell it, manual: {text: "Say {password}", optional: true}}]
- name: named
  pin: {from_repo: {head-of: main}}
  require: [{release: {repo: "{from_repo}", tag: "1.0.0", is: published}}]
- name: same
  pin: {password: {of: main, repo: "{repo}", file: values.yaml, yaml: app}}
  require: [{release: {repo: ACME/App, tag: "1.0.0", is: published}}]
- name: look
  require:
  - files: {repo: acme/secret, at: main, say: [{file: secret.yaml, yaml: password, to: unknown}]}
  - release: {repo: ACME/Secret, tag: "1.0.0", is: published}
- name: wait
  do: [{title: Wait for it, upstream: {repo: other/vault, version: "3.0.0"}}]
- name: ask
  do:
  - {id: permitted, title: Ask them, manual: {text: Ask them}}
  - {title: Propose it, pull: {repo: acme/site, edits: [{file: versions.yaml, yaml: app, to: "{version}"}],
      branch: "slipway/app-{version}", base: main, title: "App {version}", merged-by: a maintainer of the site}}
- name: propose
  do:
  - {title: Propose it, pull: {repo: acme/site, edits: [{file: versions.yaml, yaml: app, to: "{version}"}],
      branch: "slipway/app-{version}", base: main, title: "App {version}", merged-by: a maintainer of the site}}
- name: cut
  do: [{id: tell, title: Tell it, manual: {text: Released, optional: true}}]
`
	begin := func(files map[string]string) []sandbox.SeedCommit {
		return []sandbox.SeedCommit{{Message: "Begin", Author: "tess", Files: files, Tags: []string{"1.0.0"},
			Released: true}}
	}
	return sandbox.Seed{
		Org: "acme", Users: []string{mallory, "tess"},
		Repos: []sandbox.SeedRepo{
			{Name: "app", DefaultBranch: "main", Collaborators: mine, Commits: begin(map[string]string{
				".github/release.yaml": process, "values.yaml": "app: 1.0.0\n"}),
				Issues: []sandbox.SeedIssue{{Title: "App 1.1.0", Body: "The next.\n", Author: mallory}}},
			{Name: "secret", DefaultBranch: "main", Collaborators: theirs, Private: true, Commits: begin(map[string]string{
				"secret.yaml": "password: hunter2\n", "other.yaml": "password: swordfish\n",
				"schedule.yaml": "schedules:\n- release: 1.30\n  next: {release: 1.30.1, " +
					"cherryPickDeadline: \"2026-12-10\", targetDate: \"2026-12-16\"}\n"})},
			{Name: "site", DefaultBranch: "main", Collaborators: theirs, Commits: begin(map[string]string{
				"versions.yaml": "app: 1.0.0\n"}),
				Issues: []sandbox.SeedIssue{{Title: "Site 1.1.0", Body: "The next.\n", Author: "tess"}}},
			{Name: "lines", DefaultBranch: "main", Collaborators: mine, Commits: []sandbox.SeedCommit{
				{Message: "Begin", Author: mallory, Tags: []string{"v1.30.0"}, Released: true, Files: map[string]string{
					".github/patch-issues.yaml": "preset: kubernetes\nschedule: {repo: acme/secret, path: schedule.yaml}\n"}},
				{Branch: "release-1.30", From: "v1.30.0"},
			}, Issues: []sandbox.SeedIssue{{Title: "Patch releases", Body: "The coming ones.\n", Author: mallory}}},
			{Name: ".github", DefaultBranch: "main", Collaborators: theirs, Commits: begin(map[string]string{
				"README.md": "# acme\n"})},
		},
		Others: []sandbox.Seed{{Org: "other", Repos: []sandbox.SeedRepo{
			{Name: "vault", DefaultBranch: "main", Collaborators: theirs, Private: true, Commits: begin(map[string]string{
				"README.md": "# Vault\n"})},
		}}},
	}
}
