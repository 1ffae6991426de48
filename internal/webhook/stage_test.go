package webhook

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	gh "github.com/google/go-github/v62/github"
	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
)

const secret = "a secret"

// stage is an intake on an empty database, with a GitHub that lists what it is given.
type stage struct {
	*testing.T
	now     time.Time
	db      *store.Store
	intake  *Intake
	catchUp *CatchUp
	list    *list
	heard   heard
	met     met
	lost    lost
	log     *strings.Builder
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{T: t, now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), log: &strings.Builder{}}
	clock := func() time.Time { return s.now }
	db, err := store.Open(t.Context(), "sqlite::memory:", store.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s.db, s.list = db, &list{redelivery: map[int64]error{}}
	log := zerolog.New(s.log)
	s.intake = &Intake{
		Store: db, Handlers: []githubapp.EventHandler{&s.heard}, Repositories: &s.met,
		Secrets: []string{"an old one", secret}, Self: "slipway[bot]", Clock: clock, Log: log,
	}
	s.catchUp = &CatchUp{Store: db, GitHub: s.list, Intake: s.intake, Lost: &s.lost, Clock: clock, Log: log}
	return s
}

// post sends a request as GitHub does, and gives the status of the answer.
func (s *stage) post(guid, event, body string, change ...func(*http.Request)) int {
	s.Helper()
	r := httptest.NewRequest(http.MethodPost, "/webhook", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(guidHeader, guid)
	r.Header.Set(eventHeader, event)
	r.Header.Set(gh.SHA256SignatureHeader, sign(body))
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	s.intake.Handler().ServeHTTP(w, r)
	return w.Code
}

// comment is the payload of a comment with that text.
func comment(id int, text string) string {
	return fmt.Sprintf(`{"action":"created","repository":{"id":7,"full_name":"acme/app"},"installation":{"id":3},`+
		`"sender":{"login":"maria","id":9},"comment":{"id":%d,"body":%q}}`, id, text)
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *stage) missing() (guids []string, gone int) {
	s.Helper()
	all, err := s.db.Missing(s.Context())
	s.must(err)
	for _, m := range all {
		if m.Gone {
			gone++
		}
		guids = append(guids, m.GUID)
	}
	return guids, gone
}

// heard is a handler that writes down the GUIDs in the order in which they came.
type heard struct {
	guids []string
	fails map[string]error
}

func (h *heard) Handles() []string {
	return []string{"issue_comment", "issues", "push", "installation"}
}

func (h *heard) Handle(_ context.Context, _, guid string, _ []byte) error {
	if err := h.fails[guid]; err != nil {
		return err
	}
	h.guids = append(h.guids, guid)
	return nil
}

type met struct{ nobody bool }

func (m *met) Meet(context.Context, conversation.Repository, conversation.Cause) (bool, error) {
	return !m.nobody, nil
}

type lost struct{ told []string }

func (l *lost) Missed(_ context.Context, repo int64, n int, from, to time.Time, _ conversation.Cause) error {
	text := fmt.Sprintf("repository %d: %d from %s to %s", repo, n, from.Format("15:04"), to.Format("15:04"))
	l.told = append(l.told, text)
	return nil
}

// list is GitHub's list of deliveries.
type list struct {
	all        []github.Delivery // oldest first
	payloads   map[int64]string
	redelivery map[int64]error // what asking for one again answers
	asked      []int64
	pages      []string // which were read, by their status
	broken     error    // what each page answers instead
}

// sent lists a delivery that got that answer; an empty payload is one that GitHub has no longer.
func (l *list) sent(guid string, at time.Time, status int, payload string) int64 {
	id := int64(1000 + len(l.all))
	l.all = append(l.all, github.Delivery{
		ID: id, GUID: guid, Event: "issue_comment", Action: "created", DeliveredAt: at, StatusCode: status,
		Repository: 7, Installation: 3,
	})
	if l.payloads == nil {
		l.payloads = map[int64]string{}
	}
	if payload != "" {
		l.payloads[id] = payload
	}
	return id
}

func (l *list) Deliveries(_ context.Context, status string) iter.Seq2[[]github.Delivery, error] {
	newest := slices.Clone(l.all)
	slices.Reverse(newest)
	newest = slices.DeleteFunc(newest, func(d github.Delivery) bool {
		return status == "failure" &&
			d.StatusCode < 400
	})
	return func(yield func([]github.Delivery, error) bool) {
		for page := range slices.Chunk(newest, 100) {
			l.pages = append(l.pages, status)
			if !yield(page, l.broken) || l.broken != nil {
				return
			}
		}
	}
}

func (l *list) Delivery(_ context.Context, id int64) (d github.DeliveryPayload, found bool, err error) {
	for _, one := range l.all {
		if payload, there := l.payloads[id]; there && one.ID == id {
			return github.DeliveryPayload{Delivery: one, Payload: []byte(payload)}, true, nil
		}
	}
	return d, false, nil
}

func (l *list) Redeliver(_ context.Context, id int64) error {
	l.asked = append(l.asked, id)
	return l.redelivery[id]
}

var errOutage = errors.New("an outage")
