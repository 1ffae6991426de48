package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// welcome answers start.
func welcome(r Release) string {
	var b strings.Builder
	s := r.Started
	fmt.Fprintf(&b, "%s **%s** begins here, on the track %s", s.Process.Title, s.Version, s.Track)
	if s.Previous != "" {
		fmt.Fprintf(&b, ", after %s", s.Previous)
	}
	b.WriteString(".")
	if !s.Due.IsZero() {
		fmt.Fprintf(&b, " It is due on %s.", day(s.Due))
	}
	if s.Skip != "" {
		fmt.Fprintf(&b, " A number before it is left out by %s: %s.", Login(s.By), Quoted(s.Skip))
	}
	if named := s.Process.Versions.inTitle(s.Title); len(named) > 0 && !slices.Contains(named, s.Version) {
		fmt.Fprintf(&b, "\n\n⚠️ The title of this issue names %s. What is released is %s.", strings.Join(named, ", "), s.Version)
	}
	way := []string{}
	for _, leg := range r.Track().Legs() {
		name := "`" + leg.Phase + "`"
		if leg.Optional {
			name = "(" + name + ")"
		}
		way = append(way, name)
	}
	fmt.Fprintf(&b, "\n\nThe way: %s. Next: %s.", strings.Join(way, " → "), nextCommand(r))
	return b.String()
}

// standing answers status.
func standing(r Release, at time.Time) string {
	text := fmt.Sprintf("%s %s: %s.", r.Started.Process.Title, r.Started.Version, Next(r, at).Stands)
	if run, ok := r.openRun(); ok {
		return text[:strings.Index(text, ":")+1] + "\n\n" + runText(r, run)
	}
	return text + " The whole checklist is in the description of this issue."
}

// upNext answers next.
func upNext(r Release, f Facts, at time.Time) string {
	if run, ok := r.openRun(); ok {
		return "First this must end:\n\n" + runText(r, run)
	}
	leg, ok := r.NextLeg()
	if !ok || r.Aborted != nil {
		return "Nothing is next: " + Next(r, at).Stands + "."
	}
	phase, _ := r.Started.Process.Phase(leg.Phase)
	var b strings.Builder
	fmt.Fprintf(&b, "Next is **%s**: `/release %s`, by %s.", phase.Title, phase.Name, names(phase.Who))
	if phase.About != "" {
		fmt.Fprintf(&b, " %s", strings.TrimSpace(phase.About))
	}
	open := slices.DeleteFunc(slices.Clone(f.Gates), func(v Verdict) bool { return v.Holds })
	switch {
	case f.PhaseProblem != nil:
		fmt.Fprintf(&b, "\n\nIt cannot begin yet. %s", f.PhaseProblem.Markdown())
	case len(open) > 0:
		fmt.Fprintf(&b, "\n\n%d of its %d gates do not hold; `/release why` lists them.", len(open), len(f.Gates))
	default:
		b.WriteString("\n\nAll its gates hold.")
	}
	return b.String()
}

// whyNot answers why: each gate of the next phase.
func whyNot(r Release, f Facts) string {
	if run, ok := r.openRun(); ok {
		return "The release is in the middle of this:\n\n" + runText(r, run)
	}
	if r.Held != nil {
		return "The release is held by " + Login(r.Held.By) + ": " + Quoted(r.Held.Reason) + ". `/release resume` ends that."
	}
	leg, ok := r.NextLeg()
	if !ok || r.Aborted != nil {
		return "Nothing is blocked: " + Next(r, r.LastAt).Stands + "."
	}
	if f.PhaseProblem != nil {
		return f.PhaseProblem.Markdown()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The gates of `%s`:\n\n| | Gate | Rule | Seen | Who can clear it |\n|---|---|---|---|---|\n", leg.Phase)
	for _, v := range f.Gates {
		mark := "✅"
		switch {
		case !v.Holds && v.Warn:
			mark = "⚠️"
		case !v.Holds:
			mark = "❌"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", mark, v.Gate, cell(v.Rule), cell(v.Saw), cell(v.Who))
	}
	if len(f.Gates) == 0 {
		return fmt.Sprintf("`%s` has no gates: comment `/release %s`.", leg.Phase, leg.Phase)
	}
	for _, v := range f.Gates {
		if !v.Holds && v.Fix != "" {
			fmt.Fprintf(&b, "\n- **%s:** %s", v.Gate, v.Fix)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// cell makes a sentence fit into a table.
func cell(text string) string {
	return strings.NewReplacer("\n", "<br>", "|", "\\|").Replace(text)
}

// help lists the commands of the process, with who may give them.
func help(r Release, p Process) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Commands on a tracking issue of **%s**. One line, one command; only new comments count.\n\n", p.Title)
	b.WriteString("| Phase | What it does | Who |\n|---|---|---|\n")
	for _, ph := range p.Phases {
		fmt.Fprintf(&b, "| `/release %s` | %s | %s |\n", ph.Name, cell(strings.TrimSpace(firstOf(ph.About, ph.Title))), strings.Join(ph.Who, ", "))
	}
	b.WriteString("\n| Command | What it does | Who |\n|---|---|---|\n")
	for _, v := range Verbs() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", cell(strings.TrimSpace("/release "+v.Name+" "+v.Usage)), v.About, strings.Join(p.MayDo(v.Name), ", "))
	}
	b.WriteString("\nOn any issue of a repository that keeps patch-release issues:\n\n| Command | What it does |\n|---|---|\n")
	for _, v := range Elsewhere() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", cell(strings.TrimSpace("/release "+v.Name+" "+v.Usage)), v.About)
	}
	if r.Begun {
		fmt.Fprintf(&b, "\nHere: %s.", Next(r, r.LastAt).Stands)
	}
	return strings.TrimRight(b.String(), "\n")
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
