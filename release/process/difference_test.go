package process_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/process"
)

// own is a small process of a repository; a test replaces words in it.
const own = `name: widgets
title: Widgets
versions: {prefix: v, kinds: [minor, patch]}
names: {tag: "{version}"}
roles:
  maintainer: {about: a maintainer, permission: maintain}
  helper: {about: a helper, users: [ada]}
may: {default: [maintainer], hold: [maintainer]}
tracks: [{name: all, for: [minor, patch], phases: [test, cut]}]
phases:
- name: test
  do: [{title: Test it, manual: {text: Test it}}]
- name: cut
  pin: {sha: {head-of: "{default_branch}"}}
  require:
  - version
  - approvals: {role: maintainer, count: 2}
  - checks: {at: "{sha}", required: [build, test]}
  do:
  - tag: {name: "{tag}", at: "{sha}"}
`

func load(t *testing.T, file string) release.Process {
	t.Helper()
	if file == "" {
		return release.Process{}
	}
	p, err := process.Load([]byte(file))
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	return p
}

func TestADifferenceSaysWhatChanges(t *testing.T) {
	with := func(pairs ...string) string {
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(own, pairs[i]) {
				t.Fatalf("%q is not in the file", pairs[i])
			}
		}
		return strings.NewReplacer(pairs...).Replace(own)
	}
	long := strings.Repeat("Look at everything once more. ", 20)
	for _, c := range []struct{ name, before, after, want string }{
		{"nothing", own, "# a comment\n" + own, "The process stays as it is.\n"},
		{"a first file", "", own, `
**Phases, gates and steps**

- The track 'all' is new: 'test', 'cut'.
- The phase 'test' is new: 0 gates, one step; 'maintainer' can enter it.
- The phase 'cut' is new: 4 gates, one step; 'maintainer' can enter it.

**Who may do what**

- The role 'helper' is new: 'about' 'a helper', 'users' 'ada'.
- The role 'maintainer' is new: 'about' 'a maintainer', 'permission' 'maintain'.
- The commands without an entry of their own can be given by 'maintainer'.
- '/release hold' can be given by 'maintainer'.

**Versions, names and the rest**

- 'title' is 'Widgets'
- 'name' is 'widgets'
- 'names.tag' is '{version}'
- 'versions.kinds' is 'minor, patch'
- 'versions.prefix' is 'v'
`},
		{"fewer approvals", own, with("count: 2", "count: 1"), `
**⚠️ Weaker than before**

- The gate 'approvals' of 'cut' changes: 'count' is '1' instead of '2'.
`},
		{"a gate that only warns", own, with("- version\n", "- {version: {}, warn: true}\n"), `
**⚠️ Weaker than before**

- The gate 'version' of 'cut' changes: 'warn' is 'true'.
`},
		{"a gate that is gone, and another one", own, with("  - checks: {at: \"{sha}\", required: [build, test]}\n", "",
			"- version\n", "- version\n  - milestone: {title: \"{version}\"}\n"), `
**⚠️ Weaker than before**

- 'cut' no longer requires the gate 'checks'.

**Phases, gates and steps**

- 'cut' requires the gate 'milestone', which is new: 'milestone' '{version}'.
`},
		{"a phase that is gone", own, with("phases: [test, cut]", "phases: [cut]",
			"- name: test\n  do: [{title: Test it, manual: {text: Test it}}]\n", ""), `
**⚠️ Weaker than before**

- A release on the track 'all' can leave out 'test'.

**Phases, gates and steps**

- The track 'all' changes: 'phases' is 'cut' instead of 'test, cut'.
- The phase 'test' is removed.
`},
		{"another commit is tagged", own, with("head-of: \"{default_branch}\"", "head-of: next"), `
**Phases, gates and steps**

- The phase 'cut' changes: 'pin.sha' is 'branch-head next' instead of 'branch-head {default_branch}'.
`},
		{"a long text", with("text: Test it", "text: "+long+"Then go on."),
			with("text: Test it", "text: "+long+"Then stop."), `
**Phases, gates and steps**

- The step 'manual' of 'test' changes: 'text' is '…ing once more. Then stop.' instead of '…ing once more. Then go on.'.
`},
		{"a role for more people", own, with("permission: maintain", "permission: triage", "[ada]", "[ada, eve]"), `
**⚠️ Weaker than before**

- More people have the role 'helper'.
- More people have the role 'maintainer'.

**Who may do what**

- The role 'helper' changes: 'users' is 'ada, eve' instead of 'ada'.
- The role 'maintainer' changes: 'permission' is 'triage' instead of 'maintain'.
`},
		{"a command for more people", own, with("hold: [maintainer]", "hold: [helper]", "default: [maintainer]",
			"default: [maintainer, helper]"), `
**⚠️ Weaker than before**

- 'helper' can enter 'test' too.
- 'helper' can enter 'cut' too.
- 'helper' can give the commands without an entry of their own too.
- 'helper' can give '/release hold' too.

**Phases, gates and steps**

- The phase 'test' changes: 'who' is 'maintainer, helper' instead of 'maintainer'.
- The phase 'cut' changes: 'who' is 'maintainer, helper' instead of 'maintainer'.

**Who may do what**

- The commands without an entry of their own can be given by 'maintainer', 'helper'.
- '/release hold' can be given by 'helper'.
`},
		{"a command without roles of its own", own, with(", hold: [maintainer]", "", "default: [maintainer]",
			"default: [maintainer, helper]"), `
**⚠️ Weaker than before**

- 'helper' can enter 'test' too.
- 'helper' can enter 'cut' too.
- 'helper' can give '/release hold' too.
- 'helper' can give the commands without an entry of their own too.

**Phases, gates and steps**

- The phase 'test' changes: 'who' is 'maintainer, helper' instead of 'maintainer'.
- The phase 'cut' changes: 'who' is 'maintainer, helper' instead of 'maintainer'.

**Who may do what**

- '/release hold' can be given by the roles of 'default' again.
- The commands without an entry of their own can be given by 'maintainer', 'helper'.
`},
		{"other versions", own, with("kinds: [minor, patch]", "kinds: [minor, patch, final]"), `
**Versions, names and the rest**

- 'versions.kinds' is 'minor, patch, final' instead of 'minor, patch'
`},
		{"an override with its reason", "process: falco-libs\n", `process: falco-libs
phases:
- name: cut
  require: [{id: approvals, remove: true, reason: "@all of us are on holiday"}]
`, `
**⚠️ Weaker than before**

- The gate 'approvals' of 'cut' was removed here: @^all of us are on holiday.

**Phases, gates and steps**

- 'cut' no longer requires the gate 'approvals'.
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := process.Compare(load(t, c.before), load(t, c.after)).Markdown()
			// A raw string holds no backquote, and nobody sees a space without width.
			got = strings.NewReplacer("`", "'", "\u200b", "^").Replace(got)
			if diff := cmp.Diff(strings.TrimPrefix(c.want, "\n"), got); diff != "" {
				t.Errorf("(-want +got):\n%s\nGOT<<%s>>", diff, got)
			}
		})
	}
}
