package review

import (
	"fmt"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/step"
)

func TestTheFilesOfSlipwayAreKnown(t *testing.T) {
	for path, want := range map[string]string{
		".github/release.yaml":            "read",
		".github/release/kata.yaml":       "read",
		".github/patch-issues.yaml":       "read",
		".github/release/widgets.yaml":    "kept",
		".github/release/../x.yaml":       "",
		".github/release/kata/x.yaml":     "",
		".github/release/kata.yml":        "",
		"docs/.github/release.yaml":       "",
		".github/release/../release.yaml": "",
		"release.yaml":                    "",
	} {
		got := ""
		if kept(path) {
			got = "kept"
		}
		if read(path) {
			got = "read"
		}
		if got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

// A mistake of a policy that names only its field is found at its line.
func TestMistakesHaveTheirPlaces(t *testing.T) {
	for name, one := range map[string]struct{ path, content, want string }{
		"a field of a process": {main, "process: falco-libs\nroles: {maintainer: {permision: write}}\n", "2"},
		"several in a policy": {".github/patch-issues.yaml",
			"preset: kubernetes\nbranches: x\nreports:\n  weekly: funday\n", "2 4"},
		"an unknown field of a policy": {".github/patch-issues.yaml", "preset: kubernetes\n\nlabel: x\n", "3"},
		"no YAML":                      {".github/patch-issues.yaml", "preset: [\n", "1"},
		"a process without a name":     {".github/release/kata.yaml", "lets: [{repo: a/b, releases: true}]\n", "1"},
		"nothing but lets":             {main, "lets: [{repo: a/b, releases: true}]\n", ""},
	} {
		var lines []string
		for _, m := range judged(one.path, []byte(one.content)).mistakes {
			lines = append(lines, fmt.Sprint(m.Line))
		}
		if got := strings.Join(lines, " "); got != one.want {
			t.Errorf("%s: mistakes at the lines %q, want %q: %v", name, got, one.want,
				judged(one.path, []byte(one.content)).mistakes)
		}
	}
}

// GitHub takes 50 annotations of a request, and 65,535 characters.
func TestManyMistakesFitIntoOneRequest(t *testing.T) {
	var b strings.Builder
	for i := range 600 {
		fmt.Fprintf(&b, "no-such-field-%d-%s: x\n", i, strings.Repeat("y", 20))
	}
	f := judged(main, []byte(b.String()))
	if len(f.mistakes) < 500 {
		t.Fatalf("only %d mistakes", len(f.mistakes))
	}
	var text strings.Builder
	for _, path := range []string{main, ".github/release/kata.yaml", ".github/release/aether.yaml"} {
		change{path: path, is: f}.text(&text)
	}
	if n := len(shortened(text.String(), longestFiles)); n > longestFiles+100 || text.Len() < longestFiles {
		t.Errorf("%d bytes of %d are shown", n, text.Len())
	}
	notes := annotations([]change{{path: main, is: f}, {path: ".github/release/kata.yaml", is: f}})
	if len(notes) != step.MostAnnotations {
		t.Errorf("there are %d annotations", len(notes))
	}
	for _, n := range notes {
		if n.Line < 1 || n.Text == "" || markdown.Hides(strings.ReplaceAll(n.Text, "\u200b", "")) {
			t.Errorf("annotation %+v", n)
		}
	}
}
