package conversation_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// begun begins a release on the issue, with a step that stopped for lack of a permission.
func (s *stage) begun() {
	s.t.Helper()
	events := []release.Event{
		release.Started{Repo: "acme/app", Issue: 1, Version: "1.2.0",
			Process: release.Process{Name: "app", Title: "App"}},
		release.Asked{Name: "lock", Steps: []release.Step{{ID: "lock", Title: "Lock main",
			Does: params.Set{Any: params.Manual{}}}}},
		release.Stopped{Run: 0, Step: "lock", Why: "the App lacks a permission for it"},
	}
	var entries []store.Entry
	for i, event := range events {
		kind, data, err := release.Encode(event)
		if err != nil {
			s.t.Fatal(err)
		}
		entries = append(entries, store.Entry{Seq: i + 1, At: s.now, Kind: kind, Data: data})
	}
	index := store.Index{Repo: 7, Issue: 1, Open: true}
	if err := s.c.Store.Append(s.t.Context(), place.Key(), 0, entries, index); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) cause(guid string) conversation.Cause {
	return conversation.Cause{GUID: guid, At: s.now, By: "olga", ByID: 12}
}

func (s *stage) happens(guid string, what conversation.What) {
	s.t.Helper()
	if err := s.c.Happened(s.t.Context(), place, s.cause(guid), conversation.Happening{What: what}); err != nil {
		s.t.Fatal(err)
	}
	s.through()
}

func (s *stage) meets(repository conversation.Repository, guid string) bool {
	s.t.Helper()
	ok, err := s.c.Meet(s.t.Context(), repository, s.cause(guid))
	if err != nil {
		s.t.Fatal(err)
	}
	s.through()
	return ok
}

