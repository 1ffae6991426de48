package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Histories of loose objects are walked here: those of a release have some dozen commits, which are in the cache. A
// repository with packs may have any number, and is left to git.

// IsAncestor says whether a is b or comes before it. What cannot be found comes before nothing.
func (r *Repo) IsAncestor(ctx context.Context, a, b string) bool {
	is, err := r.isAncestor(ctx, a, b)
	return err == nil && is
}

func (r *Repo) isAncestor(ctx context.Context, a, b string) (bool, error) {
	a, b, err := r.resolveBoth(ctx, a, b)
	if err != nil || a == b {
		return err == nil, err
	}
	if r.packed() {
		_, err := r.git(ctx, nil, "merge-base", "--is-ancestor", a, b)
		if exited(err) == 1 {
			return false, nil
		}
		return err == nil, err
	}
	past, err := r.ancestors(ctx, b)
	return past[a], err
}

func (r *Repo) resolveBoth(ctx context.Context, a, b string) (string, string, error) {
	one, err1 := r.Resolve(ctx, a)
	other, err2 := r.Resolve(ctx, b)
	return one, other, errors.Join(err1, err2)
}

// ancestors are a commit and all that come before it.
func (r *Repo) ancestors(ctx context.Context, sha string) (map[string]bool, error) {
	past, queue := map[string]bool{sha: true}, []string{sha}
	for len(queue) > 0 {
		m, err := r.Commit(ctx, queue[0])
		if err != nil {
			return nil, err
		}
		queue = queue[1:]
		for _, p := range m.Parents {
			if !past[p] {
				past[p] = true
				queue = append(queue, p)
			}
		}
	}
	return past, nil
}

// MergeBase is the best common ancestor, the first of several; ErrNotFound when the histories have nothing in common.
func (r *Repo) MergeBase(ctx context.Context, a, b string) (string, error) {
	a, b, err := r.resolveBoth(ctx, a, b)
	if err != nil {
		return "", fmt.Errorf("merge base: %w", err)
	}
	if !r.packed() {
		best, err := r.mergeBases(ctx, a, b)
		if err != nil {
			return "", fmt.Errorf("merge base of %s and %s: %w", a, b, err)
		}
		switch len(best) {
		case 0:
			return "", fmt.Errorf("merge base of %s and %s: %w", a, b, ErrNotFound)
		case 1:
			return best[0], nil
		}
	}
	out, err := r.git(ctx, nil, "merge-base", a, b)
	if exited(err) == 1 {
		return "", fmt.Errorf("merge base of %s and %s: %w", a, b, ErrNotFound)
	}
	return strings.TrimSpace(out), err
}

// mergeBases are the common ancestors that come before no other common ancestor.
func (r *Repo) mergeBases(ctx context.Context, a, b string) ([]string, error) {
	pastA, err1 := r.ancestors(ctx, a)
	pastB, err2 := r.ancestors(ctx, b)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	covered := map[string]bool{}
	for sha := range pastA {
		if !pastB[sha] {
			continue
		}
		m, err := r.Commit(ctx, sha)
		if err != nil {
			return nil, err
		}
		// All parents of a common ancestor are common, so to strike the parents of each strikes all but the best.
		for _, p := range m.Parents {
			covered[p] = true
		}
	}
	var best []string
	for sha := range pastA {
		if pastB[sha] && !covered[sha] {
			best = append(best, sha)
		}
	}
	return best, nil
}

// Log lists the commits of a revision, newest first, that changed a path (a file or folder; empty for all commits),
// without the first skip (not negative) and at most max (negative: all).
func (r *Repo) Log(ctx context.Context, rev, path string, skip, max int) ([]Commit, error) {
	sha, err := r.Resolve(ctx, rev)
	if err != nil {
		return nil, fmt.Errorf("log: %w", err)
	}
	if path == "" && !r.packed() {
		end := -1
		if max >= 0 {
			end = skip + max
		}
		list, err := r.walk(ctx, sha, nil, end)
		return list[min(skip, len(list)):], err
	}
	args := []string{"rev-list", "--skip=" + strconv.Itoa(skip), "--max-count=" + strconv.Itoa(max), sha, "--"}
	if path != "" {
		args = append(args, ":(literal)"+path)
	}
	return r.revList(ctx, args...)
}

// Between are the commits that head has and base lacks, oldest first, and how many base has that head lacks.
func (r *Repo) Between(ctx context.Context, base, head string) (ahead []Commit, behind int, err error) {
	base, head, err = r.resolveBoth(ctx, base, head)
	if err != nil {
		return nil, 0, fmt.Errorf("compare: %w", err)
	}
	if r.packed() {
		if ahead, err = r.revList(ctx, "rev-list", "--reverse", base+".."+head); err != nil {
			return nil, 0, err
		}
		out, err := r.git(ctx, nil, "rev-list", "--count", head+".."+base)
		if err == nil {
			behind, err = strconv.Atoi(strings.TrimSpace(out))
		}
		return ahead, behind, err
	}
	pastBase, err1 := r.ancestors(ctx, base)
	pastHead, err2 := r.ancestors(ctx, head)
	if err := errors.Join(err1, err2); err != nil {
		return nil, 0, fmt.Errorf("compare: %w", err)
	}
	for sha := range pastBase {
		if !pastHead[sha] {
			behind++
		}
	}
	ahead, err = r.walk(ctx, head, pastBase, -1)
	slices.Reverse(ahead)
	return ahead, behind, err
}

// walk lists commits as git rev-list does: by date, newest first, and those of one second in the order in which they
// are met. What is in stop, with all before it, is left out. A negative max is no limit.
func (r *Repo) walk(ctx context.Context, from string, stop map[string]bool, max int) ([]Commit, error) {
	var list, queue []Commit
	seen := map[string]bool{}
	meet := func(sha string) error {
		if seen[sha] || stop[sha] {
			return nil
		}
		seen[sha] = true
		m, err := r.Commit(ctx, sha)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(queue, func(q Commit) bool { return q.Committer.When.Before(m.Committer.When) })
		if i < 0 {
			i = len(queue)
		}
		queue = slices.Insert(queue, i, m)
		return nil
	}
	if err := meet(from); err != nil {
		return nil, err
	}
	for len(queue) > 0 && len(list) != max {
		m := queue[0]
		queue = queue[1:]
		list = append(list, m)
		for _, p := range m.Parents {
			if err := meet(p); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

func (r *Repo) revList(ctx context.Context, args ...string) ([]Commit, error) {
	out, err := r.git(ctx, nil, args...)
	if err != nil {
		return nil, err
	}
	var list []Commit
	for line := range strings.Lines(out) {
		m, err := r.Commit(ctx, strings.TrimRight(line, "\n"))
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}
