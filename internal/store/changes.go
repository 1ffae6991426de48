package store

// changes are what a transaction does to the queue. The dispatcher hears of them when they are committed;
// until then, the writes that share the transaction see the changes of those before them.
type changes struct {
	dispatcher *dispatcher
	runs       map[name]*runView
	all        []func()
}

// runView is what the transaction knows of a run.
type runView struct {
	running bool
	again   int64
}

func newChanges(d *dispatcher) *changes { return &changes{dispatcher: d} }

func (c *changes) view(n name) *runView {
	if v := c.runs[n]; v != nil {
		return v
	}
	c.dispatcher.mu.Lock()
	defer c.dispatcher.mu.Unlock()
	v := &runView{}
	if w := c.dispatcher.wishes[n]; w != nil {
		v.running, v.again = w.place == isRunning, w.again
	}
	if c.runs == nil {
		c.runs = make(map[name]*runView)
	}
	c.runs[n] = v
	return v
}

// wake notes a wish, and says whether its job is running. A job that begins to run after this look runs once
// more: the dispatcher will see it running.
func (c *changes) wake(n name, at int64) (running bool) {
	v := c.view(n)
	// Also of one that does not run, as it may begin and end before this batch is applied.
	v.again = earlier(v.again, at)
	c.all = append(c.all, func() { c.dispatcher.wake(n, at) })
	return v.running
}

// finish notes the end of a run, and returns it with the wishes that came meanwhile.
func (c *changes) finish(n name, e ending) ending {
	v := c.view(n)
	e = e.with(v.again)
	v.running, v.again = false, 0
	c.all = append(c.all, func() { c.dispatcher.finish(n, e) })
	return e
}

func (c *changes) load(wishes []*wish) {
	c.all = append(c.all, func() { c.dispatcher.load(wishes) })
}

// apply tells the dispatcher, in the order of the changes.
func (c *changes) apply() {
	c.dispatcher.mu.Lock()
	defer c.dispatcher.mu.Unlock()
	for _, change := range c.all {
		change()
	}
}
