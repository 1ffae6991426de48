package conversation

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// Turn is one line of one comment while it is worked.
type Turn struct {
	Said Said
	Line parse.Command

	c *Conversation
	l *Log
}

// Place is where it was said.
func (t *Turn) Place() Place { return t.l.Place }

// GitHub is the client of the place's installation.
func (t *Turn) GitHub() step.GitHub { return t.l.GH }

// Release is the release of the issue, which may not have begun.
func (t *Turn) Release() release.Release { return t.l.Release }

// Made is what the steps of the release made, as they wrote it down.
func (t *Turn) Made() []json.RawMessage { return t.l.Made() }

// Now is the injected time.
func (t *Turn) Now() time.Time { return t.c.Clock() }

// Store is where snapshots are.
func (t *Turn) Store() *store.Store { return t.c.Store }

// Logger is for what an operator should know.
func (t *Turn) Logger() *zerolog.Logger { return &t.c.Log }

// Source names the line.
func (t *Turn) Source() release.Source { return t.Said.source(t.Line.Line) }

// Table is the table of all commands.
func (t *Turn) Table() Table { return t.c.Table }

// Answer is the event that answers the line with a text.
func (t *Turn) Answer(text string) []release.Event {
	return []release.Event{release.Answered{Source: t.Source(), Text: text}}
}

// Refuse is the event that refuses the line.
func (t *Turn) Refuse(why release.Refusal) []release.Event {
	return []release.Event{release.Answered{Source: t.Source(), Refused: true, Text: why.Markdown()}}
}

// RefuseOutsider refuses somebody who has no role here: it is told once an hour.
func (t *Turn) RefuseOutsider(why release.Refusal) []release.Event {
	return []release.Event{release.Answered{Source: t.Source(), Refused: true, Outsider: true, Text: why.Markdown()}}
}

// Wake lets another job run, and Enqueue at a time.
func (t *Turn) Wake(ctx context.Context, kind, key string) error {
	return t.c.Store.Enqueue(ctx, store.Job{Kind: kind, Key: key}, time.Time{})
}

// verbOf is the word after /release, else the word itself.
func verbOf(one parse.Command) string {
	switch {
	case one.Words[0] != "/release":
		return one.Words[0]
	case len(one.Words) > 1:
		return strings.ToLower(one.Words[1])
	}
	return "help"
}
