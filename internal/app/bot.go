// Package app is what `serve` is made of: it joins the packages, and imports them all. The command line, the sandbox
// and the tests run the same bot through it.
package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/handlers"
	"github.com/slipway-dev/slipway/internal/clients"
	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/engine"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/patches"
	"github.com/slipway-dev/slipway/internal/review"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/internal/webhook"
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
	Poll           time.Duration        // of waiting releases
	Pause          time.Duration        // how long reports wait for more to happen
	Gather         time.Duration        // how long an event waits for others that belong to it
	Copies         *conversation.Copies // signs the copies of logs; nil keeps none
	Pace           github.Pace
	Clock          func() time.Time
	Log            zerolog.Logger
	Transport      http.RoundTripper // below everything; nil is the default one
	Announce       step.Announcer    // nil for no channels
	Modules        step.ModuleProxy  // nil for none
	Images         step.Images       // nil for no registries
	// APIPerMinute is how often each client may ask the API, 0 for without bound, and Proxies are those whose word on who
	// asks is believed.
	APIPerMinute int
	Proxies      []netip.Prefix
	// Queue is how often the job queue looks, Retry how long a failed job waits; zero values suit production.
	Queue time.Duration
	Retry func(attempt int) time.Duration
	// Sleep waits between two tries of a read; nil is a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Bot is the running App.
type Bot struct {
	Store        *store.Store
	Conversation *conversation.Conversation
	Engine       *engine.Engine
	Patches      *patches.Patches
	Review       *review.Review
	GitHub       *github.App
	intake       *webhook.Intake
	catchUp      *webhook.CatchUp
	groups       sync.Map // the installation of a repository, by its id
	o            Options
}

// New opens the database and makes the clients. It asks GitHub who it is, so a wrong key is found at once.
func New(ctx context.Context, o Options) (*Bot, error) {
	gh, err := github.New(github.Config{
		AppID: o.AppID, PrivateKey: o.PrivateKey, V3URL: o.V3URL, UserAgent: "slipway", Clock: o.Clock, Log: o.Log,
		Transport: o.Transport, Pace: o.Pace, Sleep: o.Sleep,
	})
	if err != nil {
		return nil, err
	}
	id, slug, err := gh.Self(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask GitHub at %s who App %d is: %w", o.V3URL, o.AppID, err)
	}
	b := &Bot{GitHub: gh, o: o}
	db, err := store.Open(ctx, o.Database, store.Options{
		Clock: o.Clock, Log: o.Log, Poll: o.Queue, Retry: o.Retry, Workers: workers, Group: b.group,
		PerGroup: workers / 2,
	})
	if err != nil {
		return nil, err
	}
	b.Store = db
	b.Engine = &engine.Engine{
		Store: db, Default: o.DefaultProcess, Clock: o.Clock, Log: o.Log, AppID: id, AppSlug: slug,
		Announce: o.Announce, Modules: o.Modules, Images: o.Images, Gather: o.Gather, Apps: gh,
	}
	b.Conversation = &conversation.Conversation{
		Store: db, GitHub: gh.Client, Clock: o.Clock, Log: o.Log, AppSlug: slug, Releases: b.Engine,
		Copies: o.Copies,
	}
	b.Patches = &patches.Patches{
		Store: db, GitHub: gh.Client, Clock: o.Clock, Log: o.Log, AppSlug: slug, Pause: o.Pause, Gather: o.Gather,
		Conversation: b.Conversation, Apps: gh,
	}
	b.Review = &review.Review{
		Store: db, GitHub: gh.Client, Clock: o.Clock, Log: o.Log, AppID: id, Gather: o.Gather,
		Conversation: b.Conversation, Releases: b.Engine,
	}
	b.Conversation.Table = slices.Concat(b.Engine.Commands(), b.Patches.Commands())
	return b, b.listen(slug)
}

// listen makes what takes GitHub's webhooks.
func (b *Bot) listen(slug string) error {
	b.Conversation.Reach = func(ctx context.Context, repo store.Repository) (store.Repository, error) {
		var err error
		repo.Installation, err = b.GitHub.FindInstallation(ctx, repo.Name)
		return repo, err
	}
	b.intake = &webhook.Intake{
		Store: b.Store, Repositories: b.Conversation, Secrets: b.o.WebhookSecrets, Self: slug +
			"[bot]", Clock: b.o.Clock, Log: b.o.Log,
		Pushed: b.Patches.Pushed,
		Handlers: handlers.All(handlers.Base{Conversation: b.Conversation, Releases: b.Engine, Patches: b.Patches,
			Reviews: b.Review, Tokens: b.GitHub}),
	}
	b.catchUp = &webhook.CatchUp{
		Store: b.Store, GitHub: b.GitHub, Intake: b.intake, Lost: b.Conversation, Clock: b.o.Clock, Log: b.o.Log,
	}
	return nil
}

