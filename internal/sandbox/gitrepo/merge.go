package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Merge merges theirs into ours and gives the tree; no commit is made and no reference moves. Where a person must
// choose, the error is ErrConflict and the files are named. ErrNotFound when the two have no common ancestor.
//
// A cherry-pick is a merge too: with a temporary commit of the target's tree on the parent of the picked commit as
// ours, and the picked commit as theirs, the tree is the pick.
func (r *Repo) Merge(ctx context.Context, ours, theirs string) (tree string, conflicts []string, err error) {
	one, err1 := r.Commit(ctx, ours)
	other, err2 := r.Commit(ctx, theirs)
	if err := errors.Join(err1, err2); err != nil {
		return "", nil, fmt.Errorf("merge %s into %s: %w", theirs, ours, err)
	}
	tree, ok, err := r.plainMerge(ctx, one, other)
	if err == nil && !ok {
		tree, conflicts, err = r.gitMerge(ctx, one.SHA, other.SHA)
	}
	if err != nil {
		return "", conflicts, fmt.Errorf("merge %s into %s: %w", theirs, ours, err)
	}
	return tree, nil, nil
}

// gitMerge asks git, which answers "TREE\0FILE\0FILE\0", and exits with 1 on a conflict.
func (r *Repo) gitMerge(ctx context.Context, ours, theirs string) (tree string, conflicts []string, err error) {
	out, err := r.git(ctx, nil, "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs)
	parts := strings.Split(strings.TrimRight(out, "\x00"), "\x00")
	switch {
	case err == nil:
		return parts[0], nil, nil
	case exited(err) == 1:
		return "", parts[1:], ErrConflict
	}
	// Git does not tell unrelated histories from other trouble by its exit code.
	if _, why := r.MergeBase(ctx, ours, theirs); errors.Is(why, ErrNotFound) {
		err = why
	}
	return "", nil, err
}

// plainMerge merges what needs no judgement: one side is contained in the other, or the sides changed different files
// and neither removed any. Without a file that went away git sees no rename, and so can come to no other tree. The
// answer is not ok where git must be asked.
func (r *Repo) plainMerge(ctx context.Context, ours, theirs Commit) (tree string, ok bool, err error) {
	if r.packed() {
		return "", false, nil
	}
	bases, err := r.mergeBases(ctx, ours.SHA, theirs.SHA)
	if err == nil && len(bases) == 0 {
		err = fmt.Errorf("no common ancestor: %w", ErrNotFound)
	}
	if err != nil || len(bases) > 1 {
		return "", false, err
	}
	base, err := r.Commit(ctx, bases[0])
	if err != nil {
		return "", false, err
	}
	switch base.SHA {
	case theirs.SHA:
		return ours.Tree, true, nil
	case ours.SHA:
		return theirs.Tree, true, nil
	}
	for _, side := range []string{ours.Tree, theirs.Tree} {
		if gone, err := r.removes(ctx, base.Tree, side); err != nil || gone {
			return "", false, err
		}
	}
	return r.joinTrees(ctx, base.Tree, ours.Tree, theirs.Tree)
}

// removes says whether a path of the old tree is missing in the new one, or turned into or out of a folder.
func (r *Repo) removes(ctx context.Context, before, after string) (bool, error) {
	if before == after {
		return false, nil
	}
	old, err1 := r.entries(ctx, before)
	now, err2 := r.entries(ctx, after)
	if err := errors.Join(err1, err2); err != nil {
		return false, err
	}
	is := byName(now)
	for _, e := range old {
		n, ok := is[e.name]
		if !ok || n.kind() != e.kind() {
			return true, nil
		}
		if e.folder() {
			if gone, err := r.removes(ctx, e.sha, n.sha); err != nil || gone {
				return gone, err
			}
		}
	}
	return false, nil
}

// joinTrees takes from each side what it changed. A path that both changed, in different ways, is not ok.
func (r *Repo) joinTrees(ctx context.Context, base, ours, theirs string) (tree string, ok bool, err error) {
	switch {
	case ours == theirs || base == theirs:
		return ours, true, nil
	case base == ours:
		return theirs, true, nil
	}
	baseLines, err1 := r.entries(ctx, base)
	ourLines, err2 := r.entries(ctx, ours)
	theirLines, err3 := r.entries(ctx, theirs)
	if err := errors.Join(err1, err2, err3); err != nil {
		return "", false, err
	}
	was, our := byName(baseLines), byName(ourLines)
	var list []entry
	for _, t := range theirLines {
		b, o := was[t.name], our[t.name]
		delete(our, t.name)
		switch {
		case o == t || b == t:
			list = append(list, o)
		case b == o:
			list = append(list, t)
		case o.folder() && t.folder():
			sha, ok, err := r.joinTrees(ctx, b.sha, o.sha, t.sha)
			if err != nil || !ok {
				return "", false, err
			}
			list = append(list, entry{t.name, modeFolder, sha})
		default:
			return "", false, nil
		}
	}
	for _, o := range ourLines {
		if _, only := our[o.name]; only {
			list = append(list, o)
		}
	}
	data, err := formatTree(list)
	if err != nil {
		return "", false, err
	}
	sha, err := r.write("tree", data)
	return sha, err == nil, err
}

func byName(list []entry) map[string]entry {
	m := make(map[string]entry, len(list))
	for _, e := range list {
		m[e.name] = e
	}
	return m
}
