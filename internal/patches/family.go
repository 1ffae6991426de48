package patches

import (
	"context"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	rules "github.com/slipway-dev/slipway/release/patches"
)

// labels are those that the arguments name, with their prefix.
func (f family) labels(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		out[i] = f.prefix + f.name(arg)
	}
	return out
}

// name is what stands behind the prefix; people may type that, too.
func (f family) name(arg string) string { return strings.TrimPrefix(strings.ToLower(arg), f.prefix) }

// guards says that the policy guards one of the labels, or, where none is named, one of the family.
func (f family) guards(p rules.Policy, args []string) bool {
	if len(args) == 0 {
		args = f.names
	}
	return slices.ContainsFunc(f.labels(args), p.Guards)
}

// refuseFamily refuses those who may not change the labels.
func (c *command) refuseFamily(ctx context.Context, f family) ([]release.Event, error) {
	if !f.guards(c.policy, c.args) {
		return nil, nil
	}
	return c.refuseUntrusted(ctx, "change `"+f.prefix+"*`")
}

// add puts labels of a family on the issue, and gives all that it carries then. A refusal ends it.
func (c *command) add(ctx context.Context, f family) (labels, all []string, no []release.Event, err error) {
	if no, err = c.refuseFamily(ctx, f); no != nil || err != nil {
		return nil, nil, no, err
	}
	if len(c.args) == 0 {
		return nil, nil, c.req.Refuse(noLabelNamed(f)), nil
	}
	for _, arg := range c.args {
		if name := f.name(arg); !slices.Contains(f.names, name) {
			return nil, nil, c.req.Refuse(noSuchLabel(f, name)), nil
		}
	}
	labels = f.labels(c.args)
	if f.prefix == rules.PriorityPrefix && len(labels) > 1 {
		return nil, nil, c.req.Refuse(onePriority(f.name(labels[0]))), nil
	}
	all, err = c.putLabels(ctx, labels)
	return labels, all, nil, err
}

// remove takes the labels of a family away that are named, and all of it where none is.
func (c *command) remove(ctx context.Context, f family) ([]release.Event, error) {
	if no, err := c.refuseFamily(ctx, f); no != nil || err != nil {
		return no, err
	}
	labels := f.labels(c.args)
	if len(labels) == 0 {
		issue, found, err := c.gh.Issue(ctx, c.place.Name, c.place.Issue)
		if err != nil || !found {
			return nil, err
		}
		labels = f.labels(read(c.policy, issue).Under(f.prefix))
	}
	return nil, c.unlabel(ctx, labels)
}

func (c *command) unlabel(ctx context.Context, labels []string) error {
	for _, l := range labels {
		if err := c.gh.RemoveLabel(ctx, c.place.Name, c.place.Issue, l); err != nil {
			return err
		}
	}
	return c.changed(ctx)
}
