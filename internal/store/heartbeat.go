package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
)

// heartbeat keeps the advisory lock that says "this process lives", and looks for jobs that run in
// processes that no longer do. River itself would take an hour to start those again.
type heartbeat struct {
	db     *postgres
	config *pgx.ConnConfig
	every  time.Duration
	clock  func() time.Time
	log    zerolog.Logger

	conn *pgx.Conn // holds the lock
	end  context.CancelFunc
	idle sync.WaitGroup
}

func newHeartbeat(db *postgres, config *pgx.ConnConfig, o Options) *heartbeat {
	return &heartbeat{db: db, config: config, every: o.Poll, clock: o.Clock, log: o.Log}
}

func (h *heartbeat) start(ctx context.Context) error {
	if err := h.beat(ctx); err != nil {
		return err
	}
	ctx, h.end = context.WithCancel(ctx)
	h.idle.Go(func() {
		tick := time.NewTicker(h.every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := h.beat(ctx); err != nil && ctx.Err() == nil {
					h.log.Error().Err(err).Msg("the queue cannot look after itself")
				}
			}
		}
	})
	return nil
}

func (h *heartbeat) stop(ctx context.Context) error {
	h.end()
	h.idle.Wait()
	if h.conn == nil {
		return nil
	}
	err := h.conn.Close(ctx)
	h.conn = nil
	return err
}

func (h *heartbeat) beat(ctx context.Context) error {
	if err := h.live(ctx); err != nil {
		return fmt.Errorf("show that this process lives: %w", err)
	}
	if err := h.takeOver(ctx); err != nil {
		return fmt.Errorf("take over the jobs of dead processes: %w", err)
	}
	return nil
}

// live takes the lock, again if the connection that held it was lost.
func (h *heartbeat) live(ctx context.Context) error {
	if h.conn != nil && h.conn.Ping(ctx) == nil {
		return nil
	}
	if h.conn != nil {
		h.conn.Close(ctx)
		h.conn = nil
	}
	conn, err := pgx.ConnectConfig(ctx, h.config)
	if err != nil {
		return err
	}
	var mine bool
	err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(`+advisory+`)`, processLock(h.db.client.ID())).Scan(&mine)
	if err == nil && !mine {
		// The server has not yet noticed that the old connection is gone; it keeps the lock for us.
		err = errNotAlone
	}
	if err != nil {
		return errors.Join(err, conn.Close(ctx))
	}
	h.conn = conn
	return nil
}

// takeOver makes the jobs of dead processes available: of those whose lock can be had.
func (h *heartbeat) takeOver(ctx context.Context) error {
	var owners []string
	err := h.db.each(ctx, func(row scan) error {
		var owner string
		err := row(&owner)
		owners = append(owners, owner)
		return err
	}, `SELECT DISTINCT attempted_by[cardinality(attempted_by)] FROM river_job WHERE state = 'running'
		AND attempted_by[cardinality(attempted_by)] <> $1`, h.db.client.ID())
	if err != nil {
		return err
	}
	for _, owner := range owners {
		var taken int64
		err := h.db.write(ctx, func(tx tx) error {
			var dead bool
			err := tx.each(ctx, func(row scan) error { return row(&dead) },
				`SELECT pg_try_advisory_xact_lock(`+advisory+`)`, processLock(owner))
			if err != nil || !dead {
				return err
			}
			taken, err = tx.exec(ctx, `UPDATE river_job SET state = 'available', scheduled_at = $1
				WHERE state = 'running' AND attempted_by[cardinality(attempted_by)] = $2`, h.clock().UTC(), owner)
			return err
		})
		if err != nil {
			return err
		}
		if taken > 0 {
			h.log.Warn().Str("process", owner).Int64("jobs", taken).Msg("took over the jobs of a dead process")
			h.db.poke(ctx)
		}
	}
	return nil
}

var errNotAlone = errors.New("the lock of this process is still held by its old connection")

func processLock(clientID string) string { return "process " + clientID }
