// Package inbox takes GitHub's webhooks: it checks the signature, writes the delivery to disk, and only then
// answers. The work is done later, from the disk, by the queue; so a delivery that GitHub saw accepted is never
// lost, and one that comes twice is worked once.
package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"
	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/store"
)

// MaxBody is the largest body that GitHub sends (docs.github.com, Webhook events and payloads: 25 MB).
const MaxBody = 25 << 20

// Inbox is the intake and the worker of deliveries.
type Inbox struct {
	Store    *store.Store
	Handlers []githubapp.EventHandler
	// Secrets are the webhook secrets that are accepted: the new one, and the old one while it is being replaced.
	Secrets []string
	// Self is the login of the App's own user, NAME[bot]: its events are recorded and not worked, but for those
	// that are news.
	Self  string
	Clock func() time.Time
	Log   zerolog.Logger
}

var _ githubapp.Scheduler = (*Inbox)(nil)

// Handler is the HTTP intake: the size is limited before anything is read, then the signature is checked, then the
// delivery goes to disk, then GitHub gets its 202.
func (in *Inbox) Handler() http.Handler {
	dispatchers := make([]http.Handler, len(in.Secrets))
	for i, secret := range in.Secrets {
		dispatchers[i] = githubapp.NewEventDispatcher(in.Handlers, secret,
			githubapp.WithScheduler(in),
			githubapp.WithErrorCallback(in.refuse),
			githubapp.WithResponseCallback(func(w http.ResponseWriter, _ *http.Request, _ string, handled bool) {
				if handled {
					w.WriteHeader(http.StatusAccepted)
				}
			}))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
		in.choose(dispatchers, w, r)
	})
}

// choose gives the request to the dispatcher whose secret signed it; a request that none signed goes to the first,
// which refuses it.
func (in *Inbox) choose(dispatchers []http.Handler, w http.ResponseWriter, r *http.Request) {
	if len(dispatchers) > 1 {
		body, err := readAll(r)
		if err != nil {
			http.Error(w, "the body could not be read, or is larger than 25 MiB", http.StatusRequestEntityTooLarge)
			return
		}
		signature := r.Header.Get(github.SHA256SignatureHeader)
		for i, secret := range in.Secrets {
			if github.ValidateSignature(signature, body, []byte(secret)) == nil {
				dispatchers[i].ServeHTTP(w, r)
				return
			}
		}
	}
	dispatchers[0].ServeHTTP(w, r)
}

func (in *Inbox) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	var invalid githubapp.ValidationError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, "the body is larger than 25 MiB", http.StatusRequestEntityTooLarge)
	case errors.As(err, &invalid):
		in.Log.Warn().Str("delivery", invalid.DeliveryID).Str("event", invalid.EventType).Msg("delivery refused: signature or headers are wrong")
		http.Error(w, "the signature or the headers are wrong", http.StatusBadRequest)
	default:
		// GitHub keeps the delivery and the reconciler asks for it again.
		in.Log.Error().Err(err).Str("delivery", r.Header.Get("X-GitHub-Delivery")).Msg("delivery not stored")
		http.Error(w, "the delivery could not be stored", http.StatusServiceUnavailable)
	}
}

// Schedule writes the delivery to disk. go-githubapp calls it after the signature was checked.
func (in *Inbox) Schedule(ctx context.Context, d githubapp.Dispatch) error {
	var head struct {
		Action     string `json:"action"`
		Repository struct {
			FullName string `json:"full_name"`
		} `json:"repository"`
		Installation struct {
			ID int64 `json:"id"`
		} `json:"installation"`
		Sender struct {
			Login string `json:"login"`
		} `json:"sender"`
	}
	if err := json.Unmarshal(d.Payload, &head); err != nil {
		return fmt.Errorf("read delivery %s: %w", d.DeliveryID, err)
	}
	delivery := store.Delivery{
		GUID: d.DeliveryID, Event: d.EventType, Action: head.Action, InstallationID: head.Installation.ID,
		Repo: head.Repository.FullName, Payload: d.Payload, ReceivedAt: in.Clock(),
	}
	keep := in.Store.Deliver
	if strings.EqualFold(head.Sender.Login, in.Self) && !news(d.EventType) {
		keep = in.Store.Record
	}
	fresh, err := keep(ctx, delivery)
	if err != nil {
		return fmt.Errorf("store delivery %s: %w", d.DeliveryID, err)
	}
	in.Log.Debug().Str("delivery", d.DeliveryID).Str("event", d.EventType).Str("action", head.Action).Bool("fresh", fresh).Msg("delivery stored")
	return nil
}

// news says that an event of our own doing tells somebody something. The sender of a workflow run is whoever started it,
// also when it ends, hours later and by itself; a tag and a release of ours are what issues and milestones wait for.
func news(event string) bool {
	return strings.HasPrefix(event, "workflow_") || event == "release" || event == "create"
}

// Takes says that a kind of event is handled, and so kept.
func (in *Inbox) Takes(event string) bool {
	return slices.ContainsFunc(in.Handlers, func(h githubapp.EventHandler) bool { return slices.Contains(h.Handles(), event) })
}

// Work does the work of one delivery, and marks it as handled.
func (in *Inbox) Work(ctx context.Context, guid string) error {
	d, err := in.Store.Delivery(ctx, guid)
	if err != nil {
		return fmt.Errorf("read delivery %s: %w", guid, err)
	}
	for _, h := range in.Handlers {
		for _, kind := range h.Handles() {
			if kind != d.Event {
				continue
			}
			if err := h.Handle(ctx, d.Event, d.GUID, d.Payload); err != nil {
				return fmt.Errorf("%s delivery %s: %w", d.Event, guid, err)
			}
		}
	}
	return in.Store.Handled(ctx, guid)
}
