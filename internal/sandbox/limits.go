package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits are GitHub's rate limits of one installation (docs.github.com, Rate limits for the REST API). Zero is none.
type Limits struct {
	Hourly        int // requests an hour; 5,000 on GitHub
	ContentMinute int // content-creating requests a minute; about 80 on GitHub
	ContentHour   int // and an hour; about 500
}

// spending counts what an installation asked for.
type spending struct {
	begun   time.Time // of the hour that is counted
	used    int
	content []time.Time // when content was created, within the last hour
}

func limitRoutes() []route {
	return []route{
		{"GET", "/rate_limit", "", handleRateLimit},
	}
}

func (s *Server) hourly() int {
	if s.o.Limits.Hourly > 0 {
		return s.o.Limits.Hourly
	}
	return 5000
}

// spending is that of an installation; the hour begins anew when it is over.
func (s *Server) spending(installation int64) *spending {
	p := s.spent[installation]
	if p == nil || !s.now().Before(p.begun.Add(time.Hour)) {
		p = &spending{begun: s.now()}
		s.spent[installation] = p
	}
	return p
}

// creates says that a request makes content that notifies people: those GitHub counts apart.
func creates(r *http.Request) bool {
	return r.Method == http.MethodPost || r.Method == http.MethodPatch || r.Method == http.MethodPut ||
		r.Method == http.MethodDelete
}

// spend counts a request, or refuses it with the headers that say when to come again.
func (s *Server) spend(r *http.Request, installation int64) error {
	limits, p, now := s.o.Limits, s.spending(installation), s.now()
	core := r.URL.Path != GraphQLPath // GraphQL has points of its own, of which the sandbox gives enough
	if core && limits.Hourly > 0 && p.used >= limits.Hourly {
		return &problem{status: http.StatusForbidden, message: "API rate limit exceeded for installation ID " +
			strconv.FormatInt(installation, 10) + "."}
	}
	if core {
		p.used++
	}
	if !creates(r) || strings.HasSuffix(r.URL.Path, "/access_tokens") {
		return nil
	}
	p.content = slices.DeleteFunc(p.content, func(t time.Time) bool { return !t.After(now.Add(-time.Hour)) })
	minute := 0
	for _, t := range p.content {
		if t.After(now.Add(-time.Minute)) {
			minute++
		}
	}
	if limits.ContentMinute > 0 && minute >= limits.ContentMinute || limits.ContentHour > 0 &&
		len(p.content) >= limits.ContentHour {
		return &problem{
			status: http.StatusForbidden, message: "You have exceeded a secondary rate limit and have been " +
				"temporarily blocked from content creation. Please retry your request again later.",
			header: http.Header{"Retry-After": {"60"}},
		}
	}
	p.content = append(p.content, now)
	return nil
}

// refund takes back a request that cost nothing: one that was answered 304.
func (s *Server) refund(installation int64) {
	if p := s.spending(installation); p.used > 0 {
		p.used--
	}
}

func (s *Server) limitHeaders(h http.Header, installation int64) {
	p := s.spending(installation)
	h.Set("X-RateLimit-Limit", strconv.Itoa(s.hourly()))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, s.hourly()-p.used)))
	h.Set("X-RateLimit-Used", strconv.Itoa(p.used))
	h.Set("X-RateLimit-Resource", "core")
	h.Set("X-RateLimit-Reset", strconv.FormatInt(p.begun.Add(time.Hour).Unix(), 10))
}

func handleRateLimit(c *call) (reply, error) {
	p := c.s.spending(c.installation)
	core := map[string]any{"limit": c.s.hourly(), "remaining": max(0, c.s.hourly()-p.used), "used": p.used,
		"reset": p.begun.Add(time.Hour).Unix()}
	return ok(map[string]any{"resources": map[string]any{"core": core, "search": core}, "rate": core}), nil
}
