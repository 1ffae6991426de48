// Package github is the one door to GitHub: go-githubapp's clients on ghinstallation, with conditional requests, one
// pacer for everything that creates content, and GitHub's limits obeyed. Nothing else in the house knows go-github.
package github

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/google/go-github/v62/github"
	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/release/step"
)

// Config is who we are and where GitHub is.
type Config struct {
	AppID      int64
	PrivateKey []byte
	// V3URL is https://api.github.com/ or https://HOST/api/v3/, with the last slash.
	V3URL     string
	UserAgent string
	Clock     func() time.Time
	Log       zerolog.Logger
	// Transport is below everything else; nil is the default one.
	Transport http.RoundTripper
	Pace      Pace
	// Sleep waits; nil uses a timer. Tests give their own.
	Sleep func(ctx context.Context, d time.Duration) error
}

// App is the App at GitHub.
type App struct {
	creator githubapp.ClientCreator
	doors   map[int64]step.GitHub
	mu      sync.Mutex
}

// New makes the clients.
func New(c Config) (*App, error) {
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	chain := newChain(c)
	creator := githubapp.NewClientCreator(c.V3URL, c.V3URL+"graphql", c.AppID, c.PrivateKey,
		githubapp.WithClientUserAgent(c.UserAgent),
		githubapp.WithTransport(c.Transport),
		githubapp.WithClientMiddleware(func(next http.RoundTripper) http.RoundTripper { return chain.around(next) }),
	)
	if _, err := creator.NewAppClient(); err != nil {
		return nil, fmt.Errorf("make the App's client: %w", err)
	}
	return &App{creator: creator, doors: map[int64]step.GitHub{}}, nil
}

// Installation is GitHub as one installation may use it. Its client, and with it its token, is kept.
func (a *App) Installation(id int64) step.GitHub {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d, ok := a.doors[id]; ok {
		return d
	}
	client, err := a.creator.NewInstallationClient(id)
	d := &door{gh: client, broken: err}
	a.doors[id] = d
	return d
}

// Self is the App's id and slug; its user is SLUG[bot].
func (a *App) Self(ctx context.Context) (id int64, slug string, err error) {
	client, err := a.creator.NewAppClient()
	if err != nil {
		return 0, "", err
	}
	app, _, err := client.Apps.Get(ctx, "")
	if err != nil {
		return 0, "", fail("look at the App", err)
	}
	return app.GetID(), app.GetSlug(), nil
}

// Delivery is a webhook as GitHub remembers it.
type Delivery struct {
	ID          int64
	GUID, Event string
	DeliveredAt time.Time
	StatusCode  int
	Redelivery  bool
}

// Deliveries lists the newest deliveries, newest first.
func (a *App) Deliveries(ctx context.Context, limit int) ([]Delivery, error) {
	client, err := a.creator.NewAppClient()
	if err != nil {
		return nil, err
	}
	list, _, err := client.Apps.ListHookDeliveries(ctx, &github.ListCursorOptions{PerPage: limit})
	if err != nil {
		return nil, fail("list the deliveries", err)
	}
	out := make([]Delivery, len(list))
	for i, d := range list {
		out[i] = Delivery{ID: d.GetID(), GUID: d.GetGUID(), Event: d.GetEvent(), DeliveredAt: d.GetDeliveredAt().Time, StatusCode: d.GetStatusCode(), Redelivery: d.GetRedelivery()}
	}
	return out, nil
}

// Redeliver asks GitHub to send a delivery again.
func (a *App) Redeliver(ctx context.Context, id int64) error {
	client, err := a.creator.NewAppClient()
	if err != nil {
		return err
	}
	_, resp, err := client.Apps.RedeliverHookDelivery(ctx, id)
	if resp != nil && resp.StatusCode == http.StatusAccepted {
		return nil
	}
	return fail("ask for a delivery again", err)
}
