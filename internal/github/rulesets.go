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
// disabled, or only evaluates, guards nothing. GitHub's list has no rules, so that each of the wanted name is read by
// its id; an empty name wants all.
func (gh *client) Rulesets(ctx context.Context, repo, name string) ([]step.Ruleset, error) {
	if ours, known, err := gh.madeRuleset(ctx, repo, name); known || err != nil {
		return ours, err
	}
	found, err := list[ruleset](ctx, gh, "list the rulesets of "+repo,
		in(repo, "rulesets?includes_parents=false&per_page=100"))
	if err != nil {
		return nil, err
	}
	found, err = recall(ctx, gh, found, listing[ruleset]{
		kind: madeRuleset, repo: repo,
		made: func(r ruleset) Made { return Made{ID: r.ID} },
		read: func(ctx context.Context, m Made) (ruleset, bool, error) { return gh.ruleset(ctx, repo, m.ID) },
	})
	if err != nil {
		return nil, err
	}
	var rulesets []step.Ruleset
	for _, r := range found {
		if r.Enforcement != "active" || name != "" && r.Name != name {
			continue
		}
		full, ok, err := gh.ruleset(ctx, repo, r.ID)
		if err != nil {
			return nil, err
		}
		if ok { // one deleted between the two calls is simply not there
			rulesets = append(rulesets, full.value(gh.appID))
		}
	}
	return rulesets, nil
}

// madeRuleset is the ruleset of a name that we made, by its id. known is false where we made none, or where it is not
// in force any more: then the list tells what there is.
func (gh *client) madeRuleset(ctx context.Context, repo, name string) (ours []step.Ruleset, known bool, err error) {
	w := writtenIn(ctx)
	if w == nil || name == "" {
		return nil, false, nil
	}
	for _, k := range w.matching(madeRuleset, repo, func(m Made) bool { return m.Name == name }) {
		if k.Deleted {
			continue
		}
		full, found, err := gh.ruleset(ctx, repo, k.ID)
		if err != nil {
			return nil, false, err
		}
		if found && full.Enforcement == "active" && full.Name == name {
			return []step.Ruleset{full.value(gh.appID)}, true, nil
		}
	}
	return nil, false, nil
}

func (gh *client) ruleset(ctx context.Context, repo string, id int64) (ruleset, bool, error) {
	return readMade[ruleset](ctx, gh, fmt.Sprintf("read ruleset %d of %s", id, repo),
		in(repo, "rulesets/%d?includes_parents=false", id), Made{Kind: madeRuleset, Repo: repo, ID: id})
}

// BranchRules lists the kinds of rules of all rulesets that hold for a branch, those of the organization too. It needs
// no permission beyond reading.
func (gh *client) BranchRules(ctx context.Context, repo, branch string) ([]string, error) {
	found, err := list[struct {
		Type string `json:"type"`
	}](ctx, gh, fmt.Sprintf("list the rules of %s in %s", branch, repo), in(repo, "rules/branches/%s?per_page=100",
		escape(branch)))
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
func (gh *client) CreateRuleset(ctx context.Context, repo string, r step.Ruleset) (step.Ruleset, error) {
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
			one.Parameters = &parameters{Checks: []requiredCheck{{Context: r.RequiredCheck, App: gh.appID}}}
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
	if err := gh.call(ctx, what, http.MethodPost, in(repo, "rulesets"), body, &made); err != nil {
		return step.Ruleset{}, err
	}
	return made.value(gh.appID), noted(ctx, gh, what, Made{Kind: madeRuleset, Repo: repo, ID: made.ID, Name: r.Name,
		URL: made.value(gh.appID).URL}, made)
}

// DeleteRuleset deletes a ruleset that our App made for itself: one of the repository, where our App passes. It
// refuses every other; one that is gone already is no error.
func (gh *client) DeleteRuleset(ctx context.Context, repo string, id int64) error {
	what := fmt.Sprintf("delete ruleset %d of %s", id, repo)
	r, found, err := gh.ruleset(ctx, repo, id)
	if err != nil || !found {
		return err
	}
	ours := slices.Contains(r.value(gh.appID).BypassApps, gh.appID) ||
		slices.ContainsFunc(r.Rules, func(one rule) bool { return one.bound(gh.appID) })
	if !ours || (r.SourceType != "" && r.SourceType != "Repository") {
		return fmt.Errorf("%s: %q is not ours", what, r.Name)
	}
	return gh.remove(ctx, what, in(repo, "rulesets/%d", id), Made{Kind: madeRuleset, Repo: repo, ID: id})
}

// bound says that the rule requires a check of this App.
func (r rule) bound(app int64) bool {
	return r.Parameters != nil &&
		slices.ContainsFunc(r.Parameters.Checks, func(c requiredCheck) bool { return c.App == app })
}
