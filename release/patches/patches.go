package patches

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

// State is how far a fix is on one line.
type State string

// The states, from nothing to everything.
const (
	Open        State = "open"              // no fix is merged
	PickMissing State = "not cherry-picked" // merged on the main branch, and nobody picked it
	PickHeld    State = "not approved"      // a pick waits for its approval
	PickOpen    State = "cherry-pick open"  // a pick waits to be merged
	Merged      State = "not tagged"        // on the branch, and in no version yet
	Tagged      State = "fixed"             // in a version
	Doubted     State = "not in the tag"    // said to be in a version, and git does not find it there
)

// Facts are what was found out about an issue when it was last looked at.
type Facts struct {
	Fixes  []Fix             `json:"fixes,omitempty"`
	Claims []Claim           `json:"claims,omitempty"`
	Picks  map[string]Pick   `json:"picks,omitempty"` // by line
	Alarms []Alarm           `json:"alarms,omitempty"`
	Reason map[string]string `json:"reasons,omitempty"` // of labels
}

// Pick is the cherry-pick of a fix on one line.
type Pick struct {
	Ref    string `json:"ref"` // #124
	URL    string `json:"url"`
	Merged bool   `json:"merged"`
	Held   bool   `json:"held,omitempty"` // nobody approved it yet
	Tag    string `json:"tag,omitempty"`
}

// Known is an issue with its facts.
type Known struct {
	Issue
	Facts Facts
}

// Spans are the versions that have the problem, by what of the issue can be believed.
func (k Known) Spans(maintained []string) []Span {
	return Spans(Believed(k.Block, k.Facts.Claims), maintained)
}

// On says how far the fix of an issue is on a line that has the problem.
func (k Known) On(s Span) (State, string) {
	for _, c := range k.Facts.Claims {
		if MinorOf(c.Version) != s.Minor {
			continue
		}
		switch {
		case c.Says == No:
			return Doubted, c.Version
		case c.Released:
			return Tagged, c.Version
		}
	}
	if pick, ok := k.Facts.Picks[s.Minor]; ok {
		switch {
		case pick.Tag != "":
			return Tagged, pick.Tag
		case pick.Merged:
			return Merged, pick.Ref
		case pick.Held:
			return PickHeld, pick.Ref
		}
		return PickOpen, pick.Ref
	}
	for _, f := range k.Facts.Fixes {
		if f.Merged {
			return PickMissing, f.Ref
		}
	}
	return Open, ""
}

// Upcoming is the report of the patch releases that come next, by line, the newest first. dues are those of milestones,
// dates those of the schedule.
func (p Policy) Upcoming(known []Known, versions []string, dues map[string]time.Time, dates map[string]Dates,
	now time.Time, url string) string {
	var b page
	b.line("## Upcoming patch releases")
	maintained := p.MaintainedLines(versions)
	alarms := []string{}
	for _, minor := range maintained {
		next := NextPatch(minor, versions)
		b.line("\n### %s\n", next)
		if at, ok := dues[next]; ok {
			b.line("Due: %s.\n", due(at, now))
		}
		if d, ok := dates[next]; ok {
			b.line("Cherry-pick deadline: %s. Release date: %s (%s).\n", due(d.Deadline, now), day(d.Target), d.Source)
		}
		rows := map[State][]string{}
		count := 0
		for _, k := range p.byWeight(known) {
			if k.Embargoed {
				continue // which line it is on is told by its description, and nothing of that is told here
			}
			for _, s := range k.Spans(maintained) {
				state, what := k.On(s)
				if s.Minor != minor || state == Tagged || state == Open && k.State != "open" {
					continue
				}
				count++
				rows[state] = append(rows[state], fmt.Sprintf("| %s | %s | %s | %s |", k.Line(), families(k.Issue),
					state, detail(state, what)))
			}
		}
		if count == 0 {
			b.line("No fixes are known yet.")
			continue
		}
		b.line("| Issue | Priority, SIG | Fix | Details |\n|---|---|---|---|")
		var lines []string
		for _, state := range []State{Doubted, Open, PickMissing, PickHeld, PickOpen, Merged, Tagged} {
			lines = append(lines, rows[state]...)
		}
		b.list(lines, longest/(2*len(maintained)), "[all of them]("+url+")")
	}
	var secret []string
	for _, k := range p.byWeight(known) {
		if k.Embargoed && k.State == "open" {
			secret = append(secret, "- "+k.Line()+tags(k.Issue))
		}
	}
	if len(secret) > 0 {
		b.line("\n### Security fixes\n")
		b.list(secret, longest/4, "[all of them]("+url+")")
	}
	for _, k := range p.byWeight(known) {
		for _, a := range k.Facts.Alarms {
			what := a.What // of versions, branches and pull requests only: nothing that a person wrote
			if k.Embargoed {
				what = "the issue and the commits disagree"
			}
			alarms = append(alarms, "- "+k.Line()+": "+what)
		}
	}
	if len(alarms) > 0 {
		b.line("\n### Needs attention\n")
		b.list(alarms, 0, "[all of them]("+url+")")
	}
	return strings.TrimRight(b.String(), "\n")
}

