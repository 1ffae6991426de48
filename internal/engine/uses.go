package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/elsewhere"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/gate"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// bounds are those of a process at a place.
func (e *Engine) bounds(p conversation.Place, process release.Process) elsewhere.Bounds {
	return elsewhere.Bounds{Apps: e.Apps, Slug: e.AppSlug, Installation: p.Installation, Repo: p.Repo, Name: p.Name,
		Process: process.Name}
}

// kind is what does a step: it reaches GitHub as far as its permissions, and other repositories as far as they allow
// it.
func (e *Engine) kind(client func(map[string]string) step.GitHub, b elsewhere.Bounds, does params.Set,
	uses []consent.Use) (step.Kind, error) {
	kind := step.For(b.GitHub(client(step.Permissions(does.Kind())), uses), does.Any)
	if kind == nil {
		return nil, fmt.Errorf("%q is no step", does.Kind())
	}
	return kind, nil
}

// usesOf is what a step does in other repositories.
func usesOf(does params.Set) []consent.Use {
	if kind, ok := step.For(nil, does.Any).(step.Outward); ok {
		return kind.Elsewhere()
	}
	return nil
}

// pinned are the uses of other repositories for the values that a phase pins.
func pinned(r release.Release, phase release.Phase) ([]consent.Use, error) {
	var out []consent.Use
	vars := r.Vars()
	for _, name := range slices.Sorted(maps.Keys(phase.Pin)) {
		if r.Started.Input(name) {
			continue
		}
		expression, err := release.Expand(phase.Pin[name], vars)
		if err != nil {
			return nil, fmt.Errorf("pin %s of %s: %w", name, phase.Name, err)
		}
		switch words := strings.Fields(expression); words[0] {
		case "commit", "pseudo-version":
			out = append(out, consent.Use{Repo: words[1], Releases: true})
		case "file-value":
			out = append(out, consent.Use{Repo: words[1], Read: []string{words[3]}})
		}
	}
	return out, nil
}

// entering are the uses of other repositories by the gates that a phase needs and by its steps, its values pinned.
func (f *finder) entering(r release.Release, phase release.Phase, needs []release.Gate,
	vars map[string]string) ([]consent.Use, error) {
	var out []consent.Use
	for _, g := range needs {
		if kind, ok := gate.For(nil, nil, g.Asks.Any).(step.Outward); ok {
			out = append(out, kind.Elsewhere()...)
		}
	}
	run := release.Run{Name: phase.Name, Number: 1, Vars: vars}
	for _, s := range phase.Steps {
		if !s.On(r.Started.Track) {
			continue
		}
		does, _, err := f.engine.input(r, run, s)
		if err != nil {
			return nil, fmt.Errorf("step %s of %s: %w", s.ID, phase.Name, err)
		}
		out = append(out, usesOf(does)...)
	}
	return out, nil
}

// allowed lets what follows look at other repositories, as far as they allow it. What they do not allow refuses the
// phase.
func (f *finder) allowed(ctx context.Context, r release.Release, phase release.Phase,
	uses []consent.Use) (*release.Refusal, error) {
	switch {
	case len(uses) == 0:
		return nil, nil
	case f.forecast:
		return notForecast(phase, f.req.Place().Name, uses), nil
	}
	bounds := f.engine.bounds(f.req.Place(), r.Started.Process)
	closed, err := bounds.Closed(ctx, uses)
	if err != nil || len(closed) > 0 {
		return release.CannotUse(phase.Name, closed), err
	}
	f.gh = bounds.GitHub(f.req.GitHub(), uses)
	return nil, nil
}

// withdrawn is the refusal of a phase where a repository no longer allows what it did a moment ago.
func withdrawn(phase release.Phase, err error) *release.Refusal {
	var refused *elsewhere.Refused
	if errors.As(err, &refused) {
		return release.CannotUse(phase.Name, []release.Closed{refused.Closed})
	}
	return nil
}
