package rehearsal

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
)

// prepare gives the gates of a phase what people, CI and time have for them. What is left to the bot, or to the files
// of the repository, is as it is. Approvals come last: what they sign must not change any more.
func (p *player) prepare(ctx context.Context, r release.Release, phase release.Phase) error {
	var approvals []params.Approvals
	for _, g := range phase.Needs {
		if g.Warn || !g.On(r.Started.Track) || p.bad.withheld && g.Name() == p.bad.id {
			continue
		}
		asks, err := p.filled(ctx, r, phase, g.Asks)
		if err != nil {
			return err
		}
		if wanted, is := asks.Any.(params.Approvals); is {
			approvals = append(approvals, wanted)
			continue
		}
		if err := p.gate(ctx, phase, asks.Any); err != nil {
			return err
		}
	}
	return p.approve(ctx, phase, approvals)
}

// gate gives one gate what it wants.
func (p *player) gate(ctx context.Context, phase release.Phase, asks params.Any) error {
	switch asks := asks.(type) {
	case params.Team:
		return p.team(ctx, phase, asks.Role, asks.Count)
	case params.ChecksGreen:
		if err := p.ends(ctx, ""); err != nil {
			return err
		}
		return p.check(ctx, asks, "success")
	case params.Images:
		return p.pushes(ctx, asks.Images)
	case params.Date:
		return p.day(ctx, asks)
	case params.WorkflowGreen:
		return p.runs(ctx, asks.Workflow, asks.SHA, p.vars["default_branch"])
	case params.ReleaseExists:
		return p.publishes(ctx, asks.Repo, asks.Tag, p.cast.makers[0])
	case params.MilestoneNamed:
		return p.milestone(ctx, asks.Milestone)
	}
	return nil
}

// approve lets as many people approve as the gates want. Whoever gives the command of the phase does not count.
func (p *player) approve(ctx context.Context, phase release.Phase, gates []params.Approvals) error {
	giver := p.cast.who(phase.Name)
	planned := false
	signed := map[string]bool{}
	for _, g := range gates {
		count := g.Count
		if g.OnTeam {
			if err := p.team(ctx, phase, g.Role, count); err != nil {
				return err
			}
		}
		if !planned {
			planned = true
			if _, err := p.says(ctx, p.cast.who("plan"), "/release plan "+phase.Name); err != nil {
				return err
			}
		}
		r, err := p.release(ctx)
		if err != nil {
			return err
		}
		can := p.cast.members(p.p.MayDo("approve"))
		for _, who := range p.cast.members([]string{g.Role}) {
			on := !g.OnTeam || r.OnTeam(p.person(who))
			switch {
			case who == giver, !on, !slices.Contains(can, who):
				continue
			case !signed[who] && count > 0:
				reply, err := p.says(ctx, who, "/release approve")
				if err != nil || strings.Contains(reply, "**Refused:**") {
					return err // the phase says why
				}
				signed[who] = true
			}
			if count--; count <= 0 {
				break
			}
		}
	}
	return nil
}

func (p *player) person(login string) release.Person {
	return release.Person{Login: login, ID: p.st.Sandbox.As(login).ID()}
}

// team lets somebody put people of a role on the release team, until enough are. It is the last of those who may, who
// gives no command of a phase: the approvals of those whom the giver of the command added would not count.
func (p *player) team(ctx context.Context, phase release.Phase, role string, count int) error {
	giver := p.cast.who(phase.Name)
	adders := p.cast.lasting(p.p.MayDo("team"))
	for _, who := range p.cast.members([]string{role}) {
		r, err := p.release(ctx)
		if err != nil {
			return err
		}
		switch {
		case count <= 0 || len(adders) == 0:
			return nil
		case who == giver:
		case r.OnTeam(p.person(who)):
			count--
		default:
			if _, err := p.says(ctx, adders[len(adders)-1], "/release team add @"+who); err != nil {
				return err
			}
			count--
		}
	}
	return nil
}

// check reports the checks that a gate requires by name, where no workflow of the repository has.
func (p *player) check(ctx context.Context, g params.ChecksGreen, state string) error {
	snapshot, err := p.st.Sandbox.Snapshot(ctx, p.repo)
	if err != nil || g.SHA == "" {
		return err
	}
	for _, name := range g.Required {
		if name == "" || slices.Contains(snapshot.Checks, fmt.Sprintf("%s success at %s", name, g.SHA)) ||
			!p.first("check "+name+g.SHA+state) {
			continue
		}
		err := p.acts(ctx, "CI", fmt.Sprintf("reports the check %s of %.8s: %s", name, g.SHA, state), func() error {
			return p.do(ctx, p.cast.ci, http.MethodPost, p.repo, "statuses/"+g.SHA,
				map[string]any{"state": state, "context": name}, nil)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// day lets the day come that a gate waits for.
func (p *player) day(ctx context.Context, g params.Date) error {
	due, err := time.Parse(time.DateOnly, g.Due)
	if err != nil {
		return nil //nolint:nilerr // without a due date the gate says what is missing
	}
	day := due.AddDate(0, 0, -g.Days)
	if !p.st.Now().Before(day) {
		return nil
	}
	return p.wait(ctx, day.Add(time.Hour).Sub(p.st.Now()), "until "+day.Format(time.DateOnly))
}

// milestone makes one of that title, unless it is there.
func (p *player) milestone(ctx context.Context, title string) error {
	snapshot, err := p.st.Sandbox.Snapshot(ctx, p.repo)
	if err != nil {
		return err
	}
	for _, m := range snapshot.Milestones {
		if m.Title == title {
			return nil
		}
	}
	who := p.cast.makers[0]
	return p.acts(ctx, who, "makes the milestone "+title, func() error {
		return p.do(ctx, who, http.MethodPost, p.repo, "milestones", map[string]any{"title": title}, nil)
	})
}

// do calls GitHub as somebody.
func (p *player) do(ctx context.Context, who, method, repo, path string, in, out any) error {
	return p.st.Sandbox.As(who).Do(ctx, method, "/repos/"+repo+"/"+path, in, out)
}
