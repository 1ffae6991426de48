package gitrepo

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fresh is an empty repository that real git must find sound when the test ends.
func fresh(t testing.TB) *Repo {
	t.Helper()
	r, err := Init(t.Context(), filepath.Join(t.TempDir(), "acme", "app.git"), "main")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = r.Close()
		if out := git(t, r.Dir, "fsck", "--strict", "--no-dangling", "--no-progress"); strings.TrimSpace(out) != "" &&
			!strings.HasPrefix(out, "notice:") {
			t.Errorf("git fsck says: %s", out)
		}
	})
	return r
}

// git runs the real command and gives what it prints, errors included.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	out, err := tryGit(dir, args...)
	if err != nil {
		t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return out
}

func tryGit(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(environment(), "GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.org", "GIT_COMMITTER_NAME=Ann",
		"GIT_COMMITTER_EMAIL=ann@example.org", "GIT_AUTHOR_DATE=1800000000 +0200",
		"GIT_COMMITTER_DATE=1800000000 +0200")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func ann(minutes int) Signature {
	return Signature{"Ann", "ann@example.org", noon.Add(time.Duration(minutes) * time.Minute)}
}

// ok is the value, where an error ends the test.
func ok[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// commit makes a commit on the first parent's tree; a file of content "-" is deleted.
func commit(t testing.TB, r *Repo, minute int, files map[string]string, parents ...string) string {
	t.Helper()
	base := ""
	if len(parents) > 0 {
		base = parents[0]
	}
	var changes []TreeChange
	for path, content := range files {
		c := TreeChange{Path: path}
		if content != "-" {
			c.Content = &content
		}
		changes = append(changes, c)
	}
	tree := ok[string](t)(r.WriteTree(t.Context(), base, changes))
	return ok[string](t)(r.WriteCommit(t.Context(), tree, parents, ann(minute), ann(minute),
		fmt.Sprintf("minute %d", minute)))
}

func set(t testing.TB, r *Repo, name, sha string) {
	t.Helper()
	if err := r.SetRef(t.Context(), name, sha, ""); err != nil {
		t.Fatal(err)
	}
}

func same(t testing.TB, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func failsAs(t testing.TB, want, got error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("want the error %q, got %v", want, got)
	}
}

func TestGitMakesTheSameCommit(t *testing.T) {
	r := fresh(t)
	tree := ok[string](t)(r.WriteTree(t.Context(), "", nil))
	for name, who := range map[string]string{
		"plain": "Ann", "bot": "slipway[bot]", "accents": "Zoë Ångström", "crud": " .Ann <the> \"first\", ",
	} {
		for _, message := range []string{"one line", "one line\n", "a title\n\na body\r\nwith CRLF\n\nand a line\n\n",
			"", "\nblank first"} {
			t.Run(fmt.Sprintf("%s %q", name, message), func(t *testing.T) {
				cmd := exec.Command("git", "commit-tree", tree)
				cmd.Dir, cmd.Stdin = r.Dir, strings.NewReader(message)
				cmd.Env = append(environment(), "GIT_AUTHOR_NAME="+who, "GIT_AUTHOR_EMAIL=ann@example.org",
					"GIT_COMMITTER_NAME=Bo",
					"GIT_COMMITTER_EMAIL=", "GIT_AUTHOR_DATE=1772366400 +0000", "GIT_COMMITTER_DATE=1772366460 +0000")
				want := strings.TrimSpace(string(ok[[]byte](t)(cmd.Output())))
				got := ok[string](t)(r.WriteCommit(t.Context(), tree, nil, Signature{who, "ann@example.org", noon},
					Signature{"Bo", "", noon.Add(time.Minute)}, message))
				same(t, want, got)
			})
		}
	}
}

func TestCommitReadsBackWhatWasWritten(t *testing.T) {
	r := fresh(t)
	first := commit(t, r, 0, map[string]string{"a": "1"})
	second := commit(t, r, 1, map[string]string{"b": "1"}, first)
	tree := ok[Commit](t)(r.Commit(t.Context(), second)).Tree
	bo := Signature{"Bo", "bo@example.org", noon.Add(time.Hour)}
	merge := ok[string](t)(r.WriteCommit(t.Context(), tree, []string{second, first, second}, ann(2), bo,
		"join\n\nboth\n"))
	same(t, Commit{SHA: merge, Tree: tree, Parents: []string{second, first}, Author: ann(2), Committer: bo,
		Message: "join\n\nboth"},
		ok[Commit](t)(Open(r.Dir).Commit(t.Context(), merge)))
}

func TestWriteCommitRefusesWhatGitRefuses(t *testing.T) {
	r := fresh(t)
	good := commit(t, r, 0, map[string]string{"a": "1"})
	tree := ok[Commit](t)(r.Commit(t.Context(), good)).Tree
	for name, c := range map[string]struct {
		tree    string
		parents []string
		author  Signature
		message string
		want    error
	}{
		"a tree that is not there":   {strings.Repeat("1", 40), nil, ann(0), "m", ErrNotFound},
		"a commit for a tree":        {good, nil, ann(0), "m", ErrInvalid},
		"a parent that is not there": {tree, []string{strings.Repeat("2", 40)}, ann(0), "m", ErrNotFound},
		"a tree for a parent":        {tree, []string{tree}, ann(0), "m", ErrInvalid},
		"nobody":                     {tree, nil, Signature{" <> ", "a@b", noon}, "m", ErrInvalid},
		"no date":                    {tree, nil, Signature{Name: "Ann"}, "m", ErrInvalid},
		"a NUL":                      {tree, nil, ann(0), "a\x00b", ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.WriteCommit(t.Context(), c.tree, c.parents, c.author, ann(0), c.message)
			failsAs(t, c.want, err)
		})
	}
}

func TestObjectsOfAnySizeAndContent(t *testing.T) {
	r := fresh(t)
	for name, content := range map[string]string{
		"nothing": "", "CRLF": "a\r\nb\r\n", "binary": "\x00\xff\xfe\x00\n", "one block": strings.Repeat("x",
			65535-len("blob 65535\x00")),
		"one block and a byte": strings.Repeat("x",
			65536-len("blob 65535\x00")), "many blocks": strings.Repeat("0123456789", 30_000),
	} {
		t.Run(name, func(t *testing.T) {
			sha := ok[string](t)(r.WriteBlob(t.Context(), []byte(content)))
			same(t, content, string(ok[[]byte](t)(r.Blob(t.Context(), sha))))
			same(t, content, git(t, r.Dir, "cat-file", "blob", sha))
		})
	}
	_, err := r.Blob(t.Context(), strings.Repeat("1", 40))
	failsAs(t, ErrNotFound, err)
	_, err = r.Blob(t.Context(), commit(t, r, 0, nil))
	failsAs(t, ErrNotFound, err)
	same(t, []bool{false, false, true}, []bool{r.Has(t.Context(), "main"), r.Has(t.Context(), zero),
		r.Has(t.Context(), commit(t, r, 0, nil))})
}

func TestPackedObjectsAreReadToo(t *testing.T) {
	r := fresh(t)
	first := commit(t, r, 0, map[string]string{"a": "1\r\n"})
	second := commit(t, r, 1, map[string]string{"a": "2\r\n"}, first)
	set(t, r, "refs/heads/main", second)
	git(t, r.Dir, "repack", "-adq")
	git(t, r.Dir, "prune-packed")
	git(t, r.Dir, "pack-refs", "--all")
	o := Open(r.Dir)
	defer o.Close()
	content, _, err := o.File(t.Context(), "main", "a")
	same(t, "2\r\n", string(ok[[]byte](t)(content, err)))
	same(t, second, ok[string](t)(o.Resolve(t.Context(), second[:8])))
	same(t, true, o.IsAncestor(t.Context(), first, "main"))
	same(t, []bool{true, false}, []bool{o.Has(t.Context(), first), o.Has(t.Context(), strings.Repeat("1", 40))})
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	same(t, true, o.Has(t.Context(), first)) // Close does not end the repository's use
}

func TestDamagedObjectIsAnErrorAndNotAbsent(t *testing.T) {
	r, err := Init(t.Context(), t.TempDir(), "main")
	sha := ok[string](t)(ok[*Repo](t)(r, err).WriteBlob(t.Context(), []byte("x")))
	if err := errors.Join(os.Chmod(r.loose(sha), 0o644),
		os.WriteFile(r.loose(sha), []byte("junk"), 0o644)); err != nil {
		t.Fatal(err)
	}
	_, err = r.Blob(t.Context(), sha)
	if err == nil || errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("want damage, got %v", err)
	}
}

