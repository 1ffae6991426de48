package patches

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/release/markdown"
)

// Overview is what the reports of the coming patch releases are made of.
type Overview struct {
	Known    []Known
	Versions []string
	// Dues are the due dates of milestones, Dates what the schedule says, both by version.
	Dues  map[string]time.Time
	Dates map[string]Dates
	// Before is what the comparison begins with.
	Before Baseline
	Now    time.Time
	URL    string // of the list of all tracked issues
}

// row is an issue on a line that has the problem.
type row struct {
	Known
	Span
	Standing
}

// rows are the issues of a line that are not fixed there, by priority; those that will not be fixed come last. Closed
// ones are there until their fix is in a version, where there is a fix at all.
func (p Policy) rows(known []Known, minor string, maintained []string) []row {
	var open, wont []row
	for _, k := range p.byWeight(known) {
		for _, s := range k.Spans(maintained) {
			st := k.On(p, s)
			switch closed := k.State != "open"; {
			case s.Minor != minor || st.State == Tagged:
			case closed && slices.Contains([]State{Open, Proposed, WontFix}, st.State):
			case st.State == WontFix:
				wont = append(wont, row{k, s, st})
			default:
				open = append(open, row{k, s, st})
			}
		}
	}
	return append(open, wont...)
}

// byWeight orders issues by priority. Those under embargo are left out: nothing is told of them.
func (p Policy) byWeight(known []Known) []Known {
	out := slices.DeleteFunc(slices.Clone(known), func(k Known) bool { return k.Embargoed })
	slices.SortStableFunc(out, func(a, b Known) int {
		if d := p.weight(a.Issue) - p.weight(b.Issue); d != 0 {
			return d
		}
		return a.Number - b.Number
	})
	return out
}

// Upcoming is the report of the patch releases that come next: the issues that cannot be placed, then each line, the
// newest first.
func (p Policy) Upcoming(o Overview) string {
	var b page
	b.line("## Upcoming patch releases")
	maintained := p.MaintainedLines(o.Versions)
	p.unplaced(&b, o, maintained)
	for _, minor := range maintained {
		p.upcomingLine(&b, o, minor, maintained)
	}
	p.finished(&b, o, maintained)
	p.attention(&b, o)
	b.changes(issuesOf(o.Known), o.Before)
	return strings.TrimRight(b.String(), "\n")
}

const header = "| Issue | Priority | SIG | Owner | %s | Since |\n|---|---|---|---|---|---|"

// cells is an issue as a row of a table.
func (b *page) cells(is Issue, what string, now time.Time) string {
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |", is.Line(), none(is.Under(PriorityPrefix)),
		none(is.Under(SIGPrefix)), is.Owner(), what, since(is.Created, now))
}

func none(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	for i, name := range names {
		names[i] = markdown.Text(name)
	}
	return strings.Join(names, ", ")
}

// since says on which day an issue was opened, and how long ago that is.
func since(at, now time.Time) string {
	switch days := int(now.UTC().Truncate(24*time.Hour).Sub(at.UTC().Truncate(24*time.Hour)).Hours() / 24); days {
	case 0:
		return day(at) + " (today)"
	case 1:
		return day(at) + " (1 day)"
	default:
		return fmt.Sprintf("%s (%d days)", day(at), days)
	}
}

// unplaced are the open issues of which nobody can tell which versions they concern, with what is missing, and whose
// turn it is.
func (p Policy) unplaced(b *page, o Overview, maintained []string) {
	var lines []string
	for _, k := range p.byWeight(o.Known) {
		if missing := p.missing(k, maintained); k.State == "open" && missing != "" {
			lines = append(lines, b.cells(k.Issue, missing, o.Now))
		}
	}
	if len(lines) == 0 {
		return
	}
	b.line("\n### Not placed in a version\n")
	b.line("It is not known which of the coming versions these issues belong to.\n")
	b.line(header, "Whose turn it is, and what is missing")
	b.list(lines, longest/2, "[all of them]("+o.URL+")")
}

// missing is what keeps an issue from being placed on a maintained line, behind those who can provide it; empty when it
// is placed.
func (p Policy) missing(k Known, maintained []string) string {
	spans := k.Spans(maintained)
	if slices.ContainsFunc(spans, func(s Span) bool { return slices.Contains(maintained, s.Minor) }) {
		return ""
	}
	var owner []string
	switch {
	case len(spans) > 0 || len(k.Block.IntroducedIn) > len(k.Facts.Absent):
		owner = append(owner, "the `release` block names no maintained version: close the issue, or correct it")
	case !k.Block.Found:
		owner = append(owner, "a `release` block")
	case len(k.Facts.Absent) > 0:
		owner = append(owner, "a version that exists in `introduced-in` ("+sentence(k.Facts.Absent)+" "+
			doesNot(len(k.Facts.Absent))+")")
	case len(k.Block.Problems) > 0:
		owner = append(owner, "a `release` block that can be read")
	default:
		owner = append(owner, "the version in `introduced-in`")
	}
	if len(k.Under(SIGPrefix)) == 0 {
		owner = append(owner, "a SIG")
	}
	text := k.Owner() + ": " + sentence(owner)
	if len(k.Under(PriorityPrefix)) == 0 {
		text += "; " + p.Trusted.people() + ": a priority"
	}
	return text
}

