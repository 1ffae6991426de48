package release

import (
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// inProgress answers next and why while something is being done.
func inProgress(run string) string { return "The release is in progress:\n\n" + run }

// nothingNext answers next where no phase follows. stands is where the release is.
func nothingNext(stands string) string { return "No phase comes next. Status: " + stands + "." }

// nothingBlocked answers why where no phase follows.
func nothingBlocked(stands string) string {
	return "Nothing is blocked. Status: " + stands + "."
}

// heldAnswer answers next and why during a hold.
func heldAnswer(h Held) string {
	return "The release is " + heldText(h) + ". To continue, comment `/release resume`."
}

// nextPhase answers next. gates are all that were looked at, open how many of them do not hold.
func nextPhase(phase Phase, gates, open, warnings int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The next phase is **%s**: `/release %s`, which %s can use.",
		phaseTitle(phase), phase.Name, rolesText(phase.Who))
	if phase.About != "" {
		fmt.Fprintf(&b, " %s", Sentence(phase.About))
	}
	b.WriteString("\n\n")
	switch {
	case gates == 0:
		b.WriteString("It has no gates.")
	case open > 0:
		fmt.Fprintf(&b, "It is blocked by %s; `/release why` lists them.", Count(open, "gate"))
	case warnings > 0:
		fmt.Fprintf(&b, "Nothing blocks it, with %s; `/release why` lists them.", Count(warnings, "warning"))
	default:
		b.WriteString("All its gates are met.")
	}
	return b.String()
}

// nextImpossible answers next where the phase cannot be planned.
func nextImpossible(phase Phase, problem Refusal) string {
	return fmt.Sprintf("The next phase is **%s**, which cannot begin yet.\n\n%s", phaseTitle(phase), problem.Markdown())
}

// noGates answers why where the next phase has none.
func noGates(phase string) string {
	return fmt.Sprintf("`%s` has no gates. To enter it, comment `/release %s`.", phase, phase)
}

// gatesText answers why: each gate of the next phase.
func gatesText(p Process, phase string, gates []Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The gates of `%s`:\n\n| | Gate | Rule | Seen | Who can resolve it |\n|---|---|---|---|---|\n",
		phase)
	for _, v := range gates {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n",
			mark(v), v.Gate, markdown.Cell(capitalized(v.Rule)), markdown.Cell(capitalized(v.Saw)), markdown.Cell(
				capitalized(v.Who)))
	}
	for _, v := range gates {
		if !v.Holds && v.Fix != "" {
			fmt.Fprintf(&b, "\n- **%s:** %s", v.Gate, Sentence(v.Fix))
		}
	}
	return strings.TrimRight(b.String(), "\n") + changesText(p, phase)
}

func mark(v Verdict) string {
	switch {
	case v.Holds:
		return "✅"
	case v.Warn:
		return "⚠️"
	default:
		return "❌"
	}
}

// helpText answers help. stands is where the release is, empty where there is none.
func helpText(p Process, elsewhere []Verb, stands string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Commands on a tracking issue of **%s**. "+
		"Write each command on a line of its own, in a new comment.\n\n", p.Title)
	b.WriteString("| Phase | What it does | Who can use it |\n|---|---|---|\n")
	for _, ph := range p.Phases {
		fmt.Fprintf(&b, "| `/release %s` | %s | %s |\n", ph.Name, markdown.Cell(phaseAbout(ph)), who(ph.Who))
	}
	b.WriteString("\n| Command | What it does | Who can use it |\n|---|---|---|\n")
	for _, v := range Verbs() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", markdown.Cell(syntax(v.Name, v.Usage)), capitalized(v.About),
			who(p.MayDo(v.Name)))
	}
	if len(elsewhere) > 0 {
		b.WriteString("\nOn any issue or pull request of this repository:\n\n" +
			"| Command | What it does | Who can use it |\n|---|---|---|\n")
	}
	for _, v := range elsewhere {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n",
			markdown.Cell(syntax(v.Name, v.Usage)), markdown.Cell(capitalized(v.About)), v.Who)
	}
	if stands != "" {
		fmt.Fprintf(&b, "\nStatus of the release on this issue: %s.", stands)
	}
	return strings.TrimRight(b.String(), "\n")
}

// who lists roles in a cell of a table.
func who(roles []string) string {
	out := make([]string, len(roles))
	for i, name := range roles {
		out[i] = strings.ReplaceAll(name, "-", " ")
	}
	if len(out) == 0 {
		return "nobody"
	}
	return strings.Join(out, ", ")
}
