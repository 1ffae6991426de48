package release

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
)

// A View is something that people should see now: a reply, the status in the body of the tracking issue, a
// reaction. Views are computed from the release alone; the engine compares hashes and writes what differs.
type View struct {
	What    string // reply/COMMENT, status, react/COMMENT/CONTENT, notice/KEY, minimized/COMMENT
	Comment int64  // the comment that is answered
	Body    string // Markdown, or the reaction's content
	Node    string // of the reply that is to be minimized
}

// Hash tells whether the view was shown already.
func (v View) Hash() string {
	sum := sha256.Sum256([]byte(v.Body))
	return hex.EncodeToString(sum[:8])
}

// Unshown lists the views that differ from what was last shown, in the order in which they should be written.
func Unshown(r Release) []View {
	var out []View
	for _, v := range Views(r) {
		if r.Views[v.What].Hash != v.Hash() {
			out = append(out, v)
		}
	}
	return out
}

// Views lists all that people should see of the release, in the order in which it should be written.
func Views(r Release) []View {
	var out []View
	for i, reply := range r.Replies {
		state := reply.state(r)
		// A ticked box stands for a comment that does not exist: it has a number below zero and no reactions.
		real := reply.Comment > 0
		if real {
			out = append(out, View{What: fmt.Sprintf("react/%d/eyes", reply.Comment), Comment: reply.Comment,
				Body: "eyes"})
		}
		what := fmt.Sprintf("reply/%d", reply.Comment)
		body := replyText(r, reply)
		if _, shown := r.Views[what]; body == "" && shown && state == "rocket" {
			body = carriedOut(reply) // it said that the command had to wait
		}
		if body != "" {
			out = append(out, View{What: what, Comment: reply.Comment, Body: body})
		}
		if real && (state == "rocket" || state == "confused") {
			out = append(out, View{What: fmt.Sprintf("react/%d/%s", reply.Comment, state), Comment: reply.Comment,
				Body: state})
		}
		if shown := r.Views[what]; shown.Node != "" && reply.superseded(r, r.Replies[i+1:]) {
			out = append(out, View{What: fmt.Sprintf("minimized/%d", reply.Comment), Body: "outdated",
				Node: shown.Node})
		}
	}
	for _, n := range r.Notices {
		out = append(out, View{What: "notice/" + n.Key, Body: n.Text})
	}
	if r.Begun {
		out = append(out, View{What: "status", Body: Status(r)})
	}
	return out
}

// superseded says that a later reply tells what counts now: all of this one is over, and a later command began
// something, or was the same.
func (p Reply) superseded(r Release, later []Reply) bool {
	verbs := map[string]bool{}
	for _, part := range p.Parts {
		if !part.Decided || slices.ContainsFunc(part.Runs, func(i int) bool { return !r.quiet(r.Runs[i]) }) {
			return false
		}
		verbs[part.Verb] = true
	}
	for _, other := range later {
		for _, part := range other.Parts {
			if len(part.Runs) > 0 || part.Decided && !part.Refused && verbs[part.Verb] {
				return true
			}
			if len(verbs) == 1 && verbs[part.Verb] {
				return true
			}
		}
	}
	return false
}

// quiet says that nothing of the run is due any more.
func (r Release) quiet(run Run) bool { return run.Complete() || r.Aborted != nil && !run.Undo }

// state is the reaction that a comment has earned: 🚀 when all of it is done, 😕 when a part was refused, none
// while something is in progress.
func (p Reply) state(r Release) string {
	refused := false
	for _, part := range p.Parts {
		if !part.Decided {
			return ""
		}
		refused = refused || part.Refused
	}
	if refused {
		return "confused"
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
		var paragraphs []string
		add := func(text string) {
			if text != "" {
				paragraphs = append(paragraphs, text)
			}
		}
		add(part.Note)
		switch {
		case part.Silent, part.Surplus && reply.silenced():
		case part.EndedBy != "":
			add(answerPassed(part.EndedBy))
		default:
			add(part.Answer)
		}
		if part.Delayed != nil && part.Delayed.Told {
			add(delayed(*part.Delayed))
		}
		for _, i := range part.Runs {
			add(runText(r, r.Runs[i]))
		}
		if len(paragraphs) > 0 {
			parts = append(parts, "> "+markdown.Code(part.Text)+"\n\n"+strings.Join(paragraphs, "\n\n"))
		}
	}
	return strings.Join(parts, "\n\n---\n\n")
}

// silenced says that all commands of the comment are those of somebody who was refused before.
func (p Reply) silenced() bool {
	return !slices.ContainsFunc(p.Parts, func(part Part) bool { return !part.Silent && !part.Surplus })
}

// carriedOut ends a reply that has nothing else left to say.
func carriedOut(p Reply) string {
	var lines []string
	for _, part := range p.Parts {
		lines = append(lines, "> "+markdown.Code(part.Text)+"\n\nDone.")
	}
	return strings.Join(lines, "\n\n")
}

// delayed says that a command could not be decided yet.
func delayed(d Delayed) string {
	if !d.Until.IsZero() {
		return waitsForLimit(d.Why, minute(d.Until))
	}
	return triesAgain(d.Why)
}

