package patches

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/slipway-dev/slipway/parse"
)

// block is the body of an issue with these versions.
func block(introduced, resolved string) parse.Block {
	var b strings.Builder
	for _, v := range strings.Fields(introduced) {
		b.WriteString("introduced-in=" + v + "\n")
	}
	for _, v := range strings.Fields(resolved) {
		b.WriteString("resolved-in=" + v + "\n")
	}
	return parse.Release("```release\n" + b.String() + "```\n")
}

func TestTheAffectedVersions(t *testing.T) {
	for _, c := range []struct{ name, introduced, resolved, minors, tags, want string }{
		{"nobody says since when", "", "v1.25.2", "1.25", "v1.25.1 v1.25.2", ""},
		{"one line, resolved (out of band 2022-09-21)", "v1.25.1", "v1.25.2", "1.25", "v1.25.0 v1.25.1 v1.25.2 v1.25.3",
			"v1.25.1"},
		{"two lines of their own", "v1.25.1 v1.24.5", "v1.25.2 v1.24.6", "1.25 1.24 1.23",
			"v1.23.9 v1.24.4 v1.24.5 v1.24.6 v1.25.0 v1.25.1 v1.25.2", "v1.24.5 v1.25.1"},
		{"the first of a line", "v1.27.0", "v1.27.1", "1.27 1.26", "v1.26.5 v1.27.0-rc.1 v1.27.0 v1.27.1", "v1.27.0"},
		{"a number that was burned", "v1.18.10", "v1.18.12", "1.18", "v1.18.10 v1.18.12", "v1.18.10"},
		{"a younger line inherits it", "v1.25.1", "v1.25.2", "1.26 1.25",
			"v1.25.1 v1.25.2 v1.26.0-alpha.1 v1.26.0 v1.26.1", "v1.25.1 v1.26.0-alpha.1 v1.26.0 v1.26.1"},
		{"a younger line begins with the fix", "v1.25.1", "v1.25.2 v1.26.0", "1.27 1.26 1.25",
			"v1.25.1 v1.25.2 v1.26.0 v1.27.0", "v1.25.1"},
		{"a younger line is fixed later", "v1.25.1", "v1.25.2 v1.26.1", "1.26 1.25", "v1.25.1 v1.25.2 v1.26.0 v1.26.1",
			"v1.25.1 v1.26.0"},
		{"an older line is not touched", "v1.25.1", "", "1.25 1.24", "v1.24.9 v1.25.1 v1.25.2", "v1.25.1 v1.25.2"},
		{"a pre-release", "v1.10.0-beta.1", "v1.10.0", "1.10 1.9",
			"v1.9.3 v1.10.0-alpha.1 v1.10.0-beta.1 v1.10.0-beta.2 v1.10.0", "v1.10.0-beta.1 v1.10.0-beta.2"},
		{"by number and not by letters", "v1.9.0", "v1.9.10", "1.10 1.9", "v1.9.0 v1.9.2 v1.9.10 v1.10.0",
			"v1.9.0 v1.9.2 v1.10.0"},
		{"after the end of life", "v1.24.0", "v1.24.17", "1.24", "v1.24.0 v1.24.16 v1.24.17", "v1.24.0 v1.24.16"},
		{"tags of other families", "v1.25.1", "", "1.25", "v1.25.1 kubernetes-1.25.1 v1 v1.25.1+driver", "v1.25.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			spans := Spans(block(c.introduced, c.resolved), strings.Fields(c.minors))
			if got := strings.Join(Affected(spans, Versions(strings.Fields(c.tags))), " "); got != c.want {
				t.Errorf("affected are %q, want %q; spans %+v", got, c.want, spans)
			}
		})
	}
}

// What resolves a line never makes more versions affected, and what is affected lies between the two.
func TestAFixOnlyEverTakesVersionsAway(t *testing.T) {
	version := rapid.Custom(func(t *rapid.T) string {
		return "v1." + number(rapid.IntRange(20, 24).Draw(t, "minor")) + "." +
			number(rapid.IntRange(0, 12).Draw(t, "patch"))
	})
	minors := []string{"1.20", "1.21", "1.22", "1.23", "1.24"}
	var all []string
	for _, m := range minors {
		for p := range 13 {
			all = append(all, "v"+m+"."+number(p))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		introduced := strings.Join(rapid.SliceOfN(version, 1, 3).Draw(t, "introduced"), " ")
		resolved := rapid.SliceOfN(version, 0, 4).Draw(t, "resolved")
		without := Affected(Spans(block(introduced, ""), minors), all)
		with := Affected(Spans(block(introduced, strings.Join(resolved, " ")), minors), all)
		for _, v := range with {
			found := false
			for _, o := range without {
				found = found || o == v
			}
			if !found {
				t.Fatalf("%s is affected only with the fixes %v of %s", v, resolved, introduced)
			}
		}
	})
}

