package process_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/process"
)

func falco(t *testing.T) release.Process {
	t.Helper()
	p, err := process.Builtin("falco-libs")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBuiltInProcessesHoldTogether(t *testing.T) {
	for _, name := range process.Names() {
		p, err := process.Builtin(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if p.Name != name {
			t.Errorf("%s calls itself %s", name, p.Name)
		}
	}
}

func TestFalcoLibsGoesThroughThePhasesOfTheDocument(t *testing.T) {
	p := falco(t)
	got := map[string][]release.TrackPhase{}
	for _, track := range p.Tracks {
		got[track.Name] = track.Sequence()
	}
	want := map[string][]release.TrackPhase{
		"minor": {{Phase: "prepare"}, {Phase: "freeze"}, {Phase: "branch"}, {Phase: "rc"}, {Phase: "thaw"},
			{Phase: "cut"}},
		"patch":  {{Phase: "rc", Optional: true}, {Phase: "cut"}},
		"hotfix": {{Phase: "hotfix"}, {Phase: "cut"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	freeze, _ := p.Phase("freeze")
	if freeze.Window != (release.Window{EarliestDays: 7, LongestDays: 5}) {
		t.Errorf("the freeze begins and ends at %+v", freeze.Window)
	}
}

// A driver is tagged on the branch of the libs that was named for it: 7.2.1+driver came from release/0.17.x.
func TestTheReleaseBranchHasTheNumbersOfTheLibs(t *testing.T) {
	for _, c := range []struct{ process, version, from, want string }{
		{"falco-libs", "0.10.0", "", "release/0.10.x"},
		{"falco-libs", "0.26.0", "", "release/0.26.x"},
		{"falco-libs", "0.25.4", "", "release/0.25.x"},
		{"falco-drivers", "7.2.1+driver", "release/0.17.x", "release/0.17.x"},
		{"falco-drivers", "10.2.0+driver", "release/0.25.x", "release/0.25.x"},
	} {
		p, err := process.Builtin(c.process)
		if err != nil {
			t.Fatal(err)
		}
		r := release.Release{Started: release.Started{Process: p, Version: c.version, From: c.from}}
		if got := r.Vars()["branch"]; got != c.want {
			t.Errorf("%s is released from %s, want %s", c.version, got, c.want)
		}
	}
}

func TestWhatIsNotUndoneSaysWhyItStays(t *testing.T) {
	for _, name := range process.Names() {
		p, err := process.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, phase := range p.Phases {
			for _, step := range phase.Steps {
				if step.Undo.Any == nil && step.Stays == "" {
					t.Errorf("%s, %s, step %s: an abort could not say what becomes of it", name, phase.Name, step.ID)
				}
			}
		}
	}
}

// The tag is the point of no return: whoever writes a process cannot forget to ask whether it is free.
func TestGatesComeWithTheStepsThatNeedThem(t *testing.T) {
	p, err := process.Load([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := []release.Gate{{Step: "tag", Asks: params.Set{Any: params.TagFree{Tag: "{version}", SHA: "{sha}"}}}}
	if diff := cmp.Diff(want, p.Phases[0].Needs); diff != "" {
		t.Error(diff)
	}
}

const whole = `name: tiny
versions: {prefix: v, kinds: [minor]}
roles:
  owner: {permission: admin}
may:
  default: [owner]
tracks:
  - {name: minor, for: [minor], phases: [cut]}
phases:
  - name: cut
    pin: {sha: {head-of: "{default_branch}"}}
    do:
      - tag: {name: "{version}", at: "{sha}"}
`

// The braces of an expression count, and are no names.
func TestExpressionsKeepTheirBraces(t *testing.T) {
	p, err := process.Load([]byte(whole +
		`      - pull: {title: Bump, edits: [{file: V, match: 'v(\d{2}.*)', to: "{version}"}]}
    require:
      - charts: {files: charts/*/Chart.yaml, at: "{sha}", image-tags: '^\d{1,3}$', components: {a: x/y}}
`))
	if err != nil {
		t.Fatal(err)
	}
	fill := release.Filling(map[string]string{"version": "v1.0.0", "sha": "c8b48ad8", "repo": "x/y",
		"default_branch": "main"})
	asks, err := p.Phases[0].Needs[0].Asks.Fill(fill)
	if charts, _ := asks.Any.(params.ChartImages); err != nil || charts.Tags != `^\d{1,3}$` {
		t.Errorf("the tags are %q, %v", charts.Tags, err)
	}
	does, err := p.Phases[0].Steps[1].Does.Fill(fill)
	if pull, _ := does.Any.(params.OpenPull); err != nil || !strings.Contains(pull.Edits, `v(\d{2}.*) v1.0.0`) {
		t.Errorf("the edits are %q, %v", pull.Edits, err)
	}
}

func TestAProcessCanBeSpelledOutWhole(t *testing.T) {
	got, err := process.Load([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	cut := release.Phase{Name: "cut", Who: []string{"owner"},
		Pin:   map[string]string{"sha": "branch-head {default_branch}"},
		Needs: got.Phases[0].Needs, Steps: []release.Step{{ID: "tag", Title: "Tag {version}",
			Does:  params.Set{Any: params.CreateTag{Tag: "{version}", SHA: "{sha}"}},
			Stays: "a tag is never moved or deleted"}}}
	if diff := cmp.Diff([]release.Phase{cut}, got.Phases); diff != "" {
		t.Error(diff)
	}
	if got.Name != "tiny" || got.Roles["owner"].Permission != "admin" || got.May["why"][0] != "anyone" {
		t.Errorf("it is read as %+v", got)
	}
}

func TestADifferenceIsLaidOverTheBuiltInProcess(t *testing.T) {
	got, err := process.Load([]byte(`
process: falco-libs
team: [mara, tomas]
names:
  branch: rel-{major}.{minor}
roles:
  maintainer:
    teams: [falcosecurity/libs-maintainers]
  tester:
    users: [ines]
tracks:
  - name: patch
    phases: [cut]
phases:
  - name: freeze
    require:
      - date: {before-due: 10d}
      - issues: {milestone: "{milestone}", label: kind/regression}
    do:
      - lock: {for: 3d}
        id: freeze
  - name: thaw
    do:
      - manual: {optional: false}
        id: tested
      - manual: {text: "Tell the users of {tag}"}
        id: told
`))
	if err != nil {
		t.Fatal(err)
	}
	want := falco(t)
	want.Team = []string{"mara", "tomas"}
	want.Names["branch"] = "rel-{major}.{minor}"
	want.Roles["maintainer"] = release.Role{
		About: "a maintainer with repository rights", Permission: "maintain", Teams: []string{
			"falcosecurity/libs-maintainers"},
	}
	want.Roles["tester"] = release.Role{Users: []string{"ines"}}
	want.Tracks[1].Phases = []string{"cut"}
	freeze := &want.Phases[1]
	freeze.Window = release.Window{EarliestDays: 10, LongestDays: 3}
	i := slices.IndexFunc(freeze.Needs, func(g release.Gate) bool { return g.Asks.Kind() == "date" })
	freeze.Needs[i].Asks.Any = params.Date{Days: 10, Due: "{due}"}
	freeze.Needs = append(freeze.Needs, release.Gate{ID: "issues",
		Asks: params.Set{Any: params.NoOpenBlockers{Milestone: "{milestone}", Label: "kind/regression"}}})
	thaw := &want.Phases[slices.IndexFunc(want.Phases, func(p release.Phase) bool { return p.Name == "thaw" })]
	thaw.Steps[1].Optional = false
	thaw.Steps = append(thaw.Steps, release.Step{ID: "told", Title: "Tell the users of {tag}",
		Does:  params.Set{Any: params.Manual{Text: "a person to tell the users of {tag}"}},
		Stays: "what was done by hand is kept"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What a built-in process requires is added to, and weakened only with a reason that everybody can read.
func TestAGateIsWeakenedOnlyWithAReason(t *testing.T) {
	cut := func(entry string) string {
		return "process: falco-libs\nphases:\n  - name: cut\n    require:\n" + entry
	}
	for file, want := range map[string]string{
		cut("      - approvals: {role: maintainer}\n"): "line 5, column 9: cut of falco-libs requires approvals " +
			"already; to add yours, give it an `id:` of its own; to change that one, write `replace: true` and " +
			"`reason: ...`",
		cut("      - approvals: {role: maintainer}\n        replace: true\n"): "line 5, column 9: nothing says why; " +
			"add `reason: ...`; lint, the plan and the status show it",
		cut("      - {id: approvals, remove: true}\n"): "line 5, column 9: nothing says why; add `reason: ...`; " +
			"lint, the plan and the status show it",
		cut("      - {id: aprovals, remove: true, reason: x}\n"): `line 5, column 9: cut of falco-libs has no entry ` +
			`"aprovals" in ` + "`require`; did you mean approvals?",
	} {
		if _, err := process.Load([]byte(file)); err == nil || err.Error() != want {
			t.Errorf("%s\nis answered %v\nwant        %s", file, err, want)
		}
	}
	for entry, want := range map[string]release.Change{
		"      - approvals: {role: maintainer, count: 1}\n        replace: true\n        reason: one is away\n": {
			Phase: "cut", What: "approvals", Gate: true, Reason: "one is away"},
		"      - {id: approvals, remove: true, reason: a test}\n": {
			Phase: "cut", What: "approvals", Gate: true, Removed: true, Reason: "a test"},
	} {
		p, err := process.Load([]byte(cut(entry)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]release.Change{want}, p.Changed); diff != "" {
			t.Error(diff)
		}
		phase, _ := p.Phase("cut")
		i := slices.IndexFunc(phase.Needs, func(g release.Gate) bool { return g.Asks.Kind() == "approvals" })
		if (i < 0) != want.Removed || i >= 0 && phase.Needs[i].Asks.Any != (params.Any)(params.Approvals{
			Role: "maintainer", Count: 1, OnTeam: true}) {
			t.Errorf("%s leads to %+v", entry, phase.Needs)
		}
	}
}

// Each file is answered with every mistake in it, in order. What the schema of editors can know, it refuses as well.
func TestAMistakeIsAnsweredWithItsPlaceAndWhatToWrite(t *testing.T) {
	instead := func(old, new string) string { return strings.Replace(whole, old, new, 1) }
	also := func(entry string) string { return whole + "      - " + entry + "\n" }
	first := func(gate string) string {
		return instead("    do:\n", "    require:\n      - "+gate+"\n    do:\n")
	}
	tag := "{name: \"{version}\", at: \"{sha}\"}"
	cases := []struct {
		name, file string
		schema     bool // refuses it too
		want       []string
	}{
		{"an empty file", "", false,
			[]string{"line 1, column 1: the file is empty; begin with the line `process: falco-libs`"}},
		{"a list", "- falco-libs\n", true,
			[]string{"line 1, column 1: the file is a list, and a group of fields belongs here; begin with the line " +
				"`process: falco-libs`"}},
		{"a process that is not built in", "process: falco-lib\n", true,
			[]string{`line 1, column 10: process: no process is called "falco-lib"; did you mean falco-libs?`}},
		{"a path instead of a name", "process: ../secrets\n", true,
			[]string{`line 1, column 10: process: no process is called "../secrets"; choose one of aether, ` +
				`aether-component, coco-peerpods, falco-drivers, falco-libs, kata, kubernetes-patch`}},
		{"an unknown field", "process: falco-libs\nteems: [mara]\n", true,
			[]string{`line 2, column 1: teems: there is no field "teems" here; did you mean team?`}},
		{"a field written twice", "process: falco-libs\nteam: [mara]\nteam: [tomas]\n", false,
			[]string{"line 3, column 1: team: it is written twice; keep one of the two"}},
		{"a value where a list belongs", "process: falco-libs\nteam: mara\n", true,
			[]string{"line 2, column 7: team: this is a single value, and a list belongs here; write it in brackets: " +
				"[one, two]"}},
		{"an unquoted template", "process: falco-libs\nnames:\n  tag: {version}\n", true,
			[]string{"line 3, column 8: names.tag: this is a group of fields, and a single value belongs here; write " +
				"one value, in quotes if it begins with { or ["}},
		{"a count in words", first("approvals: {role: owner, count: two}"), true,
			[]string{`line 13, column 41: phases[0].require[0].approvals.count: "two" does not fit here; write a ` +
				`whole number from 1 to 10, without quotes`}},
		{"a truth in other words", first("approvals: {role: owner, self: no}"), true,
			[]string{`line 13, column 40: phases[0].require[0].approvals.self: "no" is neither true nor false; write ` +
				`true or false, without quotes`}},
		{"an approval of nobody", first("approvals: {role: boss}"), false,
			[]string{`line 13, column 27: phases[0].require[0].approvals.role: there is no role "boss"; choose one ` +
				`of owner`}},
		{"a real step that is optional", also("branch: {name: x, protected: true, optional: true}"), true,
			[]string{`line 14, column 44: phases[0].do[1].branch.optional: there is no field "optional" here; choose ` +
				`one of at, name, protected`}},
		{"a command that is misspelt", instead("default: [owner]", "default: [owner]\n  aprove: [owner]"), false,
			[]string{`line 7, column 3: may.aprove: there is no command "aprove"; did you mean approve?`}},
		{"a phase that hides a command", instead("phases:\n  - name: cut", "phases:\n  - name: abort\n  - name: cut"),
			false, []string{
				`line 10, column 11: phases[0].name: /release abort is a command of its own; give the phase another name`,
				`line 10, column 11: phases[0].name: no track goes through "abort"; add it to one, or leave the ` +
					`phase out`,
				"line 10, column 11: phases[0].name: the phase abort does nothing; add `require:` or `do:`, or leave " +
					"the phase out",
			}},
		{"an edit that is misspelt", also("pull: {title: x, edits: [{file: VERSION, lin: \"{version}\"}]}"), true,
			[]string{
				`line 14, column 34: phases[0].do[1].pull.edits[0]: one of line, yaml, match, module, commit, ` +
					`same-as, ` +
					`list is missing; add one of them`,
				`line 14, column 50: phases[0].do[1].pull.edits[0].lin: there is no field "lin" here; did you mean line?`}},
		{"a login that is none", "process: falco-libs\nteam: [\"@maria\", \"a b\"]\n", false,
			[]string{
				`line 2, column 8: team[0]: "@maria" is no login; write maria`,
				`line 2, column 18: team[1]: "a b" is no login; write one as it stands on GitHub, without @`}},
		{"a kind of step that does not exist", instead("- tag:", "- tags:"), true,
			[]string{`line 13, column 9: phases[0].do[0].tags: there is no kind "tags"; did you mean tag?`}},
		{"two kinds in one entry", whole + "        branch: {name: x}\n", true,
			[]string{"line 13, column 9: phases[0].do[0]: tag and branch are two kinds; begin another entry with " +
				"`- branch:`"}},
		{"a kind that is not told what", also("workflow"), true,
			[]string{"line 14, column 9: phases[0].do[1].workflow: workflow needs to be told what; add its fields: " +
				"`- workflow: {...}`"}},
		{"a field that is missing", instead(", at: \"{sha}\"", ""), true,
			[]string{"line 13, column 14: phases[0].do[0].tag: at is missing; add `at: ...`, or by"}},
		{"a commit that is a branch", instead(`"{sha}"}`, "main}"), false,
			[]string{`line 13, column 38: phases[0].do[0].tag.at: "main" is no commit; write the name that ` +
				"`pin:` gives it, such as \"{sha}\""}},
		{"a time that is none", also("lock: {is: lifted, for: 48}"), true,
			[]string{`line 14, column 33: phases[0].do[1].lock.for: "48" is no length of time; write minutes, hours ` +
				`or days, such as 30m, 48h or 5d; at most 366d`}},
		{"a word that is none", also("lock: {for: 5d, allow: exception}"), true,
			[]string{`line 14, column 32: phases[0].do[1].lock.allow: "exception" is none of the words that this ` +
				`field takes; did you mean exceptions?`}},
		{"a number that is text", instead(`"{version}", at`, "1.0, at"), true,
			[]string{`line 13, column 21: phases[0].do[0].tag.name: 1.0 is not text as YAML reads it; put it in ` +
				`quotes: "1.0"`}},
		{"fields that exclude each other", first("issues: {milestone: a, blocking: b}"), true,
			[]string{"line 13, column 17: phases[0].require[0].issues: milestone and blocking exclude each other; " +
				"keep one of them"}},
		{"a field of another one", first("files: {at: x, say: [{file: V, line: v}], among: y}"), true,
			[]string{"line 13, column 58: phases[0].require[0].files.among: it belongs to only, which is not given; " +
				"leave it out"}},
		{"a list of edits that is not there", also("pull: {title: x, edits: [bump]}"), false,
			[]string{
				`line 14, column 34: phases[0].do[1].pull.edits[0]: there is no list of edits "bump"; leave it out`}},
		{"a workflow by its title", first("workflow: {file: Build, at: \"{sha}\", is: green}"), true,
			[]string{
				`line 13, column 26: phases[0].require[0].workflow.file: "Build" is no file of a workflow; write ` +
					`the name of a file in .github/workflows, such as release.yaml`}},
		{"a role that does not exist", instead("default: [owner]", "default: [owners]"), false,
			[]string{
				`line 6, column 13: may.default[0]: there is no role "owners"; did you mean owner?`,
			}},
		{"a name that nothing has", instead(`"{version}", at`, `"{verson}", at`), false,
			[]string{"line 13, column 21: phases[0].do[0].tag.name: nothing is called {verson} here; did you mean " +
				"version?"}},
		{"a value that is not pinned", instead(`    pin: {sha: {head-of: "{default_branch}"}}`+"\n", ""), false,
			[]string{"line 12, column 38: phases[0].do[0].tag.at: nothing is called {sha} here; choose one of " +
				"burned, default_branch, due, each, from, is_latest, issue, major, minor, n, next_patch, " +
				"next_version, patch, previous, release, repo, since, version"}},
		{"a phase that a track has and nobody described", instead("phases: [cut]", "phases: [freeze, cut]"), false,
			[]string{`line 8, column 42: tracks[0].phases[0]: there is no phase "freeze"; choose one of cut`}},
		{"two steps of one id", also("tag: " + tag), false,
			[]string{`line 14, column 9: phases[0].do[1]: "tag" is taken by another one above; give it another name`}},
		{"a value that cannot be looked up", instead("head-of:", "head:"), true,
			[]string{
				`line 11, column 16: phases[0].pin.sha: one of head-of, commit-of, candidate, release-date, of is ` +
					`missing; add one of them`,
				`line 11, column 17: phases[0].pin.sha.head: there is no field "head" here; choose one of as, ` +
					`candidate, commit-of, file, head-of, of, release-date, repo, yaml`}},
		{"a permission that GitHub does not have", instead("permission: admin", "permission: owner"), false,
			[]string{`line 4, column 23: roles.owner.permission: there is no permission "owner"; choose one of admin,` +
				` maintain, triage, write`}},
		{"a role without people", instead("{permission: admin}", "{about: somebody}"), false,
			[]string{
				"line 4, column 10: roles.owner: nobody has this role; add permission, teams, users or assignees"}},
		{"an alias", "process: falco-libs\nteam: &a [mara]\n", false,
			[]string{"line 2, column 7: anchors and aliases are not allowed here; write the value out"}},
		{"a file without end", "#" + strings.Repeat("x", 200_000), false,
			[]string{"the file has 200001 bytes; the limit is 32768; shorten it"}},
		{"broken YAML", "process: falco-libs\nteam: [mara\n", false,
			[]string{"line 2, column 7: this is no YAML: sequence end token ']' not found; look at the indentation, " +
				"the quotes and the colons of this line and the one before"}},
	}
	schema := schemaOf(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := process.Load([]byte(c.file))
			var mistakes process.Errors
			if !errors.As(err, &mistakes) {
				t.Fatalf("it was not refused as a mistake: %v", err)
			}
			if diff := cmp.Diff(c.want, strings.Split(mistakes.Error(), "\n")); diff != "" {
				t.Error(diff)
			}
			if c.schema && fits(t, schema, c.file) == nil {
				t.Error("the schema takes it")
			}
		})
	}
}

func schemaOf(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := process.Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("release.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("release.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func fits(t *testing.T, schema *jsonschema.Schema, file string) error {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

func TestTheSchemaTakesWhatLoadTakes(t *testing.T) {
	schema := schemaOf(t)
	for _, name := range process.Names() {
		text, err := os.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if err := fits(t, schema, string(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, file := range []string{whole, "process: falco-libs\nteam: [mara]\n", "process: aether\nphases:\n" +
		"  - name: prepare\n    require:\n      - charts: {components: {adapter: a/b}}\n        id: chart-images\n" +
		"        replace: true\n        reason: it is released there\n"} {
		if err := fits(t, schema, file); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestTheSchemaInTheDocumentationIsTheCurrentOne(t *testing.T) {
	const path = "../../docs/release.schema.json"
	now, err := process.Schema()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, now) {
		t.Errorf("%s is not what Schema gives: run UPDATE=1 go test ./release/process", path)
	}
}

func TestANameThatIsNotBuiltInIsRefused(t *testing.T) {
	_, err := process.Builtin("falko-libs")
	if want := `process: no process is called "falko-libs"; did you mean falco-libs?`; err == nil ||
		err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("process: falco-libs\nteam: &a [*a]\n"))
	f.Add([]byte("? [a, b]\n: !!set {x}\n<<: *z\n"))
	f.Add([]byte("process: kata\nphases: [{name: cut, require: [{id: x, remove: true}], do: [lock, {}]}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := process.Load(data)
		if err != nil && err.Error() == "" {
			t.Error("refused without a word")
		}
		if _, ok := p.Phase("cut"); err == nil && !ok {
			t.Error("a process without cut was accepted")
		}
	})
}
