package webhook

import (
	"context"
	"slices"
	"sync"
	"time"
)

// lane is a budget for the bytes of bodies that are in flight at a time, over all connections. Who comes while it is
// used up waits in line; who has had a part of it for longer than grace, and is still reading, gives way to those who
// wait: a delivery of GitHub arrives at once, and whoever holds bytes for long only keeps others out.
type lane struct {
	size     int
	grace    time.Duration
	patience time.Duration // how long to wait

	mu      sync.Mutex
	used    int
	holders []*hold // the oldest first
	waiting []*hold // the first to be served first
}

// hold is a part of a lane.
type hold struct {
	lane  *lane
	bytes int
	stop  func() // ends the reading of the body
	ready chan struct{}
	ripe  *time.Timer

	old, read, stopped bool
}

// take waits for a part of the lane; ok is false where none came free in time. stop is called from another goroutine,
// once at most, when the part is wanted back before the body was read.
func (l *lane) take(ctx context.Context, bytes int, stop func()) (h *hold, ok bool) {
	h = &hold{lane: l, bytes: bytes, stop: stop, ready: make(chan struct{})}
	l.mu.Lock()
	l.waiting = append(l.waiting, h)
	l.serve()
	l.mu.Unlock()
	patience := time.NewTimer(l.patience)
	defer patience.Stop()
	select {
	case <-h.ready:
		return h, true
	case <-patience.C:
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.waiting, h); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
		l.serve() // the next one may be smaller
		return nil, false
	}
	return h, true // it came in the last moment
}

// serve lets those in whose turn it is, and takes back from the oldest what the next one needs. mu is held.
func (l *lane) serve() {
	for len(l.waiting) > 0 && l.used+l.waiting[0].bytes <= l.size {
		h := l.waiting[0]
		l.waiting = l.waiting[1:]
		l.used += h.bytes
		l.holders = append(l.holders, h)
		h.ripe = time.AfterFunc(l.grace, h.ripen)
		close(h.ready)
	}
	if len(l.waiting) == 0 {
		return
	}
	lacks := l.used + l.waiting[0].bytes - l.size
	for _, h := range l.holders {
		if lacks > 0 && h.old && !h.read {
			lacks -= h.bytes
			if !h.stopped {
				h.stopped = true
				h.stop()
			}
		}
	}
}

func (h *hold) ripen() {
	h.lane.mu.Lock()
	defer h.lane.mu.Unlock()
	h.old = true
	h.lane.serve()
}

// arrived says that the body was read: from now on nobody takes the part back. It is false where that was done.
func (h *hold) arrived() bool {
	h.lane.mu.Lock()
	defer h.lane.mu.Unlock()
	h.read = true
	return !h.stopped
}

// done gives the part back.
func (h *hold) done() {
	h.ripe.Stop()
	h.lane.mu.Lock()
	defer h.lane.mu.Unlock()
	if i := slices.Index(h.lane.holders, h); i >= 0 {
		h.lane.holders = slices.Delete(h.lane.holders, i, i+1)
		h.lane.used -= h.bytes
		h.lane.serve()
	}
}
