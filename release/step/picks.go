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
)

// cherryPick brings a merged pull request into a release branch, without a clone, on GitHub's API.
//
// GitHub has no cherry-pick, but a merge has all of it: on a scratch branch stands a commit with the tree of the
// target and the parent of the picked commit; merging the picked commit into it applies exactly its change, three
// ways. The tree of that merge becomes a commit on the target, with the author kept and the -x line. A conflict
// leaves nothing behind: conflict markers are never committed.
type cherryPick struct {
	gh interface {
		RefReader
		RefWriter
		CommitStore
		PullStore
	}
}

// origin is the line that git cherry-pick -x writes.
func origin(sha string) string { return "(cherry picked from commit " + sha + ")" }

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
				Why: fmt.Sprintf("#%d has %d commits, and %s does not end with them, so that what its merge brought cannot be told", p.Number, len(own), p.Base),
				Fix: "pick it by hand with `git cherry-pick -x`, then `/release skip " + stepID(in) + " REASON`",
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
	branch := in.With["branch"]
	head, found, err := k.gh.Branch(ctx, in.Repo, branch)
	if err != nil {
		return nil, "", err
	}
	if !found {
		return nil, "", &Stop{
			Why: "there is no branch " + branch,
			Fix: "create it, then `/release retry " + stepID(in) + "`; to go without it: `/release skip " + stepID(in) + " REASON`",
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
		return slices.ContainsFunc(compared.Commits, func(there Commit) bool { return slices.Contains(lines(there.Message), origin(c.SHA)) })
	}), head, nil
}

func (k cherryPick) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	if err != nil || o.State == Done || o.State == Conflict {
		return nil, err
	}
	return writes(in.Repo, fmt.Sprintf("cherry-pick #%s into %s", in.With["pull"], in.With["branch"])), nil
}

func (k cherryPick) Observe(ctx context.Context, in Input) (Outcome, error) {
	n, err := number(in.With, "pull")
	if err != nil {
		return Outcome{}, err
	}
	p, found, err := k.gh.Pull(ctx, in.Repo, n)
	switch {
	case err != nil:
		return Outcome{}, err
	case !found:
		return Conflicts(fmt.Sprintf("there is no pull request %d", n), "`/release skip "+stepID(in)+" REASON`"), nil
	case !p.Merged && p.State == "open":
		return WaitFor(fmt.Sprintf("#%d to be merged into %s", n, p.Base), "", "", time.Time{}), nil
	case !p.Merged:
		return Conflicts(fmt.Sprintf("#%d was closed without a merge", n), "`/release skip "+stepID(in)+" REASON`"), nil
	}
	left, head, err := k.left(ctx, in, p)
	if stop, ok := errors.AsType[*Stop](err); ok {
		return Conflicts(stop.Why, stop.Fix), nil
	}
	if err != nil {
		return Outcome{}, err
	}
	if len(left) == 0 {
		return DoneWith(Receipt{Text: fmt.Sprintf("#%d is in %s at %s", n, in.With["branch"], short(head)), SHA: head}), nil
	}
	return Missing(), nil
}

func stepID(in Input) string {
	return in.Key[strings.LastIndex(in.Key, "/")+1:]
}

// scratch names the branch that the trial merges on: one for each effect and nothing else, so that the next try finds
// and deletes what a crash left, even when the target has moved since.
func (k cherryPick) scratch(in Input) string {
	sum := sha256.Sum256([]byte(in.Key))
	return "slipway/pick-" + in.With["pull"] + "-" + hex.EncodeToString(sum[:4])
}

// apply makes the tree of one pick on top of head. conflict is true when the change does not apply.
func (k cherryPick) apply(ctx context.Context, in Input, c Commit, head string) (tree string, conflict bool, err error) {
	if len(c.Parents) == 0 {
		return "", false, fmt.Errorf("cherry-pick %s: it has no parent", short(c.SHA))
	}
	target, err := k.gh.Commit(ctx, in.Repo, head)
	if err != nil {
		return "", false, err
	}
	name := k.scratch(in)
	if _, there, err := k.gh.Branch(ctx, in.Repo, name); err != nil {
		return "", false, err
	} else if there { // a crash left it
		if err := k.gh.DeleteScratch(ctx, in.Repo, name); err != nil {
			return "", false, err
		}
	}
	base, err := k.gh.CreateCommit(ctx, in.Repo, Commit{
		Tree: target.Tree, Parents: []string{c.Parents[0]}, Message: "Slipway: base of a cherry-pick", Author: target.Author, Committer: target.Committer,
	})
	if err != nil {
		return "", false, err
	}
	if err := k.gh.CreateBranch(ctx, in.Repo, name, base); err != nil {
		return "", false, err
	}
	merged, conflict, err := k.gh.Merge(ctx, in.Repo, name, c.SHA, "Slipway: trial of a cherry-pick")
	if err != nil {
		return "", false, err
	}
	if err := k.gh.DeleteScratch(ctx, in.Repo, name); err != nil {
		return "", false, err
	}
	return merged.Tree, conflict, nil
}

