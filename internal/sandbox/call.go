package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// route is one endpoint.
type route struct {
	method  string
	pattern string // {x} is one segment, {x...} the rest; they arrive unescaped
	needs   string // the App permission: contents:write; empty for what every App may read
	handle  func(c *call) (reply, error)
}

// call is one request on its way through a handler.
type call struct {
	ctx  context.Context
	s    *Server
	r    *http.Request
	vars map[string]string
	who  actor
	repo *repository
	body []byte
	// installation is that of the token; 0 for a person or the App itself.
	installation int64
	token        token
}

// reply is an answer. A nil body is none.
type reply struct {
	status int
	body   any
	header http.Header
}

func ok(body any) reply      { return reply{status: http.StatusOK, body: body} }
func created(body any) reply { return reply{status: http.StatusCreated, body: body} }
func nothing() reply         { return reply{status: http.StatusNoContent} }

// problem is an answer in the shape of GitHub's errors.
type problem struct {
	status  int
	message string
	errors  []map[string]any
	header  http.Header
	to      string // where GitHub sends who asks, for a redirect
}

func (p *problem) Error() string { return fmt.Sprintf("%d %s", p.status, p.message) }

func notFound() error                { return &problem{status: http.StatusNotFound, message: "Not Found"} }
func forbidden(message string) error { return &problem{status: http.StatusForbidden, message: message} }
func conflict(message string) error  { return &problem{status: http.StatusConflict, message: message} }
func invalid(resource, field, code string) error {
	return &problem{status: http.StatusUnprocessableEntity, message: "Validation Failed",
		errors: []map[string]any{{"resource": resource, "field": field, "code": code}}}
}
func unprocessable(message string) error {
	return &problem{status: http.StatusUnprocessableEntity, message: message}
}

// MaxBody is the largest request that the sandbox takes, in bytes. GitHub takes assets of 2 GiB; nobody needs that
// here.
const MaxBody = 64 << 20

// MaxText is the longest body of an issue, comment or release.
const MaxText = 65536

func tooLong(resource, text string) error {
	if len([]rune(text)) > MaxText {
		return &problem{status: http.StatusUnprocessableEntity, message: "Validation Failed", errors: []map[string]any{
			{"resource": resource, "field": "body", "code": "custom",
				"message": "body is too long (maximum is 65536 characters)"}}}
	}
	return nil
}

func (c *call) decode(into any) error {
	if err := json.Unmarshal(c.body, into); err != nil {
		return &problem{status: http.StatusBadRequest, message: "Problems parsing JSON"}
	}
	return nil
}

func (c *call) query(name string) string { return c.r.URL.Query().Get(name) }

func (c *call) number(name string) int {
	n, _ := strconv.Atoi(c.vars[name])
	return n
}

func (c *call) id(name string) int64 {
	n, _ := strconv.ParseInt(c.vars[name], 10, 64)
	return n
}

// pageSize is per_page as GitHub takes it: 30 unless told, 100 at most.
func (c *call) pageSize() int {
	size, _ := strconv.Atoi(c.query("per_page"))
	if size < 1 {
		size = 30
	}
	return min(size, 100)
}

// page cuts a list and links its pages (docs.github.com, Using pagination in the REST API).
func page[T any](c *call, items []T, render func(T) any) reply {
	return paged(c, items, func(list []any) any { return list }, render)
}

func paged[T any](c *call, items []T, wrap func([]any) any, render func(T) any) reply {
	size := c.pageSize()
	number, _ := strconv.Atoi(c.query("page"))
	number = max(number, 1)
	last := max(1, (len(items)+size-1)/size)
	out := []any{}
	for i := (number - 1) * size; i < min(number*size, len(items)); i++ {
		out = append(out, render(items[i]))
	}
	header := http.Header{}
	var links []string
	link := func(n int, rel string) {
		q := c.r.URL.Query()
		q.Set("page", strconv.Itoa(n))
		q.Set("per_page", strconv.Itoa(size))
		links = append(links, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, c.s.o.URL, c.r.URL.EscapedPath(), q.Encode(), rel))
	}
	if number > 1 {
		link(1, "first")
		link(number-1, "prev")
	}
	if number < last {
		link(number+1, "next")
		link(last, "last")
	}
	if len(links) > 0 {
		header.Set("Link", strings.Join(links, ", "))
	}
	return reply{status: http.StatusOK, body: wrap(out), header: header}
}

// match holds an escaped path against a pattern.
func match(pattern, path string) (map[string]string, bool) {
	vars := map[string]string{}
	p, q := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i, part := range p {
		if name, rest := strings.CutSuffix(part, "...}"); rest {
			if i >= len(q) {
				return nil, false
			}
			value, err := url.PathUnescape(strings.Join(q[i:], "/"))
			vars[name[1:]] = value
			return vars, err == nil && value != ""
		}
		if i >= len(q) {
			return nil, false
		}
		if strings.HasPrefix(part, "{") {
			value, err := url.PathUnescape(q[i])
			if err != nil || value == "" {
				return nil, false
			}
			vars[strings.Trim(part, "{}")] = value
			continue
		}
		if part != q[i] {
			return nil, false
		}
	}
	return vars, len(p) == len(q)
}

// serveAPI answers one request of the REST API; the path is below /api/v3.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) { s.serve(w, r, s.route) }

