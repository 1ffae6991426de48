package gitrepo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

var lines = strings.Repeat("a line that stays as it is\n", 20)

func TestMerge(t *testing.T) {
	start := map[string]string{"VERSION": "0.20.0\r\n", "doc.md": "top\n" + lines + "bottom\n", "lib/a": lines,
		"lib/b": "b"}
	for _, c := range []struct {
		name         string
		ours, theirs map[string]string // nil: the side is where it was
		want         map[string]string // what differs from start
		conflicts    []string
	}{
		{name: "different files", ours: map[string]string{"lib/b": "B", "ours": "1"},
			theirs: map[string]string{"VERSION": "0.21.0\r\n", "lib/new/c": "1"},
			want:   map[string]string{"lib/b": "B", "ours": "1", "VERSION": "0.21.0\r\n", "lib/new/c": "1"}},
		{name: "different places of one file", ours: map[string]string{"doc.md": "TOP\n" + lines + "bottom\n"},
			theirs: map[string]string{"doc.md": "top\n" + lines + "BOTTOM\n"},
			want:   map[string]string{"doc.md": "TOP\n" + lines + "BOTTOM\n"}},
		{name: "one place of one file", ours: map[string]string{"VERSION": "0.21.0\r\n"},
			theirs: map[string]string{"VERSION": "0.20.1\r\n"}, conflicts: []string{"VERSION"}},
		{name: "the same change twice", ours: map[string]string{"VERSION": "0.21.0\r\n"},
			theirs: map[string]string{"VERSION": "0.21.0\r\n"}, want: map[string]string{"VERSION": "0.21.0\r\n"}},
		{name: "several conflicts, of odd names", ours: map[string]string{"ü b": "1", "VERSION": "1"},
			theirs: map[string]string{"ü b": "2", "VERSION": "2"}, conflicts: []string{"VERSION", "ü b"}},
		{name: "an edit of what went", ours: map[string]string{"lib/b": "-"}, theirs: map[string]string{"lib/b": "c"},
			conflicts: []string{"lib/b"}},
		{name: "an edit of what was renamed", ours: map[string]string{"lib/a": "-", "src/a": lines},
			theirs: map[string]string{"lib/a": lines + "more\n"},
			want:   map[string]string{"lib/a": "-", "src/a": lines + "more\n"}},
		{name: "binary files", ours: map[string]string{"bin": "\x00\x01"}, theirs: map[string]string{"bin": "\x00\x02"},
			conflicts: []string{"bin"}},
		{name: "ours is contained", theirs: map[string]string{"VERSION": "1"}, want: map[string]string{"VERSION": "1"}},
		{name: "theirs is contained", ours: map[string]string{"VERSION": "1"}, want: map[string]string{"VERSION": "1"}},
		{name: "the same commit", want: map[string]string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := fresh(t)
			base := commit(t, r, 0, start)
			ours, theirs := base, base
			if c.ours != nil {
				ours = commit(t, r, 1, c.ours, base)
			}
			if c.theirs != nil {
				theirs = commit(t, r, 2, c.theirs, base)
			}
			set(t, r, "refs/heads/ours", ours)
			set(t, r, "refs/heads/theirs", theirs)
			packs(t, r, func(t *testing.T, r *Repo) {
				tree, conflicts, err := r.Merge(t.Context(), "ours", theirs)
				same(t, c.conflicts, conflicts)
				if c.conflicts != nil {
					failsAs(t, ErrConflict, err)
					same(t, "", tree)
					return
				}
				want := commit(t, r, 0, c.want, base)
				same(t, ok[Commit](t)(r.Commit(t.Context(), want)).Tree, ok[string](t)(tree, err))
			})
		})
	}
}

func TestMergeOfStrangersIsNotFound(t *testing.T) {
	r := fresh(t)
	a, b := commit(t, r, 0, map[string]string{"a": "1"}), commit(t, r, 0, map[string]string{"b": "1"})
	set(t, r, "refs/heads/a", a)
	set(t, r, "refs/heads/b", b)
	packs(t, r, func(t *testing.T, r *Repo) {
		_, _, err := r.Merge(t.Context(), a, b)
		failsAs(t, ErrNotFound, err)
		_, _, err = r.Merge(t.Context(), a, "none")
		failsAs(t, ErrNotFound, err)
	})
}

