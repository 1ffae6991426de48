package conversation_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/logcopy"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

const recoveryKey = "a key of more than thirty-two characters"

// copying is a stage whose conversation keeps copies. start begins a release, work asks for a step that stays open, and
// refuse is refused.
func copying(t *testing.T) *stage {
	t.Helper()
	s := open(t)
	s.c.Copies = conversation.NewCopies([]string{recoveryKey})
	s.do = func(t *conversation.Request) ([]release.Event, error) {
		switch t.Line.Words[1] {
		case "start":
			s.did = append(s.did, t.Line.Raw)
			return []release.Event{release.Started{Source: t.Source(), Repo: "acme/app", Issue: 1,
				Version: "1.2.0"}}, nil
		case "work":
			s.did = append(s.did, t.Line.Raw)
			steps := []release.Step{{ID: "one", Does: params.Set{Any: params.Manual{}}}}
			return []release.Event{release.Asked{Source: t.Source(), Name: "w", Steps: steps}}, nil
		case "status":
			return t.Answer("here"), nil
		case "refuse":
			return t.Refuse(release.Refusal{Why: "no"}), nil
		case "stranger":
			return t.RefuseOutsider(release.Refusal{Why: "no"}), nil
		}
		return nil, nil
	}
	return s
}

// tells lets a comment stand on the issue, and arrive.
func (s *stage) tells(comment int64, body string) {
	s.t.Helper()
	s.writes(comment, "rita", body)
	s.say(comment, body)
}

// copies are our comments that hold a part of a copy, of whatever age.
func (s *stage) copies() []string {
	var out []string
	for _, body := range s.ours() {
		if strings.Contains(body, copyMark) {
			out = append(out, body)
		}
	}
	return out
}

const copyMark = "<!-- slipway:copy "

// apart are the comments that hold a part of a copy and nothing else.
func (s *stage) apart() []string {
	return slices.DeleteFunc(s.copies(),
		func(body string) bool { return !strings.HasPrefix(body, "This comment holds") })
}

func (s *stage) ours() []string {
	var out []string
	for _, one := range s.hub.comments {
		if one.Author == "slipway[bot]" {
			out = append(out, one.Body)
		}
	}
	return out
}

// newest is how many entries the newest copy on the issue has, and which of our comments hold it.
func (s *stage) newest() (entries int, in []string) {
	s.t.Helper()
	all := s.ours()
	got, err := logcopy.NewKeys([]string{recoveryKey}).Decode(place.Repo, place.Issue, all)
	if err != nil {
		s.t.Errorf("the copy is not to be read: %v", err)
	}
	for _, i := range got.In {
		in = append(in, all[i])
	}
	return len(got.Entries), in
}

func TestTheCopyIsWrittenWhereTheLogGotWhatCounts(t *testing.T) {
	for _, tc := range []struct {
		name, say string
		changes   bool
	}{
		{"more work changes it", "/release work", true},
		{"a refusal changes it", "/release refuse", true},
		{"an answer does not", "/release status", false},
		{"a stranger's refusal does not", "/release stranger", false},
		{"a job with nothing new does not", "Hello", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := copying(t)
			s.tells(10, "/release start")
			s.through()
			before, in := s.newest()
			if len(in) != 1 || len(s.apart()) != 1 {
				t.Fatalf("without a reply there are %d copies, of which %d stand apart", len(in), len(s.apart()))
			}
			s.hub.calls = nil
			s.tells(20, tc.say)
			s.through()
			if after, _ := s.newest(); (after > before) != tc.changes {
				t.Errorf("the copy had %d entries, and has %d", before, after)
			}
			writes := slices.DeleteFunc(s.hub.calls,
				func(call string) bool { return !strings.Contains(call, "comment") })
			if len(writes) > 1 {
				t.Errorf("more than the reply was written: %q", writes)
			}
		})
	}
}

