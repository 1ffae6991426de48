package process_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/process"
)

// brokenFiles are files with which nothing would work, or with which less would be asked for than it seems, by what is
// wrong. What lint says of each stands in testdata/lint.md.
func brokenFiles() [][2]string {
	instead := func(old, new string) string { return strings.Replace(whole, old, new, 1) }
	also := func(entry string) string { return whole + "      - " + entry + "\n" }
	gate := func(gate string) string {
		return instead("    do:\n", "    require:\n      - "+gate+"\n    do:\n")
	}
	with := func(role, file string) string {
		return strings.Replace(file, "owner: {permission: admin}", "owner: {permission: admin}\n  "+role, 1)
	}
	phased := func(name, file string) string {
		return strings.Replace(file, "phases:\n  - name", "phases:\n  - name: "+name+"\n  - name", 1)
	}
	over := func(text string) string { return "process: falco-libs\n" + text + "\n" }
	return [][2]string{
		{"defaults of a kind that there is not", whole + "defaults: {lok: {for: 5d}}\n"},
		{"a default that is misspelt", whole + "defaults: {lock: {fr: 5d}}\n"},
		{"defaults of a kind in one value", whole + "defaults: {lock: 5d}\n"},
		{"defaults in one value", whole + "defaults: lock\n"},
		{"a default with a name that nothing has", whole + "defaults: {lock: {reason: \"{verson}\"}}\n"},
		{"a date after a candidate, which nothing looks at", gate("date: {after: {for: 1d}}")},
		{"a date in hours", gate("date: {before-due: 5h}")},
		{"slack, which nothing looks at", gate("date: {before-due: 5d, slack: 1d}")},
		{"a lock of minutes, which would have no end", also("lock: {for: 30m}")},
		{"a lock that only people would end", also("lock: {for: 5d, then: ask}")},
		{"a wait of minutes", instead("at: \"{sha}\"", "by: CI, within: 30m")},
		{"a lifted lock that never was", also("lock: {is: lifted, for: 5d, allow: nobody}")},
		{"a lock that is lifted and never held", also("lock: {is: lifted}")},
		{"a branch that is neither made nor protected", also("branch: {name: x}")},
		{"a due date for a milestone that is renamed", also("milestone: {title: x, was: y, due: z}")},
		{"a due date that is none", also("milestone: {title: x, due: soon}")},
		{"a label and a sort of issues", gate("issues: {milestone: x, label: y, what: pulls}")},
		{"ported, without the milestone", gate("merged: {into: x, also-on: y}")},
		{"approved picks, without the commits", gate("merged: {into: x, approved-by: owner}")},
		{"a commit that nothing looks at", gate("merged: {into: x, milestoned: y, at: \"{sha}\"}")},
		{"a candidate where versions have none", gate("candidate: {is: there}")},
		{"a new candidate of no commit", gate("candidate: {is: new}")},
		{"a candidate that is there, at a commit", gate("candidate: {is: there, at: \"{sha}\"}")},
		{"Dockerfiles that do not count", gate("images: {dockerfiles: false, at: \"{sha}\"}")},
		{"a family of branches that ends in words", gate("charts: {files: x, at: \"{sha}\", unique-on: \"*-x\"}")},
		{"a pattern that is none", gate("charts: {files: \"[\", at: \"{sha}\", unique-on: \"x-*\"}")},
		{"a retry of what Slipway does not start",
			also("workflow: {file: a.yml, at: \"{sha}\", ref: x, retry: {jobs: [x]}}")},
		{"a draft of what Slipway does not start",
			also("workflow: {file: a.yml, at: \"{sha}\", ref: x, start: false, drafts: x}")},
		{"people are sent back to a phase that is done", also("workflow: {file: a.yml, at: \"{sha}\", ref: x, mend: cut}")},
		{"a release of no commit", also("release: {tag: x}")},
		{"a text for a draft that is deleted", also("release: {tag: x, is: undrafted, body: y}")},
		{"a pre-release that is the latest", also("release: {tag: x, at: \"{sha}\", prerelease: true, latest: always}")},
		{"assets that nobody uploads", also("release: {tag: x, at: \"{sha}\", assets: [y]}")},
		{"notes that are not generated, since a tag",
			also("release: {tag: x, at: \"{sha}\", notes: {generate: false, since: y}}")},
		{"each without its place", also("manual: {text: x, each: [aws]}")},
		{"the place of each without it", also("manual: {text: \"x {each}\"}")},
		{"each in a title", also("manual: {text: x}\n        title: \"{each}\"")},
		{"a title with a name that nothing has", also("manual: {text: x}\n        title: \"{verson}\"")},
		{"names made of one another", whole + "names: {a: \"{b}\", b: \"{a}\"}\n"},
		{"a name made of a name", also("manual: {text: \"{a}\"}") + "names: {a: \"{b}\", b: \"{version}\"}\n"},
		{"a name that hides the version", whole + "names: {version: x}\n"},
		{"a name that hides a pinned commit", whole + "names: {sha: x}\n"},
		{"an input that hides an option", whole + "inputs: {due: {about: x, example: y}}\n"},
		{"an input that hides the version", whole + "inputs: {version: {about: x, example: y}}\n"},
		{"a pin that hides the version", instead("pin: {sha:", "pin: {version: {head-of: x}, sha:")},
		{"a pin that no template can name", instead("pin: {sha:", "pin: {Sha-X: {head-of: x}, sha:")},
		{"a pseudo-version of a file",
			instead("pin: {sha:", "pin: {x: {of: x, file: y, yaml: z, as: pseudo-version}, sha:")},
		{"a branch with a space", instead("pin: {sha:", "pin: {x: {head-of: \"a b\"}, sha:")},
		{"the next candidate where versions have none", instead("pin: {sha:", "pin: {x: {candidate: next}, sha:")},
		{"a pin made of a pin", instead("pin: {sha:", "pin: {x: {head-of: \"{sha}\"}, sha:")},
		{"a file with a space", also("pull: {title: x, edits: [{file: \"a b\", line: y}]}")},
		{"a value of two lines", also("pull: {title: x, edits: [{file: a, line: \"y\\nz\"}]}")},
		{"an expression without a group", also("pull: {title: x, edits: [{file: a, match: abc, to: x}]}")},
		{"a number that counts on by nothing", also("pull: {title: x, edits: [{file: a, yaml: b, to: +mino}]}")},
		{"each of a pattern", also("pull: {title: x, edits: [{files: a, yaml: x, to: y, each: [z]}]}")},
		{"a path in YAML that is none", also("pull: {title: x, edits: [{file: a, yaml: \"a..b[\", to: y}]}")},
		{"a commit in a commit",
			also("pull: {title: x, edits: [{commit: c, edits: [{commit: d, edits: [{file: a, line: b}]}]}]}")},
		{"a file outside of the repository", also("pull: {title: x, edits: [{file: /etc/passwd, line: b}]}")},
		{"a file above the repository", also("pull: {title: x, edits: [{file: ../x, line: b}]}")},
		{"two checks in one", gate("checks: {at: \"{sha}\", required: [\"a\\nb\"]}")},
		{"a check that is required and ignored", gate("checks: {at: \"{sha}\", required: [a], ignore: [a]}")},
		{"two approvals of one person", with("b: {users: [x]}", gate("approvals: {role: b, count: 2}"))},
		{"an approval of oneself that does not count",
			strings.Replace(with("b: {users: [x]}", gate("approvals: {role: b}")), "default: [owner]", "default: [b]", 1)},
		{"a team of two of one person", with("b: {users: [x]}", gate("team: {role: b, count: 2}"))},
		{"a role of Apps", with("b: {users: [\"x[bot]\"]}", gate("team: {role: b, count: 1}"))},
		{"an approval by a role that there is not",
			strings.Replace(gate("approvals: {role: b}"), "  default: [owner]", "  default: [owner]\n  approve: "+
				"[owner]", 1)},
		{"a role that is called anyone", with("anyone: {users: [x]}", whole)},
		{"a role that cannot be written", with("\"A b\": {users: [x]}", whole)},
		{"a phase for anyone", instead("  - name: cut\n", "  - name: cut\n    who: [anyone]\n")},
		{"a start by anyone", instead("default: [owner]", "default: [owner]\n  start: [anyone]")},
		{"nobody may", instead("default: [owner]", "start: [owner]")},
		{"a phase that hides /release check", phased("check", instead("phases: [cut]", "phases: [check, cut]"))},
		{"a phase that hides /release report", phased("report", instead("phases: [cut]", "phases: [report, cut]"))},
		{"a phase without entries", phased("idle", instead("phases: [cut]", "phases: [idle, cut]"))},
		{"a cut without entries", instead("    do:\n      - tag: {name: \"{version}\", at: \"{sha}\"}\n", "")},
		{"a cut that may be left out", instead("phases: [cut]", "phases: [\"cut?\"]")},
		{"a track for versions that there are not",
			instead("for: [minor], phases: [cut]}", "for: [minor], phases: [cut]}\n  - {name: p, for: [patch], "+
				"phases: [cut]}")},
		{"versions without a track", instead("kinds: [minor]", "kinds: [minor, major, patch]")},
		{"a lock that comes later", gate("lock: {since: cut}")},
		{"a title of a gate", gate("{version: {}, title: x}")},
		{"a title of a gate, in lines", gate("version: {}\n        title: x")},
		{"a step that warns", also("manual: {text: x}\n        warn: true")},
		{"an entry on a track that never comes by",
			strings.Replace(phased("prep\n    do: [{manual: {text: x}, tracks: [b]}]", whole), "phases: "+
				"[cut]}", "phases: [prep, cut]}\n  - {name: b, phases: [cut]}", 1)},
		{"nothing to replace", gate("version: {}\n        replace: true\n        reason: x")},
		{"nothing to remove", gate("id: version\n        remove: true\n        reason: x")},
		{"nothing to remove, with its kind", gate("version: {}\n        remove: true\n        reason: x")},
		{"a reason for nothing", gate("version: {}\n        reason: x")},
		{"a candidate of a phase that makes none", gate("candidate: {is: there, again: cut}")},
		{"one channel twice", also("announce: {to: [a, a], subject: x, text: y}")},
		{"an emptied list of gates", over("phases: [{name: cut, require: []}]")},
		{"an emptied list of phases", over("phases: []")},
		{"everybody may", over("may: {default: [anyone]}")},
		{"everybody may enter", over("phases: [{name: cut, who: [anyone]}]")},
		{"a track with a phase left out", over("tracks: [{name: minor, phases: [cut]}]")},
		{"a freeze that may be left out",
			over("tracks: [{name: minor, phases: [prepare, \"freeze?\", branch, rc, thaw, cut]}]")},
		{"a lower permission", over("roles: {maintainer: {permission: triage}}")},
		{"a role by assignment", over("roles: {maintainer: {assignees: true}}")},
		{"a gate that only warns", over("phases: [{name: cut, require: [{id: approvals, warn: true}]}]")},
		{"a gate on fewer tracks", over("phases: [{name: cut, require: [{id: checks, tracks: [minor]}]}]")},
		{"a step on fewer tracks, with its gate", over("phases: [{name: cut, do: [{id: tag, tracks: [minor]}]}]")},
		{"a tag by somebody else", over("phases: [{name: cut, do: [{tag: {by: CI}}]}]")},
		{"a release without its draft", over("phases: [{name: cut, do: [{release: {draft: false}}]}]")},
		{"other versions", over("versions: {skips: true, kinds: [minor, major, patch]}")},
		{"a new track without the freeze", over("tracks: [{name: quick, for: [minor], phases: [cut]}]")},
		{"a new track for all versions", over("tracks: [{name: quick, phases: [cut]}]")},
		{"a gate among the steps", over("phases: [{name: cut, do: [{id: approvals, remove: true, reason: x}]}]")},
		{"an unknown process, and the rest",
			"process: falko\nteem: [x]\nphases: [{name: cut, require: [{approvals: {count: two}}]}]\n"},
		{"lists of edits that hold one another", also("pull: {title: x, edits: [a]}") + "edits: {a: [b], b: [a]}\n"},
		{"more roles may enter",
			over("roles: {intern: {users: [ines]}}\nphases: [{name: cut, who: [maintainer, intern]}]")},
		{"more roles may abort", over("roles: {intern: {users: [ines]}}\nmay: {abort: [intern]}")},
		{"versions that skip numbers", over("versions: {skips: true}")},
		{"another order of phases", over("tracks: [{name: minor, phases: [prepare, branch, freeze, rc, thaw, cut]}]")},
		{"a manual step that nobody waits for", "process: coco-peerpods\nphases: [{name: rc, do: [{id: tested, manual: " +
			"{optional: true}}]}]\n"},
		{"a release that asks for nothing",
			"process: coco-peerpods\nphases: [{name: cut, do: [{release: {draft: true}}]}]\n"},
		{"a default that takes a gate away", "process: coco-peerpods\ndefaults: {release: {prerelease: true}}\n"},
		{"a track for more versions", over("tracks: [{name: hotfix, for: [minor, patch]}]")},
		{"a gate replaced without a reason",
			over("phases: [{name: cut, require: [{approvals: {count: 1}, replace: true}]}]")},
		{"all mistakes at once", over("teem: [x]\nteam: mara\nphases: [{name: cut, require: [{approvals: {count: two}}, " +
			"{issues: {}, id: mine}]}]")},
		{"all mistakes of an own process", whole + "      - branch: {nam: x}\n      - lock: {for: 5}\nteam: [\"@a\"]\n" +
			"names: {a: \"{b}\"}\n"},
	}
}

