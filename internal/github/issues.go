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
	Login string `json:"login"`
	Type  string `json:"type"`
}

type issue struct {
	Number int    `json:"number"`
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
	v := step.Issue{Item: i.item(), Body: i.Body, Created: i.Created, Updated: i.Updated}
	for _, a := range i.Assignees {
		v.Assignees = append(v.Assignees, a.Login)
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

type comment struct {
	ID   int64  `json:"id"`
	Body string `json:"body"`
	User user   `json:"user"`
	URL  string `json:"html_url"`
}

func (c comment) value() step.Comment {
	return step.Comment{ID: c.ID, Author: c.User.Login, Bot: c.User.Type == "Bot", Body: c.Body, URL: c.URL}
}

// Issue reads an issue or pull request. One that was transferred is not found: GitHub redirects to its new place,
// which has another number and is not ours.
func (d *door) Issue(ctx context.Context, repo string, number int) (step.Issue, bool, error) {
	var i issue
	err := d.get(ctx, fmt.Sprintf("read issue %d in %s", number, repo), in(repo, "issues/%d", number), &i)
	if missing(err) || (err == nil && i.Number != number) {
		return step.Issue{}, false, nil
	}
	if err != nil {
		return step.Issue{}, false, err
	}
	return i.value(), true, nil
}

// Issues lists issues and pull requests, the newest first.
func (d *door) Issues(ctx context.Context, repo string, f step.IssueFilter) ([]step.Issue, error) {
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
	found, err := list[issue](ctx, d, "list issues of "+repo, in(repo, "issues")+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	out := make([]step.Issue, len(found))
	for i, one := range found {
		out[i] = one.value()
	}
	return out, nil
}

// EditBody writes the text of an issue. It is not ours, so that one which is too long is GitHub's refusal and never cut.
func (d *door) EditBody(ctx context.Context, repo string, number int, body string) error {
	return d.call(ctx, fmt.Sprintf("edit issue %d in %s", number, repo), http.MethodPatch,
		in(repo, "issues/%d", number), map[string]any{"body": body}, nil)
}

// CloseIssue closes an issue as completed. GitHub answers the same for one that is closed.
func (d *door) CloseIssue(ctx context.Context, repo string, number int) error {
	return d.call(ctx, fmt.Sprintf("close issue %d in %s", number, repo), http.MethodPatch,
		in(repo, "issues/%d", number), map[string]any{"state": "closed", "state_reason": "completed"}, nil)
}

// Comments lists the comments, oldest first.
func (d *door) Comments(ctx context.Context, repo string, number int) ([]step.Comment, error) {
	what := fmt.Sprintf("list the comments of %d in %s", number, repo)
	found, err := list[comment](ctx, d, what, in(repo, "issues/%d/comments?per_page=100", number))
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var comments []step.Comment
	for _, c := range found {
		comments = append(comments, c.value())
	}
	return comments, nil
}

// CreateComment comments on an issue or pull request. A text that is too long is cut, with a note.
func (d *door) CreateComment(ctx context.Context, repo string, number int, body string) (step.Comment, error) {
	var made comment
	err := d.call(ctx, fmt.Sprintf("comment on %d in %s", number, repo), http.MethodPost,
		in(repo, "issues/%d/comments", number), map[string]any{"body": cut(body, bodyLimit)}, &made)
	if err != nil {
		return step.Comment{}, err
	}
	return made.value(), nil
}

// EditComment writes the text of a comment, cut like that of a new one. A comment that was deleted is step.ErrGone.
func (d *door) EditComment(ctx context.Context, repo string, id int64, body string) error {
	return gone(d.call(ctx, fmt.Sprintf("edit comment %d in %s", id, repo), http.MethodPatch,
		in(repo, "issues/comments/%d", id), map[string]any{"body": cut(body, bodyLimit)}, nil))
}

// React puts a reaction on a comment. A comment that was deleted is step.ErrGone.
func (d *door) React(ctx context.Context, repo string, comment int64, content string) error {
	return gone(d.call(ctx, fmt.Sprintf("react to comment %d in %s", comment, repo), http.MethodPost,
		in(repo, "issues/comments/%d/reactions", comment), map[string]any{"content": content}, nil))
}

// gone adds step.ErrGone to an answer that says so.
func gone(err error) error {
	if missing(err) {
		return fmt.Errorf("%w (%w)", err, step.ErrGone)
	}
	return err
}
