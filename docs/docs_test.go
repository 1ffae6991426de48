package docs_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/docs"
	"github.com/slipway-dev/slipway/internal/engine"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
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
	p, err := process.Load([]byte(file), engine.Known())
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Phases) != 4 || p.Phases[3].Name != "announce" {
		t.Errorf("it has the phases %+v", p.Phases)
	}
	for _, phase := range p.Phases {
		for _, s := range phase.Steps {
			i := slices.IndexFunc(step.Table(), func(r step.Row) bool { return r.Name == s.Kind })
			for _, param := range step.Table()[i].Params {
				if param.Required && s.With[param.Name] == "" {
					t.Errorf("%s/%s: %s needs %s", phase.Name, s.ID, s.Kind, param.Name)
				}
			}
		}
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
		needs := []string{"`issues: write`"} // for the replies
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
				if row.Name != s.Kind {
					continue
				}
				for _, permission := range row.Permissions {
					needs = append(needs, "`"+permission.Name+"`")
				}
			}
		}
	}
	return needs
}
