package gitrepo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A repository that borrows the history of another one writes to its own folder alone.
func TestBorrowedHistoryGoesOnElsewhere(t *testing.T) {
	other, r := fresh(t), fresh(t)
	text := "one\n"
	tree := ok[string](t)(other.WriteTree(t.Context(), "", []TreeChange{{Path: "a.txt", Content: &text}}))
	first := ok[string](t)(other.WriteCommit(t.Context(), tree, nil, ann(0), ann(0), "First"))
	before := git(t, other.Dir, "count-objects", "-v")
	if err := r.Borrow(filepath.Join(other.Dir, "objects"), map[string]string{"refs/heads/main": first,
		"refs/tags/v1": first, "refs/heads/..": first}); err != nil {
		t.Fatal(err)
	}
	more := "two\n"
	tree = ok[string](t)(r.WriteTree(t.Context(), first, []TreeChange{{Path: "b.txt", Content: &more}}))
	second := ok[string](t)(r.WriteCommit(t.Context(), tree, []string{first}, ann(1), ann(1), "Second"))
	if err := r.SetRef(t.Context(), "refs/heads/main", second, first); err != nil {
		t.Fatal(err)
	}
	if log := git(t, r.Dir, "log", "--format=%s %d", "main"); !strings.Contains(log, "First  (tag: v1)") ||
		!strings.Contains(log, "Second  (HEAD -> main)") {
		t.Errorf("git log says %q", log)
	}
	if after := git(t, other.Dir, "count-objects", "-v"); after != before {
		t.Errorf("the other one was written to: %s, and before %s", after, before)
	}
	if _, err := os.Stat(filepath.Join(other.Dir, "refs", "heads", "main")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the other one has a new reference: %v", err)
	}
	if err := r.Borrow(other.Dir, map[string]string{"refs/heads/main": "abc"}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a reference to nothing: %v", err)
	}
}
