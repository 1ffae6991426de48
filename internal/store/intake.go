package store

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// intake is group commit for PostgreSQL, as writer is for SQLite: while one transaction is being written, the
// deliveries that arrive wait and then share the next one. A lone delivery never waits for company.
type intake struct {
	queue  chan *arrival
	commit func(batch []queued) (fresh map[string]bool, err error)
	closed chan struct{}
	once   sync.Once
	idle   sync.WaitGroup
}

// arrival is a delivery that waits for its transaction.
type arrival struct {
	queued
	done chan stored
}

type stored struct {
	fresh bool
	err   error
}

func newIntake(commit func([]queued) (map[string]bool, error)) *intake {
	in := &intake{queue: make(chan *arrival, batchRequests), commit: commit, closed: make(chan struct{})}
	in.idle.Go(in.loop)
	return in
}

// close lets the transaction that has begun end; deliveries that wait are refused.
func (in *intake) close() {
	in.once.Do(func() { close(in.closed) })
	in.idle.Wait()
}

// put returns when the delivery is durable. A caller who gives up may still find it stored.
func (in *intake) put(ctx context.Context, q queued) (fresh bool, err error) {
	a := &arrival{queued: q, done: make(chan stored, 1)}
	select {
	case in.queue <- a:
	case <-ctx.Done():
		return false, ctx.Err()
	case <-in.closed:
		return false, ErrClosed
	}
	select {
	case s := <-a.done:
		return s.fresh, s.err
	case <-ctx.Done():
		return false, ctx.Err()
	case <-in.closed:
		return false, ErrClosed
	}
}

func (in *intake) loop() {
	for {
		select {
		case <-in.closed:
			return
		case first := <-in.queue:
			in.settle(in.gather(first))
		}
	}
}

func (in *intake) gather(first *arrival) []*arrival {
	batch, bytes := []*arrival{first}, len(first.Payload)
	for len(batch) < batchRequests && bytes < batchBytes {
		select {
		case a := <-in.queue:
			batch, bytes = append(batch, a), bytes+len(a.Payload)
		default:
			return batch
		}
	}
	return batch
}

// settle commits a batch. When it fails, each delivery gets a transaction of its own: one that the
// database will not take must not turn its neighbours away.
func (in *intake) settle(batch []*arrival) {
	rows := make([]queued, len(batch))
	for i, a := range batch {
		rows[i] = a.queued
	}
	// In one order everywhere, or two processes that are sent the same deliveries could wait for each other.
	slices.SortStableFunc(rows, func(a, b queued) int { return cmp.Compare(a.GUID, b.GUID) })
	rows = slices.CompactFunc(rows, func(a, b queued) bool { return a.GUID == b.GUID })
	fresh, err := in.commit(rows)
	if err != nil && len(batch) > 1 {
		for _, a := range batch {
			fresh, err := in.commit([]queued{a.queued})
			a.done <- stored{fresh[a.GUID], err}
		}
		return
	}
	for _, a := range batch { // of two in one batch with one GUID, the first is the fresh one
		isFresh := fresh[a.GUID]
		delete(fresh, a.GUID)
		a.done <- stored{isFresh, err}
	}
}
