package step

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
)

// cherryPick brings a merged pull request into a release branch, without a clone, on GitHub's API.
//
// GitHub has no cherry-pick, but a merge has all of it: on a scratch branch stands a commit with the tree of the
// target and the parent of the picked commit; merging the picked commit into it applies exactly its change, three
// ways. The tree of that merge becomes a commit on the target, with the author kept and the -x line. A conflict
// leaves nothing behind: conflict markers are never committed.
type cherryPick struct {
	gh pickStore
	params.CherryPick
}

type pickStore interface {
	RefReader
	RefWriter
	CommitStore
	PullStore
	FileStore
}

// Origin is the line that git cherry-pick -x writes.
func Origin(sha string) string { return "(cherry picked from commit " + sha + ")" }

// picks are the commits to pick: the commits of a rebase merge, else the one that the merge made.
func (k cherryPick) picks(ctx context.Context, in Input, p Pull) ([]Commit, error) {
	repo := in.Repo
	merged, err := k.gh.Commit(ctx, repo, p.MergeSHA)
	if err != nil {
		return nil, err
	}
	if len(merged.Parents) != 1 || p.Commits <= 1 {
		return []Commit{merged}, nil // a merge commit, taken against its first parent, or a single commit
	}
	own, err := k.gh.PullCommits(ctx, repo, p.Number)
	if err != nil {
		return nil, err
	}
	// A rebase merge flattens the merges inside a pull request.
	own = slices.DeleteFunc(own, func(c Commit) bool { return len(c.Parents) > 1 })
	// It ends with the last commit of the pull request, message and all; a squash has its own message.
	if len(own) == 0 || own[len(own)-1].Message != merged.Message {
		return []Commit{merged}, nil
	}
	var rebased []Commit
	at := merged
	for i, c := range slices.Backward(own) {
		if at.Message != c.Message || len(at.Parents) != 1 {
			// One commit too many or too few in a release is worse than asking.
			return nil, &Stop{
				Why: fmt.Sprintf("#%d has %d commits, but %s does not end with them, so it is not clear which "+
					"commits its merge added", p.Number, len(own), markdown.Text(p.Base)),
				Fix: "cherry-pick it by hand with `git cherry-pick -x`, then " + skip(in),
			}
		}
		rebased = append(rebased, at)
		if i > 0 {
			if at, err = k.gh.Commit(ctx, repo, at.Parents[0]); err != nil {
				return nil, err
			}
		}
	}
	slices.Reverse(rebased)
	return rebased, nil
}

// left are the commits of the pull request that the branch lacks, oldest first. The error is a Stop where a person
// must decide.
func (k cherryPick) left(ctx context.Context, in Input, p Pull) (picks []Commit, head string, err error) {
	branch := k.Branch
	head, found, err := k.gh.Branch(ctx, in.Repo, branch)
	if err != nil {
		return nil, "", err
	}
	if !found {
		return nil, "", &Stop{
			Why: "there is no branch " + branch,
			Fix: "create it, then " + retry(in) + ". To go on without it, " + skip(in),
		}
	}
	all, err := k.picks(ctx, in, p)
	if err != nil {
		return nil, "", err
	}
	compared, err := k.gh.Compare(ctx, in.Repo, p.MergeSHA, head)
	if err != nil {
		return nil, "", err
	}
	if compared.Behind == 0 {
		return nil, head, nil // the branch contains the merge itself
	}
	return slices.DeleteFunc(all, func(c Commit) bool {
		return slices.ContainsFunc(compared.Commits,
			func(there Commit) bool { return slices.Contains(lines(there.Message), Origin(c.SHA)) })
	}), head, nil
}

func (k cherryPick) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	if err != nil || o.State == Done || o.State == Conflict {
		return nil, err
	}
	return writes(in.Repo, fmt.Sprintf("cherry-pick #%d into %s", k.Pull, k.Branch)), nil
}

