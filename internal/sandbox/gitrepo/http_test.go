package gitrepo

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// gitServer serves one repository, acme/app, with a file, a branch and tags.
type gitServer struct {
	*Repo
	url string

	mu     sync.Mutex
	pushed []RefUpdate
	bodies []string // "chunked gzip" and the like, of each POST
}

func serve(t *testing.T, o HTTPOptions) (*gitServer, string) {
	t.Helper()
	h := &gitServer{Repo: fresh(t)}
	first := commit(t, h.Repo, 0, map[string]string{"VERSION": "0.20.0\r\n", "lib/a": "a"})
	set(t, h.Repo, "refs/heads/main", first)
	set(t, h.Repo, "refs/tags/0.20.0+driver", first)
	set(t, h.Repo, "refs/tags/signed/v1",
		ok[string](t)(h.WriteTag(t.Context(), Tag{Name: "signed/v1", Object: first, Message: "m", Tagger: ann(0)})))
	o.Pushed = func(_ context.Context, _ *http.Request, owner, repo string, updates []RefUpdate) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if owner+"/"+repo != "acme/app" {
			t.Errorf("a push to %s/%s", owner, repo)
		}
		h.pushed = append(h.pushed, updates...)
	}
	git := HTTP(filepath.Dir(filepath.Dir(h.Dir)), o)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			h.mu.Lock()
			h.bodies = append(h.bodies,
				strings.TrimSpace(strings.Join(r.TransferEncoding, "")+" "+r.Header.Get("Content-Encoding")))
			h.mu.Unlock()
		}
		git.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	h.url = s.URL
	return h, first
}

// clone gives a working copy.
func (h *gitServer) clone(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "work")
	git(t, ".", "clone", "--quiet", h.url+"/acme/app.git", dir)
	return dir
}

func change(t *testing.T, dir, file, content string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", ".")
	git(t, dir, "commit", "--quiet", "-m", "change "+file)
	return strings.TrimSpace(git(t, dir, "rev-parse", "HEAD"))
}

func (h *gitServer) told(t *testing.T, want ...RefUpdate) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	same(t, want, h.pushed)
	h.pushed = nil
}

func TestCloneAndPush(t *testing.T) {
	h, first := serve(t, HTTPOptions{})
	dir := h.clone(t)
	same(t, "0.20.0\r\n", string(ok[[]byte](t)(os.ReadFile(filepath.Join(dir, "VERSION")))))
	same(t, "0.20.0+driver\nsigned/v1\n", git(t, dir, "tag"))

	second := change(t, dir, "VERSION", "0.21.0\r\n")
	git(t, dir, "push", "--quiet", "origin", "HEAD:main", "HEAD:refs/heads/release/0.21.x",
		"HEAD:refs/tags/0.21.0+driver", ":refs/tags/signed/v1")
	h.told(t, RefUpdate{"refs/heads/main", first, second},
		RefUpdate{"refs/tags/signed/v1",
			ok[string](t)(h.WriteTag(t.Context(),
				Tag{Name: "signed/v1", Object: first, Message: "m", Tagger: ann(0)})), ""},
		RefUpdate{"refs/heads/release/0.21.x", "", second}, RefUpdate{"refs/tags/0.21.0+driver", "", second})
	content, _, err := h.File(t.Context(), "release/0.21.x", "VERSION")
	same(t, "0.21.0\r\n", string(ok[[]byte](t)(content, err)))
	same(t, int64(1800000000), ok[Commit](t)(h.Commit(t.Context(), "main")).Author.When.Unix())

	t.Run("a branch made here is fetched there", func(t *testing.T) {
		third := commit(t, h.Repo, 9, map[string]string{"lib/a": "b"}, second)
		if err := h.SetRef(t.Context(), "refs/heads/main", third, second); err != nil {
			t.Fatal(err)
		}
		git(t, dir, "fetch", "--quiet", "origin")
		same(t, third+"\n", git(t, dir, "rev-parse", "origin/main"))
	})
	t.Run("a push that git refuses is told to nobody", func(t *testing.T) {
		change(t, dir, "VERSION", "clash")
		out, err := tryGit(dir, "push", "origin", "HEAD:main", "--porcelain")
		if err == nil {
			t.Errorf("want a push that is not a fast-forward to fail: %s", out)
		}
		h.told(t)
	})
	t.Run("without .git, shallow, and by the old protocol", func(t *testing.T) {
		for _, version := range []string{"0", "1", "2"} {
			to := filepath.Join(t.TempDir(), "work")
			git(t, ".", "-c", "protocol.version="+version, "clone", "--quiet", "--depth=1", h.url+"/acme/app", to)
			fourth := change(t, to, "from", version)
			git(t, to, "-c", "protocol.version="+version, "push", "--quiet", "origin", "HEAD:refs/heads/v"+version)
			h.told(t, RefUpdate{"refs/heads/v" + version, "", fourth})
		}
	})
}

