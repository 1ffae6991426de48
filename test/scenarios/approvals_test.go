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
		"- name: prepare\n  title: Preparation\n  about: It is decided what goes in.\n" +
		"  do:\n  - milestone: {title: \"{version}\"}\n" +
		"- name: cut\n  title: Cut\n  about: It is tagged, and people are told.\n" +
		"  pin: {sha: {head-of: main}, said: {of: texts, file: NEWS}}\n" +
		"  require:\n  - approvals: {role: maintainer, count: 2, on-team: true, self: false}\n" +
		"  do:\n  - tag: {name: \"{tag}\", at: \"{sha}\"}\n" +
		"  - release: {tag: \"{tag}\", at: \"{sha}\", body: \"{said}\"}\n    tracks: [minor]\n"
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