func TestLinesAndTheNextPatch(t *testing.T) {
	p := load(t, "keep: 2\ncherry-picks: {end-of-life: [\"1.31\"]}\n")
	if diff := cmp.Diff([]string{"1.30", "1.29"},
		p.MaintainedLines([]string{"v1.9.0", "v1.29.3", "v1.30.0-rc.1", "v1.31.0", "v1.32.0-alpha.1"})); diff != "" {
		t.Error(diff)
	}
	for minor, want := range map[string]string{"1.30": "v1.30.6", "1.29": "v1.29.10", "1.31": "v1.31.0"} {
		if got := NextPatch(minor, []string{"v1.29.9", "v1.30.5", "v1.30.4", "v1.31.0-rc.1"}); got != want {
			t.Errorf("the next of %s is %s, want %s", minor, got, want)
		}
	}
}

func TestWhatBlocksAVersion(t *testing.T) {
	p := load(t, "preset: kubernetes")
	for _, c := range []struct {
		name, introduced, resolved string
		embargoed, want            bool
	}{
		{"open on the line", "v1.31.0", "", false, true},
		{"resolved in the version", "v1.31.0", "v1.31.2", false, false},
		{"resolved in one that was left out", "v1.31.0", "v1.31.1", false, false},
		{"resolved in a later one", "v1.31.0", "v1.31.3", false, true},
		{"resolved on another line only", "v1.30.0", "v1.30.4", false, true},
		{"of a younger line", "v1.32.0", "", false, false},
		{"nobody says since when", "", "", false, false},
		{"nobody says since when, under embargo", "", "", true, true},
		{"under embargo, and resolved", "v1.31.0", "v1.31.2", true, false},
	} {
		if got := p.Blocks(Issue{Block: block(c.introduced, c.resolved), Embargoed: c.embargoed}, "v1.31.2",
			[]string{"1.32", "1.31", "1.30"}); got != c.want {
			t.Errorf("%s: blocks is %t", c.name, got)
		}
	}
}

func TestWhereAnIssueIsFixed(t *testing.T) {
	p := load(t, "preset: kubernetes")
	claim := func(v string, released bool, says Answer) Claim {
		return Claim{Version: v, Released: released, Says: says}
	}
	for _, c := range []struct {
		name, resolved string
		claims         []Claim
		labels         string
		embargoed      bool
		want           string
	}{
		{"no version is out yet", "v1.31.2", []Claim{claim("v1.31.2", false, Unknown)}, "", false, ""},
		{"the fix is on the branch of a version to come", "v1.31.2", []Claim{claim("v1.31.2", false, Yes)}, "", false, ""},
		{"on one of its lines", "v1.31.2 v1.30.6",
			[]Claim{claim("v1.31.2", true, Yes), claim("v1.30.6", false, Unknown)}, "", false, "**Fixed in v1.31.2.** " +
				"Not fixed yet in 1.30."},
		{"on all of them", "v1.31.2 v1.30.6", []Claim{claim("v1.30.6", true, Yes), claim("v1.31.2", true, Yes)}, "",
			false, "**Fixed in v1.31.2 and v1.30.6.** Nothing is left to do on the maintained release lines. If nothing " +
				"else is left, close the issue."},
		{"nobody has looked at the younger line", "v1.30.6", []Claim{claim("v1.30.6", true, Yes)}, "", false,
			"**Fixed in v1.30.6.** Nobody has said whether 1.31 has the problem."},
		{"one line gets no fix", "v1.30.6", []Claim{claim("v1.30.6", true, Yes)}, "wont-fix/1.31", false,
			"**Fixed in v1.30.6.** It will not be fixed in 1.31. Nothing is left to do on the maintained release lines. " +
				"If nothing else is left, close the issue."},
		{"git does not find it", "v1.31.2", []Claim{claim("v1.31.2", true, No)}, "", false, ""},
		{"nobody can tell", "v1.31.2", []Claim{claim("v1.31.2", true, Unknown)}, "", false, ""},
		{"under embargo", "v1.31.2", []Claim{claim("v1.31.2", true, Yes)}, "", true, ""},
	} {
		k := Known{Issue: Issue{Block: block("v1.30.0", c.resolved), Embargoed: c.embargoed,
			Labels: strings.Fields(c.labels)}, Facts: Facts{Claims: c.claims}}
		if got := k.FixedIn(p, []string{"1.31", "1.30"}); got != c.want {
			t.Errorf("%s: it says %q, want %q", c.name, got, c.want)
		}
	}
}

