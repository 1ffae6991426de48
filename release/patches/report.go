package patches

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/markdown"
)

// longest is how many characters of a report are used. GitHub takes 65,536; the rest is for the mark and the link.
const longest = 64000

// Milestone is a milestone as reports show it.
type Milestone struct {
	Number            int
	Title, State, URL string
	Due               time.Time
}

// Baseline is what a report showed when its comparison began.
type Baseline struct {
	At     time.Time `json:"at"`
	Open   []int     `json:"open"`
	Closed []int     `json:"closed"`
}

// Without is the baseline without some issues: of what came under embargo since nothing is told, not even that it is
// gone.
func (b Baseline) Without(hidden []int) Baseline {
	out := func(list []int) []int {
		return slices.DeleteFunc(slices.Clone(list), func(n int) bool { return slices.Contains(hidden, n) })
	}
	b.Open, b.Closed = out(b.Open), out(b.Closed)
	return b
}

// NewBaseline is that of a list of issues.
func NewBaseline(at time.Time, issues []Issue) Baseline {
	b := Baseline{At: at}
	for _, is := range issues {
		if is.State == "open" {
			b.Open = append(b.Open, is.Number)
		} else {
			b.Closed = append(b.Closed, is.Number)
		}
	}
	slices.Sort(b.Open)
	slices.Sort(b.Closed)
	return b
}

// page writes a report and knows how much room is left.
type page struct {
	strings.Builder
	runes int
}

func (p *page) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...) + "\n"
	p.runes += len([]rune(text))
	p.WriteString(text)
}

