package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Retention is how long GitHub keeps deliveries and their payloads (docs.github.com, Viewing webhook deliveries).
const Retention = 3 * 24 * time.Hour

// hookLog is what tests took from the log of deliveries. The zero value is a whole log.
type hookLog struct {
	forgotten map[int64]bool // their payloads are gone
	refused   map[int64]bool // they cannot be sent again
	newest    int            // the list ends after so many; 0 is all
}

func deliveryRoutes() []route {
	return []route{
		{"GET", "/app/hook/deliveries", "", handleDeliveries},
		{"GET", "/app/hook/deliveries/{id}", "", handleDelivery},
		{"POST", "/app/hook/deliveries/{id}/attempts", "", handleAttempt},
	}
}

// ForgetPayload makes GitHub lose the payload of a delivery: the list still names it, and its own address answers 404.
func (s *Server) ForgetPayload(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hookLog.forgotten == nil {
		s.hookLog.forgotten = map[int64]bool{}
	}
	s.hookLog.forgotten[id] = true
}

// RefuseRedelivery makes GitHub answer 422 to each attempt to send the delivery again.
func (s *Server) RefuseRedelivery(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hookLog.refused == nil {
		s.hookLog.refused = map[int64]bool{}
	}
	s.hookLog.refused[id] = true
}

// ShortenDeliveries ends the list of deliveries after the newest ones, as if GitHub kept no more; 0 shows all again.
func (s *Server) ShortenDeliveries(newest int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hookLog.newest = newest
}

// kept says that GitHub still has the delivery.
func (s *Server) kept(d *delivery) bool { return !d.At.Before(s.now().Add(-Retention)) }

// delivery is the one of that id, nil when there is none any more.
func (s *Server) delivery(id int64) *delivery {
	for _, d := range slices.Backward(s.deliveries) {
		if d.ID == id && s.kept(d) {
			return d
		}
	}
	return nil
}

// again sends a delivery once more: with the same GUID, under an id of its own.
func (s *Server) again(d *delivery) {
	s.queue(&delivery{
		ID: s.nextID(), GUID: d.GUID, Event: d.Event, Action: d.Action, Installation: d.Installation, Repo: d.Repo,
		Payload: d.Payload, Redelivery: true,
	})
}

// logged are the deliveries that the list has, newest first: a delivery enters it when its attempt is over.
func (s *Server) logged() []*delivery {
	var list []*delivery
	for _, d := range slices.Backward(s.deliveries) {
		if s.hookLog.newest > 0 && len(list) == s.hookLog.newest || !s.kept(d) {
			break
		}
		if d.Answered {
			list = append(list, d)
		}
	}
	return list
}

func (d *delivery) succeeded() bool { return d.Status >= 200 && d.Status < 300 }

func (d *delivery) statusText() string {
	switch {
	case d.succeeded():
		return "OK"
	case d.Status == 0:
		return d.Failure
	}
	return "Invalid HTTP Response: " + strconv.Itoa(d.Status)
}

func renderDelivery(d *delivery) map[string]any {
	return map[string]any{
		"id": d.ID, "guid": d.GUID, "delivered_at": stamp(d.At), "redelivery": d.Redelivery, "duration": 0.01,
		"status": d.statusText(), "status_code": d.Status, "event": d.Event, "action": nullable(d.Action),
		"installation_id": idOrNil(d.Installation), "repository_id": idOrNil(d.Repo), "throttled_at": nil,
	}
}

func idOrNil(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// handleDeliveries pages by a cursor, which only GitHub's own link to the next page knows.
func handleDeliveries(c *call) (reply, error) {
	list := c.s.logged()
	switch status := c.query("status"); status {
	case "":
	case "success", "failure":
		list = slices.DeleteFunc(list, func(d *delivery) bool { return d.succeeded() != (status == "success") })
	default:
		return reply{}, unprocessable("Invalid status: " + status)
	}
	if cursor := c.query("cursor"); cursor != "" {
		last, err := strconv.ParseInt(strings.TrimPrefix(cursor, "v1_"), 10, 64)
		if err != nil {
			return reply{}, unprocessable("Invalid cursor: " + cursor)
		}
		list = slices.DeleteFunc(list, func(d *delivery) bool { return d.ID > last })
	}
	size := c.pageSize()
	header := http.Header{}
	if len(list) > size {
		q := c.r.URL.Query()
		q.Del("page")
		q.Set("cursor", fmt.Sprintf("v1_%d", list[size].ID))
		header.Set("Link", fmt.Sprintf(`<%s>; rel="next"`, c.s.o.URL+c.r.URL.EscapedPath()+"?"+q.Encode()))
		list = list[:size]
	}
	rows := []any{}
	for _, d := range list {
		rows = append(rows, renderDelivery(d))
	}
	return reply{status: http.StatusOK, body: rows, header: header}, nil
}

func handleDelivery(c *call) (reply, error) {
	d := c.s.delivery(c.id("id"))
	if d == nil || !d.Answered || c.s.hookLog.forgotten[d.ID] {
		return reply{}, notFound()
	}
	out := renderDelivery(d)
	out["request"] = map[string]any{"headers": single(d.Sent), "payload": json.RawMessage(d.Payload)}
	out["response"] = map[string]any{"headers": single(d.Received), "payload": d.Response}
	return ok(out), nil
}

// single are headers as GitHub shows them: one value each.
func single(h http.Header) map[string]string {
	out := map[string]string{}
	for name := range h {
		out[name] = h.Get(name)
	}
	return out
}

func handleAttempt(c *call) (reply, error) {
	d := c.s.delivery(c.id("id"))
	switch {
	case d == nil:
		return reply{}, notFound()
	case c.s.hookLog.refused[d.ID]:
		return reply{}, unprocessable("The delivery could not be redelivered.")
	}
	c.s.again(d)
	return reply{status: http.StatusAccepted, body: map[string]any{}}, nil
}
