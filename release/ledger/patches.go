package ledger

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
	Open        State = "open"          // no fix is merged
	PickMissing State = "pick missing"  // merged on the main branch, and nobody picked it
	PickOpen    State = "pick open"     // a pick waits to be merged
	Merged      State = "not tagged"    // on the branch, and in no version yet
	Tagged      State = "fixed"         // in a version
	Doubted     State = "git disagrees" // said to be in a version, and git does not find it there
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

// Upcoming is the report of the patch releases that come next, by line, the newest first.
func (p Policy) Upcoming(known []Known, versions []string, dues map[string]time.Time, now time.Time, url string) string {
	var b page
	b.line("## Upcoming patch releases")
	maintained := p.MaintainedLines(versions)
	alarms := []string{}
	for _, minor := range maintained {
		next := NextPatch(minor, versions)
		b.line("\n### %s\n", next)
		if at, ok := dues[next]; ok {
			b.line("Due %s.\n", due(at, now))
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
				rows[state] = append(rows[state], fmt.Sprintf("| %s | %s | %s | %s |", k.Line(), families(k.Issue), state, detail(state, what)))
			}
		}
		if count == 0 {
			b.line("Nothing is known to be fixed in it.")
			continue
		}
		b.line("| Issue | Priority, SIG | Fix | |\n|---|---|---|---|")
		var lines []string
		for _, state := range []State{Doubted, Open, PickMissing, PickOpen, Merged, Tagged} {
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
				what = "git and the issue disagree"
			}
			alarms = append(alarms, "- "+k.Line()+": "+what)
		}
	}
	if len(alarms) > 0 {
		b.line("\n### Alarms\n")
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
		return what + " is merged and not picked"
	case PickOpen:
		return what + " waits"
	case Merged:
		return what + " is merged and in no version yet"
	case Doubted:
		return "said to be in " + what
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
		fixed := "not resolved on this line"
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
		b.line("None is known.")
	}
	b.list(lines, 0, "[all of them]("+url+")")
	if newest := newestOf(MinorOf(version), versions); newest != version && semver.Compare(newest, version) > 0 {
		b.line("\nThe newest version of %s is %s.", MinorOf(version), newest)
	}
	return strings.TrimRight(b.String(), "\n")
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
