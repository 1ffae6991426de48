package store

import (
	"container/heap"
	"sync"
)

// dispatcher hands the jobs of the one process that has an SQLite file to its workers. It knows what the table
// job holds, as each transaction tells it what it changed once it is committed.
type dispatcher struct {
	options Options

	mu      sync.Mutex
	due     *sync.Cond // a wish may be due, or the dispatcher stops
	active  bool       // between load and reset; nobody needs to be told anything otherwise
	stopped bool
	wishes  map[name]*wish
	waiting wishHeap
	ready   []*wish            // due, and their group has had a place for them
	parked  map[string][]*wish // due, but their group is full
	running map[string]int     // by group
	wished  uint64             // how many wishes there have been
}

// wish is a job that is wanted.
type wish struct {
	job      Job
	at       int64
	again    int64 // the earliest wish since the run began; 0: none
	failures int
	since    int64
	number   uint64 // of two for the same time, the one that was wished first runs first
	place    place
	index    int // in the heap
	group    string
}

// place is where a wish is.
type place int

const (
	isWaiting place = iota // in the heap
	isDue                  // ready or parked
	isRunning
)

func newDispatcher(o Options) *dispatcher {
	d := &dispatcher{options: o}
	d.due = sync.NewCond(&d.mu)
	d.clear()
	return d
}

func (d *dispatcher) clear() {
	d.wishes, d.waiting, d.ready = make(map[name]*wish), nil, nil
	d.parked, d.running = make(map[string][]*wish), make(map[string]int)
}

// next waits for a job that is due; false when the dispatcher stops.
func (d *dispatcher) next() (Job, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for !d.stopped {
		if w := d.pick(); w != nil {
			d.due.Signal() // there may be more, for another worker
			w.place = isRunning
			d.running[w.group]++
			w.job.Attempt, w.job.Since = w.failures+1, moment(w.since)
			return w.job, true
		}
		d.due.Wait()
	}
	return Job{}, false
}

// pick takes a due wish whose group is not full. Those whose group is full are put aside.
func (d *dispatcher) pick() *wish {
	for len(d.ready) > 0 {
		w := d.ready[0]
		d.ready = d.ready[1:]
		if !d.full(w.group) {
			return w
		}
		d.parked[w.group] = append([]*wish{w}, d.parked[w.group]...)
	}
	now := nanos(d.options.Clock())
	for len(d.waiting) > 0 && d.waiting[0].at <= now {
		w := heap.Pop(&d.waiting).(*wish)
		w.place, w.group = isDue, d.options.Group(w.job)
		if !d.full(w.group) {
			return w
		}
		d.parked[w.group] = append(d.parked[w.group], w)
	}
	return nil
}

func (d *dispatcher) full(group string) bool {
	return group != "" && d.running[group] >= d.options.PerGroup
}

// poke lets the workers look at the clock.
func (d *dispatcher) poke() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.due.Signal()
}

func (d *dispatcher) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	d.due.Broadcast()
}

// reset forgets everything when the workers have ended.
func (d *dispatcher) reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.active, d.stopped = false, false
	d.clear()
}

// putBack is for a job whose end could not be written down.
func (d *dispatcher) putBack(n name, at int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.wishes[n]
	d.leave(w)
	w.at = earlier(at, w.again)
	d.wait(w)
}

// What follows is called with mu held.

func (d *dispatcher) load(wishes []*wish) {
	d.active = true
	for _, w := range wishes {
		d.wishes[w.job.name()] = w
		d.wait(w)
	}
}

func (d *dispatcher) wake(n name, at int64) {
	if !d.active {
		return
	}
	w := d.wishes[n]
	switch {
	case w == nil:
		w = &wish{job: Job{Kind: n.kind, Key: n.key}, at: at}
		d.wishes[n] = w
		d.wait(w)
	case w.place == isRunning:
		w.again = earlier(w.again, at)
	case w.place == isWaiting && at < w.at:
		w.at = at
		heap.Fix(&d.waiting, w.index)
		d.due.Signal()
	}
}

func (d *dispatcher) finish(n name, e ending) {
	w := d.wishes[n]
	if w == nil {
		return
	}
	d.leave(w)
	if e.next == 0 {
		delete(d.wishes, n)
		return
	}
	w.at, w.again, w.failures, w.since = e.next, 0, e.failures, e.since
	d.wait(w)
}

// wait puts a wish into the heap.
func (d *dispatcher) wait(w *wish) {
	d.wished++
	w.place, w.number = isWaiting, d.wished
	heap.Push(&d.waiting, w)
	d.due.Signal()
}

// leave gives the place of a job that ran to the next of its group.
func (d *dispatcher) leave(w *wish) {
	if d.running[w.group]--; d.running[w.group] == 0 {
		delete(d.running, w.group)
	}
	parked := d.parked[w.group]
	if len(parked) == 0 {
		return
	}
	d.ready = append(d.ready, parked[0])
	if d.parked[w.group] = parked[1:]; len(parked) == 1 {
		delete(d.parked, w.group)
	}
	d.due.Signal()
}

// wishHeap has the wish of the earliest time on top.
type wishHeap []*wish

func (h wishHeap) Len() int { return len(h) }

func (h wishHeap) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].number < h[j].number
}

func (h wishHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push is for package heap.
func (h *wishHeap) Push(x any) {
	w := x.(*wish)
	w.index = len(*h)
	*h = append(*h, w)
}

// Pop is for package heap.
func (h *wishHeap) Pop() any {
	last := len(*h) - 1
	w := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return w
}
