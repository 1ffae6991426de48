package patches

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// states are those of which the fixes of a line are counted.
var states = [...]State{Doubted, Open, Proposed, PickMissing, PickHeld, PickOpen, Merged}

// counted says how many issues of a line are how far.
func counted(rows []row) string {
	var out []string
	for _, state := range states {
		n := 0
		for _, r := range rows {
			if r.State == state {
				n++
			}
		}
		if n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, state))
		}
	}
	if len(out) == 0 {
		return "no issue is open"
	}
	return strings.Join(out, ", ")
}

// named is an issue with its standing, in a list.
func (r row) named() string {
	return "- " + r.Line() + " (" + strings.Join(append(r.Under(PriorityPrefix), r.Owner()), ", ") + "): " + r.text()
}

// PickReminder says that the deadline for picks is near, with the picks that are not merged. versions are those whose
// deadline it is.
func (p Policy) PickReminder(o Overview, versions []string) string {
	var b page
	d := o.Dates[versions[0]]
	b.line("**The cherry-pick deadline for %s is %s.** The release date is %s (%s).", sentence(versions),
		strings.ReplaceAll(due(d.Deadline, o.Now), "**", ""), day(d.Target), d.Source)
	return p.remind(&b, o, versions)
}

// DayReminder says that the day of a release has come, with what is not in yet.
func (p Policy) DayReminder(o Overview, versions []string) string {
	var b page
	b.line("**%s %s due today** (%s).", sentence(versions), isAre(len(versions)), o.Dates[versions[0]].Source)
	return p.remind(&b, o, versions)
}

func (p Policy) remind(b *page, o Overview, versions []string) string {
	maintained := p.MaintainedLines(o.Versions)
	for _, v := range versions {
		rows := p.rows(o.Known, MinorOf(v), maintained)
		b.line("\n%s: %s.", v, counted(rows))
		var lines []string
		for _, r := range rows {
			if r.State != Merged && r.State != WontFix {
				lines = append(lines, r.named())
			}
		}
		b.list(lines, longest/2, "the report")
		if len(lines) > 0 {
			b.line("\n%s", p.carried(len(lines), MinorOf(v), o, o.Dates[v]))
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// Weekly sums the coming patch releases up: the issues of each line, and what is another way than a week ago ("The
// patch release czar will summarize all issues discovered since the last patch release weekly",
// kubernetes/community#774).
func (p Policy) Weekly(o Overview) string {
	var b page
	year, week := o.Now.In(p.Reports.Location()).ISOWeek()
	b.line("**Patch releases, week %d of %d**", week, year)
	maintained := p.MaintainedLines(o.Versions)
	for _, minor := range maintained {
		next := NextPatch(minor, o.Versions)
		when := ""
		if d, ok := o.Dates[next]; ok {
			when = " (deadline " + day(d.Deadline) + ", release " + day(d.Target) + ")"
		}
		rows := p.rows(o.Known, minor, maintained)
		b.line("\n%s%s: %s.", next, when, counted(rows))
		var lines []string
		for _, r := range rows {
			if r.State != WontFix {
				lines = append(lines, r.named())
			}
		}
		if len(lines) > 0 {
			b.line("")
		}
		b.list(lines, longest/(2*len(maintained)), "[all of them]("+o.URL+")")
	}
	var lines []string
	for _, k := range p.byWeight(o.Known) {
		if missing := p.missing(k, maintained); k.State == "open" && missing != "" {
			lines = append(lines, "- "+k.Line()+". "+missing)
		}
	}
	if len(lines) > 0 {
		b.line("\nNot placed in a version:\n")
		b.list(lines, longest/4, "[all of them]("+o.URL+")")
	}
	b.changes(issuesOf(o.Known), o.Before)
	return strings.TrimRight(b.String(), "\n")
}

// WeeklyKey names the weekly summary of a moment, in the time zone of the policy; empty on every day but its own.
func (p Policy) WeeklyKey(now time.Time) string {
	now = now.In(p.Reports.Location())
	if p.Reports.Weekly == "" || !strings.EqualFold(now.Weekday().String(), p.Reports.Weekly) {
		return ""
	}
	year, week := now.ISOWeek()
	return fmt.Sprintf("week/%d-W%02d", year, week)
}

// NextDay is when the next day begins, be it in UTC, in which dates are given, or in the time zone of the policy.
func (p Policy) NextDay(now time.Time) time.Time {
	utc := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	year, month, d := now.In(p.Reports.Location()).Date()
	local := time.Date(year, month, d+1, 0, 0, 0, 0, p.Reports.Location())
	return slices.MinFunc([]time.Time{utc, local}, time.Time.Compare).UTC()
}