// moves lets the step of each run go on: what it waits for is another thing each time.
func (s *stage) moves(runs ...int) {
	s.releases.step = func(l *conversation.Log) (bool, error) {
		s.releases.step = nil
		var events []release.Event
		for _, run := range runs {
			events = append(events, release.Waits{Run: run, Step: "one", For: fmt.Sprintf("%d more", l.Release.Seq)})
		}
		return true, l.Append(s.t.Context(), events...)
	}
}

func TestTheLastReplyThatIsWrittenCarriesTheCopy(t *testing.T) {
	s := begun(t)
	s.tells(30, "/release work")
	s.through()
	for _, tc := range []struct {
		name string
		runs []int
		want string
	}{
		{"the newest", []int{1}, "reply%2F30"},
		{"an older one", []int{0}, "reply%2F20"},
		{"several, of which one keeps the copy that it has", []int{0, 1}, "reply%2F20"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before, _ := s.newest()
			s.watch()
			s.hub.calls = nil
			s.moves(tc.runs...)
			s.through()
			entries, in := s.newest()
			if entries <= before || len(in) != 1 || !strings.Contains(in[0], tc.want) {
				t.Errorf("%d entries instead of %d stand in %.200q", entries, before, in)
			}
			if len(s.hub.calls) != len(tc.runs)+2 {
				t.Errorf("there is more than the replies and the status: %q", s.hub.calls)
			}
			text, hidden, _ := strings.Cut(in[0], "\n\n<!-- slipway:")
			if strings.Contains(text, "slipway:") || !strings.HasPrefix(hidden, "key=") {
				t.Errorf("what is hidden does not stand behind the text: %q", in[0])
			}
		})
	}
}

// watch holds that the newest copy is never replaced by an older one.
func (s *stage) watch() {
	highest := 0
	s.hub.fail = func(string) error {
		entries, _ := s.newest()
		if entries < highest {
			s.t.Errorf("the newest copy has %d entries, and had %d", entries, highest)
		}
		highest = max(highest, entries)
		return nil
	}
}

func TestAnEditOfTheCarrierKeepsACopyThere(t *testing.T) {
	s := begun(t)
	s.tells(30, "/release work")
	s.through()
	s.moves(0)
	s.through() // now an older reply carries the newest copy
	s.watch()
	watch, fail := s.hub.fail, once("edit comment 1003")
	s.hub.fail = func(call string) error { return errors.Join(watch(call), fail(call)) }
	s.moves(0, 1)
	if err := s.c.Work(t.Context(), job()); err == nil {
		t.Fatalf("the newest reply is written: %v", err)
	}
	if entries, in := s.newest(); len(in) != 1 || !strings.Contains(in[0], "reply%2F20") || entries < 10 {
		t.Errorf("%d entries stand in %.200q", entries, in)
	}
	s.through()
	s.loses().recovers()
}

func TestWithoutAReplyToWriteTheNewestOneIsEditedToCarryTheCopy(t *testing.T) {
	s := begun(t)
	s.moves()
	quiet := s.releases.step
	s.releases.step = func(l *conversation.Log) (bool, error) {
		if err := l.Append(t.Context(), release.Retried{Run: 7, Step: "none"}); err != nil {
			return false, err
		}
		return quiet(l)
	}
	before, _ := s.newest()
	s.hub.calls = nil
	s.through()
	entries, in := s.newest()
	if entries <= before || len(in) != 1 || !strings.Contains(in[0], "reply%2F20") || len(s.hub.calls) != 1 {
		t.Errorf("%d entries instead of %d stand in %.200q, by %q", entries, before, in, s.hub.calls)
	}
}

