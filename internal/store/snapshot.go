package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Snapshot is what was seen at the last look at something; the next look replaces it.
type Snapshot struct {
	Key     string
	Version int // of the row; PutSnapshot takes the one that was read, 0 for a new key
	Repo    int64
	Issue   int
	Open    bool
	At      time.Time
	Data    []byte // kept byte for byte
}

// SnapshotFilter says which snapshots to list; its zero fields let everything through.
type SnapshotFilter struct {
	Repo   int64
	Issue  int
	Prefix string // of the key
	Open   *bool
}

// Snapshot returns the snapshot of a key.
func (s *Store) Snapshot(ctx context.Context, key string) (snapshot Snapshot, found bool, err error) {
	all, err := s.snapshots(ctx, `WHERE key = $1`, key)
	if err != nil {
		err = fmt.Errorf("read snapshot %s: %w", key, err)
	}
	return first(all, err)
}

// PutSnapshot replaces the snapshot of the version that was read, and stores it with the next version.
// ErrConflict means that the stored one has another version. When data and Open are as they are stored,
// nothing is written and the version stays.
func (s *Store) PutSnapshot(ctx context.Context, p Snapshot) error {
	known, found, err := s.Snapshot(ctx, p.Key)
	if err != nil {
		return err
	}
	if found && known.Version == p.Version && known.Open == p.Open && bytes.Equal(known.Data, p.Data) {
		return nil
	}
	err = s.db.write(ctx, func(tx tx) error {
		statement := `UPDATE snapshot SET version = version + 1, repo = $3, issue = $4, open = $5, at = $6, data = $7
			WHERE key = $1 AND version = $2`
		if p.Version == 0 {
			statement = `INSERT INTO snapshot (key, version, repo, issue, open, at, data)
				VALUES ($1, 1 + CAST($2 AS bigint), $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`
		}
		rows, err := tx.exec(statement, p.Key, p.Version, p.Repo, p.Issue, flag(p.Open), nanos(p.At), notNil(p.Data))
		if err == nil && rows == 0 {
			err = ErrConflict
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("store snapshot %s: %w", p.Key, err)
	}
	return nil
}

// DropSnapshot forgets a snapshot; one that is not there is no error.
func (s *Store) DropSnapshot(ctx context.Context, key string) error {
	err := s.db.write(ctx, func(tx tx) error {
		_, err := tx.exec(`DELETE FROM snapshot WHERE key = $1`, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget snapshot %s: %w", key, err)
	}
	return nil
}

// Snapshots lists the snapshots that pass the filter, ordered by key.
func (s *Store) Snapshots(ctx context.Context, f SnapshotFilter) ([]Snapshot, error) {
	var where conditions
	if f.Repo != 0 {
		where.add("repo = %s", f.Repo)
	}
	if f.Issue != 0 {
		where.add("issue = %s", f.Issue)
	}
	if f.Open != nil {
		where.add("open = %s", flag(*f.Open))
	}
	if f.Prefix != "" {
		where.add("substr(key, 1, length(CAST(%[1]s AS text))) = CAST(%[1]s AS text)", f.Prefix)
	}
	all, err := s.snapshots(ctx, where.clause(), where.args...)
	if err != nil {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	// Not by the database, as PostgreSQL would order by the rules of its language.
	slices.SortFunc(all, func(a, b Snapshot) int { return cmp.Compare(a.Key, b.Key) })
	return all, nil
}

func (s *Store) snapshots(ctx context.Context, where string, args ...any) (all []Snapshot, err error) {
	err = s.db.each(ctx, func(row scan) error {
		var p Snapshot
		var open, at int64
		err := row(&p.Key, &p.Version, &p.Repo, &p.Issue, &open, &at, &p.Data)
		p.Open, p.At, p.Data = open == 1, moment(at), notNil(p.Data)
		all = append(all, p)
		return err
	}, `SELECT key, version, repo, issue, open, at, data FROM snapshot `+where, args...)
	return all, err
}
