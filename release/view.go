package release

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A View is something that people should see now: a reply, the status in the body of the tracking issue, a
// reaction. Views are computed from the release alone; the engine compares hashes and writes what differs.
type View struct {
	What    string // reply/COMMENT, status, react/COMMENT/CONTENT
	Comment int64  // the comment that is answered
	Body    string // Markdown, or the reaction's content
}

// Hash tells whether the view was shown already.
func (v View) Hash() string {
	sum := sha256.Sum256([]byte(v.Body))
	return hex.EncodeToString(sum[:8])
}

// Unshown lists the views that differ from what was last shown, in the order in which they should be written.
func Unshown(r Release) []View {
	var out []View
	for _, v := range views(r) {
		if r.Views[v.What].Hash != v.Hash() {
			out = append(out, v)
		}
	}
	return out
}

func views(r Release) []View {
	var out []View
	for _, reply := range r.Replies {
		state := reply.state(r)
		// A ticked box stands for a comment that does not exist: it has a number below zero and no reactions.
		real := reply.Comment > 0
		if real {
			out = append(out, View{What: fmt.Sprintf("react/%d/eyes", reply.Comment), Comment: reply.Comment, Body: "eyes"})
		}
		if body := replyText(r, reply); body != "" {
			out = append(out, View{What: fmt.Sprintf("reply/%d", reply.Comment), Comment: reply.Comment, Body: body})
		}
		if real && (state == "rocket" || state == "confused") {
			out = append(out, View{What: fmt.Sprintf("react/%d/%s", reply.Comment, state), Comment: reply.Comment, Body: state})
		}
	}
	if r.Begun {
		out = append(out, View{What: "status", Body: Status(r)})
	}
	return out
}

// state is the reaction that a comment has earned: 🚀 when all of it is done, 😕 when a part was refused, none
// while something is under way.
func (p Reply) state(r Release) string {
	for _, part := range p.Parts {
		if part.Refused {
			return "confused"
		}
	}
	for _, part := range p.Parts {
		for _, i := range part.Runs {
			if !r.Runs[i].Complete() {
				return ""
			}
		}
	}
	return "rocket"
}

// replyText is the one answer to a comment. A comment whose commands all were trivial successes gets none.
func replyText(r Release, reply Reply) string {
	var parts []string
	for _, part := range reply.Parts {
		var b strings.Builder
		if part.Answer != "" {
			b.WriteString(part.Answer)
		}
		for _, i := range part.Runs {
			if b.Len() > 0 {
				b.WriteString("\n\n")
			}
			b.WriteString(runText(r, r.Runs[i]))
		}
		if b.Len() > 0 {
			parts = append(parts, "> "+Quoted(part.Text)+"\n\n"+b.String())
		}
	}
	return strings.Join(parts, "\n\n---\n\n")
}

// runText tells how far a run is: a headline, its steps, its warnings.
func runText(r Release, run Run) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** %s.\n\n", runTitle(r, run), progress(r, run))
	for _, s := range run.Steps {
		b.WriteString(stepLine(run.still(s), false))
	}
	for _, w := range run.Warns {
		fmt.Fprintf(&b, "\n⚠️ %s: %s.", w.Rule, w.Saw)
		if w.Fix != "" {
			fmt.Fprintf(&b, " To mend it: %s.", w.Fix)
		}
		b.WriteString("\n")
	}
	if next, ok := after(r, run); ok && run.Complete() && !run.Over {
		fmt.Fprintf(&b, "\nNext: comment `/release %s`.\n", next)
	}
	return strings.TrimRight(b.String(), "\n")
}

// after is the phase that follows a phase on its track. It is the same whatever happens later, so that the reply to
// an old command is not edited again and again.
func after(r Release, run Run) (string, bool) {
	legs := r.Track().Legs()
	i := slices.IndexFunc(legs, func(l Leg) bool { return l.Phase == run.Name })
	if !run.Phase || i < 0 || i+1 >= len(legs) {
		return "", false
	}
	if j := slices.IndexFunc(legs[i+1:], func(l Leg) bool { return !l.Optional }); j >= 0 {
		return legs[i+1+j].Phase, true
	}
	return legs[i+1].Phase, true
}

