package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
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
	// Process has the roles.
	Process release.Process
	// Release is the one that pinned the roles and the people they name; the zero value where none did.
	Release   release.Release
	Assignees []release.Person
	// believed says that somebody could assign the release manager a short while ago, believe that they can now.
	believed func(id int64) bool
	believe  func(id int64, may bool)
}

// Roles of the place, as the process has them. r is the release that pinned it; the zero value where none did.
func (t *Request) Roles(process release.Process, r release.Release) *Roles {
	key := func(id int64) string { return fmt.Sprintf("%s/%d", t.l.id, id) }
	return &Roles{
		GitHub: t.l.GH, Repo: t.l.Place.Name, Process: process, Release: r, Assignees: t.Said.Assignees,
		believed: func(id int64) bool {
			at, ok := t.c.appointers.Load(key(id))
			return ok && t.c.Clock().Sub(at.(time.Time)) < believedFor
		},
		believe: func(id int64, may bool) {
			if t.c.appointers.Delete(key(id)); may {
				t.c.appointers.Store(key(id), t.c.Clock())
			}
		},
	}
}

// believedFor is how long somebody who assigned the release manager is not asked about again. What they say themselves
// is looked up each time.
const believedFor = 10 * time.Minute

// Has says whether the person has the role.
func (p *Roles) Has(ctx context.Context, who release.Person, name string) (release.Membership, error) {
	role, known := p.Process.Roles[name]
	if !known || who.ID == 0 {
		return release.No, nil
	}
	if named, err := p.named(ctx, who, name); err != nil || named {
		return membership(named, err), err
	}
	has, err := p.Among(ctx, who, role.Permission, role.Teams)
	if has == release.Yes || !role.Assignees {
		return has, err
	}
	appointed, unsure := p.appointed(ctx, who)
	if appointed {
		return release.ByAssignment, nil
	}
	err = errors.Join(err, unsure)
	return membership(false, err), err
}

// appointed says that the person is assigned to the tracking issue now, that the assignment counted when it was made,
// and that whoever made it may still change the team.
func (p *Roles) appointed(ctx context.Context, who release.Person) (bool, error) {
	all := p.Release.Appointed()
	i := slices.IndexFunc(all, func(a release.Assignment) bool { return a.Is(who) })
	if i < 0 || !slices.ContainsFunc(p.Assignees, who.Is) {
		return false, nil
	}
	if p.believed(all[i].By.ID) {
		return true, nil
	}
	return p.appoints(ctx, all[i].By)
}

// appoints says that somebody may assign the release manager, by a role that configuration gives.
func (p *Roles) appoints(ctx context.Context, who release.Person) (bool, error) {
	var unsure error
	for _, role := range p.Process.Appointers() {
		has, err := p.Has(ctx, who, role)
		if has == release.Yes {
			p.believe(who.ID, true)
			return true, nil
		}
		unsure = errors.Join(unsure, err)
	}
	p.believe(who.ID, false)
	return false, unsure
}

// Assignments are the assignees of an issue as its history has them, with what their assignments count.
func (p *Roles) Assignments(ctx context.Context, issue int) ([]release.Assignment, error) {
	found, err := p.GitHub.Assignments(ctx, p.Repo, issue)
	if err != nil {
		return nil, err
	}
	out := make([]release.Assignment, len(found))
	counts := map[int64]bool{0: false}
	for i, one := range found {
		out[i] = release.Assignment{Person: release.Person(one.User), By: release.Person(one.By)}
		if one.Bot {
			continue
		}
		may, asked := counts[one.By.ID]
		if !asked {
			if may, err = p.appoints(ctx, out[i].By); err != nil && !github.Final(err) {
				return nil, err
			}
			counts[one.By.ID] = may
		}
		out[i].Counts = may
	}
	return out, nil
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
	if !slices.ContainsFunc(p.Process.Roles[role].Users, func(l string) bool { return strings.EqualFold(l, who.Login) }) {
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

// Ask says whom somebody can ask for something that the role may do.
func (p *Roles) Ask(name string, who release.Person) string {
	role, known := p.Process.Roles[name]
	if !known {
		return ""
	}
	var asks []string
	for _, user := range role.Users {
		asks = append(asks, markdown.Login(user))
	}
	if role.Assignees {
		asks = append(asks, p.askAppointed(who)...)
	}
	for _, team := range role.Teams {
		asks = append(asks, "the team "+markdown.Code(team))
	}
	if role.Permission != "" {
		asks = append(asks, "anyone with the `"+role.Permission+"` permission on "+p.Repo)
	}
	return strings.Join(asks, ", ")
}

// askAppointed names the assignees whose assignment counts, but for somebody.
func (p *Roles) askAppointed(but release.Person) []string {
	var out []string
	for _, a := range p.Release.Appointed() {
		if slices.ContainsFunc(p.Assignees, a.Is) && !a.Is(but) {
			out = append(out, markdown.Login(a.Login)+" (assigned to this issue)")
		}
	}
	return out
}