func (k cherryPick) Observe(ctx context.Context, in Input) (Outcome, error) {
	n := k.Pull
	p, found, err := k.gh.Pull(ctx, in.Repo, n)
	switch {
	case err != nil:
		return Outcome{}, err
	case !found:
		return Conflicts(fmt.Sprintf("there is no pull request #%d", n), "to go on without it, "+skip(in)), nil
	case !p.Merged && p.State == "open":
		return WaitFor(fmt.Sprintf("#%d to be merged into %s", n, markdown.Text(p.Base)), "anyone who can merge it",
			"merge it. To go on without it, "+skip(in), time.Time{}), nil
	case !p.Merged:
		return Conflicts(fmt.Sprintf("#%d was closed without being merged", n), "to go on without it, "+skip(in)), nil
	case k.changed(in, p) != "":
		return Conflicts(k.changed(in, p),
			fmt.Sprintf("review what was merged, then comment `/release pick #%d` again. "+
				"To go on without it, %s", n, skip(in))), nil
	}
	left, head, err := k.left(ctx, in, p)
	if stop, ok := errors.AsType[*Stop](err); ok {
		return Conflicts(stop.Why, stop.Fix), nil
	}
	if err != nil {
		return Outcome{}, err
	}
	if len(left) == 0 {
		return DoneWith(Receipt{Text: fmt.Sprintf("#%d is in %s at %s", n, k.Branch, short(head)),
			SHA: head}), nil
	}
	return Missing(), nil
}

// changed says that what was merged is not what the pick was asked for; empty when it is.
func (k cherryPick) changed(in Input, p Pull) string {
	switch sha, head := k.SHA, k.Head; {
	case sha != "" && p.MergeSHA != sha:
		return fmt.Sprintf("#%d was merged as %s when the pick was asked for, and is merged as %s by now", p.Number,
			commit(sha), commitOf(p, p.MergeSHA))
	case head != "" && p.HeadSHA != head:
		return fmt.Sprintf("the head of #%d was %s when the pick was asked for, and it was merged at %s", p.Number,
			commit(head), commitOf(p, p.HeadSHA))
	}
	return ""
}

func stepID(in Input) string {
	return in.Key[strings.LastIndex(in.Key, "/")+1:]
}

// scratch names the branch that the trial merges on: one for each effect and nothing else, so that the next try finds
// and deletes what a crash left, even when the target has moved since.
func (k cherryPick) scratch(in Input) string {
	sum := sha256.Sum256([]byte(in.Key))
	return "slipway/pick-" + strconv.Itoa(k.Pull) + "-" + hex.EncodeToString(sum[:4])
}

// stop is the conflict of c, one of those that are left. The commands pick all that are left, because nothing was
// committed of any.
func (k cherryPick) stop(in Input, c Commit, left []Commit, n int) *Stop {
	branch := k.Branch
	mainline := ""
	if len(c.Parents) > 1 {
		mainline = "-m 1 "
	}
	var shas []string
	for _, l := range left {
		shas = append(shas, l.SHA)
	}
	local := "pick-" + strconv.Itoa(n)
	fix := strings.Join([]string{
		"Nothing was committed. Cherry-pick it by hand:", "",
		"```sh",
		"git fetch origin " + branch + " " + shas[len(shas)-1],
		"git switch -c " + local + " origin/" + branch,
		"git cherry-pick -x " + mainline + strings.Join(shas, " "),
		"# resolve the conflicts, then:",
		"git add --all && git cherry-pick --continue",
		"git push origin " + local,
		"```", "",
		"Open a pull request from `" + local + "` to `" + branch + "` and merge it, then " + done(in) +
			". To go on without it, " + skip(in) + ".",
	}, "\n")
	return &Stop{Why: fmt.Sprintf("%s of #%d does not apply to %s", short(c.SHA), n, branch), Fix: fix}
}

func (k cherryPick) Act(ctx context.Context, in Input) error {
	n := k.Pull
	p, found, err := k.gh.Pull(ctx, in.Repo, n)
	if err != nil || !found || k.changed(in, p) != "" {
		return err
	}
	left, head, err := k.left(ctx, in, p)
	if err != nil {
		return err
	}
	if len(left) == 0 {
		return nil
	}
	if head, err = k.assemble(ctx, in, left, head, n); err != nil {
		return err
	}
	return k.gh.FastForward(ctx, in.Repo, k.Branch, head)
}

