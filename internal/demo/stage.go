// Package demo is what the sandbox shows: repositories like those of real projects, whole releases of them as
// rehearsals with a look at where they end, and the stage on which the bot and the sandbox play in one process. Tests
// play on the same stage. Start reading at Stage.
package demo

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/app"
	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/goproxy"
	"github.com/slipway-dev/slipway/internal/registry"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/release/step"
)

// Stage is a sandbox and the bot in one process, joined by real HTTP on the loopback interface.
type Stage struct {
	Sandbox *sandbox.Server
	Bot     *app.Bot
	URL     string // of the sandbox
	BotURL  string
	Key     []byte // the App's private key, PEM
	clock   *Clock
	dir     string
	cancel  context.CancelFunc
	done    sync.WaitGroup // of the servers
	running sync.WaitGroup // of the bot
	servers []*http.Server
	runErr  error
	looked  int // how many deliveries resend has looked at

	o        StageOptions
	database string
	secret   string
}

// StageOptions are what a stage is made of.
type StageOptions struct {
	Listen string // of the sandbox; empty for a free port
	Clock  func() time.Time
	// GitHubClock is the sandbox's own; nil is Clock. TokenLife is that of its tokens.
	GitHubClock func() time.Time
	TokenLife   time.Duration
	Log         zerolog.Logger
	Seed        sandbox.Seed
	// Transport is what the bot's calls go through; nil is the default one.
	Transport http.RoundTripper
	// Front wraps the sandbox's handler; Hook wraps the bot's: tests record and disturb there.
	Front, Hook func(http.Handler) http.Handler
	// Page serves what neither API nor git is.
	Page func(s *Stage) http.Handler
	// Database is that of the bot; empty for a fresh SQLite file.
	Database string
	Poll     time.Duration
	Pace     github.Pace
	Retry    func(attempt int) time.Duration
	Announce step.Announcer
	// Gather and Pause are how long events wait for others, as in production; zero is not at all.
	Gather, Pause time.Duration
	// Leaps lets the clock move on where the bot would sleep before it asks GitHub again.
	Leaps bool
	// Longest is the longest wait that Settle moves the clock over; zero is 45 seconds. Where it is set, the bot's
	// calls move the clock as well in place of sleeping.
	Longest time.Duration
}

// Permissions and Events are those of deploy/app-manifest.json; a test holds them together.
var Permissions = map[string]string{
	"metadata": "read", "contents": "write", "issues": "write", "pull_requests": "write", "checks": "write",
	"statuses":       "read",
	"administration": "write", "members": "read", "actions": "write",
}

// Events are the webhooks that the App subscribes to.
var Events = []string{
	"issues", "issue_comment", "pull_request", "push", "create", "delete", "release", "milestone", "label", "check_run",
	"check_suite", "status", "workflow_run",
	"repository",
}

// key is the private key of the sandbox's App: made once a process, since it takes a while.
var key = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// Ground starts the sandbox alone. Close ends it and removes its files.
func Ground(ctx context.Context, o StageOptions) (*Stage, error) {
	private, err := key()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "slipway-sandbox-*")
	if err != nil {
		return nil, err
	}
	listen := o.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, errors.Join(fault(listen, err), os.RemoveAll(dir))
	}
	passing := NewClock(o.Clock)
	clock := o.GitHubClock
	if clock == nil {
		clock = passing.Now
	}
	st := &Stage{
		URL: "http://" + listener.Addr().String(), dir: dir, clock: passing,
		Key: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}),
	}
	st.Sandbox = sandbox.New(sandbox.Options{
		Dir: dir, URL: st.URL, Clock: clock, Log: o.Log, TokenLife: o.TokenLife, LagClock: passing.Now,
		App: sandbox.App{ID: 4711, Slug: "slipway", PublicKey: &private.PublicKey, Permissions: Permissions,
			Events: Events},
	})
	if err := st.Sandbox.Seed(ctx, o.Seed); err != nil {
		return nil, errors.Join(err, listener.Close(), st.Close())
	}
	front := st.Sandbox.Handler()
	if o.Front != nil {
		front = o.Front(front)
	}
	root := front
	if o.Page != nil {
		page := o.Page(st)
		root = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/v2/") ||
				strings.HasPrefix(r.URL.Path, sandbox.ProxyPath) || strings.Contains(r.URL.Path, ".git/") {
				front.ServeHTTP(w, r)
				return
			}
			page.ServeHTTP(w, r)
		})
	}
	st.serve(listener, root)
	return st, nil
}

func fault(listen string, err error) error {
	return fmt.Errorf("listen on %s: %w; is another sandbox running? give another address with --listen", listen, err)
}

