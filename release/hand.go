package release

import (
	"fmt"
	"strings"
)

// find looks a step up by what a person typed: its id, or RUN/ID where an id stands in several runs. Open steps
// win over done ones, newer runs over older ones.
func (r Release) find(typed string) (run int, s StepState, ok bool) {
	name, id, qualified := strings.Cut(strings.ToLower(typed), "/")
	if !qualified {
		name, id = "", name
	}
	for i := len(r.Runs) - 1; i >= r.First; i-- {
		if r.Runs[i].Over {
			continue
		}
		if name != "" && r.Runs[i].Name != name && fmt.Sprintf("%s.%d", r.Runs[i].Name, r.Runs[i].Number) != name {
			continue
		}
		found, has := r.Runs[i].Step(id)
		if has && (found.Done == nil || !ok) {
			run, s, ok = i, found, true
			if found.Done == nil {
				return run, s, true
			}
		}
	}
	return run, s, ok
}

func noStep(r Release, typed string) *Refusal {
	open := []string{}
	for _, run := range r.Live() {
		for _, s := range run.Steps {
			if s.Done == nil && !run.Over {
				open = append(open, "`"+s.ID+"`")
			}
		}
	}
	refusal := &Refusal{Why: "no step here is called " + Quoted(typed), Fix: "`/release status` shows the steps"}
	if len(open) > 0 {
		refusal.Fix = "the open steps are " + strings.Join(open, ", ")
	}
	return refusal
}

// done reports a step that a person did. What can be seen is looked at first: a tag that is not there is not done,
// whoever says so.
func done(r Release, c Command, f Facts) ([]Event, *Refusal) {
	run, s, ok := r.find(c.arg(0))
	switch {
	case !ok:
		return nil, noStep(r, c.arg(0))
	case s.Done != nil:
		return nil, &Refusal{Why: "`" + s.ID + "` is done already", Saw: s.Done.Text}
	case !f.Seen.Manual && !f.Seen.Done:
		fix := f.Seen.Fix
		if fix == "" {
			fix = "do it, then comment " + Quoted(c.Text) + " again, or let Slipway do it: `/release retry " + s.ID + "`"
		}
		return nil, &Refusal{Why: "`" + s.ID + "` is not done as far as can be seen", Rule: "a step is done when its effect was seen", Saw: f.Seen.Text, Fix: fix}
	}
	text := f.Seen.Text
	if f.Seen.Manual {
		text = "done by " + Login(c.By)
		if evidence := c.rest(1); evidence != "" {
			text += ": " + Quoted(evidence)
		}
	}
	return []Event{Did{Source: c.Source, Run: run, Step: s.ID, How: ByHand, Text: text, SHA: f.Seen.SHA, URL: f.Seen.URL, ID: f.Seen.ID}}, nil
}

// skip goes on without a step, with the reason on record.
func skip(r Release, c Command) ([]Event, *Refusal) {
	run, s, ok := r.find(c.arg(0))
	switch {
	case !ok:
		return nil, noStep(r, c.arg(0))
	case s.Done != nil:
		return nil, doneAlready(s)
	}
	return []Event{Did{Source: c.Source, Run: run, Step: s.ID, How: Skipped, Text: "skipped by " + Login(c.By) + ": " + Quoted(c.rest(1))}}, nil
}

func doneAlready(s StepState) *Refusal {
	return &Refusal{Why: "`" + s.ID + "` is done already", Saw: s.Done.Text, Fix: "nothing is left to do for it; `/release next` says what comes next"}
}

// retry lets stopped steps be looked at again: one, or all.
func retry(r Release, c Command) ([]Event, *Refusal) {
	if typed := c.arg(0); typed != "" {
		run, s, ok := r.find(typed)
		switch {
		case !ok:
			return nil, noStep(r, typed)
		case s.Done != nil:
			return nil, doneAlready(s)
		case s.Stopped == nil && s.Waits == nil:
			return nil, &Refusal{Why: "`" + s.ID + "` has not stopped", Saw: Next(r, r.LastAt).Stands, Fix: "`/release next` says what comes next"}
		}
		if refusal := unlocked(r, r.Runs[run], s); refusal != nil {
			return nil, refusal
		}
		return []Event{Retried{Source: c.Source, Run: run, Step: s.ID}}, nil
	}
	var events []Event
	for i, run := range r.Runs {
		for _, s := range run.Steps {
			if i >= r.First && !run.Over && s.Stopped != nil && s.Done == nil {
				if refusal := unlocked(r, run, s); refusal != nil {
					return nil, refusal
				}
				events = append(events, Retried{Source: c.Source, Run: i, Step: s.ID})
			}
		}
	}
	if len(events) == 0 {
		return nil, &Refusal{Why: "nothing has stopped", Saw: Next(r, r.LastAt).Stands, Fix: "`/release why` says what the next phase waits for"}
	}
	return events, nil
}

// unlocked refuses to build once more what its phase wanted a locked branch for, when the lock has ended since: GitHub makes
// the tag of a release where the branch is then.
func unlocked(r Release, run Run, s StepState) *Refusal {
	phase, ok := r.Started.Process.Phase(run.Name)
	if !ok || !run.Phase || s.Kind != "run-workflow" {
		return nil
	}
	for _, g := range phase.Needs {
		branch, err := Expand(g.With["branch"], r.In(run))
		if g.Kind != "branch-locked" || err != nil || r.Locked(branch) {
			continue
		}
		fix := "`/release abort REASON`, and begin again"
		if s.With["fix"] != "" {
			fix = "`/release " + s.With["fix"] + "`, then `/release " + g.With["phase"] + "` and `/release " + phase.Name + "`"
		}
		return &Refusal{
			Why:  "`" + branch + "` is open again, and `" + s.ID + "` is run only where it is locked",
			Rule: "what is built has to be what is tagged, and a tag is made where the branch is",
			Fix:  fix + "; where the version is public already, run its failed jobs again on GitHub",
		}
	}
	return nil
}

// OpenStep finds the run of a step that is not done yet.
func (r Release) OpenStep(id string) (Run, bool) {
	run, s, ok := r.find(id)
	if !ok || s.Done != nil {
		return Run{}, false
	}
	return r.Runs[run], true
}
