package step

import (
	"context"
	"time"

	"github.com/slipway-dev/slipway/parse"
)

// manual is a step that a person does. Slipway never calls it done by itself: somebody reports it with
// /release done, or ticks its box.
type manual struct{}

func (manual) Plan(context.Context, Input) ([]Write, error) { return nil, nil }

func (manual) Observe(_ context.Context, in Input) (Outcome, error) {
	what := in.With["text"]
	if what == "" {
		what = "a person to do it"
	}
	o := WaitFor(what, in.With["who"], "tick its box in the description, or "+done(in), time.Time{})
	if fix := in.With["fix"]; fix != "" {
		o.Fix += ". If that fails, " + fix
	}
	o.ByHand = true
	return o, nil
}

func (manual) Act(context.Context, Input) error { return nil }

// comment says something on the tracking issue, once.
type comment struct{ gh IssueStore }

func (k comment) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	return unless(o, err, func() []Write { return writes(in.Repo, "comment on the tracking issue") })
}

func (k comment) Observe(ctx context.Context, in Input) (Outcome, error) {
	c, found, err := marked(ctx, k.gh, in, in.Key)
	if err != nil || !found {
		return Missing(), err
	}
	return DoneWith(Receipt{Text: "commented", ID: c.ID, URL: c.URL}), nil
}

func (k comment) Act(ctx context.Context, in Input) error {
	_, err := k.gh.CreateComment(ctx, in.Repo, in.Issue, in.With["body"]+"\n\n"+parse.Marker(in.Key))
	return err
}
