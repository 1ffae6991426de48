package gate

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
)

// team wants people of a role on the release team: "two maintainers with repository rights must be part of the team"
// (Falco release.md, Release team).
type team struct{ roles Roles }

func count(in Input) (int, error) {
	n, err := strconv.Atoi(in.With["count"])
	if err != nil {
		return 0, fmt.Errorf("parameter count: %q is no number", in.With["count"])
	}
	return n, nil
}

func (k team) Check(ctx context.Context, in Input) (release.Verdict, error) {
	want, err := count(in)
	if err != nil {
		return release.Verdict{}, err
	}
	role := in.With["role"]
	var have []string
	for _, m := range in.Release.Team {
		if !in.Release.OnTeam(m.Person) {
			continue
		}
		has, err := k.roles.Has(ctx, m.Person, role)
		if err != nil {
			return release.Verdict{}, fmt.Errorf("ask whether %s is a %s: %w", m.Login, role, err)
		}
		if has == release.Yes {
			have = append(have, markdown.Login(m.Login))
		}
	}
	rule := teamRule(want, role)
	saw := fmt.Sprintf("%d: %s", len(have), strings.Join(have, ", "))
	if len(have) == 0 {
		saw = "none"
	}
	if len(have) >= want {
		return release.Hold(rule, saw), nil
	}
	return release.Refuse(rule, saw, "the release manager",
		"comment `/release team add @USER` with "+release.RoleNoun(role)), nil
}

// approvals wants signatures under the plan as it is now. One that was given to another plan has lapsed, and the
// verdict says what changed since.
type approvals struct{ roles Roles }

func (k approvals) Check(ctx context.Context, in Input) (release.Verdict, error) {
	want, err := count(in)
	if err != nil {
		return release.Verdict{}, err
	}
	role := in.With["role"]
	var have, notes []string
	for _, a := range in.Release.Approvals {
		if a.Phase != in.Phase.Name {
			continue
		}
		has, err := k.roles.Has(ctx, a.Person(), role)
		if err != nil {
			return release.Verdict{}, fmt.Errorf("ask whether %s is a %s: %w", a.By, role, err)
		}
		who := markdown.Login(a.By)
		switch {
		case has != release.Yes:
			notes = append(notes, who+" is not "+release.RoleNoun(role))
		case in.With["team"] == "true" && !in.Release.OnTeam(a.Person()):
			notes = append(notes, who+" is not on the release team")
		case in.With["self"] == "false" && a.Person().Is(in.By):
			notes = append(notes, who+" gave the command, so their own approval does not count")
		case a.Plan != in.PlanHash:
			notes = append(notes, who+" approved a plan that has changed: "+difference(a.Writes, in.Plan))
		default:
			have = append(have, who)
		}
	}
	saw := fmt.Sprintf("%d of %d approved", len(have), want)
	if len(have) > 0 {
		saw += ": " + strings.Join(have, ", ")
	}
	if len(notes) > 0 {
		saw += "; " + strings.Join(notes, "; ")
	}
	rule := approvalRule(want, role, in.With["team"] == "true")
	if len(have) >= want {
		return release.Hold(rule, saw), nil
	}
	return release.Refuse(rule, saw, k.open(ctx, in, role),
		"comment `/release approve "+in.PlanHash[:min(8, len(in.PlanHash))]+"`"), nil
}

// open names the members of the team who could still sign. Where one's own signature does not count, whoever gives
// the command is not among them.
func (k approvals) open(ctx context.Context, in Input, role string) string {
	var who []string
	for _, m := range in.Release.Team {
		if in.With["self"] == "false" && m.Is(in.By) {
			continue
		}
		signed := slices.ContainsFunc(in.Release.Approvals, func(a release.Approved) bool {
			return a.Person().Is(m.Person) && a.Phase == in.Phase.Name && a.Plan == in.PlanHash
		})
		if has, err := k.roles.Has(ctx, m.Person, role); err == nil && has == release.Yes && !signed &&
			in.Release.OnTeam(m.Person) {
			who = append(who, markdown.Login(m.Login))
		}
	}
	switch {
	case len(who) == 0 && in.With["team"] != "true":
		return "any " + strings.ReplaceAll(role, "-", " ")
	case len(who) == 0:
		return release.RoleNoun(role) + " on the release team; add one with `/release team add @USER`"
	}
	return strings.Join(who, ", ")
}

// difference says what changed between two plans.
func difference(before, now []string) string {
	var out []string
	for _, w := range before {
		if !slices.Contains(now, w) {
			out = append(out, "no longer \""+w+"\"")
		}
	}
	for _, w := range now {
		if !slices.Contains(before, w) {
			out = append(out, "now \""+w+"\"")
		}
	}
	if len(out) == 0 {
		return "the same changes in another order"
	}
	return strings.Join(out, ", ")
}
