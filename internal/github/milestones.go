package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

type milestone struct {
	ID          int64      `json:"id"`
	Number      int        `json:"number"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	State       string     `json:"state"`
	Due         *time.Time `json:"due_on"`
	Open        int        `json:"open_issues"`
	Closed      int        `json:"closed_issues"`
	URL         string     `json:"html_url"`
}

func (m milestone) value() step.Milestone {
	v := step.Milestone{
		Number: m.Number, Title: m.Title, Description: m.Description, State: m.State,
		Open: m.Open, Closed: m.Closed, URL: m.URL,
	}
	if m.Due != nil {
		v.Due = *m.Due
	}
	return v
}

// milestoneBody is what a write sends. A zero due date is left out: GitHub's description of its API has no way to clear
// one, and nothing here wants to.
func milestoneBody(m step.Milestone) map[string]any {
	body := map[string]any{"title": m.Title, "description": m.Description}
	if m.State != "" {
		body["state"] = m.State
	}
	if !m.Due.IsZero() {
		body["due_on"] = m.Due.UTC().Format(time.RFC3339)
	}
	return body
}

// Milestones lists the milestones, open and closed.
func (gh *client) Milestones(ctx context.Context, repo string) ([]step.Milestone, error) {
	found, err := list[milestone](ctx, gh, "list the milestones of "+repo,
		in(repo, "milestones?state=all&per_page=100"))
	if err != nil {
		return nil, err
	}
	found, err = recall(ctx, gh, found, listing[milestone]{
		kind: madeMilestone, repo: repo,
		made: func(m milestone) Made { return Made{Number: m.Number} },
		read: func(ctx context.Context, m Made) (milestone, bool, error) {
			return readMade[milestone](ctx, gh, fmt.Sprintf("read milestone %d of %s", m.Number, repo),
				in(repo, "milestones/%d", m.Number), m)
		},
	})
	if err != nil {
		return nil, err
	}
	var milestones []step.Milestone
	for _, m := range found {
		milestones = append(milestones, m.value())
	}
	return milestones, nil
}

// CreateMilestone makes a milestone.
func (gh *client) CreateMilestone(ctx context.Context, repo string, m step.Milestone) (step.Milestone, error) {
	var made milestone
	what := fmt.Sprintf("create milestone %s in %s", m.Title, repo)
	if err := gh.call(ctx, what, http.MethodPost, in(repo, "milestones"), milestoneBody(m), &made); err != nil {
		return step.Milestone{}, err
	}
	return made.value(), noted(ctx, gh, what, Made{Kind: madeMilestone, Repo: repo, ID: made.ID, Number: made.Number,
		Name: made.Title, URL: made.URL}, made)
}

// EditMilestone sets title, state and description to those of m, and the due date where m has one.
func (gh *client) EditMilestone(ctx context.Context, repo string, m step.Milestone) error {
	var now milestone
	err := gh.call(ctx, fmt.Sprintf("edit milestone %s in %s", m.Title, repo), http.MethodPatch,
		in(repo, "milestones/%d", m.Number), milestoneBody(m), &now)
	if err == nil {
		edited(ctx, gh, Made{Kind: madeMilestone, Repo: repo, Number: m.Number}, now)
	}
	return err
}

// MilestoneItems lists the issues and pull requests of a milestone. state is open, closed or all; empty is all.
func (gh *client) MilestoneItems(ctx context.Context, repo string, number int, state string) ([]step.Item, error) {
	if state == "" {
		state = "all"
	}
	what := fmt.Sprintf("list what is in milestone %d of %s", number, repo)
	path := in(repo, "issues?milestone=%d&state=%s&per_page=100", number, url.QueryEscape(state))
	found, err := list[issue](ctx, gh, what, path)
	if err != nil {
		return nil, err
	}
	var items []step.Item
	for _, i := range found {
		items = append(items, i.item())
	}
	return items, nil
}

// SetMilestone puts an issue or pull request into a milestone; 0 takes it out.
func (gh *client) SetMilestone(ctx context.Context, repo string, number, milestone int) error {
	body := map[string]any{"milestone": nil}
	if milestone != 0 {
		body["milestone"] = milestone
	}
	return gh.call(ctx, fmt.Sprintf("set the milestone of %d in %s", number, repo), http.MethodPatch,
		in(repo, "issues/%d", number), body, &issue{})
}
