package conversation_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release"
)

func TestAReadThatHealsIsToldAfterAMinuteAndThenCarriedOut(t *testing.T) {
	s := open(t)
	s.do = func(*conversation.Request) ([]release.Event, error) {
		if s.now.Before(noon.Add(3 * time.Minute)) {
			return nil, errors.New("connection refused")
		}
		return nil, nil
	}
	s.say(10, "/release cut")
	for s.now.Before(noon.Add(70 * time.Second)) {
		s.now = s.work()
		if told := len(s.hub.replies()) > 0; told != !s.now.Before(noon.Add(time.Minute)) &&
			s.now.Sub(noon) > 90*time.Second {
			t.Errorf("after %s it is told: %t", s.now.Sub(noon), told)
		}
	}
	s.work()
	s.wantReply("Not decided yet")
	s.through()
	s.wantDid("/release cut")
	if strings.Contains(strings.Join(s.hub.replies(), ""), "Not decided yet") {
		t.Errorf("the reply still says that it is not decided: %v", s.hub.replies())
	}
}

func TestAReadThatNeverHealsEndsInAnAnswer(t *testing.T) {
	s := open(t)
	s.do = func(req *conversation.Request) ([]release.Event, error) {
		if req.Line.Raw == "/release cut" {
			return nil, errors.New("connection refused")
		}
		return nil, nil
	}
	s.say(10, "/release cut")
	s.say(11, "/release status")
	s.through()
	s.wantReply("was not run", "`/release cut` again")
	s.wantDid("/release status")
	if took := s.now.Sub(noon); took < 10*time.Minute || took > 12*time.Minute {
		t.Errorf("it took %s", took)
	}
	s.do = nil
	s.through()
	s.wantDid("/release status") // a decision that failed is over
}

func TestAReadThatFailsForGoodIsAFact(t *testing.T) {
	s := open(t)
	s.do = func(*conversation.Request) ([]release.Event, error) {
		return nil, &github.Forbidden{Message: "Resource not accessible by integration"}
	}
	s.say(10, "/release why")
	if at := s.work(); !at.IsZero() {
		t.Errorf("it goes on at %s", at)
	}
	s.wantReply("could not", "Resource not accessible by integration")
}

func TestARateLimitIsWaitedForAndTold(t *testing.T) {
	s := open(t)
	s.begun()
	until := noon.Add(20 * time.Minute)
	s.do = func(*conversation.Request) ([]release.Event, error) {
		if s.now.Before(until) {
			return nil, &github.Limited{Until: until}
		}
		return nil, nil
	}
	s.say(10, "/release cut")
	if at := s.work(); !at.Equal(until) {
		t.Errorf("it goes on at %s", at)
	}
	s.wantReply("12:20 UTC")
	// What stops things is heard meanwhile.
	s.say(11, `/release hold "wait"`)
	s.do = func(req *conversation.Request) ([]release.Event, error) {
		if req.Line.Raw == "/release cut" && s.now.Before(until) {
			return nil, &github.Limited{Until: until}
		}
		return nil, nil
	}
	s.through()
	s.wantDid(`/release hold "wait"`, "/release cut")
}

func TestAPanicIsAnswered(t *testing.T) {
	s := open(t)
	s.do = func(*conversation.Request) ([]release.Event, error) {
		var none *github.Answer
		_ = none.Status
		return nil, nil
	}
	s.say(10, "/release cut")
	s.through()
	s.wantReply("An internal error")
}

func TestAWordWithAHiddenCharacterIsRefusedAndShown(t *testing.T) {
	for line, want := range map[string]string{
		"/release start 1.2.\u202e3":          "`1.2.\\u202e3` contains a character that cannot be seen",
		"/release start 1.2.3 kind=pa\u200bt": "`kind=pa\\u200bt` contains a character that cannot be seen",
		"/release c\u2066ut":                  "`c\\u2066ut` contains a character that cannot be seen",
	} {
		s := open(t)
		s.say(10, line)
		s.through()
		s.wantDid()
		s.wantReply(want)
	}
}

func TestAReasonMayHaveAnyCharacter(t *testing.T) {
	usage := conversation.Command{Usage: "STEP REASON", Word: "/release skip"}
	s := open(t)
	usage.Do = s.carryOut
	s.c.Table = append(conversation.Table{usage}, s.c.Table...)
	s.say(10, "/release skip tests \"می\u200cخواهم\"")
	s.say(11, "/release skip te\u200bsts why")
	s.through()
	s.wantDid("/release skip tests \"می\u200cخواهم\"")
	s.wantReply("`te\\u200bsts` contains a character that cannot be seen")
}
