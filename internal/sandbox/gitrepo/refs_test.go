package gitrepo

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestRefsAreWhatGitShows(t *testing.T) {
	r := fresh(t)
	first := commit(t, r, 0, map[string]string{"a": "1"})
	tag := ok[string](t)(r.WriteTag(t.Context(),
		Tag{Name: "v1.0.0", Object: first, ObjectType: "commit", Message: "one", Tagger: ann(0)}))
	outer := ok[string](t)(r.WriteTag(t.Context(),
		Tag{Name: "signed/v1", Object: tag, ObjectType: "tag", Message: "two", Tagger: ann(0)}))
	for name, sha := range map[string]string{
		"refs/heads/main": first, "refs/heads/release/0.21.x": first, "refs/heads/release-2": first,
		"refs/tags/v1.0.0":        tag,
		"refs/tags/0.21.0+driver": first, "refs/tags/signed/v1": outer, "refs/tags/signed/über": first,
	} {
		set(t, r, name, sha)
	}
	want := []Ref{
		{"refs/heads/main", first, "commit", first}, {"refs/heads/release-2", first, "commit", first},
		{"refs/heads/release/0.21.x", first, "commit", first}, {"refs/tags/0.21.0+driver", first, "commit", first},
		{"refs/tags/signed/v1", outer, "tag", first}, {"refs/tags/signed/über", first, "commit", first},
		{"refs/tags/v1.0.0", tag, "tag", first},
	}
	check := func(t *testing.T) {
		same(t, want, ok[[]Ref](t)(r.Refs(t.Context(), "refs/")))
		same(t, want[1:3], ok[[]Ref](t)(r.Refs(t.Context(), "refs/heads/rel")))
		same(t, want[4], ok[Ref](t)(r.Ref(t.Context(), "refs/tags/signed/v1")))
		var lines []string
		for _, ref := range want {
			lines = append(lines, ref.SHA+" "+ref.Type+"\t"+ref.Name)
		}
		same(t, strings.Join(lines, "\n")+"\n", git(t, r.Dir, "for-each-ref"))
	}
	t.Run("loose", check)
	git(t, r.Dir, "pack-refs", "--all")
	t.Run("packed", check)
	t.Run("a packed one is changed and deleted", func(t *testing.T) {
		second := commit(t, r, 1, map[string]string{"a": "2"}, first)
		if err := r.SetRef(t.Context(), "refs/heads/main", second, first); err != nil {
			t.Fatal(err)
		}
		same(t, second, ok[Ref](t)(r.Ref(t.Context(), "refs/heads/main")).SHA)
		for _, name := range []string{"refs/heads/main", "refs/tags/signed/v1"} {
			if err := r.DeleteRef(t.Context(), name); err != nil {
				t.Fatal(err)
			}
			_, err := r.Ref(t.Context(), name)
			failsAs(t, ErrNotFound, err)
		}
		same(t, 5, strings.Count(git(t, r.Dir, "for-each-ref"), "\n"))
	})
}

