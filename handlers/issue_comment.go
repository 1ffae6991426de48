package handlers

import "context"

// IssueComment takes commands out of comments. Only a newly created comment of a person is one; an edited one gets a
// hint, a deleted one changes nothing.
type IssueComment struct{ Base }

// Handles names the event.
func (IssueComment) Handles() []string { return []string{"issue_comment"} }

// Handle takes one delivery.
func (h IssueComment) Handle(ctx context.Context, kind, _ string, payload []byte) error {
	var ev struct {
		event
		Issue   issue   `json:"issue"`
		Comment comment `json:"comment"`
	}
	if err := decode(kind, payload, &ev); err != nil || ev.Sender.bot() || ev.Comment.bot() {
		return err
	}
	p, known, err := h.place(ctx, ev.event, ev.Issue.Number)
	if err != nil || !known {
		return err
	}
	s := ev.said(ev.Issue)
	s.Comment, s.Body, s.At = ev.Comment.ID, ev.Comment.Body, ev.Comment.CreatedAt
	switch ev.Action {
	case "created":
		return h.Conversation.Hear(ctx, p, s)
	case "edited":
		s.Edited, s.At = true, ev.Comment.UpdatedAt
		return h.Conversation.Hear(ctx, p, s)
	}
	return nil
}