// serve reads a request, and writes what is said to it, in the shape of GitHub's errors where that is no. One request
// is answered at a time.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, handle func(c *call) (reply, error)) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &call{ctx: r.Context(), s: s, r: r, body: body}
	out, err := handle(c)
	var p *problem
	switch {
	case errors.As(err, &p):
		shape := map[string]any{"message": p.message, "documentation_url": "https://docs.github.com/rest"}
		if p.errors != nil {
			shape["errors"] = p.errors
		}
		if p.to != "" {
			shape["url"] = p.to
		}
		out = reply{status: p.status, body: shape, header: p.header}
	case err != nil:
		s.o.Log.Error().Err(err).Str("path", c.r.URL.Path).Msg("sandbox failed")
		out = reply{status: http.StatusInternalServerError, body: map[string]any{"message": err.Error()}}
	}
	s.write(w, c, out)
}

func (s *Server) write(w http.ResponseWriter, c *call, out reply) {
	for key, values := range out.header {
		w.Header()[key] = values
	}
	h := w.Header()
	h.Set("X-GitHub-Request-Id", fmt.Sprintf("SANDBOX:%d", s.nextRequest()))
	if out.body == nil {
		s.limitHeaders(h, c.installation)
		w.WriteHeader(out.status)
		return
	}
	text, err := json.Marshal(out.body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	if c.r.Method == http.MethodGet && out.status == http.StatusOK {
		sum := sha256.Sum256(text)
		tag := `"` + hex.EncodeToString(sum[:16]) + `"`
		h.Set("ETag", tag)
		if c.r.Header.Get("If-None-Match") == tag {
			s.refund(c.installation)
			s.limitHeaders(h, c.installation)
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	s.limitHeaders(h, c.installation)
	w.WriteHeader(out.status)
	_, _ = w.Write(text)
}

// route finds the endpoint, who asks, and whether they may.
func (s *Server) route(c *call) (reply, error) {
	path, known := s.byID(strings.TrimPrefix(c.r.URL.EscapedPath(), "/api/v3"))
	if !known {
		return reply{}, notFound()
	}
	for _, row := range table() {
		if row.method != c.r.Method {
			continue
		}
		vars, found := match(row.pattern, path)
		if !found {
			continue
		}
		c.vars = vars
		if err := s.authenticate(c, row); err != nil {
			return reply{}, err
		}
		if strings.HasPrefix(row.pattern, "/repos/{owner}/{repo}") {
			if c.repo = s.repos[strings.ToLower(vars["owner"]+"/"+vars["repo"])]; c.repo == nil {
				return reply{}, c.elsewhere(path)
			}
			if !c.sees(c.repo) {
				return reply{}, notFound()
			}
			outside := c.repo.Unselected || c.narrowed(c.repo.ID)
			if outside && c.installation != 0 && c.r.Method != http.MethodGet {
				return reply{}, inaccessible(row.needs)
			}
		}
		return row.handle(c)
	}
	return reply{status: http.StatusNotImplemented,
		body: map[string]any{"message": "the sandbox does not serve " + c.r.Method + " " + path}}, nil
}

// authenticate finds out who asks: the App itself by its JWT, an installation by its token, a person of the sandbox
// by "user:LOGIN". An installation is held to the permissions of the App.
func (s *Server) authenticate(c *call, row route) error {
	kind, secret, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	appOnly := strings.HasPrefix(row.pattern, "/app") || strings.HasSuffix(row.pattern, "/installation")
	switch {
	case appOnly:
		if !strings.EqualFold(kind, "bearer") || s.verify(secret) != nil {
			return &problem{status: http.StatusUnauthorized, message: "A JSON web token could not be decoded"}
		}
		c.who = actor{app: true, user: s.users[s.botLogin()]}
		return nil
	case strings.HasPrefix(secret, "user:"):
		user := s.users[strings.ToLower(strings.TrimPrefix(secret, "user:"))]
		if user == nil {
			return &problem{status: http.StatusUnauthorized, message: "Bad credentials"}
		}
		c.who = actor{user: user}
		return nil
	}
	t, known := s.tokens[secret]
	if !known || s.now().After(t.expires) {
		return &problem{status: http.StatusUnauthorized, message: "Bad credentials"}
	}
	c.who = actor{app: true, user: s.users[s.botLogin()]}
	c.installation, c.token = t.installation, t
	if err := s.spend(c.r, t.installation); err != nil {
		return err
	}
	in := s.installations[t.installation]
	if in.Suspended != nil {
		return forbidden(suspended)
	}
	name, least, _ := strings.Cut(row.needs, ":")
	if row.needs != "" && !c.permitted(name, least) {
		return inaccessible(row.needs)
	}
	t.use.note(row.needs)
	if owner := c.vars["owner"]; owner != "" && !strings.EqualFold(in.Org.Login, owner) &&
		c.r.Method != http.MethodGet {
		return inaccessible(row.needs)
	}
	return nil
}

// permitted says that the token has a permission, and that the App still does.
func (c *call) permitted(name, least string) bool {
	return allows(c.token.permissions[name], least) && allows(c.s.o.App.Permissions[name], least)
}

// inaccessible refuses what an installation may not do, and names the permission that the route asks for.
func inaccessible(needs string) error {
	p := &problem{status: http.StatusForbidden, message: "Resource not accessible by integration"}
	if needs != "" {
		p.header = http.Header{acceptedPermissions: {strings.Replace(needs, ":", "=", 1)}}
	}
	return p
}

// acceptedPermissions is the header by which GitHub says which permissions would do: issues=write.
const acceptedPermissions = "X-Accepted-Github-Permissions"

// allows says that a permission is enough; to write is to read.
func allows(have, least string) bool { return have == least || have == "write" && least == "read" }

// narrowed says that the token was made for other repositories.
func (c *call) narrowed(repo int64) bool {
	return len(c.token.repos) > 0 && !slices.Contains(c.token.repos, repo)
}
