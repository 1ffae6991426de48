package github

import (
	linked "container/list"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gogithub "github.com/google/go-github/v62/github"

	"github.com/slipway-dev/slipway/release/step"
)

// Scope is what the tokens of a client are good for. What a client is asked beyond it, GitHub refuses.
type Scope struct {
	Installation int64
	// Repos are the ids of the repositories. None is all of the installation: for what looks up names.
	Repos []int64
	// Permissions are GitHub's, with their levels: contents, write. To read the metadata is always among them. None at
	// all is whatever the installation has.
	Permissions map[string]string
}

// Metadata is the scope that knows which repositories there are, and nothing of what is in them.
func Metadata(installation int64) Scope {
	return Scope{Installation: installation, Permissions: map[string]string{"metadata": "read"}}
}

// repositories names the repositories of the scope.
func (s Scope) repositories() string {
	return fmt.Sprint(s.Installation, slices.Compact(slices.Sorted(slices.Values(s.Repos))))
}

func (s Scope) key() string {
	var b strings.Builder
	b.WriteString(s.repositories())
	for _, name := range slices.Sorted(maps.Keys(s.Permissions)) {
		b.WriteString(" " + name + "=" + s.Permissions[name])
	}
	return b.String()
}

// options is the scope as GitHub wants it when a token is asked for.
func (s Scope) options() (*gogithub.InstallationTokenOptions, error) {
	o := &gogithub.InstallationTokenOptions{RepositoryIDs: s.Repos}
	if s.Permissions == nil {
		return o, nil
	}
	all := maps.Clone(s.Permissions)
	all["metadata"] = "read"
	data, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	o.Permissions = &gogithub.InstallationPermissions{}
	return o, json.Unmarshal(data, o.Permissions)
}

// mostClients bounds the tokens that are kept: one for each repository and set of permissions of the last hours.
const mostClients = 1000

// clients are those that were used last.
type clients struct {
	byKey map[string]*linked.Element
	order *linked.List // of *cutClient, the most recently used in front
}

type cutClient struct {
	key          string
	installation int64
	client       *client
}

func newClients() clients { return clients{map[string]*linked.Element{}, linked.New()} }

func (c *clients) find(key string) (*client, bool) {
	at, ok := c.byKey[key]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(at)
	return at.Value.(*cutClient).client, true
}

func (c *clients) keep(k *cutClient) {
	c.byKey[k.key] = c.order.PushFront(k)
	if c.order.Len() > mostClients {
		c.drop(c.order.Back())
	}
}

func (c *clients) drop(at *linked.Element) {
	delete(c.byKey, c.order.Remove(at).(*cutClient).key)
}

// forget drops the clients of an installation.
func (c *clients) forget(installation int64) {
	for _, at := range c.byKey {
		if at.Value.(*cutClient).installation == installation {
			c.drop(at)
		}
	}
}

// account is what all clients of an installation share: GitHub counts by installation.
type account struct {
	pacer  *pacer
	limits *limits
}

// Client is the client of a scope, the same one each time. The pace and the rate limits are those of its installation,
// and answers are known to all clients of the same repositories. That of installation 0, which an event without an
// installation names, asks nothing and answers Gone.
func (a *App) Client(s Scope) step.GitHub { return a.client(s) }

func (a *App) client(s Scope) *client {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := s.key()
	if gh, ok := a.clients.find(key); ok {
		return gh
	}
	gh := newClient(a.config, nil, &Gone{Installation: s.Installation})
	if s.Installation > 0 {
		gh = newClient(a.config, a.connect(s), nil)
	}
	a.clients.keep(&cutClient{key, s.Installation, gh})
	return gh
}

// connect makes the HTTP client of a scope.
func (a *App) connect(s Scope) *gogithub.Client {
	shared, ok := a.accounts[s.Installation]
	if !ok {
		shared = account{newPacer(a.config), newLimits(a.config)}
		a.accounts[s.Installation] = shared
	}
	who, ok := a.readers[s.repositories()]
	if !ok {
		who = a.made.Add(1)
		a.readers[s.repositories()] = who
	}
	api := gogithub.NewClient(&http.Client{
		Transport: newChain(a.config, who, a.base.Host, a.cache, shared, &tokens{app: a, scope: s}),
	})
	api.BaseURL, api.UserAgent = a.base, a.config.UserAgent
	return api
}

// tokens puts the token of a scope on requests. ghinstallation keeps it for its hour.
type tokens struct {
	app   *App
	scope Scope

	mu    sync.Mutex
	auth  *ghinstallation.Transport
	until time.Time // when a scope that was lowered is asked for in full again; zero for one that was not
}

func (t *tokens) RoundTrip(req *http.Request) (*http.Response, error) {
	auth, err := t.ready(req.Context())
	if err != nil {
		closeBody(req)
		return nil, err
	}
	return auth.RoundTrip(req)
}

// ready gives a transport that has its token. GitHub refuses the whole token when one of its permissions was not
// granted: then what was granted is asked for, so that a call which needs more is refused by its own name.
func (t *tokens) ready(ctx context.Context) (*ghinstallation.Transport, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if lowered := !t.until.IsZero(); t.auth == nil || lowered && t.app.config.Clock().After(t.until) {
		if err := t.ask(t.scope); err != nil {
			return nil, err
		}
		t.until = time.Time{}
	}
	_, err := t.auth.Token(ctx)
	refused := tokenRefusal(err)
	if refused == nil || refused.StatusCode != http.StatusUnprocessableEntity || t.scope.Permissions == nil {
		return t.auth, err
	}
	found, failed := t.app.installation(ctx, t.scope.Installation)
	if failed != nil {
		return nil, failed
	}
	less := t.scope
	less.Permissions = lowest(t.scope.Permissions, found.Permissions)
	if maps.Equal(less.Permissions, t.scope.Permissions) {
		return nil, err
	}
	refused.Body.Close()
	if err := t.ask(less); err != nil {
		return nil, err
	}
	t.until = t.app.config.Clock().Add(time.Hour)
	_, err = t.auth.Token(ctx)
	return t.auth, err
}

// ask makes the transport that asks for the tokens of a scope. It has a transport of the App for itself, since
// ghinstallation writes to that when it asks.
func (t *tokens) ask(s Scope) error {
	options, err := s.options()
	if err != nil {
		return err
	}
	app, err := ghinstallation.NewAppsTransportWithOptions(t.app.config.Transport, t.app.config.AppID,
		ghinstallation.WithSigner(t.app.signer))
	if err != nil {
		return err
	}
	t.auth = ghinstallation.NewFromAppsTransport(app, s.Installation)
	t.auth.BaseURL, t.auth.InstallationTokenOptions = strings.TrimSuffix(t.app.base.String(), "/"), options
	return nil
}

// lowest are the permissions that were asked for, as far as they were granted.
func lowest(asked, granted map[string]string) map[string]string {
	out := map[string]string{}
	for name, level := range asked {
		switch granted[name] {
		case "":
		case "read":
			out[name] = "read"
		default:
			out[name] = level
		}
	}
	return out
}
