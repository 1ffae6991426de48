package release

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/semver"
)

// A Version is a SemVer 2.0 version as a project writes it. What was written is kept: String prints it.
type Version struct {
	Major, Minor, Patch int
	// Pre is the pre-release part without its dash: rc2, alpha.1, dev.
	Pre string
	// Build is the build metadata without its plus: driver.
	Build string
	// Prefix is what stands before the number: v or nothing.
	Prefix string
	// Written is set where an old form was read that String could not print from the parts: 7.1.0+driver-rc1,
	// which means 7.1.0-rc1+driver.
	Written string
}

// String is the version as it was written.
func (v Version) String() string {
	if v.Written != "" {
		return v.Written
	}
	s := v.Prefix + v.Core()
	if v.Pre != "" {
		s += "-" + v.Pre
	}
	if v.Build != "" {
		s += "+" + v.Build
	}
	return s
}

// Core is the number alone: 0.21.0.
func (v Version) Core() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Final says that it is no pre-release.
func (v Version) Final() bool { return v.Pre == "" }

// Compare orders by SemVer precedence: negative when a comes before b. Prefix and build metadata do not count
// (SemVer 2.0, section 10). Mind that SemVer puts rc10 before rc2; Scheme.Candidate counts by number instead.
func Compare(a, b Version) int {
	if c := cmp.Or(cmp.Compare(a.Major, b.Major), cmp.Compare(a.Minor, b.Minor),
		cmp.Compare(a.Patch, b.Patch)); c != 0 {
		return c
	}
	return semver.Compare(a.plain(), b.plain())
}

// plain is the version as x/mod/semver knows it.
func (v Version) plain() string {
	s := "v" + v.Core()
	if v.Pre != "" {
		s += "-" + v.Pre
	}
	return s
}

// line says that both are of the same M.m line, which one release branch serves.
func (v Version) line(w Version) bool { return v.Major == w.Major && v.Minor == w.Minor }

// final is the version without its pre-release part.
func (v Version) final() Version {
	v.Pre, v.Written = "", ""
	return v
}

// bump is the next number of that kind, by the usual convention that a pre-release comes before its own number:
// the patch after 4.0.1-dev is 4.0.1, the minor after 3.1.8-dev is 3.2.0, the minor after 2.1.0-dev is 2.1.0.
func (v Version) bump(kind string) Version {
	pre := !v.Final()
	v = v.final()
	switch kind {
	case "major":
		if pre && v.Minor == 0 && v.Patch == 0 {
			return v
		}
		v.Major, v.Minor, v.Patch = v.Major+1, 0, 0
	case "minor":
		if pre && v.Patch == 0 {
			return v
		}
		v.Minor, v.Patch = v.Minor+1, 0
	case "patch":
		if pre {
			return v
		}
		v.Patch++
	}
	return v
}

// parseSemVer reads prefix and SemVer. The problem is a rule of SemVer in words, empty when there is none.
func parseSemVer(text string) (v Version, problem string) {
	rest, hasV := strings.CutPrefix(text, "v")
	if hasV {
		v.Prefix = "v"
	}
	core, build, hasBuild := strings.Cut(rest, "+")
	core, pre, hasPre := strings.Cut(core, "-")
	parts := strings.Split(core, ".")
	if len(parts) != 3 {
		return v, ruleThreeNumbers()
	}
	for i, into := range []*int{&v.Major, &v.Minor, &v.Patch} {
		part := parts[i]
		n, err := strconv.ParseUint(part, 10, 31)
		switch {
		case part == "" || strings.Trim(part, "0123456789") != "":
			return v, ruleWholeNumbers()
		case err != nil:
			return v, ruleNumberSize()
		case len(part) > 1 && part[0] == '0':
			return v, ruleLeadingZero()
		}
		*into = int(n)
	}
	if (hasPre && pre == "") || (hasBuild && build == "") {
		return v, ruleEmptyPart()
	}
	v.Pre, v.Build = pre, build
	if hasBuild && !semver.IsValid(v.plain()+"+"+build) || !semver.IsValid(v.plain()) {
		return v, ruleIdentifiers()
	}
	return v, ""
}
