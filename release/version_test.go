package release_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/slipway-dev/slipway/release"
)

func TestVersionsAreOrderedBySemVerPrecedence(t *testing.T) {
	// SemVer 2.0, section 11, and the traps of sorting by name.
	rising := []string{"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
		"1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.9.0", "1.10.0"}
	lax := release.Scheme{Legacy: anyPre}
	for i := range len(rising) - 1 {
		a, b := mustRead(t, lax, rising[i]), mustRead(t, lax, rising[i+1])
		if release.Compare(a, b) >= 0 || release.Compare(b, a) <= 0 {
			t.Errorf("%s does not come before %s", a, b)
		}
	}
	a, b := mustRead(t, drivers, "10.2.0+driver"), mustRead(t, libs, "0.25.0")
	b.Major, b.Minor = 10, 2
	if release.Compare(a, b) != 0 {
		t.Errorf("build metadata counts for precedence: %s and %s", a, b)
	}
}

// anyPre reads the pre-releases of SemVer's own example.
var anyPre = []release.Legacy{
	{Like: "{core}-alpha"}, {Like: "{core}-alpha.{n}"}, {Like: "{core}-alpha.beta"}, {Like: "{core}-beta"},
	{Like: "{core}-beta.{n}"}, {Like: "{core}-rc.{n}"},
}

func TestCompareIsATotalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := versions(libs).Draw(t, "a"), versions(libs).Draw(t, "b"), versions(libs).Draw(t, "c")
		if release.Compare(a, a) != 0 {
			t.Fatalf("%s is not equal to itself", a)
		}
		if release.Compare(a, b) != -release.Compare(b, a) {
			t.Fatalf("%s and %s: the order depends on who is asked first", a, b)
		}
		if release.Compare(a, b) <= 0 && release.Compare(b, c) <= 0 && release.Compare(a, c) > 0 {
			t.Fatalf("%s <= %s <= %s, but not the first and the last", a, b, c)
		}
		if release.Compare(a, b) == 0 && a != b {
			t.Fatalf("%s and %s are of one scheme, differ, and are equal in rank", a, b)
		}
	})
}

func TestParsingWhatWasPrintedGivesTheSame(t *testing.T) {
	for name, scheme := range schemes {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			v := versions(scheme).Draw(t, "v")
			again, err := scheme.Parse(v.String())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(v, again); diff != "" {
				t.Fatal(diff)
			}
		}))
	}
}

func TestNextIsAboveCurrent(t *testing.T) {
	for name, scheme := range schemes {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			v := versions(scheme).Draw(t, "v")
			kind := rapid.SampledFrom(scheme.Kinds).Draw(t, "kind")
			next, err := scheme.Next(v, kind)
			if err != nil {
				return // a rule forbids it
			}
			// SemVer puts rc10 before rc9, which is why candidates are counted by number.
			if release.Compare(next, v) <= 0 && next.Core() != v.Core() {
				t.Fatalf("%s of %s is %s, which is not above it", kind, v, next)
			}
			if _, err := scheme.Parse(next.String()); err != nil {
				t.Fatalf("%s of %s is refused: %v", kind, v, err)
			}
		}))
	}
}

func TestNoTextMakesParsingPanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`v?[0-9.]{0,9}[-+.0-9a-z]{0,9}`)).Draw(t, "text")
		v, err := libs.Parse(text)
		if err == nil && v.String() != text {
			t.Fatalf("%q was read as %s", text, v)
		}
	})
}

// versions draws versions that the scheme accepts.
func versions(s release.Scheme) *rapid.Generator[release.Version] {
	return rapid.Custom(func(t *rapid.T) release.Version {
		v := release.Version{
			Major: rapid.IntRange(0, 3).Draw(t, "major"), Minor: rapid.IntRange(0, 12).Draw(t, "minor"),
			Patch: rapid.IntRange(0, 12).Draw(t, "patch"), Build: s.Build,
		}
		switch s.Major {
		case "0":
			v.Major = 0
		case ">=1":
			v.Major++
		}
		switch s.Prefix {
		case "v":
			v.Prefix = "v"
		case "v?":
			v.Prefix = rapid.SampledFrom([]string{"", "v"}).Draw(t, "prefix")
		}
		if s.Candidates != "" && rapid.Bool().Draw(t, "candidate") {
			v, _, _ = s.Candidate(v, nil)
		}
		return v
	})
}

func mustRead(t interface {
	Helper()
	Fatalf(string, ...any)
}, s release.Scheme, text string) release.Version {
	t.Helper()
	v, ok := s.Read(text)
	if !ok {
		t.Fatalf("%q was not read", text)
	}
	return v
}
