// Package test holds what is true of the whole layout.
package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/release/gate"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/process"
	"github.com/slipway-dev/slipway/release/step"
)

const module = "github.com/slipway-dev/slipway/"

// depends lists, for each package of ours, the packages that it depends on, directly or not.
func depends(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.ImportPath}} {{join .Deps \" \"}}", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := map[string][]string{}
	for l := range strings.Lines(string(out)) {
		f := strings.Fields(l)
		deps[strings.TrimPrefix(f[0], module)] = f[1:]
	}
	return deps
}

// The rule of docs/architecture.md: who may know whom.
func TestTheRuleOfDependency(t *testing.T) {
	deps := depends(t)
	ours := func(pkg string) (list []string) {
		for _, d := range deps[pkg] {
			if rest, own := strings.CutPrefix(d, module); own {
				list = append(list, rest)
			}
		}
		return list
	}
	if len(ours("cmd/bot")) < 10 {
		t.Fatalf("cmd/bot depends on %v only: the list cannot be right", ours("cmd/bot"))
	}
	for pkg, allowed := range map[string][]string{
		"parse":            {},
		"release/markdown": {},
		"release/consent":  {},
		"release/params":   {},
		"release":          {"parse", "release/consent", "release/markdown", "release/params"},
		"release/process": {"parse", "release", "release/consent", "release/kind", "release/markdown",
			"release/params", "release/repofile", "release/typed"},
		"release/patches":  {"parse", "release/markdown", "release/repofile"},
		"release/gomod":    {},
		"release/repofile": {},
		"release/logcopy":  {},
		"release/edit":     {"release/gomod", "release/repofile"},
		"release/typed":    {"release/repofile"},
		"release/kind": {"parse", "release", "release/consent", "release/markdown", "release/params",
			"release/repofile", "release/typed"},
		"release/step": {"parse", "release/consent", "release/edit", "release/gomod",
			"release/markdown", "release/params",
			"release/repofile"},
		"release/gate": {"parse", "release", "release/consent", "release/edit", "release/gomod",
			"release/markdown", "release/params",
			"release/patches", "release/repofile", "release/step"},
	} {
		for _, d := range ours(pkg) {
			if !slices.Contains(allowed, d) {
				t.Errorf("%s depends on %s, and may only on %v", pkg, d, allowed)
			}
		}
	}
	for _, pure := range []string{"parse", "release", "release/edit", "release/gomod", "release/patches",
		"release/consent", "release/logcopy", "release/markdown", "release/params", "release/repofile", "release/typed",
		"release/kind"} {
		for _, d := range deps[pure] {
			if slices.Contains([]string{"net/http", "os/exec", "database/sql",
				"github.com/google/go-github/v62/github"}, d) {
				t.Errorf("%s depends on %s: it is pure", pure, d)
			}
		}
	}
	for _, d := range []string{"internal/sandbox", "internal/demo", "internal/web"} {
		if slices.Contains(ours("internal/app"), d) {
			t.Errorf("internal/app depends on %s, and serves without it", d)
		}
	}
	for pkg := range deps {
		joins := slices.Contains([]string{"internal/app", "internal/demo", "internal/rehearsal"}, pkg)
		for _, d := range []string{"handlers", "internal/app", "internal/demo"} {
			if strings.HasPrefix(pkg, "internal/") && !joins && slices.Contains(ours(pkg), d) {
				t.Errorf("%s depends on %s: only what joins the packages does", pkg, d)
			}
		}
		if pkg != "internal/github" && strings.HasPrefix(pkg, "release") &&
			slices.Contains(deps[pkg], "github.com/google/go-github/v62/github") {
			t.Errorf("%s knows go-github: only internal/github does", pkg)
		}
	}
	for _, pkg := range []string{"internal/conversation", "internal/engine", "internal/patches"} {
		if slices.Contains(ours(pkg), "internal/review") {
			t.Errorf("%s depends on internal/review, which is beside it", pkg)
		}
	}
	if slices.Contains(ours("internal/review"), "internal/patches") {
		t.Error("internal/review depends on internal/patches: they are beside each other")
	}
	versions := map[string]bool{}
	for _, d := range deps["cmd/bot"] {
		if rest, ok := strings.CutPrefix(d, "github.com/google/go-github/"); ok {
			versions[strings.SplitN(rest, "/", 2)[0]] = true
		}
	}
	if diff := cmp.Diff(map[string]bool{"v62": true}, versions); diff != "" {
		t.Errorf("the versions of go-github that are linked (-want +got):\n%s", diff)
	}
}

// Whoever reads or writes another repository has to say so before: that is what consent is asked for.
func TestKindsThatNameRepositoriesSayWhatTheyDoThere(t *testing.T) {
	names := func(p params.Any) bool {
		of := reflect.TypeOf(p)
		for i := range of.NumField() {
			if name := of.Field(i).Name; name == "Repo" || name == "Components" {
				return true
			}
		}
		return false
	}
	said := 0
	for _, p := range params.All() {
		_, says := step.For(nil, p).(step.Outward)
		if kind := gate.For(nil, nil, p); kind != nil {
			_, says = kind.(step.Outward)
		}
		switch _, tagged := p.(params.TaggedFiles); {
		case tagged: // One kind serves both gates about files; that of the tag takes no repository.
		case says != names(p):
			t.Errorf("%s names repositories: %t, and says what it does there: %t", p.Kind(), !says, says)
		case says:
			said++
		}
	}
	if said != 7 {
		t.Errorf("%d kinds name repositories: the list in docs/configuration.md has 7", said)
	}
}

func TestTheManifestAsksForWhatTheSandboxEnforces(t *testing.T) {
	data, err := os.ReadFile("../deploy/app-manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Permissions map[string]string `json:"default_permissions"`
		Events      []string          `json:"default_events"`
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(demo.Permissions, manifest.Permissions); diff != "" {
		t.Errorf("permissions of the sandbox and of deploy/app-manifest.json:\n%s", diff)
	}
	if diff := cmp.Diff(demo.Events, manifest.Events); diff != "" {
		t.Errorf("events of the sandbox and of deploy/app-manifest.json:\n%s", diff)
	}
	for _, row := range step.Table() {
		for _, p := range row.Permissions {
			name, level, _ := strings.Cut(p.Name, ": ")
			if have := manifest.Permissions[name]; have != level && have != "write" {
				t.Errorf("the kind %s needs %s, and the manifest asks for %q", row.Name, p.Name, have)
			}
		}
	}
}

func TestTheTablesNameEveryKind(t *testing.T) {
	var steps, gates []string
	for _, row := range step.Table() {
		steps = append(steps, row.Name)
	}
	for _, row := range gate.Table() {
		gates = append(gates, row.Name)
	}
	var does, asks []string
	for _, p := range params.All() {
		if step.For(nil, p) != nil {
			does = append(does, p.Kind())
		} else if gate.For(nil, nil, p) != nil {
			asks = append(asks, p.Kind())
		} else {
			t.Errorf("%s is neither a step nor a gate", p.Kind())
		}
	}
	for _, list := range [][]string{steps, gates, does, asks} {
		slices.Sort(list)
	}
	if !slices.Equal(steps, does) || !slices.Equal(gates, asks) {
		t.Errorf("the tables name %v and %v, there are %v and %v", steps, gates, does, asks)
	}
	// Each built-in process is one that a repository could have written itself, with the parameters that each kind
	// needs and none that it does not know.
	for _, name := range process.Names() {
		text, err := os.ReadFile("../release/process/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		theirs := strings.Replace(string(text), "\nname: "+name+"\n", "\nname: theirs\n", 1)
		if p, err := process.Load([]byte(theirs)); err != nil || p.Name != "theirs" {
			t.Errorf("%s as a file of a repository is %s: %v", name, p.Name, err)
		}
	}
}
