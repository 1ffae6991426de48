package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"
)

// A process shows the others that it lives by an advisory lock of a session of its own, which goes with the
// process or with the connection. It then holds a lease on the jobs that it runs: while the lock is held,
// nobody else takes them.
type lease struct {
	owner string          // what the jobs say that this process holds
	alive context.Context // ends at once when the connection is lost
	lose  context.CancelFunc
	conn  *pgx.Conn
}

// How long the server may be silent before it is asked, and how long it has to answer.
const (
	leaseSilence = 2 * time.Second
	leaseAnswer  = 3 * time.Second
)

// takeLease takes the lock of a new owner. An owner is never used twice: what an earlier one held is for
// whoever finds it.
func takeLease(ctx context.Context, config *pgx.ConnConfig) (*lease, error) {
	conn, err := pgx.ConnectConfig(ctx, config.Copy())
	if err != nil {
		return nil, err
	}
	l := &lease{owner: "slipway-" + uuid.NewString(), conn: conn}
	var mine bool
	err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(`+advisory+`)`, processLock(l.owner)).Scan(&mine)
	if err == nil && !mine {
		err = errors.New("another session holds the lock of this process")
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
	}
	l.alive, l.lose = context.WithCancel(context.WithoutCancel(ctx))
	return l, nil
}

func processLock(owner string) string { return "process " + owner }

// hold returns when the lease is lost, with why, or when ctx ends. It reads from the connection all the time,
// so that it hears at once when the connection ends.
func (l *lease) hold(ctx context.Context) error {
	defer l.conn.Close(context.WithoutCancel(ctx))
	defer l.lose()
	for {
		if err := l.listen(ctx); err != nil || ctx.Err() != nil {
			return err
		}
		if err := l.ask(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// listen returns nil when the server was silent for a while.
func (l *lease) listen(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaseSilence)
	defer cancel()
	_, err := l.conn.WaitForNotification(ctx)
	if pgconn.Timeout(err) && !l.conn.IsClosed() || ctx.Err() != nil {
		return nil
	}
	return err
}

func (l *lease) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaseAnswer)
	defer cancel()
	return l.conn.Ping(ctx)
}

// keeper sees to it that this process has a lease.
type keeper struct {
	config  *pgx.ConnConfig
	retry   time.Duration
	log     zerolog.Logger
	changed *notifier

	mu      sync.Mutex
	current *lease
}

func (k *keeper) set(l *lease) {
	k.mu.Lock()
	k.current = l
	k.mu.Unlock()
	k.changed.notify()
}

// lease waits for the lease of this process; false when stopping ends first.
func (k *keeper) lease(stopping context.Context) (*lease, bool) {
	for {
		changed := k.changed.wait()
		k.mu.Lock()
		current := k.current
		k.mu.Unlock()
		if current != nil && current.alive.Err() == nil {
			return current, true
		}
		select {
		case <-changed:
		case <-stopping.Done():
			return nil, false
		}
	}
}

// keep holds the first lease, and takes a new one whenever one is lost, until ctx ends.
func (k *keeper) keep(ctx context.Context, first *lease) {
	retry := time.NewTicker(k.retry)
	defer retry.Stop()
	for l := first; ; {
		k.set(l)
		err := l.hold(ctx)
		if ctx.Err() != nil {
			return
		}
		k.log.Error().Err(fmt.Errorf("show that this process lives: %w", err)).
			Msg("lost the lease on the running jobs; they are cancelled and start again")
		for {
			if l, err = takeLease(ctx, k.config); err == nil {
				break
			}
			select {
			case <-retry.C:
			case <-ctx.Done():
				return
			}
		}
	}
}