func (p Policy) byWeight(known []Known) []Known {
	out := slices.Clone(known)
	slices.SortStableFunc(out, func(a, b Known) int {
		if d := p.weight(a.Issue) - p.weight(b.Issue); d != 0 {
			return d
		}
		return a.Number - b.Number
	})
	return out
}

func detail(state State, what string) string {
	switch state {
	case Open:
		return "no fix is merged"
	case PickMissing:
		return what + " is merged, but not cherry-picked"
	case PickHeld:
		return what + " is waiting for approval"
	case PickOpen:
		return what + " is waiting to be merged"
	case Merged:
		return what + " is merged, but not in a version yet"
	case Doubted:
		return "the issue says it is in " + what
	}
	return what
}

// KnownIssues is the report of a published version: what it has, and where that is fixed.
func (p Policy) KnownIssues(version string, known []Known, versions []string, url string) string {
	var b page
	b.line("## Known issues of %s\n", version)
	if !slices.Contains(versions, version) {
		b.line("%s does not exist.", version)
		return strings.TrimRight(b.String(), "\n")
	}
	maintained := p.MaintainedLines(versions)
	var lines []string
	for _, k := range p.byWeight(known) {
		spans := k.Spans(maintained)
		if !Has(spans, version) {
			continue
		}
		if k.Embargoed {
			lines = append(lines, "- "+k.Line()+tags(k.Issue))
			continue
		}
		fixed := "not resolved in " + MinorOf(version)
		for _, s := range spans {
			if s.Minor == MinorOf(version) && s.Until != "" {
				if fixed = "resolved in " + s.Until; !slices.Contains(versions, s.Until) {
					fixed = "to be resolved in " + s.Until
				}
			}
		}
		since := ""
		for _, s := range spans {
			if s.Minor == MinorOf(version) && s.Said {
				since = ", since " + s.From
			}
		}
		lines = append(lines, fmt.Sprintf("- %s%s: %s%s", k.Line(), tags(k.Issue), fixed, since))
	}
	if len(lines) == 0 {
		b.line("No known issues.")
	}
	b.list(lines, 0, "[all of them]("+url+")")
	if Superseded(version, versions) {
		b.line("\nThe newest version of %s is %s.", MinorOf(version), newestOf(MinorOf(version), versions))
	}
	return strings.TrimRight(b.String(), "\n")
}

// tally counts the issues of a line by how far their fixes are. What is in a version is none of it any more.
func (p Policy) tally(known []Known, minor string, maintained []string) (counts map[State]int, late []Known) {
	counts = map[State]int{}
	for _, k := range p.byWeight(known) {
		if k.Embargoed {
			continue
		}
		for _, s := range k.Spans(maintained) {
			if s.Minor != minor {
				continue
			}
			state, _ := k.On(s)
			if state == Tagged || state == Open && k.State != "open" {
				continue
			}
			counts[state]++
			if slices.Contains([]State{PickMissing, PickHeld, PickOpen}, state) {
				late = append(late, k)
			}
		}
	}
	return counts, late
}