// A temporary commit, of the target's tree on the picked commit's parent, makes a merge that is the pick.
func TestCherryPickThroughAMerge(t *testing.T) {
	r := fresh(t)
	root := commit(t, r, 0, map[string]string{"a": "1", "fix": lines, "run": "x"})
	noise := commit(t, r, 1, map[string]string{"noise": "not to be picked"}, root)
	fix := commit(t, r, 2, map[string]string{"fix": "fixed\n" + lines, "new": "file"}, noise)
	target := commit(t, r, 3, map[string]string{"a": "2", "fix": lines + "release\n"}, root)
	top := ok[Commit](t)(r.Commit(t.Context(), target))
	temporary := ok[string](t)(r.WriteCommit(t.Context(), top.Tree, []string{noise}, ann(4), ann(4), "temporary"))
	tree, _, err := r.Merge(t.Context(), temporary, fix)
	picked := ok[string](t)(tree, err)
	want := commit(t, r, 5, map[string]string{"fix": "fixed\n" + lines + "release\n", "new": "file"}, target)
	same(t, ok[Commit](t)(r.Commit(t.Context(), want)).Tree, picked)

	clash := commit(t, r, 6, map[string]string{"a": "3"}, fix)
	temporary = ok[string](t)(r.WriteCommit(t.Context(), top.Tree, []string{fix}, ann(4), ann(4), "temporary"))
	_, conflicts, err := r.Merge(t.Context(), temporary, clash)
	failsAs(t, ErrConflict, err)
	same(t, []string{"a"}, conflicts)
}

// What is merged without git is what git would have made, for any histories and edits.
func TestMergeAgreesWithGit(t *testing.T) {
	r := fresh(t)
	random := rand.New(rand.NewPCG(3, 0))
	paths := []string{"a", "b", "c/a", "c/b", "c/d/e", "d", "d/x", "e/f"}
	edits := func(from string) map[string]string {
		files := map[string]string{}
		for range 1 + random.IntN(3) {
			path := paths[random.IntN(len(paths))]
			_, err := r.Entry(t.Context(), from, path)
			if err == nil && random.IntN(6) == 0 && len(files) == 0 {
				return map[string]string{path: "-"}
			}
			files[path] = fmt.Sprintf("%d\n%s%d\n", random.IntN(2), lines, random.IntN(2))
		}
		// A file and a folder of one name in one set of edits would depend on the order.
		if files["d"] != "" {
			delete(files, "d/x")
		}
		return files
	}
	all := []string{commit(t, r, 0, map[string]string{"a": lines, "c/a": lines, "c/b": lines})}
	plain := 0
	for i := range 150 {
		ours, theirs := all[len(all)-1-random.IntN(min(5, len(all)))], all[len(all)-1-random.IntN(min(5, len(all)))]
		ours = commit(t, r, i, edits(ours), ours)
		if random.IntN(3) > 0 {
			theirs = commit(t, r, i, edits(theirs), theirs)
		}
		wantTree, wantConflicts, wantErr := r.gitMerge(t.Context(), ours, theirs)
		tree, conflicts, err := r.Merge(t.Context(), ours, theirs)
		if fmt.Sprint(wantTree, wantConflicts, wantErr != nil) != fmt.Sprint(tree, conflicts, err != nil) {
			t.Fatalf("merge %s into %s: git makes %s %v %v, we make %s %v %v", theirs, ours, wantTree, wantConflicts,
				wantErr, tree, conflicts, err)
		}
		one, other := ok[Commit](t)(r.Commit(t.Context(), ours)), ok[Commit](t)(r.Commit(t.Context(), theirs))
		if _, done, _ := r.plainMerge(t.Context(), one, other); done {
			plain++
		}
		all = append(all, ours)
		if err == nil && random.IntN(2) == 0 {
			all = append(all,
				ok[string](t)(r.WriteCommit(t.Context(), tree, []string{ours, theirs}, ann(i), ann(i), "merge")))
		}
	}
	if plain < 20 || plain > 130 {
		t.Errorf("%d of 150 merges were plain: this test compares too little", plain)
	}
}
