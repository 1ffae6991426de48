package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
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
}

// emit tells the App of an event that it subscribes to.
func (s *Server) emit(repo *repository, event, action string, sender *account, fields map[string]any) {
	if !slices.Contains(s.o.App.Events, event) {
		return
	}
	id := s.installation(repo.Owner)
	payload := map[string]any{
		"repository": s.renderRepository(repo), "organization": s.renderOrganization(repo.Owner), "sender": s.renderUser(sender),
		"installation": map[string]any{"id": id, "node_id": nodeID("I", id)},
	}
	if action != "" {
		payload["action"] = action
	}
	for key, value := range fields {
		payload[key] = value
	}
	text, err := json.Marshal(payload)
	if err != nil {
		s.o.Log.Error().Err(err).Str("event", event).Msg("payload")
		return
	}
	s.queue(&delivery{
		ID: s.nextID(), GUID: uuid.NewString(), Event: event, Action: action, Installation: id, Repo: repo.ID, Payload: text,
	})
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
			status := post(hook, d, s.o.App.ID)
			s.mu.Lock()
			d.Status = status
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

// post sends one delivery and gives the status, 0 for no answer.
func post(hook HookTarget, d *delivery, app int64) int {
	if hook.URL == "" {
		return 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(d.Payload))
	if err != nil {
		return 0
	}
	mac := hmac.New(sha256.New, []byte(hook.Secret))
	mac.Write(d.Payload)
	h := req.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "GitHub-Hookshot/sandbox")
	h.Set("X-GitHub-Event", d.Event)
	h.Set("X-GitHub-Delivery", d.GUID)
	h.Set("X-GitHub-Hook-ID", "1")
	h.Set("X-GitHub-Hook-Installation-Target-ID", strconv.FormatInt(app, 10))
	h.Set("X-GitHub-Hook-Installation-Target-Type", "integration")
	h.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	client := hook.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode
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
	for _, d := range s.deliveries {
		if d.ID == id {
			again := *d
			again.ID, again.Redelivery = s.nextID(), true
			s.queue(&again)
			return
		}
	}
}