func TestCloneIsACopyOfItsOwn(t *testing.T) {
	r := fresh(t)
	first := commit(t, r, 0, map[string]string{"a": "1"})
	set(t, r, "refs/heads/main", first)
	set(t, r, "refs/tags/v1+x/y", first)
	c := ok[*Repo](t)(r.Clone(t.Context(), filepath.Join(t.TempDir(), "copy.git")))
	same(t, ok[[]Ref](t)(r.Refs(t.Context(), "refs/")), ok[[]Ref](t)(c.Refs(t.Context(), "refs/")))
	second := commit(t, c, 1, map[string]string{"a": "2"}, first)
	if err := c.SetRef(t.Context(), "refs/heads/main", second, first); err != nil {
		t.Fatal(err)
	}
	same(t, []string{first, second},
		[]string{ok[string](t)(r.Resolve(t.Context(), "HEAD")), ok[string](t)(c.Resolve(t.Context(), "HEAD"))})
	same(t, false, r.Has(t.Context(), second))
	same(t, "", git(t, c.Dir, "fsck", "--strict", "--no-dangling", "--no-progress"))
	_, err := r.Clone(t.Context(), c.Dir)
	failsAs(t, ErrExists, err)
}

func TestInitOpensWhatIsThere(t *testing.T) {
	r := fresh(t)
	first := commit(t, r, 0, map[string]string{"a": "1"})
	set(t, r, "refs/heads/main", first)
	again := ok[*Repo](t)(Init(t.Context(), r.Dir, "other"))
	same(t, first, ok[string](t)(again.Resolve(t.Context(), "HEAD")))
	_, err := Init(t.Context(), t.TempDir(), "no..way")
	failsAs(t, ErrInvalid, err)
}
