package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/zip"
)

// ProxyPath is where the sandbox serves the Go modules of its repositories, by the GOPROXY protocol (go.dev/ref/mod).
const ProxyPath = "/goproxy/"

// forgets is how long proxy.golang.org remembers that a version was not there: a version that somebody asked about
// before its tag was pushed is unknown for that long (proxy.golang.org, Frequently Asked Questions).
const forgets = 30 * time.Minute

// served is a version as the proxy saw it first. It stays so for ever, wherever its tag goes.
type served struct{ info, mod, zip []byte }

// proxy is what the module proxy remembers.
type proxy struct {
	served map[string]served
	missed map[string]time.Time
}

// errUnknown is a version that is not there.
var errUnknown = errors.New("not found: unknown revision")

func (s *Server) serveProxy(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer, err := s.proxied(r.Context(), strings.TrimPrefix(r.URL.Path, ProxyPath))
	switch {
	case errors.Is(err, errUnknown):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		_, _ = w.Write(answer)
	}
}

// proxied answers MODULE/@v/list and MODULE/@v/VERSION.info, .mod and .zip.
func (s *Server) proxied(ctx context.Context, ask string) ([]byte, error) {
	escaped, file, ok := strings.Cut(ask, "/@v/")
	if !ok {
		return nil, errUnknown
	}
	name, err := module.UnescapePath(escaped)
	if err != nil {
		return nil, err
	}
	repo, dir := s.moduleOf(name)
	if repo == nil {
		return nil, errUnknown
	}
	prefix := dir
	if dir != "" {
		prefix += "/"
	}
	if file == "list" {
		var out bytes.Buffer
		refs, err := repo.Git.Refs(ctx, "refs/tags/"+prefix)
		if err != nil {
			return nil, err
		}
		for _, ref := range refs {
			if v := strings.TrimPrefix(ref.Name, "refs/tags/"+prefix); semver.Canonical(v) == v {
				fmt.Fprintln(&out, v)
			}
		}
		return out.Bytes(), nil
	}
	kind := path.Ext(file)
	version, err := module.UnescapeVersion(strings.TrimSuffix(file, kind))
	if err != nil {
		return nil, err
	}
	if err := module.Check(name, version); err != nil {
		return nil, err
	}
	at := name + "@" + version
	have, known := s.proxy.served[at]
	if !known {
		if missed, before := s.proxy.missed[at]; before && s.now().Sub(missed) < forgets {
			return nil, errUnknown
		}
		if have, err = s.module(ctx, repo, module.Version{Path: name, Version: version}, dir, prefix); err != nil {
			s.proxy.missed[at] = s.now()
			return nil, errUnknown
		}
		s.proxy.served[at] = have
	}
	switch kind {
	case ".info":
		return have.info, nil
	case ".mod":
		return have.mod, nil
	case ".zip":
		return have.zip, nil
	}
	return nil, errUnknown
}

// moduleOf finds the repository of github.com/OWNER/NAME/DIR.
func (s *Server) moduleOf(name string) (repo *repository, dir string) {
	parts := strings.SplitN(name, "/", 4)
	if len(parts) < 3 || parts[0] != "github.com" {
		return nil, ""
	}
	if len(parts) == 4 {
		dir = parts[3]
	}
	return s.repos[strings.ToLower(parts[1]+"/"+parts[2])], dir
}

// module makes a version of what its tag holds now.
func (s *Server) module(ctx context.Context, repo *repository, m module.Version, dir, prefix string) (served, error) {
	tag := "refs/tags/" + prefix + m.Version
	ref, err := repo.Git.Ref(ctx, tag)
	if err != nil {
		return served{}, err
	}
	commit, err := repo.Git.Commit(ctx, ref.Peeled)
	if err != nil {
		return served{}, err
	}
	var out served
	if out.mod, _, err = repo.Git.File(ctx, ref.Peeled, prefix+"go.mod"); err != nil {
		return served{}, err
	}
	if out.info, err = json.Marshal(map[string]any{
		"Version": m.Version, "Time": commit.Committer.When.UTC(),
		"Origin": map[string]any{"VCS": "git", "URL": s.html("/%s/%s", repo.Owner.Login, repo.Name), "Subdir": dir,
			"Hash": ref.Peeled, "Ref": tag},
	}); err != nil {
		return served{}, err
	}
	entries, err := repo.Git.Tree(ctx, ref.Peeled, true)
	if err != nil {
		return served{}, err
	}
	var files []zip.File
	for _, e := range entries {
		name, below := strings.CutPrefix(e.Path, prefix)
		if !below || e.Type != "blob" {
			continue
		}
		content, err := repo.Git.Blob(ctx, e.SHA)
		if err != nil {
			return served{}, err
		}
		files = append(files, zipped{name, content})
	}
	var packed bytes.Buffer
	if err := zip.Create(&packed, m, files); err != nil {
		return served{}, err
	}
	out.zip = packed.Bytes()
	return out, nil
}

// zipped is a file on its way into a module's archive.
type zipped struct {
	name    string
	content []byte
}

func (z zipped) Path() string                 { return z.name }
func (z zipped) Lstat() (os.FileInfo, error)  { return fileInfo{z}, nil }
func (z zipped) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(z.content)), nil }

type fileInfo struct{ zipped }

func (f fileInfo) Name() string       { return path.Base(f.name) }
func (f fileInfo) Size() int64        { return int64(len(f.content)) }
func (f fileInfo) Mode() os.FileMode  { return 0o644 }
func (f fileInfo) ModTime() time.Time { return time.Time{} }
func (f fileInfo) IsDir() bool        { return false }
func (f fileInfo) Sys() any           { return nil }
