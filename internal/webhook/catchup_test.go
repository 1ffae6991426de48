package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
)

func TestAfterAnOutageWhatWasMissedIsWorkedOldestFirst(t *testing.T) {
	s := newStage(t)
	for i, text := range []string{"/release prepare", "/release freeze", "/release hold x"} {
		s.list.sent(fmt.Sprint("g", i), s.now.Add(time.Duration(i)*time.Second), 502, comment(i, text))
	}
	s.now = s.now.Add(time.Hour)
	s.must(s.catchUp.Run(t.Context()))
	if got := strings.Join(s.heard.guids, " "); got != "g0 g1 g2" {
		t.Errorf("worked %s", got)
	}
	if guids, _ := s.missing(); len(guids) > 0 {
		t.Errorf("still missing: %v", guids)
	}
	if len(s.list.asked) > 0 {
		t.Error("GitHub was asked to send what it shows")
	}
	s.must(s.catchUp.Run(t.Context()))
	if len(s.heard.guids) != 3 {
		t.Errorf("worked twice: %v", s.heard.guids)
	}
}

func TestOneLostDeliveryBehindHundredsOfKnownOnesIsFound(t *testing.T) {
	s := newStage(t)
	s.list.sent("lost", s.now.Add(time.Second), 0, comment(1, "/release cut"))
	for i := range 250 {
		guid := fmt.Sprint("known", i)
		s.list.sent(guid, s.now.Add(time.Minute+time.Duration(i)*time.Second), 202, comment(2+i, "/release plan"))
		_, err := s.db.Record(t.Context(), store.Delivery{GUID: guid, Event: "issue_comment", ReceivedAt: s.now})
		s.must(err)
	}
	s.now = s.now.Add(2 * time.Minute)
	s.must(s.catchUp.Run(t.Context()))
	if !slices.Equal(s.heard.guids, []string{"lost"}) {
		t.Errorf("worked %v", s.heard.guids)
	}
	s.list.pages = nil
	s.must(s.catchUp.Run(t.Context()))
	if len(s.list.pages) > 3 {
		t.Errorf("the list was read far behind the cursor: %v", s.list.pages)
	}
}

func TestTheListIsReadToItsEndBeforeTheCursorMoves(t *testing.T) {
	s := newStage(t)
	s.list.sent("g1", s.now.Add(time.Second), 500, comment(1, "/release cut"))
	s.list.broken = errOutage
	if err := s.catchUp.Run(t.Context()); err == nil {
		t.Fatal("an outage is no error")
	}
	if _, found, err := s.db.Value(t.Context(), cursor); found || err != nil {
		t.Errorf("the cursor moved: %v", err)
	}
	s.list.broken = nil
	s.must(s.catchUp.Run(t.Context()))
	if len(s.heard.guids) != 1 {
		t.Errorf("worked %v", s.heard.guids)
	}
}

func TestADeliveryThatWasAnswered400IsWorkedWithoutASignature(t *testing.T) {
	s := newStage(t)
	s.list.sent("g1", s.now.Add(time.Second), 400, comment(1, "/release cut"))
	s.must(s.catchUp.Run(t.Context()))
	if len(s.heard.guids) != 1 {
		t.Errorf("worked %v", s.heard.guids)
	}
}

func TestANewDatabaseObeysNothingOlderThanItself(t *testing.T) {
	s := newStage(t)
	s.list.sent("old", s.now.Add(-time.Minute), 202, comment(1, "/release abort x"))
	s.list.sent("missed", s.now.Add(-time.Second), 500, comment(2, "/release cut"))
	s.list.sent("new", s.now.Add(time.Second), 500, comment(3, "/release plan"))
	for range 2 {
		s.now = s.now.Add(time.Minute)
		s.must(s.catchUp.Run(t.Context()))
	}
	if !slices.Equal(s.heard.guids, []string{"new"}) {
		t.Errorf("worked %v", s.heard.guids)
	}
	if n := strings.Count(s.log.String(), "older than the database"); n != 1 {
		t.Errorf("the log says so %d times", n)
	}
}

func TestARefusedRedeliveryDoesNotStopTheRest(t *testing.T) {
	s := newStage(t)
	id := s.list.sent("gone", s.now.Add(time.Second), 500, "")
	s.list.redelivery[id] = &github.Answer{Status: 422, Message: "cannot be redelivered"}
	s.list.sent("g2", s.now.Add(2*time.Second), 500, comment(2, "/release cut"))
	s.must(s.catchUp.Run(t.Context()))
	if !slices.Equal(s.heard.guids, []string{"g2"}) {
		t.Errorf("worked %v", s.heard.guids)
	}
	if _, gone := s.missing(); gone != 1 {
		t.Errorf("%d are gone", gone)
	}
	s.must(s.catchUp.Run(t.Context()))
	if len(s.list.asked) != 1 || len(s.lost.told) != 1 || strings.Count(s.log.String(), "delivery is lost") != 1 {
		t.Errorf("asked %v, told %v, log %s", s.list.asked, s.lost.told, s.log)
	}
	if s.lost.told[0] != "repository 7: 1 from 12:00 to 12:00" {
		t.Errorf("told %v", s.lost.told)
	}
}

