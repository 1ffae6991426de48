package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/engine"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release/step"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// process makes one branch, and waits for nobody.
const process = `
name: widgets
title: Widgets
versions: {kinds: [major, minor]}
names: {branch: "release-{major}.{minor}"}
roles: {manager: {about: a manager, permission: maintain}}
may: {default: [manager], help: [anyone], status: [anyone]}
tracks: [{name: planned, for: [major, minor], phases: [cut]}]
phases:
  - name: cut
    title: Release
    who: [manager]
    pin: {sha: {head-of: main}}
    do:
      - branch: {name: "{branch}", at: "{sha}"}
`

// hub is a GitHub of one repository, in memory.
type hub struct {
	step.GitHub
	calls    []string
	branches map[string]string
	hidden   map[string]bool // branches that are there and not to be seen yet
	texts    map[int64]string
	body     string
	fail     func(call string) error // before the effect
	lose     func(call string) error // after it
}

func (h *hub) call(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	h.calls = append(h.calls, text)
	if h.fail != nil {
		return h.fail(text)
	}
	return nil
}

func (h *hub) count(call string) (n int) {
	for _, c := range h.calls {
		if c == call {
			n++
		}
	}
	return n
}

func (h *hub) File(_ context.Context, _, path, _ string) ([]byte, bool, error) {
	return []byte(process), path == ".github/release.yaml", h.call("file %s", path)
}
func (h *hub) Tags(context.Context, string) ([]string, error) { return nil, h.call("tags") }
func (h *hub) Permission(context.Context, string, step.User) (string, error) {
	return "maintain", h.call("permission")
}
func (h *hub) Assignments(context.Context, string, int) ([]step.Assignment, error) {
	return nil, h.call("history")
}
func (h *hub) Branch(_ context.Context, _, name string) (string, bool, error) {
	if err := h.call("branch %s", name); err != nil {
		return "", false, err
	}
	sha, found := h.branches[name]
	return sha, found && !h.hidden[name], nil
}
func (h *hub) CreateBranch(_ context.Context, _, name, sha string) error {
	if err := h.call("create %s", name); err != nil {
		return err
	}
	h.branches[name] = sha
	if h.lose != nil {
		return h.lose("create " + name)
	}
	return nil
}
func (h *hub) React(context.Context, string, int64, string) error { return h.call("react") }
func (h *hub) CreateComment(_ context.Context, _ string, _ int, body string) (step.Comment, error) {
	id := int64(len(h.texts) + 1)
	h.texts[id] = body
	return step.Comment{ID: id, NodeID: fmt.Sprint(id), Author: "slipway[bot]"}, h.call("create comment")
}
func (h *hub) EditComment(_ context.Context, _ string, id int64, body string) error {
	h.texts[id] = body
	return h.call("edit comment")
}
func (h *hub) Minimize(context.Context, string, string) error { return h.call("minimize") }
func (h *hub) Issue(context.Context, string, int) (step.Issue, bool, error) {
	return step.Issue{Item: step.Item{Number: 1}, Body: h.body}, true, h.call("issue")
}
func (h *hub) EditIssueBody(_ context.Context, _ string, _ int, body string) (step.Issue, error) {
	h.body = body
	return step.Issue{Body: body}, h.call("edit issue")
}

type stage struct {
	t   *testing.T
	hub *hub
	c   *conversation.Conversation
	now time.Time
	id  int64
	job store.Job
}

var place = conversation.Place{Repo: 7, Name: "acme/app", Installation: 1, Issue: 1}

func open(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, now: noon, job: store.Job{Kind: store.KindIssue, Key: place.Key()}, hub: &hub{
		branches: map[string]string{"main": strings.Repeat("c0ffee00",
			5)}, hidden: map[string]bool{}, texts: map[int64]string{},
	}}
	clock := func() time.Time { return s.now }
	db, err := store.Open(t.Context(), "sqlite::memory:", store.Options{Clock: clock, Log: zerolog.Nop()})
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
	e := &engine.Engine{Store: db, Clock: clock, Log: zerolog.Nop(), AppID: 1, AppSlug: "slipway"}
	s.c = &conversation.Conversation{
		Store: db, GitHub: func(github.Scope) step.GitHub {
			return s.hub
		}, Clock: clock, Log: zerolog.Nop(), AppSlug: "slipway",
		Table: e.Commands(), Releases: e,
	}
	return s
}

func (s *stage) say(text string) {
	s.t.Helper()
	s.id++
	if err := s.c.Hear(s.t.Context(), place, conversation.Said{Comment: s.id, At: s.now, By: "rita", ByID: 11,
		Body: text, Title: "widgets 1.0.0", DefaultBranch: "main"}); err != nil {
		s.t.Fatal(err)
	}
}

// work lets the job run once, as the queue does: it says when it goes on, and how it failed.
func (s *stage) work() (later time.Time, err error) {
	err = s.c.Work(s.t.Context(), s.job)
	var l store.Later
	switch {
	case errors.As(err, &l):
		return l.At, nil
	case err != nil && s.job.Since.IsZero():
		s.job.Since = s.now
	case err == nil:
		s.job.Since = time.Time{}
	}
	return time.Time{}, err
}

// through works until nothing is left; failures are tried again ten seconds later.
func (s *stage) through() {
	s.t.Helper()
	for range 200 {
		at, err := s.work()
		switch {
		case err != nil:
			s.now = s.now.Add(10 * time.Second)
		case at.IsZero():
			return
		default:
			s.now = at
		}
	}
	s.t.Fatalf("it goes on for ever: %v", s.hub.calls)
}

