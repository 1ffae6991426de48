package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// The most that one transaction takes, so that a flood neither holds the writer for long nor builds a huge
// transaction.
const (
	batchRequests = 256
	batchBytes    = 8 << 20
)

// writer has the only connection that writes, and commits in groups: while one transaction is being written
// to disk, the writes that arrive wait and then share the next one. A lone write never waits for company.
type writer struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt // by their text; used by whoever has mu
	mu         sync.Mutex           // held while the connection is in use
	dispatcher *dispatcher

	queue  chan *request
	closed chan struct{}
	once   sync.Once
	idle   sync.WaitGroup
}

// request is a write on its way into a transaction.
type request struct {
	do    func(*sqliteTx) error
	bytes int
	begun atomic.Bool // by the writer, which then finishes it, or by the caller, who has given up
	done  chan error
}

func newWriter(conn *sql.Conn, d *dispatcher) *writer {
	w := &writer{
		conn: conn, statements: make(map[string]*sql.Stmt), dispatcher: d,
		queue: make(chan *request, batchRequests), closed: make(chan struct{}),
	}
	w.idle.Go(w.loop)
	return w
}

// write returns when the changes are durable, or when nothing of them is. What has begun is finished: a caller
// may give up only before.
func (w *writer) write(ctx context.Context, bytes int, do func(*sqliteTx) error) error {
	r := &request{do: do, bytes: bytes, done: make(chan error, 1)}
	select {
	case w.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closed:
		return ErrClosed
	}
	given := ErrClosed
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		given = ctx.Err()
	case <-w.closed:
	}
	if r.begun.CompareAndSwap(false, true) {
		return given
	}
	return <-r.done
}

func (w *writer) loop() {
	for {
		select {
		case <-w.closed:
			return
		case first := <-w.queue:
			w.settle(w.gather(first))
		}
	}
}

func (w *writer) gather(first *request) (batch []*request) {
	bytes := 0
	for r := first; ; {
		if r.begun.CompareAndSwap(false, true) {
			batch, bytes = append(batch, r), bytes+r.bytes
		}
		if len(batch) >= batchRequests || bytes >= batchBytes {
			return batch
		}
		select {
		case r = <-w.queue:
		default:
			return batch
		}
	}
}

// settle commits a batch. When it fails, each write gets a transaction of its own: one that the database will
// not take must not turn its neighbours away.
func (w *writer) settle(batch []*request) {
	if len(batch) == 0 {
		return
	}
	err := w.commit(batch)
	if err != nil && len(batch) > 1 {
		for _, r := range batch {
			r.done <- w.commit([]*request{r})
		}
		return
	}
	for _, r := range batch {
		r.done <- err
	}
}

func (w *writer) commit(batch []*request) (err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := &sqliteTx{writer: w, changes: newChanges(w.dispatcher)}
	if _, err := t.exec(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, _ = t.exec(`ROLLBACK`) // fails when SQLite has done so by itself, as with a full disk
		}
	}()
	for _, r := range batch {
		if err := r.do(t); err != nil {
			return err
		}
	}
	if _, err := t.exec(`COMMIT`); err != nil {
		return err
	}
	t.changes.apply()
	return nil
}

// read answers a query from the writer's connection: a database in memory has no other.
func (w *writer) read(ctx context.Context, row func(scan) error, query string, args []any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-w.closed:
		return ErrClosed
	default:
		return (&sqliteTx{writer: w}).each(row, query, args...)
	}
}

// outside runs a statement that no transaction may hold.
func (w *writer) outside(ctx context.Context, statement string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.conn.ExecContext(ctx, statement)
	return err
}

// statement is called by whoever has mu.
func (w *writer) statement(query string) (*sql.Stmt, error) {
	if s := w.statements[query]; s != nil {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	w.statements[query] = s
	return s, nil
}

func (w *writer) close() error {
	var errs []error
	w.once.Do(func() {
		close(w.closed)
		w.idle.Wait()
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, s := range w.statements {
			errs = append(errs, s.Close())
		}
		errs = append(errs, w.conn.Close())
	})
	return errors.Join(errs...)
}
