package handlers

import (
	"context"

	"github.com/slipway-dev/slipway/internal/engine"
	"github.com/slipway-dev/slipway/parse"
)

// Issues takes what happens to a tracking issue itself: a box of a manual step that was ticked counts as
// /release done of the person who ticked it; anything else lets the release look again.
type Issues struct {
	Engine  Engine
	Tracker Tracker
}

// Handles names the event.
func (Issues) Handles() []string { return []string{"issues"} }

// Handle takes one delivery.
func (h Issues) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	var ev struct {
		event
		Issue struct {
			Number int    `json:"number"`
			Body   string `json:"body"`
		} `json:"issue"`
		Changes struct {
			Body *struct {
				From string `json:"from"`
			} `json:"body"`
		} `json:"changes"`
	}
	if err := decode(kind, payload, &ev); err != nil || ev.bot() {
		return err
	}
	if ev.Action == "edited" && ev.Changes.Body != nil {
		place := engine.Place{Installation: ev.Installation.ID, Repo: ev.Repository.FullName, Issue: ev.Issue.Number}
		for _, id := range ticked(ev.Changes.Body.From, ev.Issue.Body) {
			if err := h.Engine.Tick(ctx, place, ev.Sender.Login, id); err != nil {
				return err
			}
		}
	}
	if ev.Action != "deleted" && ev.Action != "transferred" {
		if err := h.Tracker.Issue(ctx, ev.place(ev.Issue.Number)); err != nil {
			return err
		}
	}
	return wake(ctx, h.Engine, h.Tracker, ev.Repository.FullName)
}

// ticked are the marked boxes that are checked now and were open before. Only the difference counts: a body that
// was pasted whole ticks nothing.
func ticked(before, after string) []string {
	open := map[string]bool{}
	for _, box := range boxes(before) {
		open[box.ID] = !box.Checked
	}
	var ids []string
	for _, box := range boxes(after) {
		if box.Checked && open[box.ID] {
			ids = append(ids, box.ID)
		}
	}
	return ids
}

func boxes(body string) []parse.Checkbox {
	inside, _ := parse.Section(body)
	var marked []parse.Checkbox
	for _, box := range parse.Checkboxes(inside) {
		if box.ID != "" {
			marked = append(marked, box)
		}
	}
	return marked
}
