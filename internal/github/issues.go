package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/slipway-dev/slipway/release/step"
)

func itemOf(is *github.Issue) step.Item {
	out := step.Item{
		Number: is.GetNumber(), Title: is.GetTitle(), State: is.GetState(), Pull: is.IsPullRequest(),
		Milestone: is.GetMilestone().GetNumber(), Author: is.GetUser().GetLogin(), URL: is.GetHTMLURL(),
	}
	for _, l := range is.Labels {
		out.Labels = append(out.Labels, l.GetName())
	}
	return out
}

func (d *door) Issue(ctx context.Context, repo string, number int) (step.Issue, bool, error) {
	var is github.Issue
	resp, err := d.call(ctx, http.MethodGet, fmt.Sprintf("repos/%s/issues/%d", repo, number), nil, &is)
	if missing(resp, err) {
		return step.Issue{}, false, nil
	}
	if err != nil {
		return step.Issue{}, false, fail(fmt.Sprintf("look at issue %d of %s", number, repo), err)
	}
	out := step.Issue{Item: itemOf(&is), Body: is.GetBody()}
	for _, a := range is.Assignees {
		out.Assignees = append(out.Assignees, a.GetLogin())
	}
	return out, true, nil
}

func (d *door) editIssue(ctx context.Context, repo string, number int, what string, fields map[string]any) error {
	_, err := d.call(ctx, http.MethodPatch, fmt.Sprintf("repos/%s/issues/%d", repo, number), fields, nil)
	return fail(fmt.Sprintf("%s of issue %d of %s", what, number, repo), err)
}

func (d *door) EditBody(ctx context.Context, repo string, number int, body string) error {
	return d.editIssue(ctx, repo, number, "edit the description", map[string]any{"body": fit(body)})
}

func (d *door) SetMilestone(ctx context.Context, repo string, issue, milestone int) error {
	fields := map[string]any{"milestone": milestone}
	if milestone == 0 {
		fields["milestone"] = nil
	}
	return d.editIssue(ctx, repo, issue, "set the milestone", fields)
}

func commentOf(c *github.IssueComment) step.Comment {
	return step.Comment{ID: c.GetID(), Author: c.GetUser().GetLogin(), Bot: c.GetUser().GetType() == "Bot", Body: c.GetBody(), URL: c.GetHTMLURL()}
}

func (d *door) Comments(ctx context.Context, repo string, number int) ([]step.Comment, error) {
	list, err := all[*github.IssueComment](ctx, d, fmt.Sprintf("repos/%s/issues/%d/comments", repo, number))
	if err != nil {
		return nil, fail(fmt.Sprintf("list the comments of issue %d of %s", number, repo), err)
	}
	out := make([]step.Comment, len(list))
	for i, c := range list {
		out[i] = commentOf(c)
	}
	return out, nil
}

func (d *door) CreateComment(ctx context.Context, repo string, number int, body string) (step.Comment, error) {
	var c github.IssueComment
	_, err := d.call(ctx, http.MethodPost, fmt.Sprintf("repos/%s/issues/%d/comments", repo, number), map[string]string{"body": fit(body)}, &c)
	return commentOf(&c), fail(fmt.Sprintf("comment on issue %d of %s", number, repo), err)
}

func (d *door) EditComment(ctx context.Context, repo string, id int64, body string) error {
	_, err := d.call(ctx, http.MethodPatch, fmt.Sprintf("repos/%s/issues/comments/%d", repo, id), map[string]string{"body": fit(body)}, nil)
	return fail(fmt.Sprintf("edit comment %d of %s", id, repo), err)
}

func (d *door) React(ctx context.Context, repo string, comment int64, content string) error {
	_, err := d.call(ctx, http.MethodPost, fmt.Sprintf("repos/%s/issues/comments/%d/reactions", repo, comment), map[string]string{"content": content}, nil)
	return fail(fmt.Sprintf("react to comment %d of %s", comment, repo), err)
}

func milestoneOf(m *github.Milestone) step.Milestone {
	return step.Milestone{
		Number: m.GetNumber(), Title: m.GetTitle(), Description: m.GetDescription(), State: m.GetState(), Due: m.GetDueOn().Time,
		Open: m.GetOpenIssues(), Closed: m.GetClosedIssues(), URL: m.GetHTMLURL(),
	}
}

