package github

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// Delivery is a webhook delivery in GitHub's own log, which goes back three days. One that was asked for again is there
// twice, with one GUID.
type Delivery struct {
	ID          int64
	GUID, Event string
	Action      string // empty for an event that has none
	DeliveredAt time.Time
	StatusCode  int // what we answered; 0 when GitHub reached nobody
	Redelivery  bool
}

// Deliveries are GitHub's list, newest first, page by page, so that a caller stops where it knows everything: how long
// we were away is nothing that a number or a clock could say.
func (a *App) Deliveries(ctx context.Context) iter.Seq2[[]Delivery, error] {
	type delivery struct {
		ID          int64     `json:"id"`
		GUID        string    `json:"guid"`
		Event       string    `json:"event"`
		Action      string    `json:"action"`
		DeliveredAt time.Time `json:"delivered_at"`
		StatusCode  int       `json:"status_code"`
		Redelivery  bool      `json:"redelivery"`
	}
	return func(yield func([]Delivery, error) bool) {
		for page, err := range pages[[]delivery](ctx, a.self, "list webhook deliveries", "app/hook/deliveries?per_page=100") {
			list := make([]Delivery, len(page))
			for i, d := range page {
				list[i] = Delivery(d)
			}
			if !yield(list, err) || err != nil {
				return
			}
		}
	}
}

// Redeliver asks GitHub to send a delivery once more.
func (a *App) Redeliver(ctx context.Context, id int64) error {
	what := fmt.Sprintf("redeliver webhook delivery %d", id)
	return a.self.call(ctx, what, http.MethodPost, fmt.Sprintf("app/hook/deliveries/%d/attempts", id), nil, nil)
}
