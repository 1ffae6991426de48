package scenarios

import (
	"testing"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// Approvals: the stories of what an approval signs and whose counts, with a process that pins a text which no sentence
// of its plan shows. rita is the release manager, maria on the release team from the start, and maria's program a bot.
func TestApprovals(t *testing.T) {
	process := "name: widgets\ntitle: Widgets\ndocument: RELEASE.md\nversions: {kinds: [major, minor, patch]}\n" +
		"names: {tag: \"{version}\"}\n" +
		"roles:\n  manager: {about: rita, users: [rita]}\n  maintainer: {about: a maintainer, " +
		"permission: maintain}\nteam: [maria]\n" +
		"may: {default: [manager, maintainer], plan: [anyone], why: [anyone], approve: [maintainer]}\n" +
		"tracks:\n- {name: minor, for: [major, minor], phases: [prepare, cut]}\n" +
		"- {name: patch, for: [patch], phases: [cut]}\nphases:\n" +
		"- name: prepare\n  title: Preparation\n  about: It is decided what goes in.\n  who: [manager, maintainer]\n" +
		"  steps:\n  - {id: milestone, kind: create-milestone, title: Create it, with: {title: \"{version}\"}}\n" +
		"- name: cut\n  title: Cut\n  about: It is tagged, and people are told.\n  who: [manager, maintainer]\n" +
		"  pin: {sha: \"branch-head main\", said: \"file-value {repo} texts NEWS line\"}\n" +
		"  needs:\n  - {kind: approvals, with: {role: maintainer, count: \"2\", team: \"true\", self: \"false\"}}\n" +
		"  steps:\n  - {id: tag, kind: create-tag, title: \"Tag {tag}\", with: {tag: \"{tag}\", sha: \"{sha}\"}}\n" +
		"  - {id: news, kind: comment, title: Say so, tracks: [minor], with: {body: \"{said}\"}}\n"
	play(t, "approvals", "acme/widgets", "rita", func() sandbox.Seed {
		return sandbox.Seed{
			Org: "acme", Users: []string{"rita", "maria", "max", "mara", "maria[bot]"},
			Repos: []sandbox.SeedRepo{{
				Name: "widgets", DefaultBranch: "main", Collaborators: map[string]string{"rita": "triage",
					"maria": "maintain", "max": "maintain", "mara": "maintain", "maria[bot]": "maintain"},
				Commits: []sandbox.SeedCommit{
					{Message: "Begin", Author: "maria", Tags: []string{"1.3.0"}, Released: true, Files: map[string]string{
						"README.md": "Widgets\n", ".github/release.yaml": process}},
					{Branch: "texts", From: "main", Message: "News", Author: "maria",
						Files: map[string]string{"NEWS": "ours\n"}},
				},
				Issues: []sandbox.SeedIssue{
					{Title: "Widgets 1.4.0", Body: "The next.\n", Author: "rita", Assignees: []string{"rita"}},
					{Title: "Widgets 1.3.1", Body: "A patch.\n", Author: "rita", Assignees: []string{"rita"}},
				},
			}},
		}
	})
}
