package handlers

import (
	"context"

	"github.com/slipway-dev/slipway/internal/engine"
	"github.com/slipway-dev/slipway/internal/tracker"
)

// IssueComment takes commands out of comments. Only a newly created comment is one, by its sender; an edited one
// gets a hint, a deleted one changes nothing.
type IssueComment struct {
	Engine  Engine
	Tracker Tracker
}

// Handles names the event.
func (IssueComment) Handles() []string { return []string{"issue_comment"} }

// Handle takes one delivery.
func (h IssueComment) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	var ev struct {
		event
		Issue struct {
			Number int    `json:"number"`
			Title  string `json:"title"`
		} `json:"issue"`
		Comment struct {
			ID   int64  `json:"id"`
			Body string `json:"body"`
		} `json:"comment"`
	}
	if err := decode(kind, payload, &ev); err != nil || ev.bot() {
		return err
	}
	c := engine.Comment{
		Place: engine.Place{Installation: ev.Installation.ID, Repo: ev.Repository.FullName, Issue: ev.Issue.Number},
		ID:    ev.Comment.ID, By: ev.Sender.Login, Title: ev.Issue.Title, Body: ev.Comment.Body,
	}
	switch ev.Action {
	case "created":
		if err := h.Engine.Say(ctx, c); err != nil {
			return err
		}
		return h.Tracker.Say(ctx, tracker.Comment{Place: ev.place(ev.Issue.Number), ID: c.ID, By: c.By, Body: c.Body})
	case "edited":
		return h.Engine.Edited(ctx, c)
	}
	return nil
}
