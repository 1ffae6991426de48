package docs_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/engine"
	"github.com/slipway-dev/slipway/internal/patches"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/process"
)

// table is the joined table of commands, as cmd/bot has it.
func table() conversation.Table {
	return slices.Concat((&engine.Engine{}).Commands(), (&patches.Patches{}).Commands())
}

// commands.md lists the commands and phases between two marks; what stands around them is written by hand.
func TestTheCommandsAreDocumented(t *testing.T) {
	const name, begin, end = "commands.md", "<!-- begin: made by go test ./docs -run Commands -update -->\n",
		"<!-- end -->\n"
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(have), begin)
	_, after, closed := strings.Cut(string(have), end)
	if !found || !closed {
		t.Fatalf("%s has no place for the commands", name)
	}
	want := before + begin + commandTable(t) + phaseTables(t) + end + after
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(have), want); diff != "" {
		t.Errorf("%s is out of date: run go test ./docs -run Commands -update\n%s", name, diff)
	}
}

func commandTable(t *testing.T) string {
	var b strings.Builder
	places := map[string]string{}
	var order []string
	for _, row := range table() {
		if _, known := places[row.Where]; !known {
			order = append(order, row.Where)
		}
		who, example := row.Who, markdown.Code(row.Example)
		if who == "" {
			who = rolesOf(t, row)
		}
		places[row.Where] += fmt.Sprintf("| %s | %s | %s | %s |\n",
			markdown.Cell(markdown.Code(strings.TrimSpace(row.Word+" "+row.Usage))),
			markdown.Cell(strings.ToUpper(row.About[:1])+row.About[1:]), who, markdown.Cell(example))
	}
	for _, place := range order {
		fmt.Fprintf(&b, "\n## On %s\n\n| Command | What it does | Who can use it | Example |\n|---|---|---|---|\n%s",
			place, places[place])
	}
	return b.String()
}

// rolesOf are the roles that the built-in processes give a command to.
func rolesOf(t *testing.T, row conversation.Command) string {
	var out []string
	for _, p := range builtins(t) {
		roles := strings.Join(named(p.MayDo(strings.TrimPrefix(row.Word, "/release "))), ", ")
		if row.Word == "/release "+conversation.AnyWord {
			roles = "see the phases below"
		}
		if !slices.Contains(out, roles) {
			out = append(out, roles)
		}
	}
	return strings.Join(out, "; in some processes: ")
}

func phaseTables(t *testing.T) string {
	var b strings.Builder
	for _, p := range builtins(t) {
		fmt.Fprintf(&b, "\n## Phases of %s\n\n| Command | What it does | Who can use it |\n|---|---|---|\n", p.Name)
		for _, phase := range p.Phases {
			about := phase.About
			if about == "" {
				about = phase.Title
			}
			fmt.Fprintf(&b, "| `/release %s` | %s | %s |\n", phase.Name,
				markdown.Cell(strings.ToUpper(about[:1])+about[1:]), strings.Join(named(phase.Who), ", "))
		}
	}
	return b.String()
}

func builtins(t *testing.T) []release.Process {
	var all []release.Process
	for _, name := range process.Names() {
		p, err := process.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// named are the names of roles in the order of the alphabet.
func named(roles []string) []string {
	out := make([]string, len(roles))
	for i, role := range roles {
		out[i] = strings.ReplaceAll(role, "-", " ")
	}
	slices.Sort(out)
	return out
}

// The parser and the table agree on which words are Slipway's.
func TestEachWordStandsInTheTableOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range table() {
		if seen[row.Word] {
			t.Errorf("%s stands in the table twice", row.Word)
		}
		seen[row.Word] = true
		lines := parse.Commands(row.Example)
		if len(lines) != 1 || !parse.Ours(lines[0]) {
			t.Errorf("the example of %s is not a command: %s", row.Word, row.Example)
		}
		if row.About == "" || row.Where == "" {
			t.Errorf("%s is not explained", row.Word)
		}
	}
}
