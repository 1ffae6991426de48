package release

import "time"

// skipVerb is the row of `/release skip`.
func skipVerb() Verb {
	return Verb{
		Name: "skip", Usage: "STEP REASON", About: "continue without a step",
		Example: `/release skip tested "no driver change"`, Least: 2, Most: -1,
		decide: skip,
	}
}

// skip goes on without a step, with the reason on record.
func skip(r Release, c Command, _ Facts, _ time.Time) ([]Event, *Refusal) {
	run, s, refusal := r.undone(c.arg(0))
	if refusal != nil {
		return nil, refusal
	}
	return []Event{Did{Source: c.Source, Run: run, Step: s.ID, How: Skipped, Text: skippedBy(c.By, c.rest(1))}}, nil
}
