package release

import (
	"slices"
	"strings"
	"time"
)

// teamVerb is the row of `/release team`.
func teamVerb() Verb {
	return Verb{
		Name: "team", Usage: "add|remove @USER [until=PHASE]", About: "change the release team",
		Example: "/release team add @mara until=cut", Least: 2, Most: 3,
		needs: needsUser, decide: team, running: true,
	}
}

// needsUser asks who has the login that is named.
func needsUser(_ Release, c Command, _ Process) Questions { return Questions{User: named(c)} }

// named is the login that the command names, empty where it names none.
func named(c Command) string {
	if login := strings.TrimPrefix(c.arg(1), "@"); validLogin(login) {
		return login
	}
	return ""
}

func team(r Release, c Command, f Facts, _ time.Time) ([]Event, *Refusal) {
	user := named(c)
	verb := strings.ToLower(c.arg(0))
	if (verb != "add" && verb != "remove") || user == "" {
		return nil, noTeamChange(c)
	}
	until := strings.ToLower(c.Options["until"])
	if _, ok := r.Started.Process.Phase(until); until != "" && !ok {
		return nil, noSuchUntil(until, phaseNames(r.Started.Process))
	}
	if verb == "remove" {
		who, on := r.member(f.User, user)
		if !on {
			return nil, notOnTeam(user, teamText(r))
		}
		return []Event{Teamed{Source: c.Source, User: who.Login, UserID: who.ID, Leaves: true}}, nil
	}
	if f.User.ID == 0 {
		return nil, noUser(user)
	}
	return []Event{Teamed{Source: c.Source, User: f.User.Login, UserID: f.User.ID, Until: until}}, nil
}

// member is who is meant by a login: who has it now or, where that one is no member, the member who had it when they
// joined.
func (r Release) member(now Person, login string) (Person, bool) {
	i := slices.IndexFunc(r.Team, func(m Member) bool { return m.Is(now) && !r.over(m.Until) })
	if i < 0 {
		i = slices.IndexFunc(r.Team,
			func(m Member) bool { return strings.EqualFold(m.Login, login) && !r.over(m.Until) })
	}
	if i < 0 {
		return Person{}, false
	}
	return r.Team[i].Person, true
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
