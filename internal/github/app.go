// Package github is the one door to GitHub: every call of Slipway to the API passes here, through one transport
// that caches, paces, waits and retries, and comes back as a value of release/step or an error in a sentence.
package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/release/step"
)

// Pace bounds the calls that create or change something, per installation. Zero means what GitHub documents as
// its own secondary limit for content: 80 a minute, 500 an hour.
type Pace struct {
	PerMinute, PerHour int
	// Gap is the least time between two of them. GitHub advises a second, which suits whoever is not in a hurry; 0 is none.
	Gap time.Duration
}

// Config is what an App needs.
type Config struct {
	AppID int64
	// PrivateKey is the PEM of the App's key. It appears in no error and no log.
	PrivateKey []byte
	// V3URL is the root of the REST API: https://api.github.com/.
	V3URL     string
	UserAgent string
	// Clock tells the time; nil is time.Now.
	Clock func() time.Time
	Log   zerolog.Logger
	// Transport makes the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
	Pace      Pace
	// Patience is the longest wait that a call sleeps, for the pace or for a rate limit; a longer one comes back as
	// Limited. 0 is half a minute.
	Patience time.Duration
	// Sleep waits for d or until ctx ends, and then returns its error; nil is a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// App is Slipway as GitHub knows it: it speaks for itself, and opens a door for each installation.
type App struct {
	config  Config
	creator githubapp.ClientCreator
	self    *door

	mu    sync.Mutex
	doors map[int64]*door
}

// New checks the configuration and the key; it makes no request.
func New(c Config) (*App, error) {
	if c.AppID <= 0 {
		return nil, errors.New("open GitHub: the App id is missing")
	}
	base, err := url.Parse(c.V3URL)
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") {
		return nil, fmt.Errorf("open GitHub: %q is not the URL of an API", c.V3URL)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = timerSleep
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	if c.Pace.PerMinute <= 0 {
		c.Pace.PerMinute = 80
	}
	if c.Pace.PerHour <= 0 {
		c.Pace.PerHour = 500
	}
	if c.Patience <= 0 {
		c.Patience = 30 * time.Second
	}
	if c.UserAgent == "" {
		c.UserAgent = "slipway"
	}
	a := &App{config: c, doors: map[int64]*door{}}
	// The creator runs the middleware once per client, so that each installation has a cache and a pacer of its own.
	a.creator = githubapp.NewClientCreator(c.V3URL, "", c.AppID, c.PrivateKey,
		githubapp.WithClientUserAgent(c.UserAgent),
		githubapp.WithTransport(c.Transport),
		githubapp.WithClientMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return newChain(c, base.Host, next)
		}))
	client, err := a.creator.NewAppClient()
	if err != nil {
		// The library's error may quote what it could not parse: the key stays out of it.
		return nil, errors.New("open GitHub: the private key is not a PEM of an RSA key")
	}
	a.self = newDoor(c.AppID, client, nil)
	return a, nil
}

// Installation is the door of one installation, the same one each time: its cache and its pacer are shared by all.
func (a *App) Installation(id int64) step.GitHub {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d, ok := a.doors[id]; ok {
		return d
	}
	client, err := a.creator.NewInstallationClient(id)
	d := newDoor(a.config.AppID, client, err)
	a.doors[id] = d
	return d
}

// Self is the App's own id and slug, as GitHub gives them for the key.
func (a *App) Self(ctx context.Context) (id int64, slug string, err error) {
	var app struct {
		ID   int64  `json:"id"`
		Slug string `json:"slug"`
	}
	if err := a.self.get(ctx, "read the App", "app", &app); err != nil {
		return 0, "", err
	}
	return app.ID, app.Slug, nil
}

// Delivery is a webhook delivery in GitHub's own log, which goes back three days.
type Delivery struct {
	ID          int64
	GUID, Event string
	DeliveredAt time.Time
	StatusCode  int // what we answered; 0 when GitHub reached nobody
	Redelivery  bool
}

// Deliveries lists the newest deliveries, newest first, at most limit of them.
func (a *App) Deliveries(ctx context.Context, limit int) ([]Delivery, error) {
	type delivery struct {
		ID          int64     `json:"id"`
		GUID        string    `json:"guid"`
		Event       string    `json:"event"`
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
			if len(list) == limit {
				return list, nil
			}
			list = append(list, Delivery(d))
		}
		if len(list) >= limit {
			return list, nil
		}
	}
	return list, nil
}

// Redeliver asks GitHub to send a delivery once more.
func (a *App) Redeliver(ctx context.Context, id int64) error {
	what := fmt.Sprintf("redeliver webhook delivery %d", id)
	return a.self.call(ctx, what, http.MethodPost, fmt.Sprintf("app/hook/deliveries/%d/attempts", id), nil, nil)
}

func timerSleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// escape makes one path segment of any text. GitHub takes a "+" literally, proxies do not always: it is escaped too.
func escape(s string) string { return strings.ReplaceAll(url.PathEscape(s), "+", "%2B") }

// escapePath escapes the segments of a ref or a file path, and leaves the slashes between them.
func escapePath(s string) string {
	parts := strings.Split(s, "/")
	for i, p := range parts {
		parts[i] = escape(p)
	}
	return strings.Join(parts, "/")
}