func milestoneFields(m step.Milestone) map[string]any {
	fields := map[string]any{"title": m.Title}
	if m.State != "" {
		fields["state"] = m.State
	}
	if m.Description != "" {
		fields["description"] = m.Description
	}
	if !m.Due.IsZero() {
		fields["due_on"] = m.Due.UTC().Format(time.RFC3339)
	}
	return fields
}

func (d *door) Milestones(ctx context.Context, repo string) ([]step.Milestone, error) {
	list, err := all[*github.Milestone](ctx, d, "repos/"+repo+"/milestones?state=all")
	if err != nil {
		return nil, fail("list the milestones of "+repo, err)
	}
	out := make([]step.Milestone, len(list))
	for i, m := range list {
		out[i] = milestoneOf(m)
	}
	return out, nil
}

func (d *door) CreateMilestone(ctx context.Context, repo string, m step.Milestone) (step.Milestone, error) {
	var made github.Milestone
	_, err := d.call(ctx, http.MethodPost, "repos/"+repo+"/milestones", milestoneFields(m), &made)
	return milestoneOf(&made), fail("create the milestone "+m.Title+" in "+repo, err)
}

func (d *door) EditMilestone(ctx context.Context, repo string, m step.Milestone) error {
	_, err := d.call(ctx, http.MethodPatch, fmt.Sprintf("repos/%s/milestones/%d", repo, m.Number), milestoneFields(m), nil)
	return fail("edit the milestone "+m.Title+" of "+repo, err)
}

func (d *door) MilestoneItems(ctx context.Context, repo string, number int, state string) ([]step.Item, error) {
	list, err := all[*github.Issue](ctx, d, fmt.Sprintf("repos/%s/issues?milestone=%d&state=%s", repo, number, state))
	if err != nil {
		return nil, fail(fmt.Sprintf("list milestone %d of %s", number, repo), err)
	}
	out := make([]step.Item, len(list))
	for i, is := range list {
		out[i] = itemOf(is)
	}
	return out, nil
}

func (d *door) Permission(ctx context.Context, repo, login string) (string, error) {
	var out struct {
		RoleName   string `json:"role_name"`
		Permission string
	}
	resp, err := d.call(ctx, http.MethodGet, "repos/"+repo+"/collaborators/"+url.PathEscape(login)+"/permission", nil, &out)
	switch {
	case missing(resp, err):
		return "none", nil
	case err != nil:
		return "", fail("ask for the permission of "+login+" in "+repo, err)
	case out.RoleName == "":
		return out.Permission, nil
	}
	return out.RoleName, nil
}

func (d *door) TeamMember(ctx context.Context, org, slug, login string) (bool, error) {
	var out struct{ State string }
	resp, err := d.call(ctx, http.MethodGet, "orgs/"+url.PathEscape(org)+"/teams/"+url.PathEscape(slug)+"/memberships/"+url.PathEscape(login), nil, &out)
	if missing(resp, err) {
		return false, nil
	}
	return out.State == "active", fail("ask whether "+login+" is in the team "+org+"/"+slug, err)
}

func (d *door) DefaultBranch(ctx context.Context, repo string) (string, error) {
	var out struct {
		DefaultBranch string `json:"default_branch"`
	}
	_, err := d.call(ctx, http.MethodGet, "repos/"+repo, nil, &out)
	return out.DefaultBranch, fail("look at "+repo, err)
}

func (d *door) File(ctx context.Context, repo, path, ref string) ([]byte, bool, error) {
	query := ""
	if ref != "" {
		query = "?ref=" + url.QueryEscape(ref)
	}
	var out github.RepositoryContent
	resp, err := d.call(ctx, http.MethodGet, "repos/"+repo+"/contents/"+segments(strings.TrimPrefix(path, "/"))+query, nil, &out)
	if missing(resp, err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fail("read "+path+" of "+repo, err)
	}
	text, err := out.GetContent()
	return []byte(text), err == nil, err
}