// Open starts a stage: the sandbox, and the bot in it.
func Open(ctx context.Context, o StageOptions) (*Stage, error) {
	st, err := Ground(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := st.enter(ctx, o, func(*app.Bot) error { return nil }); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}

// enter brings the bot onto the stage. What has to be done to it before it works is done by before.
func (st *Stage) enter(ctx context.Context, o StageOptions, before func(*app.Bot) error) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	st.BotURL = "http://" + listener.Addr().String()
	secret := rand.Text()
	st.Sandbox.SetHook(sandbox.HookTarget{URL: "http://" + listener.Addr().String() + "/webhook", Secret: secret,
		Client: &http.Client{}})
	database := o.Database
	if database == "" {
		database = "sqlite:" + filepath.Join(st.dir, "slipway.db")
	}
	st.o, st.database, st.secret = o, database, secret
	bot, err := app.New(ctx, st.options())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	st.Bot = bot
	if err := before(bot); err != nil {
		return errors.Join(err, listener.Close())
	}
	hook := bot.Handler()
	if o.Hook != nil {
		hook = o.Hook(hook)
	}
	st.serve(listener, hook)
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	st.cancel = cancel
	st.running.Go(func() { st.runErr = bot.Run(running) })
	return nil
}

// options are those of a bot on the stage.
func (st *Stage) options() app.Options {
	o := st.o
	pace := o.Pace
	if pace == (github.Pace{}) {
		pace = github.Pace{PerMinute: 1_000_000, PerHour: 1_000_000} // the sandbox has no secondary limits to respect
	}
	var sleep func(context.Context, time.Duration) error
	if o.Leaps || o.Longest > 0 {
		sleep = st.clock.Sleep
	}
	return app.Options{
		AppID: 4711, PrivateKey: st.Key, WebhookSecrets: []string{st.secret}, V3URL: st.URL +
			"/api/v3/", Database: st.database, Clock: st.clock.Now,
		Log: o.Log, Poll: o.Poll, Pace: pace, Transport: o.Transport, Queue: 2 * time.Millisecond, Retry: o.Retry,
		Announce: o.Announce, Sleep: sleep,
		Modules: goproxy.Client{URL: st.URL + sandbox.ProxyPath, HTTP: &http.Client{Transport: o.Transport}},
		Images: registry.Client{
			Transport: sandbox.Registries(st.URL, o.Transport), Registries: registry.Public(),
		},
		Copies: conversation.NewCopies(st.RecoveryKeys()),
		Gather: o.Gather, Pause: o.Pause,
	}
}

// Join lets a second bot work on the database of the first, which takes the webhooks, until stop is called.
func (st *Stage) Join(ctx context.Context) (stop func() error, err error) {
	bot, err := app.New(ctx, st.options())
	if err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- bot.Run(running) }()
	return func() error {
		cancel()
		return errors.Join(<-ended, bot.Close())
	}, nil
}

// RecoveryKeys sign the copies of logs in the sandbox, where nothing is secret.
func (*Stage) RecoveryKeys() []string {
	return []string{"the recovery key of the sandbox is no secret"}
}

func (st *Stage) serve(listener net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	st.servers = append(st.servers, server)
	st.done.Go(func() { _ = server.Serve(listener) })
}

// Leap moves the clock of the stage on.
func (st *Stage) Leap(d time.Duration) {
	st.clock.Leap(d)
	st.Bot.Store.Poke()
}

// Now is the time of the stage.
func (st *Stage) Now() time.Time { return st.clock.Now() }

// Settle waits until every webhook was delivered and every job is done, those that failed and are tried again too, and
// those that wait for a moment.
func (st *Stage) Settle(ctx context.Context) error {
	for {
		st.Sandbox.Flush()
		if err := st.clock.Rest(ctx, st.Bot.Store, st.o.Longest); err != nil {
			return err
		}
		st.Sandbox.Flush()
		rests, err := st.Bot.Store.Idle(ctx)
		if err != nil {
			return err
		}
		// A job that came and went since the flush may have made another webhook; one whose answer was lost is sent
		// again.
		if rests && !st.Sandbox.Busy() && !st.resend() {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// resend sends the deliveries again that got no answer at all, each once: under load a connection may end before it.
func (st *Stage) resend() bool {
	again := false
	for _, d := range st.Sandbox.Delivered()[st.looked:] {
		if st.looked++; d.Status == 0 {
			st.Sandbox.Redeliver(d.ID)
			again = true
		}
	}
	return again
}

// Close drains the bot, stops the servers, and removes the files.
func (st *Stage) Close() error {
	if st.cancel != nil {
		st.cancel()
	}
	for _, server := range st.servers {
		_ = server.Close()
	}
	st.running.Wait()
	st.done.Wait()
	err := errors.Join(st.runErr, st.Sandbox.Close())
	if st.Bot != nil {
		err = errors.Join(err, st.Bot.Close())
	}
	return errors.Join(err, os.RemoveAll(st.dir))
}
