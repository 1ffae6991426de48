package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// sqliteReaders is how many reads run beside the one writer.
const sqliteReaders = 4

// sqlite has one writer connection, which River shares: several writers would stall each other for
// seconds. Readers have their own connections and see the last commit.
type sqlite struct {
	writer, readers *sql.DB
	unlockFile      func() error
	client          *river.Client[*sql.Tx]
	pilot           *pilot
	running         atomic.Bool
}

func openSQLite(ctx context.Context, path string, o Options, perform perform) (_ *sqlite, err error) {
	db := &sqlite{unlockFile: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.close())
		}
	}()
	if err := db.connect(path); err != nil {
		return nil, err
	}
	db.pilot = &pilot{driver: riversqlite.New(db.writer)}
	driver := &pokable{Driver: db.pilot.driver, pilot: db.pilot}
	if err := db.migrate(ctx, driver, o); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	// Nobody else has the file, so whatever seems to run was killed.
	_, err = db.writer.ExecContext(ctx, `UPDATE river_job SET state = 'available', scheduled_at = $1
		WHERE state = 'running'`, db.riverTime(o.Clock()))
	if err != nil {
		return nil, fmt.Errorf("take up the jobs of the killed process: %w", err)
	}
	var newest int64
	if err := db.writer.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM river_job`).Scan(&newest); err != nil {
		return nil, fmt.Errorf("find the newest job: %w", err)
	}
	db.pilot.lastID.Store(newest)
	if db.pilot.insert, err = db.writer.PrepareContext(ctx, insertJob); err != nil {
		return nil, err
	}
	db.client, err = newClient(driver, o, perform)
	return db, err
}

// connect opens the file, which only one process may have: its queue takes every job that seems to run
// for that of a dead process.
func (db *sqlite) connect(path string) (err error) {
	if path == ":memory:" { // exists once a connection, so there is only one
		db.writer, err = openPool("file::memory:", url.Values{"_pragma": {"foreign_keys(1)"}}, 1)
		db.readers = db.writer
		return err
	}
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	unlock, err := lockFile(path + ".lock")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	db.unlockFile = unlock
	// Made here, as SQLite would let everybody read the payloads.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	address := "file:" + (&url.URL{Path: path}).EscapedPath()
	if db.writer, err = openPool(address, url.Values{"_pragma": {
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "busy_timeout(10000)",
	}, "_txlock": {"immediate"}}, 1); err != nil {
		return err
	}
	db.readers, err = openPool(address, url.Values{"_pragma": {"query_only(1)", "busy_timeout(10000)"}}, sqliteReaders)
	return err
}

func openPool(address string, options url.Values, connections int) (*sql.DB, error) {
	pool, err := sql.Open("sqlite", address+"?"+options.Encode())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return pool, nil
}

func (db *sqlite) migrate(ctx context.Context, driver *pokable, o Options) error {
	if err := migrateRiver(ctx, driver, o.Log); err != nil {
		return err
	}
	return db.write(ctx, func(tx tx) error {
		var version int
		err := tx.each(ctx, func(row scan) error { return row(&version) }, `PRAGMA user_version`)
		if err != nil {
			return err
		}
		return bringUp(version, func() error {
			schema, err := schemas.ReadFile("schema/sqlite.sql")
			if err != nil {
				return err
			}
			_, err = tx.exec(ctx, string(schema)+"PRAGMA user_version = "+strconv.Itoa(schemaVersion))
			return err
		})
	})
}

// bringUp makes a new schema, and leaves one of today alone.
func bringUp(version int, create func() error) error {
	switch {
	case version == 0:
		if err := create(); err != nil {
			return fmt.Errorf("make the schema: %w", err)
		}
	case version > schemaVersion:
		return fmt.Errorf("the database has schema %d of a newer Slipway, this one knows schema %d", version, schemaVersion)
	}
	return nil
}

func (*sqlite) riverTime(t time.Time) any { return sqliteTime(t) }

// sqliteTime is River's format for times, which sorts as text.
func sqliteTime(t time.Time) string {
	return t.UTC().Round(time.Millisecond).Format("2006-01-02 15:04:05.999")
}

func (*sqlite) lock(context.Context, string) (func(), error) { return func() {}, nil }

func (db *sqlite) poke(ctx context.Context) {
	if db.running.Load() {
		db.pilot.ring(ctx, []*rivertype.JobInsertResult{{Job: &rivertype.JobRow{Queue: river.QueueDefault}}})
	}
}

func (db *sqlite) start(ctx context.Context) error {
	if err := db.client.Start(ctx); err != nil {
		return err
	}
	db.running.Store(true)
	return nil
}

func (db *sqlite) stop(ctx context.Context) error {
	db.running.Store(false)
	return db.client.Stop(ctx)
}

func (db *sqlite) ping(ctx context.Context) error { return db.readers.PingContext(ctx) }

func (db *sqlite) close() error {
	var errs []error
	for _, pool := range []*sql.DB{db.readers, db.writer} { // the writer last: it tidies the WAL away
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(append(errs, db.unlockFile())...)
}
