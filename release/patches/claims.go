package patches

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/parse"
)

// Answer is what git says of a claim: three answers, because a pull request that cannot be found proves nothing.
type Answer int

// The answers.
const (
	Unknown Answer = iota
	Yes
	No
)

// Fix is a pull request that an issue names, as GitHub and git show it.
type Fix struct {
	Ref    string // #123
	Found  bool
	Merged bool
	Base   string // the branch that it went into, or would go into
	// In says, by tag, whether the tag contains its commit or a cherry-pick of it.
	In map[string]Answer
}

// Claim is one line resolved-in of an issue, held against git.
type Claim struct {
	Version string
	Line    int // of the issue
	// Released says that the tag exists; Burned that a later one of its line does, so that it never will.
	Released, Burned bool
	// Says is what git says of the fixes in a released version: Yes when it has all that it can know of.
	Says Answer
	// Lacks are the pull requests that it has not.
	Lacks []string
}

// Claims hold every resolved-in against the tags and the fixes. A fix that went into a release branch by itself is
// asked only for the versions of that line.
func Claims(p Policy, b parse.Block, fixes []Fix, versions []string) []Claim {
	var out []Claim
	for _, v := range b.ResolvedIn {
		c := Claim{Version: v.Text, Line: v.Line, Released: slices.Contains(versions, v.Text)}
		c.Burned = !c.Released && slices.ContainsFunc(versions, func(o string) bool {
			return MinorOf(o) == MinorOf(v.Text) && semver.Prerelease(o) == "" && semver.Compare(o, v.Text) > 0
		})
		if c.Released {
			c.Says, c.Lacks = held(p, v.Text, fixes)
		}
		out = append(out, c)
	}
	return out
}

// held asks the fixes of one version. A pull request of the line itself counts; those of other lines do not, and
// those of the main branch have to be there themselves or as a pick. While none of them is merged, none can be in it.
func held(p Policy, version string, fixes []Fix) (Answer, []string) {
	says := Unknown
	var lacks, open []string
	for _, f := range fixes {
		if minor, ok := p.LineOfBranch(f.Base); ok && minor != MinorOf(version) {
			continue
		}
		if !f.Merged {
			if f.Found {
				open = append(open, f.Ref)
			}
			continue
		}
		switch f.In[version] {
		case Yes:
			if says == Unknown {
				says = Yes
			}
		case No:
			says = No
			lacks = append(lacks, f.Ref)
		}
	}
	// A pick into the line proves it, also where the original cannot be found in it: the pick may have been adapted.
	if says == No && slices.ContainsFunc(fixes, func(f Fix) bool {
		minor, ok := p.LineOfBranch(f.Base)
		return ok && minor == MinorOf(version) && f.Merged && f.In[version] == Yes
	}) {
		return Yes, nil
	}
	if len(open) > 0 && !slices.ContainsFunc(fixes, func(f Fix) bool { return f.Merged }) {
		return No, open
	}
	return says, lacks
}

// Believed is a block without the claims that git contradicts: what they say is reported, and counts for nothing.
func Believed(b parse.Block, claims []Claim) parse.Block {
	b.ResolvedIn = slices.DeleteFunc(slices.Clone(b.ResolvedIn), func(v parse.Version) bool {
		return slices.ContainsFunc(claims,
			func(c Claim) bool { return c.Version == v.Text && (c.Says == No || c.Burned) })
	})
	return b
}

// Alarm is something that no label shows and that somebody should look at.
type Alarm struct {
	What, Fix string
}

// Alarms are what an issue says that cannot be, or should not stay so.
func Alarms(p Policy, spans []Span, claims []Claim, fixes []Fix, maintained []string) []Alarm {
	var out []Alarm
	for _, c := range claims {
		switch {
		case c.Burned:
			out = append(out, Alarm{
				fmt.Sprintf("the issue says `resolved-in=%s`, but that version was never released, and a later "+
					"version of %s was", c.Version, MinorOf(c.Version)),
				"use the first version that has the fix",
			})
		// a warning: CVE-2023-5528 was fixed in v1.25.16 all the same
		case !c.Released && ended(MinorOf(c.Version), maintained):
			out = append(out, Alarm{
				fmt.Sprintf("the issue says `resolved-in=%s`, but %s no longer gets patches", c.Version,
					MinorOf(c.Version)),
				"correct the version, or remove the line. If this release line still gets patches, add it to " +
					"`maintained` in `" + File + "`",
			})
		case c.Says == No:
			out = append(out, Alarm{
				fmt.Sprintf("the issue says `resolved-in=%s`, but the tag does not contain %s", c.Version,
					strings.Join(c.Lacks, ", ")),
				"correct the version, or list the pull request that brought the fix there under `## PRs`",
			})
		}
	}
	newest := ""
	for _, c := range claims {
		if c.Released && c.Says != No && (newest == "" || CompareMinors(MinorOf(c.Version), MinorOf(newest)) < 0) {
			newest = c.Version // the oldest line with a fix: every maintained one after it must have it
		}
	}
	for _, s := range slices.Backward(spans) {
		if newest != "" && s.Until == "" && slices.Contains(maintained, s.Minor) &&
			CompareMinors(s.Minor, MinorOf(newest)) > 0 {
			out = append(out, Alarm{
				fmt.Sprintf("the fix is in %s, but not in %s: after an upgrade, users would have the problem again",
					newest, s.Minor),
				fmt.Sprintf("to cherry-pick the fix into %s, comment `/cherry-pick %s` on its pull request. If it is "+
					"already there, add `resolved-in=v%s.N`", p.Branch(s.Minor), p.Branch(s.Minor), s.Minor),
			})
		}
	}
	if merged := slices.DeleteFunc(slices.Clone(fixes), func(f Fix) bool { return !f.Merged }); len(merged) > 0 {
		onMain := slices.ContainsFunc(merged, func(f Fix) bool { _, line := p.LineOfBranch(f.Base); return !line })
		waits := slices.ContainsFunc(fixes, func(f Fix) bool {
			_, line := p.LineOfBranch(f.Base)
			return f.Found &&
				!line
		})
		if !onMain && !waits {
			out = append(out, Alarm{
				fmt.Sprintf("the fix is on %s, but not on the main branch: the next minor version would have the "+
					"problem again", merged[0].Base),
				"open a pull request against the main branch, and list it under `## PRs`",
			})
		}
	}
	return out
}

// ended says that a line is below the newest maintained one, and none of them.
func ended(minor string, maintained []string) bool {
	return len(maintained) > 0 && !slices.Contains(maintained, minor) &&
		CompareMinors(minor, slices.MaxFunc(maintained, CompareMinors)) < 0
}
