package github

import (
	"context"
	"fmt"
	"math"
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

// Deliveries lists the newest deliveries, newest first, at most limit of them.
func (a *App) Deliveries(ctx context.Context, limit int) ([]Delivery, error) {
	return a.deliveries(ctx, limit, time.Time{})
}

// DeliveriesSince lists the deliveries from then on, newest first, however many: what came while we were away is found
// by when we left, not by a number.
func (a *App) DeliveriesSince(ctx context.Context, then time.Time) ([]Delivery, error) {
	return a.deliveries(ctx, math.MaxInt, then)
}

func (a *App) deliveries(ctx context.Context, limit int, then time.Time) ([]Delivery, error) {
	type delivery struct {
		ID          int64     `json:"id"`
		GUID        string    `json:"guid"`
		Event       string    `json:"event"`
		Action      string    `json:"action"`
		DeliveredAt time.Time `json:"delivered_at"`
		StatusCode  int       `json:"status_code"`
		Redelivery  bool      `json:"redelivery"`
	}
	var list []Delivery
	for page, err := range pages[[]delivery](ctx, a.self, "list webhook deliveries", "app/hook/deliveries?per_page=100") {
		if err != nil {
			return nil, err
		}
		for _, d := range page {
			if d.DeliveredAt.Before(then) {
				return list, nil
			}
			if list = append(list, Delivery(d)); len(list) >= limit {
				return list, nil
			}
		}
	}
	return list, nil
}

// Redeliver asks GitHub to send a delivery once more.
func (a *App) Redeliver(ctx context.Context, id int64) error {
	what := fmt.Sprintf("redeliver webhook delivery %d", id)
	return a.self.call(ctx, what, http.MethodPost, fmt.Sprintf("app/hook/deliveries/%d/attempts", id), nil, nil)
}
