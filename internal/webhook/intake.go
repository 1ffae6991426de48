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

// MaxBody is the largest body that GitHub sends (docs.github.com, Webhook events and payloads: 25 MB).
const MaxBody = 25 << 20

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

// Handler is the HTTP intake: what is no delivery is refused before its body is read, the size is limited, the
// signature is checked, the delivery goes to disk, and then GitHub gets its 202.
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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, header := range []string{guidHeader, eventHeader, github.SHA256SignatureHeader} {
			if r.Header.Get(header) == "" {
				in.line(in.Log.Warn(), r).Str("header", header).Msg("delivery refused: a header is missing")
				http.Error(w, "the header "+header+" is missing", http.StatusBadRequest)
				return
			}
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
		if err != nil {
			in.unread(w, r, err)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		dispatchers[in.signer(r, body)].ServeHTTP(w, r)
	})
}

// line begins a line of the log about a request.
func (in *Intake) line(e *zerolog.Event, r *http.Request) *zerolog.Event {
	return e.Str("delivery", r.Header.Get(guidHeader)).Str("event", r.Header.Get(eventHeader))
}

// unread answers a request whose body could not be read.
func (in *Intake) unread(w http.ResponseWriter, r *http.Request, err error) {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		in.line(in.Log.Warn(), r).Msg("delivery refused: the body is larger than 25 MiB")
		http.Error(w, "the body is larger than 25 MiB", http.StatusRequestEntityTooLarge)
		return
	}
	in.line(in.Log.Info(), r).Err(err).Msg("delivery refused: the body did not arrive")
	http.Error(w, "the body did not arrive", http.StatusBadRequest)
}

// signer is the number of the secret that signed the body; one that none signed goes to the first, which refuses it.
func (in *Intake) signer(r *http.Request, body []byte) int {
	signature := r.Header.Get(github.SHA256SignatureHeader)
	for i, secret := range in.Secrets {
		if github.ValidateSignature(signature, body, []byte(secret)) == nil {
			return i
		}
	}
	return 0
}

func (in *Intake) refuse(w http.ResponseWriter, r *http.Request, err error) {
	_, invalid := errors.AsType[githubapp.ValidationError](err)
	_, unreadable := errors.AsType[*unreadableError](err)
	switch {
	case invalid:
		in.line(in.Log.Warn(), r).Msg("delivery refused: signature or headers are wrong")
		http.Error(w, "the signature or the headers are wrong", http.StatusBadRequest)
	case unreadable:
		in.line(in.Log.Warn(), r).Err(err).Msg("delivery refused: its payload is no event")
		http.Error(w, "the payload is no event", http.StatusBadRequest)
	default:
		// GitHub lists the delivery, and it is caught up with from there before anything newer is worked.
		in.behind.Store(true)
		in.line(in.Log.Error(), r).Err(err).Msg("delivery not stored")
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