func TestClaimsAreHeldAgainstGit(t *testing.T) {
	p := load(t, "preset: kubernetes")
	versions := Versions(strings.Fields("v1.28.14 v1.29.0 v1.29.1 v1.30.3 v1.30.4 v1.30.5 v1.31.0 v1.31.1"))
	fix := func(ref, base string, in map[string]Answer) Fix {
		return Fix{Ref: ref, Found: true, Merged: true, Base: base, In: in}
	}
	for _, c := range []struct {
		name, introduced, resolved string
		fixes                      []Fix
		want                       []string // words of the alarms
	}{
		{"all is well", "v1.30.3", "v1.30.4 v1.31.1",
			[]Fix{fix("#1", "main", map[string]Answer{"v1.30.4": Yes, "v1.31.1": Yes})}, nil},
		{"git does not find it", "v1.30.3", "v1.30.4 v1.31.1",
			[]Fix{fix("#1", "main", map[string]Answer{"v1.30.4": No, "v1.31.1": Yes})}, []string{
				"`resolved-in=v1.30.4`, which is not verified: no commit of #1 is in v1.30.4"}},
		{"no pull request is named", "v1.30.3", "v1.30.4 v1.31.1", nil, []string{
			"v1.30.4`, which is not verified: no pull request is listed", "v1.31.1`, which is not verified"}},
		{"the pull request is not merged", "v1.31.0", "v1.31.1", []Fix{{Ref: "#1", Found: true, Open: true, Base: "main"}},
			[]string{"which is not verified: #1 is not merged"}},
		{"there is no such pull request", "v1.31.0", "v1.31.1", []Fix{{Ref: "#99999"}},
			[]string{"which is not verified: #99999 is not a pull request of this repository"}},
		{"there is no such pull request, and the version is to come", "v1.31.0", "v1.31.2", []Fix{{Ref: "#99999"}},
			[]string{"#99999 is not a pull request of this repository"}},
		{"an adapted pick proves its own line", "v1.30.3", "v1.30.4 v1.31.1", []Fix{
			fix("#1", "main", map[string]Answer{"v1.30.4": No, "v1.31.1": Yes}), fix("#2", "release-1.30",
				map[string]Answer{"v1.30.4": Yes, "v1.31.1": No}),
		}, nil},
		{"resolved in 1.30.4 and missing in 1.31", "v1.30.3", "v1.30.4",
			[]Fix{fix("#1", "main", map[string]Answer{"v1.30.4": Yes})}, []string{
				"the fix is in v1.30.4, but not in 1.31"}},
		{"a number that was never released", "v1.29.0", "v1.30.2", nil,
			[]string{"`resolved-in=v1.30.2`, but that version was never released"}},
		{"a number that will be released", "v1.30.3", "v1.30.6 v1.31.2", nil, nil},
		{"the number after that", "v1.30.3", "v1.30.7", nil, nil},
		{"a number far away", "v1.30.3", "v1.30.77", nil, []string{"`resolved-in=v1.30.77`, but there is no version " +
			"v1.30.77"}},
		{"a number of the next minor", "v1.31.1", "v1.31.2 v1.32.0", nil, nil},
		{"a pre-release of the next minor", "v1.31.1", "v1.32.0-rc.1", nil, nil},
		{"a minor far away", "v1.31.1", "v1.40.0", nil, []string{"there is no version v1.40.0"}},
		{"it began in a version that does not exist", "v1.30.33", "", nil, []string{
			"`introduced-in=v1.30.33`, but there is no version v1.30.33"}},
		{"a line that gets no patches any more", "v1.28.14", "v1.28.15 v1.30.6", nil,
			[]string{"`resolved-in=v1.28.15`, but 1.28 no longer gets patches"}},
		{"a line that never was", "v1.30.3", "v1.3.6", nil,
			[]string{"`resolved-in=v1.3.6`, but 1.3 no longer gets patches"}},
		{"only on a release branch", "v1.30.3", "v1.30.4 v1.31.2",
			[]Fix{fix("#2", "release-1.30", map[string]Answer{"v1.30.4": Yes})}, []string{"on release-1.30, but not " +
				"on the main branch"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := block(c.introduced, c.resolved)
			facts := Facts{Fixes: c.fixes, Claims: Claims(p, b, c.fixes, versions), Absent: Absent(b, versions)}
			alarms := Alarms(p, Issue{Block: b}, facts, versions, []string{"1.31", "1.30", "1.29"})
			if len(alarms) != len(c.want) {
				t.Fatalf("alarms %+v, want %q", alarms, c.want)
			}
			for i, a := range alarms {
				if !strings.Contains(a.What, c.want[i]) || a.Fix == "" {
					t.Errorf("alarm %+v, want %q and a fix", a, c.want[i])
				}
			}
		})
	}
}

// A version that is to come is told as coming only when its branch has the fix.
func TestAVersionToComeIsHeldAgainstItsBranch(t *testing.T) {
	p := load(t, "preset: kubernetes")
	fix := Fix{Ref: "#123", Found: true, Merged: true, Base: "main", In: map[string]Answer{"release-1.31": No}}
	one := func() Claim { return Claims(p, block("v1.31.0", "v1.31.2"), []Fix{fix}, []string{"v1.31.1"})[0] }
	if got := one().Unverified(); got != "says v1.31.2, not verified: no commit of #123 is on release-1.31" {
		t.Errorf("it says %q", got)
	}
	fix.In["release-1.31"] = Yes
	if !one().Coming() || one().Verified() {
		t.Errorf("the claim is %+v", one())
	}
}
