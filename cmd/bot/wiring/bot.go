// Package wiring puts the rooms of the house together: it is the only place that knows them all. main, the
// rehearsals and the tests run the same bot through it.
package wiring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/handlers"
	"github.com/slipway-dev/slipway/internal/engine"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/inbox"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/internal/tracker"
	"github.com/slipway-dev/slipway/release/step"
)

// Options are what a bot is made of.
type Options struct {
	AppID          int64
	PrivateKey     []byte
	WebhookSecrets []string
	V3URL          string
	Database       string
	DefaultProcess string
	Poll           time.Duration // of waiting releases
	Calm           time.Duration // how long reports wait for more to happen
	Pace           github.Pace
	Clock          func() time.Time
	Log            zerolog.Logger
	Transport      http.RoundTripper // below everything; nil is the default one
	Announce       step.Announcer    // nil for no channels
	Modules        step.ModuleProxy  // nil for none
	Images         step.Images       // nil for no registries
	// Queue is how often the job queue looks, Retry how long a failed job waits; zero values suit production.
	Queue time.Duration
	Retry func(attempt int) time.Duration
}

// Bot is the running App.
type Bot struct {
	Store   *store.Store
	Engine  *engine.Engine
	Tracker *tracker.Tracker
	GitHub  *github.App
	inbox   *inbox.Inbox
	o       Options
}

// New opens the database and makes the clients. It asks GitHub who it is, so a wrong key is found at once.
func New(ctx context.Context, o Options) (*Bot, error) {
	gh, err := github.New(github.Config{
		AppID: o.AppID, PrivateKey: o.PrivateKey, V3URL: o.V3URL, UserAgent: "slipway", Clock: o.Clock, Log: o.Log, Transport: o.Transport, Pace: o.Pace,
	})
	if err != nil {
		return nil, err
	}
	id, slug, err := gh.Self(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask GitHub at %s who App %d is: %w", o.V3URL, o.AppID, err)
	}
	db, err := store.Open(ctx, o.Database, store.Options{Clock: o.Clock, Log: o.Log, Poll: o.Queue, Retry: o.Retry})
	if err != nil {
		return nil, err
	}
	e := &engine.Engine{Store: db, GitHub: gh.Installation, Default: o.DefaultProcess, Clock: o.Clock, Log: o.Log, AppID: id, AppSlug: slug, Announce: o.Announce, Modules: o.Modules, Images: o.Images}
	t := &tracker.Tracker{Store: db, GitHub: gh.Installation, Clock: o.Clock, Log: o.Log, AppSlug: slug, Calm: o.Calm}
	return &Bot{
		Store: db, Engine: e, Tracker: t, GitHub: gh, o: o,
		inbox: &inbox.Inbox{Store: db, Handlers: handlers.All(e, t), Secrets: o.WebhookSecrets, Self: slug + "[bot]", Clock: o.Clock, Log: o.Log},
	}, nil
}

// Handler is the HTTP side: GitHub's webhooks, and the two questions of an operator.
func (b *Bot) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /webhook", b.inbox.Handler())
	mux.Handle("GET /api/v1/", b.Tracker.API(b.GitHub.FindInstallation))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, map[string]any{"alive": true}) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		if err := b.Store.Ping(ctx); err != nil {
			b.o.Log.Error().Err(err).Msg("not ready")
			answer(w, http.StatusServiceUnavailable, map[string]any{"ready": false, "why": "the database does not answer"})
			return
		}
		pending, err := b.Store.Pending(ctx)
		answer(w, http.StatusOK, map[string]any{"ready": err == nil, "pending_jobs": pending})
	})
	return mux
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// Run works the queue until ctx ends, then lets the running jobs finish.
func (b *Bot) Run(ctx context.Context) error {
	if b.o.Poll > 0 {
		go b.poll(ctx)
	}
	return b.Store.Run(ctx, b.work)
}

func (b *Bot) work(ctx context.Context, job store.Job) error {
	var err error
	switch job.Kind {
	case store.KindDelivery:
		err = b.inbox.Work(ctx, job.Key)
	case store.KindLog:
		if tracker.Owns(job.Key) {
			err = b.Tracker.Work(ctx, job.Key)
		} else {
			err = b.Engine.Advance(ctx, job.Key)
		}
	}
	var later store.Later
	if errors.As(err, &later) {
		return later
	}
	var limited *github.Limited
	if errors.As(err, &limited) {
		return store.Later{At: limited.Until}
	}
	if err != nil {
		b.o.Log.Warn().Err(err).Str("job", job.Kind).Str("key", job.Key).Int("attempt", job.Attempt).Msg("job failed, and is tried again")
	}
	return err
}

// poll looks at what waits, and fetches deliveries that never came: GitHub does not send a failed one again by itself.
func (b *Bot) poll(ctx context.Context) {
	ticker := time.NewTicker(b.o.Poll)
	defer ticker.Stop()
	for {
		if err := b.Reconcile(ctx); err != nil && ctx.Err() == nil {
			b.o.Log.Warn().Err(err).Msg("deliveries not compared with GitHub's list")
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := errors.Join(b.Engine.WakeAll(ctx), b.Tracker.Wake(ctx, "")); err != nil && ctx.Err() == nil {
				b.o.Log.Warn().Err(err).Msg("waiting releases not woken")
			}
		}
	}
}

// Reconcile compares GitHub's list of deliveries with the inbox, and asks again for those that are missing. It reads
// back until a whole page is known: all that is older was compared before.
func (b *Bot) Reconcile(ctx context.Context) error {
	asked := map[string]bool{}
	for page, err := range b.GitHub.Deliveries(ctx) {
		if err != nil {
			return err
		}
		missed, err := b.missed(ctx, page)
		if err != nil || len(missed) == 0 {
			return err
		}
		for _, d := range missed {
			if asked[d.GUID] {
				continue
			}
			asked[d.GUID] = true
			if err := b.GitHub.Redeliver(ctx, d.ID); err != nil {
				return err
			}
			b.o.Log.Info().Str("delivery", d.GUID).Str("event", d.Event).Msg("missed delivery asked for again")
		}
	}
	return nil
}

// missed are the deliveries of a page that the inbox should have and has not. GitHub also sends events that nobody
// handles, and one whose signature was refused is refused again.
func (b *Bot) missed(ctx context.Context, page []github.Delivery) ([]github.Delivery, error) {
	guids := make([]string, len(page))
	for i, d := range page {
		guids[i] = d.GUID
	}
	seen, err := b.Store.Seen(ctx, guids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(page), func(d github.Delivery) bool {
		return seen[d.GUID] || d.StatusCode == http.StatusBadRequest || !b.inbox.Takes(d.Event)
	}), nil
}

// Rests says that nothing is to be done now, and nothing has failed that will be tried again.
func (b *Bot) Rests(ctx context.Context) (bool, error) {
	idle, err := b.Store.Idle(ctx)
	if err != nil || !idle {
		return false, err
	}
	troubles, err := b.Store.Troubles(ctx)
	return len(troubles) == 0, err
}

// Rest waits until it does.
func (b *Bot) Rest(ctx context.Context) error {
	for {
		if err := b.Store.Wait(ctx); err != nil {
			return err
		}
		rests, err := b.Rests(ctx)
		if err != nil || rests {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		runtime.Gosched()
	}
}

// Close closes the database.
func (b *Bot) Close() error { return b.Store.Close() }
