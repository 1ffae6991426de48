package typed

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type part struct {
	To   Text   `yaml:"to" json:"to" must:"yes"`
	What string `yaml:"what" json:"what" enum:"pulls issues all" default:"pulls"`
	Keep []int  `yaml:"keep" json:"keep,omitempty" range:"1..99"`
}

type sample struct {
	_       struct{} `exactly:"list match"`
	Name    Text     `yaml:"name" json:"name" must:"unless by"`
	By      Text     `yaml:"by" json:"by,omitempty"`
	At      Commit   `yaml:"at" json:"at,omitempty" only:"with name"`
	Within  Span     `yaml:"within" json:"within" default:"2h"`
	Count   int      `yaml:"count" json:"count" range:"1..10" default:"1"`
	Strict  bool     `yaml:"strict" json:"strict" default:"true"`
	Rest    *part    `yaml:"rest" json:"rest,omitempty"`
	List    []Text   `yaml:"list" json:"list,omitempty"`
	Match   Regexp   `yaml:"match" json:"match,omitempty"`
	Role    Role     `yaml:"role" json:"role,omitempty"`
	File    Workflow `yaml:"file" json:"file,omitempty"`
	Project Repo     `yaml:"repo" json:"repo,omitempty"`
	Fix     Phase    `yaml:"mend" json:"mend,omitempty"`
	On      []Track  `yaml:"tracks" json:"tracks,omitempty"`
	Each    []Word   `yaml:"each" json:"each,omitempty"`
}

var scope = Scope{Names: []string{"tag", "sha", "version"},
	Words: map[string][]string{"role": {"maintainer", "tester"}, "phase": {"prepare", "cut"}, "track": {"minor"}}}

func read(t *testing.T, text string) (sample, Errors) {
	t.Helper()
	n, err := Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r := Reader{Scope: scope}
	var s sample
	r.Decode(n, "", &s)
	return s, r.Problems.Sorted()
}

