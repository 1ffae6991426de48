package release_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/release"
)

func TestFollows(t *testing.T) {
	type refusal struct {
		Rule, Want string
		Skippable  bool
	}
	cases := []struct {
		name, scheme, released, version string
		refused                         refusal
	}{
		{"the first release of a repository", "libs", "", "0.21.0", refusal{}},
		{"a planned release", "libs", "0.20.0 0.20.1", "0.21.0", refusal{}},
		{"a patch on the newest line", "libs", "0.20.0", "0.20.1", refusal{}},
		{"a patch on an older line with a branch", "libs", "0.25.0 0.25.1 0.26.0", "0.25.2", refusal{}},
		{"a candidate", "libs", "0.20.0 0.21.0-rc1", "0.21.0-rc2", refusal{}},
		{"a final after its candidates", "libs", "0.20.0 0.21.0-rc1", "0.21.0", refusal{}},
		{"the drivers do not stand in the way", "libs", "0.20.0 10.2.0+driver", "0.21.0", refusal{}},
		{"a version that exists", "libs", "0.20.0 0.20.1", "0.20.1",
			refusal{Rule: "0.20.1 already exists, and a version is never released twice", Want: "0.20.2"}},
		{"a gap in the minors", "libs", "0.20.0", "0.22.0", refusal{Rule: "it would skip 0.21.0", Want: "0.21.0"}},
		{"a gap in the patches", "libs", "0.20.0", "0.20.2", refusal{Rule: "it would skip 0.20.1", Want: "0.20.1"}},
		{"a patch without its line", "libs", "0.20.0", "0.21.1", refusal{Rule: "it would skip 0.21.0", Want: "0.20.1"}},
		{"a line that was never released", "libs", "0.20.0 0.22.0", "0.21.0",
			refusal{Rule: "0.22.0 is newer and has already been released", Want: "0.23.0"}},
		{"a candidate of a version that is out", "libs", "0.20.0 0.21.0", "0.21.0-rc3",
			refusal{Rule: "0.21.0 of the same release line is newer and has already been released", Want: "0.22.0"}},
		{"a major number that may not be", "libs", "0.20.0", "1.0.0",
			refusal{Rule: "the major number must be 0", Want: "0.21.0"}},

		{"a driver major", "drivers", "9.1.0+driver", "10.0.0+driver", refusal{}},
		{"a driver minor on an older major", "drivers", "7.2.1+driver 8.0.0+driver", "7.3.0+driver", refusal{}},
		{"a driver version that was taken on the main branch", "drivers", "10.1.0+driver 10.2.0+driver",
			"10.2.0+driver", refusal{Rule: "10.2.0+driver already exists, and a version is never released twice",
				Want: "10.2.1+driver"}},

		{"no driver at all yet", "drivers", "0.25.0 0.26.0", "1.0.0+driver", refusal{}},
		{"a gap in the majors of the drivers", "drivers", "8.0.0+driver", "10.0.0+driver",
			refusal{Rule: "it would skip 9.0.0+driver", Want: "8.1.0+driver"}},
		{"a candidate in the old form", "drivers", "7.0.0+driver 7.1.0+driver-rc1", "7.1.0-rc1+driver",
			refusal{Rule: "7.1.0+driver-rc1 already exists, and a version is never released twice",
				Want: "7.1.0-rc2+driver"}},
		{"libs do not stand in the way", "drivers", "0.25.0 0.25.0-rc2 10.0.0+driver", "10.1.0+driver", refusal{}},
		{"a v in front", "drivers", "8.0.0+driver", "v8.1.0+driver",
			refusal{Rule: "versions of this project have no `v` in front", Want: "8.1.0+driver"}},

		{"a patch a few days later", "kata", "3.9.0 3.10.0", "3.10.1", refusal{}},
		{"a minor after a patch", "kata", "3.19.0 3.19.1", "3.20.0", refusal{}},
		{"the tenth minor", "kata", "3.8.0 3.9.0", "3.10.0", refusal{}},
		{"a major release", "kata", "3.31.0 3.32.0", "4.0.0", refusal{}},
		{"the same again", "kata", "4.0.0 4.1.0", "4.1.0",
			refusal{Rule: "4.1.0 already exists, and a version is never released twice", Want: "4.2.0"}},
		{"a patch where no branch is kept", "kata", "4.0.0 4.1.0", "4.0.5",
			refusal{Rule: "4.1.0 is newer and has already been released", Want: "4.1.1"}},
		{"a skip, which a person may allow", "kata", "4.0.0 4.1.0", "4.3.0",
			refusal{Rule: "it would skip 4.2.0", Want: "4.2.0", Skippable: true}},

		{"a patch whose parent is missing", "aether", "1.3.0", "1.3.2",
			refusal{Rule: "it would skip 1.3.1", Want: "1.3.1", Skippable: true}},
		{"development of a line that was not released", "aether", "2.6.0", "2.7.1-dev",
			refusal{Rule: "it would skip 2.7.0", Want: "2.7.0", Skippable: true}},
		{"development of the next patch", "aether", "2.6.0 2.7.0", "2.7.1-dev", refusal{}},
		{"a minor of another major is no parent", "aether", "1.2.0 2.0.0", "2.3.0",
			refusal{Rule: "it would skip 2.1.0", Want: "2.1.0", Skippable: true}},
		{"a version that exists", "aether", "2.0.0 2.1.0", "2.1.0",
			refusal{Rule: "2.1.0 already exists, and a version is never released twice", Want: "2.1.1"}},

		{"a patch after a burned version", "kubernetes", "v1.18.0 v1.18.10 v1.19.0", "v1.18.12",
			refusal{Rule: "it would skip v1.18.11", Want: "v1.18.11", Skippable: true}},
		{"the next alpha after one of the old form", "peerpods", "v0.8.0 v0.9.0-alpha1", "v0.9.0-alpha.2", refusal{}},
		{"an alpha that exists in the old form", "peerpods", "v0.8.0 v0.9.0-alpha1", "v0.9.0-alpha.1",
			refusal{Rule: "v0.9.0-alpha1 already exists, and a version is never released twice",
				Want: "v0.9.0-alpha.2"}},
	}
	for _, c := range cases {
		t.Run(c.scheme+": "+c.name, func(t *testing.T) {
			scheme := schemes[c.scheme]
			version, err := scheme.Parse(c.version)
			if err == nil {
				err = scheme.Follows(version, readAll(c.released))
			}
			var rule *release.RuleError
			got := refusal{}
			if errors.As(err, &rule) {
				got = refusal{rule.Rule, rule.Want, rule.Skippable}
			}
			if diff := cmp.Diff(c.refused, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// readAll reads tags with the first scheme that knows them, as a repository that holds two families does.
func readAll(tags string) []release.Version {
	var out []release.Version
	for _, tag := range strings.Fields(tags) {
		for _, s := range []release.Scheme{drivers, libs, peerpods, kubernetes, aether} {
			if v, ok := s.Read(tag); ok {
				out = append(out, v)
				break
			}
		}
	}
	return out
}

func TestWhatAVersionIsAmongTheReleased(t *testing.T) {
	type answers struct {
		Kind, Previous string
		Latest         bool
	}
	cases := []struct {
		name, scheme, released, version string
		want                            answers
	}{
		{"a planned release", "libs", "0.20.0 0.20.1 0.21.0-rc1", "0.21.0", answers{"minor", "0.20.1", true}},
		{"a patch on an older line", "libs", "0.20.0 0.20.1 0.21.0", "0.20.2", answers{"patch", "0.20.1", false}},
		{"the first", "libs", "", "0.21.0", answers{"minor", "", true}},
		{"a major", "kata", "3.9.0 3.32.0", "4.0.0", answers{"major", "3.32.0", true}},
		{"the newest by number, not by name", "kata", "3.8.0 3.9.0", "3.10.0", answers{"minor", "3.9.0", true}},
		{"a candidate is never latest", "libs", "0.20.0", "0.21.0-rc1", answers{"minor", "0.20.0", false}},
		{"a hotfix of an older driver", "drivers", "0.25.0 7.2.1+driver 7.3.0+driver 8.0.0+driver", "7.3.1+driver",
			answers{"patch", "7.3.0+driver", false}},
		{"libs beside a newer driver", "libs", "0.24.0 10.1.0+driver", "0.25.0", answers{"minor", "0.24.0", true}},
		{"another family", "drivers", "0.25.0 9.1.0+driver", "10.0.0+driver", answers{"major", "9.1.0+driver", true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			scheme, released := schemes[c.scheme], readAll(c.released)
			v := mustRead(t, scheme, c.version)
			got := answers{Kind: scheme.KindOf(v, released), Latest: scheme.IsLatest(v, released)}
			if previous, ok := scheme.Previous(v, released); ok {
				got.Previous = previous.String()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCandidatesAreCountedByNumber(t *testing.T) {
	type candidate struct {
		Next, Newest string
		N            int
	}
	cases := []struct {
		name, scheme, tags, version string
		want                        candidate
	}{
		{"none yet", "libs", "0.20.0-rc3", "0.21.0", candidate{"0.21.0-rc1", "0.0.0", 1}},
		{"one more than the highest", "libs", "0.21.0-rc1 0.21.0-rc10 0.21.0-rc9", "0.21.0",
			candidate{"0.21.0-rc11", "0.21.0-rc10", 11}},
		{"one that began at 0", "libs", "0.21.0-rc0", "0.21.0", candidate{"0.21.0-rc1", "0.21.0-rc0", 1}},
		{"a gap is not filled", "libs", "0.21.0-rc3", "0.21.0", candidate{"0.21.0-rc4", "0.21.0-rc3", 4}},
		{"not those of the drivers", "libs", "0.21.0-rc1 10.1.0-rc5+driver", "0.21.0",
			candidate{"0.21.0-rc2", "0.21.0-rc1", 2}},
		{"the old form counts", "drivers", "7.1.0+driver-rc1", "7.1.0+driver",
			candidate{"7.1.0-rc2+driver", "7.1.0+driver-rc1", 2}},
		{"the old form counts", "peerpods", "v0.9.0-alpha1", "v0.9.0", candidate{"v0.9.0-alpha.2", "v0.9.0-alpha1", 2}},
	}
	for _, c := range cases {
		t.Run(c.scheme+": "+c.name, func(t *testing.T) {
			scheme := schemes[c.scheme]
			next, newest, n := scheme.Candidate(mustRead(t, scheme, c.version), readAll(c.tags))
			if diff := cmp.Diff(c.want, candidate{next.String(), newest.String(), n}); diff != "" {
				t.Error(diff)
			}
		})
	}
}
