package github

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// brokenAnswer is a 2xx whose body is not whole, or not what was asked for.
type brokenAnswer struct{ why string }

func (e *brokenAnswer) Error() string { return "GitHub's answer is broken: " + e.why }

// whole says what is wrong with the body of a 2xx. A proxy may cut one short, or answer with a page of its own, under
// the ETag of the true answer.
func whole(req *http.Request, resp *http.Response, body []byte) error {
	if resp.StatusCode/100 != 2 || resp.StatusCode == http.StatusNoContent {
		return nil
	}
	if !resp.Uncompressed && int64(len(body)) < resp.ContentLength {
		return &brokenAnswer{fmt.Sprintf("%d of %d bytes came", len(body), resp.ContentLength)}
	}
	if strings.Contains(req.Header.Get("Accept"), "raw") || (len(body) == 0 && req.Method != http.MethodGet) {
		return nil
	}
	if !json.Valid(body) {
		return &brokenAnswer{"it is not JSON"}
	}
	return nil
}

// Unknown says that a write was answered in a way that nobody can read: only a look at GitHub tells whether it took
// effect.
type Unknown struct {
	What  string // "create branch x in acme/app"
	cause error  // nil when the answer is whole and says nothing
}

func (e *Unknown) Error() string {
	return fmt.Sprintf("GitHub's answer to %q cannot be read: whether it took effect is not known", e.What)
}

// Unwrap is what is wrong with the answer.
func (e *Unknown) Unwrap() error { return e.cause }

// identified is an answer to a write that names what was written. Without the name it is no answer: some proxies answer
// every request with {}.
type identified interface{ identified() bool }

// identity is the answer to a write of which only the id is of use.
type identity struct {
	ID int64 `json:"id"`
}

func (i *identity) identified() bool  { return i.ID != 0 }
func (c *comment) identified() bool   { return c.ID != 0 }
func (p *published) identified() bool { return p.ID != 0 }
func (g *generated) identified() bool { return g.Name != "" }
func (r *ruleset) identified() bool   { return r.ID != 0 }
func (r *checkRun) identified() bool  { return r.ID != 0 }
func (i *issue) identified() bool     { return i.Number != 0 }
func (p *pull) identified() bool      { return p.Number != 0 }
func (m *milestone) identified() bool { return m.Number != 0 }
func (l *label) identified() bool     { return l.Name != "" }
func (r *ref) identified() bool       { return r.Ref != "" }
func (o *object) identified() bool    { return o.SHA != "" }
