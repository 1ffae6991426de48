// Package webhook takes GitHub's webhooks: it checks the signature, writes the delivery to disk, and only then answers.
// The work is done later, from the disk, by the queue; so a delivery that GitHub saw accepted is never lost, and one
// that comes twice is worked once. What GitHub sent while nobody answered is found in GitHub's own list (CatchUp).
//
// Start reading at Intake.Handler for what arrives, and at CatchUp.Run for what did not.
package webhook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/go-github/v62/github"
	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/store"
)

// Intake takes deliveries, and does their work. Its exported fields are set by main and never change.
type Intake struct {
	Store    *store.Store
	Handlers []githubapp.EventHandler
	// Repositories keeps what a delivery says of its repository.
	Repositories Repositories
	// Secrets are the webhook secrets that are accepted: the new one, and the old one while it is being replaced.
	Secrets []string
	// Self is the login of the App's own user, NAME[bot]: its events are recorded and not worked, but for those
	// that are news.
	Self  string
	Clock func() time.Time
	Log   zerolog.Logger

	// Pushed is told of every push, also one that is not worked otherwise: the configuration of the repository may be
	// another one now. nil is nobody.
	Pushed func(repo string)

	behind atomic.Bool // a delivery could not be stored since GitHub's list was read
	used   sync.Map    // the ids of repositories where something was set up when it was looked for
}

// Repositories keeps what is known of repositories.
type Repositories interface {
	// Meet keeps what a delivery says of its repository. ok is false where no installation of the App covers it.
	Meet(ctx context.Context, s conversation.Repository, cause conversation.Cause) (ok bool, err error)
}

var _ githubapp.Scheduler = (*Intake)(nil)

const (
	guidHeader  = "X-GitHub-Delivery"
	eventHeader = "X-GitHub-Event"
)

// Handler is the HTTP intake: what cannot be a delivery is refused before its body is read, the signature is checked
// while it is read, into a bounded part of the memory, the delivery goes to disk, and then GitHub gets its 202.
func (in *Intake) Handler() http.Handler {
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
	bodies := newBudget()
	// Anybody can cause these lines: a few a second say enough.
	strangers := in.Log.Sample(&zerolog.BurstSampler{Burst: 10, Period: time.Second})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, header := range []string{guidHeader, eventHeader, github.SHA256SignatureHeader} {
			if r.Header.Get(header) == "" {
				line(strangers.Warn(), r).Str("header", header).Msg("delivery refused: a header is missing")
				http.Error(w, "the header "+header+" is missing", http.StatusBadRequest)
				return
			}
		}
		sum, ok := signature(r)
		if !ok {
			line(strangers.Warn(), r).Msg("delivery refused: the signature has another form")
			http.Error(w, "the signature must be sha256= and 64 hexadecimal digits", http.StatusBadRequest)
			return
		}
		body, signer, done, err := bodies.read(w, r, sum, in.Secrets)
		if err != nil {
			line(strangers.Warn(), r).Err(err).Int64("bytes", r.ContentLength).Msg("delivery refused")
			text, status := refusal(err)
			if status == http.StatusServiceUnavailable {
				w.Header().Set("Retry-After", "10")
			}
			http.Error(w, text, status)
			return
		}
		defer done()
		r.Body = io.NopCloser(bytes.NewReader(body))
		dispatchers[signer].ServeHTTP(w, r)
	})
}

// refusal is the answer to a body that was not read or not signed.
func refusal(err error) (text string, status int) {
	switch {
	case errors.Is(err, errTooLarge):
		return err.Error(), http.StatusRequestEntityTooLarge
	case errors.Is(err, errBusy):
		return err.Error() + "; try again later", http.StatusServiceUnavailable
	case errors.Is(err, errUnsigned):
		return err.Error(), http.StatusBadRequest
	}
	return "the body did not arrive", http.StatusBadRequest
}

// line begins a line of the log about a request.
func line(e *zerolog.Event, r *http.Request) *zerolog.Event {
	return e.Str("delivery", r.Header.Get(guidHeader)).Str("event", r.Header.Get(eventHeader))
}

func (in *Intake) refuse(w http.ResponseWriter, r *http.Request, err error) {
	_, invalid := errors.AsType[githubapp.ValidationError](err)
	_, unreadable := errors.AsType[*unreadableError](err)
	switch {
	case invalid:
		line(in.Log.Warn(), r).Msg("delivery refused: signature or headers are wrong")
		http.Error(w, "the signature or the headers are wrong", http.StatusBadRequest)
	case unreadable:
		line(in.Log.Warn(), r).Err(err).Msg("delivery refused: its payload is no event")
		http.Error(w, "the payload is no event", http.StatusBadRequest)
	default:
		// GitHub lists the delivery, and it is caught up with from there before anything newer is worked.
		in.behind.Store(true)
		line(in.Log.Error(), r).Err(err).Msg("delivery not stored")
		http.Error(w, "the delivery could not be stored", http.StatusServiceUnavailable)
	}
}

// Schedule writes the delivery to disk. go-githubapp calls it after the signature was checked.
func (in *Intake) Schedule(ctx context.Context, d githubapp.Dispatch) error {
	h, err := readHead(d.Payload)
	if err != nil {
		return err
	}
	in.pushed(d.EventType, h)
	delivery := h.delivery(d.DeliveryID, d.EventType, d.Payload, in.Clock())
	keep := in.Store.Deliver
	wanted, err := in.wanted(ctx, d.EventType, h)
	if err != nil {
		return err
	}
	if !wanted {
		keep = in.Store.Record
	}
	fresh, err := keep(ctx, delivery)
	if err != nil {
		return err
	}
	in.Log.Debug().Str("delivery", d.DeliveryID).Str("event", d.EventType).Str("action", h.Action).
		Str("repository", delivery.Repo).Bool("fresh", fresh).Bool("kept", wanted).Msg("delivery stored")
	return nil
}
