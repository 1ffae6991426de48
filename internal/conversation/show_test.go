package conversation_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

func answers(text string) func(*conversation.Request) ([]release.Event, error) {
	return func(t *conversation.Request) ([]release.Event, error) { return t.Answer(text), nil }
}

func TestAReplyWhoseAnswerWasLostIsFoundAndNotDoubled(t *testing.T) {
	s := open(t)
	s.do = answers("here")
	s.hub.lose = once("create comment")
	s.say(10, "/release status")
	if err := s.c.Work(t.Context(), job()); err == nil {
		t.Fatal("the lost answer is no error")
	}
	s.through()
	if n := len(s.hub.replies()); n != 1 {
		t.Errorf("there are %d replies", n)
	}
}

func TestAReplyIsNotDoubledWhileTheListLags(t *testing.T) {
	s := open(t)
	s.do = answers("here")
	s.hub.hidden = 1
	s.hub.lose = func(string) error { return errors.New("connection reset") }
	s.say(10, "/release status")
	_ = s.c.Work(t.Context(), job())
	s.hub.lose = nil
	at := s.work()
	if !at.Equal(noon.Add(conversation.Settle)) {
		t.Errorf("it looks again at %s", at)
	}
	s.hub.hidden = 0 // the list has caught up
	s.now = at
	s.through()
	if n := len(s.hub.replies()); n != 1 {
		t.Errorf("there are %d replies", n)
	}
}

func TestAReplyThatReallyWasNotWrittenIsWritten(t *testing.T) {
	s := open(t)
	s.do = answers("here")
	s.hub.fail = once("create comment")
	s.say(10, "/release status")
	_ = s.c.Work(t.Context(), job())
	s.through()
	s.wantReply("here")
}

func TestTheMarkOfAnotherBotIsNotOurs(t *testing.T) {
	s := open(t)
	s.do = answers("here")
	s.hub.fail = once("create comment")
	s.hub.comments = []step.Comment{{ID: 5, Author: "other[bot]", Bot: true,
		Body: "mine <!-- slipway:key=7%231%2Freply%2F10 -->"}}
	s.say(10, "/release status")
	_ = s.c.Work(t.Context(), job())
	s.through()
	if !strings.HasPrefix(s.hub.comments[0].Body, "mine") {
		t.Errorf("the comment of another bot was overwritten: %q", s.hub.comments[0].Body)
	}
	s.wantReply("here")
}

func TestTheSameCommandAgainMinimizesTheOldReply(t *testing.T) {
	s := open(t)
	s.do = answers("here")
	s.say(10, "/release status")
	s.through()
	s.say(11, "/release status")
	s.through()
	if !slices.Contains(s.hub.calls, "minimize C_1001") || slices.Contains(s.hub.calls, "minimize C_1002") {
		t.Errorf("the calls are %v", s.hub.calls)
	}
}