func TestSetRefComparesAndSwaps(t *testing.T) {
	r := fresh(t)
	one := commit(t, r, 0, map[string]string{"a": "1"})
	two := commit(t, r, 1, map[string]string{"a": "2"}, one)
	blob := ok[string](t)(r.WriteBlob(t.Context(), []byte("x")))
	set(t, r, "refs/heads/main", one)
	for _, c := range []struct {
		name           string
		ref, sha, old  string
		want           error
		deletes, fails bool
	}{
		{name: "creates once only", ref: "refs/heads/main", sha: two, want: ErrExists},
		{name: "moves from where it is", ref: "refs/heads/main", sha: two, old: one},
		{name: "moves from nowhere else", ref: "refs/heads/main", sha: one, old: one, want: ErrConflict},
		{name: "moves back too", ref: "refs/heads/main", sha: one, old: two},
		{name: "moves nothing that is gone", ref: "refs/heads/gone", sha: one, old: two, want: ErrNotFound},
		{name: "needs an object", ref: "refs/tags/x", sha: strings.Repeat("1", 40), want: ErrNotFound},
		{name: "needs a commit for a branch", ref: "refs/heads/x", sha: blob, want: ErrInvalid},
		{name: "takes any object for a tag", ref: "refs/tags/blob", sha: blob},
		{name: "needs a name", ref: "refs/heads/a..b", sha: one, want: ErrInvalid},
		{name: "stays in its folder", ref: "refs/heads/../../config", sha: one, want: ErrInvalid},
		{name: "finds a branch in the way above", ref: "refs/heads/main/sub", sha: one, want: ErrExists},
		{name: "makes folders", ref: "refs/heads/release/1", sha: one},
		{name: "finds a branch in the way below", ref: "refs/heads/release", sha: one, want: ErrExists},
		{name: "deletes from nowhere else", ref: "refs/heads/release/1", old: two, deletes: true, want: ErrConflict},
		{name: "deletes from where it is", ref: "refs/heads/release/1", old: one, deletes: true},
		{name: "deletes once only", ref: "refs/heads/release/1", old: one, deletes: true, want: ErrNotFound},
		{name: "leaves no folder in the way", ref: "refs/heads/release", sha: one},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := error(nil)
			if c.deletes {
				err = r.DeleteRefAt(t.Context(), c.ref, c.old)
			} else {
				err = r.SetRef(t.Context(), c.ref, c.sha, c.old)
			}
			if !errors.Is(err, c.want) {
				t.Fatalf("want the error %v, got %v", c.want, err)
			}
		})
	}
	t.Run("finds a packed branch in the way", func(t *testing.T) {
		git(t, r.Dir, "pack-refs", "--all")
		failsAs(t, ErrExists, r.SetRef(t.Context(), "refs/heads/release/2", one, ""))
		failsAs(t, ErrExists, r.SetRef(t.Context(), "refs/heads/release", one, ""))
		failsAs(t, ErrNotFound, r.DeleteRef(t.Context(), "refs/heads/release/2"))
	})
}

// Half of the writers are real git processes: they must heed each other's locks.
func TestOfManyWritersOneWinsEachRound(t *testing.T) {
	r := fresh(t)
	root := commit(t, r, 0, map[string]string{"a": "0"})
	const writers, rounds = 8, 5
	set(t, r, "refs/heads/deep/main", root)
	for round := range rounds {
		old := ok[Ref](t)(r.Ref(t.Context(), "refs/heads/deep/main")).SHA
		var mu sync.Mutex
		var winners []string
		var all sync.WaitGroup
		for w := range writers {
			sha := commit(t, r, 1+round*writers+w, map[string]string{"a": fmt.Sprint(round, w)}, old)
			all.Go(func() {
				var err error
				if w%2 == 0 {
					err = Open(r.Dir).SetRef(t.Context(), "refs/heads/deep/main", sha, old)
				} else {
					_, err = tryGit(r.Dir, "update-ref", "refs/heads/deep/main", sha, old)
				}
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					winners = append(winners, sha)
				}
			})
		}
		all.Wait()
		same(t, winners, []string{ok[Ref](t)(r.Ref(t.Context(), "refs/heads/deep/main")).SHA})
	}
}

