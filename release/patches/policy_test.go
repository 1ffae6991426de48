package patches

import (
	"slices"
	"strings"
	"testing"
)

func load(t *testing.T, text string) Policy {
	t.Helper()
	p, err := Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestThePresetIsTheDocumentsAndMayBeChanged(t *testing.T) {
	p := load(t, "preset: kubernetes\nmaintained: [1.30, \"1.29\"]\nlabels: {affects: \"version/{minor}\"}\n")
	if len(p.SIGs) != 24 || p.Binaries["kubectl"] != "cli" ||
		!slices.Equal(p.Required, []string{"critical-urgent", "important-soon"}) {
		t.Errorf("the preset is %+v", p)
	}
	// 1.30 without quotes is a number in YAML, and 1.3 is another line.
	if !slices.Equal(p.Maintained, []string{"1.30", "1.29"}) {
		t.Errorf("maintained is %q", p.Maintained)
	}
	if p.Labels.Affects != "version/{minor}" || p.Labels.Resolved != "resolved/{minor}" {
		t.Errorf("the labels are %+v", p.Labels)
	}
	if minor, ok := p.LineOfBranch("release-1.30"); !ok || minor != "1.30" {
		t.Errorf("release-1.30 is the branch of %q", minor)
	}
	if _, ok := p.LineOfBranch("release-1.30-old"); ok {
		t.Error("release-1.30-old is taken for a release branch")
	}
	if l := p.Describe("Cherry-Pick-Approved"); l.Color != "fef2c0" || p.Picks.Approvers.Permission != "maintain" ||
		p.Picks.Label != "cherry-pick/{minor}" {
		t.Errorf("picks are approved by %+v", p.Picks)
	}
	if l := p.Describe("version/1.30"); l.Color != "fbca04" || !strings.Contains(l.About, "1.30") {
		t.Errorf("version/1.30 is described as %+v", l)
	}
}

func TestAMistakeInThePolicyIsToldWithoutTheWordsOfGo(t *testing.T) {
	for policy, want := range map[string]string{
		"keep: x": "this must be a number, but is text", "priorities: 3": "this must be a list, but is",
		"milestones: {on-merge: soon}": "this must be true or false, but is text", "branches: [a]": "this must be " +
			"text, but is a",
	} {
		if _, err := Load([]byte(policy)); err == nil || strings.Contains(err.Error(), "Go ") ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", policy, err, want)
		}
	}
}

func TestAMistakeInThePolicyIsNamedWithItsFix(t *testing.T) {
	for text, want := range map[string]string{
		"preset: kubernets":       "did you mean kubernetes?",
		"branch: release-{minor}": "[1:1]",
		"branches: release":       "{minor}",
		"preset: kubernetes\nrequired-priorities: [critical]":       "did you mean critical-urgent?",
		"preset: kubernetes\nbinaries: {kubectl: clii}":             "did you mean cli?",
		"maintained: [v1.30]":                                       "not a release line",
		"milestones: {others: shove}":                               "move, ask, leave",
		"trusted: {permission: owner}":                              "maintain",
		"preset: kubernetes\npriority-rules: [{priority: backlog}]": "needs a label or a binary",
		"priorities: [{name: " + strings.Repeat("x", 60) + "}]":     "longer than 50",
		"maintained: 5": "is not a list of release lines",
		"cherry-picks: {approved: cherry-pick-approved}": "approved and not-approved must be " +
			"set together",
		"preset: kubernetes\ncherry-picks: {approvers: {permission: writer}}": "did you mean write?",
	} {
		_, err := Load([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := Load(nil); err != nil {
		t.Errorf("an empty file is a policy of defaults, and gives %v", err)
	}
}
