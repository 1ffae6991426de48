package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/slipway-dev/slipway/internal/sandbox/gitrepo"
)

// lag is how far reads are behind writes. The zero value is not at all.
type lag struct {
	lists, single time.Duration
	draw          func() time.Duration // how long lists lack one thing; nil is for lists
	born          map[string]time.Time // by id or, with the repository's id before it, by reference
}

// Lag makes lists show only what was created at least d ago by Options.LagClock: issues, comments, pull requests,
// releases, milestones, rulesets, check runs, workflow runs and references. It holds for what is created from now on;
// zero ends it.
func (s *Server) Lag(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lag.set(d, s.lag.single)
	s.lag.draw = nil
}

// LagEach makes lists lack each thing that is created from now on for as long as draw says, longest at most. draw is
// called by one request at a time.
func (s *Server) LagEach(longest time.Duration, draw func() time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lag.set(longest, s.lag.single)
	s.lag.draw = draw
}

// LagSingle makes the same things answer 404 at their own addresses until they were created d ago. Writes reach them.
func (s *Server) LagSingle(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lag.set(s.lag.lists, d)
}

func (l *lag) set(lists, single time.Duration) {
	l.lists, l.single = lists, single
	if lists == 0 && single == 0 {
		l.born = nil
	} else if l.born == nil {
		l.born = map[string]time.Time{}
	}
}

// noteCreation notes when something was created, while there is a lag at all.
func (s *Server) noteCreation(key string) {
	if s.lag.born == nil {
		return
	}
	born := s.o.LagClock()
	if s.lag.draw != nil {
		born = born.Add(min(s.lag.draw(), s.lag.lists) - s.lag.lists)
	}
	s.lag.born[key] = born
}

func (s *Server) younger(key string, than time.Duration) bool {
	born, known := s.lag.born[key]
	return known && s.o.LagClock().Sub(born) < than
}

func idKey(id int64) string { return strconv.FormatInt(id, 10) }

func issueKey(is *issue) string { return idKey(is.ID) }

func commentKey(m *comment) string { return idKey(m.ID) }

func releaseKey(p *publication) string { return idKey(p.ID) }

func milestoneKey(m *milestone) string { return idKey(m.ID) }

func rulesetKey(set *ruleset) string { return idKey(set.ID) }

func checkKey(k *check) string { return idKey(k.ID) }

func runKey(r *run) string { return idKey(r.ID) }

func refKey(r *repository, ref string) string { return idKey(r.ID) + " " + ref }

func (c *call) refKey(ref gitrepo.Ref) string { return refKey(c.repo, ref.Name) }

// listed is a list without what is too young for it.
func listed[T any](c *call, list []T, key func(T) string) []T {
	if c.s.lag.lists == 0 {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(one T) bool { return c.s.younger(key(one), c.s.lag.lists) })
}

// unseen says that the thing which a GET asks for is too young to be found.
func (c *call) unseen(key string) bool {
	return c.s.lag.single > 0 && c.r != nil && c.r.Method == http.MethodGet && c.s.younger(key, c.s.lag.single)
}