// assemble makes the commits of the picks, one on the other, and no reference to them: the branch moves once, when all
// are there. A branch with half of a pull request is neither what it was nor what was asked for.
func (k cherryPick) assemble(ctx context.Context, in Input, left []Commit, head string, n int) (string, error) {
	trees, err := k.trees(ctx, in, left, head, n)
	if err != nil {
		return "", err
	}
	for i, c := range left {
		if trees[i+1] == trees[i] {
			continue // git, too, commits nothing where the change is there already
		}
		sha, err := k.gh.CreateCommit(ctx, in.Repo, Commit{
			Tree: trees[i+1], Parents: []string{head}, Author: c.Author,
			Committer: Person{Name: in.AppSlug + "[bot]", Email: in.AppSlug + "[bot]@users.noreply.github.com",
				When: in.Now},
			Message: strings.TrimRight(c.Message, "\n") + "\n\n" + strings.Join(origins(left, trees, i), "\n"),
		})
		if err != nil {
			return "", err
		}
		head = sha
	}
	return head, nil
}

// trees are the tree of the branch, and that after each pick. The error is a Stop for a conflict, and for a pull
// request whose whole change is there already.
func (k cherryPick) trees(ctx context.Context, in Input, left []Commit, head string, n int) ([]string, error) {
	target, err := k.gh.Commit(ctx, in.Repo, head)
	if err != nil {
		return nil, err
	}
	trees := []string{target.Tree}
	for i, c := range left {
		tree, conflict, err := k.apply(ctx, in, c, trees[i])
		if err != nil {
			return nil, err
		}
		if conflict {
			return nil, k.stop(in, c, left, n)
		}
		trees = append(trees, tree)
	}
	if !slices.ContainsFunc(trees, func(tree string) bool { return tree != target.Tree }) {
		return nil, &Stop{
			Why: fmt.Sprintf("the changes of #%d are already in %s, but no commit there says that it was cherry-picked",
				n, k.Branch),
			Fix: "check the branch, then comment `/release skip " + stepID(in) + " \"it is already there\"`",
		}
	}
	return trees, nil
}

// origins are the -x lines of commit i: its own, those of the commits before it that changed nothing, and, at the last
// one that changes something, those of the rest. So every commit that was picked is named once.
func origins(left []Commit, trees []string, i int) []string {
	from := i
	for from > 0 && trees[from] == trees[from-1] {
		from--
	}
	to := i + 1
	if !slices.ContainsFunc(trees[to:], func(tree string) bool { return tree != trees[to] }) {
		to = len(left)
	}
	var out []string
	for _, c := range left[from:to] {
		out = append(out, Origin(c.SHA))
	}
	return out
}

// exemptPull lets one pull request through the freeze: the check that the lock requires, on the commit that whoever
// granted it saw. One that was pushed since needs its own exception. The pull request that this release proposed is let
// through as it is.
type exemptPull struct {
	gh interface {
		PullStore
		CheckStore
		MilestoneStore
	}
	params.ExemptPull
}

func (k exemptPull) Plan(ctx context.Context, in Input) ([]Write, error) {
	p, found, err := k.pull(ctx, in)
	if err != nil {
		return nil, err
	}
	n := p.Number
	if !found && k.Pull == 0 {
		return writes(in.Repo, "allow the pull request from "+k.Branch+" during the code freeze"), nil
	}
	o, err := k.Observe(ctx, in)
	if err != nil || o.State != Absent {
		return nil, err
	}
	m, found, err := milestoneOf(ctx, k.gh, in.Repo, k.Milestone)
	if err != nil {
		return nil, err
	}
	var out []Write
	if found && p.Milestone != m.Number {
		out = writes(in.Repo, fmt.Sprintf("add #%d to milestone %s", n, m.Title))
	}
	granted, err := k.granted(ctx, in, p)
	if err != nil || granted {
		return out, err
	}
	return append(out,
		writes(in.Repo, fmt.Sprintf("allow #%d at %s during the code freeze", n, commit(p.HeadSHA)))...), nil
}

