package tracker

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/ledger"
	"github.com/slipway-dev/slipway/release/step"
)

// facts are what GitHub and git say about the fixes that an issue names.
func (t *Tracker) facts(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, is ledger.Issue, all []string, found *ledger.Found) (ledger.Facts, error) {
	facts := ledger.Facts{Picks: map[string]ledger.Pick{}}
	for _, ref := range is.Summary.PRs {
		if ref.Repo != "" && !strings.EqualFold(ref.Repo, place.Repo) || !is.Summary.Filled(parse.PRs) {
			continue
		}
		pull, there, err := gh.Pull(ctx, place.Repo, ref.Number)
		if err != nil {
			return facts, err
		}
		fix := ledger.Fix{Ref: ref.String(), Found: there, Merged: pull.Merged, Base: pull.Base, In: map[string]ledger.Answer{}}
		if there && !is.Embargoed {
			if err := t.pullFacts(ctx, gh, place, ref, found); err != nil {
				return facts, err
			}
		}
		for _, v := range is.Block.ResolvedIn {
			if !pull.Merged || !slices.Contains(all, v.Text) {
				continue
			}
			if fix.In[v.Text], err = contains(ctx, gh, place.Repo, pull, v.Text); err != nil {
				return facts, err
			}
		}
		facts.Fixes = append(facts.Fixes, fix)
		if err := t.pickFacts(ctx, gh, p, place, pull, there, all, found.Maintained, facts.Picks); err != nil {
			return facts, err
		}
	}
	facts.Claims = ledger.Claims(p, is.Block, facts.Fixes, all)
	facts.Alarms = ledger.Alarms(p, ledger.Spans(is.Block, found.Maintained), facts.Claims, facts.Fixes, found.Maintained)
	return facts, nil
}

// pullFacts are the labels and files of a pull request, from which SIGs follow.
func (t *Tracker) pullFacts(ctx context.Context, gh step.GitHub, place Place, ref parse.PullRequest, found *ledger.Found) error {
	item, _, err := gh.Issue(ctx, place.Repo, ref.Number)
	if err != nil {
		return err
	}
	found.PullLabels[ref.String()] = item.Labels
	files, err := gh.PullFiles(ctx, place.Repo, ref.Number)
	for _, f := range files {
		found.PullFiles[ref.String()] = append(found.PullFiles[ref.String()], f.Path)
	}
	return err
}

// pickFacts are the picks of a fix, by line: the pull request itself when it went into a release branch, and those that
// Slipway opened.
func (t *Tracker) pickFacts(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, pull step.Pull, there bool, all, maintained []string, picks map[string]ledger.Pick) error {
	if !there {
		return nil
	}
	note := func(minor string, one step.Pull) error {
		pick := ledger.Pick{Ref: "#" + strconv.Itoa(one.Number), URL: one.URL, Merged: one.Merged}
		var err error
		if pick.Held, err = t.held(ctx, gh, p, place, one); err != nil {
			return err
		}
		if one.Merged {
			if pick.Tag, err = firstTag(ctx, gh, place.Repo, one.MergeSHA, minor, all); err != nil {
				return err
			}
		}
		picks[minor] = pick
		return nil
	}
	if minor, ok := p.LineOfBranch(pull.Base); ok {
		if pull.State != "open" && !pull.Merged {
			return nil
		}
		return note(minor, pull)
	}
	for _, minor := range maintained {
		made, err := gh.PullsFrom(ctx, place.Repo, pickBranch(pull.Number, p.Branch(minor)), p.Branch(minor))
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
func firstTag(ctx context.Context, gh step.GitHub, repo, sha, minor string, all []string) (string, error) {
	first := ""
	for _, v := range slices.Backward(all) {
		if ledger.MinorOf(v) != minor {
			continue
		}
		c, err := gh.Compare(ctx, repo, sha, v)
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
func contains(ctx context.Context, gh step.GitHub, repo string, pull step.Pull, tag string) (ledger.Answer, error) {
	c, err := gh.Compare(ctx, repo, pull.MergeSHA, tag)
	if err != nil {
		return ledger.Unknown, err
	}
	if c.Behind == 0 {
		return ledger.Yes, nil
	}
	merged, err := gh.Commit(ctx, repo, pull.MergeSHA)
	if err != nil {
		return ledger.Unknown, err
	}
	own := map[string]bool{pull.MergeSHA: true, pull.HeadSHA: true}
	titles := map[string]string{title(merged.Message): pull.MergeSHA}
	if len(merged.Parents) > 1 || pull.Commits > 1 {
		commits, err := gh.PullCommits(ctx, repo, pull.Number)
		if err != nil {
			return ledger.Unknown, err
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
			return ledger.Yes, nil
		}
		if i := strings.Index(message, "automated-cherry-pick-of-#"+strconv.Itoa(pull.Number)); i >= 0 {
			return ledger.Yes, nil
		}
		for l := range strings.Lines(one.Message) {
			sha, ok := strings.CutPrefix(strings.TrimSpace(l), "(cherry picked from commit ")
			if ok && own[strings.TrimSuffix(sha, ")")] {
				return ledger.Yes, nil
			}
		}
		if original := titles[title(one.Message)]; original != "" {
			same, err := sameChange(ctx, gh, repo, original, one.SHA)
			if err != nil || same {
				return ledger.Yes, err
			}
		}
	}
	return ledger.No, nil
}

func digit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

func title(message string) string {
	first, _, _ := strings.Cut(message, "\n")
	return strings.TrimSpace(first)
}

// sameChange compares two commits by what they add and remove, like git patch-id without regard to white space and to
// where it stands, and unlike it without the lines around, which differ between branches.
func sameChange(ctx context.Context, gh step.GitHub, repo, a, b string) (bool, error) {
	one, err := patchID(ctx, gh, repo, a)
	if err != nil {
		return false, err
	}
	other, err := patchID(ctx, gh, repo, b)
	return one == other && one != "", err
}

func patchID(ctx context.Context, gh step.GitHub, repo, sha string) (string, error) {
	files, err := gh.CommitFiles(ctx, repo, sha)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	any := false
	for _, f := range files {
		fmt.Fprintln(sum, f.Path)
		for l := range strings.Lines(f.Patch) {
			if strings.HasPrefix(l, "+") || strings.HasPrefix(l, "-") {
				any = true
				fmt.Fprintln(sum, l[:1]+strings.Join(strings.Fields(l[1:]), ""))
			}
		}
	}
	if !any {
		return "", nil
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}
