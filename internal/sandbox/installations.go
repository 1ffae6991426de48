package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// suspended is what GitHub answers to an installation that is.
const suspended = "This installation has been suspended"

// installation is that of the App in one organisation.
type installation struct {
	ID          int64
	Org         *account
	Suspended   *time.Time
	SuspendedBy *account
}

func installationRoutes() []route {
	return []route{
		{"GET", "/app/installations", "", handleInstallations},
		{"GET", "/app/installations/{id}", "", handleInstallation},
		{"GET", "/orgs/{owner}/installation", "", handleOrgInstallation},
		{"GET", "/repos/{owner}/{repo}/installation", "", handleRepoInstallation},
		{"GET", "/installation/repositories", "metadata:read", handleInstalled},
	}
}

// covers says that the installation reaches a repository.
func (in *installation) covers(r *repository) bool { return in.Org == r.Owner && !r.Unselected }

// installation is the one of an organisation, nil when the App is not installed there.
func (s *Server) installation(org *account) *installation {
	for _, in := range s.installations {
		if in.Org == org {
			return in
		}
	}
	return nil
}

func (s *Server) install(org *account) *installation {
	in := &installation{ID: s.nextID(), Org: org}
	s.installations[in.ID] = in
	return in
}

// owned are the repositories of an organisation, by their names.
func (s *Server) owned(org *account) []*repository {
	var list []*repository
	for _, name := range slices.Sorted(maps.Keys(s.repos)) {
		if r := s.repos[name]; r.Owner == org {
			list = append(list, r)
		}
	}
	return list
}

// selection is all or selected: whether the installation reaches each repository of its organisation.
func (s *Server) selection(in *installation) string {
	for _, r := range s.repos {
		if r.Owner == in.Org && r.Unselected {
			return "selected"
		}
	}
	return "all"
}

func (s *Server) renderInstallation(in *installation) map[string]any {
	out := map[string]any{
		"id": in.ID, "account": s.renderUser(in.Org), "repository_selection": s.selection(in),
		"app_id": s.o.App.ID, "app_slug": s.o.App.Slug,
		"access_tokens_url": s.api("/app/installations/%d/access_tokens", in.ID),
		"repositories_url":  s.api("/installation/repositories"),
		"html_url":          s.html("/organizations/%s/settings/installations/%d", in.Org.Login, in.ID),
		"target_id":         in.Org.ID, "target_type": "Organization", "permissions": s.o.App.Permissions,
		"events":     s.o.App.Events,
		"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
		"single_file_name": nil, "suspended_by": nil, "suspended_at": nil,
	}
	if in.Suspended != nil {
		out["suspended_by"], out["suspended_at"] = s.renderUser(in.SuspendedBy), stamp(*in.Suspended)
	}
	return out
}

func handleInstallations(c *call) (reply, error) {
	list := slices.SortedFunc(maps.Values(c.s.installations), func(a, b *installation) int { return int(a.ID - b.ID) })
	return page(c, list, func(in *installation) any { return c.s.renderInstallation(in) }), nil
}

// oneInstallation answers with an installation, 404 when there is none.
func (c *call) oneInstallation(in *installation) (reply, error) {
	if in == nil {
		return reply{}, notFound()
	}
	return ok(c.s.renderInstallation(in)), nil
}

func handleInstallation(c *call) (reply, error) {
	return c.oneInstallation(c.s.installations[c.id("id")])
}

func handleOrgInstallation(c *call) (reply, error) {
	org, err := c.org()
	if err != nil {
		return reply{}, err
	}
	return c.oneInstallation(c.s.installation(org))
}

func handleRepoInstallation(c *call) (reply, error) {
	in := c.s.installation(c.repo.Owner)
	if in != nil && !in.covers(c.repo) {
		in = nil
	}
	return c.oneInstallation(in)
}

func handleInstalled(c *call) (reply, error) {
	in := c.s.installations[c.installation]
	if in == nil {
		return reply{}, forbidden("You must authenticate with an installation access token.")
	}
	list := slices.DeleteFunc(c.s.owned(in.Org), func(r *repository) bool { return !in.covers(r) || c.narrowed(r.ID) })
	slices.SortFunc(list, func(a, b *repository) int { return int(a.ID - b.ID) })
	return paged(c, list, func(items []any) any {
		return map[string]any{"total_count": len(list), "repository_selection": c.s.selection(in),
			"repositories": items}
	}, func(r *repository) any { return c.s.renderRepository(r) }), nil
}