func TestAFileBecomesValues(t *testing.T) {
	got, problems := read(t, "name: \"v{version}\"\nat: \"{sha}\"\nwithin: 5d\nrest: {to: next, keep: [3, 4]}\n"+
		"list: [a, \"{tag}\"]\nrole: tester\nfile: build.yml\nrepo: a/b\nmend: cut\ntracks: [minor]\neach: [aws, gcp]\n")
	want := sample{Name: "v{version}", At: "{sha}", Within: Span(120 * time.Hour), Count: 1, Strict: true,
		Rest: &part{To: "next", What: "pulls", Keep: []int{3, 4}}, List: []Text{"a", "{tag}"}, Role: "tester",
		File: "build.yml", Project: "a/b", Fix: "cut", On: []Track{"minor"}, Each: []Word{"aws", "gcp"}}
	if len(problems) > 0 {
		t.Error(problems)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	data, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var again sample
	if err := json.Unmarshal(data, &again); err != nil || cmp.Diff(got, again) != "" {
		t.Errorf("%s is read back as %+v: %v", data, again, err)
	}
}

func TestEachMistakeIsToldWithItsPlaceAndWhatToWrite(t *testing.T) {
	const ok = "name: x\nlist: [a]\n"
	for text, want := range map[string]string{
		"list: [a]\n":     "line 1, column 1: name is missing; add `name: ...`, or by",
		"name: x\n":       "line 1, column 1: one of list, match is missing; add one of them",
		ok + "match: x\n": "line 1, column 1: list and match exclude each other; keep one of them",
		ok +
			"nam: y\n": `line 3, column 1: nam: there is no field "nam" here; did you mean name?`,
		ok + "by:\n": "line 3, column 1: by: it has no value; write one, or leave the field out",
		ok + "count: two\n": `line 3, column 8: count: "two" does not fit here; write a whole number ` +
			`from 1 to 10`,
		ok + "count: 11\n": "line 3, column 8: count: 11 does not fit here; write a whole number " +
			"from 1 to 10",
		ok + "count: 2.5\n":   "line 3, column 8: count: 2.5 does not fit here",
		ok + "count: \"2\"\n": `line 3, column 8: count: "2" does not fit here`,
		ok + "strict: no\n": `line 3, column 9: strict: "no" is neither true nor false; write true ` +
			`or false`,
		ok + "strict: \"true\"\n": `line 3, column 9: strict: "true" is neither true nor false; write true ` +
			`or false`,
		ok + "within: 90\n": `line 3, column 9: within: "90" is no length of time; write minutes, ` +
			`hours or days`,
		ok + "within: 400d\n": `line 3, column 9: within: "400d" is no length of time`,
		ok + "by: 0.10\n": `line 3, column 5: by: 0.10 is not text as YAML reads it; put it in ` +
			`quotes: "0.10"`,
		ok + "by: \"\"\n": "line 3, column 5: by: it is empty; write a value, or leave the field out",
		ok + "by: \"{verson}\"\n": "line 3, column 5: by: nothing is called {verson} here; did you mean " +
			"version?",
		ok + "by: \"{tag\"\n": "line 3, column 5: by: a { or a } stands alone; write {name} with both",
		ok + "at: main\n":     `line 3, column 5: at: "main" is no commit; write the name that`,
		ok + "rest: {to: a, what: pull}\n": `line 3, column 21: rest.what: "pull" is none of the words that this ` +
			`field takes; did`,
		ok + "rest: {what: all}\n": "line 3, column 7: rest: to is missing; add `to: ...`",
		ok +
			"rest: [a]\n": "line 3, column 7: rest: this is a list, and a group of fields belongs here",
		ok + "role: boss\n": `line 3, column 7: role: there is no role "boss"; choose one of ` +
			`maintainer, tester`,
		ok + "mend: cutt\n": `line 3, column 7: mend: there is no phase "cutt"; did you mean cut?`,
		ok +
			"tracks: [minr]\n": `line 3, column 10: tracks[0]: there is no track "minr"; did you mean minor?`,
		ok +
			"tracks: minor\n": "line 3, column 9: tracks: this is a single value, and a list belongs here",
		ok + "tracks: [minor, minor]\n": `line 3, column 17: tracks[1]: "minor" is written twice; keep one of ` +
			`the two`,
		ok + "tracks: []\n":      "line 3, column 9: tracks: the list is empty; name at least one",
		ok + "each: [\"a b\"]\n": `line 3, column 8: each[0]: "a b" cannot be typed in a command`,
		ok + "file: build\n":     `line 3, column 7: file: "build" is no file of a workflow`,
		ok + "repo: libs\n":      `line 3, column 7: repo: "libs" is no repository; write OWNER/NAME`,
		"name: x\nmatch: \"(\"\n": "line 2, column 8: match: \"(\" is no regular expression: missing " +
			"closing )",
		"by: x\nlist: [a]\nat: \"{sha}\"\n": "line 3, column 5: at: it belongs to name, which is not given; leave it out",
		"- a\n":                             "line 1, column 1: this is a list, and a group of fields belongs here",
	} {
		_, problems := read(t, text)
		if len(problems) != 1 || !strings.Contains(strings.ReplaceAll(problems.Error(), ": : ", ": "), want) {
			t.Errorf("%q\nis answered %v\nwant        %s", text, problems, want)
		}
	}
	if _, problems := read(t, "count: 0\nstrict: yes\nfoo: 1\n"); len(problems) != 5 {
		t.Errorf("not all mistakes are told at once: %v", problems)
	}
}

func TestASpanIsReadBackAsItWasWritten(t *testing.T) {
	for _, text := range []string{"30m", "1h", "48h", "3d", "366d", "90m"} {
		s, ok := parseSpan(text)
		if !ok || s.String() != text {
			t.Errorf("%s is read as %s", text, s)
		}
	}
}
