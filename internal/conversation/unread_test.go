package conversation_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/store"
)

// recorded puts a release into the store whose step has the form of an earlier version.
func (s *stage) recorded() {
	s.t.Helper()
	old := `{"process":{"phases":[{"name":"cut","steps":[{"id":"tag","kind":"create-tag","with":{"tag":"1.0.0"}}]}]}}`
	err := s.c.Store.Append(s.t.Context(), place.Key(), 0, []store.Entry{{Seq: 1, At: s.now, Kind: "started",
		Data: []byte(old)}}, store.Index{Repo: place.Repo, Issue: place.Issue, Open: true})
	if err != nil {
		s.t.Fatal(err)
	}
}

// givesUp works the job until it is given up.
func (s *stage) givesUp() {
	s.t.Helper()
	for range 10 {
		err := s.c.Work(s.t.Context(), job())
		if later, is := errors.AsType[store.Later](err); is {
			s.now = later.At
			continue
		}
		if _, is := errors.AsType[store.GiveUp](err); is {
			if !strings.Contains(err.Error(), "entry 1: started event: phase cut: step tag has no `does`") {
				s.t.Errorf("bot jobs does not name the cause: %v", err)
			}
			return
		}
		if err == nil {
			s.t.Fatal("the job ended well")
		}
	}
	s.t.Fatal("the job is tried for ever")
}

func TestACommandOnALogOfAnotherFormIsRefusedOnce(t *testing.T) {
	s := open(t)
	s.recorded()
	for range 2 { // the delivery comes twice
		s.say(10, "/release status\n/release hold x")
		s.givesUp()
	}
	if n := len(s.hub.replies()); n != 1 {
		t.Errorf("there are %d replies, want 1: %q", n, s.hub.replies())
	}
	s.wantReply("**Refused:** Another version of Slipway recorded this release", "step tag has no", "`/release status`",
		"runs the version of Slipway that began this release", "`/release start VERSION` on a new issue")
	s.say(20, "/release abort")
	s.givesUp()
	if n := len(s.hub.replies()); n != 2 {
		t.Errorf("there are %d replies to two comments", n)
	}
	s.wantDid()
	if more := slices.DeleteFunc(s.hub.calls, func(c string) bool { return c == "create comment" }); len(more) > 0 {
		t.Errorf("it did more than answer: %v", more)
	}
	if log, err := s.c.Store.Entries(t.Context(), place.Key()); err != nil || len(log) != 1 {
		t.Errorf("the log has %d entries, %v", len(log), err)
	}
}

func TestARefusalWhoseReceiptWasLostIsNotWrittenTwice(t *testing.T) {
	s := open(t)
	s.recorded()
	s.hub.lose = once("create comment")
	s.say(10, "/release status")
	s.givesUp()
	if n := len(s.hub.replies()); n != 1 {
		t.Errorf("there are %d replies, want 1", n)
	}
}

func TestALogOfAnotherFormIsSilentWithoutACommand(t *testing.T) {
	s := open(t)
	s.recorded()
	s.hear(conversation.Said{Comment: 10, At: s.now, By: "rita", ByID: 11, Body: "/release one", Edited: true})
	s.hear(conversation.Said{Comment: conversation.EventID(s.now, "closed"), At: s.now,
		Event: &conversation.Happening{What: "closed"}})
	s.say(20, "/relaese cut")
	s.others.on = false
	s.say(30, "/priority high")
	for range 2 {
		s.givesUp()
		s.now = s.now.Add(time.Minute)
	}
	if len(s.hub.calls) > 0 {
		t.Errorf("GitHub was asked: %v", s.hub.calls)
	}
	// The version that can read the log hears of what happened.
	if mail, err := s.c.Store.Mailbox(t.Context(), place.Repo, place.Issue); err != nil || len(mail) != 2 {
		t.Errorf("%d are left in the mailbox, want 2: %v", len(mail), err)
	}
}
