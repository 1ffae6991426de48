package contract

import "strings"

// A Deviation is a problem that we know and accept.
type Deviation struct {
	Method string // "*" for every method
	Route  string // "*" for every route
	What   string // how Problem.What begins
	Why    string
}

func (d Deviation) covers(p Problem) bool {
	return (d.Method == "*" || d.Method == p.Method) &&
		(d.Route == "*" || d.Route == p.Route) &&
		strings.HasPrefix(p.What(), d.What)
}

// String names a deviation in the log of a test.
func (d Deviation) String() string {
	return d.Method + " " + d.Route + ": " + d.What + " (" + d.Why + ")"
}

// deviations are all of them. An entry that no exchange of the scenario tests needs fails their last check, so add one
// only for what was seen, and take it out with its cause.
func deviations() []Deviation {
	return []Deviation{
		{
			Method: "POST", Route: "/app/installations/{installation_id}/access_tokens", What: "request: Value is " +
				"not nullable",
			Why: "ghinstallation sends the JSON null when it wants a token for everything the installation may do, " +
				"and GitHub takes it",
		},
		{
			Method: "*", Route: "/repos/{owner}/{repo}/issues/{issue_number}/labels", What: "request: value must be " +
				"an object",
			Why: "go-github sends a bare list of names, which GitHub's description allows in its prose and not in " +
				"its schema",
		},
		{
			Method: "POST", Route: "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches",
			What: "response 422: undocumented status 422",
			Why: "GitHub answers 422 to an input that is missing or unknown and to a ref that is not there, and " +
				"lists only its successes",
		},
		{
			Method: "*", Route: "*", What: "response 401: undocumented status 401",
			Why: "GitHub answers 401 to a bad credential on every route and lists it for some (REST, Authenticating, " +
				"Failed login limit)",
		},
		{
			Method: "*", Route: "*", What: "response 403: undocumented status 403",
			Why: "GitHub answers 403 to a missing permission and to a rate limit on every route and lists it for " +
				"some (REST, Troubleshooting)",
		},
		{
			Method: "*", Route: "*", What: "response 404: undocumented status 404",
			Why: "GitHub answers 404 for a private repository that one may not see on every route and lists it for " +
				"some (REST, Troubleshooting)",
		},
	}
}
