package release

import "time"

// holdVerb is the row of `/release hold`.
func holdVerb() Verb {
	return Verb{
		Name: "hold", Usage: "REASON", About: "put the release on hold",
		Example: `/release hold "CI is down"`, Least: 1, Most: -1,
		decide: hold, running: true, First: true,
	}
}

// resumeVerb is the row of `/release resume`.
func resumeVerb() Verb {
	return Verb{
		Name: "resume", Usage: "", About: "continue after a hold",
		Example: "/release resume", Least: 0, Most: 0,
		decide: resume, running: true,
	}
}

func hold(_ Release, c Command, _ Facts, _ time.Time) ([]Event, *Refusal) {
	return []Event{Held{Source: c.Source, Reason: c.rest(0)}}, nil
}

func resume(r Release, c Command, _ Facts, _ time.Time) ([]Event, *Refusal) {
	if r.Held == nil {
		return nil, notHeld()
	}
	return []Event{Resumed{Source: c.Source}}, nil
}
