package release

import "time"

// helpVerb is the row of `/release help`.
func helpVerb() Verb {
	return Verb{
		Name: "help", Usage: "", About: "list the commands and who can use them",
		Example: "/release help", Least: 0, Most: 0,
		decide: helpCommand, anytime: true,
	}
}

func helpCommand(r Release, c Command, f Facts, _ time.Time) ([]Event, *Refusal) {
	return answered(c, helpText(f.Process, f.Elsewhere, standsIfBegun(r))), nil
}

// standsIfBegun is where the release stands, empty where there is none, and while something is in progress: that
// changes soon, and the answer does not.
func standsIfBegun(r Release) string {
	if _, open := r.openRun(); open || !r.Begun {
		return ""
	}
	return r.stands()
}
