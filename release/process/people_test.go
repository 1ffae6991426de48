package process_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/process"
)

// docs/processes.md gives this line for processes whose document asks for no second person. Aether's CI tags when what
// `prepare` proposes is merged.
func TestOneLineAsksForTwoApprovals(t *testing.T) {
	for name, phase := range map[string]string{"kata": "cut", "aether": "prepare", "aether-component": "prepare",
		"coco-peerpods": "cut"} {
		base, err := process.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		line := "phases: [{name: " + phase + ", require: [{approvals: {role: maintainer, count: 2}}]}]"
		p, err := process.Load(fmt.Appendf(nil, "process: %s\n%s\n", name, line))
		if err != nil {
			t.Fatal(err)
		}
		before, _ := base.Phase(phase)
		after, _ := p.Phase(phase)
		if len(after.Needs) != len(before.Needs)+1 || !slices.ContainsFunc(after.Needs,
			func(g release.Gate) bool { p, is := g.Asks.Any.(params.Approvals); return is && p.Count == 2 }) ||
			len(after.Steps) != len(before.Steps) || !slices.Equal(after.Who, before.Who) {
			t.Errorf("%s: %s needs %v, and needed %v", name, phase, after.Needs, before.Needs)
		}
	}
}

// A gate that counts people of a role which the process does not have could never be cleared.
func TestARoleThatNobodyCanHaveIsAMistake(t *testing.T) {
	for text, want := range map[string]string{
		"phases: [{name: cut, require: [{approvals: {role: boss}}]}]": `there is no role "boss"`,
		"roles: {boss: {about: the boss}}":                            "nobody has this role",
		"may: {default: [release-manager], team: [release-manager]}":  "nobody can start a release",
	} {
		_, err := process.Load([]byte("process: kata\n" + text + "\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