func TestBeforeAReleaseAndWithoutAKeyThereIsNoCopy(t *testing.T) {
	s := copying(t)
	s.tells(10, "/release refuse")
	s.through()
	if n := len(s.copies()); n != 0 {
		t.Errorf("before a release there are %d copies", n)
	}
	s.c.Copies = conversation.NewCopies(nil)
	s.tells(20, "/release start")
	s.through()
	marked := func(c step.Comment) bool { return strings.Contains(c.Body, "slipway:log") && c.ID > 1001 }
	if n := len(s.copies()); n != 0 || slices.ContainsFunc(s.hub.comments, marked) {
		t.Errorf("without a key there are %d copies, or marks", n)
	}
}

func TestACopyThatSomebodyDeletedIsWrittenAnew(t *testing.T) {
	remove := func(s *stage) {
		s.hub.comments = slices.DeleteFunc(s.hub.comments,
			func(c step.Comment) bool { return strings.Contains(c.Body, copyMark) })
	}
	t.Run("one in a comment of its own", func(t *testing.T) {
		s := copying(t)
		s.tells(10, "/release start")
		s.through()
		remove(s)
		s.tells(20, "/release work")
		s.through()
		if _, in := s.newest(); len(in) != 1 {
			t.Errorf("the copy has %d parts", len(in))
		}
	})
	t.Run("one that a reply carried", func(t *testing.T) {
		s := begun(t)
		remove(s)
		s.moves(0)
		s.through()
		if _, in := s.newest(); len(in) != 1 || len(s.apart()) != 1 {
			t.Errorf("the copy has %d parts, %d apart", len(in), len(s.apart()))
		}
	})
}

func TestACopyWhoseAnswerWasLostIsFoundAndNotDoubled(t *testing.T) {
	for _, tc := range []struct {
		name, say string
		copies    int // with that of the start, which no reply tells
	}{
		{"in a comment of its own", "", 1},
		{"in a reply", "/release work", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := copying(t)
			s.tells(10, "/release start")
			if tc.say != "" {
				s.through()
				s.tells(20, tc.say)
			}
			s.hub.lose = func(string) error {
				if len(s.copies()) == tc.copies {
					s.hub.lose = nil
					return errors.New("connection reset")
				}
				return nil
			}
			err := s.c.Work(t.Context(), job())
			if s.hub.lose != nil || (err != nil) != (tc.say != "") {
				t.Fatalf("an answer was lost: %t, %v", s.hub.lose == nil, err)
			}
			s.now = s.now.Add(time.Minute)
			s.through()
			if _, in := s.newest(); len(in) != 1 || len(s.copies()) != tc.copies || len(s.apart()) != 1 {
				t.Errorf("there are %d copies, %d of them apart", len(s.copies()), len(s.apart()))
			}
		})
	}
}

func TestACopyThatGitHubRefusesHoldsNothingBack(t *testing.T) {
	s := copying(t)
	s.tells(10, "/release start")
	s.hub.fail = func(call string) error {
		if call == "create comment" {
			return &github.Forbidden{Message: "Resource not accessible by integration"}
		}
		return nil
	}
	s.through()
	s.hub.fail = nil
	s.now = s.now.Add(conversation.Settle)
	s.tells(20, "/release work")
	s.through()
	if want := []string{"/release start", "/release work"}; !slices.Equal(s.did, want) || len(s.copies()) != 1 {
		t.Errorf("it did %q, and there are %d copies", s.did, len(s.copies()))
	}
}

func TestACopyThatCouldNotBeWrittenIsTriedAgainInAMinute(t *testing.T) {
	s := copying(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	s.hub.fail = func(call string) error {
		if call == "create comment" {
			stop()
			return errors.New("connection refused")
		}
		return nil
	}
	s.tells(10, "/release start")
	go func() {
		ended <- s.c.Store.Run(ctx, func(ctx context.Context, j store.Job) error { return s.c.Work(ctx, j) })
	}()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	due, waits, err := s.c.Store.NextDue(t.Context())
	if err != nil || !waits || !due.Equal(s.now.Add(time.Minute)) {
		t.Errorf("it is tried again at %s, %t, %v", due, waits, err)
	}
}
