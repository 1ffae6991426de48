package engine

import (
	"context"
	"fmt"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
)

// book is the open log of one place, with the release that it folds to. It is only used under the log's lock.
type book struct {
	engine  *Engine
	id      string
	place   Place
	release release.Release
}

func (e *Engine) open(ctx context.Context, p Place) (*book, error) {
	entries, err := e.Store.Entries(ctx, p.ID())
	if err != nil {
		return nil, fmt.Errorf("read log %s: %w", p.ID(), err)
	}
	log := make([]release.Entry, 0, len(entries))
	for _, stored := range entries {
		event, err := release.Decode(stored.Kind, stored.Data)
		if err != nil {
			return nil, fmt.Errorf("log %s, entry %d: %w", p.ID(), stored.Seq, err)
		}
		log = append(log, release.Entry{Seq: stored.Seq, At: stored.At, Event: event})
	}
	return &book{engine: e, id: p.ID(), place: p, release: release.Fold(p.ID(), log)}, nil
}

// Read folds the log of a place, for those who only look.
func (e *Engine) Read(ctx context.Context, p Place) (release.Release, error) {
	b, err := e.open(ctx, p)
	if err != nil {
		return release.Release{}, err
	}
	return b.release, nil
}

// append writes events to the log, all or none, and folds them in.
func (b *book) append(ctx context.Context, events ...release.Event) error {
	if len(events) == 0 {
		return nil
	}
	now := b.engine.Clock().UTC()
	entries := make([]release.Entry, len(events))
	stored := make([]store.Entry, len(events))
	for i, event := range events {
		kind, data, err := release.Encode(event)
		if err != nil {
			return err
		}
		seq := b.release.Seq + 1 + i
		entries[i] = release.Entry{Seq: seq, At: now, Event: event}
		stored[i] = store.Entry{Seq: seq, At: now, Kind: kind, Data: data}
	}
	next := release.Apply(b.release, entries...)
	index := store.Index{
		Repo: b.place.Repo, Issue: b.place.Issue, Installation: b.place.Installation,
		Open: next.Open() || next.Lapses() || len(release.Unshown(next)) > 0,
	}
	if index.Installation == 0 {
		index.Installation = next.Started.Installation
	}
	if err := b.engine.Store.Append(ctx, b.id, b.release.Seq, stored, index); err != nil {
		return fmt.Errorf("append to log %s: %w", b.id, err)
	}
	b.release = next
	return nil
}

// installation of the release: pinned when it started, or kept with the log's index before that.
func (b *book) installation() int64 {
	if b.place.Installation != 0 {
		return b.place.Installation
	}
	return b.release.Started.Installation
}