func (s *stage) wantText(words ...string) {
	s.t.Helper()
	all := s.hub.body
	for _, text := range s.hub.texts {
		all += "\n===\n" + text
	}
	for _, w := range words {
		if !strings.Contains(all, w) {
			s.t.Errorf("nothing holds %q:\n%s", w, all)
		}
	}
}

func TestAStepIsDoneWhenItWasSeen(t *testing.T) {
	s := open(t)
	s.say("/release start 1.0.0\n/release cut")
	s.through()
	if s.hub.count("create release-1.0") != 1 {
		t.Errorf("the calls are %v", s.hub.calls)
	}
	s.wantText("branch release-1.0 at c0ffee00")
}

func TestAWriteWhoseAnswerWasLostIsLookedForBeforeItIsMadeAgain(t *testing.T) {
	s := open(t)
	once := true
	s.hub.lose = func(string) error {
		if once {
			once = false
			s.hub.hidden["release-1.0"] = true
			return errors.New("connection reset")
		}
		return nil
	}
	s.say("/release start 1.0.0\n/release cut")
	if _, err := s.work(); err == nil {
		t.Fatal("the lost answer is no error")
	}
	tried := s.now
	s.now = s.now.Add(time.Second)
	if at, err := s.work(); err != nil || !at.Equal(tried.Add(conversation.Settle)) {
		t.Errorf("it goes on at %s, %v", at, err)
	}
	delete(s.hub.hidden, "release-1.0") // GitHub's lists have caught up
	s.through()
	if n := s.hub.count("create release-1.0"); n != 1 {
		t.Errorf("it was made %d times", n)
	}
}

func TestAWriteThatIsNeverSeenStopsAndIsTold(t *testing.T) {
	s := open(t)
	s.hub.hidden["release-1.0"] = true
	s.say("/release start 1.0.0\n/release cut")
	s.through()
	if n := s.hub.count("create release-1.0"); n > 5 {
		t.Errorf("it was made %d times", n)
	}
	s.wantText("stopped", "`/release retry branch`")
	delete(s.hub.hidden, "release-1.0")
	s.say("/release retry")
	s.through()
	s.wantText("branch release-1.0 at c0ffee00")
}

func TestAPermissionThatIsMissingStopsTheStep(t *testing.T) {
	s := open(t)
	s.hub.fail = func(call string) error {
		if call == "create release-1.0" {
			return &github.Forbidden{Message: "Resource not accessible by integration"}
		}
		return nil
	}
	s.say("/release start 1.0.0\n/release cut")
	s.through()
	s.wantText("stopped", "`/release retry branch`")
	s.hub.fail = nil
	s.say("/release retry branch")
	s.through()
	s.wantText("branch release-1.0 at c0ffee00")
}

func TestAStepThatFailsForLongIsToldAndOtherCommandsAreHeard(t *testing.T) {
	s := open(t)
	until := noon.Add(5 * time.Minute)
	s.hub.fail = func(call string) error {
		if call == "create release-1.0" && s.now.Before(until) {
			return &github.Answer{Status: 502, Message: "Bad Gateway"}
		}
		return nil
	}
	s.say("/release start 1.0.0\n/release cut")
	for s.now.Before(noon.Add(2 * time.Minute)) {
		_, _ = s.work()
		s.now = s.now.Add(10 * time.Second)
	}
	s.wantText("waiting for GitHub")
	s.say("/release hold \"GitHub is down\"")
	_, _ = s.work()
	s.wantText("GitHub is down")
	s.say("/release resume")
	s.through()
	s.wantText("branch release-1.0 at c0ffee00")
}

func TestWhoMayNotGetsNoFurtherReads(t *testing.T) {
	s := open(t)
	s.say("/release start 1.0.0")
	s.through()
	s.hub.calls = nil
	s.id++
	if err := s.c.Hear(t.Context(), place,
		conversation.Said{Comment: s.id, At: s.now, By: "olaf", Body: "/release frobnicate",
			DefaultBranch: "main"}); err != nil {
		t.Fatal(err)
	}
	s.through()
	for _, call := range s.hub.calls {
		if strings.HasPrefix(call, "branch") || call == "tags" {
			t.Errorf("it asked for %s", call)
		}
	}
}

func TestACommandWaitsUntilItsSendersRoleCanBeLookedUp(t *testing.T) {
	for name, failure := range map[string]error{
		"a rate limit":     &github.Limited{Until: noon.Add(time.Minute)},
		"a moment's fault": &github.Answer{Status: 502, Message: "Bad Gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.hub.fail = func(call string) error {
				if call == "permission" && s.now.Before(noon.Add(time.Minute)) {
					return failure
				}
				return nil
			}
			s.say("/release start 1.0.0\n/release cut")
			s.through()
			s.wantText("branch release-1.0 at c0ffee00")
		})
	}
}

func TestAReactionThatCouldNotBePutIsTriedAgainAndHoldsNothingBack(t *testing.T) {
	s := open(t)
	put := 0
	s.hub.fail = func(call string) error {
		switch {
		case call != "react":
		case s.now.Before(noon.Add(30 * time.Second)):
			return &github.Answer{Status: 502, Message: "Bad Gateway"}
		default:
			put++
		}
		return nil
	}
	s.say("/release start 1.0.0")
	if _, err := s.work(); err != nil {
		t.Fatal(err)
	}
	s.wantText("started the release of")
	s.through()
	if put < 2 {
		t.Errorf("of 👀 and 🚀 %d were put", put)
	}
}
