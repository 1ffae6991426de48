package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// people looks up those whom a process names. Logins that nobody has are left out, and teams are kept where they give
// nobody a role.
func people(ctx context.Context, gh step.People, p release.Process) (release.Named, error) {
	found := release.Named{Users: map[string][]release.Person{}}
	look := func(logins []string) (out []release.Person, err error) {
		for _, login := range logins {
			who, there, err := gh.User(ctx, login)
			if err != nil {
				return nil, err
			}
			if there {
				out = append(out, release.Person(who))
			}
		}
		return out, nil
	}
	var err error
	if found.Team, err = look(p.Team); err != nil {
		return found, err
	}
	for name, role := range p.Roles {
		if found.Users[name], err = look(role.Users); err != nil {
			return found, err
		}
	}
	found.Teams, err = voidTeams(ctx, gh, p)
	return found, err
}

// voidTeams looks up the teams that a process names.
func voidTeams(ctx context.Context, gh step.People, p release.Process) ([]release.VoidTeam, error) {
	var teams []string
	for _, role := range p.Roles {
		teams = append(teams, role.Teams...)
	}
	slices.Sort(teams)
	var out []release.VoidTeam
	for _, team := range slices.Compact(teams) {
		org, slug, _ := strings.Cut(team, "/")
		members, there, err := gh.Team(ctx, org, slug)
		switch {
		case github.Final(err):
			out = append(out, release.VoidTeam{Name: team, Why: release.TeamRefused})
		case err != nil:
			return nil, err
		case !there:
			out = append(out, release.VoidTeam{Name: team, Why: release.TeamUnseen})
		case members == 0:
			out = append(out, release.VoidTeam{Name: team, Why: release.TeamEmpty})
		}
	}
	return out, nil
}

// assigned are the assignees of the issue where a release starts. An assignee of whom the history does not tell yet was
// assigned a moment ago; one of whom it never tells came with the issue from elsewhere.
func (f *finder) assigned(ctx context.Context, p release.Process) ([]release.Assignment, error) {
	issue := f.req.Place().Issue
	all, err := f.req.Roles(p, release.Release{}).Assignments(ctx, issue)
	if err != nil {
		return nil, err
	}
	for _, who := range f.req.Said.Assignees {
		if slices.ContainsFunc(all, func(a release.Assignment) bool { return a.Is(who) }) {
			continue
		}
		if until := f.req.Said.At.Add(conversation.Settle); f.engine.Clock().Before(until) {
			return nil, &github.Lagging{What: "the assignment of " + who.Login, Until: until}
		}
		all = append(all, release.Assignment{Person: who})
	}
	return all, nil
}
