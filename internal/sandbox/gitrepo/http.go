package gitrepo

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// RefUpdate is one reference that a push changes; an empty SHA stands for "not there".
type RefUpdate struct{ Ref, Old, New string }

// HTTPOptions are who may push what, and who wants to know. What is nil allows everything and tells nobody.
type HTTPOptions struct {
	// Authorize answers each request. Its error becomes a 401, so that git asks for a name, or a 403 for a name that
	// was given but may not.
	Authorize func(r *http.Request, owner, repo string, push bool) error
	// Allow answers each update of a push before any reference changes. The pushed objects can be read already, so it
	// may ask whether an update is a fast-forward. When one update is refused, so is the whole push, and git shows the
	// error, all its lines, to the person who pushed.
	Allow func(r *http.Request, owner, repo string, u RefUpdate) error
	// Pushed is told what a push changed, before git ends on the other side. Its context outlives the connection.
	Pushed func(ctx context.Context, r *http.Request, owner, repo string, updates []RefUpdate)
}

// maxPack bounds the bytes of a request, also after they are unzipped.
const maxPack = 256 << 20

// HTTP serves clone and push of ROOT/OWNER/REPO.git at /OWNER/REPO.git, through git's own http-backend. As on GitHub,
// the address works without ".git" too, and only the smart protocol is spoken.
func HTTP(root string, o HTTPOptions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		owner, repo, service, ok := route(r)
		dir := Path(root, owner, repo)
		if _, err := os.Stat(filepath.Join(dir, "HEAD")); !ok || err != nil {
			http.Error(w, "repository not found", http.StatusNotFound)
			return
		}
		if o.Authorize != nil {
			if err := o.Authorize(r, owner, repo, service == "git-receive-pack"); err != nil {
				status := http.StatusForbidden
				if r.Header.Get("Authorization") == "" {
					w.Header().Set("WWW-Authenticate", `Basic realm="sandbox"`)
					status = http.StatusUnauthorized
				}
				http.Error(w, err.Error(), status)
				return
			}
		}
		in, err := plain(w, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		// http-backend finds the repository by the path.
		in.URL.Path = "/" + owner + "/" + repo + ".git/" + in.PathValue("rest")
		git := backend{root: root, dir: dir}
		if in.Method == http.MethodPost && service == "git-receive-pack" {
			p := push{backend: git, o: o, owner: owner, repo: repo, from: r}
			p.serve(w, in)
			return
		}
		git.serve(w, in)
	})
}

// route reads OWNER/REPO[.git] and the service out of a request of the smart protocol (git help protocol-http).
func route(r *http.Request) (owner, repo, service string, ok bool) {
	owner, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	repo, rest, _ = strings.Cut(rest, "/")
	repo = strings.TrimSuffix(repo, ".git")
	for _, name := range []string{owner, repo} {
		if name == "" || strings.HasPrefix(name, ".") || strings.ContainsAny(name, "\\\x00") {
			return "", "", "", false
		}
	}
	switch {
	case rest == "info/refs" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		service = r.URL.Query().Get("service")
	case r.Method == http.MethodPost:
		service = rest
	}
	r.SetPathValue("rest", rest)
	return owner, repo, service, service == "git-upload-pack" || service == "git-receive-pack"
}

// plain is the request without what CGI knows nothing of: chunks and gzip. Its length is not known any more.
func plain(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	in := r.Clone(r.Context())
	in.Body = http.MaxBytesReader(w, r.Body, maxPack)
	if encoding := r.Header.Get("Content-Encoding"); encoding == "gzip" || encoding == "x-gzip" {
		z, err := gzip.NewReader(in.Body)
		if err != nil {
			return nil, fmt.Errorf("body is not gzip: %w", err)
		}
		in.Body = http.MaxBytesReader(w, z, maxPack)
		in.Header.Del("Content-Encoding")
		in.ContentLength = -1
	}
	if len(in.TransferEncoding) > 0 {
		in.TransferEncoding, in.ContentLength = nil, -1
	}
	return in, nil
}

// backend hands a request to git http-backend.
type backend struct{ root, dir string }

func (b backend) serve(w http.ResponseWriter, r *http.Request) {
	git, err := exec.LookPath("git")
	if err != nil {
		http.Error(w, "git is not installed", http.StatusInternalServerError)
		return
	}
	handler := cgi.Handler{
		Path: git, Args: []string{"http-backend"}, Dir: b.root,
		// REMOTE_USER stands for a push that was authorized; references then have no log, so the name shows nowhere.
		Env: append(environment(), "GIT_PROJECT_ROOT="+b.root, "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=sandbox",
			"GIT_PROTOCOL="+r.Header.Get("Git-Protocol")),
	}
	handler.ServeHTTP(w, r)
}

// status is the answer to a body that could not be read.
func status(err error) int {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// spool keeps the rest of a body in a file that has no name any more.
func spool(body io.Reader) (*os.File, error) {
	f, err := os.CreateTemp("", "slipway-push-*")
	if err != nil {
		return nil, err
	}
	err = os.Remove(f.Name())
	if err == nil {
		_, err = io.Copy(f, body)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