// runText tells how far a run is: a headline, its steps, its warnings.
func runText(r Release, run Run) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** %s.\n\n", runTitle(r, run), progress(r, run))
	for _, s := range run.Steps {
		b.WriteString(stepLine(r.still(run, s), false))
	}
	for _, w := range run.Warns {
		b.WriteString("\n" + warningText(w) + "\n")
	}
	for _, e := range r.Exceptions {
		if e.Pushed != "" && e.key() == run.key() && run.Complete() {
			b.WriteString("\n" + lapsedText(e) + "\n")
		}
	}
	if next, ok := after(r, run); ok && run.Complete() && !run.Over {
		b.WriteString("\n" + nextCommandText(next) + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// after is the phase that follows a phase on its track. It is the same whatever happens later, so that the reply to
// an old command is not edited again and again.
func after(r Release, run Run) (string, bool) {
	sequence := r.Track().Sequence()
	i := slices.IndexFunc(sequence, func(l TrackPhase) bool { return l.Phase == run.Name })
	if !run.Phase || i < 0 || i+1 >= len(sequence) {
		return "", false
	}
	if j := slices.IndexFunc(sequence[i+1:], func(l TrackPhase) bool { return !l.Optional }); j >= 0 {
		return sequence[i+1+j].Phase, true
	}
	return sequence[i+1].Phase, true
}

func runTitle(r Release, run Run) string {
	if phase, ok := r.Started.Process.Phase(run.Name); run.Phase && ok && phase.Title != "" {
		if phase.Repeat {
			return fmt.Sprintf("%s %d", phase.Title, run.Number)
		}
		return phase.Title
	}
	return workTitle(run)
}

func progress(r Release, run Run) string {
	if run.Over && slices.ContainsFunc(run.Steps, func(s StepState) bool { return s.Done == nil && !s.Optional }) {
		return runSuperseded()
	}
	if run.Complete() {
		return runDone()
	}
	if r.Held != nil {
		return runHeld(*r.Held)
	}
	if r.Aborted != nil && !run.Undo {
		return runAborted()
	}
	for _, s := range run.Steps {
		switch {
		case s.Done != nil || s.Optional:
		case s.Stopped != nil:
			return runStoppedAt(stepTitle(s))
		case s.Waits != nil:
			return runWaiting(*s.Waits)
		default:
			return runInProgress()
		}
	}
	return runInProgress()
}

// stepLine is one step as a line of a task list, with the command that reports it where a person does it. In the body
// of the issue a manual step carries its mark, so that ticking its box is the same as /release done.
func stepLine(s StepState, body bool) string {
	box := " "
	if s.Done != nil {
		box = "x"
	}
	text, below := stepText(s)
	line := "- [" + box + "] " + text
	if body && s.byPerson() {
		line += " <!-- step:" + s.ID + " -->"
	}
	line += "\n"
	if s.Done == nil {
		for _, item := range s.items() {
			line += "  - " + strings.TrimSpace(item) + "\n"
		}
	}
	if below != "" {
		line += "\n" + indent(below) + "\n\n"
	}
	return line
}

// stepText says how far a step is. What does not fit into a line comes below it.
func stepText(s StepState) (line, below string) {
	switch {
	case s.Done != nil && s.Done.Text == "":
		return stepTitle(s), ""
	case s.Done != nil:
		return stepDoneText(stepTitle(s), s.Done.Text, s.Done.URL), ""
	case s.Stopped != nil:
		return withFix(stepStoppedText(stepTitle(s), s.Stopped.Why), s.Stopped.Fix)
	case s.Waits != nil:
		return withFix(stepWaitsText(stepTitle(s), s.Waits.For, s.Waits.Who), s.Waits.Fix)
	case s.Optional && s.byPerson():
		return optionalByHand(stepTitle(s), s.ID), ""
	case s.Optional:
		return optionalStep(stepTitle(s)), ""
	}
	return stepTitle(s), ""
}

// withFix adds to a line what helps, below it where it has several lines.
func withFix(line, fix string) (string, string) {
	switch {
	case fix == "":
		return line, ""
	case strings.Contains(fix, "\n"):
		return line, Sentence(fix)
	}
	return line + " " + Sentence(fix), ""
}

// byPerson says that a person does the step, and reports it.
func (s StepState) byPerson() bool {
	switch s.Does.Any.(type) {
	case params.Manual, params.Announce:
		return true
	}
	return false
}

// still is a step as it stands: nobody is to do anything about what is open in a run that is over or was
// aborted, and what has stopped says how it goes on.
func (r Release) still(run Run, s StepState) StepState {
	if (run.Over || r.Aborted != nil && !run.Undo) && s.Done == nil {
		s.Waits, s.Stopped, s.Does = nil, nil, params.Set{}
	}
	if s.Stopped != nil && s.Stopped.Fix == "" {
		stopped := *s.Stopped
		stopped.Fix = stoppedFix(run, s)
		s.Stopped = &stopped
	}
	return s
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(text, "\n", "\n  ")
}