// tell sends an event about an installation itself. Each App gets those without subscribing.
func (s *Server) tell(in *installation, event, action string, fields map[string]any) {
	payload := map[string]any{"installation": s.renderInstallation(in), "sender": s.renderUser(s.adminOf(in.Org))}
	maps.Copy(payload, fields)
	s.deliver(&delivery{Event: event, Action: action, Installation: in.ID}, payload)
}

// brief are repositories as the events of an installation name them.
func (s *Server) brief(list ...*repository) []any {
	out := []any{}
	for _, r := range list {
		out = append(out, map[string]any{
			"id": r.ID, "node_id": nodeID("R", r.ID), "name": r.Name, "full_name": r.full(), "private": r.Private,
		})
	}
	return out
}

// reaches tells that the installation of a repository's owner got it or lost it.
func (s *Server) reaches(r *repository, action string) {
	in := s.installation(r.Owner)
	if in == nil || in.Suspended != nil {
		return
	}
	added, removed := s.brief(r), s.brief()
	if action == "removed" {
		added, removed = removed, added
	}
	s.tell(in, "installation_repositories", action, map[string]any{
		"repository_selection": s.selection(in), "repositories_added": added, "repositories_removed": removed,
		"requester": nil,
	})
}

// adminOf is who acts for an organisation: the first admin of its repositories by name, or itself when it has none.
func (s *Server) adminOf(org *account) *account {
	first := ""
	for _, r := range s.repos {
		for login, level := range r.Collaborators {
			if r.Owner == org && level == "admin" && (first == "" || login < first) {
				first = login
			}
		}
	}
	if first == "" {
		return org
	}
	return s.account(first, "User")
}

// Install installs the App in an organisation, which gets a new installation id and the event installation.created.
// Where the App is installed already, nothing changes.
func (s *Server) Install(org string) (id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner := s.account(org, "Organization")
	if in := s.installation(owner); in != nil {
		return in.ID
	}
	in := s.install(owner)
	s.tell(in, "installation", "created", map[string]any{"repositories": s.brief(s.owned(owner)...), "requester": nil})
	return in.ID
}

// installedIn is the App's installation in an organisation; it is an error when there is none.
func (s *Server) installedIn(org string) (*installation, error) {
	if in := s.installation(s.users[strings.ToLower(org)]); in != nil {
		return in, nil
	}
	return nil, fmt.Errorf("the App is not installed in %s", org)
}

// Uninstall takes the App out of an organisation: its tokens are worth nothing, and no events come any more.
func (s *Server) Uninstall(org string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, err := s.installedIn(org)
	if err != nil {
		return err
	}
	delete(s.installations, in.ID)
	maps.DeleteFunc(s.tokens, func(_ string, t token) bool { return t.installation == in.ID })
	s.tell(in, "installation", "deleted", map[string]any{"repositories": s.brief(s.owned(in.Org)...)})
	return nil
}

// Suspend suspends the App in an organisation: every call is answered 403, and no events come until it is unsuspended.
func (s *Server) Suspend(org string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, err := s.installedIn(org)
	if err != nil {
		return err
	}
	now := s.now()
	in.Suspended, in.SuspendedBy = &now, s.adminOf(in.Org)
	s.tell(in, "installation", "suspend", nil)
	return nil
}

// Unsuspend lets the App work again in an organisation.
func (s *Server) Unsuspend(org string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, err := s.installedIn(org)
	if err != nil {
		return err
	}
	in.Suspended, in.SuspendedBy = nil, nil
	s.tell(in, "installation", "unsuspend", nil)
	return nil
}

// SetPermissions changes what the App may do, in every organisation, and the organisations accept it at once. What is
// taken away fails at the next call; what is new needs a new token.
func (s *Server) SetPermissions(permissions map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.o.App.Permissions, s.appShown = maps.Clone(permissions), nil
	for _, id := range slices.Sorted(maps.Keys(s.installations)) {
		s.tell(s.installations[id], "installation", "new_permissions_accepted", nil)
	}
}

// SelectRepository lets the App's installation reach a repository that was left out.
func (s *Server) SelectRepository(repo string) error { return s.selectRepository(repo, false, "added") }

// UnselectRepository takes a repository out of the App's installation: what is public can still be read.
func (s *Server) UnselectRepository(repo string) error {
	return s.selectRepository(repo, true, "removed")
}

func (s *Server) selectRepository(repo string, unselected bool, action string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repository(repo)
	if err != nil {
		return err
	}
	if r.Unselected != unselected {
		r.Unselected = unselected
		s.reaches(r, action)
	}
	return nil
}
