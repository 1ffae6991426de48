package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// people answers who has a role. Each answer is yes, no, or could not find out; the third one refuses.
type people struct {
	gh    step.GitHub
	place Place
	roles map[string]release.Role
	// asked keeps answers for the length of one decision.
	permission map[string]string
	assignees  []string
	issueRead  bool
}

func (e *Engine) people(gh step.GitHub, p Place, process release.Process) *people {
	return &people{gh: gh, place: p, roles: process.Roles, permission: map[string]string{}}
}

// ranks orders GitHub's repository roles.
var ranks = []string{"none", "read", "triage", "write", "maintain", "admin"}

// Has says whether the person has the role.
func (p *people) Has(ctx context.Context, login, name string) (release.Membership, error) {
	role, known := p.roles[name]
	if !known {
		return release.No, nil
	}
	same := func(other string) bool { return strings.EqualFold(other, login) }
	if slices.ContainsFunc(role.Users, same) {
		return release.Yes, nil
	}
	var problems []error
	if role.Assignees {
		assignees, err := p.assigned(ctx)
		if slices.ContainsFunc(assignees, same) {
			return release.Yes, nil
		}
		problems = append(problems, err)
	}
	if role.Permission != "" {
		has, err := p.level(ctx, login)
		if err == nil && slices.Index(ranks, has) >= slices.Index(ranks, role.Permission) {
			return release.Yes, nil
		}
		problems = append(problems, err)
	}
	for _, team := range role.Teams {
		org, slug, _ := strings.Cut(team, "/")
		member, err := p.gh.TeamMember(ctx, org, slug, login)
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

func (p *people) level(ctx context.Context, login string) (string, error) {
	if level, ok := p.permission[login]; ok {
		return level, nil
	}
	level, err := p.gh.Permission(ctx, p.place.Repo, login)
	if err == nil {
		p.permission[login] = level
	}
	return level, err
}

func (p *people) assigned(ctx context.Context) ([]string, error) {
	if !p.issueRead {
		issue, _, err := p.gh.Issue(ctx, p.place.Repo, p.place.Issue)
		if err != nil {
			return nil, err
		}
		p.assignees, p.issueRead = issue.Assignees, true
	}
	return p.assignees, nil
}

// ask says whom to ask for something that the role may do.
func (p *people) ask(ctx context.Context, name string) (string, error) {
	role, known := p.roles[name]
	if !known {
		return "", nil
	}
	var who []string
	for _, user := range role.Users {
		who = append(who, release.Login(user))
	}
	if role.Assignees {
		assignees, err := p.assigned(ctx)
		if err != nil {
			return "", err
		}
		for _, login := range assignees {
			who = append(who, release.Login(login)+" (assigned to this issue)")
		}
		if len(assignees) == 0 {
			who = append(who, "whoever is assigned to this issue; nobody is yet")
		}
	}
	for _, team := range role.Teams {
		who = append(who, "the team `"+team+"`")
	}
	if role.Permission != "" {
		who = append(who, "anybody with the permission "+role.Permission+" on "+p.place.Repo)
	}
	return strings.Join(who, ", "), nil
}
