package conversation_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// place is the issue of these tests.
var place = conversation.Place{Repo: 7, Name: "acme/app", Installation: 1, Issue: 1}

// hub is a GitHub of one issue, in memory. What it is not asked for it does not have.
type hub struct {
	step.GitHub
	mu       sync.Mutex
	calls    []string
	body     string
	state    string
	comments []step.Comment
	react    map[int64][]string
	fail     func(call string) error // before the effect
	lose     func(call string) error // after it
	next     int64
	assigned []step.Assignment
	hidden   int // so many of the newest comments are not listed yet
}

func (h *hub) call(format string, args ...any) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	h.calls = append(h.calls, text)
	if h.fail != nil {
		return h.fail(text)
	}
	return nil
}

func (h *hub) lost(call string) error {
	if h.lose != nil {
		return h.lose(call)
	}
	return nil
}

func (h *hub) React(_ context.Context, _ string, comment int64, content string) error {
	if err := h.call("react %d %s", comment, content); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(h.react[comment], content) {
		h.react[comment] = append(h.react[comment], content)
	}
	return nil
}

func (h *hub) Comments(context.Context, string, int) ([]step.Comment, error) {
	err := h.call("list comments")
	return slices.Clone(h.comments[:len(h.comments)-min(h.hidden, len(h.comments))]), err
}

func (h *hub) CreateComment(_ context.Context, _ string, _ int, body string) (step.Comment, error) {
	if err := h.call("create comment"); err != nil {
		return step.Comment{}, err
	}
	h.next++
	c := step.Comment{ID: 1000 + h.next, NodeID: fmt.Sprintf("C_%d", 1000+h.next), Author: "slipway[bot]", Body: body}
	h.comments = append(h.comments, c)
	return c, h.lost("create comment")
}

func (h *hub) EditComment(_ context.Context, _ string, id int64, body string) error {
	if err := h.call("edit comment %d", id); err != nil {
		return err
	}
	for i := range h.comments {
		if h.comments[i].ID == id {
			h.comments[i].Body = body
			return nil
		}
	}
	return step.ErrGone
}

func (h *hub) Minimize(_ context.Context, _, node string) error { return h.call("minimize %s", node) }

func (h *hub) Issue(context.Context, string, int) (step.Issue, bool, error) {
	return step.Issue{Item: step.Item{Number: 1, State: h.state}, Body: h.body}, true, h.call("read issue")
}

func (h *hub) EditIssueBody(_ context.Context, _ string, _ int, body string) (step.Issue, error) {
	if err := h.call("edit issue"); err != nil {
		return step.Issue{}, err
	}
	h.body = body
	return step.Issue{Item: step.Item{Number: 1}, Body: body}, nil
}

// once fails the first call of a name.
func once(name string) func(call string) error {
	failed := false
	return func(call string) error {
		if failed || call != name {
			return nil
		}
		failed = true
		return errors.New("connection reset")
	}
}

// replies are the texts of our comments, without their marks.
func (h *hub) replies() []string {
	var out []string
	for _, c := range h.comments {
		if c.Author == "slipway[bot]" {
			text, _, _ := strings.Cut(c.Body, "\n\n<!--")
			out = append(out, text)
		}
	}
	return out
}

// releases plays the engine: work is done step by step, and each may fail.
type releases struct {
	step func(l *conversation.Log) (bool, error)
}

func (r *releases) Step(_ context.Context, l *conversation.Log) (bool, error) {
	if r.step == nil {
		return false, nil
	}
	return r.step(l)
}

// feature is on, off, or not to be found out.
type feature struct {
	on  bool
	err error
}

func (f *feature) On(context.Context, *conversation.Request) (bool, error) { return f.on, f.err }

// stage is a conversation with its surroundings.
type stage struct {
	t        *testing.T
	c        *conversation.Conversation
	hub      *hub
	releases *releases
	others   *feature
	now      time.Time
	did      []string // the lines that were carried out, in order
	do       func(t *conversation.Request) ([]release.Event, error)
}

func open(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, now: noon, hub: &hub{react: map[int64][]string{}}, releases: &releases{},
		others: &feature{on: true}}
	db, err := store.Open(t.Context(), "sqlite::memory:",
		store.Options{Clock: func() time.Time { return s.now }, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.PutRepository(t.Context(), store.Repository{ID: 7, Name: "acme/app", Installation: 1}); err != nil {
		t.Fatal(err)
	}
	s.c = &conversation.Conversation{
		Store: db, GitHub: func(github.Scope) step.GitHub { return s.hub }, Clock: func() time.Time {
			return s.now
		}, Log: zerolog.Nop(),
		AppSlug: "slipway", Releases: s.releases,
	}
	own := &feature{on: true}
	row := func(word string, f conversation.Feature, first bool) conversation.Command {
		return conversation.Command{Word: word, Feature: f, First: first, Do: s.carryOut}
	}
	s.c.Table = conversation.Table{
		row("/release hold", own, true), row("/release abort", own, true), row("/release status", own, false),
		row("/release "+conversation.AnyWord, own, false), row("/priority", s.others, false),
	}
	return s
}

func (s *stage) carryOut(_ context.Context, t *conversation.Request) ([]release.Event, error) {
	if s.do != nil {
		if events, err := s.do(t); events != nil || err != nil {
			return events, err
		}
	}
	s.did = append(s.did, t.Line.Raw)
	return nil, nil
}

// say lets a comment arrive.
func (s *stage) say(comment int64, body string) {
	s.t.Helper()
	s.hear(conversation.Said{Comment: comment, At: s.now, By: "rita", ByID: 11, Body: body})
}

func (s *stage) hear(said conversation.Said) {
	s.t.Helper()
	if err := s.c.Hear(s.t.Context(), place, said); err != nil {
		s.t.Fatal(err)
	}
}

// work lets the job of the issue run once, and says when it goes on.
func (s *stage) work() (later time.Time) {
	s.t.Helper()
	err := s.c.Work(s.t.Context(), store.Job{Kind: store.KindIssue, Key: place.Key()})
	var l store.Later
	if errors.As(err, &l) {
		return l.At
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return time.Time{}
}

// through works until nothing is left, and moves the clock to where it goes on.
func (s *stage) through() {
	s.t.Helper()
	for range 100 {
		at := s.work()
		if at.IsZero() {
			return
		}
		s.now = at
	}
	s.t.Fatal("it goes on for ever")
}

func job() store.Job { return store.Job{Kind: store.KindIssue, Key: place.Key()} }

func (h *hub) Assignments(context.Context, string, int) ([]step.Assignment, error) {
	return h.assigned, h.call("read history")
}
