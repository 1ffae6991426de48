package conversation

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/step"
)

// note is what is kept of a comment of ours that answers nobody: where it is, and what it says.
type note struct {
	ID    int64     `json:"id,omitempty"`
	Node  string    `json:"node,omitempty"`
	Text  string    `json:"text,omitempty"`
	Begun time.Time `json:"begun,omitzero"` // when it was about to be written
	Gone  bool      `json:"gone,omitempty"` // somebody deleted it: nobody wants it any more
}

// Note keeps the one comment of a key on an issue: made when there is something to say, edited when that changes, left
// alone when somebody deleted it. say is told whether the comment is there; an empty text makes none. It gives the
// comment's id, 0 when there is none.
func (c *Conversation) Note(ctx context.Context, gh step.GitHub, p Place, key string,
	say func(there bool) string) (int64, error) {
	name, mark := noteKey(p, key), noteMark(p, key)
	snap, _, err := c.Store.Snapshot(ctx, name)
	if err != nil {
		return 0, err
	}
	snap.Key, snap.Repo, snap.Issue = name, p.Repo, p.Issue
	var n note
	if len(snap.Data) > 0 {
		if err := json.Unmarshal(snap.Data, &n); err != nil {
			return 0, err
		}
	}
	if len(snap.Data) == 0 {
		if n, err = c.lostNote(ctx, gh, p, key); err != nil {
			return 0, err
		}
	}
	text := say(n.ID != 0)
	if n.Gone || text == "" && n.ID == 0 || n.ID != 0 && n.Text == text {
		return n.ID, nil
	}
	body := strings.TrimRight(text, "\n") + "\n\n" + parse.Marker(mark)
	keep := func() error {
		if snap.Data, err = json.Marshal(n); err != nil {
			return err
		}
		snap.At = c.Clock()
		if err := c.Store.PutSnapshot(ctx, snap); err != nil {
			return err
		}
		snap.Version++
		return nil
	}
	if n.ID == 0 && !n.Begun.IsZero() {
		there, found, err := c.find(ctx, gh, p, mark)
		switch {
		case err != nil:
			return 0, err
		case found:
			n.ID, n.Node = there.ID, there.NodeID
		case c.Clock().Before(n.Begun.Add(Settle)):
			return 0, store.Later{At: n.Begun.Add(Settle)}
		}
	}
	if n.ID != 0 {
		if err := gh.EditComment(ctx, p.Name, n.ID, body); errors.Is(err, step.ErrGone) {
			n.Gone = true
		} else if err != nil {
			return n.ID, err
		}
		n.Text = text
		return n.ID, keep()
	}
	n.Begun = c.Clock()
	if err := keep(); err != nil {
		return 0, err
	}
	made, err := gh.CreateComment(ctx, p.Name, p.Issue, body)
	if err != nil {
		return 0, err
	}
	n.ID, n.Node, n.Text = made.ID, made.NodeID, text
	return n.ID, keep()
}

// lostNote is a note of which nothing is kept, in a repository of which the database was lost: its comment may be
// there.
func (c *Conversation) lostNote(ctx context.Context, gh step.GitHub, p Place, key string) (note, error) {
	if _, lost, err := c.Store.Value(ctx, lostValue(p.Repo)); err != nil || !lost {
		return note{}, err
	}
	there, found, err := c.find(ctx, gh, p, noteMark(p, key))
	if err != nil || !found {
		return note{}, err
	}
	return note{ID: there.ID, Node: there.NodeID}, nil
}
