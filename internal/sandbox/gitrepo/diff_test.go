package gitrepo

import (
	"strings"
	"testing"
)

func TestDiffNamesWhatChanged(t *testing.T) {
	r := fresh(t)
	blob := func(s string) string { return ok[string](t)(r.WriteBlob(t.Context(), []byte(s))) }
	before := commit(t, r, 0, map[string]string{
		"VERSION": "0.20.0\n", "gone": "bye\n", "old/name": lines, "bin": "\x00a", "link": "VERSION", "same": "x",
		"-- a\nb": "diff --git\n", "win": "a\r\nb\r\n",
	})
	tree := ok[string](t)(r.WriteTree(t.Context(), before, []TreeChange{
		{Path: "VERSION", Content: text("0.21.0\n")}, {Path: "gone"}, {Path: "old/name"}, {Path: "new/näme",
			Content: text(lines + "more\n")},
		{Path: "bin", Content: text("\x00b")}, {Path: "link", Mode: "120000", Content: text("VERSION")}, {Path: "fresh",
			Content: text("")},
		{Path: "-- a\nb", Content: text("diff --git\ndiff --git a b\n")}, {Path: "win", Content: text("a\r\nc\r\n")},
	}))
	after := ok[string](t)(r.WriteCommit(t.Context(), tree, []string{before}, ann(1), ann(1), "all at once"))
	rename := "@@ -18,3 +18,4 @@ a line that stays as it is\n" + strings.Repeat(" a line that stays as it is\n", 3) +
		"+more"
	want := []FileChange{
		{Path: "-- a\nb", Status: "modified", SHA: blob("diff --git\ndiff --git a b\n"), Additions: 1,
			Patch: "@@ -1 +1,2 @@\n diff --git\n+diff --git a b"},
		{Path: "VERSION", Status: "modified", SHA: blob("0.21.0\n"), Additions: 1, Deletions: 1,
			Patch: "@@ -1 +1 @@\n-0.20.0\n+0.21.0"},
		{Path: "bin", Status: "modified", SHA: blob("\x00b")},
		{Path: "fresh", Status: "added", SHA: blob("")},
		{Path: "gone", Status: "removed", SHA: blob("bye\n"), Deletions: 1, Patch: "@@ -1 +0,0 @@\n-bye"},
		{Path: "link", Status: "changed", SHA: blob("VERSION"),
			Patch: "@@ -1 +0,0 @@\n-VERSION\n\\ No newline at end of file\n@@ -0,0 +1 @@\n+VERSION\n\\ No newline at " +
				"end of file"},
		{Path: "new/näme", Previous: "old/name", Status: "renamed", SHA: blob(lines + "more\n"), Additions: 1,
			Patch: rename},
		{Path: "win", Status: "modified", SHA: blob("a\r\nc\r\n"), Additions: 1, Deletions: 1,
			Patch: "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r"},
	}
	same(t, want, ok[[]FileChange](t)(r.Diff(t.Context(), before, after)))
	same(t, []FileChange(nil), ok[[]FileChange](t)(r.Diff(t.Context(), after, tree)))
	same(t, 8, len(ok[[]FileChange](t)(r.Diff(t.Context(), "", before))))
	_, err := r.Diff(t.Context(), "none", after)
	failsAs(t, ErrNotFound, err)
}
