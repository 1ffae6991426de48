package conversation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release/step"
)

// Repository is what a delivery says of a repository.
type Repository struct {
	Repo         int64
	Name         string // OWNER/NAME
	Installation int64  // 0 where the delivery names none
	Public       bool   // everybody may read it
}

// Find is the place of a repository that a delivery has told of, without an issue.
func (c *Conversation) Find(ctx context.Context, repo int64) (Place, bool, error) {
	r, found, err := c.Store.Repository(ctx, repo)
	return Place{Repo: r.ID, Name: r.Name, Installation: r.Installation}, found, err
}

// Meet keeps what a delivery says of its repository: its name and its installation of today. A change is told on each
// issue with an open release. ok is false where no installation of the App covers the repository: then nothing can be
// done there.
func (c *Conversation) Meet(ctx context.Context, s Repository, cause Cause) (ok bool, err error) {
	repo, known, err := c.Store.Repository(ctx, s.Repo)
	if err != nil {
		return false, err
	}
	if s.Installation == 0 {
		if s.Installation, err = c.installation(ctx, s, repo); err != nil || s.Installation == 0 {
			return false, err
		}
	}
	now := store.Repository{ID: s.Repo, Name: s.Name, Installation: s.Installation, Public: s.Public, At: cause.At}
	switch {
	case !known:
		return true, c.first(ctx, now)
	case cause.At.Before(repo.At),
		repo.Name == now.Name && repo.Installation == now.Installation && repo.Public == now.Public:
		return true, nil // an old delivery, or nothing new
	case repo.Installation != now.Installation:
		return true, c.back(ctx, repo, now, cause)
	}
	now.Away = repo.Away
	if err := c.renamed(ctx, repo, now, cause); err != nil {
		return false, err
	}
	return true, c.Store.PutRepository(ctx, now)
}

// installation looks up which installation covers a repository whose delivery does not say so: 0 for none.
func (c *Conversation) installation(ctx context.Context, s Repository, repo store.Repository) (int64, error) {
	if repo.Installation != 0 && repo.Away == "" {
		return repo.Installation, nil
	}
	if c.Reach == nil {
		return 0, nil
	}
	found, err := c.Reach(ctx, store.Repository{ID: s.Repo, Name: s.Name})
	if errors.Is(err, step.ErrGone) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("find the installation of the App in %s: %w", s.Name, err)
	}
	return found.Installation, nil
}

// first keeps a repository that was not known by its id. Logs that are older than these ids get it.
func (c *Conversation) first(ctx context.Context, repo store.Repository) error {
	if err := c.Store.Adopt(ctx, repo.Name, repo.ID); err != nil {
		return err
	}
	if err := c.Store.PutRepository(ctx, repo); err != nil {
		return err
	}
	return c.Store.WakeOpen(ctx, repo.ID, time.Time{})
}

// renamed tells of another name, if it is one.
func (c *Conversation) renamed(ctx context.Context, before, now store.Repository, cause Cause) error {
	if before.Name == now.Name {
		return nil
	}
	c.Log.Info().Int64("repository_id", now.ID).Str("from", before.Name).Str("to", now.Name).Msg("repository renamed")
	return c.tellAll(ctx, now, cause, Happening{What: Renamed, From: before.Name, To: now.Name})
}

// back lets a repository be worked again, by an installation that may be another one.
func (c *Conversation) back(ctx context.Context, before, now store.Repository, cause Cause) error {
	if err := c.renamed(ctx, before, now, cause); err != nil {
		return err
	}
	if before.Away != "" {
		c.Log.Info().Str("repository", now.Name).Str("was", before.Away).Msg("repository can be written to again")
		h := Happening{What: Returned, Why: before.Away, Since: before.At}
		if err := c.tellAll(ctx, now, cause, h); err != nil {
			return err
		}
	}
	if err := c.Store.PutRepository(ctx, now); err != nil {
		return err
	}
	// A job that ran before the repository was back did nothing.
	return c.Store.WakeOpen(ctx, now.ID, time.Time{})
}

// Installed says that an installation covers these repositories from now on. Those that Slipway had to leave are worked
// again, and one that it does not know waits for its first event.
func (c *Conversation) Installed(ctx context.Context, list []Repository, cause Cause) error {
	for _, s := range list {
		repo, known, err := c.Store.Repository(ctx, s.Repo)
		if err != nil {
			return err
		}
		same := repo.Away == "" && repo.Installation == s.Installation && repo.Name == s.Name &&
			repo.Public == s.Public
		if !known || same || cause.At.Before(repo.At) {
			continue
		}
		now := store.Repository{
			ID: s.Repo, Name: s.Name, Installation: s.Installation, Public: s.Public, At: cause.At,
		}
		if err := c.back(ctx, repo, now, cause); err != nil {
			return err
		}
	}
	return nil
}

// Left says that Slipway may not write to a repository any more, and why. Nothing is tried there until it is back. It
// counts for the installation that it is known from: the repository may have moved to another one meanwhile.
func (c *Conversation) Left(ctx context.Context, installation, repo int64, why string, at time.Time) error {
	known, found, err := c.Store.Repository(ctx, repo)
	if err != nil || !found || known.Installation != installation {
		return err
	}
	return c.left(ctx, known, why, at)
}

// left keeps it of a repository as it is known.
func (c *Conversation) left(ctx context.Context, known store.Repository, why string, at time.Time) error {
	if at.Before(known.At) {
		return nil
	}
	if known.Away == "" {
		known.At = at // else it has been away for longer
	}
	known.Away = why
	c.Log.Warn().Str("repository", known.Name).Str("why", why).Msg("repository cannot be written to")
	return c.Store.PutRepository(ctx, known)
}

// LeftAll says it of each repository of an installation.
func (c *Conversation) LeftAll(ctx context.Context, installation int64, why string, at time.Time) error {
	repos, err := c.Store.Repositories(ctx, installation)
	if err != nil {
		return err
	}
	for _, repo := range repos {
		if err := c.left(ctx, repo, why, at); err != nil {
			return err
		}
	}
	return nil
}

// Unsuspended says that an installation works again.
func (c *Conversation) Unsuspended(ctx context.Context, installation int64, cause Cause) error {
	repos, err := c.Store.Repositories(ctx, installation)
	if err != nil {
		return err
	}
	for _, repo := range repos {
		if repo.Away != AwaySuspended || cause.At.Before(repo.At) {
			continue
		}
		now := repo
		now.Away, now.At = "", cause.At
		if err := c.back(ctx, repo, now, cause); err != nil {
			return err
		}
	}
	return nil
}

// Permitted says that the owner of an installation accepted new permissions of the App.
func (c *Conversation) Permitted(ctx context.Context, installation int64, cause Cause) error {
	repos, err := c.Store.Repositories(ctx, installation)
	if err != nil {
		return err
	}
	for _, repo := range repos {
		if err := c.tellAll(ctx, repo, cause, Happening{What: Permitted}); err != nil {
			return err
		}
	}
	return nil
}

// Missed says that deliveries of a repository are lost for good: they were sent between from and to.
func (c *Conversation) Missed(ctx context.Context, repo int64, count int, from, to time.Time, cause Cause) error {
	known, found, err := c.Store.Repository(ctx, repo)
	if err != nil || !found {
		return err
	}
	return c.tellAll(ctx, known, cause, Happening{What: Lost, Count: count, Since: from, Until: to})
}
