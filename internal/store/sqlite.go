package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// sqliteReaders is how many reads run beside the one writer.
const sqliteReaders = 4

// sqlite has one writer connection: several writers would stall each other for seconds. Readers have their
// own connections and see the last commit.
type sqlite struct {
	writers, readers *sql.DB // readers is nil for a database in memory, which lives in one connection
	queries          sync.Map
	writer           *writer
	unlockFile       func() error
	options          Options
	dispatcher       *dispatcher
	finished         *notifier
}

func openSQLite(ctx context.Context, path string, o Options, finished *notifier) (_ *sqlite, err error) {
	db := &sqlite{
		unlockFile: func() error { return nil }, options: o, finished: finished,
		dispatcher: newDispatcher(o),
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.close())
		}
	}()
	if err := db.connect(path); err != nil {
		return nil, err
	}
	conn, err := db.writers.Conn(context.WithoutCancel(ctx))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	db.writer = newWriter(conn, db.dispatcher)
	if err := db.migrate(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return db, nil
}

// connect opens the file, which only one process may have: the queue takes every job that is there for its own.
func (db *sqlite) connect(path string) (err error) {
	if path == ":memory:" {
		db.writers, err = openPool("file::memory:", url.Values{"_pragma": {"foreign_keys(1)"}}, 1)
		return err
	}
	if path, err = realPath(path); err != nil {
		return err
	}
	unlock, err := lockFile(path + ".lock")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	db.unlockFile = unlock
	if err := oneName(path); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	// Made here, as SQLite would let everybody read the payloads.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	address := "file:" + (&url.URL{Path: path}).EscapedPath()
	if db.writers, err = openPool(address, url.Values{"_pragma": {
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "busy_timeout(10000)",
	}}, 1); err != nil {
		return err
	}
	db.readers, err = openPool(address, url.Values{"_pragma": {"query_only(1)", "busy_timeout(10000)"}}, sqliteReaders)
	return err
}

// realPath is where a file is, or will be, without symbolic links: the lock and SQLite's journal stand beside it, and
// have to be the same ones whichever name is given. The file is not opened: closing it would give up the locks that
// SQLite holds for this process (sqlite.org/howtocorrupt.html, 2.2).
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	found, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return found, err
	}
	if target, err := os.Readlink(path); err == nil { // to a file that is not there yet
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		return realPath(target)
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(dir, filepath.Base(path)), err
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

func (db *sqlite) migrate(ctx context.Context) error {
	var before int
	err := db.write(ctx, func(tx tx) error {
		if err := tx.each(func(row scan) error { return row(&before) }, `PRAGMA user_version`); err != nil {
			return err
		}
		version, err := bringUp(tx, "sqlite", before, db.options.Clock())
		if err != nil || version == before {
			return err
		}
		return tx.script(fmt.Sprintf("PRAGMA user_version = %d", version))
	})
	if err == nil && before == 1 {
		// The payloads that the second step dropped may be of private repositories: they leave the file too.
		err = db.writer.outside(ctx, `VACUUM`)
	}
	return err
}

func (db *sqlite) each(ctx context.Context, row func(scan) error, query string, args ...any) error {
	if db.readers == nil {
		return db.writer.read(ctx, row, query, args)
	}
	cached, known := db.queries.Load(query)
	if !known {
		prepared, err := db.readers.PrepareContext(ctx, query)
		if err != nil {
			return err
		}
		var raced bool
		if cached, raced = db.queries.LoadOrStore(query, prepared); raced {
			_ = prepared.Close() // the other one serves
		}
	}
	rows, err := cached.(*sql.Stmt).QueryContext(ctx, args...)
	return eachRow(rows, err, row)
}

func eachRow(rows *sql.Rows, err error, row func(scan) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (db *sqlite) write(ctx context.Context, do func(tx) error) error {
	return db.writer.write(ctx, 0, func(t *sqliteTx) error { return do(t) })
}

func (db *sqlite) deliver(ctx context.Context, q queued) (fresh bool, err error) {
	err = db.writer.write(ctx, len(q.Payload), func(t *sqliteTx) (err error) {
		fresh, err = t.deliver(q)
		return err
	})
	return fresh, err
}

func (db *sqlite) poke() { db.dispatcher.poke() }

func (db *sqlite) close() error {
	var errs []error
	db.queries.Range(func(_, statement any) bool {
		errs = append(errs, statement.(*sql.Stmt).Close())
		return true
	})
	if db.readers != nil {
		errs = append(errs, db.readers.Close())
	}
	if db.writer != nil {
		errs = append(errs, db.writer.close())
	}
	if db.writers != nil { // the last: it removes the WAL
		errs = append(errs, db.writers.Close())
	}
	return errors.Join(append(errs, db.unlockFile())...)
}
