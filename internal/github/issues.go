package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

type user struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Type  string `json:"type"`
}

func (u user) value() step.User { return step.User{Login: u.Login, ID: u.ID} }

type issue struct {
	ID     int64  `json:"id"`
	Number int    `json:"number"`
	Locked bool   `json:"locked"`
	Title  string `json:"title"`
	State  string `json:"state"`
	Body   string `json:"body"`
	Labels []struct {
		Name string `json:"name"`
	} `json:"labels"`
	Milestone *milestone `json:"milestone"`
	User      user       `json:"user"`
	Assignees []user     `json:"assignees"`
	Pull      *struct {
		Merged *time.Time `json:"merged_at"`
	} `json:"pull_request"`
	URL     string     `json:"html_url"`
	Created time.Time  `json:"created_at"`
	Updated time.Time  `json:"updated_at"`
	Closed  *time.Time `json:"closed_at"`
}

func (i issue) value() step.Issue {
	v := step.Issue{
		Item: i.item(), ID: i.ID, Body: i.Body, AuthorID: i.User.ID, Locked: i.Locked, Created: i.Created,
		Updated: i.Updated,
	}
	for _, a := range i.Assignees {
		v.Assignees = append(v.Assignees, a.value())
	}
	if i.Closed != nil {
		v.Closed = *i.Closed
	}
	if i.Milestone != nil {
		v.MilestoneTitle = i.Milestone.Title
		if i.Milestone.Due != nil {
			v.MilestoneDue = *i.Milestone.Due
		}
	}
	v.MergedPull = i.Pull != nil && i.Pull.Merged != nil
	return v
}

func (i issue) item() step.Item {
	v := step.Item{
		Number: i.Number, Title: i.Title, State: i.State, Pull: i.Pull != nil, Author: i.User.Login, URL: i.URL,
	}
	for _, l := range i.Labels {
		v.Labels = append(v.Labels, l.Name)
	}
	if i.Milestone != nil {
		v.Milestone = i.Milestone.Number
	}
	return v
}

// Issue reads an issue or pull request. One that was transferred is not found: GitHub redirects to its new place,
// which has another number and is not ours.
func (gh *client) Issue(ctx context.Context, repo string, number int) (step.Issue, bool, error) {
	var i issue
	err := gh.get(ctx, fmt.Sprintf("read issue %d in %s", number, repo), in(repo, "issues/%d", number), &i)
	if missing(err) || (err == nil && i.Number != number) {
		return step.Issue{}, false, nil
	}
	if err != nil {
		return step.Issue{}, false, err
	}
	return i.value(), true, nil
}

// Issues lists issues and pull requests, the newest first.
func (gh *client) Issues(ctx context.Context, repo string, f step.IssueFilter) ([]step.Issue, error) {
	q := url.Values{"state": {"all"}, "per_page": {"100"}}
	if f.State != "" {
		q.Set("state", f.State)
	}
	if f.Label != "" {
		q.Set("labels", f.Label)
	}
	if f.Milestone > 0 {
		q.Set("milestone", strconv.Itoa(f.Milestone))
	}
	found, err := list[issue](ctx, gh, "list issues of "+repo, in(repo, "issues")+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	out := make([]step.Issue, len(found))
	for i, one := range found {
		out[i] = one.value()
	}
	return out, nil
}

// EditBody writes the text of an issue. It is not ours, so that one which is too long is GitHub's refusal and never
// cut.
func (gh *client) EditBody(ctx context.Context, repo string, number int, body string) error {
	_, err := gh.editBody(ctx, repo, number, body)
	return err
}

// EditIssueBody is EditBody with GitHub's answer. A text that GitHub did not take although it said so is seen there.
func (gh *client) EditIssueBody(ctx context.Context, repo string, number int, body string) (step.Issue, error) {
	edited, err := gh.editBody(ctx, repo, number, body)
	if err != nil {
		return step.Issue{}, err
	}
	return edited.value(), nil
}

func (gh *client) editBody(ctx context.Context, repo string, number int, body string) (issue, error) {
	var edited issue
	err := gh.call(ctx, fmt.Sprintf("edit issue %d in %s", number, repo), http.MethodPatch,
		in(repo, "issues/%d", number), map[string]any{"body": body}, &edited)
	return edited, err
}

// CloseIssue closes an issue as completed. GitHub answers the same for one that is closed.
func (gh *client) CloseIssue(ctx context.Context, repo string, number int) error {
	return gh.call(ctx, fmt.Sprintf("close issue %d in %s", number, repo), http.MethodPatch,
		in(repo, "issues/%d", number), map[string]any{"state": "closed", "state_reason": "completed"}, &issue{})
}

// gone adds step.ErrGone to an answer that says so.
func gone(err error) error {
	if missing(err) {
		return fmt.Errorf("%w (%w)", err, step.ErrGone)
	}
	return err
}