// stop is the conflict of c, one of those that are left. The commands pick all that are left, because nothing was
// committed of any.
func (k cherryPick) stop(in Input, c Commit, left []Commit, n int) *Stop {
	branch := in.With["branch"]
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
		"Nothing was committed. Pick it by hand:", "",
		"```sh",
		"git fetch origin " + branch + " " + shas[len(shas)-1],
		"git switch -c " + local + " origin/" + branch,
		"git cherry-pick -x " + mainline + strings.Join(shas, " "),
		"# resolve the conflicts, then:",
		"git add --all && git cherry-pick --continue",
		"git push origin " + local,
		"```", "",
		"Open a pull request of `" + local + "` against `" + branch + "` and merge it, then comment `/release done " + stepID(in) + "`. To go without it: `/release skip " + stepID(in) + " REASON`.",
	}, "\n")
	return &Stop{Why: fmt.Sprintf("%s of #%d does not apply to %s", short(c.SHA), n, branch), Fix: fix}
}

func (k cherryPick) Act(ctx context.Context, in Input) error {
	n, err := number(in.With, "pull")
	if err != nil {
		return err
	}
	p, found, err := k.gh.Pull(ctx, in.Repo, n)
	if err != nil || !found {
		return err
	}
	left, head, err := k.left(ctx, in, p)
	if err != nil {
		return err
	}
	// The commits are made one on the other, and the branch moves once, when all are there: a branch with half of a
	// pull request is neither what it was nor what was asked for.
	for _, c := range left {
		tree, conflict, err := k.apply(ctx, in, c, head)
		if err != nil {
			return err
		}
		if conflict {
			return k.stop(in, c, left, n)
		}
		sha, err := k.gh.CreateCommit(ctx, in.Repo, Commit{
			Tree: tree, Parents: []string{head}, Author: c.Author,
			Committer: Person{Name: in.AppSlug + "[bot]", Email: in.AppSlug + "[bot]@users.noreply.github.com", When: in.Now},
			Message:   strings.TrimRight(c.Message, "\n") + "\n\n" + origin(c.SHA),
		})
		if err != nil {
			return err
		}
		head = sha
	}
	if len(left) == 0 {
		return nil
	}
	return k.gh.FastForward(ctx, in.Repo, in.With["branch"], head)
}

// exemptPull lets one pull request through the freeze: the check that the lock requires, on the commit that the pull
// request has now. A later push has no such check and needs its own exception.
type exemptPull struct {
	gh interface {
		PullStore
		CheckStore
		MilestoneStore
	}
}

func (k exemptPull) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	if err != nil || o.State != Absent {
		return nil, err
	}
	n, err := number(in.With, "pull")
	if err != nil {
		return nil, err
	}
	p, _, err := k.gh.Pull(ctx, in.Repo, n)
	if err != nil {
		return nil, err
	}
	m, found, err := milestoneOf(ctx, k.gh, in.Repo, in.With["milestone"])
	if err != nil {
		return nil, err
	}
	var out []Write
	if found && p.Milestone != m.Number {
		out = writes(in.Repo, fmt.Sprintf("put #%d into the milestone %s", n, m.Title))
	}
	granted, err := k.granted(ctx, in, p)
	if err != nil || granted {
		return out, err
	}
	return append(out, writes(in.Repo, fmt.Sprintf("let #%d through the freeze at %s", n, short(p.HeadSHA)))...), nil
}

// granted says that the check is there, on the commit that the pull request has now, and by us.
func (k exemptPull) granted(ctx context.Context, in Input, p Pull) (bool, error) {
	checks, err := k.gh.Checks(ctx, in.Repo, p.HeadSHA)
	return slices.ContainsFunc(checks, func(c Check) bool {
		return c.Name == FreezeCheck && c.AppID == in.AppID && c.Conclusion == "success"
	}), err
}

func (k exemptPull) Observe(ctx context.Context, in Input) (Outcome, error) {
	n, err := number(in.With, "pull")
	if err != nil {
		return Outcome{}, err
	}
	p, found, err := k.gh.Pull(ctx, in.Repo, n)
	switch {
	case err != nil:
		return Outcome{}, err
	case !found:
		return Conflicts(fmt.Sprintf("there is no pull request %d", n), "`/release skip "+stepID(in)+" REASON`"), nil
	case p.State != "open" && !p.Merged:
		return Conflicts(fmt.Sprintf("#%d is closed", n), "`/release skip "+stepID(in)+" REASON`"), nil
	case p.Merged:
		return DoneWith(Receipt{Text: fmt.Sprintf("#%d is merged", n), URL: p.URL}), nil
	}
	if m, found, err := milestoneOf(ctx, k.gh, in.Repo, in.With["milestone"]); err != nil {
		return Outcome{}, err
	} else if found && p.Milestone != m.Number {
		return Missing(), nil
	}
	granted, err := k.granted(ctx, in, p)
	if err != nil || !granted {
		return Missing(), err
	}
	return DoneWith(Receipt{Text: fmt.Sprintf("#%d may be merged at %s", n, short(p.HeadSHA)), SHA: p.HeadSHA, URL: p.URL}), nil
}

func (k exemptPull) Act(ctx context.Context, in Input) error {
	n, err := number(in.With, "pull")
	if err != nil {
		return err
	}
	p, found, err := k.gh.Pull(ctx, in.Repo, n)
	if err != nil || !found {
		return err
	}
	if m, found, err := milestoneOf(ctx, k.gh, in.Repo, in.With["milestone"]); err != nil {
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
		Title: "Exception from the code freeze", Summary: fmt.Sprintf("Granted by %s for this commit: %s", calm(in.With["by"]), calm(in.With["reason"])),
	})
}
