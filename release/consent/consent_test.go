package consent_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/release/consent"
)

func TestPatternsOfPaths(t *testing.T) {
	for _, tc := range []struct {
		pattern, file string
		in            bool
	}{
		{"VERSION", "VERSION", true},
		{"VERSION", "version", false},
		{"VERSION", "docs/VERSION", false},
		{"docs/", "docs/a/b.md", true},
		{"docs/", "docs", false},
		{"docs/", "docs2/a", false},
		{"docs", "docs/a", false},
		{"charts/*/Chart.yaml", "charts/app/Chart.yaml", true},
		{"charts/*/Chart.yaml", "charts/app/sub/Chart.yaml", false},
		{"charts/*/Chart.yaml", "charts/*/Chart.yaml", true}, // a pattern that a process names
		{"charts/app/Chart.yaml", "charts/*/Chart.yaml", false},
		{"*", "any/thing", true},
		{"*.yaml", "a.yaml", true},
		{"*.yaml", "a/b.yaml", false},
		{"a?.yaml", "ab.yaml", false},
		{"[ab].yaml", "a.yaml", false},
		{"docs/", "docs/../secret", false},
		{"*", "../secret", false},
		{"*", "/etc/passwd", false},
		{"*", "", false},
		{"docs/", "docs//a", false},
	} {
		if got := consent.InPaths([]string{tc.pattern}, tc.file); got != tc.in {
			t.Errorf("%s means %s: %t", tc.pattern, tc.file, got)
		}
	}
}

func TestWhatIsNotAllowedIsLeft(t *testing.T) {
	use := consent.Use{Repo: "b/b", Read: []string{"a", "b"}, Releases: true, Pulls: []string{"c", "d"},
		Awaits: []string{"c"}}
	for name, tc := range map[string]struct {
		given []consent.Grant
		left  consent.Use
	}{
		"nothing is given": {nil, use},
		"releases are": {
			[]consent.Grant{{Releases: true}}, consent.Use{Read: use.Read, Pulls: use.Pulls, Awaits: use.Awaits},
		},
		"some files are": {
			[]consent.Grant{{Read: []string{"a", "c"}}},
			consent.Use{Read: []string{"b"}, Releases: true, Pulls: use.Pulls, Awaits: use.Awaits},
		},
		"changes are": {[]consent.Grant{{Pulls: []string{"*"}}}, consent.Use{Releases: true}},
		"all, by several grants": {
			[]consent.Grant{{Read: []string{"a"}}, {Pulls: []string{"b", "c"}}, {Pulls: []string{"d"}, Releases: true}},
			consent.Use{},
		},
	} {
		got := use.Lacking(tc.given)
		if got.None() != tc.left.None() || !slices.Equal(got.Read, tc.left.Read) || !slices.Equal(got.Pulls, tc.left.Pulls) ||
			!slices.Equal(got.Awaits, tc.left.Awaits) || got.Releases != tc.left.Releases {
			t.Errorf("%s: left is %+v, want %+v", name, got, tc.left)
		}
	}
	if diff := cmp.Diff([]string{"a", "b"}, use.Read); diff != "" {
		t.Error("the use was changed", diff)
	}
}

// A branch that may not be made is not hidden behind one that may.
func TestUsesAreJoined(t *testing.T) {
	good := consent.Use{Pulls: []string{"a"}, Branch: "slipway/a"}
	bad := consent.Use{Pulls: []string{"b"}, Branch: "main"}
	for _, joined := range []consent.Use{good.With(bad), bad.With(good), (consent.Use{}).With(good).With(bad)} {
		if consent.OwnBranch(joined.Branch) || len(joined.Pulls) != 2 {
			t.Errorf("joined: %+v", joined)
		}
	}
}

func TestNamesOfRepositories(t *testing.T) {
	for name, good := range map[string]bool{
		"acme/app": true, "acme/.github": true, "a-b/c.d_e": true, "acme": false, "acme/app/x": false, "acme/..": false,
		"acme/.": false, "../app": false, "acme/a b": false, "acme/a?b": false, "acme/%2e%2e": false, "": false, "/": false,
	} {
		if consent.Repository(name) != good {
			t.Errorf("%q: %t", name, !good)
		}
	}
}
