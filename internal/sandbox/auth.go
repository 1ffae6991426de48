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
	if _, err := parser.ParseWithClaims(text, &claims,
		func(*jwt.Token) (any, error) { return s.o.App.PublicKey, nil }); err != nil {
		return err
	}
	if claims.Issuer != strconv.FormatInt(s.o.App.ID, 10) {
		return errors.New("another issuer")
	}
	if claims.ExpiresAt == nil || claims.IssuedAt == nil ||
		claims.ExpiresAt.Sub(claims.IssuedAt.Time) > 11*time.Minute {
		return errors.New("'Expiration time' claim ('exp') is too far in the future")
	}
	return nil
}

func appRoutes() []route {
	return []route{
		{"GET", "/app", "", handleApp},
		{"POST", "/app/installations/{id}/access_tokens", "", handleToken},
	}
}

func (s *Server) renderApp() map[string]any {
	return map[string]any{
		"id": s.o.App.ID, "slug": s.o.App.Slug, "node_id": nodeID("A", s.o.App.ID), "name": s.o.App.Slug,
		"owner": s.renderUser(s.users[s.botLogin()]), "description": "", "external_url": s.html(
			"/"), "html_url": s.html("/apps/%s", s.o.App.Slug),
		"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
		"permissions": s.o.App.Permissions, "events": s.o.App.Events,
	}
}

func handleApp(c *call) (reply, error) { return ok(c.s.renderApp()), nil }

func handleToken(c *call) (reply, error) {
	in := c.s.installations[c.id("id")]
	if in == nil {
		return reply{}, notFound()
	}
	if in.Suspended != nil {
		return reply{}, forbidden(suspended)
	}
	t := token{installation: in.ID, expires: c.s.now().Add(cmp.Or(c.s.o.TokenLife, time.Hour)),
		permissions: c.s.o.App.Permissions, use: &TokenUse{Used: map[string]string{}}}
	if err := c.narrow(&t); err != nil {
		return reply{}, err
	}
	c.s.uses = append(c.s.uses, t.use)
	text := fmt.Sprintf("ghs_sandbox%d", c.s.nextID())
	c.s.tokens[text] = t
	selection := c.s.selection(in)
	if len(t.repos) > 0 {
		selection = "selected"
	}
	out := map[string]any{"token": text, "expires_at": stamp(t.expires), "permissions": t.permissions,
		"repository_selection": selection}
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
		t.permissions, t.use.Asked = maps.Clone(in.Permissions), maps.Clone(in.Permissions)
		t.permissions["metadata"] = "read"
	}
	installed := c.s.installations[t.installation]
	outside := unprocessable("There is at least one repository that does not exist or is not accessible to the parent " +
		"installation.")
	for _, name := range in.Repositories {
		r := c.s.repos[strings.ToLower(installed.Org.Login+"/"+name)]
		if r == nil {
			return outside
		}
		in.IDs = append(in.IDs, r.ID)
	}
	for _, id := range in.IDs {
		if !slices.ContainsFunc(c.s.owned(installed.Org),
			func(r *repository) bool { return r.ID == id && installed.covers(r) }) {
			return outside
		}
	}
	t.repos, t.use.Repos = in.IDs, in.IDs
	return nil
}

func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}