func (c counted) String() string {
	var out []string
	for _, state := range []State{Doubted, Open, PickMissing, PickHeld, PickOpen, Merged} {
		if c[state] > 0 {
			out = append(out, fmt.Sprintf("%d %s", c[state], state))
		}
	}
	if len(out) == 0 {
		return "no fixes are known yet"
	}
	return strings.Join(out, ", ")
}

type counted map[State]int

// PickReminder says that the deadline for picks is near, with the picks that are not merged. versions are those whose
// deadline it is.
func (p Policy) PickReminder(known []Known, tags, versions []string, d Dates, now time.Time) string {
	var b page
	b.line("**The cherry-pick deadline for %s is %s.** The release date is %s (%s).", strings.Join(versions, ", "),
		strings.ReplaceAll(due(d.Deadline, now), "**", ""), day(d.Target), d.Source)
	return p.remind(&b, known, tags, versions)
}

// DayReminder says that the day of a release has come, with what is not in yet.
func (p Policy) DayReminder(known []Known, tags, versions []string, d Dates) string {
	var b page
	b.line("**%s is due today** (%s).", strings.Join(versions, ", "), d.Source)
	return p.remind(&b, known, tags, versions)
}

func (p Policy) remind(b *page, known []Known, tags, versions []string) string {
	maintained := p.MaintainedLines(tags)
	for _, v := range versions {
		counts, late := p.tally(known, MinorOf(v), maintained)
		b.line("\n%s: %s.", v, counted(counts))
		var lines []string
		for _, k := range late {
			lines = append(lines, "- Not merged yet: "+k.Line())
		}
		b.list(lines, longest/2, "the report")
	}
	return strings.TrimRight(b.String(), "\n")
}

// Weekly sums the coming patch releases up: the state of each line, and what is another way than a week ago ("The patch
// release czar will summarize all issues discovered since the last patch release weekly", kubernetes/community#774).
func (p Policy) Weekly(known []Known, tags []string, before Baseline, now time.Time) string {
	var b page
	year, week := now.UTC().ISOWeek()
	b.line("**Patch releases, week %d of %d.**\n", week, year)
	maintained := p.MaintainedLines(tags)
	for _, minor := range maintained {
		counts, _ := p.tally(known, minor, maintained)
		b.line("- %s: %s", NextPatch(minor, tags), counted(counts))
	}
	var issues []Issue
	for _, k := range known {
		issues = append(issues, k.Issue)
	}
	b.changes(issues, before)
	return strings.TrimRight(b.String(), "\n")
}

// Superseded says that the line of a version has a newer one.
func Superseded(version string, versions []string) bool {
	return semver.Compare(newestOf(MinorOf(version), versions), version) > 0
}

func newestOf(minor string, versions []string) string {
	newest := ""
	for _, v := range versions {
		if MinorOf(v) == minor && semver.Prerelease(v) == "" {
			newest = v
		}
	}
	return newest
}

// FixedIn tells an issue which versions have its fix, and on which maintained lines it is open still; nothing before
// the first of them is published, and nothing of what is under embargo.
func (k Known) FixedIn(maintained []string) string {
	in, open := k.fixed(maintained)
	if len(in) == 0 || k.Embargoed {
		return ""
	}
	text := "**Fixed in " + strings.Join(in, ", ") + ".**"
	if len(open) > 0 {
		return text + " Not fixed yet in " + strings.Join(open, ", ") + "."
	}
	return text + " All maintained release lines have the fix. If nothing else is left to do, close the issue."
}

// Everywhere says that published versions have the fix on every maintained line that is affected.
func (k Known) Everywhere(maintained []string) bool {
	in, open := k.fixed(maintained)
	return len(in) > 0 && len(open) == 0 && !k.Embargoed
}

// fixed are the published versions with the fix, the newest first, and the maintained lines that are without it.
func (k Known) fixed(maintained []string) (in, open []string) {
	for _, c := range k.Facts.Claims {
		if c.Released && c.Says != No {
			in = append(in, c.Version)
		}
	}
	slices.SortFunc(in, func(a, b string) int { return semver.Compare(b, a) })
	for _, s := range k.Spans(maintained) {
		if state, _ := k.On(s); state != Tagged && slices.Contains(maintained, s.Minor) {
			open = append(open, s.Minor)
		}
	}
	return in, open
}
