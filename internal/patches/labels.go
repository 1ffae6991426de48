package patches

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// labelMemory are the names of labels that a repository was seen to have since At, in small letters.
type labelMemory struct {
	Names []string  `json:"names,omitempty"`
	At    time.Time `json:"at,omitzero"`
}

// labelsLast is for how long it is believed that a label is there. GitHub makes one that somebody deleted meanwhile
// again, in grey.
const labelsLast = 24 * time.Hour

// putLabels puts labels on the issue, and gives all that it carries then. Those that the repository lacks are made
// first, with the colour and description of the policy.
func (l *pass) putLabels(ctx context.Context, names []string) ([]string, error) {
	if err := l.define(ctx, names); err != nil {
		return nil, err
	}
	all, err := l.gh.LabelIssue(ctx, l.place.Name, l.place.Issue, names)
	return all, gone(err)
}

// lacking are those of some names that it has not.
func (m labelMemory) lacking(names []string) []string {
	has := func(name string) bool { return slices.Contains(m.Names, strings.ToLower(name)) }
	return slices.DeleteFunc(slices.Clone(names), has)
}

// define makes the labels that the repository may lack. To make one that is there already is no error, and costs no
// more than to ask for it.
func (l *pass) define(ctx context.Context, names []string) error {
	k := key{kind: kindLabels, repo: l.place.Repo}
	known, _, err := load[labelMemory](ctx, l.Store, k)
	if err != nil {
		return err
	}
	if now := l.Clock().UTC(); now.Sub(known.At) >= labelsLast {
		known = labelMemory{At: now}
	}
	missing := known.lacking(names)
	if len(missing) == 0 {
		return nil
	}
	for _, name := range missing {
		d := l.policy.Describe(name)
		label := step.Label{Name: d.Name, Color: d.Color, Description: d.About}
		if err := l.gh.CreateLabel(ctx, l.place.Name, label); err != nil {
			return err
		}
		known.Names = append(known.Names, strings.ToLower(name))
	}
	_, err = change(ctx, l.Patches, k, func(m *labelMemory, _ *bool) { *m = known })
	return err
}

// gone forgives that somebody deleted what was to be written to.
func gone(err error) error {
	if errors.Is(err, step.ErrGone) {
		return nil
	}
	return err
}

// carries says that a label is among some, whatever its case.
func carries(labels []string, name string) bool {
	return slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, name) })
}

// read turns an issue of GitHub's into one of the policy's.
func read(p rules.Policy, is step.Issue) rules.Issue {
	owners := make([]string, len(is.Assignees))
	for i, one := range is.Assignees {
		owners[i] = one.Login
	}
	return p.Read(rules.Issue{
		Number: is.Number, Title: is.Title, Body: is.Body, State: is.State, Labels: is.Labels,
		Milestone: is.MilestoneTitle, Due: is.MilestoneDue,
		Author: is.Author, Assignees: owners, URL: is.URL, Pull: is.Pull,
		Created: is.Created, Updated: is.Updated, Closed: is.Closed,
	})
}

// versions are the tags that are versions, lowest first.
func versions(ctx context.Context, gh step.RefReader, repo string) ([]string, error) {
	tags, err := gh.Tags(ctx, repo)
	if err != nil {
		return nil, err
	}
	return rules.Versions(tags), nil
}

func (l *pass) versions(ctx context.Context) ([]string, error) {
	return versions(ctx, l.gh, l.place.Name)
}
