package release

import (
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/params"
)

// approveVerb is the row of `/release approve`.
func approveVerb() Verb {
	return Verb{
		Name: "approve", Usage: "[HASH]", About: "approve the plan of the next phase that requires approvals",
		Example: "/release approve 3f2c1ab90d4e", Least: 0, Most: 1,
		needs: needsSubject, decide: approve, running: true,
	}
}

// approve approves the plan of the next phase that requires approvals. A hash that was typed must be the plan's;
// without one, the plan must have been shown as it is: whoever signs has read another one otherwise. A plan that can
// only fail, or that has nothing left to do, is not signed: an approval says that its changes may be made. The
// verdicts of f are those with this approval.
func approve(r Release, c Command, f Facts, _ time.Time) ([]Event, *Refusal) {
	phase := r.approvable()
	if phase == "" {
		if item, left := r.NextPhase(); left {
			return nil, needsNoApproval(item.Phase, nextCommand(r)).passing(r)
		}
		return nil, noPhaseLeft("approve", r.Started.Version, r.stillOpen())
	}
	typed := strings.ToLower(c.arg(0))
	final := final(f.Gates)
	switch {
	case f.PhaseProblem != nil:
		return nil, f.PhaseProblem
	case len(f.Plan.Stops) > 0 || len(final) > 0:
		return nil, onlyFails(phase, f.Plan.Stops, final)
	case f.Plan.Done:
		return nil, nothingToApprove(phase, r.first(phase))
	case typed != "" && len(typed) < shortestHash:
		return nil, hashTooShort(typed, phase, ShortHash(f.Plan.Hash))
	case !strings.HasPrefix(f.Plan.Hash, typed):
		return nil, staleHash(typed, phase, ShortHash(f.Plan.Hash))
	case typed == "" && !r.read(f.Plan.Hash, c):
		return nil, unseenPlan(phase, ShortHash(f.Plan.Hash))
	}
	held := []string{}
	for role, has := range f.Has {
		if has.Held() {
			held = append(held, role)
		}
	}
	slices.Sort(held)
	others := slices.ContainsFunc(r.approvals(phase),
		func(g Gate) bool { p, _ := g.Asks.Any.(params.Approvals); return !p.Self })
	return append([]Event{Approval(c, phase, f.Plan, held)},
		answered(c, approvedText(c.Source, phase, f.Plan, f.Gates, failing(f), others))...), nil
}

// read says that the sender could read the plan before the comment: it was shown, and not by the comment itself.
func (r Release) read(plan string, c Command) bool {
	first, shown := r.Plans[plan]
	return shown && first != c.Comment
}

// Approval is the signature that the command puts under a plan.
func Approval(c Command, phase string, p Plan, roles []string) Approved {
	return Approved{Source: c.Source, Phase: phase, Plan: p.Hash, Writes: p.Writes, Roles: roles}
}

// failing are the verdicts that refuse.
func failing(f Facts) []Verdict {
	return slices.DeleteFunc(verdicts(f), func(v Verdict) bool { return v.Holds || v.Warn })
}

// verdicts are those of all gates. Where the plan cannot be approved, that for its approvals suggests to resolve first
// what is in the way.
func verdicts(f Facts) []Verdict {
	out := slices.Clone(f.Gates)
	if len(f.Plan.Stops) == 0 && len(final(out)) == 0 {
		return out
	}
	for i, v := range out {
		if v.Kind == "approvals" && !v.Holds {
			out[i].Who, out[i].Fix = "", resolveBeforeApproval(f.Plan.Stops)
		}
	}
	return out
}

// final are the verdicts that nobody can clear.
func final(gates []Verdict) []Verdict {
	return slices.DeleteFunc(slices.Clone(gates), func(v Verdict) bool { return v.Holds || v.Warn || !v.Final })
}

// approvals are the gates of a phase that want signatures.
func (r Release) approvals(name string) []Gate {
	phase, _ := r.Started.Process.Phase(name)
	return slices.DeleteFunc(slices.Clone(phase.Needs),
		func(g Gate) bool { return g.Asks.Kind() != "approvals" || !g.On(r.Started.Track) })
}

// approvable is the first phase ahead that has an approvals gate.
func (r Release) approvable() string {
	for _, item := range r.Track().Sequence() {
		if _, entered := r.Entered(item.Phase); !entered && len(r.approvals(item.Phase)) > 0 {
			return item.Phase
		}
	}
	return ""
}
