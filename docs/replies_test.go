package docs_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/engine"
	"github.com/slipway-dev/slipway/internal/patches"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/gate"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

var update = flag.Bool("update", false, "write replies.md")

// replies are the packages that speak to people, and their texts. A package that gets texts is added here: convert its
// samples with samples, where it does not know package release.
func replies(t *testing.T) []speaker {
	t.Helper()
	issues, err := rules.Texts()
	if err != nil {
		t.Fatal(err)
	}
	return []speaker{
		{"Commands and releases", "release", release.Texts()},
		{"Gates", "release/gate", gate.Texts()},
		{"Steps", "release/step", samples(step.Texts())},
		{"Patch-release issues", "release/patches", samples(issues)},
		{"Commands of every kind", "internal/conversation", conversation.Texts()},
		{"Steps that GitHub refuses", "internal/engine", engine.Texts()},
		{"Issues, repositories and the App", "internal/conversation", conversation.LifecycleTexts()},
		{"Commands of patch-release issues", "internal/patches", samples(patches.Texts())},
	}
}

// speaker is a package with its texts.
type speaker struct {
	title, path string
	texts       []release.Sample
}

// samples are those of a package that has a type of its own for them.
func samples[S ~struct{ Name, Text string }](list []S) []release.Sample {
	out := make([]release.Sample, len(list))
	for i, s := range list {
		out[i] = release.Sample(s)
	}
	return out
}

// replies.md shows each text that Slipway writes for people, with sample values, so that all can be read in one go.
func TestRepliesShowEveryText(t *testing.T) {
	const name = "replies.md"
	want := rendering(append(replies(t), kinds(t)...))
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
		t.Errorf("%s is out of date: run go test ./docs -run Replies -update\n%s", name, diff)
	}
}

// private are words that stand for the field's, and texts that end in the middle.
var private = regexp.MustCompile(
	`(?i)\b(by itself|whoever|looked at|stands still|carried out|to mend|mended|burned|gave .* up|given up|does not ` +
		`hold|under way|anew|Go struct)\b|: \.|\.\.( |$)`)

// Texts are in the words of people who release (no text of a person or of GitHub is among the samples).
func TestRepliesUseNoPrivateWords(t *testing.T) {
	for _, s := range append(replies(t), kinds(t)...) {
		for _, text := range s.texts {
			if found := private.FindString(text.Text); found != "" {
				t.Errorf("%s, %s: %q in\n%s", s.path, text.Name, found, text.Text)
			}
		}
	}
}

func rendering(all []speaker) string {
	var b strings.Builder
	b.WriteString("# Replies\n\nEverything that Slipway says to people, with sample values. " +
		"This page is made by `go test ./docs -run Replies -update`.\n")
	for _, s := range all {
		fmt.Fprintf(&b, "\n## %s\n\nPackage `%s`.\n", s.title, s.path)
		last, lastName := "", ""
		for _, text := range s.texts {
			subject, occasion, _ := strings.Cut(text.Name, ": ")
			if subject != last {
				fmt.Fprintf(&b, "\n### %s\n", subject)
			}
			if text.Name != lastName {
				fmt.Fprintf(&b, "\n_%s_\n", strings.ToUpper(occasion[:1])+occasion[1:])
			}
			fmt.Fprintf(&b, "\n%s\n", quoted(text.Text))
			last, lastName = subject, text.Name
		}
	}
	return b.String()
}

// quoted sets a text off from the names of the texts.
func quoted(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("> "+line, " ")
	}
	return strings.Join(lines, "\n")
}
