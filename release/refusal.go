package release

import (
	"fmt"
	"strings"
)

// A Refusal is the answer to a command that is not carried out. It says what happened, the rule, what was seen, who can
// resolve it, and what to type next; empty fields are left out. Each field is a clause without a capital letter and a
// full stop, or whole sentences: Markdown makes sentences of them.
type Refusal struct {
	Why  string // "only a maintainer can use `/release approve`; `@olaf` is not one"
	Rule string
	Saw  string
	Who  string
	Fix  string // in Markdown, with the command to type
	// Gates are the verdicts that do not hold, for a phase whose gates refuse.
	Gates []Verdict
	// Passing says that it tells of what is in progress: see Answered.Passing.
	Passing bool
}

// Markdown is the refusal as it stands under the command.
func (f Refusal) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Refused:** %s\n", Sentence(f.Why))
	if f.Rule+f.Saw+f.Who+f.Fix != "" {
		b.WriteString("\n")
	}
	reasons(&b, f.Rule, f.Saw, f.Who, f.Fix)
	for _, g := range f.Gates {
		fmt.Fprintf(&b, "\n**%s** is not met.\n\n", g.Gate)
		reasons(&b, g.Rule, g.Saw, g.Who, g.Fix)
	}
	return strings.TrimRight(b.String(), "\n")
}

// reasons lists those that are known.
func reasons(b *strings.Builder, rule, saw, who, fix string) {
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(b, "- **%s:** %s\n", name, text)
		}
	}
	line("Rule", Sentence(rule))
	line("Seen", Sentence(saw))
	line("Who can resolve it", capitalized(who))
	line("Next", Sentence(fix))
}

// passing marks a refusal that says where the release stands while something is in progress.
func (f *Refusal) passing(r Release) *Refusal {
	_, open := r.openRun()
	f.Passing = f.Passing || open
	return f
}
