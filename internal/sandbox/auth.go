package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

// verify checks a JWT of the App: signed by its key, issued by it, and valid for ten minutes at most.
func (s *Server) verify(text string) error {
	claims := jwt.RegisteredClaims{}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation())
	if _, err := parser.ParseWithClaims(text, &claims, func(*jwt.Token) (any, error) { return s.o.App.PublicKey, nil }); err != nil {
		return err
	}
	if claims.Issuer != strconv.FormatInt(s.o.App.ID, 10) {
		return errors.New("another issuer")
	}
	if claims.ExpiresAt == nil || claims.IssuedAt == nil || claims.ExpiresAt.Sub(claims.IssuedAt.Time) > 11*time.Minute {
		return errors.New("'Expiration time' claim ('exp') is too far in the future")
	}
	return nil
}

func appRoutes() []route {
	return []route{
		{"GET", "/app", "", handleApp},
		{"GET", "/app/installations", "", handleInstallations},
		{"POST", "/app/installations/{id}/access_tokens", "", handleToken},
		{"GET", "/app/hook/deliveries", "", handleDeliveries},
		{"POST", "/app/hook/deliveries/{id}/attempts", "", handleAttempt},
		{"GET", "/repos/{owner}/{repo}/installation", "", handleRepoInstallation},
	}
}

func (s *Server) renderApp() map[string]any {
	return map[string]any{
		"id": s.o.App.ID, "slug": s.o.App.Slug, "node_id": nodeID("A", s.o.App.ID), "name": s.o.App.Slug,
		"owner": s.renderUser(s.users[s.botLogin()]), "description": "", "external_url": s.html("/"), "html_url": s.html("/apps/%s", s.o.App.Slug),
		"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
		"permissions": s.o.App.Permissions, "events": s.o.App.Events,
	}
}

func handleApp(c *call) (reply, error) { return ok(c.s.renderApp()), nil }

func (s *Server) renderInstallation(id int64) map[string]any {
	org := s.installations[id]
	return map[string]any{
		"id": id, "account": s.renderUser(org), "repository_selection": "all", "app_id": s.o.App.ID, "app_slug": s.o.App.Slug,
		"access_tokens_url": s.api("/app/installations/%d/access_tokens", id), "repositories_url": s.api("/installation/repositories"),
		"html_url": s.html("/organizations/%s/settings/installations/%d", org.Login, id), "target_id": org.ID, "target_type": "Organization",
		"permissions": s.o.App.Permissions, "events": s.o.App.Events, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
		"single_file_name": nil, "suspended_by": nil, "suspended_at": nil,
	}
}

func handleInstallations(c *call) (reply, error) {
	return page(c, slices.Sorted(maps.Keys(c.s.installations)), func(id int64) any { return c.s.renderInstallation(id) }), nil
}

func handleRepoInstallation(c *call) (reply, error) {
	for id, org := range c.s.installations {
		if org == c.repo.Owner {
			return ok(c.s.renderInstallation(id)), nil
		}
	}
	return reply{}, notFound()
}

// installation is the one of an organisation.
func (s *Server) installation(org *account) int64 {
	for id, a := range s.installations {
		if a == org {
			return id
		}
	}
	return 0
}

func handleToken(c *call) (reply, error) {
	id := c.id("id")
	if c.s.installations[id] == nil {
		return reply{}, notFound()
	}
	t := token{installation: id, expires: c.s.now().Add(cmp.Or(c.s.o.TokenLife, time.Hour)), permissions: c.s.o.App.Permissions}
	if err := c.narrow(&t); err != nil {
		return reply{}, err
	}
	text := fmt.Sprintf("ghs_sandbox%d", c.s.nextID())
	c.s.tokens[text] = t
	selection := "all"
	if len(t.repos) > 0 {
		selection = "selected"
	}
	out := map[string]any{"token": text, "expires_at": stamp(t.expires), "permissions": t.permissions, "repository_selection": selection}
	if len(t.repos) > 0 {
		list := []any{}
		for _, r := range c.s.repos {
			if slices.Contains(t.repos, r.ID) {
				list = append(list, c.s.renderRepository(r))
			}
		}
		out["repositories"] = list
	}
	return created(out), nil
}

// narrow takes from a token what its maker did not ask for: it can get less than the App has, never more.
func (c *call) narrow(t *token) error {
	var in struct {
		Permissions  map[string]string
		Repositories []string
		IDs          []int64 `json:"repository_ids"`
	}
	if len(c.body) == 0 || string(c.body) == "null" {
		return nil
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if len(in.Permissions) > 0 {
		for name, least := range in.Permissions {
			if !allows(t.permissions[name], least) {
				return unprocessable("The permissions requested are not granted to this installation.")
			}
		}
		t.permissions = maps.Clone(in.Permissions)
		t.permissions["metadata"] = "read"
	}
	org := c.s.installations[t.installation]
	for _, name := range in.Repositories {
		r := c.s.repos[strings.ToLower(org.Login+"/"+name)]
		if r == nil {
			return unprocessable("There is at least one repository that does not exist or is not accessible to the parent installation.")
		}
		in.IDs = append(in.IDs, r.ID)
	}
	t.repos = in.IDs
	return nil
}

// deliveries

func handleDeliveries(c *call) (reply, error) {
	list := slices.Clone(c.s.deliveries)
	slices.Reverse(list)
	return page(c, list, func(d *delivery) any {
		return map[string]any{
			"id": d.ID, "guid": d.GUID, "delivered_at": d.At.Format(time.RFC3339), "redelivery": d.Redelivery, "duration": 0.01,
			"status": statusText(d.Status), "status_code": d.Status, "event": d.Event, "action": nullable(d.Action),
			"installation_id": d.Installation, "repository_id": d.Repo, "throttled_at": nil,
		}
	}), nil
}

func statusText(code int) string {
	if code >= 200 && code < 300 {
		return "OK"
	}
	return "Invalid HTTP Response: " + strconv.Itoa(code)
}

func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func handleAttempt(c *call) (reply, error) {
	i := slices.IndexFunc(c.s.deliveries, func(d *delivery) bool { return d.ID == c.id("id") })
	if i < 0 {
		return reply{}, notFound()
	}
	again := *c.s.deliveries[i]
	again.ID, again.Redelivery, again.Status = c.s.nextID(), true, 0
	c.s.queue(&again)
	return reply{status: 202, body: map[string]any{}}, nil
}
