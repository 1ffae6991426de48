package store

import "sync"

// groups counts how many jobs of each group run in this process.
type groups struct {
	options Options
	mu      sync.Mutex
	running map[string]int
}

func newGroups(o Options) *groups { return &groups{options: o, running: make(map[string]int)} }

// enter says whether the group of a job has a place; leave gives it back.
func (g *groups) enter(j Job) (leave func(), ok bool) {
	group := g.options.Group(j)
	if group == "" {
		return func() {}, true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running[group] >= g.options.PerGroup {
		return nil, false
	}
	g.running[group]++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.running[group]--; g.running[group] == 0 {
			delete(g.running, group)
		}
	}, true
}
