package github

import (
	"context"
	"fmt"
	"strings"
	"time"
)

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

// FindInstallation is the installation that covers a repository. Where the App is not installed it is step.ErrGone.
func (a *App) FindInstallation(ctx context.Context, repo string) (int64, error) {
	var found struct {
		ID int64 `json:"id"`
	}
	err := gone(a.self.get(ctx, "find the installation of the App in "+repo, in(repo, "installation"), &found))
	return found.ID, err
}

// InstallationOf says whether an installation of the App exists, and whether its owner suspended it: one that is
// suspended may be looked up, and nothing else.
func (a *App) InstallationOf(ctx context.Context, id int64) (exists, suspended bool, err error) {
	found, err := a.installation(ctx, id)
	if missing(err) {
		return false, false, nil
	}
	return err == nil, found.Suspended != nil, err
}

// Granted are the permissions of the App in an installation, with their levels.
func (a *App) Granted(ctx context.Context, id int64) (map[string]string, error) {
	found, err := a.installation(ctx, id)
	return found.Permissions, err
}

// installation is what GitHub says of an installation of the App.
type installation struct {
	Suspended   *time.Time        `json:"suspended_at"`
	Permissions map[string]string `json:"permissions"`
}

func (a *App) installation(ctx context.Context, id int64) (installation, error) {
	var found installation
	err := a.self.get(ctx, fmt.Sprintf("read installation %d of the App", id), fmt.Sprintf("app/installations/%d", id),
		&found)
	return found, err
}

// RepositoryByID is the OWNER/NAME of today of a repository. One that was deleted, or that the installation may not
// see, is not found.
func (a *App) RepositoryByID(ctx context.Context, installation, id int64) (name string, found bool, err error) {
	var r struct {
		Name string `json:"full_name"`
	}
	err = a.client(Metadata(installation)).get(ctx, fmt.Sprintf("read the repository with the id %d", id),
		fmt.Sprintf("repositories/%d", id), &r)
	if missing(err) {
		return "", false, nil
	}
	return r.Name, err == nil, err
}

// Repository is one as GitHub knows it now.
type Repository struct {
	ID   int64
	Name string // OWNER/NAME of today
	// Public says that everybody may read it.
	Public bool
}

// sight is a name as an installation asks for it, in small letters, and seen what it led to.
type (
	sight struct {
		installation int64
		repo         string
	}
	seen struct {
		repo  Repository
		found bool
		at    time.Time
	}
)

// For seenFor it is remembered which repository a name leads to, and whether everybody can read it. What is read or
// written there is bounded by its token all the same.
const seenFor, mostSeen = 5 * time.Minute, 1000

// RepositoryNamed is a repository as an installation sees it: a name that was given up still leads there. One that the
// installation may not see is not found. The answer may be some minutes old, unless the context asks for what is there
// now.
func (a *App) RepositoryNamed(ctx context.Context, installation int64, repo string) (Repository, bool, error) {
	key, now := sight{installation, strings.ToLower(repo)}, a.config.Clock()
	a.mu.Lock()
	before, known := a.seen[key]
	a.mu.Unlock()
	if known && now.Sub(before.at) < seenFor && ctx.Value(afreshKey{}) == nil {
		return before.repo, before.found, nil
	}
	r, err := a.client(Metadata(installation)).repository(ctx, repo)
	if err != nil && !missing(err) {
		return Repository{}, false, err
	}
	found := err == nil
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.seen) >= mostSeen {
		clear(a.seen)
	}
	a.seen[key] = seen{r, found, now}
	return r, found, nil
}

func (gh *client) repository(ctx context.Context, repo string) (Repository, error) {
	var r struct {
		ID         int64  `json:"id"`
		Name       string `json:"full_name"`
		Private    bool   `json:"private"`
		Visibility string `json:"visibility"`
	}
	err := gh.get(ctx, "read "+repo, in(repo, ""), &r)
	public := !r.Private && (r.Visibility == "" || r.Visibility == "public")
	return Repository{ID: r.ID, Name: r.Name, Public: err == nil && public}, err
}
