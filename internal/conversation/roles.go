package conversation

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/step"
)

// levels orders GitHub's repository permissions.
var levels = []string{"none", "read", "triage", "write", "maintain", "admin"}

// AtLeast says that a permission is another one or more.
func AtLeast(have, least string) bool {
	return slices.Index(levels, have) >= slices.Index(levels, least)
}

// Roles answers who has a role of a process, or who is among some people. Each answer is yes, no, or could not be found
// out; the third one refuses. What costs nothing is looked at first, and GitHub is asked only as far as it takes.
// People are compared by their ids: a login may be somebody else's by now.
type Roles struct {
	GitHub step.People
	Repo   string // OWNER/NAME
	Roles  map[string]release.Role
	// Release is the one that pinned the roles and the people they name; the zero value where none did.
	Release   release.Release
	Assignees []release.Person
}

// Roles of the place, as the process has them. r is the release that pinned it; the zero value where none did.
func (t *Request) Roles(process release.Process, r release.Release) *Roles {
	return &Roles{GitHub: t.l.GH, Repo: t.l.Place.Name, Roles: process.Roles, Release: r, Assignees: t.Said.Assignees}
}

// Has says whether the person has the role.
func (p *Roles) Has(ctx context.Context, who release.Person, name string) (release.Membership, error) {
	role, known := p.Roles[name]
	if !known || who.ID == 0 {
		return release.No, nil
	}
	if named, err := p.named(ctx, who, name); err != nil || named {
		return membership(named, err), err
	}
	if role.Assignees && slices.ContainsFunc(p.Assignees, who.Is) {
		return release.Yes, nil
	}
	return p.Among(ctx, who, role.Permission, role.Teams)
}

func membership(has bool, err error) release.Membership {
	switch {
	case err != nil:
		return release.Unknown
	case has:
		return release.Yes
	}
	return release.No
}

// named says that the configuration names the person. Before a release starts it is looked up who has the login.
func (p *Roles) named(ctx context.Context, who release.Person, role string) (bool, error) {
	if p.Release.Begun {
		return slices.ContainsFunc(p.Release.Started.People.Users[role], who.Is), nil
	}
	if !slices.ContainsFunc(p.Roles[role].Users, func(l string) bool { return strings.EqualFold(l, who.Login) }) {
		return false, nil
	}
	now, found, err := p.GitHub.User(ctx, who.Login)
	return found && who.Is(release.Person(now)), err
}

// Among says whether somebody has a permission on the repository, or is in one of the teams, each ORG/SLUG.
func (p *Roles) Among(ctx context.Context, who release.Person, permission string, teams []string) (release.Membership,
	error) {
	var problems []error
	if permission != "" {
		have, err := p.GitHub.Permission(ctx, p.Repo, step.User(who))
		if err == nil && AtLeast(have, permission) {
			return release.Yes, nil
		}
		problems = append(problems, err)
	}
	for _, team := range teams {
		org, slug, _ := strings.Cut(team, "/")
		member, err := p.GitHub.TeamMember(ctx, org, slug, step.User(who))
		if err == nil && member {
			return release.Yes, nil
		}
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return release.Unknown, err
	}
	return release.No, nil
}

// Ask says whom to ask for something that the role may do.
func (p *Roles) Ask(name string) string {
	role, known := p.Roles[name]
	if !known {
		return ""
	}
	var who []string
	for _, user := range role.Users {
		who = append(who, markdown.Login(user))
	}
	if role.Assignees {
		for _, a := range p.Assignees {
			who = append(who, markdown.Login(a.Login)+" (assigned to this issue)")
		}
		if len(p.Assignees) == 0 {
			who = append(who, "the people assigned to this issue (nobody is assigned yet)")
		}
	}
	for _, team := range role.Teams {
		who = append(who, "the team "+markdown.Code(team))
	}
	if role.Permission != "" {
		who = append(who, "anyone with the `"+role.Permission+"` permission on "+p.Repo)
	}
	return strings.Join(who, ", ")
}
