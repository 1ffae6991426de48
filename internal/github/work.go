package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/google/go-github/v62/github"

	"github.com/slipway-dev/slipway/release/step"
)

func pullOf(p *github.PullRequest) step.Pull {
	return step.Pull{
		Number: p.GetNumber(), Title: p.GetTitle(), State: p.GetState(), Draft: p.GetDraft(), Merged: p.GetMerged() || p.MergedAt != nil,
		MergeSHA: p.GetMergeCommitSHA(), Head: p.GetHead().GetRef(), HeadRepo: p.GetHead().GetRepo().GetFullName(), HeadSHA: p.GetHead().GetSHA(),
		Base: p.GetBase().GetRef(), BaseSHA: p.GetBase().GetSHA(), Author: p.GetUser().GetLogin(), Commits: p.GetCommits(),
		Milestone: p.GetMilestone().GetNumber(), Body: p.GetBody(), URL: p.GetHTMLURL(),
	}
}

func (d *door) Pull(ctx context.Context, repo string, number int) (step.Pull, bool, error) {
	var p github.PullRequest
	resp, err := d.call(ctx, http.MethodGet, fmt.Sprintf("repos/%s/pulls/%d", repo, number), nil, &p)
	if missing(resp, err) {
		return step.Pull{}, false, nil
	}
	return pullOf(&p), err == nil, fail(fmt.Sprintf("look at pull request %d of %s", number, repo), err)
}

func (d *door) PullCommits(ctx context.Context, repo string, number int) ([]step.Commit, error) {
	list, err := all[*github.RepositoryCommit](ctx, d, fmt.Sprintf("repos/%s/pulls/%d/commits", repo, number))
	if err != nil {
		return nil, fail(fmt.Sprintf("list the commits of pull request %d of %s", number, repo), err)
	}
	out := make([]step.Commit, len(list))
	for i, c := range list {
		out[i] = repositoryCommit(c)
	}
	return out, nil
}

func (d *door) PullsFrom(ctx context.Context, repo, head, base string) ([]step.Pull, error) {
	owner, _ := split(repo)
	list, err := all[*github.PullRequest](ctx, d, fmt.Sprintf("repos/%s/pulls?state=all&head=%s&base=%s", repo, url.QueryEscape(owner+":"+head), url.QueryEscape(base)))
	if err != nil {
		return nil, fail("list the pull requests of "+head+" in "+repo, err)
	}
	out := make([]step.Pull, len(list))
	for i, p := range list {
		out[i] = pullOf(p)
	}
	return out, nil
}

func (d *door) OpenPull(ctx context.Context, repo string, p step.Pull) (step.Pull, error) {
	var made github.PullRequest
	_, err := d.call(ctx, http.MethodPost, "repos/"+repo+"/pulls", map[string]any{"title": p.Title, "body": fit(p.Body), "head": p.Head, "base": p.Base, "draft": p.Draft}, &made)
	return pullOf(&made), fail("open a pull request of "+p.Head+" in "+repo, err)
}

func (d *door) Checks(ctx context.Context, repo, sha string) ([]step.Check, error) {
	var out []step.Check
	for page := 1; page > 0; {
		var part github.ListCheckRunsResults
		resp, err := d.call(ctx, http.MethodGet, fmt.Sprintf("repos/%s/commits/%s/check-runs?filter=latest&per_page=100&page=%d", repo, sha, page), nil, &part)
		if err != nil {
			return nil, fail("list the check runs of "+sha+" in "+repo, err)
		}
		for _, k := range part.CheckRuns {
			out = append(out, step.Check{
				Name: k.GetName(), Status: k.GetStatus(), Conclusion: k.GetConclusion(), App: k.GetApp().GetSlug(), AppID: k.GetApp().GetID(),
				ExternalID: k.GetExternalID(), Title: k.GetOutput().GetTitle(), Summary: k.GetOutput().GetSummary(), URL: k.GetHTMLURL(),
			})
		}
		page = resp.NextPage
	}
	for page := 1; page > 0; {
		var part github.CombinedStatus
		resp, err := d.call(ctx, http.MethodGet, fmt.Sprintf("repos/%s/commits/%s/status?per_page=100&page=%d", repo, sha, page), nil, &part)
		if err != nil {
			return nil, fail("list the statuses of "+sha+" in "+repo, err)
		}
		for _, s := range part.Statuses {
			k := step.Check{Name: s.GetContext(), Status: "completed", Conclusion: s.GetState(), URL: s.GetTargetURL()}
			if s.GetState() == "pending" {
				k.Status, k.Conclusion = "in_progress", ""
			}
			out = append(out, k)
		}
		page = resp.NextPage
	}
	return out, nil
}

