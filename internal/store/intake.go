package store

import (
	"context"
	"sync"
)

// The most that one transaction of the intake takes, so that a flood neither holds the writer for long
// nor builds a huge transaction.
const (
	batchRows  = 256
	batchBytes = 8 << 20
)

// intake is group commit: while one transaction is being written to disk, the deliveries that arrive
// wait and then share the next one. A lone delivery never waits for company.
type intake struct {
	queue  chan *request
	life   context.Context
	commit func(ctx context.Context, batch []*request) error
	idle   sync.WaitGroup
}

type request struct {
	queued
	fresh bool
	done  chan error
}

func newIntake(life context.Context, commit func(context.Context, []*request) error) *intake {
	in := &intake{queue: make(chan *request, batchRows), life: life, commit: commit}
	in.idle.Go(in.loop)
	return in
}

func (in *intake) wait() { in.idle.Wait() }

// put returns when the delivery is durable. A caller who gives up may still find it stored.
func (in *intake) put(ctx context.Context, q queued) (fresh bool, err error) {
	r := &request{queued: q, done: make(chan error, 1)}
	select {
	case in.queue <- r:
	case <-ctx.Done():
		return false, ctx.Err()
	case <-in.life.Done():
		return false, ErrClosed
	}
	select {
	case err := <-r.done:
		return r.fresh, err
	case <-ctx.Done():
		return false, ctx.Err()
	case <-in.life.Done():
		return false, ErrClosed
	}
}

func (in *intake) loop() {
	for {
		select {
		case <-in.life.Done():
			return
		case first := <-in.queue:
			in.settle(in.gather(first))
		}
	}
}

func (in *intake) gather(first *request) []*request {
	batch, bytes := []*request{first}, len(first.Payload)
	for len(batch) < batchRows && bytes < batchBytes {
		select {
		case r := <-in.queue:
			batch, bytes = append(batch, r), bytes+len(r.Payload)
		default:
			return batch
		}
	}
	return batch
}

// settle commits a batch. When it fails, each delivery gets a transaction of its own: one that the
// database will not take must not turn its neighbours away.
func (in *intake) settle(batch []*request) {
	ctx := context.WithoutCancel(in.life) // what has begun is finished, also when the store closes
	err := in.commit(ctx, batch)
	if err != nil && len(batch) > 1 {
		for _, r := range batch {
			r.done <- in.commit(ctx, []*request{r})
		}
		return
	}
	for _, r := range batch {
		r.done <- err
	}
}
