package parse

import (
	"cmp"
	"slices"
)

// Doc is everything that a body says, as `bot parse` prints it. No list is nil, so that none is printed as null.
type Doc struct {
	Release  Versions  `json:"release"`
	Sections []string  `json:"sections"`
	Binaries []string  `json:"binaries"`
	PRs      []string  `json:"prs"`
	Commands []Command `json:"commands"` // ours only
	Problems []Problem `json:"problems"` // by line
}

// Versions are the versions of the release block, lowest first.
type Versions struct {
	IntroducedIn []string `json:"introduced_in"`
	ResolvedIn   []string `json:"resolved_in"`
	// WontFix are the lines that get no fix, each with its reason behind it.
	WontFix []string `json:"wont_fix,omitempty"`
}

// Document reads the body of an issue or a comment once and says everything about it. Missing sections are no problem
// here: a comment has none.
func Document(body string) Doc {
	lines := scan(body)
	block, summary := release(lines), template(lines)
	d := Doc{
		Release:  Versions{IntroducedIn: texts(block.IntroducedIn), ResolvedIn: texts(block.ResolvedIn)},
		Sections: append([]string{}, summary.Sections...),
		Binaries: []string{},
		PRs:      []string{},
		Commands: []Command{},
		Problems: append(append([]Problem{}, block.Problems...), block.Unfilled...),
	}
	for _, w := range block.WontFix {
		d.Release.WontFix = append(d.Release.WontFix, w.Minor+" "+w.Reason)
	}
	for _, b := range summary.Binaries {
		d.Binaries = append(d.Binaries, b.Name)
	}
	for _, p := range summary.PRs {
		d.PRs = append(d.PRs, p.String())
	}
	for _, c := range commands(lines) {
		if !Ours(c) {
			continue
		}
		d.Commands = append(d.Commands, c)
		if c.Err != "" {
			what, how := c.problem()
			d.Problems = append(d.Problems, Problem{Line: c.Line, Message: what, Suggestion: how})
		}
	}
	slices.SortStableFunc(d.Problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return d
}

func texts(versions []Version) []string {
	out := make([]string, 0, len(versions))
	for _, v := range versions {
		out = append(out, v.Text)
	}
	return out
}