func (d *door) CreateCheck(ctx context.Context, repo, sha string, k step.Check) error {
	_, err := d.call(ctx, http.MethodPost, "repos/"+repo+"/check-runs", map[string]any{
		"name": k.Name, "head_sha": sha, "status": k.Status, "conclusion": k.Conclusion, "external_id": k.ExternalID,
		"output": map[string]string{"title": k.Title, "summary": k.Summary},
	}, nil)
	return fail("create the check run "+k.Name+" in "+repo, err)
}

func publishedOf(r *github.RepositoryRelease) step.Published {
	out := step.Published{
		ID: r.GetID(), Tag: r.GetTagName(), Name: r.GetName(), Body: r.GetBody(), Target: r.GetTargetCommitish(), Draft: r.GetDraft(),
		Prerelease: r.GetPrerelease(), URL: r.GetHTMLURL(),
	}
	for _, a := range r.Assets {
		out.Assets = append(out.Assets, a.GetName())
	}
	return out
}

func (d *door) Releases(ctx context.Context, repo string) ([]step.Published, error) {
	list, err := all[*github.RepositoryRelease](ctx, d, "repos/"+repo+"/releases")
	if err != nil {
		return nil, fail("list the releases of "+repo, err)
	}
	out := make([]step.Published, len(list))
	for i, r := range list {
		out[i] = publishedOf(r)
	}
	return out, nil
}

func (d *door) GenerateNotes(ctx context.Context, repo, tag, previous, target string) (title, body string, err error) {
	in := map[string]string{"tag_name": tag, "target_commitish": target}
	if previous != "" {
		in["previous_tag_name"] = previous
	}
	var out struct{ Name, Body string }
	_, err = d.call(ctx, http.MethodPost, "repos/"+repo+"/releases/generate-notes", in, &out)
	return out.Name, out.Body, fail("generate the notes of "+tag+" in "+repo, err)
}

func (d *door) CreateDraft(ctx context.Context, repo string, p step.Published) (step.Published, error) {
	var made github.RepositoryRelease
	_, err := d.call(ctx, http.MethodPost, "repos/"+repo+"/releases", map[string]any{
		"tag_name": p.Tag, "name": p.Name, "body": fit(p.Body), "target_commitish": p.Target, "draft": true, "prerelease": p.Prerelease,
	}, &made)
	return publishedOf(&made), fail("draft the release "+p.Tag+" in "+repo, err)
}

// Publish sends draft only to change it to false: a PATCH with draft true has taken live releases down.
func (d *door) Publish(ctx context.Context, repo string, id int64, latest string) (step.Published, error) {
	in := map[string]any{"draft": false}
	if latest != "" {
		in["make_latest"] = latest
	}
	var out github.RepositoryRelease
	_, err := d.call(ctx, http.MethodPatch, fmt.Sprintf("repos/%s/releases/%d", repo, id), in, &out)
	return publishedOf(&out), fail(fmt.Sprintf("publish the release %d of %s", id, repo), err)
}

func (d *door) DeleteDraft(ctx context.Context, repo string, id int64) error {
	var r github.RepositoryRelease
	resp, err := d.call(ctx, http.MethodGet, fmt.Sprintf("repos/%s/releases/%d", repo, id), nil, &r)
	switch {
	case missing(resp, err):
		return nil
	case err != nil:
		return fail(fmt.Sprintf("look at the release %d of %s", id, repo), err)
	case !r.GetDraft():
		return fmt.Errorf("delete the release %s of %s: it is published, and stays", r.GetTagName(), repo)
	}
	_, err = d.call(ctx, http.MethodDelete, fmt.Sprintf("repos/%s/releases/%d", repo, id), nil, nil)
	return fail(fmt.Sprintf("delete the draft %d of %s", id, repo), err)
}

