package rehearsal_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/rehearsal"
)

// git runs git in a folder, as somebody.
func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Ann",
		"GIT_AUTHOR_EMAIL=ann@example.org", "GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.org")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// upstream is a project on this machine: two releases, a release branch with a patch, version files and a workflow.
func upstream(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "upstream")
	version := func(v string) map[string]string {
		return map[string]string{"pyproject.toml": "[project]\nname = \"pylib\"\nversion = \"" + v + "\"\n",
			"src/pylib/__init__.py": "__version__ = \"" + v + "\"\n"}
	}
	write(t, dir, version("2.4.0"))
	write(t, dir, map[string]string{
		".github/workflows/build.yml": "name: Build\non: workflow_dispatch\njobs:\n  wheels: {}\n  sdist: {needs: wheels}\n",
		".github/workflows/ci.yml":    "name: CI\non: push\njobs:\n  test: {}\n",
	})
	git(t, dir, "init", "--quiet", "-b", "trunk")
	git(t, dir, "config", "uploadpack.allowFilter", "true")
	git(t, dir, "add", "--all")
	git(t, dir, "commit", "--quiet", "-m", "Release 2.4.0")
	git(t, dir, "tag", "-a", "v2.4.0", "-m", "2.4.0")
	git(t, dir, "tag", "v2.4.0-rc1")
	git(t, dir, "tag", "nightly")
	git(t, dir, "switch", "--quiet", "-c", "release-2.4")
	write(t, dir, version("2.4.1"))
	git(t, dir, "commit", "--quiet", "-a", "-m", "Release 2.4.1")
	git(t, dir, "tag", "v2.4.1")
	git(t, dir, "switch", "--quiet", "trunk")
	write(t, dir, map[string]string{"src/pylib/new.py": "x = 1\n"})
	git(t, dir, "add", "--all")
	git(t, dir, "commit", "--quiet", "-m", "Add something")
	return dir
}

func cloned(t *testing.T, from string, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clone")
	git(t, t.TempDir(), append(append([]string{"clone", "--quiet"}, args...), "file://"+from, dir)...)
	return dir
}

// sums are the contents of all files of a folder.
func sums(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		out[path] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What is real in a rehearsal on a clone is real: the next version, the branches, the files, the workflows.
func TestAProcessIsPlayedOnAClone(t *testing.T) {
	dir := cloned(t, upstream(t))
	git(t, dir, "remote", "set-url", "origin", "git@github.com:acme/pylib.git")
	python := file(t, "testdata/python.yaml")
	write(t, dir, map[string]string{".github/release.yaml": string(python), "src/pylib/new.py": "x = 2\n"})
	before := sums(t, dir)
	finished(t, rehearsal.Options{File: filepath.Join(dir, ".github/release.yaml"), Process: python, Clone: dir},
		"on the branches, tags and files of "+dir, "Note: the default branch is trunk.",
		"Note: one file has uncommitted changes, which the rehearsal leaves out.", "/release start v2.5.0",
		"The previous version is v2.4.1.", "from slipway/bump-v2.5.0 into trunk", "→ makes the tag v2.5.0-rc1 at",
		"ci.yml", "notes since v2.4.1", "→ starts the workflow build.yml on trunk", "v2.5.0, after v2.4.1")
	finished(t, rehearsal.Options{Process: python, Clone: dir, Track: "patch"}, "/release start v2.4.2")
	if diff := cmp.Diff(before, sums(t, dir)); diff != "" {
		t.Errorf("the clone was changed (-before +after):\n%s", diff)
	}
}

// What a process names and the repository lacks is found out.
func TestWhatACloneLacksIsSaid(t *testing.T) {
	dir := cloned(t, upstream(t))
	python := string(file(t, "testdata/python.yaml"))
	for old, tc := range map[string][2]string{
		"build.yml":   {"wheels.yml", "could not start the workflow wheels.yml"},
		"pyproject.":  {"setup.", "there is no `setup.toml`"},
		`^version = `: {"^release = ", "matches nothing"},
	} {
		_, problem := played(t, rehearsal.Options{Process: []byte(strings.Replace(python, old, tc[0], 1)), Clone: dir})
		if !strings.Contains(problem, "The release stands at the step") || !strings.Contains(problem, tc[1]) {
			t.Errorf("%s in place of %s: %q", tc[0], old, problem)
		}
	}
}

// A branch is as the remote had it, unless this clone is ahead of it.
func TestBranchesOfAClone(t *testing.T) {
	from := upstream(t)
	dir := cloned(t, from)
	git(t, dir, "branch", "--quiet", "mine")
	git(t, dir, "branch", "--quiet", "release-2.4", "HEAD")
	write(t, dir, map[string]string{"more.txt": "more\n"})
	git(t, dir, "add", "--all")
	git(t, dir, "commit", "--quiet", "-m", "More")
	out, _ := played(t, rehearsal.Options{Process: []byte("process: falco-libs\n"), Clone: dir})
	has(t, out, "the default branch is trunk", "Note: the branch mine is only here, not in origin.",
		"Note: the branch release-2.4 is taken from origin/release-2.4, which has other commits than the one here.",
		"Note: the branch trunk is taken from here, where it is ahead of origin/trunk.")
	// Without a remote, the branches are those that are here.
	git(t, dir, "remote", "remove", "origin")
	out, _ = played(t, rehearsal.Options{Process: []byte("process: falco-libs\n"), Clone: dir})
	has(t, out, "the default branch is trunk", "/release start 0.1.0")
}

func TestClonesThatCannotBeUsed(t *testing.T) {
	from, empty, nothing := upstream(t), t.TempDir(), t.TempDir()
	git(t, empty, "init", "--quiet")
	for dir, want := range map[string]string{
		cloned(t, from, "--depth=1"):          "the clone is shallow",
		cloned(t, from, "--filter=blob:none"): "the clone is partial",
		nothing:                               "that is not a git repository; name the path of a clone",
		filepath.Join(nothing, "nowhere"):     "there is no such directory",
		empty:                                 "it has no commit on a branch",
	} {
		out, problem := played(t, rehearsal.Options{Process: []byte("process: kata\n"), Clone: dir})
		if !strings.HasPrefix(problem, "--repo "+dir+": ") || !strings.Contains(problem, want) || out != "" {
			t.Errorf("%s: %q\n%s", want, problem, out)
		}
	}
}
