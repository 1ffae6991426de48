package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// gates are those of the phase on the track, with their parameters expanded.
func gates(r release.Release, phase release.Phase, vars map[string]string) ([]release.Gate, error) {
	var out []release.Gate
	for _, g := range phase.Needs {
		if !g.On(r.Started.Track) {
			continue
		}
		asks, err := g.Asks.Fill(release.Filling(vars))
		if err != nil {
			return nil, fmt.Errorf("gate %s of %s: %w", g.Name(), phase.Name, err)
		}
		g.Asks = asks
		out = append(out, g)
	}
	return out, nil
}

// plan is what the phase would write now, and all that an approval of it signs.
func (f *finder) plan(ctx context.Context, r release.Release, phase release.Phase, needs []release.Gate,
	pinned, vars map[string]string) (release.Plan, error) {
	process, err := release.Identify(r.Started.Process)
	if err != nil {
		return release.Plan{}, err
	}
	run := release.Run{Name: phase.Name, Number: 1, Vars: vars}
	for _, before := range r.Runs {
		if before.Name == phase.Name {
			run.Number++
		}
	}
	m := release.Manifest{
		Process: process, Phase: phase.Name, Run: run.Number, Pins: pinned, Gates: []release.ManifestGate{},
		Release: release.ManifestRelease{ID: r.ID, Repository: f.req.Place().Repo, Issue: r.Started.Issue,
			Version: r.Started.Version, Track: r.Started.Track},
	}
	for _, g := range needs {
		m.Gates = append(m.Gates, release.ManifestGate{Asks: g.Asks, Warn: g.Warn})
	}
	p := planner{f: f, release: r, run: run, done: true}
	for _, s := range phase.Steps {
		if !s.On(r.Started.Track) {
			continue
		}
		signed, err := p.step(ctx, s)
		if err != nil {
			return release.Plan{}, fmt.Errorf("plan step %s: %w", s.ID, err)
		}
		m.Steps = append(m.Steps, signed)
		p.needs = append(p.needs, release.StepNeeds{Step: s.ID, Permissions: permissions(s.Does.Kind()),
			Stays: s.Stays})
	}
	out, err := m.Plan(p.writes, p.stops, p.done)
	out.Needs = p.needs
	return out, err
}

// permissions are those that a kind of step uses, as people read them: "contents: write".
func permissions(kind string) []string {
	var out []string
	for name, level := range step.Permissions(kind) {
		out = append(out, name+": "+level)
	}
	slices.Sort(out)
	return out
}

// planner plans the steps of one phase, in order.
type planner struct {
	f       *finder
	release release.Release
	run     release.Run

	writes []string
	stops  []release.Obstacle
	needs  []release.StepNeeds
	// done says that every step so far was seen done.
	done bool
}

// step plans one step. Until one of them has something to write, each is observed as well: the first that cannot go on
// stops the plan. A later one may stand on what an earlier one makes, so only what certainly stops it is known.
func (p *planner) step(ctx context.Context, s release.Step) (release.ManifestStep, error) {
	does, in, err := p.f.engine.input(p.release, p.run, s)
	if err != nil {
		return release.ManifestStep{}, err
	}
	bounds := p.f.engine.bounds(p.f.req.Place(), p.release.Started.Process)
	kind, err := p.f.engine.kind(p.f.req.Client, bounds, does, usesOf(does))
	if err != nil {
		return release.ManifestStep{}, err
	}
	signed := release.ManifestStep{ID: s.ID, Does: does}
	writes, err := kind.Plan(ctx, in)
	var stop *step.Stop
	switch {
	case errors.As(err, &stop):
	case err != nil:
		return signed, err
	case len(writes) == 0 && p.done:
		o, err := see(ctx, kind, in)
		if err != nil {
			return signed, err
		}
		if o.State == step.Conflict {
			stop = &step.Stop{Why: o.Why, Fix: o.Fix}
		}
		p.done = o.State == step.Done
	}
	p.done = p.done && len(writes) == 0 && stop == nil
	if stop != nil {
		signed.Stop = stop.Why
		title, err := release.Expand(s.Title, p.release.In(p.run))
		if err != nil || title == "" {
			title = s.ID
		}
		p.stops = append(p.stops, release.Obstacle{Step: title, Why: stop.Why, Fix: stop.Fix})
	}
	for _, w := range writes {
		text := w.Text
		if w.Repo != "" && w.Repo != p.release.Started.Repo {
			text += " in " + w.Repo
		}
		p.writes = append(p.writes, text)
		signed.Writes = append(signed.Writes, release.ManifestWrite{Repository: w.Repo, Text: w.Text, Files: w.Files})
	}
	return signed, nil
}
