// Package handlers turns webhooks into calls of the domain: one file per event, payload in, call out.
//
// Nothing here decides, and nothing here trusts: the sender of an event is checked by the engine against the roles
// of the default branch, and our own events never get this far (internal/inbox). All() is the table of the events
// that the App subscribes to.
package handlers

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/palantir/go-githubapp/githubapp"

	"github.com/slipway-dev/slipway/internal/engine"
)

// Engine is what the events lead to.
type Engine interface {
	Say(ctx context.Context, c engine.Comment) error
	Edited(ctx context.Context, c engine.Comment) error
	Tick(ctx context.Context, p engine.Place, by, step string) error
	Wake(ctx context.Context, repo string) error
}

// All is the table of the handlers, one per kind of event: go-githubapp dispatches to the first that takes it.
func All(e Engine) []githubapp.EventHandler {
	return []githubapp.EventHandler{
		IssueComment{e}, // commands
		Issues{e},       // ticked boxes, new assignees
		Wake{e},         // everything that a release may wait for
	}
}

// event is the part that all payloads share.
type event struct {
	Action     string `json:"action"`
	Repository struct {
		FullName string `json:"full_name"`
	} `json:"repository"`
	Installation struct {
		ID int64 `json:"id"`
	} `json:"installation"`
	Sender struct {
		Login string `json:"login"`
		Type  string `json:"type"`
	} `json:"sender"`
}

func (ev event) bot() bool { return ev.Sender.Type == "Bot" }

func decode(kind string, payload []byte, into any) error {
	if err := json.Unmarshal(payload, into); err != nil {
		return fmt.Errorf("read %s payload: %w", kind, err)
	}
	return nil
}
