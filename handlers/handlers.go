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
	"github.com/slipway-dev/slipway/internal/tracker"
)

// Engine is what the events of releases lead to.
type Engine interface {
	Say(ctx context.Context, c engine.Comment) error
	Edited(ctx context.Context, c engine.Comment) error
	Tick(ctx context.Context, p engine.Place, by, step string) error
	Wake(ctx context.Context, repo string) error
}

// Tracker is what the events of patch-release issues, pull requests and milestones lead to.
type Tracker interface {
	Say(ctx context.Context, c tracker.Comment) error
	Issue(ctx context.Context, p tracker.Place) error
	Pull(ctx context.Context, p tracker.Place) error
	Merged(ctx context.Context, p tracker.Place) error
	Tagged(ctx context.Context, repo, tag string) error
	Published(ctx context.Context, p tracker.Place, tag string) error
	Wake(ctx context.Context, repo string) error
}

// All is the table of the handlers, one per kind of event: go-githubapp dispatches to the first that takes it.
func All(e Engine, t Tracker) []githubapp.EventHandler {
	return []githubapp.EventHandler{
		IssueComment{e, t}, // commands
		Issues{e, t},       // ticked boxes, new assignees; descriptions and labels
		PullRequest{e, t},  // picks, milestones on merge
		Create{e, t},       // new tags
		Release{e, t},      // rollover at publication
		Wake{e, t},         // everything else that a release or a report may wait for
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

// place is the issue or pull request of that number, for the tracker.
func (ev event) place(number int) tracker.Place {
	return tracker.Place{Installation: ev.Installation.ID, Repo: ev.Repository.FullName, Number: number}
}

func (ev event) bot() bool { return ev.Sender.Type == "Bot" }

func decode(kind string, payload []byte, into any) error {
	if err := json.Unmarshal(payload, into); err != nil {
		return fmt.Errorf("read %s payload: %w", kind, err)
	}
	return nil
}
