package patches

import (
	"context"
	"strings"

	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// noteApproval is the key of the comment on a pull request into a release branch.
const noteApproval = "approval"

// approval keeps the two labels of a pull request into a release branch, whoever opened it: the one that says that
// nobody approved it stands there until one of the approvers adds the other (kubernetes/community,
// contributors/devel/sig-release/cherry-picks.md). One that somebody else added is removed again.
func (l *pass) approval(ctx context.Context, pull step.Pull, tags []string) error {
	minor, ok := l.policy.LineOfBranch(pull.Base)
	if !ok || l.policy.Picks.Approved == "" || pull.State != "open" && !pull.Merged {
		return nil
	}
	item, _, err := l.gh.Issue(ctx, l.place.Name, l.place.Issue)
	if err != nil {
		return err
	}
	by, ok, err := l.approver(ctx, item.Item)
	if err != nil {
		return err
	}
	not := carries(item.Labels, l.policy.Picks.NotApproved)
	switch {
	case ok && not:
		err = l.gh.RemoveLabel(ctx, l.place.Name, l.place.Issue, l.policy.Picks.NotApproved)
	case !ok && !not && pull.State == "open":
		// On GitHub's pages only a label that is there can be put on.
		if err = l.define(ctx, []string{l.policy.Picks.Approved}); err == nil {
			_, err = l.putLabels(ctx, []string{l.policy.Picks.NotApproved})
		}
	}
	if err == nil && !ok && carries(item.Labels, l.policy.Picks.Approved) {
		err = l.gh.RemoveLabel(ctx, l.place.Name, l.place.Issue, l.policy.Picks.Approved)
	}
	if err != nil {
		return err
	}
	dates, err := l.dates(ctx, tags)
	if err != nil {
		return err
	}
	version := rules.NextPatch(minor, tags)
	text := approvalText(l.policy, l.place.Name, pull, version, dates[version], by, ok)
	if _, err := l.Conversation.Note(ctx, l.gh, l.place, noteApproval, func(there bool) string {
		if pull.Merged && !there {
			return "" // it went in before anybody was asked
		}
		return text
	}); err != nil {
		return err
	}
	if ok == not {
		return l.concerned(ctx, l.place) // the issues that it fixes show whether it is approved
	}
	return nil
}

// approver is who put the label of approval on, and whether that counts. A label of somebody who may not approve was
// taken off by Slipway: by still names that person then, so that the reason stays where it was said. A program approves
// nothing, because what it goes by is not known.
func (l *pass) approver(ctx context.Context, item step.Item) (by string, ok bool, err error) {
	events, err := l.gh.LabelHistory(ctx, l.place.Name, item.Number)
	if err != nil {
		return "", false, err
	}
	var put, last step.LabelEvent
	for _, e := range events {
		if !strings.EqualFold(e.Label, l.policy.Picks.Approved) {
			continue
		}
		if last = e; e.Added {
			put = e
		}
	}
	if !carries(item.Labels, l.policy.Picks.Approved) {
		if last.Bot && l.Conversation.Ours(last.Actor.Login) {
			return put.Actor.Login, false, nil
		}
		return "", false, nil
	}
	if put.Bot || put.Actor.ID == 0 {
		return put.Actor.Login, false, nil
	}
	ok, err = l.among(ctx, l.policy.Picks.Approvers, put.Actor)
	return put.Actor.Login, ok, err
}

// held says that an open pull request into a release branch has no approval yet. One that was just opened by Slipway
// itself gets its label now: no webhook tells of it.
func (l *pass) held(ctx context.Context, pull step.Pull) (bool, error) {
	if l.policy.Picks.Approved == "" || pull.Merged || pull.State != "open" {
		return false, nil
	}
	item, _, err := l.gh.Issue(ctx, l.place.Name, pull.Number)
	if err != nil {
		return false, err
	}
	item.Number = pull.Number
	_, ok, err := l.approver(ctx, item.Item)
	if err != nil {
		return false, err
	}
	if ok == carries(item.Labels, l.policy.Picks.NotApproved) {
		at := l.place
		at.Issue = pull.Number
		return !ok, l.wake(ctx, keyOf(kindPicks, at))
	}
	return !ok, nil
}