type rulesetJSON struct {
	ID          int64  `json:"id,omitempty"`
	Name        string `json:"name"`
	Target      string `json:"target"`
	Enforcement string `json:"enforcement"`
	Bypass      []struct {
		ActorID   int64  `json:"actor_id"`
		ActorType string `json:"actor_type"`
		Mode      string `json:"bypass_mode"`
	} `json:"bypass_actors"`
	Conditions struct {
		RefName struct {
			Include []string `json:"include"`
			Exclude []string `json:"exclude"`
		} `json:"ref_name"`
	} `json:"conditions"`
	Rules []ruleJSON `json:"rules"`
	Links struct {
		HTML struct {
			Href string `json:"href"`
		} `json:"html"`
	} `json:"_links,omitzero"`
}

type ruleJSON struct {
	Type       string         `json:"type"`
	Parameters map[string]any `json:"parameters,omitempty"`
}

func rulesetOf(r rulesetJSON) step.Ruleset {
	out := step.Ruleset{ID: r.ID, Name: r.Name, Include: r.Conditions.RefName.Include, URL: r.Links.HTML.Href}
	for _, rule := range r.Rules {
		out.Rules = append(out.Rules, rule.Type)
	}
	for _, b := range r.Bypass {
		if b.ActorType == "Integration" {
			out.BypassApps = append(out.BypassApps, b.ActorID)
		}
	}
	return out
}

func (d *door) Rulesets(ctx context.Context, repo string) ([]step.Ruleset, error) {
	list, err := all[rulesetJSON](ctx, d, "repos/"+repo+"/rulesets")
	if err != nil {
		return nil, fail("list the rulesets of "+repo, err)
	}
	out := make([]step.Ruleset, len(list))
	for i, short := range list {
		var whole rulesetJSON // the list gives no rules
		if _, err := d.call(ctx, http.MethodGet, fmt.Sprintf("repos/%s/rulesets/%d", repo, short.ID), nil, &whole); err != nil {
			return nil, fail("look at the ruleset "+short.Name+" of "+repo, err)
		}
		out[i] = rulesetOf(whole)
	}
	return out, nil
}

func (d *door) CreateRuleset(ctx context.Context, repo string, r step.Ruleset) (step.Ruleset, error) {
	in := rulesetJSON{Name: r.Name, Target: "branch", Enforcement: "active"}
	in.Conditions.RefName.Include, in.Conditions.RefName.Exclude = r.Include, []string{}
	type actor = struct {
		ActorID   int64  `json:"actor_id"`
		ActorType string `json:"actor_type"`
		Mode      string `json:"bypass_mode"`
	}
	for _, app := range r.BypassApps {
		in.Bypass = append(in.Bypass, actor{app, "Integration", "always"})
	}
	for _, kind := range r.Rules {
		rule := ruleJSON{Type: kind}
		if kind == "required_status_checks" {
			check := map[string]any{"context": r.RequiredCheck}
			if len(r.BypassApps) > 0 {
				check["integration_id"] = r.BypassApps[0] // only our App can give it
			}
			rule.Parameters = map[string]any{"strict_required_status_checks_policy": false, "required_status_checks": []any{check}}
		}
		in.Rules = append(in.Rules, rule)
	}
	var made rulesetJSON
	_, err := d.call(ctx, http.MethodPost, "repos/"+repo+"/rulesets", in, &made)
	return rulesetOf(made), fail("create the ruleset "+r.Name+" in "+repo, err)
}

func (d *door) DeleteRuleset(ctx context.Context, repo string, id int64) error {
	resp, err := d.call(ctx, http.MethodDelete, fmt.Sprintf("repos/%s/rulesets/%d", repo, id), nil, nil)
	if missing(resp, err) {
		return nil
	}
	return fail(fmt.Sprintf("delete the ruleset %d of %s", id, repo), err)
}