// workers is how many jobs run at a time. Half of them at most work for one installation: it may be slow.
const workers = 16

// group is the installation for which a job works, as far as it is known without looking.
func (b *Bot) group(j store.Job) string {
	_, repo, _, _ := Subject(j)
	if known, ok := b.groups.Load(repo); ok {
		return known.(string)
	}
	return ""
}

// learn keeps the installation of a repository for group.
func (b *Bot) learn(ctx context.Context, j store.Job) {
	_, repo, _, found := Subject(j)
	if _, known := b.groups.Load(repo); known || !found {
		return
	}
	if r, found, err := b.Store.Repository(ctx, repo); err == nil && found {
		b.groups.Store(repo, strconv.FormatInt(r.Installation, 10))
	}
}

// Handler is the HTTP side: GitHub's webhooks, and the two questions of an operator.
func (b *Bot) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /webhook", b.intake.Handler())
	api := b.Patches.API()
	if b.o.APIPerMinute > 0 {
		limit := &clients.Limit{PerMinute: b.o.APIPerMinute, Proxies: b.o.Proxies, Clock: b.o.Clock}
		api = limit.Handler(api)
	}
	mux.Handle("GET /api/v1/", api)
	mux.HandleFunc("GET /healthz",
		func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, map[string]any{"alive": true}) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		if err := b.Store.Ping(ctx); err != nil {
			b.o.Log.Error().Err(err).Msg("not ready")
			answer(w, http.StatusServiceUnavailable,
				map[string]any{"ready": false, "why": "the database does not take what is written"})
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

// catchUpAtStart is how long the queue waits at a start for what was missed to be found.
const catchUpAtStart = 30 * time.Second

// Run works the queue until ctx ends, then lets the running jobs finish. What was missed while nothing ran is looked
// for first, so that it is worked before what came later.
func (b *Bot) Run(ctx context.Context) error {
	first, cancel := context.WithTimeout(ctx, catchUpAtStart)
	if err := b.CatchUp(first); err != nil && ctx.Err() == nil {
		b.o.Log.Warn().Err(err).Msg("deliveries not compared with GitHub's list")
	}
	cancel()
	if b.o.Poll > 0 {
		go b.poll(ctx)
	}
	return b.Store.Run(ctx, b.work)
}

// work does one job. What fails is logged here, once.
func (b *Bot) work(ctx context.Context, job store.Job) error {
	if job.Kind == store.KindIssue {
		if err := b.catchUp.Due(ctx); err != nil {
			return err
		}
	}
	b.learn(ctx, job)
	var err error
	switch job.Kind {
	case store.KindDelivery:
		err = b.intake.Work(ctx, job.Key)
	case store.KindIssue:
		err = b.Conversation.Work(ctx, job)
	case review.Kind:
		err = b.Review.Work(ctx, job)
	default:
		err = b.Patches.Work(ctx, job)
	}
	return b.outcome(job, err)
}

// outcome turns what a job answered into when it goes on.
func (b *Bot) outcome(job store.Job, err error) error {
	if err == nil {
		return nil
	}
	if later, ok := errors.AsType[store.Later](err); ok {
		return later
	}
	if at, ok := github.Until(err); ok {
		return store.Later{At: at}
	}
	log := b.o.Log.Warn().Err(err).Str("job", job.Kind).Str("key", job.Key).Int("attempt", job.Attempt)
	_, gaveUp := errors.AsType[store.GiveUp](err)
	if gaveUp || github.Final(err) {
		log.Msg("job failed for good; bot jobs lists it")
		return store.GiveUp{Err: err}
	}
	log.Msg("job failed, and is tried again")
	return err
}

// poll looks at what waits, and fetches deliveries that never came: GitHub does not send a failed one again by itself.
func (b *Bot) poll(ctx context.Context) {
	ticker := time.NewTicker(b.o.Poll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := b.Look(ctx); err != nil && ctx.Err() == nil {
				b.o.Log.Warn().Err(err).Msg("not everything was looked at")
			}
		}
	}
}

// Look is one poll: what waits looks again, and what never came is fetched.
func (b *Bot) Look(ctx context.Context) error {
	b.Conversation.Poll()
	return errors.Join(b.CatchUp(ctx), b.Engine.Wake(ctx, 0), b.Patches.Wake(ctx, 0))
}

// CatchUp fetches the deliveries that GitHub lists and that never came here.
func (b *Bot) CatchUp(ctx context.Context) error {
	return b.catchUp.Run(ctx)
}

// Close closes the database.
func (b *Bot) Close() error { return b.Store.Close() }
