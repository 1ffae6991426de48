package release

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Status is what stands between Slipway's marks in the body of the tracking issue.
func Status(r Release) string {
	var b strings.Builder
	p := r.Started.Process
	fmt.Fprintf(&b, "## %s %s\n\n", p.Title, r.Started.Version)
	fmt.Fprintf(&b, "**%s**\n\n", capital(Next(r, r.LastAt).Stands, r))
	b.WriteString("| | |\n|---|---|\n")
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", name, value)
		}
	}
	row("Track", r.Started.Track)
	if !r.Started.Due.IsZero() {
		row("Due", day(r.Started.Due))
	}
	row("Follows", r.Started.Previous)
	var with []string
	for _, name := range slices.Sorted(maps.Keys(r.Started.Inputs)) {
		with = append(with, name+" "+Quoted(r.Started.Inputs[name]))
	}
	row("With", strings.Join(with, ", "))
	if d, is := r.Dud(); is {
		row("Failed", fmt.Sprintf("%s, by %s: its number is burned", Quoted(d.Reason), Login(d.By)))
	}
	row("Release team", teamText(r))
	row("Process", Quoted(p.Name)+", pinned on "+minute(r.StartedAt))
	for _, leg := range r.Track().Legs() {
		b.WriteString("\n" + legText(r, leg))
	}
	for _, run := range r.Live() {
		if !run.Phase {
			by := "asked by " + Login(run.By)
			if run.Itself() {
				by = "by itself"
			}
			fmt.Fprintf(&b, "\n**%s**, %s on %s\n\n", run.Name, by, minute(run.At))
			for _, s := range run.Steps {
				b.WriteString(stepLine(s, true))
			}
		}
	}
	if len(r.Exceptions) > 0 {
		b.WriteString("\n**Exceptions**\n\n")
		for _, e := range r.Exceptions {
			fmt.Fprintf(&b, "- #%d: %s, by %s\n", e.Pull, Quoted(e.Reason), Login(e.By))
		}
	}
	b.WriteString("\n" + timeline(r))
	fmt.Fprintf(&b, "\nLast event: %s. Commands: `/release help`.", minute(r.LastAt))
	return b.String()
}

func capital(text string, r Release) string {
	if run, ok := r.openRun(); ok {
		return runTitle(r, run) + " " + progress(r, run)
	}
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// openRun is the run that the release is at.
func (r Release) openRun() (Run, bool) {
	for _, run := range r.Live() {
		if !run.Complete() && (r.Aborted == nil || run.Undo) {
			return run, true
		}
	}
	return Run{}, false
}

func legText(r Release, leg Leg) string {
	var b strings.Builder
	phase, _ := r.Started.Process.Phase(leg.Phase)
	entered := false
	for _, run := range r.Live() {
		if !run.Phase || run.Name != leg.Phase {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		entered = entered || !run.Over
		over := ""
		if run.Over {
			over = ", superseded"
		}
		fmt.Fprintf(&b, "**%s**, by %s on %s%s\n\n", runTitle(r, run), Login(run.By), minute(run.At), over)
		for _, s := range run.Steps {
			b.WriteString(stepLine(run.still(s), true))
		}
	}
	if !entered {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		optional := ""
		if leg.Optional {
			optional = " (optional)"
		}
		fmt.Fprintf(&b, "**%s**%s: `/release %s`\n", phase.Title, optional, phase.Name)
	}
	return b.String()
}

func teamText(r Release) string {
	out := []string{}
	for _, m := range r.Team {
		text := Login(m.Login)
		if m.Until != "" {
			text += " until " + m.Until
		}
		if !r.over(m.Until) {
			out = append(out, text)
		}
	}
	if len(out) == 0 {
		return "nobody yet: `/release team add @USER`"
	}
	return strings.Join(out, ", ")
}

// timeline is a Mermaid timeline of the phases that were entered.
func timeline(r Release) string {
	var b strings.Builder
	b.WriteString("```mermaid\ntimeline\n    title " + r.Started.Process.Title + " " + r.Started.Version + "\n")
	var last string
	for _, run := range r.Live() {
		if !run.Phase {
			continue
		}
		if d := day(run.At); d != last {
			fmt.Fprintf(&b, "    %s : %s\n", d, runTitle(r, run))
			last = d
			continue
		}
		fmt.Fprintf(&b, "               : %s\n", runTitle(r, run))
	}
	if !r.Started.Due.IsZero() && !r.Finished() {
		fmt.Fprintf(&b, "    %s : due\n", day(r.Started.Due))
	}
	b.WriteString("```\n")
	return b.String()
}