func TestWhatGitHubShowsNoLongerIsAskedForAndArrivesOrIsGivenUp(t *testing.T) {
	for _, arrives := range []bool{true, false} {
		t.Run(fmt.Sprint(arrives), func(t *testing.T) {
			s := newStage(t)
			s.list.sent("g1", s.now.Add(time.Second), 500, "")
			s.must(s.catchUp.Run(t.Context()))
			if guids, gone := s.missing(); len(guids) != 1 || gone != 0 || len(s.list.asked) != 1 {
				t.Fatalf("missing %v, %d gone, asked %v", guids, gone, s.list.asked)
			}
			if arrives {
				s.post("g1", "issue_comment", comment(1, "/release cut"))
			}
			s.now = s.now.Add(11 * time.Minute)
			s.must(s.catchUp.Run(t.Context()))
			guids, gone := s.missing()
			if arrives && len(guids) != 0 || !arrives && gone != 1 {
				t.Errorf("missing %v, %d gone", guids, gone)
			}
			if len(s.list.asked) != 1 {
				t.Errorf("asked %d times", len(s.list.asked))
			}
		})
	}
}

func TestJunkThatIsRefusedAgainIsGone(t *testing.T) {
	s := newStage(t)
	s.list.sent("junk", s.now.Add(time.Second), 400, `{"repository":5}`)
	s.must(s.catchUp.Run(t.Context()))
	if _, gone := s.missing(); gone != 1 || len(s.heard.guids) != 0 {
		t.Errorf("%d are gone, worked %v", gone, s.heard.guids)
	}
}

func TestAMissingDeliveryIsKnownAsMissingUntilItWasWorked(t *testing.T) {
	s := newStage(t)
	s.list.sent("g1", s.now.Add(time.Second), 500, comment(1, "/release cut"))
	s.list.sent("g2", s.now.Add(2*time.Second), 500, comment(2, "/release plan"))
	s.heard.fails = map[string]error{"g1": errOutage}
	if err := s.catchUp.Run(t.Context()); err == nil {
		t.Error("the failure is not told")
	}
	if guids, _ := s.missing(); !slices.Equal(guids, []string{"g1"}) {
		t.Fatalf("missing %v", guids)
	}
	s.now = s.now.Add(11 * time.Minute)
	if err := s.catchUp.Run(t.Context()); err == nil {
		t.Error("the failure is not told")
	}
	unhandled, err := s.db.Unhandled(t.Context())
	if guids, _ := s.missing(); err != nil || len(guids) != 0 || !slices.Equal(unhandled, []string{"g1"}) {
		t.Errorf("missing %v, in the queue %v, %v", guids, unhandled, err)
	}
}

func TestADeliveryThatWasTriedTwiceIsOneWithTheTimeOfTheFirst(t *testing.T) {
	s := newStage(t)
	s.list.sent("g1", s.now.Add(time.Second), 500, comment(1, "/release cut"))
	s.list.sent("g2", s.now.Add(2*time.Second), 500, comment(2, "/release plan"))
	s.list.sent("g1", s.now.Add(3*time.Second), 500, comment(1, "/release cut"))
	s.must(s.catchUp.Run(t.Context()))
	if !slices.Equal(s.heard.guids, []string{"g1", "g2"}) {
		t.Errorf("worked %v", s.heard.guids)
	}
}

func TestADeliveryThatIsListedLateIsFound(t *testing.T) {
	s := newStage(t)
	for i := range 120 {
		guid := fmt.Sprint("known", i)
		s.list.sent(guid, s.now.Add(3*time.Minute+time.Duration(i)*time.Second), 202, "")
		_, err := s.db.Record(t.Context(), store.Delivery{GUID: guid, Event: "issue_comment", ReceivedAt: s.now})
		s.must(err)
	}
	s.now = s.now.Add(5 * time.Minute)
	s.must(s.catchUp.Run(t.Context()))
	s.list.sent("late", s.now.Add(-3*time.Minute), 0, comment(1, "/release cut"))
	slices.SortStableFunc(s.list.all, func(a, b github.Delivery) int { return a.DeliveredAt.Compare(b.DeliveredAt) })
	s.must(s.catchUp.Run(t.Context()))
	if !slices.Equal(s.heard.guids, []string{"late"}) {
		t.Errorf("worked %v", s.heard.guids)
	}
}

func TestWhatCouldNotBeStoredIsWorkedBeforeWhatComesLater(t *testing.T) {
	s := newStage(t)
	s.must(s.catchUp.Due(t.Context()))
	if len(s.list.pages) > 0 {
		t.Errorf("the list was read for nothing: %q", s.list.pages)
	}
	cut := func(r *http.Request) { // the database does not answer in time
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		*r = *r.WithContext(ctx)
	}
	if status := s.post("g1", "issue_comment", comment(1, "/release hold x"),
		cut); status != http.StatusServiceUnavailable {
		t.Fatalf("answered %d", status)
	}
	s.list.sent("g1", s.now, http.StatusServiceUnavailable, comment(1, "/release hold x"))
	if status := s.post("g2", "issue_comment", comment(2, "/release cut")); status != http.StatusAccepted {
		t.Fatalf("answered %d", status)
	}
	s.must(s.catchUp.Due(t.Context()))
	if got := strings.Join(s.heard.guids, " "); got != "g1" {
		t.Errorf("worked %q before the newer one", got)
	}
	pages := len(s.list.pages)
	s.must(s.catchUp.Due(t.Context()))
	if len(s.list.pages) > pages {
		t.Error("the list is read again")
	}
}

func TestAJobDoesNotWaitForAnotherThatReadsTheList(t *testing.T) {
	s := newStage(t)
	s.intake.behind.Store(true)
	s.catchUp.running.Lock()
	var later store.Later
	if err := s.catchUp.Due(t.Context()); !errors.As(err, &later) {
		t.Errorf("it says %v", err)
	}
	s.catchUp.running.Unlock()
	s.list.broken = errOutage
	s.list.sent("g1", s.now, 503, "")
	s.must(s.catchUp.Due(t.Context())) // a list that cannot be read holds nothing back
}
