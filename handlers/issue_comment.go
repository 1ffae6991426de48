package handlers

import (
	"context"

	"github.com/slipway-dev/slipway/internal/engine"
)

// IssueComment takes commands out of comments. Only a newly created comment is one, by its sender; an edited one
// gets a hint, a deleted one changes nothing.
type IssueComment struct{ Engine Engine }

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
		return h.Engine.Say(ctx, c)
	case "edited":
		return h.Engine.Edited(ctx, c)
	}
	return nil
}
