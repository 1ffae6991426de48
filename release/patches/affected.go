package patches

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/parse"
)

// Span is what one line has of a problem: the versions from From, up to but not with Until. Versions are written with
// their v.
type Span struct {
	Minor string
	From  string
	Until string // empty while nothing on the line resolves it
	// Said says that the issue names From. Without it the line is younger than one that has the problem, and has it, if
	// at all, from its first pre-release on.
	Said bool
	// May says that nothing but the line's age speaks for it: the issue names no version of it, and nobody fixed it there.
	May bool
}

// MinorOf is the line of a version: 1.30 for v1.30.5.
func MinorOf(version string) string { return strings.TrimPrefix(semver.MajorMinor(version), "v") }

// following is the line after another: 1.31 after 1.30.
func following(minor string) string {
	major, n, _ := strings.Cut(minor, ".")
	number, _ := strconv.Atoi(n) // of a line of a version that was parsed
	return major + "." + strconv.Itoa(number+1)
}

// nextMajor is the first version of the next major one.
func nextMajor(minor string) string {
	major, _, _ := strings.Cut(minor, ".")
	number, _ := strconv.Atoi(major)
	return "v" + strconv.Itoa(number+1) + ".0.0"
}

// Lines are the lines that have a version, and some more, oldest first.
func Lines(versions, more []string) []string {
	lines := slices.Clone(more)
	for _, v := range versions {
		lines = append(lines, MinorOf(v))
	}
	slices.SortFunc(lines, CompareMinors)
	return slices.Compact(lines)
}

func sortedMinors[T any](byMinor map[string]T) []string {
	return slices.SortedFunc(maps.Keys(byMinor), CompareMinors)
}

// CompareMinors orders lines by number: 1.9 before 1.10.
func CompareMinors(a, b string) int {
	return semver.Compare("v"+a+".0", "v"+b+".0")
}

// Spans are the lines that have the problem, oldest first, of those that are known: the lines that the issue names, and
// those of minors that are not older than the oldest it names. A fix that is in the first version of a line leaves that
// line without a span.
func Spans(b parse.Block, minors []string) []Span {
	if len(b.IntroducedIn) == 0 {
		return nil
	}
	from, until := map[string]string{}, map[string]string{}
	for _, v := range b.IntroducedIn {
		if m := MinorOf(v.Text); from[m] == "" { // lowest first
			from[m] = v.Text
		}
	}
	for _, v := range b.ResolvedIn {
		if m := MinorOf(v.Text); until[m] == "" {
			until[m] = v.Text
		}
	}
	oldest := MinorOf(b.IntroducedIn[0].Text)
	lines := slices.Clone(minors)
	for m := range from {
		lines = append(lines, m)
	}
	for m := range until {
		lines = append(lines, m)
	}
	slices.SortFunc(lines, CompareMinors)
	var out []Span
	fixed := false // a line whose first version has the fix: so have those after it
	for _, m := range slices.Compact(lines) {
		s := Span{Minor: m, From: from[m], Until: until[m], Said: from[m] != ""}
		s.May = !s.Said && s.Until == ""
		if CompareMinors(m, oldest) < 0 || fixed && !s.Said && s.Until == "" {
			continue
		}
		if !s.Said {
			s.From = "v" + m + ".0-0" // before every pre-release
		}
		if s.Until != "" && semver.Compare(s.Until, "v"+m+".0") <= 0 && !s.Said {
			fixed = true
			continue
		}
		out = append(out, s)
	}
	return out
}

// Published are spans without the ends that are no published versions: a promise resolves nothing.
func Published(spans []Span, versions []string) []Span {
	out := slices.Clone(spans)
	for i, s := range out {
		if !slices.Contains(versions, s.Until) {
			out[i].Until = ""
		}
	}
	return out
}

// Has says that a version is in one of the spans.
func Has(spans []Span, version string) bool {
	return slices.ContainsFunc(spans, func(s Span) bool {
		return s.Minor == MinorOf(version) && semver.Compare(version, s.From) >= 0 &&
			(s.Until == "" || semver.Compare(version, s.Until) < 0)
	})
}

// Affected are the versions of those that exist which have the problem, lowest first.
func Affected(spans []Span, versions []string) []string {
	var out []string
	for _, v := range versions {
		if Has(spans, v) {
			out = append(out, v)
		}
	}
	semver.Sort(out)
	return out
}

// Versions are the tags that are versions, lowest first. Tags of other families are left out.
func Versions(tags []string) []string {
	var out []string
	for _, tag := range tags {
		if semver.IsValid(tag) && semver.Build(tag) == "" && strings.Count(tag, ".") >= 2 {
			out = append(out, tag)
		}
	}
	semver.Sort(out)
	return out
}

// NextPatch is the version that a line's branch will release next, after the highest that exists.
func NextPatch(minor string, versions []string) string {
	next := 0
	for _, v := range versions {
		if MinorOf(v) == minor && semver.Prerelease(v) == "" {
			patch, _ := strconv.Atoi(v[strings.LastIndex(v, ".")+1:])
			next = max(next, patch+1)
		}
	}
	return "v" + minor + "." + strconv.Itoa(next)
}

// MaintainedLines are the lines that get patches, newest first: those of the policy, else the newest that were released
// or have a candidate.
func (p Policy) MaintainedLines(versions []string) []string {
	if len(p.Maintained) > 0 {
		return slices.SortedFunc(slices.Values([]string(p.Maintained)),
			func(a, b string) int { return CompareMinors(b, a) })
	}
	var lines []string
	for _, v := range versions {
		if pre := semver.Prerelease(v); (pre == "" || strings.HasPrefix(pre, "-rc")) &&
			!slices.Contains(p.Picks.EOL, MinorOf(v)) {
			lines = append(lines, MinorOf(v))
		}
	}
	slices.SortFunc(lines, func(a, b string) int { return CompareMinors(b, a) })
	lines = slices.Compact(lines)
	return lines[:min(len(lines), cmp.Or(p.Keep, 3))]
}

// Blocks says that an issue stands in the way of a version: its line has the problem, and the version does not resolve
// it by what the issue says. On a line that gets no fix it stands in nobody's way.
func (p Policy) Blocks(is Issue, version string, maintained []string) bool {
	if is.Has(p.wontFix(MinorOf(version))) {
		return false
	}
	for _, s := range Spans(is.Block, maintained) {
		if s.Minor == MinorOf(version) && (s.Until == "" || semver.Compare(s.Until, version) > 0) {
			return true
		}
	}
	return is.Embargoed && len(is.Block.IntroducedIn) == 0 // nobody can tell: ask its owner
}
