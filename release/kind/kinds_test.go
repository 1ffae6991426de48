package kind

import (
	"slices"
	"testing"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/gate"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
	"github.com/slipway-dev/slipway/release/typed"
)

// scope is that of a process in which the examples of the documentation stand.
var scope = typed.Scope{
	Names: []string{"version", "tag", "sha", "branch", "milestone", "next_milestone", "default_branch", "since", "due",
		"each"},
	Words: map[string][]string{"role": {"maintainer"}, "phase": {"freeze"}},
}

func entry(t *testing.T, text string, rows []Row) Entry {
	t.Helper()
	n, err := typed.Read([]byte("- " + text + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := &typed.Reader{Scope: scope}
	e, ok := Decode(r, n.Items[0], "", rows)
	if !ok || len(r.Problems) > 0 {
		t.Errorf("%s: %v", text, r.Problems)
	}
	return e
}

// What the documentation shows can be written, and becomes steps and gates that there are.
func TestEachExampleBecomesWhatThereIs(t *testing.T) {
	for _, row := range Steps() {
		for _, text := range row.Examples {
			e := entry(t, text, Steps())
			if e.Kind != row.Name {
				t.Errorf("%s is read as %s", text, e.Kind)
			}
			for _, s := range e.Steps(nil) {
				if step.For(nil, s.Does.Any) == nil {
					t.Fatalf("%s becomes %s, which is no step", text, s.Does.Kind())
				}
				if lacking := params.Lacking(s.Does.Any); len(lacking) > 0 {
					t.Errorf("%s leaves out %v", text, lacking)
				}
				if s.Title == "" || s.Stays == "" && s.Undo.Any == nil {
					t.Errorf("%s: its step %s has no title, or an abort could not say what becomes of it", text, s.ID)
				}
			}
			gates(t, text, e.Gates(nil))
		}
	}
	for _, row := range Gates() {
		for _, text := range row.Examples {
			gates(t, text, entry(t, text, Gates()).Gates(nil))
		}
	}
}

func gates(t *testing.T, text string, all []release.Gate) {
	t.Helper()
	for _, g := range all {
		if gate.For(nil, nil, g.Asks.Any) == nil {
			t.Fatalf("%s becomes %s, which is no gate", text, g.Asks.Kind())
		}
		if lacking := params.Lacking(g.Asks.Any); len(lacking) > 0 {
			t.Errorf("%s leaves out %v", text, lacking)
		}
	}
}

// Parts of one entry can be retried and skipped by names of their own.
func TestPartsHaveNames(t *testing.T) {
	for text, want := range map[string][]string{
		`milestone: {title: "{milestone}", rest: {to: "{next_milestone}"}, is: closed}`: {"milestone-rest",
			"milestone"},
		`branch: {name: "{branch}", at: "{sha}", protected: true}`: {"branch", "branch-protected"},
		`release: {tag: "{tag}", at: "{sha}"}`:                     {"release-draft", "release"},
		`pull: {title: x, through-lock: true, edits: [{file: V, line: "{version}"}]}`: {"pull", "pull-let",
			"pull-merged"},
		`announce: {to: [slack, mail], subject: a, text: b}`: {"slack", "mail"},
		`manual: {text: "Test {each}", each: [aws, azure]}`:  {"aws", "azure"},
	} {
		var got []string
		for _, s := range entry(t, text, Steps()).Steps(nil) {
			got = append(got, s.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has the steps %v, want %v", text, got, want)
		}
	}
}
