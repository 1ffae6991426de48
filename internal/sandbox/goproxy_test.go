package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/goproxy"
	"github.com/slipway-dev/slipway/internal/registry"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// modules are two modules in one repository: the second needs the first, and has a directory in its place.
func modules(t *testing.T) *stage {
	t.Helper()
	const root = "github.com/acme/app/src/"
	st := open(t)
	if err := st.Seed(t.Context(), sandbox.Seed{
		Org: "acme", Users: []string{"ann"},
		Repos: []sandbox.SeedRepo{{
			Name: "app", DefaultBranch: "main", Collaborators: map[string]string{"ann": "admin"},
			Commits: []sandbox.SeedCommit{
				{Message: "Begin", Author: "ann", Files: map[string]string{
					"src/a/go.mod": "module " + root + "a\n\ngo 1.21\n", "src/a/a.go": "// Package a is " +
						"one.\npackage a\n\n// One is 1.\nconst One = 1\n",
					"src/b/go.mod": "module " + root + "b\n\ngo 1.21\n\nrequire " + root + "a v1.0.0\n\nreplace " +
						root + "a => ../a\n", "src/b/b.go": "package b\n",
				}, Tags: []string{"src/a/v1.0.0", "src/a/v1.0.0-rc", "src/a/nonsense"}},
				{Message: "Go on", Author: "ann", Files: map[string]string{"src/a/a.go": "package a\n"}},
			},
		}},
		Images: []string{"quay.io/acme/app:1.0.0"},
	}); err != nil {
		t.Fatal(err)
	}
	return st
}

// The proxy is asked by Go itself, as whoever depends on the modules would.
func TestGoFetchesAModuleThroughTheProxy(t *testing.T) {
	st := modules(t)
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", "github.com/acme/app/src/a@v1.0.0")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY="+st.url+sandbox.ProxyPath, "GONOSUMDB=*", "GONOSUMCHECK=1",
		"GOFLAGS=-mod=mod -modcacherw", "GOMODCACHE="+dir+"/cache", "GOWORK=off", "GO111MODULE=on", "GOTOOLCHAIN=local")
	out, err := cmd.Output()
	var got struct{ Path, Version, Dir, Error string }
	if problem := json.Unmarshal(out, &got); err != nil || problem != nil || got.Error != "" {
		t.Fatalf("go mod download: %v, %v, %s", err, problem, out)
	}
	source, err := os.ReadFile(got.Dir + "/a.go")
	if err != nil || !strings.Contains(string(source), "const One = 1") {
		t.Errorf("the module holds %q, %v", source, err)
	}
}

func TestAProxyKeepsItsFirstAnswer(t *testing.T) {
	st := modules(t)
	client := goproxy.Client{URL: st.url + sandbox.ProxyPath, HTTP: http.DefaultClient}
	const b = "github.com/acme/app/src/b"
	ask := func() (string, bool) {
		t.Helper()
		v, found, err := client.Module(t.Context(), b, "v1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		return v.Commit, found
	}
	snap, err := st.Snapshot(t.Context(), "acme/app")
	if err != nil {
		t.Fatal(err)
	}
	tag := func(sha string) {
		t.Helper()
		if err := st.As("ann").Do(t.Context(), "POST", "/repos/acme/app/git/refs",
			map[string]any{"ref": "refs/tags/src/b/v1.0.0", "sha": sha}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, found := ask(); found {
		t.Fatal("a version without a tag is served")
	}
	tag(snap.Tags["src/a/v1.0.0"])
	if _, found := ask(); found {
		t.Error("a version that was asked for before its tag is served at once")
	}
	st.now = st.now.Add(time.Hour)
	first, found := ask()
	if !found || first != snap.Tags["src/a/v1.0.0"] {
		t.Fatalf("an hour later it is served from %q", first)
	}
	if err := st.As("ann").Do(t.Context(), "DELETE", "/repos/acme/app/git/refs/tags/src/b/v1.0.0", nil,
		nil); err != nil {
		t.Fatal(err)
	}
	tag(snap.Branches["main"])
	if again, _ := ask(); again != first {
		t.Errorf("its tag was moved to %s, and it is served from %s", snap.Branches["main"], again)
	}
	resp, err := http.Get(st.url + sandbox.ProxyPath + "github.com/acme/app/src/a/@v/list")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if list, err := io.ReadAll(resp.Body); err != nil || string(list) != "v1.0.0\nv1.0.0-rc\n" {
		t.Errorf("the list is %q, %v", list, err)
	}
}

func TestAnImageIsThereOrNot(t *testing.T) {
	st := modules(t)
	client := registry.Client{Transport: sandbox.Registries(st.url, nil), Registries: registry.Public()}
	for reference, want := range map[string]bool{
		"quay.io/acme/app:1.0.0": true, "quay.io/acme/app:1.0.1": false, "ghcr.io/acme/app:1.0.0": false,
		"quay.io/acme/other:1.0.0": false,
	} {
		digest, found, err := client.Image(t.Context(), reference)
		if err != nil || found != want || found != strings.HasPrefix(digest, "sha256:") {
			t.Errorf("%s: %q %t %v", reference, digest, found, err)
		}
	}
	if _, _, err := client.Image(t.Context(), "app"); err == nil ||
		!strings.Contains(err.Error(), `read the image reference "app"`) {
		t.Errorf("a name that is incomplete: %v", err)
	}
}
