package conversation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/release"
)

func (s *stage) wantDid(want ...string) {
	s.t.Helper()
	if diff := cmp.Diff(want, s.did); diff != "" {
		s.t.Errorf("what was carried out (-want +got):\n%s", diff)
	}
}

func (s *stage) wantReply(words ...string) {
	s.t.Helper()
	all := strings.Join(s.hub.replies(), "\n===\n")
	for _, w := range words {
		if !strings.Contains(all, w) {
			s.t.Errorf("no reply holds %q:\n%s", w, all)
		}
	}
}

func TestCommandsRunInTheOrderOfTheirComments(t *testing.T) {
	s := open(t)
	s.say(30, "/release three")
	s.say(10, "/release one\n/release two")
	s.say(20, "no command\n\n    /release code\n> /release quoted\n")
	s.through()
	s.wantDid("/release one", "/release two", "/release three")
}

func TestALowerCommentThatArrivesLaterRunsNextAndSaysSo(t *testing.T) {
	s := open(t)
	s.say(30, "/release three")
	s.through()
	s.say(10, "/release one")
	s.through()
	s.wantDid("/release three", "/release one")
	s.wantReply("GitHub delivered this comment late")
}

func TestACommandWaitsUntilTheOneBeforeStandsStill(t *testing.T) {
	s := open(t)
	steps := 0
	s.releases.step = func(*conversation.Log) (bool, error) {
		if steps == 0 || len(s.did) == 0 {
			return false, nil
		}
		s.did = append(s.did, fmt.Sprintf("step %d", steps))
		steps--
		return true, nil
	}
	s.do = func(req *conversation.Request) ([]release.Event, error) {
		if req.Line.Raw == "/release one" {
			steps = 2
		}
		return nil, nil
	}
	s.say(10, "/release one")
	s.say(20, "/release two")
	s.through()
	s.wantDid("/release one", "step 2", "step 1", "/release two")
}

func TestHoldWaitsForTheCommandThatBeginsTheRelease(t *testing.T) {
	s := open(t)
	s.say(10, "/release one")
	s.say(20, "/release hold x")
	s.through()
	s.wantDid("/release one", "/release hold x")
}

func TestHoldGoesBetweenTwoSteps(t *testing.T) {
	s := open(t)
	s.begun()
	steps := 0
	s.do = func(req *conversation.Request) ([]release.Event, error) {
		if req.Line.Raw == "/release one" {
			steps = 3
		}
		return nil, nil
	}
	s.releases.step = func(*conversation.Log) (bool, error) {
		if steps == 0 {
			return false, nil
		}
		if steps == 2 {
			s.say(40, "/release hold \"wait for legal\"")
		}
		s.did = append(s.did, fmt.Sprintf("step %d", steps))
		steps--
		return true, nil
	}
	s.say(10, "/release one")
	s.say(20, "/release two")
	s.through()
	s.wantDid("/release one", "step 3", "step 2", `/release hold "wait for legal"`, "step 1", "/release two")
}

func TestTwoCommentsWithinAMillisecondBothRun(t *testing.T) {
	s := open(t)
	s.say(10, "/release one")
	s.say(11, "/release two")
	s.say(10, "/release one") // delivered again
	s.through()
	s.say(11, "/release two")
	s.through()
	s.wantDid("/release one", "/release two")
}

func TestACommandIsHeardBeforeAnythingIsLookedUp(t *testing.T) {
	s := open(t)
	s.do = func(*conversation.Request) ([]release.Event, error) {
		if diff := cmp.Diff([]string{"react 10 eyes"}, s.hub.calls); diff != "" {
			t.Errorf("calls before the command is decided (-want +got):\n%s", diff)
		}
		return nil, nil
	}
	s.say(10, "/release one")
	s.through()
	s.wantDid("/release one")
	if diff := cmp.Diff([]string{"eyes", "rocket"}, s.hub.react[10]); diff != "" {
		t.Error(diff)
	}
}

func TestARefusedReactionIsNotInTheWay(t *testing.T) {
	s := open(t)
	s.hub.fail = func(call string) error {
		if strings.HasPrefix(call, "react") {
			return errors.New("connection reset")
		}
		return nil
	}
	s.do = func(req *conversation.Request) ([]release.Event, error) { return req.Answer("here you are"), nil }
	s.say(10, "/release status")
	s.through()
	s.wantReply("here you are")
}