func runTitle(r Release, run Run) string {
	if phase, ok := r.Started.Process.Phase(run.Name); run.Phase && ok && phase.Title != "" {
		if phase.Repeat {
			return fmt.Sprintf("%s %d", phase.Title, run.Number)
		}
		return phase.Title
	}
	return run.Name
}

func progress(r Release, run Run) string {
	if run.Over && slices.ContainsFunc(run.Steps, func(s StepState) bool { return s.Done == nil && !s.Optional }) {
		return "was given up: an earlier phase began anew"
	}
	if run.Complete() {
		return "is done"
	}
	if r.Held != nil {
		return "is held by " + Login(r.Held.By) + ": " + Quoted(r.Held.Reason)
	}
	if r.Aborted != nil && !run.Undo {
		return "was given up"
	}
	for _, s := range run.Steps {
		switch {
		case s.Done != nil || s.Optional:
		case s.Stopped != nil:
			return "has stopped at `" + s.ID + "`"
		case s.Waits != nil:
			return "waits for " + s.Waits.For
		default:
			return "is under way"
		}
	}
	return "is under way"
}

// stepLine is one step as a line of a task list. In the body of the issue a manual step carries its mark, so that
// ticking its box is the same as /release done.
func stepLine(s StepState, body bool) string {
	box := " "
	if s.Done != nil {
		box = "x"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "- [%s] %s", box, stepTitle(s))
	switch {
	case s.Done != nil && s.Done.URL != "":
		fmt.Fprintf(&b, ": [%s](%s)", s.Done.Text, s.Done.URL)
	case s.Done != nil:
		fmt.Fprintf(&b, ": %s", s.Done.Text)
	case s.Stopped != nil:
		fmt.Fprintf(&b, ": **stopped**, %s", s.Stopped.Why)
	case s.Waits != nil:
		fmt.Fprintf(&b, ": waits for %s", s.Waits.For)
		if s.Waits.Who != "" {
			fmt.Fprintf(&b, " (%s)", s.Waits.Who)
		}
	case s.Optional:
		b.WriteString(" (optional)")
	}
	if body && (s.Kind == "manual" || s.Kind == "announce") {
		fmt.Fprintf(&b, " <!-- step:%s -->", s.ID)
	}
	b.WriteString("\n")
	if s.Done == nil && s.Kind == "manual" {
		for item := range strings.Lines(s.With["items"]) {
			fmt.Fprintf(&b, "  - %s\n", strings.TrimSpace(item))
		}
	}
	if s.Stopped != nil && s.Stopped.Fix != "" {
		fmt.Fprintf(&b, "\n%s\n\n", indent(s.Stopped.Fix))
	}
	if s.Waits != nil && s.Waits.Fix != "" && s.Done == nil {
		fmt.Fprintf(&b, "\n%s\n\n", indent(s.Waits.Fix))
	}
	return b.String()
}

// still is a step as it stands: of a run that is over nobody is to do anything about what is open.
func (r Run) still(s StepState) StepState {
	if r.Over && s.Done == nil {
		s.Waits, s.Stopped, s.Kind = nil, nil, ""
	}
	return s
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(text, "\n", "\n  ")
}

func stepTitle(s StepState) string {
	if s.Title != "" {
		return s.Title
	}
	return "`" + s.ID + "`"
}

// receipts joins what a run left, for a sentence.
func receipts(run Run) string {
	out := []string{}
	for _, s := range run.Steps {
		if s.Done != nil && s.Done.Text != "" {
			out = append(out, s.Done.Text)
		}
	}
	return strings.Join(out, "; ")
}

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
