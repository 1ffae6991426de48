package conversation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/slipway-dev/slipway/internal/store"
)

// noteKey names the snapshot of a note.
func noteKey(p Place, key string) string { return "note:" + noteMark(p, key) }

// noteMark is in the hidden mark by which the comment of a note is found.
func noteMark(p Place, key string) string { return p.Key() + "/" + key }

// NoteGone says that somebody deleted the comment of a key: Note leaves it alone from then on.
func (c *Conversation) NoteGone(ctx context.Context, p Place, key string) (bool, error) {
	snap, found, err := c.Store.Snapshot(ctx, noteKey(p, key))
	if err != nil || !found {
		return false, err
	}
	var n note
	if err := json.Unmarshal(snap.Data, &n); err != nil {
		return false, fmt.Errorf("read the note %s: %w", snap.Key, err)
	}
	return n.Gone, nil
}

// RenewNote lets a comment that somebody deleted be written again: it was asked for. One that is there stays.
func (c *Conversation) RenewNote(ctx context.Context, p Place, key string) error {
	gone, err := c.NoteGone(ctx, p, key)
	if err != nil || !gone {
		return err
	}
	return c.Store.DropSnapshot(ctx, noteKey(p, key))
}

// AdoptNote makes a comment of ours that is there the one of a key, if the key has none.
func (c *Conversation) AdoptNote(ctx context.Context, p Place, key string, comment int64) error {
	name := noteKey(p, key)
	if _, found, err := c.Store.Snapshot(ctx, name); err != nil || found {
		return err
	}
	data, err := json.Marshal(note{ID: comment})
	if err != nil {
		return fmt.Errorf("write the note %s: %w", name, err)
	}
	err = c.Store.PutSnapshot(ctx, store.Snapshot{Key: name, Repo: p.Repo, Issue: p.Issue, At: c.Clock(), Data: data})
	if errors.Is(err, store.ErrConflict) {
		return nil // another job was faster
	}
	return err
}
