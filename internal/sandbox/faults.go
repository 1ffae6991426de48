package sandbox

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
)

// A DenyFunc refuses a request before it has any effect. The path is below /api/v3, escaped, or /graphql. A status of
// 502 to 504 is answered with a page of HTML, as GitHub's load balancers do. acceptedPermissions, when it is not empty,
// is sent as X-Accepted-GitHub-Permissions: "issues=write". ok says that the request is refused.
type DenyFunc func(method, path string) (status int, message, acceptedPermissions string, ok bool)

// A SpoilFunc says how the answer to a request is spoiled, after the request had its effect.
type SpoilFunc func(method, path string) Spoiling

// Spoiling is what happens to an answer on its way.
type Spoiling int

// The ways in which an answer is spoiled.
const (
	Unspoiled   Spoiling = iota
	Truncated            // half of the body, with the length of all of it
	EmptyObject          // the status as it was, and {} for a body
	HTMLPage             // 502 and a page of HTML
	Lost                 // no answer at all: the connection ends
)

// FaultHeader marks each answer that a test asked for, so that it is not held against GitHub's description.
const FaultHeader = "X-Sandbox-Fault"

type faults struct {
	deny  DenyFunc
	spoil SpoilFunc
}

// Deny asks f about each request over HTTP; nil ends it. What people do through User is left alone. f is called by
// several requests at once, and may use the server.
func (s *Server) Deny(f DenyFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.deny = f
}

// Spoil asks f about the answer to each request over HTTP, as Deny does; nil ends it.
func (s *Server) Spoil(f SpoilFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.spoil = f
}

// disturbed lets the faults of a test at an API.
func (s *Server) disturbed(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		f := s.faults
		s.mu.Unlock()
		path := strings.TrimPrefix(strings.TrimPrefix(r.URL.EscapedPath(), "/api"), "/v3")
		if f.deny != nil {
			if status, message, accepted, refused := f.deny(r.Method, path); refused {
				deny(w, status, message, accepted)
				return
			}
		}
		how := Unspoiled
		if f.spoil != nil {
			how = f.spoil(r.Method, path)
		}
		if how == Unspoiled {
			next(w, r)
			return
		}
		whole := httptest.NewRecorder()
		next(whole, r)
		how.spoil(w, whole)
	}
}

func deny(w http.ResponseWriter, status int, message, accepted string) {
	if status >= http.StatusBadGateway && status <= http.StatusGatewayTimeout {
		unicorn(w, status)
		return
	}
	h := w.Header()
	h.Set(FaultHeader, "denied")
	if accepted != "" {
		h.Set(acceptedPermissions, accepted)
	}
	text, err := json.Marshal(map[string]string{
		"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(status),
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// unicorn is the page that GitHub shows when it is overloaded.
func unicorn(w http.ResponseWriter, status int) {
	w.Header().Set(FaultHeader, "page")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<!DOCTYPE html>\n<html><head><title>Unicorn! &middot; GitHub</title></head>" +
		"<body><p>We had issues producing the response to your request.</p></body></html>\n"))
}

// spoil sends what is left of an answer.
func (how Spoiling) spoil(w http.ResponseWriter, whole *httptest.ResponseRecorder) {
	body := whole.Body.Bytes()
	switch how {
	case HTMLPage:
		unicorn(w, http.StatusBadGateway)
		return
	case Lost:
		hangUp(w)
		return
	case EmptyObject:
		whole.Header().Del("ETag")
		body = []byte("{}")
	}
	h := w.Header()
	for name, values := range whole.Header() {
		h[name] = values
	}
	h.Set(FaultHeader, "spoiled")
	if len(body) > 0 {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(whole.Code)
	if how == Truncated {
		body = body[:len(body)/2] // net/http ends the connection, since it was told of more
	}
	_, _ = w.Write(body)
}

// hangUp ends the connection without an answer. Where there is no connection to end, the answer is an empty one.
func hangUp(w http.ResponseWriter) {
	w.Header().Set(FaultHeader, "lost")
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}
