package gate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
)

// team wants people of a role on the release team: "two maintainers with repository rights must be part of the team"
// (Falco release.md, Release team).
type team struct {
	roles Roles
	params.Team
}

func (k team) Check(ctx context.Context, in Input) (release.Verdict, error) {
	want, role := k.Count, k.Role
	var have []string
	for _, m := range in.Release.Team {
		if !in.Release.OnTeam(m.Person) {
			continue
		}
		has, err := k.roles.Has(ctx, m.Person, role)
		if err != nil {
			return release.Verdict{}, fmt.Errorf("ask whether %s is a %s: %w", m.Login, role, err)
		}
		if has.Held() {
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
// verdict says what changed since. Where self is false, somebody else has to look than whoever gives the command:
// their own approval does not count, nor that of somebody whom they put on the team that it has to come from.
type approvals struct {
	roles Roles
	params.Approvals
}

func (k approvals) Check(ctx context.Context, in Input) (release.Verdict, error) {
	want, role := k.Count, k.Role
	rule := approvalRule(want, role, k.OnTeam, !k.Self)
	if in.Plan.Done {
		return release.Hold(rule, "nothing is left to approve: everything in this phase is already done"), nil
	}
	var have, notes []string
	var discounts []release.Discount
	for _, a := range in.Release.Approvals {
		if a.Phase != in.Phase.Name {
			continue
		}
		who := markdown.Login(a.By)
		why, err := k.discount(ctx, in, a)
		if err != nil {
			return release.Verdict{}, err
		}
		if why != "" {
			discounts = append(discounts, release.Discount{Person: a.Person(), Why: why})
			notes = append(notes, "the approval of "+who+" does not count: "+why)
			continue
		}
		have = append(have, who)
		if by := k.addedBy(in, a.Person()); by != "" && in.By.ID == 0 {
			notes = append(notes, fmt.Sprintf("the approval of %s does not count if %s, who added %s to the release "+
				"team, comments `/release %s`", who, by, who, in.Phase.Name))
		}
	}
	saw := fmt.Sprintf("%d of %d approved", len(have), want)
	if len(have) > 0 {
		saw += ": " + strings.Join(have, ", ")
	}
	if len(notes) > 0 {
		saw += "; " + strings.Join(notes, "; ")
	}
	verdict := release.Hold(rule, saw)
	if len(have) < want {
		fix := "comment `/release approve " + release.ShortHash(in.Plan.Hash) + "`"
		if in.By.ID != 0 && slices.ContainsFunc(in.Release.Approvals, func(a release.Approved) bool {
			return a.Phase == in.Phase.Name && k.dependent(in, a) != ""
		}) {
			fix += ". Or let somebody else, who has not approved it, comment `/release " + in.Phase.Name + "`"
		}
		verdict = release.Refuse(rule, saw, k.open(ctx, in, role), fix)
	}
	verdict.Discounts = discounts
	return verdict, nil
}

// discount is why a signature does not count; empty when it does.
func (k approvals) discount(ctx context.Context, in Input, a release.Approved) (string, error) {
	role := k.Role
	has, err := k.roles.Has(ctx, a.Person(), role)
	switch {
	case err != nil:
		return "", fmt.Errorf("ask whether %s is a %s: %w", a.By, role, err)
	case !has.Held():
		return "they are not " + release.RoleNoun(role), nil
	case k.OnTeam && !in.Release.OnTeam(a.Person()):
		return "they are not on the release team", nil
	case a.Plan != in.Plan.Hash:
		return "the plan has changed since: " + difference(a.Writes, in.Plan.Writes), nil
	}
	return k.dependent(in, a), nil
}

// dependent is why a signature is not independent of who gives the command; empty when it is.
func (k approvals) dependent(in Input, a release.Approved) string {
	switch {
	case k.Self:
	case a.Person().Is(in.By):
		return "they gave the command themselves"
	case k.addedByAsker(in, a.Person()):
		return "they were added to the release team by " + markdown.Login(in.By.Login) + ", who gave the command"
	}
	return ""
}

// addedBy is who put somebody on the release team, where that matters: their signature has to come from the team, and
// not from whoever gives the command. It is empty for those who were on it from the start.
func (k approvals) addedBy(in Input, who release.Person) string {
	if !k.OnTeam || k.Self {
		return ""
	}
	for _, m := range in.Release.Team {
		if m.Is(who) && m.Added.ID != 0 {
			return markdown.Login(m.Added.Login)
		}
	}
	return ""
}

func (k approvals) addedByAsker(in Input, who release.Person) bool {
	return k.addedBy(in, who) != "" &&
		slices.ContainsFunc(in.Release.Team, func(m release.Member) bool { return m.Is(who) && m.Added.Is(in.By) })
}

// open names the members of the team who could still sign. Where one's own signature does not count, whoever gives
// the command is not among them, and nobody whom they added.
func (k approvals) open(ctx context.Context, in Input, role string) string {
	var who []string
	for _, m := range in.Release.Team {
		if !k.Self && m.Is(in.By) || k.addedByAsker(in, m.Person) {
			continue
		}
		signed := slices.ContainsFunc(in.Release.Approvals, func(a release.Approved) bool {
			return a.Person().Is(m.Person) && a.Phase == in.Phase.Name && a.Plan == in.Plan.Hash
		})
		if has, err := k.roles.Has(ctx, m.Person, role); err == nil && has.Held() && !signed &&
			in.Release.OnTeam(m.Person) {
			who = append(who, markdown.Login(m.Login))
		}
	}
	switch {
	case !k.OnTeam && !k.Self && in.By.ID != 0:
		return "any " + strings.ReplaceAll(role, "-", " ") + " other than " + markdown.Login(in.By.Login)
	case !k.OnTeam:
		return "any " + strings.ReplaceAll(role, "-", " ")
	case len(who) > 0:
		return strings.Join(who, ", ")
	case !k.Self && in.By.ID != 0:
		return fmt.Sprintf("%s on the release team, added with `/release team add @USER` by somebody other than %s",
			release.RoleNoun(role), markdown.Login(in.By.Login))
	}
	return release.RoleNoun(role) + " on the release team; add one with `/release team add @USER`"
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
		return "the changes that it lists are the same, but another value that it signs is not"
	}
	return strings.Join(out, ", ")
}
