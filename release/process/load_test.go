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
	"github.com/slipway-dev/slipway/release/process"
)

// known are the kinds that falco-libs uses, and nothing else.
var known = process.Known{
	Steps: []string{
		"create-milestone", "close-milestone", "roll-milestone", "unroll-milestone", "create-branch", "protect-branch",
		"lock-branch", "unlock-branch", "create-tag", "draft-release", "publish-release", "manual",
	},
	Gates: []string{
		"version-follows", "versions-rise", "milestoned", "ported", "tag-free", "team", "approvals", "checks-green",
		"no-open-blockers", "candidate-exists",
		"candidate-new", "candidate-current", "date",
	},
}

func TestBuiltInProcessesHoldTogether(t *testing.T) {
	for _, name := range process.Names() {
		p, err := process.Builtin(name) // that its kinds exist is held by test/layout_test.go
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
}

// The files of a release change from line to line: a repository writes its own, and nothing else of the step.
func TestARepositoryMayExpectOtherFiles(t *testing.T) {
	p, err := process.Load([]byte("process: kata\nphases:\n  - name: cut\n    steps:\n      - id: verify\n        "+
		"with: {assets: one.txt}\n"), process.Known{})
	if err != nil {
		t.Fatal(err)
	}
	cut, _ := p.Phase("cut")
	i := slices.IndexFunc(cut.Steps, func(s release.Step) bool { return s.ID == "verify" })
	want := map[string]string{"tag": "{tag}", "sha": "{sha}", "assets": "one.txt"}
	if diff := cmp.Diff(want, cut.Steps[i].With); diff != "" || len(cut.Steps) != 5 {
		t.Errorf("%d steps, and that of the files (-want +got):\n%s", len(cut.Steps), diff)
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

func TestWhatFalcoLibsDoesNotUndoSaysWhyItStays(t *testing.T) {
	for _, phase := range falco(t).Phases {
		for _, step := range phase.Steps {
			if step.Undo == nil && step.Stays == "" && step.Kind != "manual" {
				t.Errorf("%s, step %s: an abort could not say what becomes of it", phase.Name, step.ID)
			}
		}
	}
}

func TestALinesDifferenceIsLaidOverTheBuiltInProcess(t *testing.T) {
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
phases:
  - name: freeze
    window: {longest-days: 3}
    needs:
      - kind: date
        with: {earliest-days: "10"}
  - name: thaw
    steps:
      - id: tested
        optional: false
      - id: told
        kind: manual
        with: {text: "Tell the users of {tag}"}
`), known)
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
	want.Phases[1].Window = release.Window{EarliestDays: 7, LongestDays: 3}
	want.Phases[1].Needs[1].With["earliest-days"] = "10"
	thaw := slices.IndexFunc(want.Phases, func(ph release.Phase) bool { return ph.Name == "thaw" })
	want.Phases[thaw].Steps[1].Optional = false
	want.Phases[thaw].Steps = append(want.Phases[thaw].Steps, release.Step{
		ID: "told", Kind: "manual", With: map[string]string{"text": "Tell the users of {tag}"},
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAProcessCanBeSpelledOutWhole(t *testing.T) {
	got, err := process.Load([]byte(whole), known)
	if err != nil {
		t.Fatal(err)
	}
	want := release.Process{
		Name:     "tiny",
		Versions: release.Scheme{Prefix: "v", Kinds: []string{"minor"}},
		Roles:    map[string]release.Role{"owner": {Permission: "admin"}},
		May:      map[string][]string{"default": {"owner"}},
		Tracks:   []release.Track{{Name: "minor", For: []string{"minor"}, Phases: []string{"cut"}}},
		Phases: []release.Phase{{
			Name: "cut", Who: []string{"owner"}, Pin: map[string]string{"sha": "branch-head {default_branch}"},
			Steps: []release.Step{{ID: "tag", Kind: "create-tag",
				With: map[string]string{"tag": "{version}", "sha": "{sha}"}}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
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
    who: [owner]
    pin: {sha: "branch-head {default_branch}"}
    steps:
      - {id: tag, kind: create-tag, with: {tag: "{version}", sha: "{sha}"}}
`

// Each file is answered with every mistake in it, in order.
func TestAMistakeIsAnsweredWithItsPlaceAndWhatToWrite(t *testing.T) {
	instead := func(old, new string) string { return strings.Replace(whole, old, new, 1) }
	cases := []struct {
		name, file string
		want       []string
	}{
		{"an empty file", "",
			[]string{"line 1, column 1: the file is empty; begin with the line `process: falco-libs`"}},
		{"only a comment", "# nothing yet\n",
			[]string{"line 1, column 1: the file is empty; begin with the line `process: falco-libs`"}},
		{"a list", "- falco-libs\n",
			[]string{"line 1, column 1: the file is a list, and a group of fields belongs here; begin with the line " +
				"`process: falco-libs`"}},
		{"a process that is not built in", "process: falco-lib\n",
			[]string{`line 1, column 10: process: no process is called "falco-lib"; did you mean falco-libs?`}},
		{"a path instead of a name", "process: ../secrets\n",
			[]string{`line 1, column 10: process: no process is called "../secrets"; choose one of aether, ` +
				`aether-component, coco-peerpods, falco-drivers, falco-libs, kata, kubernetes-patch`}},
		{"an unknown field", "process: falco-libs\nteams: [mara]\n",
			[]string{`line 2, column 1: teams: there is no field "teams" here; did you mean team?`}},
		{"a field written twice", "process: falco-libs\nteam: [mara]\nteam: [tomas]\n",
			[]string{"line 3, column 1: team: it is written twice; keep one of the two"}},
		{"a value where a list belongs", "process: falco-libs\nteam: mara\n",
			[]string{"line 2, column 7: team: this is a single value, and a list belongs here; write it in brackets: " +
				"[one, two]"}},
		{"an unquoted template", "process: falco-libs\nnames:\n  tag: {version}\n",
			[]string{"line 3, column 8: names.tag: this is a group of fields, and a single value belongs here; write " +
				"one value, in quotes if it begins with { or ["}},
		{"several at once", "process: falco-libs\nphases:\n  - name: freeze\n    window: {earliest-days: soon, " +
			"longest: 5}\n    repeat: often\n", []string{
			`line 4, column 29: phases[1].window.earliest-days: "soon" is no number of days; write a whole number ` +
				`from 0 to 3650, such as 7`,
			`line 4, column 35: phases[1].window.longest: there is no field "longest" here; did you mean longest-days?`,
			`line 5, column 13: phases[1].repeat: "often" is neither true nor false; write true or false`,
		}},
		{"a kind of step that does not exist", instead("kind: create-tag", "kind: create-tags"),
			[]string{`line 14, column 25: phases[0].steps[0].kind: there is no kind of step "create-tags"; did you ` +
				`mean create-tag?`}},
		{"a role that does not exist", instead("who: [owner]", "who: [owners]"),
			[]string{`line 11, column 11: phases[0].who[0]: there is no role "owners"; did you mean owner?`}},
		{"a name that nothing has", instead(`tag: "{version}"`, `tag: "{verson}"`),
			[]string{"line 14, column 49: phases[0].steps[0].with.tag: nothing is called {verson} here; did you mean " +
				"version?"}},
		{"a value that is not pinned", instead(`    pin: {sha: "branch-head {default_branch}"}`+"\n", ""),
			[]string{"line 13, column 67: phases[0].steps[0].with.sha: nothing is called {sha} here; choose one of " +
				"burned, default_branch, due, from, is_latest, issue, major, minor, next_patch, next_version, patch, " +
				"previous, release, repo, since, version"}},
		{"a phase that a track has and nobody described", instead("phases: [cut]", "phases: [freeze, cut]"),
			[]string{`line 8, column 42: tracks[0].phases[0]: there is no phase "freeze"; choose one of cut`}},
		{"no phase that releases", instead("- name: cut", "- name: out"), []string{
			`line 8, column 42: tracks[0].phases[0]: there is no phase "cut"; did you mean out?`,
			"line 10, column 3: phases: no phase is called cut; give the phase that releases the name cut",
		}},
		{"two steps of one id", whole + "      - {id: tag, kind: manual}\n",
			[]string{`line 15, column 14: phases[0].steps[1].id: "tag" is taken by another one above; give it ` +
				`another name`}},
		{"an undo that does not exist", instead(`sha: "{sha}"}}`, `sha: "{sha}"}, undo: {kind: delete-tag}}`),
			[]string{`line 14, column 90: phases[0].steps[0].undo.kind: there is no kind of step "delete-tag"; did ` +
				`you mean create-tag?`}},
		{"a value that cannot be looked up", instead("branch-head {default_branch}", "head"),
			[]string{`line 12, column 16: phases[0].pin.sha: there is no value to look up, "head"; choose one of ` +
				`branch-head, candidate, commit, file-value, last-candidate, pseudo-version, release-date, tag-commit`}},
		{"a permission that GitHub does not have", instead("permission: admin", "permission: owner"),
			[]string{`line 4, column 23: roles.owner.permission: there is no permission "owner"; choose one of admin,` +
				` maintain, triage, write`}},
		{"a role without people", instead("{permission: admin}", "{about: somebody}"),
			[]string{
				"line 4, column 10: roles.owner: nobody has this role; add permission, teams, users or assignees"}},
		{"an alias", "process: falco-libs\nteam: &a [mara]\n",
			[]string{"line 2, column 7: anchors and aliases are not allowed here; write the value out"}},
		{"a file without end", "#" + strings.Repeat("x", 200_000),
			[]string{"the file has 200001 bytes; the limit is 32768; shorten it"}},
		{"broken YAML", "process: falco-libs\nteam: [mara\n",
			[]string{"line 2, column 7: this is no YAML: sequence end token ']' not found; look at the indentation, " +
				"the quotes and the colons of this line and the one before"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := process.Load([]byte(c.file), known)
			var mistakes process.Errors
			if !errors.As(err, &mistakes) {
				t.Fatalf("it was not refused as a mistake: %v", err)
			}
			if diff := cmp.Diff(c.want, strings.Split(mistakes.Error(), "\n")); diff != "" {
				t.Error(diff)
			}
		})
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
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := process.Load(data, known)
		if err != nil && err.Error() == "" {
			t.Error("refused without a word")
		}
		if _, ok := p.Phase("cut"); err == nil && !ok {
			t.Error("a process without cut was accepted")
		}
	})
}

func TestTheSchemaInTheDocumentationIsTheCurrentOne(t *testing.T) {
	const path = "../../docs/release.schema.json"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, process.Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, process.Schema()) {
		t.Errorf("%s is not what Schema gives: run UPDATE=1 go test ./release/process", path)
	}
}

func TestTheSchemaAcceptsWhatLoadAccepts(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(process.Schema()))
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
	builtin, err := os.ReadFile("falco-libs.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, file string
		fits       bool
	}{
		{"falco-libs", string(builtin), true},
		{"a whole process", whole, true},
		{"a difference", "process: falco-libs\nteam: [mara]\n", true},
		{"an unknown field", "process: falco-libs\nteams: [mara]\n", false},
		{"an unknown process", "process: falco\n", false},
		{"a value where a list belongs", "team: mara\n", false},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			asJSON, err := yaml.YAMLToJSON([]byte(tc.file))
			if err != nil {
				t.Fatal(err)
			}
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); (err == nil) != tc.fits {
				t.Errorf("fits: %t, want %t: %v", err == nil, tc.fits, err)
			}
		})
	}
}

func falco(t *testing.T) release.Process {
	t.Helper()
	p, err := process.Builtin("falco-libs")
	if err != nil {
		t.Fatal(err)
	}
	return p
}
