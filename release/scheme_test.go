package release_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/process"
)

// The versioning rules of five projects; Falco has two.
var (
	schemes = map[string]release.Scheme{
		"libs": scheme("falco-libs"), "drivers": scheme("falco-drivers"), "kata": scheme("kata"),
		"aether": scheme("aether"), "kubernetes": scheme("kubernetes-patch"), "peerpods": scheme("coco-peerpods"),
	}
	libs, drivers                = schemes["libs"], schemes["drivers"]
	peerpods, kubernetes, aether = schemes["peerpods"], schemes["kubernetes"], schemes["aether"]
)

func scheme(name string) release.Scheme {
	s, ok := process.Scheme(name)
	if !ok {
		panic("no scheme is called " + name)
	}
	return s
}

// Each line is CURRENT KIND NEXT, and stands for a release that really happened unless it says otherwise.
func TestNextGivesTheVersionsThatWereReleased(t *testing.T) {
	vectors := map[string]string{
		"libs": `
			0.22.0 patch 0.22.1
			0.22.1 patch 0.22.2
			0.22.2 minor 0.23.0
			0.23.0-rc1 rc 0.23.0-rc2
			0.23.0-rc2 final 0.23.0
			0.11.0-rc1 rc 0.11.0-rc2
			0.11.0-rc2 rc 0.11.0-rc3
			0.11.0-rc3 rc 0.11.0-rc4
			0.11.0-rc4 rc 0.11.0-rc5
			0.11.0-rc5 final 0.11.0
			0.16.0-rc4 final 0.16.0
			0.13.1-rc1 final 0.13.1
			0.17.3-rc1 rc 0.17.3-rc2
			0.17.3-rc2 final 0.17.3
			0.25.0 patch 0.25.1
			0.25.1 patch 0.25.2
			0.25.2 patch 0.25.3
			0.25.3 patch 0.25.4
			0.18.2 minor 0.19.0
			0.9.0-rc9 rc 0.9.0-rc10
			0.22.2 rc 0.23.0-rc1
			0.22.2 patch-rc 0.22.3-rc1`,
		"drivers": `
			2.0.0+driver major 3.0.0+driver
			3.0.0+driver patch 3.0.1+driver
			3.0.1+driver major 4.0.0+driver
			4.0.0+driver patch 4.0.1+driver
			4.0.1+driver major 5.0.0+driver
			5.0.0+driver patch 5.0.1+driver
			5.0.1+driver minor 5.1.0+driver
			5.1.0+driver major 6.0.0+driver
			6.0.0+driver patch 6.0.1+driver
			6.0.1+driver major 7.0.0+driver
			7.0.0+driver minor 7.1.0+driver
			7.1.0+driver minor 7.2.0+driver
			7.2.0+driver patch 7.2.1+driver
			7.2.1+driver minor 7.3.0+driver
			7.3.0+driver major 8.0.0+driver
			8.0.0+driver minor 8.1.0+driver
			8.1.0+driver major 9.0.0+driver
			9.0.0+driver minor 9.1.0+driver
			9.1.0+driver major 10.0.0+driver
			10.0.0+driver minor 10.1.0+driver
			10.1.0+driver minor 10.2.0+driver
			10.1.0-rc2+driver rc 10.1.0-rc3+driver
			10.1.0-rc2+driver final 10.1.0+driver
			7.1.0+driver-rc1 rc 7.1.0-rc2+driver
			7.1.0+driver-rc1 final 7.1.0+driver
			1.0.0-alpha+driver final 1.0.0+driver`,
		"kata": `
			3.5.0 minor 3.6.0
			3.7.0 minor 3.8.0
			3.9.0 minor 3.10.0
			3.10.0 patch 3.10.1
			3.10.1 minor 3.11.0
			3.18.0 minor 3.19.0
			3.19.0 patch 3.19.1
			3.19.1 minor 3.20.0
			3.29.0 minor 3.30.0
			3.30.0 minor 3.31.0
			3.31.0 minor 3.32.0
			3.32.0 major 4.0.0
			4.0.0 minor 4.1.0
			3.2.0-rc0 final 3.2.0
			3.3.0-alpha0 final 3.3.0`,
		"aether": `
			2.1.0 dev 2.1.1-dev
			0.4.9 dev 0.4.10-dev
			3.3.0 dev 3.3.1-dev
			4.1.0 dev 4.1.1-dev
			1.2.7 minor-dev 1.3.0-dev
			0.1.36 minor-dev 0.2.0-dev
			2.1.0 minor-dev 2.2.0-dev
			1.2.0 minor-dev 1.3.0-dev
			2.0.0 minor-dev 2.1.0-dev
			2.1.0-dev final 2.1.0
			2.1.0-dev1 final 2.1.0
			3.1.8-dev minor 3.2.0
			4.0.1-dev final 4.0.1
			4.0.1-dev patch 4.0.1
			2.2.3-dev major 3.0.0
			0.1.36 patch 0.1.37
			0.1.39 dev 0.1.40-dev
			0.3.13 patch 0.3.14
			2.0.43 minor 2.1.0
			2.0.43 patch 2.0.44
			0.7.16 minor 0.8.0
			1.5.0 minor 1.6.0
			v4.0.0 patch 4.0.1`,
		"kubernetes": `
			1.31.1 patch 1.31.2
			1.30.5 patch 1.30.6
			1.29.9 patch 1.29.10
			1.28.14 patch 1.28.15
			1.27.3 patch 1.27.4
			1.25.9 patch 1.25.10
			v1.25.1 patch v1.25.2`,
		"peerpods": `
			0.8.0 alpha v0.8.0-alpha.1
			v0.8.0-alpha.1 final v0.8.0
			v0.9.0-alpha.2 alpha v0.9.0-alpha.3
			v0.9.0-alpha.3 alpha v0.9.0-alpha.4
			v0.9.0-alpha.4 final v0.9.0
			v0.8.0 patch v0.8.1
			v0.8.1 patch v0.8.2
			v0.8.1-alpha.1 final v0.8.1
			v0.10.0-alpha.1 final v0.10.0
			v0.10.0 minor v0.11.0
			v0.20.0 minor v0.21.0
			v0.21.0 patch v0.21.1
			v0.21.1 minor v0.22.0
			v0.9.0-alpha1 alpha v0.9.0-alpha.2`,
	}
	for name, lines := range vectors {
		for line := range strings.Lines(strings.TrimSpace(lines)) {
			words := strings.Fields(line)
			t.Run(name+" "+strings.Join(words, " "), func(t *testing.T) {
				got, err := schemes[name].Next(mustRead(t, schemes[name], words[0]), words[1])
				if err != nil {
					t.Fatal(err)
				}
				if got.String() != words[2] {
					t.Errorf("%s of %s is %s, want %s", words[1], words[0], got, words[2])
				}
			})
		}
	}
}

