package release

import "time"

// statusVerb is the row of `/release status`.
func statusVerb() Verb {
	return Verb{
		Name: "status", Usage: "", About: "say where the release stands",
		Example: "/release status", Least: 0, Most: 0,
		decide: status, early: true,
	}
}

func status(r Release, c Command, _ Facts, _ time.Time) ([]Event, *Refusal) {
	if run, ok := r.openRun(); ok {
		return passing(c, statusRunning(r.name(), runText(r, run))), nil
	}
	return answered(c, statusText(r.name(), r.stands())), nil
}
