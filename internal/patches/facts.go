package patches

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/parse"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// facts are what GitHub and git say about the fixes that an issue names.
func (l *pass) facts(ctx context.Context, is rules.Issue, all []string, found *rules.Found) (rules.Facts, error) {
	facts := rules.Facts{Picks: map[string]rules.Pick{}}
	for _, ref := range is.Summary.PRs {
		if ref.Repo != "" && !strings.EqualFold(ref.Repo, l.place.Name) || !is.Summary.Filled(parse.PRs) {
			continue
		}
		pull, there, err := l.gh.Pull(ctx, l.place.Name, ref.Number)
		if err != nil {
			return facts, err
		}
		fix := rules.Fix{Ref: ref.String(), URL: pull.URL, Found: there, Open: pull.State == "open",
			Merged: pull.Merged, Base: pull.Base, In: map[string]rules.Answer{}}
		if there {
			if err := l.pullFacts(ctx, ref, found); err != nil {
				return facts, err
			}
		}
		for _, v := range is.Block.ResolvedIn {
			if !pull.Merged {
				break
			}
			at := l.policy.Revision(v.Text, all)
			if fix.In[at], err = l.contained(ctx, pull, at, slices.Contains(all, v.Text)); err != nil {
				return facts, err
			}
		}
		facts.Fixes = append(facts.Fixes, fix)
		if err := l.pickFacts(ctx, pull, there, all, found.Maintained, facts.Picks); err != nil {
			return facts, err
		}
	}
	facts.Claims = rules.Claims(l.policy, is.Block, facts.Fixes, all)
	facts.Absent = rules.Absent(is.Block, all)
	facts.Alarms = rules.Alarms(l.policy, is, facts, all, found.Maintained)
	return facts, nil
}

// contained asks git whether a tag, or the branch that a version will be made of, has a pull request. A branch that is
// not there has nothing.
func (l *pass) contained(ctx context.Context, pull step.Pull, at string, tag bool) (rules.Answer, error) {
	if !tag {
		if _, there, err := l.gh.Branch(ctx, l.place.Name, at); err != nil || !there {
			return rules.Unknown, err
		}
	}
	return l.contains(ctx, pull, at)
}

// pullFacts are the labels and files of a pull request, from which SIGs follow.
func (l *pass) pullFacts(ctx context.Context, ref parse.PullRequest, found *rules.Found) error {
	item, _, err := l.gh.Issue(ctx, l.place.Name, ref.Number)
	if err != nil {
		return err
	}
	found.PullLabels[ref.String()] = item.Labels
	files, err := l.gh.PullFiles(ctx, l.place.Name, ref.Number)
	for _, f := range files {
		found.PullFiles[ref.String()] = append(found.PullFiles[ref.String()], f.Path)
	}
	return err
}

// pickFacts are the picks of a fix, by line: the pull request itself when it went into a release branch, and those that
// Slipway opened.
func (l *pass) pickFacts(
	ctx context.Context, pull step.Pull, there bool, all, maintained []string, picks map[string]rules.Pick,
) error {
	if !there {
		return nil
	}
	note := func(minor string, one step.Pull) error {
		pick := rules.Pick{Ref: "#" + strconv.Itoa(one.Number), URL: one.URL, Merged: one.Merged}
		var err error
		if pick.Held, err = l.held(ctx, one); err != nil {
			return err
		}
		if one.Merged {
			if pick.Tag, err = l.firstTag(ctx, one.MergeSHA, minor, all); err != nil {
				return err
			}
		}
		picks[minor] = pick
		return nil
	}
	if minor, ok := l.policy.LineOfBranch(pull.Base); ok {
		if pull.State != "open" && !pull.Merged {
			return nil
		}
		return note(minor, pull)
	}
	for _, minor := range maintained {
		branch := l.policy.Branch(minor)
		made, err := l.gh.PullsFrom(ctx, l.place.Name, pickBranch(pull.Number, branch), branch)
		if err != nil {
			return err
		}
		for _, one := range made {
			if one.Merged || one.State == "open" {
				if err := note(minor, one); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// firstTag is the lowest version of a line that contains a commit; empty when none does.
func (l *pass) firstTag(ctx context.Context, sha, minor string, all []string) (string, error) {
	first := ""
	for _, v := range slices.Backward(all) {
		if rules.MinorOf(v) != minor {
			continue
		}
		c, err := l.gh.Compare(ctx, l.place.Name, sha, v)
		if err != nil {
			return "", err
		}
		if c.Behind > 0 {
			break // those below have it even less
		}
		first = v
	}
	return first, nil
}

// contains asks git whether a tag has what a pull request changed: the commit of its merge, a pick of it with the line
// of git cherry-pick -x or of the Kubernetes pick script, or a commit with the same title and the same change.
func (l *pass) contains(ctx context.Context, pull step.Pull, tag string) (rules.Answer, error) {
	c, err := l.gh.Compare(ctx, l.place.Name, pull.MergeSHA, tag)
	if err != nil {
		return rules.Unknown, err
	}
	if c.Behind == 0 {
		return rules.Yes, nil
	}
	merged, err := l.gh.Commit(ctx, l.place.Name, pull.MergeSHA)
	if err != nil {
		return rules.Unknown, err
	}
	own := map[string]bool{pull.MergeSHA: true, pull.HeadSHA: true}
	titles := map[string]string{title(merged.Message): pull.MergeSHA}
	if len(merged.Parents) > 1 || pull.Commits > 1 {
		commits, err := l.gh.PullCommits(ctx, l.place.Name, pull.Number)
		if err != nil {
			return rules.Unknown, err
		}
		for _, one := range commits {
			own[one.SHA] = true
			titles[title(one.Message)] = one.SHA
		}
	}
	short := "cherry pick of #" + strconv.Itoa(pull.Number)
	for _, one := range c.Commits {
		message := strings.ToLower(one.Message)
		if i := strings.Index(message, short); i >= 0 && !digit(message[i+len(short):]) {
			return rules.Yes, nil
		}
		if i := strings.Index(message, "automated-cherry-pick-of-#"+strconv.Itoa(pull.Number)); i >= 0 {
			return rules.Yes, nil
		}
		for line := range strings.Lines(one.Message) {
			sha, ok := strings.CutPrefix(strings.TrimSpace(line), "(cherry picked from commit ")
			if ok && own[strings.TrimSuffix(sha, ")")] {
				return rules.Yes, nil
			}
		}
		if original := titles[title(one.Message)]; original != "" {
			same, err := l.sameChange(ctx, original, one.SHA)
			if err != nil || same {
				return rules.Yes, err
			}
		}
	}
	return rules.No, nil
}

func digit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

func title(message string) string {
	first, _, _ := strings.Cut(message, "\n")
	return strings.TrimSpace(first)
}

// sameChange compares two commits by what they add and remove, like git patch-id without regard to white space and to
// where it stands, and unlike it without the lines around, which differ between branches.
func (l *pass) sameChange(ctx context.Context, a, b string) (bool, error) {
	one, err := l.patchID(ctx, a)
	if err != nil {
		return false, err
	}
	other, err := l.patchID(ctx, b)
	return one == other && one != "", err
}

func (l *pass) patchID(ctx context.Context, sha string) (string, error) {
	files, err := l.gh.CommitFiles(ctx, l.place.Name, sha)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	changed := false
	for _, f := range files {
		fmt.Fprintln(sum, f.Path)
		for line := range strings.Lines(f.Patch) {
			if strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
				changed = true
				fmt.Fprintln(sum, line[:1]+strings.Join(strings.Fields(line[1:]), ""))
			}
		}
	}
	if !changed {
		return "", nil
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}
