package patches

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// PickRow is one pick of a pull request.
type PickRow struct {
	Branch, Minor string
	Ref, URL      string // of the pull request that carries it
	State         string
	Conflict      string // the commands for a person, where it does not apply
	Merged        bool
	Tag           string // the first version that has it
}

// PicksAsked are the lines that labels ask picks for, newest first.
func (p Policy) PicksAsked(labels []string) []string {
	var out []string
	for _, l := range labels {
		if minor, ok := p.lineOf(p.Picks.Label, l); ok {
			out = append(out, minor)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return CompareMinors(b, a) })
	return out
}

// PickTable is the one comment that tells of the picks of a pull request, the newest line first: a fix that an older
// line has and a newer one lacks comes back to whoever upgrades.
func (p Policy) PickTable(pull int, rows []PickRow, refused map[string]string, maintained []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Cherry-picks of #%d**\n", pull)
	if len(rows) > 0 {
		b.WriteString("\n| Branch | Pull request | State | In |\n|---|---|---|---|\n")
	}
	for _, r := range rows {
		ref := ""
		if r.Ref != "" {
			ref = "[" + r.Ref + "](" + r.URL + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", markdown.Cell(markdown.Code(r.Branch)), ref, r.State, r.Tag)
	}
	for _, branch := range slices.Sorted(maps.Keys(refused)) {
		fmt.Fprintf(&b, "\nNot cherry-picked into %s: %s. Remove the label.\n", markdown.Code(branch), refused[branch])
	}
	for _, gap := range gaps(rows, maintained) {
		fmt.Fprintf(&b, "\n⚠️ `%s` is newer than `%s`, but no cherry-pick was requested: after an upgrade, users "+
			"would have the problem again. "+
			"Comment `/cherry-pick %s`, unless the fix is already there.\n",
			p.Branch(gap), rows[len(rows)-1].Branch, p.Branch(gap))
	}
	for _, r := range rows {
		if r.Conflict != "" {
			fmt.Fprintf(&b, "\n<details><summary>Cherry-pick into <code>%s</code> by hand</summary>\n\nNothing was "+
				"committed.\n\n```sh\n%s```\n\nOpen a pull request against `%s` with `Cherry pick of #%d on %s.` in "+
				"its description.\n</details>\n",
				r.Branch, r.Conflict, r.Branch, pull, r.Branch)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// gaps are maintained lines above the oldest that is asked for, and not asked for themselves.
func gaps(rows []PickRow, maintained []string) []string {
	var out []string
	for _, minor := range maintained {
		if len(rows) > 0 && CompareMinors(minor, rows[len(rows)-1].Minor) > 0 &&
			!slices.ContainsFunc(rows, func(r PickRow) bool { return r.Minor == minor }) {
			out = append(out, minor)
		}
	}
	return out
}
