package step

import (
	"context"
	"fmt"

	"github.com/slipway-dev/slipway/release/edit"
)

// apply makes the tree of one pick on top of another tree. conflict is true when the change does not apply. Where the
// numbers of charts go on on both sides, that they differ is no conflict: the branch counts on by itself (Aether
// release process; the number of each chart rises with every change).
func (k cherryPick) apply(ctx context.Context, in Input, c Commit, onto string) (tree string, conflict bool,
	err error) {
	merged, conflict, err := k.trial(ctx, in, c, onto)
	if err != nil || !conflict || k.Versions == "" {
		return merged.Tree, conflict, err
	}
	theirs, raised, err := k.renumbered(ctx, in, c, onto)
	if err != nil || len(raised) == 0 {
		return "", true, err
	}
	// With the number that the change begins at, the two sides differ in nothing but what people wrote.
	level, err := k.gh.CreateTree(ctx, in.Repo, onto, theirs)
	if err != nil {
		return "", false, err
	}
	if merged, conflict, err = k.trial(ctx, in, c, level); err != nil || conflict {
		return "", conflict, err
	}
	files := map[string]string{}
	for _, e := range raised {
		content, _, err := k.gh.File(ctx, in.Repo, e.Path, merged.SHA)
		if err != nil {
			return "", false, err
		}
		if content, err = e.Set(content); err != nil {
			return "", true, nil //nolint:nilerr // a person looks at the file
		}
		files[e.Path] = string(content)
	}
	tree, err = k.gh.CreateTree(ctx, in.Repo, merged.Tree, files)
	return tree, false, err
}

// renumbered are the files in which the picked commit and the branch have numbers of their own: with the number that
// the commit found, and with the next one of the branch.
func (k cherryPick) renumbered(ctx context.Context, in Input, c Commit, onto string) (level map[string]string,
	raised []edit.Edit, err error) {
	edits, err := edit.Parse(k.Versions)
	if err != nil {
		return nil, nil, err
	}
	if edits, err = expanded(ctx, k.gh, in.Repo, c.SHA, edits); err != nil {
		return nil, nil, err
	}
	ours, err := k.gh.CreateCommit(ctx, in.Repo,
		Commit{Tree: onto, Parents: []string{c.Parents[0]}, Message: "Slipway: the branch of a cherry-pick",
			Author: c.Author, Committer: c.Committer})
	if err != nil {
		return nil, nil, err
	}
	level = map[string]string{}
	for _, e := range edits {
		var contents [3][]byte
		var numbers [3]string
		whole := true
		for i, rev := range []string{c.Parents[0], c.SHA, ours} {
			content, found, err := k.gh.File(ctx, in.Repo, e.Path, rev)
			if err != nil {
				return nil, nil, err
			}
			number, err := e.Get(content)
			contents[i], numbers[i], whole = content, number, whole && found && err == nil
		}
		was, is, here := numbers[0], numbers[1], numbers[2]
		if !whole || was == is || was == here {
			continue
		}
		next, err := e.Set(contents[2])
		if err != nil {
			continue
		}
		number, err := e.Get(next)
		if err != nil {
			continue
		}
		back := e
		back.Value = was
		content, err := back.Set(contents[2])
		if err != nil {
			continue
		}
		level[e.Path] = string(content)
		e.Value = number
		raised = append(raised, e)
	}
	return level, raised, nil
}

// trial merges one pick into another tree on the scratch branch, which is gone after it.
func (k cherryPick) trial(ctx context.Context, in Input, c Commit, onto string) (merged Commit, conflict bool,
	err error) {
	if len(c.Parents) == 0 {
		return Commit{}, false, fmt.Errorf("cherry-pick %s: it has no parent", short(c.SHA))
	}
	name := k.scratch(in)
	if _, there, err := k.gh.Branch(ctx, in.Repo, name); err != nil {
		return Commit{}, false, err
	} else if there { // a crash left it
		if err := k.gh.DeleteScratch(ctx, in.Repo, name); err != nil {
			return Commit{}, false, err
		}
	}
	base, err := k.gh.CreateCommit(ctx, in.Repo, Commit{
		Tree: onto, Parents: []string{
			c.Parents[0]}, Message: "Slipway: base of a cherry-pick", Author: c.Author, Committer: c.Committer,
	})
	if err != nil {
		return Commit{}, false, err
	}
	if err := k.gh.CreateBranch(ctx, in.Repo, name, base); err != nil {
		return Commit{}, false, err
	}
	merged, conflict, err = k.gh.Merge(ctx, in.Repo, name, c.SHA, "Slipway: trial of a cherry-pick")
	if err != nil {
		return Commit{}, false, err
	}
	if err := k.gh.DeleteScratch(ctx, in.Repo, name); err != nil {
		return Commit{}, false, err
	}
	return merged, conflict, nil
}
