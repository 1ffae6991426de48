package release

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
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
