package docs_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/docs"
	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/patches"
	"github.com/slipway-dev/slipway/internal/review"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/gate"
	"github.com/slipway-dev/slipway/release/process"
	"github.com/slipway-dev/slipway/release/step"
)

func text(t *testing.T, name string) string {
	t.Helper()
	data, err := docs.Templates.ReadFile("templates/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// rendered is the body that GitHub makes of the answers to an issue form: a heading of the third level for each field,
// a fence around those that are rendered, and _No response_ for what is empty.
func rendered(t *testing.T, answers map[string]string) string {
	t.Helper()
	var form struct {
		Name, Description string
		Body              []struct {
			Type, ID   string
			Attributes struct{ Label, Value, Render string }
		}
	}
	if err := yaml.Unmarshal([]byte(text(t, "patch-release.yml")), &form); err != nil {
		t.Fatal(err)
	}
	if form.Name == "" || form.Description == "" {
		t.Error("a form needs a name and a description, or GitHub does not offer it")
	}
	var out []string
	for _, field := range form.Body {
		if field.Type == "markdown" {
			continue // shown in the form, and not part of the issue
		}
		answer, given := answers[field.ID]
		if !given {
			answer = field.Attributes.Value
		}
		switch answer = strings.TrimSpace(answer); {
		case answer == "":
			answer = "_No response_"
		case field.Attributes.Render != "":
			answer = "```" + field.Attributes.Render + "\n" + answer + "\n```"
		}
		out = append(out, "### "+field.Attributes.Label+"\n\n"+answer)
	}
	return strings.Join(out, "\n\n")
}

func TestAnEmptyTemplateIsNotFilledInAndNoMistake(t *testing.T) {
	for name, body := range map[string]string{
		"patch-release.md":  docs.PatchRelease(),
		"patch-release.yml": rendered(t, nil),
	} {
		t.Run(name, func(t *testing.T) {
			block, summary := parse.Release(body), parse.Template(body)
			if !block.Found || !block.Incomplete || len(block.Problems) > 0 {
				t.Errorf("the block is read as %+v", block)
			}
			if diff := cmp.Diff(parse.Sections(), summary.Placeholders); diff != "" || summary.Embargoed {
				t.Errorf("the sections are read as %+v\n%s", summary, diff)
			}
		})
	}
}

func TestAFormThatIsFilledInSaysAll(t *testing.T) {
	body := rendered(t, map[string]string{
		"release": "introduced-in=v1.30.1\nresolved-in=v1.30.2\n", "symptoms": "Apply fails.",
		"root-cause": "Binaries:\n- kubectl\n\nA wrong patch.",
		"impact":     "Nobody can apply.", "resolution": "Compute it right.",
		"prs": "- #12\n- https://github.com/kubernetes/kubernetes/pull/13",
	})
	block, summary := parse.Release(body), parse.Template(body)
	if len(block.Problems) > 0 || len(block.IntroducedIn) != 1 || len(block.ResolvedIn) != 1 {
		t.Errorf("the block is read as %+v", block)
	}
	if len(summary.Missing)+len(summary.Placeholders) > 0 || len(summary.PRs) != 2 || len(summary.Binaries) != 1 ||
		summary.Binaries[0].Name != "kubectl" {
		t.Errorf("the sections are read as %+v", summary)
	}
}

// The process of the tutorial is one that can be used as it stands.
func TestTheProcessOfTheTutorialIsGood(t *testing.T) {
	data, err := os.ReadFile("tutorial.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "```yaml\n")
	file, _, _ := strings.Cut(rest, "```\n")
	p, err := process.Load([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Phases) != 4 || p.Phases[3].Name != "announce" {
		t.Errorf("it has the phases %+v", p.Phases)
	}
}

// Each process is explained with what the App has to be permitted for it: what its kinds of steps need.
func TestEachProcessIsExplained(t *testing.T) {
	all, err := os.ReadFile("processes.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range process.Names() {
		heading := "\n## " + name + "\n"
		if strings.HasPrefix(name, "aether") {
			heading = "\n## aether, aether-component\n"
		}
		_, section, found := strings.Cut(string(all), heading)
		section, _, _ = strings.Cut(section, "\n## ")
		if !found {
			t.Errorf("%s has no section", name)
			continue
		}
		needs := codes(conversation.Needs()) // for the replies
		for _, one := range process.Names() {
			if !strings.Contains(strings.SplitN(heading, "\n", 3)[1]+",", " "+one+",") {
				continue
			}
			p, err := process.Builtin(one)
			if err != nil {
				t.Fatal(err)
			}
			needs = append(needs, permissions(p)...)
		}
		slices.Sort(needs)
		needs = slices.DeleteFunc(slices.Compact(needs), func(n string) bool {
			return strings.HasSuffix(n, ": read`") &&
				slices.Contains(needs, strings.Replace(n, ": read`", ": write`", 1))
		})
		if want := "Permissions of the App: " + strings.Join(needs, ", ") +
			"."; !strings.Contains(strings.Join(strings.Fields(section), " "), want) ||
			!strings.Contains(section, "```mermaid") || !strings.Contains(section, "Role") {
			t.Errorf("%s: its section has no picture, no roles, or not the sentence: %s", name, want)
		}
	}
}

// permissions are what the kinds of steps of a process need.
func permissions(p release.Process) []string {
	var needs []string
	for _, phase := range p.Phases {
		for _, s := range phase.Steps {
			for _, row := range step.Table() {
				// Where a branch is locked, /release exception lets pull requests in.
				if row.Name == s.Does.Kind() || s.Does.Kind() == "lock-branch" && row.Name == "exempt-pull" {
					needs = append(needs, codes(row.Permissions)...)
				}
			}
		}
		for _, g := range phase.Needs {
			for _, row := range gate.Table() {
				if row.Name == g.Asks.Kind() {
					needs = append(needs, codes(row.Permissions)...)
				}
			}
		}
	}
	return needs
}

func codes(permissions []step.Permission) []string {
	var out []string
	for _, p := range permissions {
		out = append(out, "`"+p.Name+"`")
	}
	return out
}

// configuration.md shows what each token is asked for, made from the declarations of the kinds.
func TestTheConfigurationShowsThePermissionsOfEachKind(t *testing.T) {
	var rows strings.Builder
	row := func(what string, permissions []string) {
		if len(permissions) == 0 {
			permissions = []string{"only `metadata: read`"}
		}
		slices.Sort(permissions)
		rows.WriteString("| " + what + " | " + strings.Join(slices.Compact(permissions), ", ") + " |\n")
	}
	row("hearing and answering commands", codes(conversation.Needs()))
	row("patch-release issues", levels(step.Levels(patches.Needs())))
	row("pull requests that change the process", codes(review.Needs()))
	bySet := map[string][]string{}
	sets := map[string][]string{}
	kind := func(what, name string, permissions map[string]string) {
		set := strings.Join(levels(permissions), ", ")
		bySet[what+set], sets[what+set] = append(bySet[what+set], "`"+name+"`"), levels(permissions)
	}
	for _, one := range step.Table() {
		kind("steps ", one.Name, step.Permissions(one.Name))
	}
	for _, one := range gate.Table() {
		kind("gates ", one.Name, gate.Permissions(one.Name))
	}
	for _, set := range slices.Sorted(maps.Keys(bySet)) {
		what, _, _ := strings.Cut(set, " ")
		row(what+" "+strings.Join(bySet[set], ", "), sets[set])
	}
	const head = "| Work | Permissions of its token |\n|---|---|\n"
	all, err := os.ReadFile("configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(all), head)
	have, after, _ := strings.Cut(rest, "\n\n")
	if !found {
		t.Fatalf("configuration.md has no table that begins with\n%s", head)
	}
	want := strings.TrimSuffix(rows.String(), "\n")
	if *update {
		if err := os.WriteFile("configuration.md", []byte(before+head+want+"\n\n"+after), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("the permissions (-want +have), go test ./docs -update writes them:\n%s", diff)
	}
}

func levels(permissions map[string]string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(permissions)) {
		out = append(out, "`"+name+": "+permissions[name]+"`")
	}
	return out
}
