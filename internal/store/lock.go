package store

import (
	"context"
	"fmt"
	"sync"
)

// Lock waits until the caller is the only writer of the log, in this process and, on PostgreSQL, among
// all processes; a process that dies loses its locks. Unlock once. It guards against wasted work, not
// against wrong logs: that is what ErrConflict is for.
func (s *Store) Lock(ctx context.Context, log string) (unlock func(), err error) {
	leave, err := s.turns.take(ctx, log)
	if err != nil {
		return nil, fmt.Errorf("lock log %s: %w", log, err)
	}
	release, err := s.db.lock(ctx, "log "+log)
	if err != nil {
		leave()
		return nil, fmt.Errorf("lock log %s: %w", log, err)
	}
	return sync.OnceFunc(func() { release(); leave() }), nil
}

// turns is a mutex a key. Keys that nobody holds or waits for take no memory.
type turns struct {
	mu   sync.Mutex
	keys map[string]*turn
}

type turn struct {
	free  chan struct{} // holds one token while nobody has the turn
	users int           // who has it or waits for it
}

func (t *turns) take(ctx context.Context, key string) (leave func(), err error) {
	t.mu.Lock()
	if t.keys == nil {
		t.keys = make(map[string]*turn)
	}
	mine := t.keys[key]
	if mine == nil {
		mine = &turn{free: make(chan struct{}, 1)}
		mine.free <- struct{}{}
		t.keys[key] = mine
	}
	mine.users++
	t.mu.Unlock()

	drop := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if mine.users--; mine.users == 0 {
			delete(t.keys, key)
		}
	}
	select {
	case <-mine.free:
		return func() { mine.free <- struct{}{}; drop() }, nil
	case <-ctx.Done():
		drop()
		return nil, ctx.Err()
	}
}