func TestNextNamesTheRuleThatForbids(t *testing.T) {
	cases := []struct{ scheme, current, kind, want string }{
		{"libs", "0.25.0", "major",
			"0.25.0 is refused: the major number must be 0; ask for minor, patch, rc, final (Falco release.md, Libs " +
				"versioning)"},
		{"libs", "0.25.0", "final",
			"0.25.0 is refused: it is already final; ask for minor, patch, rc, final (Falco release.md, Libs " +
				"versioning)"},
		{"libs", "0.25.0", "dev",
			`0.25.0 is refused: this project has no next version of the kind "dev"; ask for minor, patch, rc, final ` +
				`(Falco release.md, Libs versioning)`},
		{"drivers", "10.2.0+driver", "dev",
			`10.2.0+driver is refused: this project has no next version of the kind "dev"; ask for major, minor, ` +
				`patch, rc, final (Falco release.md, Drivers versioning)`},
		{"kata", "4.1.0", "rc", `4.1.0 is refused: this project has no next version of the kind "rc"; ask for major, ` +
			`minor, patch, final (Kata Release-Process.md, Versioning)`},
		{"kubernetes", "v1.25.0", "minor",
			`v1.25.0 is refused: this project has no next version of the kind "minor"; ask for patch (Kubernetes ` +
				`patch_release.md)`},
		{"aether", "2.1.0-dev", "dev",
			"2.1.0-dev is refused: a development version follows a release, and this is not one; ask for final first " +
				"(Aether release process, Git Tags)"},
		{"peerpods", "0.9.0-alpha1", "alpha",
			"0.9.0-alpha1 is refused: it already has a pre-release part and cannot get a second one " +
				"(cloud-api-adaptor Release-Process.md); use 0.9.0"},
	}
	for _, c := range cases {
		t.Run(c.scheme+" "+c.current+" "+c.kind, func(t *testing.T) {
			got, err := schemes[c.scheme].Next(mustRead(t, schemes[c.scheme], c.current), c.kind)
			if err == nil {
				t.Fatalf("it gave %s", got)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseRefusesWithTheRuleAndWhatToType(t *testing.T) {
	cases := []struct{ scheme, text, rule, want string }{
		{"libs", "1.0.0", "the major number must be 0", "0.21.0"},
		{"libs", "v0.21.0", "versions of this project have no `v` in front", "0.21.0"},
		{"libs", "0.21", "a version has three numbers, MAJOR.MINOR.PATCH", "0.21.0"},
		{"libs", "0.021.0", "numbers have no leading zeros", "0.21.0"},
		{"libs", "0.21.0-rc.1", "a pre-release of this project ends with `-rc1`", "0.21.0-rc1"},
		{"libs", "0.21.0-rc01", "a pre-release of this project ends with `-rc1`", "0.21.0-rc1"},
		{"libs", "0.21.0+driver", "versions of this project have no build metadata (the part after `+`)", "0.21.0"},
		{"libs", "0.21.0-", "something must follow the `-` and the `+`", "0.21.0"},
		{"libs", "latest", "a version has three numbers, MAJOR.MINOR.PATCH", "0.21.0"},
		{"libs", "", "a version has three numbers, MAJOR.MINOR.PATCH", "0.21.0"},
		{"libs", "0.99999999999999999999.0", "MAJOR, MINOR and PATCH are at most 2147483647", "0.21.0"},
		{"drivers", "0.9.0+driver", "the major number must be 1 or greater", "1.4.0+driver"},
		{"drivers", "10.2.0", "versions of this project end with `+driver`", "10.2.0+driver"},
		{"drivers", "7.1.0+driver-rc1", "versions of this project end with `+driver`", "7.1.0-rc1+driver"},
		{"kata", "v4.2.0", "versions of this project have no `v` in front", "4.2.0"},
		{"kata", "4.1", "a version has three numbers, MAJOR.MINOR.PATCH", "4.1.0"},
		{"kata", "4.1.0-rc0", "this project has no pre-releases", "4.1.0"},
		{"aether", "1.2", "a version has three numbers, MAJOR.MINOR.PATCH", "1.2.0"},
		{"peerpods", "0.8.0", "versions of this project begin with `v`", "v0.8.0"},
		{"peerpods", "v0.9.0-alpha1", "a pre-release of this project ends with `-alpha.1`", "v0.9.0-alpha.1"},
		{"peerpods", "v0.9.0-alpha1-alpha.1", "a pre-release of this project ends with `-alpha.1`", "v0.9.0"},
	}
	for _, c := range cases {
		t.Run(c.scheme+" "+c.text, func(t *testing.T) {
			v, err := schemes[c.scheme].Parse(c.text)
			var rule *release.RuleError
			if !errors.As(err, &rule) {
				t.Fatalf("it was read as %s", v)
			}
			got := [3]string{rule.Value, rule.Rule, rule.Want}
			if diff := cmp.Diff([3]string{c.text, c.rule, c.want}, got); diff != "" {
				t.Error(diff)
			}
			if _, err := schemes[c.scheme].Parse(c.want); err != nil {
				t.Errorf("what it says to type is refused too: %v", err)
			}
		})
	}
}

func TestReadTakesTheTagsOfTheProjectAndLeavesTheRest(t *testing.T) {
	cases := map[string]struct{ read, leave string }{
		"libs":    {"0.25.4 0.25.0-rc2", "10.2.0+driver 7.1.0+driver-rc1 1.0.0 v0.25.0"},
		"drivers": {"10.2.0+driver 10.1.0-rc2+driver 7.1.0+driver-rc1 1.0.0-alpha+driver", "0.25.4 0.25.0-rc2"},
		"kata": {"4.1.0 3.2.0-rc0 3.3.0-alpha0",
			"3.3.0-test release-3.4.0 untagged-b5b6198308b02e3a2666 CC-0.8.1 stable-1.8.2 2.1-alpha1 4.1.0-rc0 v4.2.0"},
		"aether":     {"1.4.0 v4.0.0 1.5.0-rc1 1.6.0-dev1 2.1.0-dev", "aether-2.1 1.2"},
		"kubernetes": {"v1.31.2 1.31.2 v1.10.0-beta.1", "v1.8 release-1.31"},
		"peerpods": {"v0.8.0 v0.8.1-alpha.1 v0.9.0-alpha1",
			"volumes/csi-wrapper/v0.7.0 peerpod-ctrl/v0.7.0 v0.9.0-alpha1-alpha.1 src/webhook/v0.9.0-alpha1-alpha.1 " +
				"src/cloud-api-adaptor/podvm/v0.8.0"},
	}
	for name, c := range cases {
		for _, tag := range strings.Fields(c.read) {
			if v := mustRead(t, schemes[name], tag); v.String() != tag {
				t.Errorf("%s: tag %s is printed as %s", name, tag, v)
			}
		}
		for _, tag := range strings.Fields(c.leave) {
			if v, ok := schemes[name].Read(tag); ok {
				t.Errorf("%s: tag %s is none of its versions, and was read as %+v", name, tag, v)
			}
		}
	}
}

// v0.8.1 has tags of modules and none of the root, v0.21.1 the other way round: both numbers are taken.
func TestTagsOfModulesCount(t *testing.T) {
	peerpods := schemes["peerpods"]
	if v := mustRead(t, peerpods, "src/webhook/v0.8.1"); v.String() != "v0.8.1" {
		t.Errorf("src/webhook/v0.8.1 is read as %s", v)
	}
	var tags []release.Version
	for _, tag := range []string{"v0.8.0", "src/webhook/v0.8.1", "v0.9.0-alpha1", "src/webhook/v0.9.0-alpha.2"} {
		tags = append(tags, mustRead(t, peerpods, tag))
	}
	if next, last, n := peerpods.Candidate(mustRead(t, peerpods, "v0.9.0"), tags); next.String() != "v0.9.0-alpha.3" ||
		last.String() != "v0.9.0-alpha.2" || n != 3 {
		t.Errorf("after %s comes %s", last, next)
	}
	var rule *release.RuleError
	if err := peerpods.Follows(mustRead(t, peerpods, "v0.8.1"), tags[:2]); !errors.As(err, &rule) ||
		rule.Want != "v0.8.2" {
		t.Errorf("v0.8.1, of which one module is tagged: %v", err)
	}
}
