package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release/step"
)

// The shapes below are ours because go-github v62 has no bypass mode of an App and no rule of today's names.

type ruleset struct {
	ID          int64  `json:"id,omitempty"`
	Name        string `json:"name"`
	Target      string `json:"target,omitempty"`
	Enforcement string `json:"enforcement,omitempty"`
	SourceType  string `json:"source_type,omitempty"`
	Conditions  *struct {
		RefName refName `json:"ref_name"`
	} `json:"conditions,omitempty"`
	Rules  []rule   `json:"rules,omitempty"`
	Bypass []bypass `json:"bypass_actors,omitempty"`
	Links  *struct {
		HTML struct {
			Href string `json:"href"`
		} `json:"html"`
	} `json:"_links,omitempty"`
}

type refName struct {
	Include []string `json:"include"`
	Exclude []string `json:"exclude"`
}

type rule struct {
	Type       string      `json:"type"`
	Parameters *parameters `json:"parameters,omitempty"`
}

type parameters struct {
	Checks []requiredCheck `json:"required_status_checks"`
	Strict bool            `json:"strict_required_status_checks_policy"`
}

type requiredCheck struct {
	Context string `json:"context"`
	App     int64  `json:"integration_id,omitempty"`
}

type bypass struct {
	ID   int64  `json:"actor_id"`
	Type string `json:"actor_type"`
	Mode string `json:"bypass_mode"`
}

// value is the ruleset as steps see it; app is our own.
func (r ruleset) value(app int64) step.Ruleset {
	v := step.Ruleset{ID: r.ID, Name: r.Name}
	if r.Conditions != nil {
		v.Include = r.Conditions.RefName.Include
	}
	if r.Links != nil {
		v.URL = r.Links.HTML.Href
	}
	for _, one := range r.Rules {
		v.Rules = append(v.Rules, one.Type)
		if one.Type == "required_status_checks" && one.Parameters != nil && len(one.Parameters.Checks) > 0 {
			// A check of the same name that another App may report is another requirement.
			if v.RequiredCheck = one.Parameters.Checks[0].Context; one.Parameters.Checks[0].App != app {
				v.RequiredCheck += fmt.Sprintf(" of App %d", one.Parameters.Checks[0].App)
			}
		}
	}
	for _, b := range r.Bypass {
		if b.Type == "Integration" {
			v.BypassApps = append(v.BypassApps, b.ID)
		}
	}
	return v
}

// Rulesets lists the repository's own rulesets that are in force, not those of its organization: one that somebody
// disabled, or only evaluates, guards nothing. GitHub's list has no rules, so that each is read by its id.
func (d *door) Rulesets(ctx context.Context, repo string) ([]step.Ruleset, error) {
	found, err := list[ruleset](ctx, d, "list the rulesets of "+repo, in(repo, "rulesets?includes_parents=false&per_page=100"))
	if err != nil {
		return nil, err
	}
	var rulesets []step.Ruleset
	for _, r := range found {
		if r.Enforcement != "active" {
			continue
		}
		full, ok, err := d.ruleset(ctx, repo, r.ID)
		if err != nil {
			return nil, err
		}
		if ok { // one deleted between the two calls is simply not there
			rulesets = append(rulesets, full.value(d.appID))
		}
	}
	return rulesets, nil
}

func (d *door) ruleset(ctx context.Context, repo string, id int64) (ruleset, bool, error) {
	var r ruleset
	err := d.get(ctx, fmt.Sprintf("read ruleset %d of %s", id, repo), in(repo, "rulesets/%d?includes_parents=false", id), &r)
	if missing(err) {
		return ruleset{}, false, nil
	}
	return r, err == nil, err
}

// BranchRules lists the kinds of rules of all rulesets that hold for a branch, those of the organization too. It needs no
// permission beyond reading.
func (d *door) BranchRules(ctx context.Context, repo, branch string) ([]string, error) {
	found, err := list[struct {
		Type string `json:"type"`
	}](ctx, d, fmt.Sprintf("list the rules of %s in %s", branch, repo), in(repo, "rules/branches/%s?per_page=100", escape(branch)))
	if err != nil {
		return nil, err
	}
	var kinds []string
	for _, one := range found {
		kinds = append(kinds, one.Type)
	}
	return kinds, nil
}

// CreateRuleset makes an active ruleset. It is for tags when every pattern begins with refs/tags/, else for branches.
func (d *door) CreateRuleset(ctx context.Context, repo string, r step.Ruleset) (step.Ruleset, error) {
	body := map[string]any{
		"name": r.Name, "target": "branch", "enforcement": "active",
		"conditions": map[string]any{"ref_name": refName{Include: r.Include, Exclude: []string{}}},
	}
	isTag := func(p string) bool { return strings.HasPrefix(p, "refs/tags/") }
	if len(r.Include) > 0 && !slices.ContainsFunc(r.Include, func(p string) bool { return !isTag(p) }) {
		body["target"] = "tag"
	}
	rules := []rule{}
	for _, name := range r.Rules {
		one := rule{Type: name}
		if name == "required_status_checks" {
			one.Parameters = &parameters{Checks: []requiredCheck{{Context: r.RequiredCheck, App: d.appID}}}
		}
		rules = append(rules, one)
	}
	actors := []bypass{}
	for _, id := range r.BypassApps {
		actors = append(actors, bypass{ID: id, Type: "Integration", Mode: "always"})
	}
	body["rules"], body["bypass_actors"] = rules, actors
	var made ruleset
	what := fmt.Sprintf("create ruleset %q in %s", r.Name, repo)
	if err := d.call(ctx, what, http.MethodPost, in(repo, "rulesets"), body, &made); err != nil {
		return step.Ruleset{}, err
	}
	return made.value(d.appID), nil
}

// DeleteRuleset deletes a ruleset that our App made for itself: one of the repository, where our App passes. It
// refuses every other; one that is gone already is no error.
func (d *door) DeleteRuleset(ctx context.Context, repo string, id int64) error {
	what := fmt.Sprintf("delete ruleset %d of %s", id, repo)
	r, found, err := d.ruleset(ctx, repo, id)
	if err != nil || !found {
		return err
	}
	ours := slices.Contains(r.value(d.appID).BypassApps, d.appID) ||
		slices.ContainsFunc(r.Rules, func(one rule) bool { return one.bound(d.appID) })
	if !ours || (r.SourceType != "" && r.SourceType != "Repository") {
		return fmt.Errorf("%s: %q is not ours", what, r.Name)
	}
	err = d.call(ctx, what, http.MethodDelete, in(repo, "rulesets/%d", id), nil, nil)
	if missing(err) {
		return nil
	}
	return err
}

// bound says that the rule requires a check of this App.
func (r rule) bound(app int64) bool {
	return r.Parameters != nil &&
		slices.ContainsFunc(r.Parameters.Checks, func(c requiredCheck) bool { return c.App == app })
}
