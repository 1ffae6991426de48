package release

import (
	"strings"
	"time"
)

// planVerb is the row of `/release plan`.
func planVerb() Verb {
	return Verb{
		Name: "plan", Usage: "[PHASE]", About: "list the exact changes that the next phase makes, and their hash",
		Example: "/release plan", Least: 0, Most: 1,
		needs: needsSubject, decide: plan,
	}
}

// plan lists what the phase would write.
func plan(r Release, c Command, f Facts, _ time.Time) ([]Event, *Refusal) {
	if r.Aborted != nil {
		return nil, aborted(r.Started.Version, *r.Aborted)
	}
	name := subject(r, c)
	if name == "" {
		if c.arg(0) != "" {
			return nil, notAPhase(c.arg(0), r.phases())
		}
		return nil, noPhaseLeft("plan", r.Started.Version, r.stillOpen())
	}
	if f.PhaseProblem != nil {
		return nil, f.PhaseProblem
	}
	phase, _ := r.Started.Process.Phase(name)
	text := planText(r.name(), phase, f.Plan, Prospect{
		Approvable: r.approvable() == name, Ready: r.Held == nil && inOrder(r, phase) == nil, Failed: failing(f),
	})
	return []Event{Answered{Source: c.Source, Text: text + changesText(r.Started.Process, name), Plan: f.Plan.Hash}}, nil
}

// needsSubject asks for the phase that the command speaks of.
func needsSubject(r Release, c Command, _ Process) Questions { return Questions{Phase: subject(r, c)} }

// subject is the phase that plan, approve, next and why speak of.
func subject(r Release, c Command) string {
	if c.Verb == "plan" && c.arg(0) != "" {
		if _, ok := r.Started.Process.Phase(strings.ToLower(c.arg(0))); ok {
			return strings.ToLower(c.arg(0))
		}
		return ""
	}
	if c.Verb == "approve" {
		if phase := r.approvable(); phase != "" {
			return phase
		}
	}
	item, _ := r.NextPhase()
	return item.Phase
}