func TestAtMostTenCommandsAComment(t *testing.T) {
	s := open(t)
	var lines []string
	for i := range 1000 {
		lines = append(lines, fmt.Sprintf("/release word%d", i))
	}
	s.say(10, strings.Join(lines, "\n"))
	s.through()
	if len(s.did) != conversation.MostCommands {
		t.Errorf("%d commands were carried out", len(s.did))
	}
	s.wantReply("`/release word10`", "and 985 more")
	if n := len(s.hub.replies()); n != 1 {
		t.Errorf("there are %d replies", n)
	}
}

func TestManyCommandsOfAStrangerAreNotAnsweredTwice(t *testing.T) {
	s := open(t)
	s.do = func(req *conversation.Request) ([]release.Event, error) {
		return req.RefuseOutsider(release.Refusal{Why: "you may not"}), nil
	}
	for comment := range int64(2) {
		s.say(10+comment, strings.Repeat("/release one\n", 40))
		s.through()
	}
	if n := len(s.hub.replies()); n != 1 {
		t.Errorf("there are %d replies, want 1", n)
	}
}

func TestWordsOfAFeatureThatIsOffAreSilent(t *testing.T) {
	s := open(t)
	s.others.on = false
	s.say(10, "/priority high")
	s.say(11, "/lgtm")
	s.through()
	if len(s.hub.calls) > 0 || len(s.did) > 0 {
		t.Errorf("it did %v and asked %v", s.did, s.hub.calls)
	}
}

func TestAStrangerGetsOneRefusalAnHour(t *testing.T) {
	s := open(t)
	s.do = func(req *conversation.Request) ([]release.Event, error) {
		return req.RefuseOutsider(release.Refusal{Why: "you may not"}), nil
	}
	for i := range 5 {
		s.say(int64(10+i), "/release cut")
		s.through()
	}
	if n := len(s.hub.replies()); n != 1 {
		t.Errorf("there are %d replies, want 1", n)
	}
	if got := s.hub.react[14]; !slices.Contains(got, "confused") {
		t.Errorf("the last comment carries %v", got)
	}
	s.now = s.now.Add(61 * time.Minute)
	s.say(20, "/release cut")
	s.through()
	if n := len(s.hub.replies()); n != 2 {
		t.Errorf("an hour later there are %d replies, want 2", n)
	}
}

func TestTheFirstEditThatBringsANewCommandIsAnswered(t *testing.T) {
	s := open(t)
	s.say(10, "/release one")
	s.through()
	for i, body := range []string{"Hello\n\n/release one", "/release two", "/release three"} {
		s.hear(conversation.Said{Comment: 10, At: s.now.Add(time.Duration(i) * time.Second), By: "rita", Body: body,
			Edited: true})
		s.through()
	}
	s.wantDid("/release one")
	all := s.hub.replies()
	if len(all) != 1 || strings.Count(all[0], "Refused") != 1 {
		t.Errorf("the replies are %v", all)
	}
}

func TestAnEditThatBringsNoNewCommandGetsNoWord(t *testing.T) {
	s := open(t)
	s.say(10, "/release one")
	s.through()
	s.hear(conversation.Said{Comment: 10, At: s.now, By: "rita", Body: "Hello\n\n/release one", Edited: true})
	s.through()
	if n := len(s.hub.replies()); n != 0 {
		t.Errorf("there are %d replies", n)
	}
	s.hear(conversation.Said{Comment: 10, At: s.now, By: "rita", Body: "/release two", Edited: true})
	s.through()
	s.wantDid("/release one")
}

func TestACommandHeardLateIsAnsweredAndNotCarriedOut(t *testing.T) {
	s := open(t)
	s.now = noon.Add(3*time.Hour + time.Minute)
	late := func(comment int64, body string) {
		s.hear(conversation.Said{Comment: comment, At: noon, By: "rita", ByID: 11, Body: body})
	}
	late(10, "/release cut")
	late(11, `/release hold "wait"`)
	s.through()
	s.wantDid(`/release hold "wait"`)
	s.wantReply("3 hours", "`/release cut` again")
}

func TestADatabaseObeysNothingOlderThanItself(t *testing.T) {
	s := open(t)
	s.hear(conversation.Said{Comment: 10, At: noon.Add(-time.Hour), By: "rita", Body: "/release cut"})
	s.through()
	if len(s.did)+len(s.hub.calls) > 0 {
		t.Errorf("it did %v and asked %v", s.did, s.hub.calls)
	}
	s.hear(conversation.Said{Comment: 11, At: noon.Add(-time.Hour), By: "rita", Body: "/release cut", Tracked: true})
	s.hear(conversation.Said{Comment: 12, At: noon, By: "rita", Body: "/release cut", Tracked: true})
	s.through()
	s.wantDid()
	s.wantReply("bot recover acme/app#1")
	if n := len(s.hub.replies()); n != 1 {
		t.Errorf("there are %d replies", n)
	}
}
