package contract

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
)

// A Checker collects what it sees and says what of it GitHub would not do or not take. It is safe for concurrent use.
type Checker struct {
	*description
	deviations []Deviation
	workers    chan struct{} // one place for each check that may run

	mu       sync.Mutex
	idle     sync.Cond // signalled when pending reaches zero
	pending  int
	seen     map[[32]byte]bool // exchanges and webhooks that were checked, or soon will be
	problems map[Problem]Problem
	needed   []bool // by index of deviations
}

var shared = sync.OnceValues(func() (*Checker, error) {
	d, err := loadOnce()
	if err != nil {
		return nil, err
	}
	return d.checker(deviations()), nil
})

// Load returns the checker of this process, the same for every caller, so that the last test can ask what all of them
// saw. The first call takes about two seconds. It fails when GitHub's descriptions are not installed, and says what to
// run.
func Load() (*Checker, error) { return shared() }

// Fresh returns a checker on the same description that has seen nothing yet.
func (c *Checker) Fresh() *Checker { return c.checker(c.deviations) }

func (d *description) checker(known []Deviation) *Checker {
	c := &Checker{
		description: d,
		deviations:  known,
		workers:     make(chan struct{}, runtime.GOMAXPROCS(0)),
		seen:        make(map[[32]byte]bool),
		problems:    make(map[Problem]Problem),
		needed:      make([]bool, len(known)),
	}
	c.idle.L = &c.mu
	return c
}

// later runs a check beside the caller, unless one with the same key ran before.
func (c *Checker) later(key [32]byte, check func() []Problem) {
	c.mu.Lock()
	if c.seen[key] {
		c.mu.Unlock()
		return
	}
	c.seen[key] = true
	c.pending++
	c.mu.Unlock()

	go func() {
		c.workers <- struct{}{}
		problems := check()
		<-c.workers

		c.mu.Lock()
		defer c.mu.Unlock()
		c.remember(problems)
		if c.pending--; c.pending == 0 {
			c.idle.Broadcast()
		}
	}()
}

// remember sorts problems into those that a deviation covers and those that count. The caller holds the lock.
func (c *Checker) remember(problems []Problem) {
	for _, p := range problems {
		known := slices.IndexFunc(c.deviations, func(d Deviation) bool { return d.covers(p) })
		if known >= 0 {
			c.needed[known] = true
			continue
		}
		if _, ok := c.problems[p.key()]; !ok {
			c.problems[p.key()] = p
		}
	}
}

// Wait returns when everything recorded so far is checked.
func (c *Checker) Wait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.pending > 0 {
		c.idle.Wait()
	}
}

// Problems waits for the checks and returns what they found, each problem once, ordered by route. What a deviation
// covers is left out.
func (c *Checker) Problems() []Problem {
	c.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]Problem, 0, len(c.problems))
	for _, p := range c.problems {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Route, b.Route), cmp.Compare(a.Method, b.Method), cmp.Compare(a.What(), b.What()))
	})
	return all
}

// Unneeded waits for the checks and returns the deviations that none of them needed. It means something only after a
// run of all scenarios.
func (c *Checker) Unneeded() []Deviation {
	c.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	var unneeded []Deviation
	for i, d := range c.deviations {
		if !c.needed[i] {
			unneeded = append(unneeded, d)
		}
	}
	return unneeded
}

// Seen returns how many different exchanges and webhooks were recorded: a run that saw none proves nothing.
func (c *Checker) Seen() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.seen)
}
