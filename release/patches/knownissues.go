package patches

import (
	"fmt"
	"slices"
	"strings"
)

// KnownIssues is the report of a published version: what it has, and where that is fixed.
func (p Policy) KnownIssues(version string, known []Known, versions []string, url string) string {
	var b page
	b.line("## Known issues of %s\n", version)
	if !slices.Contains(versions, version) {
		b.line("%s does not exist.", version)
		return strings.TrimRight(b.String(), "\n")
	}
	all := Lines(versions, p.MaintainedLines(versions))
	var lines []string
	for _, k := range p.byWeight(known) {
		for _, s := range k.Spans(all) {
			if Has([]Span{s}, version) {
				lines = append(lines, fmt.Sprintf("- %s%s: %s", k.Line(), tags(k.Issue), p.whereFixed(k, s)))
			}
		}
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

// whereFixed says of a line of an issue since when it has the problem, and where that is fixed.
func (p Policy) whereFixed(k Known, s Span) string {
	st := k.On(p, s)
	text := "not resolved in " + s.Minor
	switch {
	case st.State == WontFix:
		text = st.Text() + " in " + s.Minor
		if st.Why != "" {
			text = "will not be fixed in " + s.Minor + strings.TrimPrefix(st.Text(), "will not be fixed")
		}
	case st.Claim == nil:
	case st.Claim.Verified():
		text = "resolved in " + st.Claim.Version
	case st.Claim.Coming():
		text = "will be resolved in " + st.Claim.Version + "; the fix is on " + p.Branch(s.Minor)
	default:
		text += "; " + st.Claim.Unverified()
	}
	if s.May {
		text = "may be affected; " + text
	}
	if s.Said {
		text = "introduced in " + s.From + "; " + text
	}
	return text
}