// Each mistake is told with its place, the rule, and what to write. The schema of editors refuses what it can know.
func TestLintMeansIt(t *testing.T) {
	schema := schemaOf(t)
	var got strings.Builder
	got.WriteString("# What lint says of broken files\n\nWritten by `UPDATE=1 go test ./release/process`; the files " +
		"are in lint_test.go. Editor: what the schema knows.\n")
	for _, c := range brokenFiles() {
		_, err := process.Load([]byte(c[1]))
		var mistakes process.Errors
		if !errors.As(err, &mistakes) {
			t.Errorf("%s: it is called good, or broken in another way: %v\n%s", c[0], err, c[1])
			continue
		}
		for _, e := range mistakes {
			if e.Line == 0 || e.Fix == "" {
				t.Errorf("%s: it has no place, or nothing says what to write: %v", c[0], e)
			}
		}
		editor := "refuses it"
		if fits(t, schema, c[1]) == nil {
			editor = "cannot know"
		}
		fmt.Fprintf(&got, "\n## %s\n\nEditor: %s.\n\n", c[0], editor)
		for l := range strings.Lines(mistakes.Error()) {
			got.WriteString("- " + strings.TrimSuffix(l, "\n") + "\n")
		}
	}
	const path = "testdata/lint.md"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error(diff)
	}
}