// pull is the pull request that is meant: by its number, or as the one that this release proposed from a branch.
func (k exemptPull) pull(ctx context.Context, in Input) (Pull, bool, error) {
	if k.Pull != 0 {
		p, found, err := k.gh.Pull(ctx, in.Repo, k.Pull)
		p.Number = k.Pull
		return p, found, err
	}
	made, err := proposals(ctx, k.gh, proposed{in.Repo, k.Branch, k.Base})
	if err != nil || len(made) == 0 {
		return Pull{}, false, err
	}
	return made[0], true, nil
}

// granted says that the check is there, on the commit that the pull request has now, and by us.
func (k exemptPull) granted(ctx context.Context, in Input, p Pull) (bool, error) {
	checks, err := k.gh.Checks(ctx, in.Repo, p.HeadSHA)
	return slices.ContainsFunc(checks, func(c Check) bool {
		return c.Name == FreezeCheck && c.AppID == in.AppID && c.Conclusion == "success"
	}), err
}

func (k exemptPull) Observe(ctx context.Context, in Input) (Outcome, error) {
	p, found, err := k.pull(ctx, in)
	n := p.Number
	switch {
	case err != nil:
		return Outcome{}, err
	case found && k.SHA != "" && p.HeadSHA != k.SHA:
		return Conflicts(
			fmt.Sprintf("the exception is for %s, and the head of #%d is %s by now", commit(k.SHA), n,
				commitOf(p, p.HeadSHA)),
			fmt.Sprintf("review the new commits, then comment `/release exception #%d REASON`. To go on without it, %s",
				n,
				skip(in)),
		), nil
	case !found && k.Pull == 0:
		return DoneWith(Receipt{Text: "no pull request from " + k.Branch + " is needed"}), nil
	case !found:
		return Conflicts(fmt.Sprintf("there is no pull request #%d", n), "to go on without it, "+skip(in)), nil
	case p.State != "open" && !p.Merged:
		return Conflicts(fmt.Sprintf("#%d is closed", n), "to go on without it, "+skip(in)), nil
	case p.Merged:
		return DoneWith(Receipt{Text: fmt.Sprintf("#%d is merged", n), URL: p.URL}), nil
	}
	if m, found, err := milestoneOf(ctx, k.gh, in.Repo, k.Milestone); err != nil {
		return Outcome{}, err
	} else if found && p.Milestone != m.Number {
		return Missing(), nil
	}
	granted, err := k.granted(ctx, in, p)
	if err != nil || !granted {
		return Missing(), err
	}
	return DoneWith(Receipt{Text: fmt.Sprintf("#%d can be merged at %s", n, p.HeadSHA), SHA: p.HeadSHA,
		URL: p.URL + "/commits/" + p.HeadSHA}), nil
}

func (k exemptPull) Act(ctx context.Context, in Input) error {
	p, found, err := k.pull(ctx, in)
	if err != nil || !found || k.SHA != "" && p.HeadSHA != k.SHA {
		return err
	}
	n := p.Number
	if m, found, err := milestoneOf(ctx, k.gh, in.Repo, k.Milestone); err != nil {
		return err
	} else if found && p.Milestone != m.Number {
		if err := k.gh.SetMilestone(ctx, in.Repo, n, m.Number); err != nil {
			return err
		}
	}
	if granted, err := k.granted(ctx, in, p); err != nil || granted {
		return err
	}
	return k.gh.CreateCheck(ctx, in.Repo, p.HeadSHA, Check{
		Name: FreezeCheck, Status: "completed", Conclusion: "success", ExternalID: in.Key,
		Title: "Exception from the code freeze", Summary: fmt.Sprintf("Granted by %s for this commit: %s",
			markdown.Text(k.By), markdown.Text(k.Reason)),
	})
}
