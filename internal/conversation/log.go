package conversation

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// Log is the open log of one issue, with the release that it folds to. Only the job of the issue has it open.
type Log struct {
	Place   Place
	GH      step.GitHub
	Release release.Release

	c       *Conversation
	id      string
	entries []release.Entry
	// look says that the description has to be compared with what it should be.
	look bool
	// since is when the job of the issue began to fail, zero when it does not.
	since time.Time
	// copyWaits says that the reply which is to carry the copy of the log could not be written, and is tried again.
	copyWaits bool
	// reads says that nothing may be written at the place.
	reads bool
}

// open reads the log of a place; one that nobody has begun is empty.
func (c *Conversation) open(ctx context.Context, p Place) (*Log, error) {
	id, found, err := c.Store.LogOf(ctx, p.Repo, p.Issue)
	if err != nil {
		return nil, fmt.Errorf("find the log of %s: %w", p.Key(), err)
	}
	l := &Log{Place: p, GH: c.client(p), c: c, id: id}
	if !found {
		l.id = p.Key()
	}
	stored, err := c.Store.Entries(ctx, l.id)
	if err != nil {
		return nil, fmt.Errorf("read log %s: %w", l.id, err)
	}
	for _, one := range stored {
		event, err := release.Decode(one.Kind, one.Data)
		if err != nil {
			return nil, fmt.Errorf("log %s, entry %d: %w", l.id, one.Seq, err)
		}
		l.entries = append(l.entries, release.Entry{Seq: one.Seq, At: one.At, Event: event})
	}
	l.Release = release.Fold(l.id, l.entries)
	l.rename()
	return l, nil
}

// Client is GitHub as far as some permissions on the repository of the issue reach.
func (l *Log) Client(permissions map[string]string) step.GitHub {
	if l.reads {
		permissions = maps.Clone(permissions)
		for name := range permissions {
			permissions[name] = "read"
		}
	}
	return l.c.GitHub(l.Place.Scope(permissions))
}

// rename lets the release know its repository by the name of today.
func (l *Log) rename() {
	if l.Release.Begun {
		l.Release.Started.Repo, l.Release.Started.Issue = l.Place.Name, l.Place.Issue
	}
}

// Read folds the log of a place, for those who only look.
func (c *Conversation) Read(ctx context.Context, p Place) (release.Release, error) {
	l, err := c.open(ctx, p)
	if err != nil {
		return release.Release{}, err
	}
	return l.Release, nil
}

// Append writes events to the log, all or none, and folds them in. It names the entry that it follows: whoever lost the
// issue to another process writes nothing.
func (l *Log) Append(ctx context.Context, events ...release.Event) error {
	if len(events) == 0 {
		return nil
	}
	now := l.c.Clock().UTC()
	entries := make([]release.Entry, len(events))
	for i, event := range events {
		entries[i] = release.Entry{Seq: l.Release.Seq + 1 + i, At: now, Event: event}
	}
	stored, err := encoded(entries)
	if err != nil {
		return err
	}
	next := release.Apply(l.Release, entries...)
	if err := l.c.Store.Append(ctx, l.id, l.Release.Seq, stored, index(l.Place, next)); err != nil {
		return fmt.Errorf("append to log %s: %w", l.id, err)
	}
	l.Release, l.entries = next, append(l.entries, entries...)
	l.rename()
	return nil
}

// encoded are entries as the store keeps them.
func encoded(entries []release.Entry) ([]store.Entry, error) {
	out := make([]store.Entry, len(entries))
	for i, e := range entries {
		kind, data, err := release.Encode(e.Event)
		if err != nil {
			return nil, err
		}
		out[i] = store.Entry{Seq: e.Seq, At: e.At, Kind: kind, Data: data}
	}
	return out, nil
}

// index is by what the log of a release is found.
func index(p Place, r release.Release) store.Index {
	return store.Index{Repo: p.Repo, Issue: p.Issue, Open: r.Open() || r.Lapses() || len(release.Unshown(r)) > 0}
}

// Made is what the steps of the release made, as they wrote it down.
func (l *Log) Made() []json.RawMessage {
	var out []json.RawMessage
	for _, run := range l.Release.Live() {
		for _, s := range run.Steps {
			out = append(out, s.Made...)
		}
	}
	return out
}

// Failing is for how long the job of the issue has failed in a row.
func (l *Log) Failing() time.Duration {
	if l.since.IsZero() {
		return 0
	}
	return l.c.Clock().Sub(l.since)
}

// lastStatus is the status that was last written into the description, computed from what the log held then. ok is
// false where none was.
func (l *Log) lastStatus() (text string, ok bool) {
	for i := len(l.entries) - 1; i >= 0; i-- {
		if e, is := l.entries[i].Event.(release.Shown); is && e.What == "status" {
			r := release.Fold(l.id, l.entries[:i])
			r.Started.Repo, r.Started.Issue = l.Place.Name, l.Place.Issue
			return release.Status(r), true
		}
	}
	return "", false
}
