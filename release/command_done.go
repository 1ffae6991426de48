package release

import (
	"fmt"
	"strings"
	"time"
)

// doneVerb is the row of `/release done`.
func doneVerb() Verb {
	return Verb{
		Name: "done", Usage: "STEP [EVIDENCE]", About: "report a step as done by hand; Slipway checks what can be " +
			"checked",
		Example: `/release done tested "link to the test report"`, Least: 1, Most: -1,
		needs: needsStep, decide: done,
	}
}

// needsStep asks to look at the step that is reported.
func needsStep(r Release, c Command, _ Process) Questions {
	if run, s, ok := r.find(c.arg(0)); ok && s.Done == nil {
		return Questions{Observe: true, ObserveRun: run, ObserveStep: s.ID}
	}
	return Questions{}
}

// done reports a step that a person did. What can be seen is looked at first: a tag that is not there is not done,
// whoever says so.
func done(r Release, c Command, f Facts, _ time.Time) ([]Event, *Refusal) {
	run, s, refusal := r.undone(c.arg(0))
	if refusal != nil {
		return nil, refusal
	}
	if !f.Seen.Manual && !f.Seen.Done {
		return nil, stepNotSeen(c, s, f.Seen)
	}
	text := f.Seen.Text
	if f.Seen.Manual {
		text = doneBy(c.By, c.rest(1))
	}
	return []Event{Did{
		Source: c.Source, Run: run, Step: s.ID, How: ByHand,
		Text: text, SHA: f.Seen.SHA, URL: f.Seen.URL, ID: f.Seen.ID,
	}}, nil
}

// undone finds a step that a person names, and refuses where there is none, or it is done.
func (r Release) undone(typed string) (run int, s StepState, refusal *Refusal) {
	run, s, ok := r.find(typed)
	switch {
	case !ok:
		refusal = noStep(r, typed)
	case s.Done != nil:
		refusal = stepDone(s)
	}
	return run, s, refusal
}

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
			if s.Done == nil && !run.Over && !run.Undo {
				open = append(open, s.ID)
			}
		}
	}
	return noSuchStep(typed, open)
}

// OpenStep finds the run of a step that is not done yet.
func (r Release) OpenStep(id string) (Run, bool) {
	run, s, ok := r.find(id)
	if !ok || s.Done != nil {
		return Run{}, false
	}
	return r.Runs[run], true
}
