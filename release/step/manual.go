package step

import (
	"context"
	"time"

	"github.com/slipway-dev/slipway/release/params"
)

// manual is a step that a person does. Slipway never calls it done by itself: somebody reports it with
// /release done, or ticks its box.
type manual struct {
	params.Manual
}

func (manual) Plan(context.Context, Input) ([]Write, error) { return nil, nil }

func (k manual) Observe(_ context.Context, in Input) (Outcome, error) {
	what := k.Text
	if what == "" {
		what = "a person to do it"
	}
	o := WaitFor(what, k.Who, "tick its box in the description, or "+done(in), time.Time{})
	if fix := k.Fix; fix != "" {
		o.Fix += ". If that fails, " + fix
	}
	o.ByHand = true
	return o, nil
}

func (manual) Act(context.Context, Input) error { return nil }
