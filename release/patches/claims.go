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
	URL    string
	Found  bool
	Open   bool
	Merged bool
	Base   string // the branch that it went into, or would go into
	// In says, by tag or release branch, whether that contains its commit or a cherry-pick of it.
	In map[string]Answer
}

// Claim is one line resolved-in of an issue, held against git.
type Claim struct {
	Version string
	Line    int // of the issue
	// Released says that the tag exists; Burned that a later one of its line does, so that it never will; Unplanned that
	// it is neither there nor one of the versions that come next.
	Released, Burned, Unplanned bool
	// Says is what git says of the fixes in a released version, or on the release branch of one that is to come: Yes when
	// it has all that it can know of.
	Says Answer
	// Why says in a clause why git does not bear the claim out; empty when it does.
	Why string
}

// Verified says that the version is published and has a commit of the fix.
func (c Claim) Verified() bool { return c.Released && c.Says == Yes }

// Coming says that the fix is on the branch that the version will be made of.
func (c Claim) Coming() bool { return !c.Released && c.Says == Yes }

// Possible says that the version may still get the fix.
func (c Claim) Possible() bool { return !c.Released && !c.Burned && !c.Unplanned }

// Unverified is how a claim that git does not bear out is told: as the word of the author.
func (c Claim) Unverified() string {
	text := "says " + c.Version + ", not verified"
	if c.Why != "" {
		text += ": " + c.Why
	}
	return text
}

// Revision is where the fix of a version is looked for: its tag, or the branch that it will be made of.
func (p Policy) Revision(version string, versions []string) string {
	if slices.Contains(versions, version) {
		return version
	}
	return p.Branch(MinorOf(version))
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
		c.Unplanned = !c.Released && !c.Burned && !planned(v.Text, versions)
		switch {
		case c.Burned:
			c.Why = "that version was never released, and a later version of " + MinorOf(v.Text) + " was"
		case c.Unplanned:
			c.Why = "there is no such version"
		default:
			c.Says, c.Why = held(p, MinorOf(v.Text), p.Revision(v.Text, versions), fixes)
		}
		out = append(out, c)
	}
	return out
}

// planned says that a version which does not exist may be one of the next two of its line, or the first of the next
// line.
func planned(version string, versions []string) bool {
	minor, core := MinorOf(version), strings.TrimSuffix(version, semver.Prerelease(version))
	newest := ""
	for _, v := range versions {
		if newest == "" || CompareMinors(MinorOf(v), newest) > 0 {
			newest = MinorOf(v)
		}
	}
	if newest == "" || minor != newest && CompareMinors(minor, newest) > 0 {
		return newest == "" || core == "v"+following(newest)+".0" || core == nextMajor(newest)
	}
	if !slices.ContainsFunc(versions, func(o string) bool { return MinorOf(o) == minor }) {
		return false
	}
	next := NextPatch(minor, versions)
	return core == next || core == NextPatch(minor, append(slices.Clone(versions), next))
}