func TestConcurrentWritersOfOneFolderAllSucceed(t *testing.T) {
	r := fresh(t)
	root := commit(t, r, 0, map[string]string{"a": "0"})
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			name := fmt.Sprintf("refs/heads/pick/%d/x", w%4*10+w)
			for range 20 {
				if err := r.SetRef(t.Context(), name, root, ""); err != nil {
					t.Error(err)
				}
				if err := r.DeleteRefAt(t.Context(), name, root); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	same(t, 0, len(ok[[]Ref](t)(r.Refs(t.Context(), "refs/heads/pick"))))
}

func TestResolveIsWhatRevParseSays(t *testing.T) {
	r := fresh(t)
	one := commit(t, r, 0, map[string]string{"a": "1"})
	two := commit(t, r, 1, map[string]string{"a": "2"}, one)
	tag := ok[string](t)(r.WriteTag(t.Context(), Tag{Name: "v1", Object: one, Message: "m", Tagger: ann(0)}))
	set(t, r, "refs/heads/main", two)
	set(t, r, "refs/heads/both", two)
	set(t, r, "refs/tags/both", one)
	set(t, r, "refs/tags/v1", tag)
	set(t, r, "refs/tags/0.21.0+driver/x", one)
	tree := ok[Commit](t)(r.Commit(t.Context(), one)).Tree
	revs := []string{
		"HEAD", "main", "heads/main", "refs/heads/main", "v1", "tags/v1", "both", "heads/both", "0.21.0+driver/x", one,
		tag, tree,
		two[:4], two[:7], strings.ToUpper(
			two[:9]), tag[:7], tree[:7], "main~1", "main^{tree}", "nothing", "", "-h", "../config", "config", "objects",
		two[:3], strings.Repeat("1", 40), "0000", "main:a",
	}
	for _, rev := range revs {
		t.Run(rev, func(t *testing.T) {
			want, err := tryGit(r.Dir, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
			if err != nil {
				want = ""
			}
			got, err := r.Resolve(t.Context(), rev)
			if err != nil {
				failsAs(t, ErrNotFound, err)
			}
			same(t, strings.TrimSpace(want), got)
		})
	}
}

func TestTagsReadBack(t *testing.T) {
	r := fresh(t)
	one := commit(t, r, 0, map[string]string{"a": "1"})
	for _, name := range []string{"v1.0.0", "0.21.0+driver", "plugins/k8s/v0.3.1"} {
		want := Tag{Name: name, Message: "Release\n\nslipway: key", Object: one, ObjectType: "commit", Tagger: ann(3)}
		want.SHA = ok[string](t)(r.WriteTag(t.Context(), want))
		same(t, want, ok[Tag](t)(Open(r.Dir).Tag(t.Context(), want.SHA)))
		set(t, r, "refs/tags/"+name, want.SHA)
	}
	t.Run("as git makes them", func(t *testing.T) {
		git(t, r.Dir, "tag", "-a", "-m", "by git", "git", one)
		ref := ok[Ref](t)(r.Ref(t.Context(), "refs/tags/git"))
		got := ok[Tag](t)(r.Tag(t.Context(), ref.SHA))
		when := got.Tagger.When.Unix()
		got.Tagger.When = noon
		same(t, Tag{SHA: ref.SHA, Name: "git", Message: "by git", Object: one, ObjectType: "commit",
			Tagger: Signature{"Ann", "ann@example.org", noon}}, got)
		same(t, int64(1800000000), when)
	})
	for name, c := range map[string]struct {
		tag  Tag
		want error
	}{
		"a bad name":                   {Tag{Name: "a b", Object: one, Tagger: ann(0)}, ErrInvalid},
		"an object that is not there":  {Tag{Name: "x", Object: zero, Tagger: ann(0)}, ErrNotFound},
		"an object of another kind":    {Tag{Name: "x", Object: one, ObjectType: "tree", Tagger: ann(0)}, ErrInvalid},
		"nobody who tags":              {Tag{Name: "x", Object: one}, ErrInvalid},
		"a message that git would cut": {Tag{Name: "x", Object: one, Tagger: ann(0), Message: "a\x00b"}, ErrInvalid},
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			_, err := r.WriteTag(t.Context(), c.tag)
			failsAs(t, c.want, err)
		})
	}
	_, err := r.Tag(t.Context(), one)
	failsAs(t, ErrNotFound, err)
}

// Every name is tried on git check-ref-format.
func TestNamesAreWhatGitTakes(t *testing.T) {
	for _, name := range []string{
		"refs/heads/a", "refs/heads/a/b", "refs/tags/v1.0+b", "refs/heads/ü", "refs/heads/@", "refs/heads/a@b",
		"refs/heads/-a", "refs/x/y",
		"refs/heads/", "refs/heads//a", "refs/heads/.a", "refs/heads/a.", "refs/heads/a.lock", "refs/heads/a.lock/b",
		"refs/heads/a..b",
		"refs/heads/a b", "refs/heads/a~b", "refs/heads/a^b", "refs/heads/a:b", "refs/heads/a?b", "refs/heads/a*b",
		"refs/heads/a[b",
		"refs/heads/a\\b", "refs/heads/a@{b", "refs/heads/a\x7f", "refs/heads/a\tb", "refs/heads/a/../b",
		"refs/heads/a/",
	} {
		_, err := tryGit(".", "check-ref-format", name)
		if (err == nil) != validRef(name) {
			t.Errorf("%q: git says %v, we say %v", name, err == nil, validRef(name))
		}
	}
}