func TestLargePushesComeInChunksAndAsPacks(t *testing.T) {
	var asked []bool
	var h *gitServer
	h, first := serve(t, HTTPOptions{Allow: func(r *http.Request, _, _ string, u RefUpdate) error {
		asked = append(asked, h.IsAncestor(r.Context(), u.Old, u.New))
		return nil
	}})
	dir := h.clone(t)
	for i := range 150 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d", i)),
			bytes.Repeat([]byte{byte(i), byte(i * 7), '\n'}, 40+i), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	second := change(t, dir, "more", "x")
	git(t, dir, "-c", "http.postBuffer=4096", "push", "--quiet", "origin", "HEAD:main")
	h.told(t, RefUpdate{"refs/heads/main", first, second})
	same(t, []bool{true}, asked)
	same(t, true, slices.Contains(h.bodies, "chunked"))
	same(t, true, h.packed())
	same(t, 153, len(ok[[]TreeEntry](t)(h.Tree(t.Context(), "main", false))))
	again := h.clone(t)
	same(t, second+"\n", git(t, again, "rev-parse", "HEAD"))
}

// Git zips a fetch of more than 1,024 bytes: one that names many commits it has.
func TestZippedRequests(t *testing.T) {
	h, first := serve(t, HTTPOptions{})
	dir := h.clone(t)
	for i := range 40 {
		git(t, dir, "commit", "--quiet", "--allow-empty", "-m", fmt.Sprint(i))
	}
	second := commit(t, h.Repo, 1, map[string]string{"lib/a": "2"}, first)
	if err := h.SetRef(t.Context(), "refs/heads/main", second, first); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "fetch", "--quiet", "origin")
	same(t, second+"\n", git(t, dir, "rev-parse", "origin/main"))
	same(t, true, slices.Contains(h.bodies, "gzip"))

	t.Run("of a push too", func(t *testing.T) {
		var body bytes.Buffer
		z := gzip.NewWriter(&body)
		fmt.Fprint(z, deletion("refs/tags/0.20.0+driver", first, "report-status"))
		_ = z.Close()
		answer := h.post(t, &body, "gzip")
		same(t, "000eunpack ok\n001fok refs/tags/0.20.0+driver\n0000", answer)
		h.told(t, RefUpdate{"refs/tags/0.20.0+driver", first, ""})
	})
}

func deletion(ref, old, capabilities string) string {
	line := old + " " + zero + " " + ref + "\x00" + capabilities
	return fmt.Sprintf("%04x%s0000", len(line)+4, line)
}

func (h *gitServer) post(t *testing.T, body io.Reader, encoding string) string {
	t.Helper()
	req := ok[*http.Request](t)(http.NewRequestWithContext(t.Context(), "POST",
		h.url+"/acme/app.git/git-receive-pack", body))
	req.Header.Set("Content-Type", "application/x-git-receive-pack-request")
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	resp := ok[*http.Response](t)(http.DefaultClient.Do(req))
	defer resp.Body.Close()
	return string(ok[[]byte](t)(io.ReadAll(resp.Body)))
}

