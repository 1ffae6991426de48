package release

import (
	"slices"
	"strings"
	"time"
)

// approveVerb is the row of `/release approve`.
func approveVerb() Verb {
	return Verb{
		Name: "approve", Usage: "[HASH]", About: "approve the plan of the next phase that requires approvals",
		Example: "/release approve 3f2c1ab9", Least: 0, Most: 1,
		needs: needsSubject, decide: approve, running: true,
	}
}

// approve approves the plan of the next phase that requires approvals. A hash that was typed must be the plan's.
func approve(r Release, c Command, f Facts, _ time.Time) ([]Event, *Refusal) {
	phase := subject(r, c)
	if phase == "" {
		return nil, noPhaseLeft("approve", r.Started.Version)
	}
	if f.PhaseProblem != nil {
		return nil, f.PhaseProblem
	}
	if typed := strings.ToLower(c.arg(0)); typed != "" && (len(typed) < 7 || !strings.HasPrefix(f.Plan.Hash, typed)) {
		return nil, staleHash(typed, phase, shortHash(f.Plan.Hash))
	}
	held := []string{}
	for role, has := range f.Has {
		if has == Yes {
			held = append(held, role)
		}
	}
	slices.Sort(held)
	signed := Approved{Source: c.Source, Phase: phase, Plan: f.Plan.Hash, Writes: f.Plan.Writes, Roles: held}
	return append([]Event{signed},
		answered(c, approvedText(c.By, phase, shortHash(f.Plan.Hash), f.Plan.Writes))...), nil
}

// approvable is the first phase ahead that has an approvals gate.
func (r Release) approvable() string {
	for _, item := range r.Track().Sequence() {
		phase, _ := r.Started.Process.Phase(item.Phase)
		if _, entered := r.Entered(item.Phase); entered {
			continue
		}
		if slices.ContainsFunc(phase.Needs,
			func(g Gate) bool { return g.Kind == "approvals" && g.On(r.Started.Track) }) {
			return phase.Name
		}
	}
	return ""
}
