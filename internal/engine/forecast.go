package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/markdown"
)

// mostForecast is how many steps a process may have to be forecast: each is looked up on GitHub.
const mostForecast = 100

// Forecast is what the next release of a process would write at a place, phase by phase, as GitHub looks now: the plans
// that `/release plan` would show. It writes nothing, asks no gate, and looks at no other repository: whoever proposes
// a process has not been believed yet. The request is one that only reads (conversation.Supposed).
func (e *Engine) Forecast(ctx context.Context, req *conversation.Request, p release.Process) (release.Forecast, error) {
	if n := p.Steps(); n > mostForecast {
		return release.Forecast{Refused: fmt.Sprintf("the process has %d steps; up to %d are simulated", n, mostForecast)},
			nil
	}
	place := req.Place()
	f := &finder{engine: e, req: req, gh: req.GitHub(), forecast: true}
	facts := release.Facts{Repo: place.Name, Issue: place.Issue, Installation: place.Installation,
		DefaultBranch: req.Said.DefaultBranch}
	var err error
	if facts.Duds, err = e.duds(ctx, place.Repo); err != nil {
		return release.Forecast{}, err
	}
	if facts.Tags, err = f.gh.Tags(ctx, place.Name); err != nil {
		return release.Forecast{}, err
	}
	r, refusal := release.Suppose(p, facts, e.Clock())
	if refusal != nil {
		return release.Forecast{Refused: refusal.Why}, nil
	}
	out := release.Forecast{Version: r.Started.Version, Track: r.Started.Track}
	for _, item := range r.Track().Sequence() {
		one, err := f.forecastOf(ctx, r, item.Phase)
		if err != nil {
			return release.Forecast{}, err
		}
		out.Phases = append(out.Phases, one)
	}
	return out, nil
}

// forecastOf is what one phase would write. What cannot be found out for good is told.
func (f *finder) forecastOf(ctx context.Context, r release.Release, name string) (release.PhaseForecast, error) {
	var facts release.Facts
	out := release.PhaseForecast{Name: name}
	if err := f.phase(ctx, r, name, &facts); err != nil {
		failure, explained := github.Explain(err)
		switch {
		case ctx.Err() != nil, explained && !failure.Final:
			return out, err
		case explained:
			out.Unknown = couldNot(failure)
		default:
			out.Unknown = markdown.Text(err.Error())
		}
		return out, nil
	}
	if facts.PhaseProblem != nil {
		out.Unknown = facts.PhaseProblem.Why
		return out, nil
	}
	out.Writes, out.Stops = facts.Plan.Writes, facts.Plan.Stops
	return out, nil
}

// notForecast says that a phase uses other repositories; nil where it uses none.
func notForecast(phase release.Phase, own string, uses []consent.Use) *release.Refusal {
	for _, u := range uses {
		if u.Repo != "" && !strings.EqualFold(u.Repo, own) {
			return &release.Refusal{Why: fmt.Sprintf("%s uses %s, and a simulation looks at no other repository",
				markdown.Code(phase.Name), markdown.Code(u.Repo))}
		}
	}
	return nil
}
