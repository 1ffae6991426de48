package patches

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// titled finds the milestone of a title.
func titled(all []step.Milestone, title string) (step.Milestone, bool) {
	if i := slices.IndexFunc(all, func(m step.Milestone) bool { return m.Title == title }); i >= 0 {
		return all[i], true
	}
	return step.Milestone{}, false
}

// milestone looks one up.
func (l *pass) milestone(ctx context.Context, title string) (step.Milestone, bool, error) {
	all, err := l.gh.Milestones(ctx, l.place.Name)
	m, found := titled(all, title)
	return m, found, err
}

// ensure finds the milestone of a version that is to come, or makes it.
func (l *pass) ensure(ctx context.Context, version string) (step.Milestone, error) {
	title := l.policy.TitleFor(version)
	m, found, err := l.milestone(ctx, title)
	if err != nil || found {
		return m, err
	}
	m, err = l.newMilestone(ctx, title, version)
	if _, exists := errors.AsType[*github.Exists](err); !exists {
		return m, err
	}
	// Somebody was faster, and the list may show it only in a while.
	if m, found, err = l.milestone(github.Afresh(ctx), title); err == nil && !found {
		err = store.Later{At: l.Clock().Add(5 * time.Second)}
	}
	return m, err
}

// onMerge puts a pull request that was merged into a release branch into the milestone of the next patch, where it has
// none.
func (l *pass) onMerge(ctx context.Context, pull step.Pull, tags []string) error {
	minor, ok := l.policy.LineOfBranch(pull.Base)
	if !ok || !pull.Merged || pull.Milestone != 0 || !l.policy.Milestones.OnMerge {
		return nil
	}
	if tag, err := l.firstTag(ctx, pull.MergeSHA, minor, tags); err != nil || tag != "" {
		return err // it is out already
	}
	m, err := l.ensure(ctx, rules.NextPatch(minor, tags))
	if err != nil {
		return err
	}
	return l.gh.SetMilestone(ctx, l.place.Name, l.place.Issue, m.Number)
}
