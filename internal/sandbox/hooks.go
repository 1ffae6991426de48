package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// delivery is one webhook, sent or to be sent.
type delivery struct {
	ID           int64
	GUID         string
	Event        string
	Action       string
	Installation int64
	Repo         int64
	Payload      []byte
	At           time.Time
	Status       int
	Redelivery   bool
	// Answered says that the attempt is over; Status is 0 when nobody answered, and Failure then says why.
	Answered bool
	Failure  string
	// What crossed the wire, for who looks at the single delivery.
	Sent, Received http.Header
	Response       string
}

// Mute lets things happen of which no webhook tells and no list of deliveries, as in an incident of GitHub's; false
// ends it.
func (s *Server) Mute(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mute = on
}

// emit tells the App of an event that it subscribes to, where it is installed and not suspended.
func (s *Server) emit(repo *repository, event, action string, sender *account, fields map[string]any) {
	if s.mute || !slices.Contains(s.o.App.Events, event) {
		return
	}
	in := s.installation(repo.Owner)
	if in == nil || in.Suspended != nil || !in.covers(repo) {
		return
	}
	payload := map[string]any{
		"repository": s.renderRepository(repo), "organization": s.renderOrganization(repo.Owner),
		"sender": s.renderUser(sender), "installation": map[string]any{"id": in.ID, "node_id": nodeID("I", in.ID)},
	}
	maps.Copy(payload, fields)
	s.deliver(&delivery{Event: event, Action: action, Installation: in.ID, Repo: repo.ID}, payload)
}

// deliver sends a new delivery with that payload.
func (s *Server) deliver(d *delivery, payload map[string]any) {
	if d.Action != "" {
		payload["action"] = d.Action
	}
	text, err := json.Marshal(payload)
	if err != nil {
		s.o.Log.Error().Err(err).Str("event", d.Event).Msg("payload")
		return
	}
	d.ID, d.GUID, d.Payload = s.nextID(), uuid.NewString(), text
	s.queue(d)
}

func (s *Server) queue(d *delivery) {
	d.At = s.now()
	s.deliveries = append(s.deliveries, d)
	s.unsent++
	s.outbox <- d
}

// send posts the deliveries, in order. GitHub does not repeat a failed one by itself, and neither does this.
func (s *Server) send() {
	for {
		select {
		case <-s.closed:
			return
		case d := <-s.outbox:
			s.mu.Lock()
			hook := s.o.Hook
			s.mu.Unlock()
			got := post(hook, d, s.o.App.ID)
			s.mu.Lock()
			d.Answered, d.Status, d.Failure = true, got.status, got.failure
			d.Sent, d.Received, d.Response = got.sent, got.received, got.body
			s.unsent--
			s.sent.Broadcast()
			s.mu.Unlock()
		}
	}
}

// Flush waits until every delivery was answered.
func (s *Server) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.unsent > 0 {
		s.sent.Wait()
	}
}

// Busy says that a delivery is on its way.
func (s *Server) Busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unsent > 0
}

// posted is what came of one attempt.
type posted struct {
	status         int
	failure        string // in GitHub's words, when there was no answer
	sent, received http.Header
	body           string
}

// maxResponse is how much of the receiver's answer is kept, in bytes.
const maxResponse = 64 << 10

// post sends one delivery.
func post(hook HookTarget, d *delivery, app int64) posted {
	unreached := posted{failure: "failed to connect to host"}
	if hook.URL == "" {
		return unreached
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(d.Payload))
	if err != nil {
		return unreached
	}
	req.Header = hookHeaders(hook, d, app)
	unreached.sent = req.Header
	client := hook.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			unreached.failure = "timed out"
		}
		return unreached
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return posted{status: resp.StatusCode, sent: req.Header, received: resp.Header, body: string(body)}
}

// hookHeaders are those that GitHub sends with a webhook (docs.github.com, Webhook events and payloads, Delivery
// headers).
func hookHeaders(hook HookTarget, d *delivery, app int64) http.Header {
	mac := hmac.New(sha256.New, []byte(hook.Secret))
	mac.Write(d.Payload)
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "GitHub-Hookshot/sandbox")
	h.Set("X-GitHub-Event", d.Event)
	h.Set("X-GitHub-Delivery", d.GUID)
	h.Set("X-GitHub-Hook-ID", "1")
	h.Set("X-GitHub-Hook-Installation-Target-ID", strconv.FormatInt(app, 10))
	h.Set("X-GitHub-Hook-Installation-Target-Type", "integration")
	h.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return h
}

// Delivered are the GUIDs of all deliveries, with their events, oldest first.
func (s *Server) Delivered() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Delivery, len(s.deliveries))
	for i, d := range s.deliveries {
		out[i] = Delivery{ID: d.ID, GUID: d.GUID, Event: d.Event, Action: d.Action, Status: d.Status}
	}
	return out
}

// Delivery is a delivery as tests see it.
type Delivery struct {
	ID            int64
	GUID          string
	Event, Action string
	Status        int
}

// Redeliver sends a delivery again.
func (s *Server) Redeliver(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.delivery(id); d != nil {
		s.again(d)
	}
}
