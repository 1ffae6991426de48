package release

import "time"

// dudVerb is the row of `/release dud`.
func dudVerb() Verb {
	return Verb{
		Name: "dud", Usage: "REASON",
		About:   "mark the version as failed, so that it is never released again and the next one may skip it",
		Example: `/release dud "half of the tags were pushed"`, Least: 1, Most: -1,
		decide: dud,
	}
}

// dud marks the version as failed. One that is in progress is aborted as well; what is published stays, and is said to
// be bad. Its number is never used again (a partial push of the tags of Kubernetes 1.18.11 burned it,
// sig-release#1329).
func dud(r Release, c Command, f Facts, at time.Time) ([]Event, *Refusal) {
	if d, is := r.Dud(); is {
		return nil, failedAlready(d)
	}
	marked := Dudded{Source: c.Source, Version: r.Started.Version, Reason: c.rest(0)}
	text := failedText(r.name(), marked)
	if r.Aborted != nil || r.Finished() && !r.pending() {
		return append([]Event{marked}, answered(c, text)...), nil
	}
	events, refusal := abort(r, c, f, at)
	if refusal != nil {
		return nil, refusal
	}
	for i, e := range events {
		if a, is := e.(Answered); is {
			a.Text = text + "\n\n" + a.Text
			events[i] = a
		}
	}
	return append([]Event{marked}, events...), nil
}
