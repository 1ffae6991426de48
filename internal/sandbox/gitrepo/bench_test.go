package gitrepo

import (
	"path/filepath"
	"strconv"
	"testing"
)

// young is a repository as a release of the sandbox sees it: some dozen commits.
func young(b *testing.B) (r *Repo, head string) {
	r, err := Init(b.Context(), filepath.Join(b.TempDir(), "app.git"), "main")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = r.Close() })
	head = commit(b, r, 0, map[string]string{"VERSION": "0", "lib/a": lines, "lib/b": "b", "docs/c/d": "x"})
	for i := range 30 {
		head = commit(b, r, i, map[string]string{"VERSION": strconv.Itoa(i)}, head)
	}
	set(b, r, "refs/heads/main", head)
	return r, head
}

// BenchmarkCommit writes a blob, three trees, a commit and a reference, and reads the commit.
func BenchmarkCommit(b *testing.B) {
	r, head := young(b)
	for i := 0; b.Loop(); i++ {
		next := commit(b, r, 100+i, map[string]string{"VERSION": strconv.Itoa(i), "docs/c/d": strconv.Itoa(i)}, head)
		if err := r.SetRef(b.Context(), "refs/heads/main", next, head); err != nil {
			b.Fatal(err)
		}
		if _, err := r.Commit(b.Context(), "main"); err != nil {
			b.Fatal(err)
		}
		head = next
	}
}

func BenchmarkMerge(b *testing.B) {
	r, head := young(b)
	for name, side := range map[string]map[string]string{"plain": {"lib/b": "theirs"},
		"by git": {"lib/a": lines + "theirs\n"}} {
		ours := commit(b, r, 200, map[string]string{"lib/a": "ours\n" + lines}, head)
		theirs := commit(b, r, 201, side, head)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := r.Merge(b.Context(), ours, theirs); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkClone(b *testing.B) {
	r, _ := young(b)
	dir := b.TempDir()
	for i := 0; b.Loop(); i++ {
		if _, err := r.Clone(b.Context(), filepath.Join(dir, strconv.Itoa(i))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInit(b *testing.B) {
	dir := b.TempDir()
	for i := 0; b.Loop(); i++ {
		if _, err := Init(b.Context(), filepath.Join(dir, strconv.Itoa(i)), "main"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	r, head := young(b)
	b.Run("Refs", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.Refs(b.Context(), "refs/"); err != nil {
				b.Fatal(err)
			}
		}
	})
	past, err := r.Log(b.Context(), head, "", 20, 1)
	if err != nil {
		b.Fatal(err)
	}
	old := past[0].SHA
	b.Run("Between", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := r.Between(b.Context(), old, head); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("File", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := r.File(b.Context(), "main", "docs/c/d"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
