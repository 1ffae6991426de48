package handlers

import (
	"context"

	"github.com/slipway-dev/slipway/internal/conversation"
)

// Issues takes what happens to an issue itself: an edit of the description may tick boxes or remove the status, a
// closed tracking issue holds its release, and anything lets what waits look again.
type Issues struct{ Base }

// Handles names the event.
func (Issues) Handles() []string { return []string{"issues"} }

type issuesEvent struct {
	event
	Issue    issue `json:"issue"`
	Assignee user  `json:"assignee"`
	Changes  struct {
		Body *struct {
			From string `json:"from"`
		} `json:"body"`
		NewIssue      issue      `json:"new_issue"`
		NewRepository repository `json:"new_repository"`
	} `json:"changes"`
}

// Handle takes one delivery.
func (h Issues) Handle(ctx context.Context, kind, guid string, payload []byte) error {
	var ev issuesEvent
	if err := decode(kind, payload, &ev); err != nil {
		return err
	}
	p, known, err := h.place(ctx, ev.event, ev.Issue.Number)
	if err != nil || !known {
		return err
	}
	if ev.Action == "edited" && ev.Changes.Body != nil {
		if err := h.Conversation.Hear(ctx, p, ev.description(guid)); err != nil {
			return err
		}
	}
	if what, happened := ev.happening(); happened {
		if err := h.Conversation.Happened(ctx, p, conversation.CauseOf(ctx), what); err != nil {
			return err
		}
	}
	if ev.Action != "deleted" && ev.Action != "transferred" {
		if err := h.Patches.Issue(ctx, p); err != nil {
			return err
		}
	}
	return h.wake(ctx, p.Repo)
}

// description is an edit of the description. That of another bot ticks nothing, and lets the status be looked at.
func (ev issuesEvent) description(guid string) conversation.Said {
	s := ev.said(ev.Issue)
	s.Comment, s.At = conversation.EventID(ev.Issue.UpdatedAt, guid), ev.Issue.UpdatedAt
	if !ev.Sender.bot() {
		s.Body, s.Before = ev.Issue.Body, ev.Changes.Body.From
	}
	return s
}

// happening is what happened to the issue, if its release has to know.
func (ev issuesEvent) happening() (h conversation.Happening, happened bool) {
	switch ev.Action {
	case "closed":
		h.What = conversation.Closed
	case "reopened":
		h.What = conversation.Reopened
	case "locked":
		h.What = conversation.Locked
	case "unlocked":
		h.What = conversation.Unlocked
	case "deleted":
		h.What = conversation.Deleted
	case "assigned":
		h.What, h.Who, h.Bot = conversation.Assigned, ev.Assignee.person(), ev.Sender.bot()
	case "unassigned":
		h.What, h.Who = conversation.Unassigned, ev.Assignee.person()
	case "transferred":
		h.What = conversation.Moved
		h.To, h.Repo, h.Issue = ev.Changes.NewRepository.FullName, ev.Changes.NewRepository.ID,
			ev.Changes.NewIssue.Number
	}
	return h, h.What != ""
}
