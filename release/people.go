package release

import (
	"maps"
	"slices"
	"strings"
)

// Person is a user of GitHub. The id says who it is; the login is what it was called when it was last seen, for people
// to read. A login can be given up, and taken by somebody else.
type Person struct {
	Login string `json:"login"`
	ID    int64  `json:"id"`
}

// Is says that both are one person. Somebody whose id is not known is nobody: logs that hold logins only give nobody
// a role.
func (p Person) Is(o Person) bool { return p.ID != 0 && p.ID == o.ID }

// Named are those whom the configuration names, as GitHub knew them when the release started.
type Named struct {
	// Team are those of Process.Team, Users those of the roles, by the name of the role.
	Team  []Person            `json:"team,omitempty"`
	Users map[string][]Person `json:"users,omitempty"`
	// Teams are those of the roles that gave nobody a role then. Who is in a team is asked each time.
	Teams []VoidTeam `json:"teams,omitempty"`
}

// VoidTeam is a team that gives nobody a role.
type VoidTeam struct {
	Name string    `json:"name"` // ORG/SLUG
	Why  VoidCause `json:"why"`
}

// VoidCause is why a team gives nobody a role.
type VoidCause string

// The causes.
const (
	// TeamUnseen is a team that GitHub does not show to the App, or that does not exist: GitHub answers both alike.
	TeamUnseen VoidCause = "unseen"
	// TeamRefused is a team that the App may not read.
	TeamRefused VoidCause = "refused"
	// TeamEmpty is a team without members.
	TeamEmpty VoidCause = "empty"
)

// Assignment is what is known of an assignee of the tracking issue.
type Assignment struct {
	Person
	// By is who assigned; the zero value where that is not known.
	By Person `json:"by"`
	// Counts says that the assigner may change the release team by a role that configuration gives, when it was looked
	// at. Only such an assignment gives a role.
	Counts bool `json:"counts,omitempty"`
}

// Assignment finds an assignee of the tracking issue.
func (r Release) Assignment(who Person) (Assignment, bool) {
	i := slices.IndexFunc(r.Assigned, func(a Assignment) bool { return a.Is(who) })
	if i < 0 {
		return Assignment{}, false
	}
	return r.Assigned[i], true
}

// Appointed are the assignees whose assignment gives roles: the release was started by somebody who may change the
// team, and such a person assigned them.
func (r Release) Appointed() []Assignment {
	if !r.Begun || !r.Started.Appoints {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.Assigned), func(a Assignment) bool { return !a.Counts })
}

// lasting are those of the roles that configuration can give: the others are given by assignment alone.
func (p Process) lasting(roles []string) []string {
	return slices.DeleteFunc(slices.Clone(roles), func(name string) bool {
		role, known := p.Roles[name]
		return known && role.Assignees && role.Permission == "" && len(role.Teams)+len(role.Users) == 0
	})
}

// Appointers are the roles by which somebody may assign the release manager: those that may change the team, without
// what assignment gives.
func (p Process) Appointers() []string {
	return slices.DeleteFunc(p.lasting(p.MayDo("team")), func(name string) bool { return name == "anyone" })
}

// stranger is a login that the configuration names, and that no user had when the release started.
type stranger struct {
	login string
	// role is the one that names it; empty for the release team.
	role string
	// nobody says that nobody else has the role, where that is so.
	nobody string
}

// nobodyHas says so of a role that nobody had when the release started, and that no assignment gives.
func (s Started) nobodyHas(name string) string {
	role := s.Process.Roles[name]
	if role.Permission != "" || role.Assignees || len(s.People.Users[name]) > 0 ||
		slices.ContainsFunc(role.Teams, func(team string) bool { _, void := s.void(team); return !void }) {
		return ""
	}
	return nobodyHas(role)
}

func (s Started) void(team string) (VoidTeam, bool) {
	i := slices.IndexFunc(s.People.Teams, func(v VoidTeam) bool { return v.Name == team })
	if i < 0 {
		return VoidTeam{}, false
	}
	return s.People.Teams[i], true
}

// voids are the teams of each role that give it to nobody.
func (s Started) voids() []voidTeam {
	var out []voidTeam
	for _, name := range slices.Sorted(maps.Keys(s.Process.Roles)) {
		for _, team := range s.Process.Roles[name].Teams {
			if void, is := s.void(team); is {
				out = append(out, voidTeam{void, name, s.nobodyHas(name)})
			}
		}
	}
	return out
}

// voidTeam is a team of a role that gives it to nobody.
type voidTeam struct {
	VoidTeam
	role   string
	nobody string // that nobody else has the role, where that is so
}

// strangers are those of a release, the team first.
func (s Started) strangers() []stranger {
	gone := func(logins []string, found []Person) []string {
		return slices.DeleteFunc(slices.Clone(logins), func(login string) bool {
			return slices.ContainsFunc(found, func(p Person) bool { return strings.EqualFold(p.Login, login) })
		})
	}
	var out []stranger
	for _, login := range gone(s.Process.Team, s.People.Team) {
		out = append(out, stranger{login: login})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Process.Roles)) {
		for _, login := range gone(s.Process.Roles[name].Users, s.People.Users[name]) {
			out = append(out, stranger{login, name, s.nobodyHas(name)})
		}
	}
	return out
}
