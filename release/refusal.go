package release

import (
	"fmt"
	"strings"
)

// A Refusal is the answer to a command that will not be obeyed. It always names what was wrong, the rule, the
// value that was seen, who can clear it, and what to type next; empty fields are left out.
type Refusal struct {
	Why  string // a clause: "you are not a release manager of this release"
	Rule string
	Saw  string
	Who  string
	Fix  string // a clause in Markdown, with the command to type
	// Gates are the verdicts that do not hold, for a phase whose gates refuse.
	Gates []Verdict
}

// Markdown is the refusal as it stands under the command.
func (f Refusal) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Refused:** %s.\n", f.Why)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "- **%s:** %s\n", name, text)
		}
	}
	if f.Rule+f.Saw+f.Who+f.Fix != "" {
		b.WriteString("\n")
	}
	line("Rule", f.Rule)
	line("Seen", f.Saw)
	line("Who can clear it", f.Who)
	line("Next", f.Fix)
	for _, g := range f.Gates {
		fmt.Fprintf(&b, "\n**%s** does not hold.\n\n", g.Gate)
		line("Rule", g.Rule)
		line("Seen", g.Saw)
		line("Who can clear it", g.Who)
		line("Next", g.Fix)
	}
	return strings.TrimRight(b.String(), "\n")
}
