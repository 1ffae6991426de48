package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/rs/zerolog"
)

// postgres may be shared by several processes. River hands the jobs that are due to one of them; which wish
// is due, and which run of a job counts, is in our own table.
type postgres struct {
	pool     *pgxpool.Pool
	config   *pgx.ConnConfig
	options  Options
	river    *river.Client[pgx.Tx]
	intake   *intake
	runner   runner
	finished *notifier
	pokes    chan struct{} // holds one while somebody wants a look at what is due
}

func openPostgres(ctx context.Context, url string, o Options, finished *notifier) (_ *postgres, err error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	// A process whose machine vanished holds its lock until the server misses it.
	for name, seconds := range map[string]string{
		"tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
	} {
		if _, set := config.ConnConfig.RuntimeParams[name]; !set {
			config.ConnConfig.RuntimeParams[name] = seconds
		}
	}
	config.MaxConns = max(config.MaxConns, int32(o.Workers/2+4))
	db := &postgres{config: config.ConnConfig.Copy(), options: o, finished: finished, pokes: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.close())
		}
	}()
	if db.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, err
	}
	if err := db.migrate(ctx); err != nil {
		return nil, err
	}
	if db.river, err = db.newClient(); err != nil {
		return nil, err
	}
	db.intake = newIntake(func(batch []queued) (map[string]bool, error) {
		return db.store(context.WithoutCancel(ctx), batch)
	})
	return db, nil
}

// migrate lets one process at a time change the schema, ours and River's.
func (db *postgres) migrate(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, db.config.Copy())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // and with it goes the lock
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(`+advisory+`)`, "schema"); err != nil {
		return err
	}
	log := slog.New(zerolog.NewSlogHandler(db.options.Log.Level(max(db.options.Log.GetLevel(), zerolog.WarnLevel))))
	migrator, err := rivermigrate.New(riverpgxv5.New(db.pool), &rivermigrate.Config{Logger: log})
	if err != nil {
		return fmt.Errorf("prepare River's schema: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("bring River's schema up to date: %w", err)
	}
	before := 0
	var exists bool
	err = db.each(ctx, func(row scan) error { return row(&exists) }, `SELECT to_regclass('store_schema') IS NOT NULL`)
	if err == nil && exists {
		err = db.each(ctx, func(row scan) error { return row(&before) }, `SELECT version FROM store_schema`)
	}
	if err != nil {
		return err
	}
	return db.write(ctx, func(tx tx) error {
		version, err := bringUp(tx, "postgres", before, db.options.Clock())
		if err != nil || version == before {
			return err
		}
		if !exists {
			if err := tx.script(`CREATE TABLE store_schema (version bigint NOT NULL)`); err != nil {
				return err
			}
		}
		if _, err := tx.exec(`DELETE FROM store_schema`); err != nil {
			return err
		}
		_, err = tx.exec(`INSERT INTO store_schema (version) VALUES ($1)`, version)
		return err
	})
}

// advisory is the number of a lock's name; a lock belongs to the schema that it is taken in.
const advisory = `hashtextextended('slipway ' || current_schema() || ' ' || $1, 0)`

func (db *postgres) deliver(ctx context.Context, q queued) (fresh bool, err error) {
	return db.intake.put(ctx, q)
}

func (db *postgres) poke() {
	select {
	case db.pokes <- struct{}{}:
	default: // a look is due already
	}
}

func (db *postgres) close() error {
	if db.intake != nil {
		db.intake.close()
	}
	if db.pool != nil {
		db.pool.Close()
	}
	return nil
}
