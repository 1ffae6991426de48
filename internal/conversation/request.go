package conversation

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// Request is one line of one comment while it is worked.
type Request struct {
	Said Said
	Line parse.Command

	c *Conversation
	l *Log
}

// Supposed is a request that nobody made, at a place: for what would follow if somebody did. It can only read.
func (c *Conversation) Supposed(p Place, defaultBranch string) *Request {
	l := &Log{Place: p, GH: c.GitHub(p.Scope(map[string]string{"contents": "read"})), c: c, id: p.Key(), reads: true}
	return &Request{Said: Said{DefaultBranch: defaultBranch}, c: c, l: l}
}

// Place is where it was said.
func (r *Request) Place() Place { return r.l.Place }

// GitHub is the client of the place, good for what Needs lists.
func (r *Request) GitHub() step.GitHub { return r.l.GH }

// Client is GitHub as far as some permissions on the repository reach.
func (r *Request) Client(permissions map[string]string) step.GitHub { return r.l.Client(permissions) }

// Release is the release of the issue, which may not have begun.
func (r *Request) Release() release.Release { return r.l.Release }

// Made is what the steps of the release made, as they wrote it down.
func (r *Request) Made() []json.RawMessage { return r.l.Made() }

// Now is the injected time.
func (r *Request) Now() time.Time { return r.c.Clock() }

// Store is where snapshots are.
func (r *Request) Store() *store.Store { return r.c.Store }

// Logger is for what an operator should know.
func (r *Request) Logger() *zerolog.Logger { return &r.c.Log }

// Source names the line.
func (r *Request) Source() release.Source { return r.Said.source(r.Line.Line) }

// Table is the table of all commands.
func (r *Request) Table() Table { return r.c.Table }

// Answer is the event that answers the line with a text.
func (r *Request) Answer(text string) []release.Event {
	return []release.Event{release.Answered{Source: r.Source(), Text: text}}
}

// Refuse is the event that refuses the line.
func (r *Request) Refuse(why release.Refusal) []release.Event {
	return []release.Event{release.Answered{Source: r.Source(), Refused: true, Text: why.Markdown()}}
}

// RefuseOutsider refuses somebody who has no role here: it is told once an hour.
func (r *Request) RefuseOutsider(why release.Refusal) []release.Event {
	return []release.Event{release.Answered{Source: r.Source(), Refused: true, Outsider: true, Text: why.Markdown()}}
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
