package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// postgres may be shared by several processes. Each says that it lives by an advisory lock of a session
// of its own: the lock goes with the process, and its jobs are then taken over.
type postgres struct {
	pool   *pgxpool.Pool
	locks  *pgxpool.Pool // a connection a lock that is held, so that locks cannot use up those for work
	client *river.Client[pgx.Tx]
	alive  *heartbeat
}

func openPostgres(ctx context.Context, url string, o Options, perform perform) (_ *postgres, err error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	// A process whose machine vanished holds its locks until the server misses it.
	for name, seconds := range map[string]string{"tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"} {
		if _, set := config.ConnConfig.RuntimeParams[name]; !set {
			config.ConnConfig.RuntimeParams[name] = seconds
		}
	}
	config.MaxConns = max(config.MaxConns, int32(o.Workers/2+4))
	db := &postgres{}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.close())
		}
	}()
	if db.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, err
	}
	locks := config.Copy()
	locks.MinConns, locks.MaxConns = 0, int32(o.Workers+4)
	if db.locks, err = pgxpool.NewWithConfig(ctx, locks); err != nil {
		return nil, err
	}
	driver := riverpgxv5.New(db.pool)
	if err := db.migrate(ctx, driver, o); err != nil {
		return nil, err
	}
	if db.client, err = newClient(driver, o, perform); err != nil {
		return nil, err
	}
	db.alive = newHeartbeat(db, config.ConnConfig.Copy(), o)
	return db, nil
}

// migrate lets one process at a time change the schema.
func (db *postgres) migrate(ctx context.Context, driver *riverpgxv5.Driver, o Options) error {
	unlock, err := db.lock(ctx, "schema")
	if err != nil {
		return err
	}
	defer unlock()
	if err := migrateRiver(ctx, driver, o.Log); err != nil {
		return err
	}
	return db.write(ctx, func(tx tx) error {
		var version int
		if _, err := tx.exec(ctx, `CREATE TABLE IF NOT EXISTS store_schema (version bigint NOT NULL)`); err != nil {
			return err
		}
		err := tx.each(ctx, func(row scan) error { return row(&version) }, `SELECT version FROM store_schema`)
		if err != nil {
			return err
		}
		return bringUp(version, func() error {
			schema, err := schemas.ReadFile("schema/postgres.sql")
			if err != nil {
				return err
			}
			if _, err := tx.exec(ctx, string(schema)); err != nil {
				return err
			}
			_, err = tx.exec(ctx, `INSERT INTO store_schema (version) VALUES ($1)`, schemaVersion)
			return err
		})
	})
}

func (*postgres) riverTime(t time.Time) any { return t.UTC() }

// lock takes an advisory lock, which belongs to the schema it is taken in.
func (db *postgres) lock(ctx context.Context, name string) (unlock func(), err error) {
	conn, err := db.locks.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(`+advisory+`)`, name); err != nil {
		conn.Release()
		return nil, err
	}
	return func() {
		defer conn.Release()
		ctx := context.WithoutCancel(ctx)
		if _, err := conn.Exec(ctx, `SELECT pg_advisory_unlock(`+advisory+`)`, name); err != nil {
			conn.Conn().Close(ctx) // the lock goes with the connection
		}
	}, nil
}

// advisory is the number of a lock's name.
const advisory = `hashtextextended('slipway ' || current_schema() || ' ' || $1, 0)`

// poke goes the way of River's own notifications. River sends too few of them: it counts by its clock
// how long ago the last one was, and ours may stand still.
func (db *postgres) poke(ctx context.Context) {
	driver := db.client.Driver()
	exec, err := driver.GetExecutor().Begin(ctx)
	if err != nil {
		return // the next poll finds the job
	}
	defer func() { _ = exec.Rollback(ctx) }() // does nothing after the commit
	if notify(ctx, exec) == nil {
		_ = exec.Commit(ctx) // the next poll finds the job
	}
}

func notify(ctx context.Context, tx riverdriver.ExecutorTx) error {
	return tx.NotifyMany(ctx, &riverdriver.NotifyManyParams{
		Topic: "river_insert", Payload: []string{`{"queue":"` + river.QueueDefault + `"}`},
	})
}

func (db *postgres) start(ctx context.Context) error {
	if err := db.alive.start(ctx); err != nil {
		return err
	}
	if err := db.client.Start(ctx); err != nil {
		return errors.Join(err, db.alive.stop(ctx))
	}
	return nil
}

func (db *postgres) stop(ctx context.Context) error {
	return errors.Join(db.client.Stop(ctx), db.alive.stop(ctx))
}

func (db *postgres) ping(ctx context.Context) error { return db.pool.Ping(ctx) }

func (db *postgres) close() error {
	for _, pool := range []*pgxpool.Pool{db.locks, db.pool} {
		if pool != nil {
			pool.Close()
		}
	}
	return nil
}