// What asks for less has a reason, which is kept with the process.
func TestAReasonAllowsLess(t *testing.T) {
	for file, want := range map[string][]string{
		"reason: we are two\nroles: {maintainer: {permission: triage, reason: GitHub gives no more}}\n": {
			"The permission triage is enough for maintainer here, unlike in the built-in process: GitHub gives no more."},
		"reason: we are two\nroles: {intern: {users: [ines]}}\nmay: {abort: [maintainer, intern]}\n": {
			"Intern may give /release abort here, unlike in the built-in process: we are two."},
		"roles: {intern: {users: [ines]}}\nphases: [{name: cut, who: [maintainer, intern], reason: a test}]\n": {
			"Intern may give /release cut here, unlike in the built-in process: a test."},
		"tracks: [{name: minor, phases: [prepare, branch, rc, cut], reason: nobody merges then}]\n": {
			"The track minor leaves out freeze, thaw here, unlike in the built-in process: nobody merges then."},
		"versions: {skips: true}\nreason: numbers were used elsewhere\n": {
			"Another version may follow here, unlike in the built-in process: numbers were used elsewhere."},
	} {
		p, err := process.Load([]byte("process: falco-libs\n" + file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		var got []string
		for _, c := range p.Changed {
			got = append(got, release.ChangeText(c))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is shown as %q, want %q", file, got, want)
		}
	}
}
