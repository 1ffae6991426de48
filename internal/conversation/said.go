package conversation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
)

// Said is something that a person did on an issue which may hold commands: a new comment, an edited one, or an edit of
// the description.
type Said struct {
	// Comment is its id; below zero for an edit of the description.
	Comment int64     `json:"comment"`
	At      time.Time `json:"at"` // when it was written, by GitHub's clock
	By      string    `json:"by"`
	ByID    int64     `json:"by_id"`
	Body    string    `json:"body"`
	// Edited says that the comment was changed into what it is now. Only new comments are commands.
	Edited bool `json:"edited,omitempty"`
	// Before is the description as it was before the edit.
	Before string `json:"before,omitempty"`

	// Of the issue, as GitHub described it with the event.
	Title         string           `json:"title,omitempty"`
	Assignees     []release.Person `json:"assignees,omitempty"`
	DefaultBranch string           `json:"default_branch,omitempty"`
	Pull          bool             `json:"pull,omitempty"`
	Milestone     string           `json:"milestone,omitempty"` // its title
	// Block says that the description is that of a patch-release issue (patches.Concerns).
	Block bool `json:"block,omitempty"`
	// Stale says that it was written before the database was made, which knows nothing of what came before it.
	Stale bool `json:"stale,omitempty"`
	// Tracked says that the description holds a status of Slipway's.
	Tracked bool `json:"tracked,omitempty"`

	// Event is set where nobody said anything, and something happened to the issue.
	Event *Happening `json:"event,omitempty"`
}

// MostCommands is how many commands of one comment are carried out. The others are named in the reply.
const MostCommands = 10

// Hear takes what was said, if there may be something in it for Slipway: it is on disk when Hear returns, and worked
// by the job of its issue.
func (c *Conversation) Hear(ctx context.Context, p Place, s Said) error {
	if s.Comment > 0 && len(c.Table.Ours(s.Body)) == 0 {
		addressed, err := c.misspelt(ctx, p, s)
		if err != nil || !addressed {
			return err
		}
	}
	born, err := c.Store.Born(ctx)
	if err != nil {
		return err
	}
	if s.Stale = s.At.Before(born.Truncate(time.Second)); s.Stale {
		c.Log.Warn().Str("repository", p.Name).Int("issue", p.Issue).Int64("comment", s.Comment).Time("written", s.At).
			Time("database", born).Msg("not obeyed: older than the database")
		if !s.Tracked {
			return nil
		}
	}
	if s.Comment < 0 {
		if _, tracked, err := c.Store.LogOf(ctx, p.Repo, p.Issue); err != nil || !tracked {
			return err // nothing was ever said here
		}
	}
	return c.Mail(ctx, p, s)
}

// Mail puts what was said into the mailbox of the issue. What is there already stays as it is.
func (c *Conversation) Mail(ctx context.Context, p Place, s Said) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("keep comment %d of %s: %w", s.Comment, p.Key(), err)
	}
	id := s.Comment
	if s.Edited {
		// An edited comment is heard beside the comment that it was, and after it.
		id = editedID(s)
	}
	_, err = c.Store.PutMail(ctx, store.Mail{Repo: p.Repo, Issue: p.Issue, Comment: id, At: s.At, Heard: c.Clock(),
		Data: data})
	return err
}

// editedID is a number of its own for each edit of a comment: below zero, which no comment has.
func editedID(s Said) int64 { return EventID(s.At, fmt.Sprintf("edit/%d/%s", s.Comment, s.Body)) }

// misspelt says that a line of the comment begins with a word that is nearly /release, on an issue with a release.
// Elsewhere a strange word belongs to another bot.
func (c *Conversation) misspelt(ctx context.Context, p Place, s Said) (bool, error) {
	if !slices.ContainsFunc(parse.Commands(s.Body), func(one parse.Command) bool { return nearRelease(one.Words[0]) }) {
		return false, nil
	}
	l, err := c.open(ctx, p)
	if _, is := errors.AsType[*release.UnknownForm](err); is {
		return false, nil // no command runs here, whatever was meant
	}
	return err == nil && l.Release.Begun, err
}

// nearRelease says that a word was meant to be /release.
func nearRelease(word string) bool {
	near, ok := parse.Nearest(strings.TrimPrefix(word, "/"), []string{"release"})
	return ok && near == "release" && word != "/release" && len(word) >= len("/releas")-1
}

// unknownNote is the key of the note that unknown leaves.
const unknownNote = "unknown"

// unknown answers on an issue with a release that the database knows nothing of: once on the issue, and with 😕.
func (c *Conversation) unknown(ctx context.Context, t *Request) error {
	if _, err := c.Note(ctx, t.l.GH, t.l.Place, unknownNote,
		func(bool) string { return noHistory(t.l.Place) }); err != nil {
		return err
	}
	if err := t.l.GH.React(ctx, t.l.Place.Name, t.Said.Comment, "confused"); err != nil {
		c.Log.Info().Err(err).Int64("comment", t.Said.Comment).Msg("not shown")
	}
	return nil
}

// Person is who did it.
func (s Said) Person() release.Person { return release.Person{Login: s.By, ID: s.ByID} }

// source is where a line of the mail stands.
func (s Said) source(line int) release.Source {
	return release.Source{Comment: s.Comment, Line: line, By: s.By, ID: s.ByID}
}

// message is one entry of the mailbox.
type message struct {
	store.Mail
	Said
}
