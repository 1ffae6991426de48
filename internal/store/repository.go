package store

import (
	"context"
	"fmt"
	"time"
)

// Repository is what is known of a repository by its id.
type Repository struct {
	ID           int64
	Name         string // owner/name, as it was last seen
	Installation int64
	Away         string // why Slipway may not write there: "uninstalled", "suspended", "deleted"; empty when it may
	Public       bool   // everybody may read it; false while nobody has said so
	At           time.Time
}

// PutRepository stores what is known of a repository. When nothing but At differs from what is stored, nothing
// is written: At is the time of the last change.
func (s *Store) PutRepository(ctx context.Context, r Repository) error {
	known, found, err := s.Repository(ctx, r.ID)
	if err != nil {
		return err
	}
	if known.At = r.At; found && known == r {
		return nil
	}
	err = s.db.write(ctx, func(tx tx) error {
		_, err := tx.exec(`INSERT INTO repository (id, name, installation, away, public, at)
				VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, installation = excluded.installation,
				away = excluded.away, public = excluded.public, at = excluded.at`,
			r.ID, r.Name, r.Installation, r.Away, flag(r.Public), nanos(r.At))
		return err
	})
	if err != nil {
		return fmt.Errorf("store repository %d: %w", r.ID, err)
	}
	return nil
}

// Repository returns what is known of a repository.
func (s *Store) Repository(ctx context.Context, id int64) (r Repository, found bool, err error) {
	return first(s.repositories(ctx, `WHERE id = $1`, id))
}

// RepositoryNamed finds a repository by owner/name, however it is capitalised. When several have had the name,
// it is the one that changed last.
func (s *Store) RepositoryNamed(ctx context.Context, name string) (r Repository, found bool, err error) {
	return first(s.repositories(ctx, `WHERE lower(name) = lower($1) ORDER BY at DESC, id DESC LIMIT 1`, name))
}

// Repositories lists the repositories of an installation, 0 for all, by id.
func (s *Store) Repositories(ctx context.Context, installation int64) ([]Repository, error) {
	if installation == 0 {
		return s.repositories(ctx, `ORDER BY id`)
	}
	return s.repositories(ctx, `WHERE installation = $1 ORDER BY id`, installation)
}

func (s *Store) repositories(ctx context.Context, where string, args ...any) (all []Repository, err error) {
	err = s.db.each(ctx, func(row scan) error {
		var r Repository
		var at, public int64
		err := row(&r.ID, &r.Name, &r.Installation, &r.Away, &public, &at)
		r.At, r.Public = moment(at), public != 0
		all = append(all, r)
		return err
	}, `SELECT id, name, installation, away, public, at FROM repository `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read repositories: %w", err)
	}
	return all, nil
}

// first is the first of what was found.
func first[T any](all []T, err error) (one T, found bool, _ error) {
	if err != nil || len(all) == 0 {
		return one, false, err
	}
	return all[0], true, nil
}
