package release

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// Status is what stands between Slipway's marks in the body of the tracking issue.
func Status(r Release) string {
	var b strings.Builder
	p := r.Started.Process
	fmt.Fprintf(&b, "## %s %s\n\n", p.Title, r.Started.Version)
	fmt.Fprintf(&b, "**%s**\n\n", headline(r))
	b.WriteString("| | |\n|---|---|\n")
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", name, markdown.Cell(value))
		}
	}
	row("Track", r.Started.Track)
	if !r.Started.Due.IsZero() {
		row("Due", day(r.Started.Due))
	}
	row("Previous version", r.Started.Previous)
	var with []string
	for _, name := range slices.Sorted(maps.Keys(r.Started.Inputs)) {
		with = append(with, markdown.Code(name+"="+r.Started.Inputs[name]))
	}
	row("Options", strings.Join(with, ", "))
	if d, is := r.Dud(); is {
		row("Marked as failed", failedRow(d))
	}
	row("Release team", teamText(r))
	row("Process", markdown.Code(p.Name)+", pinned on "+minute(r.StartedAt))
	if changed := changesText(p, ""); changed != "" {
		b.WriteString(strings.TrimPrefix(changed, "\n") + "\n")
	}
	for _, item := range r.Track().Sequence() {
		b.WriteString("\n" + trackPhaseText(r, item))
	}
	for _, run := range r.Live() {
		if !run.Phase {
			fmt.Fprintf(&b, "\n%s\n\n", workHeading(runTitle(r, run), run.By, minute(run.At)))
			for _, s := range run.Steps {
				b.WriteString(stepLine(r.still(run, s), true))
			}
		}
	}
	if len(r.Exceptions) > 0 {
		b.WriteString("\n**Exceptions**\n\n")
		for _, e := range r.Exceptions {
			b.WriteString(exceptionLine(e) + "\n")
		}
	}
	b.WriteString("\n" + timeline(r))
	b.WriteString("\n" + lastLine(minute(r.LastAt)))
	return b.String()
}

// headline is where the release stands, as a line of its own.
func headline(r Release) string {
	if run, ok := r.openRun(); ok {
		return runTitle(r, run) + " " + progress(r, run)
	}
	if r.Finished() && r.Aborted == nil && !r.pending() {
		return capitalized(standsFinished(nil)) // the boxes below show what is open
	}
	return capitalized(r.stands())
}

// name is the release for people: Falco libs 0.21.0.
func (r Release) name() string { return r.Started.Process.Title + " " + r.Started.Version }

// stands is where the release is, in a clause that follows "the release is". It is never empty.
func (r Release) stands() string {
	if run, ok := r.openRun(); ok {
		return standsAt(runTitle(r, run) + " " + progress(r, run))
	}
	return Next(r, r.LastAt).Stands
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

func trackPhaseText(r Release, item TrackPhase) string {
	var b strings.Builder
	phase, _ := r.Started.Process.Phase(item.Phase)
	entered := false
	for _, run := range r.Live() {
		if !run.Phase || run.Name != item.Phase {
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
		b.WriteString(workHeading(runTitle(r, run), run.By, minute(run.At)) + over + "\n\n")
		for _, s := range run.Steps {
			b.WriteString(stepLine(r.still(run, s), true))
		}
	}
	if !entered {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		optional := ""
		if item.Optional {
			optional = " (optional)"
		}
		fmt.Fprintf(&b, "**%s**%s: `/release %s`\n", phaseTitle(phase), optional, phase.Name)
	}
	return b.String()
}

func teamText(r Release) string {
	out := []string{}
	for _, m := range r.Team {
		switch {
		case r.over(m.Until):
		case m.Until != "":
			out = append(out, memberUntil(m.Login, m.Until))
		default:
			out = append(out, markdown.Login(m.Login))
		}
	}
	if len(out) == 0 {
		return nobodyOnTeam()
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
