package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

// byID turns the path of a repository's id, /repositories/ID/..., into that of its name. GitHub leads there from the
// old names of a repository.
func (s *Server) byID(path string) (string, bool) {
	rest, isID := strings.CutPrefix(path, "/repositories/")
	if !isID {
		return path, true
	}
	number, rest, deeper := strings.Cut(rest, "/")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return path, false
	}
	for _, r := range s.repos {
		if r.ID == id {
			path = escape("/repos/%s/%s", r.Owner.Login, r.Name)
			if deeper {
				path += "/" + rest
			}
			return path, true
		}
	}
	return path, false
}

// elsewhere answers for a repository that is not there: with the way to it when it had that name before.
func (c *call) elsewhere(path string) error {
	old := strings.ToLower(c.vars["owner"] + "/" + c.vars["repo"])
	r := c.s.moved[old]
	if r == nil || c.s.repos[strings.ToLower(r.full())] != r {
		return notFound()
	}
	// The owner, the name and all before them are three segments: /repos/OWNER/NAME.
	rest := strings.SplitN(path, "/", 5)
	to := c.s.api("/repositories/%d", r.ID)
	if len(rest) == 5 {
		to += "/" + rest[4]
	}
	return c.redirect(to)
}

// redirect sends who reads to another address for good, and who writes for this once, with the same method and body
// (docs.github.com, Best practices for using the REST API, Follow redirects).
func (c *call) redirect(to string) error {
	if c.r.URL.RawQuery != "" {
		to += "?" + c.r.URL.RawQuery
	}
	p := &problem{status: http.StatusTemporaryRedirect, message: "Temporary Redirect", to: to}
	p.header = http.Header{"Location": {to}}
	if c.r.Method == http.MethodGet || c.r.Method == http.MethodHead {
		p.status, p.message = http.StatusMovedPermanently, "Moved Permanently"
	}
	return p
}
