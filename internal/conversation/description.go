package conversation

import (
	"context"
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
)

// described takes an edit of the description by somebody else: boxes that were ticked count as /release done of that
// person, words of people that our own write overtook are put back, and the status is restored.
func (w *worker) described(ctx context.Context, s Said) error {
	w.l.look = true
	if !w.l.Release.Begun {
		return nil
	}
	if err := w.giveBack(ctx, s); err != nil {
		return err
	}
	last, written := w.l.lastStatus()
	if !written {
		return nil
	}
	for i, id := range ticked(last, s.Body) {
		t := &Request{c: w.c, l: w.l, Said: s, Line: parse.Command{
			Line: i + 1, Words: []string{"/release", "done", id, "box ticked"}, Raw: fmt.Sprintf("/release done %s %q",
				id, "box ticked"),
		}}
		if w.l.Release.Settled(t.Source()) {
			continue
		}
		if !w.l.Release.Took(t.Source()) {
			if err := w.l.Append(ctx, release.Commanded{Source: t.Source(), Text: t.Line.Raw, Verb: "done",
				Open: true}); err != nil {
				return err
			}
		}
		if err := w.command(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// ticked are the steps whose boxes are checked in a description and were open in the status that Slipway last wrote. A
// line counts only as it was written: whoever changes its words, or the hidden name of its step, ticks nothing.
func ticked(last, description string) []string {
	inside, found := parse.Section(description)
	if !found {
		return nil
	}
	there := map[string]bool{}
	for line := range strings.Lines(inside) {
		there[strings.TrimRight(line, "\r\n ")] = true
	}
	var ids []string
	lines := strings.Split(last, "\n")
	for _, box := range parse.Checkboxes(last) {
		if box.ID == "" || box.Checked {
			continue
		}
		open := strings.TrimRight(lines[box.Line-1], "\r ")
		for _, mark := range []string{"[x]", "[X]"} {
			if there[strings.Replace(open, "[ ]", mark, 1)] && !there[open] {
				ids = append(ids, box.ID)
				break
			}
		}
	}
	return ids
}

// giveBack restores what a person wrote outside of our section, where our own write of the same moment put the older
// text back: it had been read before the person's edit, and was written after it.
func (w *worker) giveBack(ctx context.Context, s Said) error {
	theirs, before := outside(s.Body), outside(s.Before)
	if s.Before == "" || theirs == before {
		return nil
	}
	ctx = github.Afresh(ctx)
	issue, found, err := w.l.GH.Issue(ctx, w.l.Place.Name, w.l.Place.Issue)
	if err != nil || !found || outside(issue.Body) != before {
		return err
	}
	inside, _ := parse.Section(issue.Body)
	_, err = w.l.GH.EditIssueBody(ctx, w.l.Place.Name, w.l.Place.Issue, parse.ReplaceSection(s.Body, inside))
	return err
}

// outside is the text of people: the description without our section.
func outside(description string) string {
	before, _, after, found := parse.SectionBetween(description, parse.Begin, parse.End)
	if !found {
		return strings.TrimSpace(strings.ReplaceAll(description, "\r\n", "\n"))
	}
	return strings.TrimSpace(strings.ReplaceAll(before+after, "\r\n", "\n"))
}