func (s *stage) release() release.Release {
	s.t.Helper()
	r, err := s.c.Read(s.t.Context(), place)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// told are the beginnings of the notices, in their order.
func (s *stage) told() []string {
	var out []string
	for _, n := range s.release().Notices {
		text, _, _ := strings.Cut(n.Text, ".**")
		out = append(out, strings.TrimPrefix(text, "**"))
	}
	return out
}

func (s *stage) wantTold(want ...string) {
	s.t.Helper()
	if got := s.told(); !slices.Equal(got, want) {
		s.t.Errorf("told %q, not %q", got, want)
	}
}

func (s *stage) repository() store.Repository {
	s.t.Helper()
	r, _, err := s.c.Store.Repository(s.t.Context(), 7)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func TestWhatHappensOnAnIssueWithoutAReleaseIsNobodysConcern(t *testing.T) {
	s := open(t)
	for _, what := range []conversation.What{conversation.Closed, conversation.Locked, conversation.Deleted} {
		s.happens("g"+string(what), what)
	}
	if len(s.hub.calls) > 0 {
		t.Errorf("GitHub was asked: %v", s.hub.calls)
	}
}

func TestAHappeningThatIsHeardTwiceIsToldOnce(t *testing.T) {
	s := open(t)
	s.begun()
	s.happens("g1", conversation.Locked)
	s.happens("g1", conversation.Locked)
	s.wantTold("`@olga` locked this issue")
}

func TestClosingHoldsTheReleaseOnlyWhileTheIssueIsClosed(t *testing.T) {
	s := open(t)
	s.begun()
	s.hub.state = "open"
	s.happens("late", conversation.Closed) // it was reopened before this arrived
	if s.release().Held != nil {
		t.Fatal("held by an event that is over")
	}
	s.hub.state = "closed"
	s.happens("g1", conversation.Closed)
	if s.release().Held == nil {
		t.Fatal("not held")
	}
	s.happens("g2", conversation.Reopened)
	if s.release().Held == nil {
		t.Fatal("resumed while it is closed")
	}
	s.hub.state = "open"
	s.now = s.now.Add(time.Minute)
	s.happens("g3", conversation.Reopened)
	if s.release().Held != nil {
		t.Error("still held")
	}
}

func TestADeletedIssueEndsItsRelease(t *testing.T) {
	s := open(t)
	s.begun()
	s.happens("g1", conversation.Deleted)
	if r := s.release(); r.Aborted == nil || r.Aborted.Reason != "the tracking issue was deleted" {
		t.Errorf("aborted: %+v", r.Aborted)
	}
}

func TestAnotherNameIsToldOnceHoweverManyEventsTellOfIt(t *testing.T) {
	s := open(t)
	s.begun()
	renamed := conversation.Repository{Repo: 7, Name: "acme/apps", Installation: 1}
	s.meets(renamed, "g1")
	s.meets(renamed, "g2")
	s.wantTold("This repository is now called `acme/apps`")
	s.now = s.now.Add(time.Minute)
	s.meets(conversation.Repository{Repo: 7, Name: "acme/app", Installation: 1}, "g3")
	s.now = s.now.Add(time.Minute)
	s.meets(renamed, "g4")
	s.wantTold("This repository is now called `acme/apps`", "This repository is now called `acme/app`",
		"This repository is now called `acme/apps`")
}

func TestAnOldDeliveryDoesNotBringAnOldNameBack(t *testing.T) {
	s := open(t)
	s.now = s.now.Add(time.Hour)
	s.meets(conversation.Repository{Repo: 7, Name: "acme/apps", Installation: 1}, "g1")
	s.now = s.now.Add(-time.Minute)
	s.meets(conversation.Repository{Repo: 7, Name: "acme/app", Installation: 1}, "g0")
	if got := s.repository().Name; got != "acme/apps" {
		t.Errorf("it is called %s", got)
	}
}

func TestARepositoryThatCannotBeWrittenToRestsUntilItIsBack(t *testing.T) {
	s := open(t)
	s.begun()
	ctx := t.Context()
	if err := s.c.LeftAll(ctx, 1, conversation.AwayUninstalled, s.now); err != nil {
		t.Fatal(err)
	}
	calls := len(s.hub.calls)
	s.say(10, "/release status")
	s.through()
	if len(s.did) > 0 || len(s.hub.calls) > calls {
		t.Errorf("did %v, asked %v", s.did, s.hub.calls[calls:])
	}
	s.now = s.now.Add(72 * time.Hour)
	back := []conversation.Repository{
		{Repo: 7, Name: "acme/app", Installation: 2}, {Repo: 70, Name: "acme/docs", Installation: 2},
	}
	for range 2 {
		if err := s.c.Installed(ctx, back, s.cause("g1")); err != nil {
			t.Fatal(err)
		}
	}
	s.through()
	s.wantTold("Slipway can write to this repository again")
	if r := s.repository(); r.Installation != 2 || r.Away != "" {
		t.Errorf("the repository is %+v", r)
	}
	// The removal of the installation that is no more says nothing about the new one.
	if err := s.c.Left(ctx, 1, 7, conversation.AwayRemoved, s.now); err != nil || s.repository().Away != "" {
		t.Errorf("away: %+v, %v", s.repository(), err)
	}
}

func TestOnlyASuspendedInstallationIsUnsuspended(t *testing.T) {
	for why, want := range map[string]string{
		conversation.AwaySuspended: "", conversation.AwayDeleted: conversation.AwayDeleted,
	} {
		s := open(t)
		if err := s.c.Left(t.Context(), 1, 7, why, s.now); err != nil {
			t.Fatal(err)
		}
		if err := s.c.Unsuspended(t.Context(), 1, s.cause("g1")); err != nil {
			t.Fatal(err)
		}
		if got := s.repository().Away; got != want {
			t.Errorf("%s: away is %q", why, got)
		}
	}
}

func TestNewPermissionsLetStoppedStepsGoOn(t *testing.T) {
	s := open(t)
	s.begun()
	if err := s.c.Permitted(t.Context(), 1, s.cause("g1")); err != nil {
		t.Fatal(err)
	}
	s.through()
	s.wantTold("The permissions of the App were changed")
	if s.release().Runs[0].Steps[0].Stopped != nil {
		t.Error("the step is still stopped")
	}
}

func TestLostDeliveriesAreToldOnTheIssuesWithARelease(t *testing.T) {
	s := open(t)
	s.begun()
	for range 2 {
		if err := s.c.Missed(t.Context(), 7, 3, s.now.Add(-time.Hour), s.now, s.cause("g1")); err != nil {
			t.Fatal(err)
		}
	}
	s.through()
	s.wantTold("Slipway missed 3 events from this repository")
}

func TestAPayloadWithoutAnInstallationIsLookedUpOnce(t *testing.T) {
	s := open(t)
	asked := 0
	s.c.Reach = func(_ context.Context, repo store.Repository) (store.Repository, error) {
		asked++
		if repo.Name == "other/thing" {
			return repo, step.ErrGone
		}
		repo.Installation = 5
		return repo, nil
	}
	for range 2 {
		if !s.meets(conversation.Repository{Repo: 8, Name: "acme/docs"}, "g1") {
			t.Error("not found")
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	if s.meets(conversation.Repository{Repo: 9, Name: "other/thing"}, "g2") {
		t.Error("a repository without the App is covered")
	}
}

func TestNewerMailWaitsForWhatIsMissingForTenMinutesAtMost(t *testing.T) {
	s := open(t)
	missing := store.Missing{GUID: "g1", ID: 1, RepoID: 7, Event: "issue_comment", At: s.now, Since: s.now}
	if err := s.c.Store.PutMissing(t.Context(), missing); err != nil {
		t.Fatal(err)
	}
	s.say(20, "/release two")
	if at := s.work(); at.IsZero() || at.After(s.now.Add(time.Minute)) {
		t.Fatalf("it goes on at %s: nothing wakes it when the missing one is there", at)
	}
	if len(s.did) > 0 {
		t.Fatalf("did %v", s.did)
	}
	s.say(10, "/release one")
	if err := s.c.Store.DropMissing(t.Context(), "g1"); err != nil {
		t.Fatal(err)
	}
	s.through()
	s.wantDid("/release one", "/release two")

	missing.GUID, missing.Since = "g2", s.now
	if err := s.c.Store.PutMissing(t.Context(), missing); err != nil {
		t.Fatal(err)
	}
	began := s.now
	s.say(30, "/release three")
	for len(s.did) == 2 && s.now.Before(began.Add(time.Hour)) {
		s.now = s.now.Add(time.Minute)
		s.work()
	}
	if waited := s.now.Sub(began); waited != 10*time.Minute {
		t.Errorf("it waited %s", waited)
	}
}

func TestEachTextOfTheLifecycleIsWhole(t *testing.T) {
	names := map[string]bool{}
	for _, sample := range conversation.LifecycleTexts() {
		if names[sample.Name] || strings.TrimSpace(sample.Text) == "" || strings.Contains(sample.Text, "%!") {
			t.Errorf("%s: %q", sample.Name, sample.Text)
		}
		names[sample.Name] = true
	}
}
