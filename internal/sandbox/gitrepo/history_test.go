package gitrepo

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// packs runs a test on a repository as it was written, and again when git packed it.
func packs(t *testing.T, r *Repo, test func(t *testing.T, r *Repo)) {
	t.Run("loose", func(t *testing.T) { test(t, Open(r.Dir)) })
	git(t, r.Dir, "repack", "-adq", "--keep-unreachable")
	git(t, r.Dir, "prune-packed")
	o := Open(r.Dir)
	t.Cleanup(func() { _ = o.Close() })
	t.Run("packed", func(t *testing.T) { test(t, o) })
}

// history is a random one: merges, several roots, and commits of one second, which git lists in an order of its own.
func history(t testing.TB, r *Repo, seed uint64, size int) []string {
	random := rand.New(rand.NewPCG(seed, 0))
	var all []string
	for i := range size {
		parents := map[string]bool{}
		if i > 0 && random.IntN(15) > 0 {
			for range 1 + random.IntN(2) {
				parents[all[max(0, i-1-random.IntN(6))]] = true
			}
		}
		var list []string
		for _, sha := range all {
			if parents[sha] {
				list = append(list, sha)
			}
		}
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		sha := commit(t, r, i/3, map[string]string{fmt.Sprintf("f%d", random.IntN(4)): strconv.Itoa(i)}, list...)
		set(t, r, fmt.Sprintf("refs/heads/c%d", i), sha)
		all = append(all, sha)
	}
	return all
}

func names(list []Commit) string {
	var all []string
	for _, m := range list {
		all = append(all, m.SHA)
	}
	return strings.Join(all, "\n")
}

func TestHistoryIsWhatGitSays(t *testing.T) {
	r := fresh(t)
	all := history(t, r, 1, 40)
	random := rand.New(rand.NewPCG(2, 0))
	type pair struct{ a, b string }
	pairs := []pair{{all[3], all[3]}, {all[0], all[39]}, {all[39], all[0]}}
	for range 60 {
		pairs = append(pairs, pair{all[random.IntN(40)], all[random.IntN(40)]})
	}
	packs(t, r, func(t *testing.T, r *Repo) {
		for _, p := range pairs {
			bases, err := tryGit(r.Dir, "merge-base", p.a, p.b)
			got, failed := r.MergeBase(t.Context(), p.a, p.b)
			if err != nil {
				failsAs(t, ErrNotFound, failed)
			} else if want := strings.TrimSpace(bases); want != got {
				t.Errorf("merge base of %s and %s: want %s, got %s", p.a, p.b, want, got)
			}
			_, err = tryGit(r.Dir, "merge-base", "--is-ancestor", p.a, p.b)
			same(t, err == nil, r.IsAncestor(t.Context(), p.a, p.b))
			ahead, behind, err := r.Between(t.Context(), p.a, p.b)
			same(t, strings.TrimSpace(git(t, r.Dir, "log", "--reverse", "--format=%H", p.a+".."+p.b)),
				names(ok[[]Commit](t)(ahead, err)))
			same(t, strings.TrimSpace(git(t, r.Dir, "rev-list", "--count", p.b+".."+p.a)), strconv.Itoa(behind))
			same(t, strings.TrimSpace(git(t, r.Dir, "log", "--format=%H", "--skip=3", "--max-count=7", p.a)),
				names(ok[[]Commit](t)(r.Log(t.Context(), p.a, "", 3, 7))))
			same(t, strings.TrimSpace(git(t, r.Dir, "log", "--format=%H", "--max-count=5", p.a, "--", "f1")),
				names(ok[[]Commit](t)(r.Log(t.Context(), p.a, "f1", 0, 5))))
		}
		same(t, strings.TrimSpace(git(t, r.Dir, "log", "--format=%H", all[39])),
			names(ok[[]Commit](t)(r.Log(t.Context(), all[39], "", 0, -1))))
		same(t, 0, len(ok[[]Commit](t)(r.Log(t.Context(), all[0], "", 9, 5))))
	})
}

func TestComparingWithWhatIsNotThere(t *testing.T) {
	r := fresh(t)
	one := commit(t, r, 0, nil)
	_, _, err := r.Between(t.Context(), one, "none")
	failsAs(t, ErrNotFound, err)
	_, err = r.MergeBase(t.Context(), "none", one)
	failsAs(t, ErrNotFound, err)
	_, err = r.Log(t.Context(), "none", "", 0, 1)
	failsAs(t, ErrNotFound, err)
	same(t, false, r.IsAncestor(t.Context(), "none", one))
}

func TestLogOfAPathTakesItLiterally(t *testing.T) {
	r := fresh(t)
	one := commit(t, r, 0, map[string]string{"docs/*.md": "1", "docs/a.md": "1"})
	two := commit(t, r, 1, map[string]string{"docs/a.md": "2"}, one)
	same(t, one, names(ok[[]Commit](t)(r.Log(t.Context(), two, "docs/*.md", 0, 9))))
	same(t, two+"\n"+one, names(ok[[]Commit](t)(r.Log(t.Context(), two, "docs", 0, 9))))
}
