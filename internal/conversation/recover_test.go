package conversation_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

var repository = store.Repository{ID: 7, Name: "acme/app", Installation: 1}

// writes lets a comment stand on the issue of which no webhook tells.
func (s *stage) writes(comment int64, by, body string) {
	one := step.Comment{ID: comment, Author: by, AuthorID: 11, Body: body, At: s.now, Updated: s.now}
	s.hub.comments = append(s.hub.comments, one)
}

// loses is the same stage with an empty database.
func (s *stage) loses() *stage {
	s.t.Helper()
	n := copying(s.t)
	n.hub, n.now = s.hub, s.now
	return n
}

func (s *stage) recovers() conversation.Recovered {
	s.t.Helper()
	got, err := s.c.Recover(s.t.Context(), repository, 1)
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

func (s *stage) entries() []store.Entry {
	s.t.Helper()
	all, err := s.c.Store.Entries(s.t.Context(), place.Key())
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// begun is a stage on which a release with an open step stands.
func begun(t *testing.T) *stage {
	t.Helper()
	s := copying(t)
	s.tells(10, "/release start")
	s.through()
	s.tells(20, "/release work")
	s.through()
	return s
}

func TestALostLogIsRestoredAndGoesOn(t *testing.T) {
	s := begun(t)
	before, err := s.c.Read(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	n := s.loses()
	got := n.recovers()
	if got.Version != "1.2.0" || got.Added != got.Copied || got.Copied == 0 || got.Heard != 0 {
		t.Errorf("it restored %+v", got)
	}
	after, err := n.c.Read(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	one := &after.Runs[0].Steps[0]
	if !one.TriedAt.Equal(n.now) || !one.Tried {
		t.Errorf("the open step counts as tried at %s: what it wrote would not be looked for", one.TriedAt)
	}
	one.Tried, one.TriedAt, one.Writes = false, time.Time{}, 0
	type said struct {
		Runs    []release.Run
		Seen    map[release.Source]bool
		Replies []release.Reply
	}
	want, is := said{before.Runs, before.Seen, before.Replies}, said{after.Runs, after.Seen, after.Replies}
	if diff := cmp.Diff(want, is); diff != "" {
		t.Errorf("the release (-lost +restored):\n%s", diff)
	}
	comments := len(n.hub.comments)
	n.tells(2000, "/release work")
	n.through()
	if want := []string{"/release work"}; !slices.Equal(n.did, want) {
		t.Errorf("after that it did %q, want %q", n.did, want)
	}
	if n := len(n.hub.comments) - comments; n != 2 {
		t.Errorf("a command and its reply made %d comments", n)
	}
}

func TestWhatWasSaidSinceTheCopyIsHeardOnceAndInOrder(t *testing.T) {
	s := begun(t)
	s.now = s.now.Add(time.Minute)
	s.writes(2000, "rita", "/release work")
	s.writes(2002, "rita", "/release hold")
	s.writes(2001, "rita", "/release now")
	s.writes(2003, "rita", "Hello")
	s.hub.comments = append(s.hub.comments,
		step.Comment{ID: 2004, Author: "other[bot]", Bot: true, Body: "/release work", At: s.now, Updated: s.now},
		step.Comment{ID: 2005, Author: "rita", Body: "/release late", At: s.now, Updated: s.now.Add(time.Second)})
	n := s.loses()
	if got := n.recovers(); got.Heard != 4 {
		t.Errorf("it restored %+v", got)
	}
	n.recovers() // as whoever is not sure that it worked does
	n.through()
	// What stops things goes first; a comment that was edited is answered and not obeyed.
	if want := []string{"/release hold", "/release work", "/release now"}; !slices.Equal(n.did, want) {
		t.Errorf("it did %q, want %q", n.did, want)
	}
}

func TestACommandThatIsHeardTooLateIsAnsweredAndNotCarriedOut(t *testing.T) {
	s := begun(t)
	s.writes(2000, "rita", "/release work")
	s.now = s.now.Add(3 * time.Hour)
	n := s.loses()
	n.recovers()
	n.through()
	told := func(reply string) bool { return strings.Contains(reply, "3 hours after it was written") }
	if len(n.did) > 0 || !slices.ContainsFunc(n.hub.replies(), told) {
		t.Errorf("it did %q, and says %q", n.did, n.hub.replies())
	}
}

func TestACommandThatWasTakenAndNotDecidedIsDecidedAfterwardsAsItWasTaken(t *testing.T) {
	s := begun(t)
	fails := true
	do := s.do
	s.do = func(req *conversation.Request) ([]release.Event, error) {
		if fails && req.Line.Words[1] == "think" {
			return nil, errors.New("connection reset")
		}
		return do(req)
	}
	s.tells(2000, "Please:\n/release think")
	for range 8 { // until the reply says that it is not decided, which brings the copy up to date
		if at := s.work(); !at.IsZero() {
			s.now = at
		}
		if s.now.Sub(noon) > 2*time.Minute {
			break
		}
	}
	s.hub.comments = slices.DeleteFunc(s.hub.comments, func(c step.Comment) bool { return c.ID == 2000 })
	s.writes(2000, "rita", "Please:\n/release abort")
	n := s.loses()
	if got := n.recovers(); got.Heard != 1 {
		t.Errorf("it restored %+v", got)
	}
	n.through()
	if want := []string{"/release think"}; !slices.Equal(n.did, want) {
		t.Errorf("it did %q, want %q", n.did, want)
	}
}

func TestAReplyThatWasWrittenAfterTheCopyIsNotDoubled(t *testing.T) {
	s := begun(t)
	s.tells(2000, "/release status")
	s.through()
	comments := len(s.hub.comments)
	n := s.loses()
	if got := n.recovers(); got.Heard != 0 {
		t.Errorf("it restored %+v", got)
	}
	n.through()
	if len(n.hub.comments) != comments {
		t.Errorf("the issue has %d comments, and had %d: %q", len(n.hub.comments), comments, n.hub.replies())
	}
}

func TestACopyThatIsOlderThanAReplyIsRefused(t *testing.T) {
	s := begun(t)
	_, in := s.newest()
	_, old, _ := strings.Cut(in[0], copyMark)
	s.tells(2000, "/release work")
	s.through()
	for i := range s.hub.comments {
		if text, _, has := strings.Cut(s.hub.comments[i].Body, copyMark); has {
			s.hub.comments[i].Body = text + copyMark + old
		}
	}
	n := s.loses()
	_, err := n.c.Recover(t.Context(), repository, 1)
	refused(t, err, "the copy is old: it ends at entry ")
	refused(t, err, "are missing")
	if len(n.entries()) > 0 {
		t.Error("and yet it is restored")
	}
}

func TestOnlyOurOwnCopyOfThisIssueIsTaken(t *testing.T) {
	for _, tc := range []struct {
		name, want string
		change     func(s *stage, c *step.Comment)
	}{
		{"somebody else's comment", "there is no copy", func(_ *stage, c *step.Comment) { c.Author = "slipway" }},
		{"a changed one", "the signature of a copy is wrong", func(_ *stage, c *step.Comment) {
			c.Body = strings.Replace(c.Body, "entries=1-", "entries=1-1", 1)
		}},
		{"one that was cut", "a copy of the log is damaged", func(_ *stage, c *step.Comment) { c.Body = c.Body[:300] }},
		{"one with a key of others", "signed with a key that is not configured", func(s *stage, _ *step.Comment) {
			s.c.Copies = conversation.NewCopies([]string{"another key of more than thirty-two characters"})
		}},
		{"one while no key is configured", "no recovery key is configured", func(s *stage, _ *step.Comment) {
			s.c.Copies = nil
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := begun(t).loses()
			for i := range n.hub.comments {
				if strings.Contains(n.hub.comments[i].Body, "slipway:copy") {
					tc.change(n, &n.hub.comments[i])
				}
			}
			_, err := n.c.Recover(t.Context(), repository, 1)
			refused(t, err, tc.want)
			if len(n.entries()) > 0 {
				t.Error("and yet it is restored")
			}
		})
	}
	n := begun(t).loses()
	_, err := n.c.Recover(t.Context(), store.Repository{ID: 8, Name: "acme/app", Installation: 1}, 1)
	refused(t, err, "the copy belongs to another issue")
}

func TestWhatTheDatabaseHoldsIsNeverReplaced(t *testing.T) {
	s := begun(t)
	all := s.entries()
	index := store.Index{Repo: 7, Issue: 1, Open: true}
	t.Run("nothing is missing", func(t *testing.T) {
		before := len(s.entries())
		if got := s.recovers(); got.Added != 0 || len(s.entries()) != before {
			t.Errorf("it restored %+v, and the log has %d entries instead of %d", got, len(s.entries()), before)
		}
	})
	t.Run("a backup of yesterday gets what it lacks", func(t *testing.T) {
		n := s.loses()
		if err := n.c.Store.Restore(t.Context(), place.Key(), all[:3], index); err != nil {
			t.Fatal(err)
		}
		if got := n.recovers(); got.Added != got.Copied-3 {
			t.Errorf("it restored %+v", got)
		}
		if diff := cmp.Diff(all[:5], n.entries()[:5]); diff != "" {
			t.Errorf("the log (-lost +restored):\n%s", diff)
		}
	})
	t.Run("another log stays", func(t *testing.T) {
		n := s.loses()
		other := []store.Entry{{Seq: 1, At: noon, Kind: "resumed", Data: []byte(`{}`)}}
		if err := n.c.Store.Restore(t.Context(), place.Key(), other, index); err != nil {
			t.Fatal(err)
		}
		_, err := n.c.Recover(t.Context(), repository, 1)
		refused(t, err, "differs from the copy from entry 1 on")
		if diff := cmp.Diff(other, n.entries()); diff != "" {
			t.Errorf("the log (-before +after):\n%s", diff)
		}
	})
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	var no *conversation.NotRecovered
	if !errors.As(err, &no) || !strings.Contains(no.Why, want) {
		t.Errorf("it is answered %v, want %q", err, want)
	}
}

func TestANoteIsNotDoubledInARepositoryOfWhichTheDatabaseWasLost(t *testing.T) {
	s := begun(t)
	say := func(bool) string { return "a report" }
	first, err := s.c.Note(t.Context(), s.hub, place, "report", say)
	if err != nil || first == 0 {
		t.Fatalf("the note is %d, %v", first, err)
	}
	n := s.loses()
	n.recovers()
	again, err := n.c.Note(t.Context(), n.hub, place, "report", say)
	if err != nil || again != first {
		t.Errorf("after that the note is %d instead of %d, %v", again, first, err)
	}
}

func TestALongLogIsKeptInSeveralCommentsAndRestored(t *testing.T) {
	s := begun(t)
	do := s.do
	random := rand.New(rand.NewPCG(1, 2))
	s.do = func(req *conversation.Request) ([]release.Event, error) {
		if req.Line.Words[1] != "much" {
			return do(req)
		}
		var text strings.Builder
		for range 12_000 {
			fmt.Fprintf(&text, "%08x", random.Uint32())
		}
		vars := map[string]string{"much": text.String()}
		return []release.Event{release.Asked{Source: req.Source(), Name: "much", Vars: vars}}, nil
	}
	edited := 0
	s.hub.fail = func(call string) error {
		if call == "edit comment 1002" && len(s.apart()) < 2 {
			t.Error("the only whole copy is edited away")
		} else if call == "edit comment 1002" {
			edited++
		}
		return nil
	}
	for i, want := range []int{2, 3} {
		s.now = s.now.Add(time.Minute)
		s.moves(0) // the reply that carried the copy before has no room for it any more
		s.tells(int64(2000+10*i), "/release much")
		s.through()
		if _, in := s.newest(); len(in) != want || len(s.apart()) != want {
			t.Errorf("the copy has %d parts, %d of them apart, want %d", len(in), len(s.apart()), want)
		}
	}
	if edited != 2 {
		t.Errorf("the reply that carried the copy is edited %d times, want 2", edited)
	}
	before := s.entries()
	n := s.loses()
	got := n.recovers()
	if diff := cmp.Diff(before[:got.Copied], n.entries()[:got.Copied]); diff != "" {
		t.Errorf("the log (-lost +restored):\n%s", diff)
	}
	n.hub.comments = slices.DeleteFunc(n.hub.comments, func(c step.Comment) bool { return c.Body == n.apart()[1] })
	_, err := n.loses().c.Recover(t.Context(), repository, 1)
	refused(t, err, "a part of the copy is missing: part ")
}
