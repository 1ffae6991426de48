// Package github is the only client of GitHub: every call of Slipway to the API passes here, through one transport
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
	"sync/atomic"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/golang-jwt/jwt/v4"
	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"
)

// Pace bounds the calls that create or change something, per installation. Zero means what GitHub documents as
// its own secondary limit for content: 80 a minute, 500 an hour.
type Pace struct {
	PerMinute, PerHour int
	// Gap is the least time between two of them. GitHub advises a second, which suits whoever is not in a hurry; 0 is
	// none.
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
	// Limited, so that it is waited for in the queue and no worker sleeps. 0 is five seconds.
	Patience time.Duration
	// Sleep waits for d or until ctx ends, and then returns its error; nil is a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// App is Slipway as GitHub knows it: it speaks for itself, and has a client for each installation.
type App struct {
	config  Config
	creator githubapp.ClientCreator
	cache   *cache
	self    *client
	base    *url.URL
	signer  ghinstallation.Signer
	made    atomic.Int64 // numbers those whose answers are kept apart

	mu       sync.Mutex
	clients  clients
	accounts map[int64]account // by installation
	readers  map[string]int64  // by installation and repositories
	seen     map[sight]seen    // what names led to
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
		c.Patience = 5 * time.Second
	}
	if c.UserAgent == "" {
		c.UserAgent = "slipway"
	}
	key, err := jwt.ParseRSAPrivateKeyFromPEM(c.PrivateKey)
	if err != nil {
		// The library's error may quote what it could not parse: the key stays out of it.
		return nil, errors.New("open GitHub: the private key is not a PEM of an RSA key")
	}
	if !strings.HasSuffix(base.Path, "/") {
		base.Path += "/"
	}
	a := &App{
		config: c, cache: newCache(cacheEntries, cacheBytes), base: base,
		signer: ghinstallation.NewRSASigner(jwt.SigningMethodRS256, key), clients: newClients(),
		accounts: map[int64]account{}, readers: map[string]int64{}, seen: map[sight]seen{},
	}
	a.creator = githubapp.NewClientCreator(c.V3URL, "", c.AppID, c.PrivateKey,
		githubapp.WithClientUserAgent(c.UserAgent),
		githubapp.WithTransport(c.Transport),
		githubapp.WithClientMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return newChain(c, a.made.Add(1), base.Host, a.cache, account{newPacer(c), newLimits(c)}, next)
		}))
	api, err := a.creator.NewAppClient()
	if err != nil {
		return nil, fmt.Errorf("open GitHub: %w", err)
	}
	a.self = newClient(c, api, nil)
	return a, nil
}

// Forget empties the cache of answers, as a new process begins: for measuring what a command costs.
func (a *App) Forget() {
	a.cache.clear()
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.seen)
}

// Creator makes go-github clients on the same transport, for what go-githubapp itself wants one. Each client that it
// makes has a pacer of its own: what Slipway writes goes through Client.
func (a *App) Creator() githubapp.ClientCreator { return a.creator }

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