func doesNot(n int) string {
	if n == 1 {
		return "does not"
	}
	return "do not"
}

func (p Policy) upcomingLine(b *page, o Overview, minor string, maintained []string) {
	next := NextPatch(minor, o.Versions)
	b.line("\n### %s\n", next)
	if at, ok := o.Dues[next]; ok {
		b.line("The milestone is due on %s.\n", due(at, o.Now))
	}
	dates, dated := o.Dates[next]
	if dated {
		b.line("Cherry-pick deadline: %s. Release date: %s (%s).\n", due(dates.Deadline, o.Now), day(dates.Target),
			dates.Source)
	}
	rows := p.rows(o.Known, minor, maintained)
	if len(rows) == 0 {
		b.line("No issue of this version is open.")
		return
	}
	b.line(header, "Fix")
	var lines, late []string
	for _, r := range rows {
		lines = append(lines, b.cells(r.Issue, r.text(), o.Now))
		if r.State != Merged && r.State != WontFix {
			late = append(late, r.link())
		}
	}
	b.list(lines, longest/(2*len(maintained)), "[all of them]("+o.URL+")")
	if dated && len(late) > 0 {
		b.line("\n%s Not merged yet: %s.", p.carried(len(late), minor, o, dates), few(late))
	}
}

// text is the standing of an issue on its line.
func (r row) text() string {
	if r.May {
		return "may be affected; " + r.Text()
	}
	return r.Text()
}

// carried says in words what becomes of so many fixes that are not on the release branch at the deadline.
func (p Policy) carried(late int, minor string, o Overview, d Dates) string {
	next := NextPatch(minor, o.Versions)
	after := NextPatch(minor, append(slices.Clone(o.Versions), next))
	if o.Now.UTC().Format(time.DateOnly) > day(d.Deadline) {
		moves := "1 issue moves"
		if late > 1 {
			moves = fmt.Sprintf("%d issues move", late)
		}
		return fmt.Sprintf("%s to %s, because no fix was merged into `%s` by the deadline.", moves, after,
			p.Branch(minor))
	}
	return fmt.Sprintf("What is not merged into `%s` by the deadline moves to %s.", p.Branch(minor), after)
}

// mostNamed is how many names a sentence has at most.
const mostNamed = 20

// few are names in a sentence, and how many more there are.
func few(names []string) string {
	if more := len(names) - mostNamed; more > 0 {
		return strings.Join(names[:mostNamed], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return sentence(names)
}

// finished are the open issues with nothing left to do on any maintained line.
func (p Policy) finished(b *page, o Overview, maintained []string) {
	var lines []string
	for _, k := range p.byWeight(o.Known) {
		spans := k.Spans(maintained)
		left := slices.ContainsFunc(spans, func(s Span) bool {
			return slices.Contains(maintained, s.Minor) && k.On(p, s).State != Tagged
		})
		if k.State != "open" || left || p.missing(k, maintained) != "" {
			continue
		}
		text := "in a version, but the issue does not say so"
		if f := k.fixed(p, maintained); len(f.in) > 0 {
			text = "fixed in " + sentence(f.in)
		}
		lines = append(lines, "- "+k.Line()+" ("+k.Owner()+"): "+text)
	}
	if len(lines) > 0 {
		b.line("\n### Fixed, and still open\n")
		b.list(lines, longest/4, "[all of them]("+o.URL+")")
	}
}

// attention are the things that somebody should look at and that no table shows.
func (p Policy) attention(b *page, o Overview) {
	var lines []string
	for _, k := range p.byWeight(o.Known) {
		for _, a := range k.Facts.Alarms {
			if !a.Shown {
				lines = append(lines, "- "+k.Line()+" ("+k.Owner()+"): "+a.What)
			}
		}
	}
	if len(lines) > 0 {
		b.line("\n### Needs attention\n")
		b.list(lines, longest/8, "[all of them]("+o.URL+")")
	}
}

func issuesOf(known []Known) []Issue {
	out := make([]Issue, len(known))
	for i, k := range known {
		out[i] = k.Issue
	}
	return out
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
