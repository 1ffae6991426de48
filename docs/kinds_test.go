package docs_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/kind"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/typed"
)

// kinds.md is made of the types that read a process file.
func TestTheKindsAreDocumented(t *testing.T) {
	const name = "kinds.md"
	want := kindsPage(t)
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), want); diff != "" {
		t.Errorf("%s is out of date: run go test ./docs -run Kinds -update\n%s", name, diff)
	}
}

func kindsPage(t *testing.T) string {
	var b strings.Builder
	b.WriteString("# Kinds of steps and gates\n\n" +
		"What a phase of a process file can `require:` and `do:`. This page is made by\n" +
		"`go test ./docs -run Kinds -update` from the types that read the file.\n\n" +
		"An entry has one key that is a kind. Beside it may stand `id` (its name in commands and overrides; the kind\n" +
		"without it), `title`, `tracks`, and, for a gate, `warn: true`: it is shown and refuses nobody. A file that\n" +
		"begins with `process: NAME` takes an entry of that process away with `{id: ID, remove: true, reason: ...}`, or\n" +
		"puts another in its place with `replace: true` and a `reason`; the plan, `/release why` and the status show " +
		"it.\n\n" +
		"Text may hold `{names}`. A commit is one that `pin:` looked up.\n\n## Steps\n")
	for _, row := range kind.Steps() {
		b.WriteString(kindSection(row))
		b.WriteString(effects(t, row))
	}
	b.WriteString("\n## Gates\n")
	for _, row := range kind.Gates() {
		b.WriteString(kindSection(row))
	}
	b.WriteString("\n## Edits\n\n" +
		"`edits` of a pull request, and `say`, `below` and `only` of the gate `files`. A name in place of an edit is " +
		"a list\n" +
		"of the process's `edits:`.\n\n" + fields(typed.Fields(reflect.TypeFor[kind.Edit]())))
	b.WriteString("\n## Values that are looked up\n\n" +
		"`pin:` of a phase, by name: `pin: {sha: {head-of: \"{branch}\"}}`. With `candidate: next`, `n` is its " +
		"number;\n" +
		"with `last`, `NAME_sha` is its commit.\n\n" + fields(typed.Fields(reflect.TypeFor[kind.Pin]())))
	return b.String()
}

func kindSection(row kind.Row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n%s.\n\n```yaml\n- %s\n```\n\n", row.Name,
		strings.ToUpper(row.About[:1])+row.About[1:], strings.Join(row.Examples, "\n- "))
	of := reflect.TypeOf(row.Params)
	b.WriteString(fields(typed.Fields(of)))
	if choice := typed.Choices(of); len(choice) > 0 {
		fmt.Fprintf(&b, "\nExactly one of %s.\n", strings.Join(markdown.Codes(choice), ", "))
	}
	return b.String()
}

func fields(all []typed.About) string {
	var b strings.Builder
	b.WriteString("| Field | What it is | Takes | Default |\n|---|---|---|---|\n")
	fieldRows(&b, "", all)
	return b.String()
}

func fieldRows(b *strings.Builder, under string, all []typed.About) {
	for _, f := range all {
		takes := f.Type
		if len(f.Enum) > 0 {
			takes = strings.Join(markdown.Codes(f.Enum), ", ")
		}
		must := ""
		switch rule, other, _ := strings.Cut(f.Must, " "); rule {
		case "yes":
			must = "must be given"
		case "unless":
			must = "must be given, unless `" + other + "` is"
		case "with":
			must = "must be given with `" + other + "`"
		}
		if f.Default != "" {
			must = markdown.Code(f.Default)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", under+f.Name, f.About, takes, must)
		if f.Name != "edits" && f.Name != "say" && f.Name != "below" && f.Name != "only" {
			fieldRows(b, under+f.Name+".", f.Fields)
		}
	}
}

// effects are what abort does with the examples of a kind, and the permissions that its steps need.
func effects(t *testing.T, row kind.Row) string {
	t.Helper()
	var needs, stays []string
	for _, text := range row.Examples {
		n, err := typed.Read([]byte("- " + text + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		e, ok := kind.Decode(&typed.Reader{Scope: typed.Scope{Names: []string{"version", "tag", "sha", "branch",
			"milestone",
			"next_milestone", "default_branch", "due", "each"}}}, n.Items[0], "", kind.Steps())
		if !ok {
			t.Fatal(text)
		}
		for _, s := range e.Steps(nil) {
			needs = append(needs, permissions(release.Process{Phases: []release.Phase{{Steps: []release.Step{s}}}})...)
			if s.Undo.Any != nil {
				stays = append(stays, "it is rolled back")
			} else {
				stays = append(stays, s.Stays)
			}
		}
	}
	var b strings.Builder
	unique := func(list []string) []string { slices.Sort(list); return slices.Compact(list) }
	fmt.Fprintf(&b, "\nOn abort: %s.\n", strings.Join(unique(stays), "; "))
	if needs = unique(needs); len(needs) > 0 {
		fmt.Fprintf(&b, "Permissions: %s.\n", strings.Join(needs, ", "))
	}
	return b.String()
}
