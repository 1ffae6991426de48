package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	rungroup "github.com/oklog/run"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/announce"
	"github.com/slipway-dev/slipway/internal/app"
	"github.com/slipway-dev/slipway/internal/config"
	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/goproxy"
	"github.com/slipway-dev/slipway/internal/outbound"
	"github.com/slipway-dev/slipway/internal/registry"
	"github.com/slipway-dev/slipway/release/step"
)

type serveCommand struct {
	Config string `help:"The configuration file. Default: the environment." env:"SLIPWAY_CONFIG" type:"path"`
}

// drain is how long requests and jobs that are under way may take after SIGTERM.
const drain = 30 * time.Second

// gather is how long an event waits for others that belong to it.
const gather = 2 * time.Second

func (c serveCommand) Run(s *streams) error {
	cfg, private, err := configuration(s, c.Config)
	if err != nil {
		return err
	}
	log := logger(s, cfg)
	if len(cfg.Recovery.Keys) == 0 {
		log.Warn().Msg("no recovery keys are configured: no copies of logs are kept on GitHub, and bot recover " +
			"cannot work")
	}
	bot, err := app.New(s.ctx, app.Options{
		AppID: cfg.GitHub.AppID, PrivateKey: private, WebhookSecrets: cfg.GitHub.WebhookSecrets, V3URL: cfg.GitHub.API,
		Database:       cfg.Database,
		DefaultProcess: cfg.DefaultProcess, Poll: cfg.PollEvery(), Gather: gather, Pause: time.Minute,
		Pace:  github.Pace{PerMinute: cfg.Pace.PerMinute, PerHour: cfg.Pace.PerHour},
		Clock: time.Now, Log: log, Announce: channels(cfg),
		APIPerMinute: cfg.API.PerMinute, Proxies: cfg.API.Networks(),
		Modules: modules(s, cfg), Images: images(s, cfg), Copies: conversation.NewCopies(cfg.Recovery.Keys),
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return errors.Join(err, bot.Close())
	}
	log.Info().Str("address", listener.Addr().String()).Str("version", version).Msg("listening")
	return errors.Join(serve(s.ctx, bot, listener, log), bot.Close())
}

// modules is the module proxy of the configuration.
func modules(s *streams, cfg config.Config) step.ModuleProxy {
	at, err := url.Parse(cfg.ModuleProxy)
	if cfg.ModuleProxy == config.NoModuleProxy || err != nil {
		return nil
	}
	// The operator named this host; where it redirects to was named by nobody.
	dialer := outbound.Dialer{Internal: append(slices.Clone(cfg.InternalHosts), at.Hostname())}
	return goproxy.Client{URL: cfg.ModuleProxy, HTTP: &http.Client{Transport: dialer.Transport(s.environment)}}
}

// images asks the registries of the configuration.
func images(s *streams, cfg config.Config) step.Images {
	dialer := outbound.Dialer{Internal: cfg.InternalHosts}
	return registry.Client{Transport: dialer.Transport(s.environment), Registries: cfg.Registries}
}

// channels are those of the configuration.
func channels(cfg config.Config) announce.Channels {
	out := announce.Channels{Client: &http.Client{}}
	for _, c := range cfg.Channels {
		out.List = append(out.List, announce.Channel{
			Name: c.Name, Kind: c.Kind, Repos: c.Repos, URL: c.URL, Secret: c.Secret,
			Mail: announce.Mail{Server: c.Server, User: c.User, Password: c.Password, From: c.From, To: c.To},
		})
	}
	return out
}

// serve runs the server and the queue until one of them or the process ends; then both are drained, the server first,
// so that no delivery is taken that cannot be stored.
func serve(ctx context.Context, bot *app.Bot, listener net.Listener, log zerolog.Logger) error {
	server := app.NewServer(bot.Handler())
	var group rungroup.Group
	signalled, stopSignal := context.WithCancel(ctx)
	group.Add(func() error { <-signalled.Done(); return nil }, func(error) { stopSignal() })
	group.Add(func() error { return server.Serve(listener) }, func(error) {
		last, cancel := context.WithTimeout(context.Background(), drain)
		defer cancel()
		_ = server.Shutdown(last)
	})
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	group.Add(func() error { return bot.Run(working) }, func(error) { stop() })
	err := group.Run()
	log.Info().Msg("drained")
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
