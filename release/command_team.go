package release

import (
	"strings"
	"time"
)

// teamVerb is the row of `/release team`.
func teamVerb() Verb {
	return Verb{
		Name: "team", Usage: "add|remove @USER [until=PHASE]", About: "change the release team",
		Example: "/release team add @mara until=cut", Least: 2, Most: 3,
		decide: team, running: true,
	}
}

func team(r Release, c Command, _ Facts, _ time.Time) ([]Event, *Refusal) {
	user := strings.TrimPrefix(c.arg(1), "@")
	verb := strings.ToLower(c.arg(0))
	if (verb != "add" && verb != "remove") || !validLogin(user) {
		return nil, noTeamChange(c)
	}
	until := strings.ToLower(c.Options["until"])
	if _, ok := r.Started.Process.Phase(until); until != "" && !ok {
		return nil, noSuchUntil(until, phaseNames(r.Started.Process))
	}
	leaves := verb == "remove"
	if on := r.OnTeam(user); leaves && !on {
		return nil, notOnTeam(user, teamText(r))
	}
	return []Event{Teamed{Source: c.Source, User: user, Leaves: leaves, Until: until}}, nil
}

// validLogin follows GitHub's rule for logins: letters, digits and single hyphens, at most 39.
func validLogin(login string) bool {
	if login == "" || len(login) > 39 || strings.HasPrefix(login, "-") || strings.HasSuffix(login, "-") {
		return false
	}
	return !strings.ContainsFunc(login, func(c rune) bool {
		return c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	})
}

func phaseNames(p Process) []string {
	out := []string{}
	for _, ph := range p.Phases {
		out = append(out, ph.Name)
	}
	return out
}
