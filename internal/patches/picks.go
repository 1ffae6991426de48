package patches

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// picksMemory is what is kept of the picks that were asked for on a pull request.
type picksMemory struct {
	Wanted  []string          `json:"wanted,omitempty"`  // branches
	Refused map[string]string `json:"refused,omitempty"` // labels that ask for what there is not, and why
	Text    string            `json:"text,omitempty"`    // what the table said
	Made    []github.Made     `json:"made,omitempty"`
	Format  int               `json:"format,omitempty"`
}

// want adds branches.
func (m *picksMemory) want(branches []string) {
	for _, branch := range branches {
		if !slices.Contains(m.Wanted, branch) {
			m.Wanted = append(m.Wanted, branch)
		}
	}
}

// notePicks is the key of the comment that tells of the picks of a pull request.
const notePicks = "picks"

// pickBranch is the branch of the pull request that carries a pick.
func pickBranch(pull int, branch string) string {
	return fmt.Sprintf("slipway/cherry-pick-%d-to-%s", pull, branch)
}

// pickable refuses branches that get no picks.
func (l *pass) pickable(tags []string, branch string, pull step.Pull) *release.Refusal {
	minor, ok := l.policy.LineOfBranch(branch)
	maintained := l.policy.MaintainedLines(tags)
	var no release.Refusal
	switch {
	case !ok:
		no = noReleaseBranch(branch, l.policy.Branches, l.policy.Branch(first(maintained, "1.2")))
	case branch == pull.Base:
		no = ownBranch(branch)
	case !slices.Contains(maintained, minor):
		no = notMaintained(minor, maintained)
	default:
		return nil
	}
	return &no
}

func first(list []string, fallback string) string {
	if len(list) > 0 {
		return list[0]
	}
	return fallback
}

// picks brings the picks of a pull request forward as far as they go, and the one comment that tells of them.
func (l *pass) picks(ctx context.Context) (err error) {
	k := keyOf(kindPicks, l.place)
	ctx, done, err := recalling(ctx, l.Patches, k, func(m *picksMemory) *[]github.Made { return &m.Made })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	pull, found, err := l.gh.Pull(ctx, l.place.Name, l.place.Issue)
	if err != nil || !found {
		return err
	}
	before, _, err := load[picksMemory](ctx, l.Store, k)
	if err != nil {
		return err
	}
	if err := l.adoptPicks(ctx, k, before); err != nil {
		return err
	}
	asked, err := l.labelled(ctx)
	if err != nil {
		return err
	}
	_, line := l.policy.LineOfBranch(pull.Base)
	if !line && len(asked)+len(before.Wanted)+len(before.Refused) == 0 {
		return nil
	}
	tags, err := l.versions(ctx)
	if err != nil {
		return err
	}
	if err := l.onMerge(ctx, pull, tags); err != nil {
		return err
	}
	if err := l.approval(ctx, pull, tags); err != nil {
		return err
	}
	now := picksMemory{Wanted: slices.Clone(before.Wanted)}
	if now.Refused, err = l.accept(ctx, &now, asked, pull, tags); err != nil {
		return err
	}
	if len(now.Wanted)+len(now.Refused)+len(before.Refused) == 0 {
		return nil
	}
	return l.showPicks(ctx, k, pull, tags, before.Text, now)
}

// adoptPicks takes over the comments on a pull request that an earlier version looked at.
func (l *pass) adoptPicks(ctx context.Context, k key, before picksMemory) error {
	_, found, err := l.Store.Snapshot(ctx, k.String())
	if err != nil || !found || before.Format >= format {
		return err
	}
	if err := l.adopt(ctx, notePicks, noteApproval); err != nil {
		return err
	}
	_, err = change(ctx, l.Patches, k, func(m *picksMemory, _ *bool) { m.Format = format })
	return err
}

// labelled are the lines for which labels ask for picks.
func (l *pass) labelled(ctx context.Context) ([]string, error) {
	item, _, err := l.gh.Issue(ctx, l.place.Name, l.place.Issue)
	return l.policy.PicksAsked(item.Labels), err
}

// accept takes what labels ask for, and says why it does not take the rest, by branch.
func (l *pass) accept(
	ctx context.Context, m *picksMemory, asked []string, pull step.Pull, tags []string,
) (map[string]string, error) {
	refused := map[string]string{}
	for _, minor := range asked {
		branch := l.policy.Branch(minor)
		if slices.Contains(m.Wanted, branch) {
			continue
		}
		if no := l.pickable(tags, branch, pull); no != nil {
			refused[branch] = no.Why
			continue
		}
		_, there, err := l.gh.Branch(ctx, l.place.Name, branch)
		if err != nil {
			return nil, err
		}
		if !there {
			refused[branch] = noBranch(branch, nil).Why
			continue
		}
		m.want([]string{branch})
	}
	return refused, nil
}

// showPicks brings each pick forward, and writes the table of them.
func (l *pass) showPicks(
	ctx context.Context, k key, pull step.Pull, tags []string, before string, now picksMemory,
) error {
	var rows []rules.PickRow
	waits := false
	for _, branch := range newestFirst(l.policy, now.Wanted) {
		row, err := l.pick(ctx, pull, branch, tags)
		if err != nil {
			return err
		}
		rows = append(rows, row)
		waits = waits || row.Tag == ""
	}
	text := l.policy.PickTable(l.place.Issue, rows, now.Refused, l.policy.MaintainedLines(tags))
	if err := l.say(ctx, notePicks, text); err != nil {
		return err
	}
	if text != before {
		// The issues that the pull request fixes show how far its picks are.
		if err := l.concerned(ctx, l.place); err != nil {
			return err
		}
	}
	_, err := change(ctx, l.Patches, k, func(m *picksMemory, open *bool) {
		more := len(m.Wanted) > len(now.Wanted) // a command came meanwhile, and the job runs again
		m.want(now.Wanted)
		m.Refused, m.Text, m.Format = now.Refused, text, format
		*open = waits || more
	})
	return err
}

func newestFirst(p rules.Policy, branches []string) []string {
	return slices.SortedFunc(slices.Values(branches), func(a, b string) int {
		x, _ := p.LineOfBranch(a)
		y, _ := p.LineOfBranch(b)
		return rules.CompareMinors(y, x)
	})
}
