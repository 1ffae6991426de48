package store

import (
	"context"
	"fmt"
)

// Value returns a small value by its name, such as the cursor of catching up.
func (s *Store) Value(ctx context.Context, name string) (value string, found bool, err error) {
	err = s.db.each(ctx, func(row scan) error { found = true; return row(&value) },
		`SELECT value FROM value WHERE name = $1`, name)
	if err != nil {
		return "", false, fmt.Errorf("read the value %s: %w", name, err)
	}
	return value, found, nil
}

// SetValue stores a small value. Names that begin with "store." belong to the store.
func (s *Store) SetValue(ctx context.Context, name, value string) error {
	if err := s.setValue(ctx, name, value); err != nil {
		return fmt.Errorf("set the value %s: %w", name, err)
	}
	return nil
}

func (s *Store) setValue(ctx context.Context, name, value string) error {
	return s.db.write(ctx, func(tx tx) error {
		_, err := tx.exec(`INSERT INTO value (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
		return err
	})
}
