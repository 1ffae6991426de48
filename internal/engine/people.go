package engine

import (
	"context"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// people looks up those whom a process names. Logins that nobody has are left out.
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
	return found, nil
}
