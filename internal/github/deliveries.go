package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Delivery is a webhook delivery in GitHub's own log, which goes back three days (seven on GitHub Enterprise Server).
// One that was asked for again is there twice, with one GUID.
type Delivery struct {
	ID          int64
	GUID, Event string
	Action      string // empty for an event that has none
	DeliveredAt time.Time
	// ThrottledAt is when GitHub held the delivery back because there were too many; zero when it did not.
	ThrottledAt time.Time
	StatusCode  int    // what we answered; 0 when GitHub reached nobody
	Status      string // the same in GitHub's words: OK, timed out
	Redelivery  bool
	// Installation and Repository are ids, 0 where the event is of none.
	Installation, Repository int64
}

// Failed says that whoever took the delivery did not say that it was taken.
func (d Delivery) Failed() bool { return d.StatusCode < 200 || d.StatusCode >= 400 }

type delivery struct {
	ID           int64      `json:"id"`
	GUID         string     `json:"guid"`
	Event        string     `json:"event"`
	Action       string     `json:"action"`
	DeliveredAt  time.Time  `json:"delivered_at"`
	ThrottledAt  *time.Time `json:"throttled_at"`
	StatusCode   int        `json:"status_code"`
	Status       string     `json:"status"`
	Redelivery   bool       `json:"redelivery"`
	Installation int64      `json:"installation_id"`
	Repository   int64      `json:"repository_id"`
}

func (d delivery) value() Delivery {
	v := Delivery{
		ID: d.ID, GUID: d.GUID, Event: d.Event, Action: d.Action, DeliveredAt: d.DeliveredAt, StatusCode: d.StatusCode,
		Status: d.Status, Redelivery: d.Redelivery, Installation: d.Installation, Repository: d.Repository,
	}
	if d.ThrottledAt != nil {
		v.ThrottledAt = *d.ThrottledAt
	}
	return v
}

// Deliveries are GitHub's list, newest first, page by page, so that a caller stops where it knows everything: how long
// we were away is nothing that a number or a clock could say. status is success, failure, or empty for all. GitHub
// counts 400 to 599 as failures: a delivery that has no status code yet is only in the list of all.
func (a *App) Deliveries(ctx context.Context, status string) iter.Seq2[[]Delivery, error] {
	path := "app/hook/deliveries?per_page=100"
	if status != "" {
		path += "&status=" + url.QueryEscape(status)
	}
	return func(yield func([]Delivery, error) bool) {
		for page, err := range pages[[]delivery](ctx, a.self, "list webhook deliveries", path) {
			list := make([]Delivery, len(page))
			for i, d := range page {
				list[i] = d.value()
			}
			if !yield(list, err) || err != nil {
				return
			}
		}
	}
}

// DeliveryPayload is a delivery with what GitHub sent.
type DeliveryPayload struct {
	Delivery
	// Header is what GitHub sent with it, X-GitHub-Event among it.
	Header http.Header
	// Payload is the event as JSON. Its bytes need not be those that were signed: the answer of the API is proof
	// enough of who wrote them.
	Payload []byte
}

// Delivery reads a delivery with its payload. One that GitHub no longer has, or whose payload it dropped, is not found.
func (a *App) Delivery(ctx context.Context, id int64) (DeliveryPayload, bool, error) {
	var answer struct {
		delivery
		Request *struct {
			Headers map[string]json.RawMessage `json:"headers"`
			Payload json.RawMessage            `json:"payload"`
		} `json:"request"`
	}
	what := fmt.Sprintf("read webhook delivery %d", id)
	err := a.self.get(ctx, what, fmt.Sprintf("app/hook/deliveries/%d", id), &answer)
	if missing(err) {
		return DeliveryPayload{}, false, nil
	}
	if err != nil {
		return DeliveryPayload{}, false, err
	}
	if answer.Request == nil || !bytes.HasPrefix(answer.Request.Payload, []byte("{")) {
		return DeliveryPayload{}, false, nil
	}
	d := DeliveryPayload{Delivery: answer.value(), Header: http.Header{}, Payload: answer.Request.Payload}
	for name, raw := range answer.Request.Headers {
		var value string
		if json.Unmarshal(raw, &value) == nil {
			d.Header.Set(name, value)
		}
	}
	return d, true, nil
}

// Redeliver asks GitHub to send a delivery once more.
func (a *App) Redeliver(ctx context.Context, id int64) error {
	what := fmt.Sprintf("redeliver webhook delivery %d", id)
	return a.self.call(ctx, what, http.MethodPost, fmt.Sprintf("app/hook/deliveries/%d/attempts", id), nil, nil)
}
