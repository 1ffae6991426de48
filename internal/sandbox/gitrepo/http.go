package gitrepo

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// RefUpdate is one reference that a push changes; an empty SHA stands for "not there".
type RefUpdate struct{ Ref, Old, New string }

// HTTPOptions are who may push what, and who wants to know.
type HTTPOptions struct {
	// Authorize answers a request; its error is a 401 for a push without a name and a 403 else.
	Authorize func(r *http.Request, owner, repo string, push bool) error
	// Allow answers each update before anything is changed.
	Allow func(r *http.Request, owner, repo string, u RefUpdate) error
	// Pushed is told what a push changed.
	Pushed func(ctx context.Context, r *http.Request, owner, repo string, updates []RefUpdate)
}

// HTTP serves clone and push of ROOT/OWNER/REPO.git, at /OWNER/REPO.git, through git's own http-backend.
func HTTP(root string, o HTTPOptions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 3)
		if len(parts) < 3 || !strings.HasSuffix(parts[1], ".git") || strings.Contains(r.URL.Path, "..") {
			http.NotFound(w, r)
			return
		}
		owner, repo := parts[0], strings.TrimSuffix(parts[1], ".git")
		push := strings.HasSuffix(r.URL.Path, "/git-receive-pack") || r.URL.Query().Get("service") == "git-receive-pack"
		if err := o.Authorize(r, owner, repo, push); err != nil {
			w.Header().Set("WWW-Authenticate", `Basic realm="sandbox"`)
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		var updates []RefUpdate
		if strings.HasSuffix(r.URL.Path, "/git-receive-pack") {
			body, err := body(r)
			if err != nil {
				http.Error(w, "the pack could not be read", http.StatusBadRequest)
				return
			}
			updates = commands(body)
			for _, u := range updates {
				if err := o.Allow(r, owner, repo, u); err != nil {
					refuse(w, updates, err)
					return
				}
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			r.Header.Del("Content-Encoding")
			r.TransferEncoding = nil
		}
		git, err := exec.LookPath("git")
		if err != nil {
			http.Error(w, "git is not installed", http.StatusInternalServerError)
			return
		}
		backend := cgi.Handler{
			Path: git, Args: []string{"http-backend"}, Dir: root,
			Env: append(environment(), "GIT_PROJECT_ROOT="+root, "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=sandbox",
				"GIT_PROTOCOL="+r.Header.Get("Git-Protocol")),
		}
		backend.ServeHTTP(w, r)
		if len(updates) > 0 && o.Pushed != nil {
			o.Pushed(r.Context(), r, owner, repo, updates)
		}
	})
}

// MaxPack bounds a push.
const MaxPack = 256 << 20

func body(r *http.Request) ([]byte, error) {
	in := io.Reader(http.MaxBytesReader(nil, r.Body, MaxPack))
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = io.LimitReader(z, MaxPack)
	}
	return io.ReadAll(in)
}

// commands reads the list of updates at the head of a receive-pack request.
func commands(body []byte) []RefUpdate {
	var out []RefUpdate
	for len(body) >= 4 {
		n, err := strconv.ParseUint(string(body[:4]), 16, 16)
		if err != nil || n < 4 || int(n) > len(body) {
			return out
		}
		line, _, _ := strings.Cut(string(body[4:n]), "\x00")
		body = body[n:]
		if f := strings.Fields(line); len(f) == 3 {
			out = append(out, RefUpdate{Ref: f[2], Old: known(f[0]), New: known(f[1])})
		}
	}
	return out
}

func known(sha string) string {
	if sha == zero {
		return ""
	}
	return sha
}

// refuse answers a push as GitHub does: every update is rejected, with the reason.
func refuse(w http.ResponseWriter, updates []RefUpdate, why error) {
	var report bytes.Buffer
	pkt(&report, "unpack ok\n")
	for _, u := range updates {
		pkt(&report, "ng "+u.Ref+" "+strings.ReplaceAll(why.Error(), "\n", " ")+"\n")
	}
	report.WriteString("0000")
	w.Header().Set("Content-Type", "application/x-git-receive-pack-result")
	var out bytes.Buffer
	pkt(&out, "\x02error: "+why.Error()+"\n")
	pkt(&out, "\x01"+report.String())
	out.WriteString("0000")
	_, _ = w.Write(out.Bytes())
}

func pkt(b *bytes.Buffer, text string) { fmt.Fprintf(b, "%04x%s", len(text)+4, text) }

// Path is where the repository of an owner lies below the root.
func Path(root, owner, repo string) string { return filepath.Join(root, owner, repo+".git") }