// held asks the fixes of one line, at a revision. A pull request of the line itself counts; those of other lines do
// not, and those of the main branch have to be there themselves or as a pick. While none of them is merged, none can be
// in it.
func held(p Policy, minor, revision string, fixes []Fix) (says Answer, why string) {
	where := "in " + revision
	if revision == p.Branch(minor) {
		where = "on " + revision
	}
	var lacks, unmerged, unknown []string
	concerned := false
	for _, f := range fixes {
		if line, ok := p.LineOfBranch(f.Base); ok && line != minor {
			continue
		}
		concerned = true
		switch {
		case !f.Found:
			unknown = append(unknown, f.Ref)
		case !f.Merged:
			unmerged = append(unmerged, f.Ref)
		case f.In[revision] == Yes:
			says = max(says, Yes)
		case f.In[revision] == No:
			lacks = append(lacks, f.Ref)
		}
	}
	switch {
	// A pick into the line proves it, also where the original cannot be found in it: the pick may have been adapted.
	case slices.ContainsFunc(fixes, func(f Fix) bool {
		line, ok := p.LineOfBranch(f.Base)
		return ok && line == minor && f.Merged && f.In[revision] == Yes
	}):
		return Yes, ""
	case len(lacks) > 0:
		return No, "no commit of " + strings.Join(lacks, ", ") + " is " + where
	case says == Yes:
		return Yes, ""
	case len(unmerged) > 0 && len(unmerged)+len(unknown) == len(fixes):
		return No, strings.Join(unmerged, ", ") + " " + isAre(len(unmerged)) + " not merged"
	case len(fixes) == 0:
		return Unknown, "no pull request is listed under `## PRs`"
	case !concerned:
		return Unknown, "none of the listed pull requests goes into " + minor + " or the main branch"
	case len(unknown) > 0:
		return Unknown, noPulls(unknown)
	}
	return Unknown, "no commit of the listed pull requests is " + where
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func noPulls(refs []string) string {
	if len(refs) == 1 {
		return refs[0] + " is not a pull request of this repository"
	}
	return strings.Join(refs, ", ") + " are not pull requests of this repository"
}

// Absent are the versions that an issue says to have the problem, and that do not exist.
func Absent(b parse.Block, versions []string) []string {
	var out []string
	for _, v := range b.IntroducedIn {
		if !slices.Contains(versions, v.Text) {
			out = append(out, v.Text)
		}
	}
	return out
}

// Believed is a block without what git does not bear out: fixes of published versions that are not found in them, and
// versions that do not exist. What they say is told as the author's word, and counts for nothing. A version that is to
// come stays: it takes nothing away from those that exist.
func Believed(b parse.Block, claims []Claim, absent []string) parse.Block {
	b.ResolvedIn = slices.DeleteFunc(slices.Clone(b.ResolvedIn), func(v parse.Version) bool {
		i := slices.IndexFunc(claims, func(c Claim) bool { return c.Version == v.Text })
		return i < 0 || !claims[i].Verified() && !claims[i].Possible()
	})
	b.IntroducedIn = slices.DeleteFunc(slices.Clone(b.IntroducedIn), func(v parse.Version) bool {
		return slices.Contains(absent, v.Text)
	})
	return b
}

// Alarm is something that no label shows and that somebody should look at.
type Alarm struct {
	What, Fix string
	// Shown says that the tables of the reports show it, too.
	Shown bool `json:",omitempty"`
}

// Alarms are what an issue says that cannot be, or should not stay so.
func Alarms(p Policy, is Issue, f Facts, versions, maintained []string) []Alarm {
	var out []Alarm
	claims, fixes := f.Claims, f.Fixes
	for _, v := range f.Absent {
		out = append(out, Alarm{"the issue says `introduced-in=" + v + "`, but there is no version " + v,
			"write the first version that has the problem; " + newestKnown(MinorOf(v), versions), true})
	}
	for _, c := range claims {
		if a, ok := doubt(c, versions, maintained); ok {
			out = append(out, a)
		}
	}
	for _, f := range fixes {
		told := func(a Alarm) bool { return strings.Contains(a.What, f.Ref+" is not a pull request") }
		if !f.Found && !slices.ContainsFunc(out, told) {
			out = append(out, Alarm{What: noPulls([]string{f.Ref}),
				Fix: "list the pull request of the fix under `## PRs`, or remove " + f.Ref})
		}
	}
	out = append(out, unclaimed(claims, f.Picks)...)
	newest := ""
	for _, c := range claims {
		if c.Verified() && (newest == "" || CompareMinors(MinorOf(c.Version), MinorOf(newest)) < 0) {
			newest = c.Version // the oldest line with a fix: every maintained one after it must have it
		}
	}
	for _, s := range slices.Backward(Known{is, f}.Spans(maintained)) {
		if newest != "" && s.Until == "" && slices.Contains(maintained, s.Minor) && !is.Has(p.wontFix(s.Minor)) &&
			CompareMinors(s.Minor, MinorOf(newest)) > 0 {
			out = append(out, Alarm{
				What: fmt.Sprintf("the fix is in %s, but not in %s: after an upgrade, users would have the problem again",
					newest, s.Minor),
				Fix: fmt.Sprintf("to cherry-pick the fix into %s, comment `/cherry-pick %s` on its pull request. If it is "+
					"already there, add `resolved-in=v%s.N`", p.Branch(s.Minor), p.Branch(s.Minor), s.Minor),
			})
		}
	}
	return append(out, notOnMain(p, fixes)...)
}

// doubt is what to say of a claim that is not borne out and should be. What is to come may wait for its fix.
func doubt(c Claim, versions, maintained []string) (Alarm, bool) {
	says := "the issue says `resolved-in=" + c.Version + "`"
	minor := MinorOf(c.Version)
	switch {
	case c.Burned:
		return Alarm{says + ", but " + c.Why, "use the first version that has the fix", true}, true
	// a warning: CVE-2023-5528 was fixed in v1.25.16 all the same
	case !c.Released && ended(minor, maintained):
		return Alarm{What: says + ", but " + minor + " no longer gets patches",
			Fix: "correct the version, or remove the line. If this release line still gets patches, add it to " +
				"`maintained` in `" + File + "`"}, true
	case c.Unplanned:
		return Alarm{says + ", but there is no version " + c.Version,
			"write a version that exists or comes next; " + newestKnown(minor, versions), true}, true
	case c.Released && c.Says != Yes:
		return Alarm{says + ", which is not verified: " + c.Why,
			"correct the version, or list the pull request that brought the fix there under `## PRs`", true}, true
	}
	return Alarm{}, false
}

// unclaimed are fixes that are in a version, while the issue does not say so.
func unclaimed(claims []Claim, picks map[string]Pick) []Alarm {
	var out []Alarm
	for _, minor := range sortedMinors(picks) {
		tag := picks[minor].Tag
		if tag == "" || slices.ContainsFunc(claims, func(c Claim) bool { return MinorOf(c.Version) == minor }) {
			continue
		}
		out = append(out, Alarm{What: fmt.Sprintf("%s is in %s, but the issue does not say so", picks[minor].Ref, tag),
			Fix: "if that resolves it, add `resolved-in=" + tag + "` to the `release` block"})
	}
	return out
}

// notOnMain warns of a fix that release branches have and the main branch has not.
func notOnMain(p Policy, fixes []Fix) []Alarm {
	merged := slices.DeleteFunc(slices.Clone(fixes), func(f Fix) bool { return !f.Merged })
	main := func(f Fix) bool { _, line := p.LineOfBranch(f.Base); return f.Found && !line }
	if len(merged) == 0 || slices.ContainsFunc(fixes, main) {
		return nil
	}
	return []Alarm{{
		What: fmt.Sprintf("the fix is on %s, but not on the main branch: the next minor version would have the "+
			"problem again", merged[0].Base),
		Fix: "open a pull request against the main branch, and list it under `## PRs`",
	}}
}

// newestKnown says which versions there are, for somebody who named one that there is not.
func newestKnown(minor string, versions []string) string {
	if newest := newestOf(minor, versions); newest != "" {
		return "the newest version of " + minor + " is " + newest + ", and the next is " + NextPatch(minor, versions)
	}
	if len(versions) == 0 {
		return "no version exists yet"
	}
	return "the newest version is " + versions[len(versions)-1]
}

// ended says that a line is below the newest maintained one, and none of them.
func ended(minor string, maintained []string) bool {
	return len(maintained) > 0 && !slices.Contains(maintained, minor) &&
		CompareMinors(minor, slices.MaxFunc(maintained, CompareMinors)) < 0
}
