package step

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release/params"
)

// Picker makes cherry-picks for pull requests of their own, and tries whether one would apply. It shares its way of
// picking with the step cherry-pick, which picks into a release branch directly.
type Picker struct{ GH pickStore }

// Pick makes the commits of a merged pull request on top of a branch, and no reference to them. There is nothing to
// make when the branch has them already: then sha is empty. The error is a Stop where a person must go on.
func (p Picker) Pick(ctx context.Context, in Input, pick params.CherryPick) (sha string, err error) {
	k, n := cherryPick{p.GH, pick}, pick.Pull
	pull, found, err := p.GH.Pull(ctx, in.Repo, n)
	if err != nil {
		return "", err
	}
	if !found || !pull.Merged {
		return "", &Stop{Why: fmt.Sprintf("#%d is not merged", n), Fix: "merge it first"}
	}
	left, head, err := k.left(ctx, in, pull)
	if err != nil || len(left) == 0 {
		return "", err
	}
	return k.assemble(ctx, in, left, head, n)
}

// Applies tries whether the whole change of a pull request that is not merged yet applies to a branch. Nothing stays.
func (p Picker) Applies(ctx context.Context, in Input, branch string, pull Pull) (bool, error) {
	k := cherryPick{p.GH, params.CherryPick{Branch: branch}}
	head, found, err := p.GH.Branch(ctx, in.Repo, branch)
	if err != nil {
		return false, err
	}
	if !found {
		return false, errors.New("there is no branch " + branch)
	}
	target, err := p.GH.Commit(ctx, in.Repo, head)
	if err != nil {
		return false, err
	}
	tip, err := p.GH.Commit(ctx, in.Repo, pull.HeadSHA)
	if err != nil {
		return false, err
	}
	base, err := p.GH.MergeBase(ctx, in.Repo, pull.BaseSHA, pull.HeadSHA)
	if err != nil {
		return false, err
	}
	// The trial is that of one commit with all of the change: its parent is where the pull request began.
	tip.Parents = []string{base}
	_, conflict, err := k.apply(ctx, in, tip, target.Tree)
	return !conflict, err
}

// Lines are the commands with which a person picks the commits by hand, onto a new branch called local.
func (p Picker) Lines(ctx context.Context, repo, branch, local string, shas []string) (string, error) {
	last, mainline := shas[len(shas)-1], ""
	c, err := p.GH.Commit(ctx, repo, last)
	if err != nil {
		return "", err
	}
	if len(c.Parents) > 1 {
		mainline = "-m 1 "
	}
	return fmt.Sprintf("git fetch origin %[1]s %[2]s\ngit switch -c %[3]s origin/%[1]s\ngit cherry-pick -x "+
		"%[4]s%[5]s\n# resolve the conflicts, then:\ngit add --all && git cherry-pick --continue\ngit push origin "+
		"%[3]s\n",
		branch, last, local, mainline, strings.Join(shas, " ")), nil
}
