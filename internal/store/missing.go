package store

import (
	"context"
	"fmt"
	"time"
)

// Missing is a delivery that GitHub lists and that is not stored here.
type Missing struct {
	GUID          string
	ID            int64 // the number that GitHub's API knows it by
	RepoID        int64
	Event, Action string
	At            time.Time // when GitHub tried to deliver it
	Since         time.Time // when it was first noticed
	Asked         bool      // a redelivery was asked for
	Gone          bool      // it cannot be had
}

// PutMissing stores or replaces what is known of a missing delivery; the Since of the first time stays. A
// delivery that has arrived is not missing: then it does nothing.
func (s *Store) PutMissing(ctx context.Context, m Missing) error {
	err := s.db.write(ctx, func(tx tx) error {
		_, err := tx.exec(`INSERT INTO missing (guid, id, repo, event, action, at, since, asked, gone)
			SELECT CAST($1 AS text), CAST($2 AS bigint), CAST($3 AS bigint), CAST($4 AS text), CAST($5 AS text),
				CAST($6 AS bigint), CAST($7 AS bigint), CAST($8 AS bigint), CAST($9 AS bigint)
			WHERE NOT EXISTS (SELECT 1 FROM delivery WHERE guid = CAST($1 AS text))
			ON CONFLICT (guid) DO UPDATE SET id = excluded.id, repo = excluded.repo, event = excluded.event,
				action = excluded.action, at = excluded.at, asked = excluded.asked, gone = excluded.gone`,
			m.GUID, m.ID, m.RepoID, m.Event, m.Action, nanos(m.At), nanos(m.Since), flag(m.Asked), flag(m.Gone))
		return err
	})
	if err != nil {
		return fmt.Errorf("note the missing delivery %s: %w", m.GUID, err)
	}
	return nil
}

// Missing lists the missing deliveries, those that GitHub sent first at the beginning.
func (s *Store) Missing(ctx context.Context) ([]Missing, error) {
	return s.missing(ctx, "")
}

// MissingOf lists the missing deliveries of a repository.
func (s *Store) MissingOf(ctx context.Context, repo int64) ([]Missing, error) {
	return s.missing(ctx, "WHERE repo = $1", repo)
}

func (s *Store) missing(ctx context.Context, where string, args ...any) (all []Missing, err error) {
	err = s.db.each(ctx, func(row scan) error {
		var m Missing
		var at, since, asked, gone int64
		err := row(&m.GUID, &m.ID, &m.RepoID, &m.Event, &m.Action, &at, &since, &asked, &gone)
		m.At, m.Since, m.Asked, m.Gone = moment(at), moment(since), asked == 1, gone == 1
		all = append(all, m)
		return err
	}, `SELECT guid, id, repo, event, action, at, since, asked, gone FROM missing `+where+` ORDER BY at, id, guid`,
		args...)
	if err != nil {
		return nil, fmt.Errorf("list missing deliveries: %w", err)
	}
	return all, nil
}

// DropMissing forgets a missing delivery; one that is not known is no error.
func (s *Store) DropMissing(ctx context.Context, guid string) error {
	err := s.db.write(ctx, func(tx tx) error {
		_, err := tx.exec(`DELETE FROM missing WHERE guid = $1`, guid)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget the missing delivery %s: %w", guid, err)
	}
	return nil
}