// list writes lines while there is room, and then how many more there are, with a link to them.
func (p *page) list(lines []string, reserve int, more string) {
	for i, l := range lines {
		if n := len([]rune(l)) + 1; p.runes+n > longest-reserve {
			p.line("- and %d more: %s", len(lines)-i, more)
			return
		}
		p.line("%s", l)
	}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// due says when something is due, seen from now.
func due(at, now time.Time) string {
	if at.IsZero() {
		return "no due date"
	}
	days := int(at.UTC().Truncate(24*time.Hour).Sub(now.UTC().Truncate(24*time.Hour)).Hours() / 24)
	switch {
	case days < -1:
		return fmt.Sprintf("%s, **%d days ago**", day(at), -days)
	case days == -1:
		return day(at) + ", **yesterday**"
	case days == 0:
		return day(at) + ", **today**"
	case days == 1:
		return day(at) + ", tomorrow"
	}
	return fmt.Sprintf("%s, in %d days", day(at), days)
}

// StatusOf is the report of a milestone. issues are all that are in it, pull requests too, open and closed.
func (p Policy) StatusOf(m Milestone, issues []Issue, before Baseline, now time.Time) string {
	var b page
	// Of those under embargo nothing is told.
	issues = slices.DeleteFunc(slices.Clone(issues), func(is Issue) bool { return is.Embargoed })
	open := slices.DeleteFunc(slices.Clone(issues), func(is Issue) bool { return is.State != "open" })
	b.line("## Milestone %s\n", markdown.Text(m.Title))
	b.line("| | |\n|---|---|")
	b.line("| Due | %s |", due(m.Due, now))
	b.line("| Open | %d of %d |", len(open), len(issues))
	if m.State == "closed" {
		b.line("| State | closed |")
	}
	p.blocking(&b, open)
	b.tally("Priority", PriorityPrefix, issues)
	b.tally("SIG", SIGPrefix, issues)
	b.burnDown(issues, m.Due, now)
	b.changes(issues, before)
	if len(open) > 0 {
		b.line("\n### Open\n")
		p.sortByWeight(open)
		var lines []string
		for _, is := range open {
			lines = append(lines, "- "+is.Line()+tags(is))
		}
		b.list(lines, 0, "[all of the milestone]("+m.URL+")")
	}
	return strings.TrimRight(b.String(), "\n")
}

// tags are the priority and SIGs of an issue, behind its title.
func tags(is Issue) string {
	if text := families(is); text != "" {
		return " (" + text + ")"
	}
	return ""
}

// families are the priority and SIGs of an issue.
func families(is Issue) string {
	var list []string
	for _, name := range is.Under(PriorityPrefix) {
		list = append(list, markdown.Text(name))
	}
	for _, sig := range is.Under(SIGPrefix) {
		list = append(list, markdown.Text("sig/"+sig))
	}
	if is.Pull {
		list = append(list, "pull request")
	}
	return strings.Join(list, ", ")
}

// weight orders priorities as the policy lists them; none comes last.
func (p Policy) weight(is Issue) int {
	for i, l := range p.Priorities {
		if is.Has(PriorityPrefix + l.Name) {
			return i
		}
	}
	return len(p.Priorities)
}

func (p Policy) sortByWeight(list []Issue) {
	slices.SortStableFunc(list, func(a, b Issue) int {
		return cmp.Or(cmp.Compare(p.weight(a), p.weight(b)), cmp.Compare(a.Number, b.Number))
	})
}

// BlockingLabels are those of the priorities that must not be open when a version is published.
func (p Policy) BlockingLabels() []string {
	out := make([]string, len(p.Milestones.Block))
	for i, name := range p.Milestones.Block {
		out[i] = PriorityPrefix + name
	}
	return out
}

// Blocking are the open issues whose priority must not be open when the version is published.
func (p Policy) Blocking(issues []Issue) []Issue {
	return slices.DeleteFunc(slices.Clone(issues), func(is Issue) bool {
		return is.State != "open" || !slices.ContainsFunc(p.BlockingLabels(), is.Has)
	})
}

func (p Policy) blocking(b *page, open []Issue) {
	blocks := p.Blocking(open)
	switch {
	case len(p.Milestones.Block) == 0:
	case len(blocks) == 0:
		b.line("\n**Nothing listed here blocks the release.** No open issue has the priority %s.", list(p.Milestones.Block))
	default:
		b.line("\n### Blocking\n")
		var lines []string
		for _, is := range blocks {
			lines = append(lines, "- "+is.Line()+tags(is))
		}
		b.list(lines, longest/2, "below")
	}
}

// tally is the table of open and closed issues by the labels of a family.
func (b *page) tally(title, prefix string, issues []Issue) {
	open, closed := map[string]int{}, map[string]int{}
	for _, is := range issues {
		under := is.Under(prefix)
		if len(under) == 0 {
			under = []string{"none"}
		}
		for _, name := range under {
			if is.State == "open" {
				open[name]++
			} else {
				closed[name]++
			}
		}
	}
	if len(open)+len(closed) == 0 {
		return
	}
	both := maps.Clone(open)
	maps.Copy(both, closed)
	b.line("\n| %s | Open | Closed |\n|---|---:|---:|", title)
	for _, name := range slices.SortedFunc(maps.Keys(both), func(x, y string) int {
		return cmp.Or(cmp.Compare(open[y], open[x]), cmp.Compare(x, y))
	}) {
		b.line("| %s | %d | %d |", markdown.Text(name), open[name], closed[name])
	}
}

// points is how many days a burn-down shows at most.
const points = 30

// burnDown draws how many were open at the end of each day, as GitHub's issues tell it.
func (b *page) burnDown(issues []Issue, dueOn, now time.Time) {
	if len(issues) == 0 {
		return
	}
	today := now.UTC().Truncate(24 * time.Hour)
	first := today
	for _, is := range issues {
		if c := is.Created.UTC().Truncate(24 * time.Hour); c.Before(first) {
			first = c
		}
	}
	if least := today.AddDate(0, 0, 1-points); first.Before(least) {
		first = least
	}
	days := int(today.Sub(first).Hours()/24) + 1
	if days < 2 {
		return
	}
	change := make([]int, days+1) // by day: opened less closed
	at := func(t time.Time) int { return max(0, int(t.UTC().Truncate(24*time.Hour).Sub(first).Hours()/24)) }
	for _, is := range issues {
		if d := at(is.Created); d < days {
			change[d]++
		}
		if is.State != "open" && !is.Closed.IsZero() {
			if d := at(is.Closed); d < days {
				change[d]--
			}
		}
	}
	var labels, values []string
	sum, top := 0, 1
	for d := range days {
		sum += change[d]
		top = max(top, sum)
		labels = append(labels, fmt.Sprintf("%q", first.AddDate(0, 0, d).Format("01-02")))
		values = append(values, number(sum))
	}
	title := "Open issues"
	if !dueOn.IsZero() {
		title += ", due " + day(dueOn)
	}
	b.line("\n```mermaid\nxychart-beta\n    title %q\n    x-axis [%s]\n    y-axis \"open\" 0 --> %d\n    line "+
		"[%s]\n```", title, strings.Join(labels, ", "), top, strings.Join(values, ", "))
}

// changes are what is another way than when the comparison began; nothing where nothing is.
func (b *page) changes(issues []Issue, before Baseline) {
	if before.At.IsZero() {
		return
	}
	was := map[int]string{}
	for _, n := range before.Open {
		was[n] = "open"
	}
	for _, n := range before.Closed {
		was[n] = "closed"
	}
	var closed, opened, added, gone []string
	here := map[int]bool{}
	for _, is := range issues {
		here[is.Number] = true
		switch {
		case was[is.Number] == "":
			added = append(added, is.Line())
		case was[is.Number] == "open" && is.State != "open":
			closed = append(closed, is.Line())
		case was[is.Number] == "closed" && is.State == "open":
			opened = append(opened, is.Line())
		}
	}
	for _, n := range slices.Sorted(maps.Keys(was)) {
		if !here[n] {
			gone = append(gone, "#"+number(n))
		}
	}
	if len(closed)+len(opened)+len(added)+len(gone) == 0 {
		return
	}
	b.line("\n### Since %s\n", day(before.At))
	for _, part := range []struct {
		what string
		refs []string
	}{{"Closed", closed}, {"Reopened", opened}, {"Added", added}, {"Removed", gone}} {
		var lines []string
		for _, ref := range part.refs[:min(len(part.refs), mostChanges)] {
			lines = append(lines, "- "+part.what+": "+ref)
		}
		if more := len(part.refs) - mostChanges; more > 0 {
			lines = append(lines, fmt.Sprintf("- %s: %d more", part.what, more))
		}
		b.list(lines, longest/16, "on GitHub")
	}
}

// mostChanges is how many issues of one change are named.
const mostChanges = 50
