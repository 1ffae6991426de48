// Package handlers turns webhooks into calls of the domain: one file per event, payload in, call out.
//
// Nothing here decides, and nothing here trusts: the sender of a command is checked against the roles of the default
// branch when it is worked, and our own events never get this far (internal/webhook). All is the table of the events
// that the App subscribes to.
package handlers

import (
	"context"
	"errors"
	"time"

	"github.com/palantir/go-githubapp/githubapp"

	"github.com/slipway-dev/slipway/internal/conversation"
)

// Conversation is what people say, and what happens to issues, repositories and installations.
type Conversation interface {
	// Find is the place of a repository that is known, without an issue.
	Find(ctx context.Context, repo int64) (conversation.Place, bool, error)
	Hear(ctx context.Context, p conversation.Place, s conversation.Said) error
	Happened(ctx context.Context, p conversation.Place, cause conversation.Cause, h conversation.Happening) error
	Installed(ctx context.Context, list []conversation.Repository, cause conversation.Cause) error
	Left(ctx context.Context, installation, repo int64, why string, at time.Time) error
	LeftAll(ctx context.Context, installation int64, why string, at time.Time) error
	Unsuspended(ctx context.Context, installation int64, cause conversation.Cause) error
	Permitted(ctx context.Context, installation int64, cause conversation.Cause) error
}

// Releases lets releases look again.
type Releases interface {
	// Wake lets the open releases of a repository look again, those of all for 0.
	Wake(ctx context.Context, repo int64) error
}

// Patches is what the events of patch-release issues, pull requests and milestones lead to.
type Patches interface {
	Issue(ctx context.Context, p conversation.Place) error
	Pull(ctx context.Context, p conversation.Place) error
	Merged(ctx context.Context, p conversation.Place) error
	Tagged(ctx context.Context, repo int64, tag string) error
	Published(ctx context.Context, p conversation.Place, tag string) error
	Wake(ctx context.Context, repo int64) error
}

// Reviews look at pull requests that change how a repository releases.
type Reviews interface {
	Pull(ctx context.Context, p conversation.Place) error
	// Again lets what was said of a commit be said anew.
	Again(ctx context.Context, repo int64, sha string) error
	Closed(ctx context.Context, p conversation.Place) error
}

// Tokens are those by which installations are used.
type Tokens interface {
	// Renew forgets the token of an installation, which holds the permissions of when it was made.
	Renew(installation int64)
}

// Base is what the handlers call.
type Base struct {
	Conversation Conversation
	Releases     Releases
	Patches      Patches
	Reviews      Reviews
	Tokens       Tokens
}

// All is the table of the handlers, one per kind of event: go-githubapp dispatches to the first that takes it.
func All(b Base) []githubapp.EventHandler {
	return []githubapp.EventHandler{
		IssueComment{b},             // commands
		Issues{b},                   // ticked boxes, descriptions and labels; closed, locked, transferred, deleted
		PullRequest{b},              // picks, milestones on merge, changes of the release process
		Check{b},                    // check runs of ours that somebody wants anew
		Create{b},                   // new tags
		Release{b},                  // rollover at publication
		Repository{b},               // renamed, transferred, deleted
		Installation{b},             // installed, uninstalled, suspended, other permissions
		InstallationRepositories{b}, // repositories that were added or removed
		Wake{b},                     // everything else that a release or a report may wait for
	}
}

// place is the repository of an event, with an issue or pull request of it. It is known, because its delivery was
// looked at before; one that is not is let alone.
func (b Base) place(ctx context.Context, ev event, number int) (conversation.Place, bool, error) {
	if ev.Repository.ID == 0 {
		return conversation.Place{}, false, nil
	}
	p, found, err := b.Conversation.Find(ctx, ev.Repository.ID)
	p.Issue = number
	return p, found, err
}

// repository reads an event of a whole repository, and finds it.
func (b Base) repository(ctx context.Context, kind string, payload []byte) (ev event, p conversation.Place, known bool,
	err error) {
	if err := decode(kind, payload, &ev); err != nil {
		return ev, p, false, err
	}
	p, known, err = b.place(ctx, ev, 0)
	return ev, p, known, err
}

// wake lets everything of a repository look again that may wait for something; 0 is all repositories.
func (b Base) wake(ctx context.Context, repo int64) error {
	return errors.Join(b.Releases.Wake(ctx, repo), b.Patches.Wake(ctx, repo))
}
