package store

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"time"
)

// steps are the migrations of one kind of database in their order: the files of its directory in schema/,
// 001 first. A step that was released never changes; a change of the schema is a new step.
func steps(of string) ([]string, error) {
	names, err := fs.Glob(schemas, path.Join("schema", of, "*.sql"))
	if err != nil {
		return nil, err
	}
	scripts := make([]string, 0, len(names))
	for _, name := range names {
		script, err := schemas.ReadFile(name)
		if err != nil {
			return nil, err
		}
		scripts = append(scripts, string(script))
	}
	return scripts, nil
}

// bringUp runs the steps that a database of the given version has not seen, in the transaction of tx, and
// returns the version that it has then.
func bringUp(tx tx, of string, version int, now time.Time) (int, error) {
	scripts, err := steps(of)
	if err != nil {
		return 0, err
	}
	if version > len(scripts) {
		return 0, fmt.Errorf("the database has schema %d of a newer Slipway, this one knows schema %d", version,
			len(scripts))
	}
	if version == len(scripts) {
		return version, nil
	}
	for i, script := range scripts[version:] {
		if err := tx.script(script); err != nil {
			return 0, fmt.Errorf("bring the schema to version %d: %w", version+i+1, err)
		}
	}
	_, err = tx.exec(`INSERT INTO value (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		bornValue, strconv.FormatInt(nanos(now), 10))
	if err != nil {
		return 0, fmt.Errorf("note when the database was made: %w", err)
	}
	return len(scripts), nil
}