func TestPushIsRefusedAsAWholeWithTheReasonShown(t *testing.T) {
	var h *gitServer
	h, first := serve(t, HTTPOptions{Allow: func(r *http.Request, _, _ string, u RefUpdate) error {
		if u.Old != "" && u.New != "" && !h.IsAncestor(r.Context(), u.Old, u.New) {
			return errors.New("Repository rule violations found\n\nCannot force-push to this branch")
		}
		return nil
	}})
	dir := h.clone(t)
	second := change(t, dir, "VERSION", "0.21.0")
	git(t, dir, "push", "--quiet", "origin", "HEAD:main")
	h.told(t, RefUpdate{"refs/heads/main", first, second})

	git(t, dir, "reset", "--quiet", "--hard", first)
	other := change(t, dir, "VERSION", "another")
	out, err := tryGit(dir, "push", "--force", "origin", "HEAD:main", "HEAD:refs/heads/new")
	if err == nil {
		t.Error("want the push to fail")
	}
	for _, want := range []string{
		"remote: error: refs/heads/main: Repository rule violations found", "remote: Cannot force-push to this branch",
		"! [remote rejected] HEAD -> main (Repository rule violations found)", "! [remote rejected] HEAD -> new " +
			"(another reference of this push was refused)",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("want git to print %q, it prints:\n%s", want, out)
		}
	}
	h.told(t)
	same(t, []Ref{{"refs/heads/main", second, "commit", second}}, ok[[]Ref](t)(h.Refs(t.Context(), "refs/heads/")))
	same(t, true, h.Has(t.Context(), other)) // stays behind, where nothing names it
}

func TestRefusalToClientsOfFewWords(t *testing.T) {
	h, first := serve(t,
		HTTPOptions{Allow: func(*http.Request, string, string, RefUpdate) error { return errors.New("no") }})
	for capabilities, want := range map[string]string{
		"":              "",
		"report-status": "000eunpack ok\n001ang refs/heads/main no\n0000",
		"report-status-v2 side-band-64k": "0020\x02error: refs/heads/main: no\n" +
			"0031\x01000eunpack ok\n001ang refs/heads/main no\n00000000",
	} {
		same(t, want, h.post(t, strings.NewReader(deletion("refs/heads/main", first, capabilities)), ""))
	}
	for name, body := range map[string]string{"a signed push": "0017push-cert\x00report-status\n", "junk": "zzzz",
		"no end": "0032", "nothing": ""} {
		if got := h.post(t, strings.NewReader(body), ""); !strings.HasPrefix(got, "the push could not be understood") {
			t.Errorf("%s: want it refused, got %q", name, got)
		}
	}
	same(t, first, ok[Ref](t)(h.Ref(t.Context(), "refs/heads/main")).SHA)
	h.told(t)
}

func TestWhoMayCloneAndPush(t *testing.T) {
	h, _ := serve(t, HTTPOptions{Authorize: func(r *http.Request, owner, repo string, push bool) error {
		if user, _, _ := r.BasicAuth(); push && user != "ann" {
			return errors.New("write access is needed")
		}
		return nil
	}})
	dir := h.clone(t)
	change(t, dir, "VERSION", "x")
	for user, want := range map[string]string{"": "could not read Username", "bo:pw@": "403", "ann:pw@": ""} {
		out, err := tryGit(dir, "push", strings.Replace(h.url, "http://", "http://"+user, 1)+"/acme/app.git",
			"HEAD:refs/heads/by-"+strings.TrimSuffix(user, ":pw@"))
		if (err == nil) != (want == "") || !strings.Contains(out, want) {
			t.Errorf("push as %q: %v, %s", user, err, out)
		}
	}
}

func TestNothingElseIsServed(t *testing.T) {
	h, _ := serve(t, HTTPOptions{})
	for path, want := range map[string]int{
		"/acme/app.git/info/refs?service=git-upload-pack": 200, "/acme/app/info/refs?service=git-receive-pack": 200,
		"/acme/app.git/info/refs": 404, "/acme/app.git/info/refs?service=git-upload-archive": 404,
		"/acme/app.git/HEAD": 404, "/acme/app.git/config": 404,
		"/acme/app.git/git-upload-pack": 404, "/acme/none.git/info/refs?service=git-upload-pack": 404, "/": 404,
		"/acme": 404,
		"/acme/..%2Facme%2Fapp.git/info/refs?service=git-upload-pack": 404,
		"/../acme/app.git/info/refs?service=git-upload-pack":          404,
	} {
		resp := ok[*http.Response](t)(http.Get(h.url + path))
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("GET %s: want %d, got %d", path, want, resp.StatusCode)
		}
	}
}
