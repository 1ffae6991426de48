package tracker

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/ledger"
	"github.com/slipway-dev/slipway/release/step"
)

// approval keeps the two labels of a pull request into a release branch, whoever opened it: the one that says that nobody
// approved it stands there until one of the approvers puts the other on (kubernetes/community,
// contributors/devel/sig-release/cherry-picks.md). One that somebody else put on is taken off again.
func (t *Tracker) approval(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, pull step.Pull, tags []string) error {
	minor, ok := p.LineOfBranch(pull.Base)
	if !ok || p.Picks.Approved == "" || pull.State != "open" && !pull.Merged {
		return nil
	}
	item, _, err := gh.Issue(ctx, place.Repo, place.Number)
	if err != nil {
		return err
	}
	by, ok, err := t.approver(ctx, gh, p, place.Repo, item.Item)
	if err != nil {
		return err
	}
	not := has(item.Labels, p.Picks.NotApproved)
	switch {
	case ok && not:
		err = gh.RemoveLabel(ctx, place.Repo, place.Number, p.Picks.NotApproved)
	case !ok && !not && pull.State == "open":
		// On GitHub's pages only a label that is there can be put on.
		if err = t.define(ctx, gh, p, place.Repo, []string{p.Picks.Approved}); err == nil {
			err = t.labels(ctx, gh, p, place, []string{p.Picks.NotApproved})
		}
	}
	if err == nil && !ok && has(item.Labels, p.Picks.Approved) {
		err = gh.RemoveLabel(ctx, place.Repo, place.Number, p.Picks.Approved)
	}
	if err != nil {
		return err
	}
	dates, err := t.dates(ctx, gh, p, place.Repo, tags)
	if err != nil {
		return err
	}
	version := ledger.NextPatch(minor, tags)
	text := approvalText(p, place.Repo, pull, version, dates[version], by, ok)
	if _, err := t.sticky(ctx, gh, place, place.log("approval"), func(said bool) string {
		if pull.Merged && !said {
			return "" // it went in before anybody was asked
		}
		return text
	}); err != nil {
		return err
	}
	if ok == not {
		return t.Merged(ctx, place) // the issues that it mends show whether it is approved
	}
	return nil
}

// picked is the line by which the Kubernetes pick script, and Slipway, say what a pull request picks.
var picked = regexp.MustCompile(`(?i)cherry[- ]pick of #(\d+)`)

// approvalText says on the pull request itself where it goes, until when, and who lets it in.
func approvalText(p ledger.Policy, repo string, pull step.Pull, version string, d ledger.Dates, by string, approved bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**This goes into `%s`, for %s.**", pull.Base, version)
	if !d.Deadline.IsZero() {
		fmt.Fprintf(&b, " Cherry-picks end %s (%s).", d.Deadline.Format(time.DateOnly), d.Source)
	}
	b.WriteString("\n\n")
	switch {
	case approved:
		fmt.Fprintf(&b, "Approved by %s.", ledger.Login(by))
	case by != "":
		fmt.Fprintf(&b, "**Not approved:** %s put `%s` on it, and may not approve, so the label was taken off.\n\n- **Who can:** %s\n- **Next:** ask one of them to put the label on", ledger.Login(by), p.Picks.Approved, those(p.Picks.Approvers, repo))
	default:
		fmt.Fprintf(&b, "It waits for its approval.\n\n- **Who can:** %s\n- **Next:** one of them puts the label `%s` on it", those(p.Picks.Approvers, repo), p.Picks.Approved)
	}
	if !picked.MatchString(pull.Body) && !approved {
		fmt.Fprintf(&b, "\n\nIts description does not say what it picks. A fix goes to the main branch first: write `Cherry pick of #N on %s.`, or why there is no such N.", pull.Base)
	}
	return b.String()
}

func those(t ledger.Trusted, repo string) string {
	text := "those with the permission " + t.Permission + " on " + repo
	if len(t.Teams) > 0 {
		text += ", and the teams " + strings.Join(t.Teams, ", ")
	}
	return text
}

// approver is who put the label of approval on, and whether that counts. A label of somebody who may not approve was
// taken off by Slipway: by still names that person then, so that the reason stays where it was said. A program approves
// nothing, because what it goes by is not known.
func (t *Tracker) approver(ctx context.Context, gh step.GitHub, p ledger.Policy, repo string, item step.Item) (by string, ok bool, err error) {
	events, err := gh.LabelHistory(ctx, repo, item.Number)
	if err != nil {
		return "", false, err
	}
	var put, last step.LabelEvent
	for _, e := range events {
		if !strings.EqualFold(e.Label, p.Picks.Approved) {
			continue
		}
		if last = e; e.Added {
			put = e
		}
	}
	if !has(item.Labels, p.Picks.Approved) {
		if last.Bot && strings.EqualFold(last.Actor, t.AppSlug+"[bot]") {
			return put.Actor, false, nil
		}
		return "", false, nil
	}
	if put.Bot || put.Actor == "" {
		return put.Actor, false, nil
	}
	ok, err = among(ctx, gh, p.Picks.Approvers, repo, put.Actor)
	return put.Actor, ok, err
}

// held says that an open pull request into a release branch has no approval yet. One that was just opened by Slipway
// itself gets its label now: no webhook tells of it.
func (t *Tracker) held(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, pull step.Pull) (bool, error) {
	if p.Picks.Approved == "" || pull.Merged || pull.State != "open" {
		return false, nil
	}
	item, _, err := gh.Issue(ctx, place.Repo, pull.Number)
	if err != nil {
		return false, err
	}
	item.Number = pull.Number
	_, ok, err := t.approver(ctx, gh, p, place.Repo, item.Item)
	if err != nil {
		return false, err
	}
	if ok == has(item.Labels, p.Picks.NotApproved) {
		place.Number = pull.Number
		return !ok, t.Pull(ctx, place)
	}
	return !ok, nil
}

func has(labels []string, name string) bool {
	return slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, name) })
}
