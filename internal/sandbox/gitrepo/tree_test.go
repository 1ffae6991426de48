package gitrepo

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func text(s string) *string { return &s }

// lsTree is what git lists, as "MODE TYPE PATH".
func lsTree(t testing.TB, r *Repo, rev string) string {
	t.Helper()
	return git(t, r.Dir, "ls-tree", "-r", "-t", "--format=%(objectmode) %(objecttype) %(path)", rev)
}

func TestWriteTreeChangesOnlyWhatItIsTold(t *testing.T) {
	r := fresh(t)
	blob := ok[string](t)(r.WriteBlob(t.Context(), []byte("#!/bin/sh\r\n")))
	base := ok[string](t)(r.WriteTree(t.Context(), "", []TreeChange{
		{Path: "VERSION", Content: text("0.20.0\n")}, {Path: "run.sh", Mode: "100755", SHA: blob}, {Path: "latest",
			Mode: "120000", Content: text("VERSION")},
		{Path: "sub", Mode: "160000", SHA: strings.Repeat("1", 40)}, {Path: "lib/a.c",
			Content: text("a")}, {Path: "lib.c", Content: text("sorts before lib/")},
		{Path: "lib/deep/b.c", Content: text("b")}, {Path: "lib-x", Content: text("sorts before lib/, too")},
	}))
	lib := ok[TreeEntry](t)(r.Entry(t.Context(), base, "lib")).SHA
	same(t, `100644 blob VERSION
120000 blob latest
100644 blob lib-x
100644 blob lib.c
040000 tree lib
100644 blob lib/a.c
040000 tree lib/deep
100644 blob lib/deep/b.c
100755 blob run.sh
160000 commit sub
`, lsTree(t, r, base))
	for _, c := range []struct {
		name    string
		changes []TreeChange
		gone    []string // lines of the base that are gone
		come    []string
	}{
		{name: "an edit keeps the mode", changes: []TreeChange{{Path: "run.sh", Content: text("exit")},
			{Path: "latest", Content: text("lib.c")}}},
		{name: "a mode changes", changes: []TreeChange{{Path: "run.sh", Mode: "100644", SHA: blob}},
			gone: []string{"100755 blob run.sh"}, come: []string{"100644 blob run.sh"}},
		{name: "a file goes", changes: []TreeChange{{Path: "lib/a.c"}}, gone: []string{"100644 blob lib/a.c"}},
		{name: "a folder goes with its last file", changes: []TreeChange{{Path: "lib/deep/b.c"}},
			gone: []string{"040000 tree lib/deep", "100644 blob lib/deep/b.c"}},
		{name: "a whole folder goes", changes: []TreeChange{{Path: "lib"}},
			gone: []string{"040000 tree lib", "100644 blob lib/a.c", "040000 tree lib/deep",
				"100644 blob lib/deep/b.c"}},
		{name: "a folder is put elsewhere",
			changes: []TreeChange{{Path: "lib"}, {Path: "src", Mode: "040000", SHA: lib}},
			gone: []string{"040000 tree lib", "100644 blob lib/a.c", "040000 tree lib/deep",
				"100644 blob lib/deep/b.c"},
			come: []string{"040000 tree src", "100644 blob src/a.c", "040000 tree src/deep",
				"100644 blob src/deep/b.c"}},
		{name: "a file becomes a folder", changes: []TreeChange{{Path: "VERSION/new", Content: text("x")}},
			gone: []string{"100644 blob VERSION"}, come: []string{"040000 tree VERSION", "100644 blob VERSION/new"}},
		{name: "a folder becomes a file", changes: []TreeChange{{Path: "lib/deep", Content: text("x")}},
			gone: []string{"040000 tree lib/deep", "100644 blob lib/deep/b.c"}, come: []string{"100644 blob lib/deep"}},
		{name: "an added file that goes again leaves nothing",
			changes: []TreeChange{{Path: "n/e/w", Content: text("x")}, {Path: "n/e/w"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ok[string](t)(r.WriteTree(t.Context(), base, c.changes))
			same(t, sortedLines(lsTree(t, r, base), c.gone, c.come), sortedLines(lsTree(t, r, got), nil, nil))
		})
	}
	for _, c := range []struct {
		name   string
		change TreeChange
		want   error
	}{
		{"a file to delete that is not there", TreeChange{Path: "none"}, ErrNotFound},
		{"a file to delete below a file", TreeChange{Path: "VERSION/none"}, ErrNotFound},
		{"an object that is not there", TreeChange{Path: "x", SHA: strings.Repeat("2", 40)}, ErrNotFound},
		{"a folder as a file", TreeChange{Path: "x", SHA: lib}, ErrInvalid},
		{"a way out", TreeChange{Path: "../x", Content: text("")}, ErrInvalid},
		{"git's own folder", TreeChange{Path: "a/.GIT/hooks", Content: text("")}, ErrInvalid},
		{"no name", TreeChange{Path: "a//b", Content: text("")}, ErrInvalid},
		{"a mode that git has not", TreeChange{Path: "a", Mode: "100600", Content: text("")}, ErrInvalid},
		{"content for a folder", TreeChange{Path: "a", Mode: "040000", Content: text("")}, ErrInvalid},
	} {
		t.Run("refuses "+c.name, func(t *testing.T) {
			_, err := r.WriteTree(t.Context(), base, []TreeChange{c.change})
			failsAs(t, c.want, err)
		})
	}
}

// sortedLines are the lines, without some and with others, as a set.
func sortedLines(lines string, without, with []string) map[string]bool {
	set := map[string]bool{}
	for l := range strings.Lines(lines) {
		set[strings.TrimSpace(l)] = true
	}
	for _, l := range without {
		delete(set, l)
	}
	for _, l := range with {
		set[l] = true
	}
	return set
}

// Any sequence of changes makes the tree that git's own index makes.
func TestWriteTreeAgreesWithTheIndex(t *testing.T) {
	r := fresh(t)
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{"a", "a-", "a.b", "a/b", "a/c", "a0", "a/b/c", "b/x", "b", "B", "z z", "ü"}
	index := filepath.Join(t.TempDir(), "index")
	base := ""
	for step := range 60 {
		var changes []TreeChange
		var lines strings.Builder
		for i := range 1 + random.IntN(3) {
			name := names[random.IntN(len(names))]
			if e, err := r.Entry(t.Context(), base, name); i == 0 && err == nil && e.Type == "blob" {
				changes = append(changes, TreeChange{Path: name})
				fmt.Fprintf(&lines, "0 %s\t%s\x00", zero, name)
				continue
			}
			content, mode := fmt.Sprint(step, random.IntN(3)), []string{"100644", "100755", "120000"}[random.IntN(3)]
			changes = append(changes, TreeChange{Path: name, Mode: mode, Content: &content})
			fmt.Fprintf(&lines, "%s %s\t%s\x00", mode, ok[string](t)(r.WriteBlob(t.Context(), []byte(content))), name)
		}
		base = ok[string](t)(r.WriteTree(t.Context(), base, changes))
		want := ""
		for _, args := range [][]string{{"update-index", "-z", "--index-info"}, {"write-tree"}} {
			cmd := exec.Command("git", args...)
			cmd.Dir, cmd.Env, cmd.Stdin = r.Dir, append(environment(),
				"GIT_INDEX_FILE="+index), strings.NewReader(lines.String())
			want = strings.TrimSpace(string(ok[[]byte](t)(cmd.Output())))
		}
		if want != base {
			t.Fatalf("step %d, %v: git has\n%swe have\n%s", step, changes, lsTree(t, r, want), lsTree(t, r, base))
		}
	}
}

func TestReadingTrees(t *testing.T) {
	r := fresh(t)
	at := commit(t, r, 0, map[string]string{"VERSION": "0.21.0\r\n", "lib/a.c": "a", "lib/deep/b": "bb"})
	set(t, r, "refs/heads/main", at)
	sha := func(content string) string { return ok[string](t)(r.WriteBlob(t.Context(), []byte(content))) }
	lib := strings.TrimSpace(git(t, r.Dir, "rev-parse", "main:lib"))
	deep := strings.TrimSpace(git(t, r.Dir, "rev-parse", "main:lib/deep"))
	version := TreeEntry{"VERSION", "100644", "blob", sha("0.21.0\r\n"), 8}
	folder := TreeEntry{"lib", "040000", "tree", lib, 0}
	same(t, []TreeEntry{version, folder}, ok[[]TreeEntry](t)(r.Tree(t.Context(), "main", false)))
	same(t, []TreeEntry{version, folder, {"lib/a.c", "100644", "blob", sha("a"), 1},
		{"lib/deep", "040000", "tree", deep, 0}, {"lib/deep/b", "100644", "blob", sha("bb"), 2}},
		ok[[]TreeEntry](t)(r.Tree(t.Context(), at, true)))
	same(t, []TreeEntry{{"b", "100644", "blob", sha("bb"), 2}}, ok[[]TreeEntry](t)(r.Tree(t.Context(), deep, true)))
	content, name, err := r.File(t.Context(), "main", "VERSION")
	same(t, "0.21.0\r\n", string(ok[[]byte](t)(content, err)))
	same(t, version.SHA, name)
	for _, path := range []string{"lib", "none", "VERSION/x", "lib/", "", "/VERSION"} {
		_, _, err := r.File(t.Context(), "main", path)
		failsAs(t, ErrNotFound, err)
	}
	_, err = r.Tree(t.Context(), "none", false)
	failsAs(t, ErrNotFound, err)
}
