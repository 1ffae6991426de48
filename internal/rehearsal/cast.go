package rehearsal

import (
	"maps"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
)

// cast are the people of a rehearsal: those whom the process names, and as many others as its roles need.
type cast struct {
	manager string   // is assigned to the tracking issue, and gives the commands that the process leaves to them
	makers  []string // maintainers, the first of them an admin
	ci      string   // what workflows act as
	roles   map[string][]string
	p       release.Process
}

// names are given to people whom no process names.
const names = "maria max nora otto pia sam tess wanda zoe adam bela cleo"

func newCast(p release.Process) cast {
	c := cast{manager: "rita", ci: "ci-of-" + p.Name, roles: map[string][]string{}, p: p}
	named := map[string]bool{}
	for _, login := range p.Team {
		named[login] = true
	}
	for _, role := range p.Roles {
		for _, login := range role.Users {
			named[login] = true
		}
	}
	for named[c.manager] {
		c.manager += "-rm"
	}
	c.makers = slices.Clone(p.Team)
	for _, name := range strings.Fields(names) {
		if len(c.makers) <= c.signatures()+1 && !named[name] {
			c.makers = append(c.makers, name)
		}
	}
	for name, role := range p.Roles {
		members := slices.Clone(role.Users)
		if role.Permission != "" || len(role.Teams) > 0 {
			members = append(members, c.makers...)
		}
		if role.Assignees {
			members = append(members, c.manager)
		}
		c.roles[name] = slices.Compact(members)
	}
	return c
}

// signatures is how many people any gate of the process wants.
func (c cast) signatures() int {
	most := 1
	for _, phase := range c.p.Phases {
		for _, g := range phase.Needs {
			switch asks := g.Asks.Any.(type) {
			case params.Approvals:
				most = max(most, asks.Count)
			case params.Team:
				most = max(most, asks.Count)
			}
		}
	}
	return most
}

// lasting are the members of some roles by more than an assignment.
func (c cast) lasting(roles []string) []string {
	return slices.DeleteFunc(c.members(roles), func(login string) bool { return login == c.manager })
}

// members are those of any of the roles, the release manager first and then maintainers.
func (c cast) members(roles []string) []string {
	has := func(login string) bool {
		return slices.ContainsFunc(roles, func(role string) bool {
			return role == "anyone" || slices.Contains(c.roles[role], login)
		})
	}
	var out []string
	for _, login := range slices.Concat([]string{c.manager}, c.makers) {
		if has(login) {
			out = append(out, login)
		}
	}
	for _, role := range roles {
		for _, login := range c.roles[role] {
			if !slices.Contains(out, login) {
				out = append(out, login)
			}
		}
	}
	return out
}

// who gives a command: one of the roles that may, and the release manager where it can be.
func (c cast) who(verb string) string {
	roles := c.p.MayDo(verb)
	if phase, is := c.p.Phase(verb); is {
		roles = phase.Who
	}
	if all := c.members(roles); len(all) > 0 {
		return all[0]
	}
	return c.manager
}

// starter begins the release, and assigns the release manager: somebody who may change the team.
func (c cast) starter() string {
	start, appoint := c.lasting(c.p.MayDo("start")), c.lasting(c.p.MayDo("team"))
	for _, login := range start {
		if slices.Contains(appoint, login) {
			return login
		}
	}
	return slices.Concat(start, c.makers)[0]
}

// list is who is who, for people.
func (c cast) list() string {
	out := []string{c.manager + " is assigned to the tracking issue", c.makers[0] + " is an admin"}
	for _, role := range slices.Sorted(maps.Keys(c.roles)) {
		out = append(out, strings.ReplaceAll(role, "-", " ")+": "+strings.Join(c.roles[role], ", "))
	}
	return strings.Join(out, "; ") + "."
}

// seats gives the people their accounts, permissions and teams.
func (c cast) seats(w *world, repo *sandbox.SeedRepo) {
	rank := []string{"", "triage", "write", "maintain", "admin"}
	top := "maintain"
	for _, role := range c.p.Roles {
		if slices.Index(rank, role.Permission) > slices.Index(rank, top) {
			top = role.Permission
		}
	}
	repo.Collaborators = map[string]string{c.ci: "write"}
	for _, role := range c.p.Roles {
		for _, login := range role.Users {
			repo.Collaborators[login] = "write"
		}
		for _, t := range role.Teams {
			org, slug, _ := strings.Cut(t, "/")
			seed := w.org(org)
			if seed.Teams == nil {
				seed.Teams = map[string][]string{}
			}
			seed.Teams[slug] = c.makers
		}
	}
	for _, login := range c.makers {
		repo.Collaborators[login] = top
	}
	repo.Collaborators[c.makers[0]] = "admin"
	repo.Collaborators[c.manager] = "triage"
	w.seed.Users = append(w.seed.Users, slices.Sorted(maps.Keys(repo.Collaborators))...)
}
