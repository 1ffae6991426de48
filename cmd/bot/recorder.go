package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// recorder prints each write that the bot makes.
type recorder struct {
	mu    sync.Mutex
	out   io.Writer
	quiet bool
	count int
}

func (r *recorder) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		next.ServeHTTP(w, req)
		if req.Method == http.MethodGet || strings.HasSuffix(req.URL.Path, "/access_tokens") ||
			!strings.HasPrefix(req.URL.Path, "/api/") {
			return
		}
		path, err := url.PathUnescape(strings.TrimPrefix(req.URL.EscapedPath(), "/api/v3/repos/"))
		if err != nil {
			path = req.URL.Path
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.count++
		if !r.quiet {
			fmt.Fprintf(r.out, "   → %-6s %s\n", req.Method, path)
		}
	})
}
