package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/slipway-dev/slipway/release/step"
)

type label struct {
	Name string `json:"name"`
}

// CreateLabel makes a label. One that is there is as good, whatever its colour.
func (gh *client) CreateLabel(ctx context.Context, repo string, l step.Label) error {
	var made label
	err := gh.call(ctx, fmt.Sprintf("create the label %q in %s", l.Name, repo), http.MethodPost, in(repo, "labels"),
		map[string]any{"name": l.Name, "color": l.Color, "description": cut(l.Description, 100)}, &made)
	if _, there := errors.AsType[*Exists](err); there {
		return nil
	}
	return err
}

// AddLabels puts labels on an issue or pull request.
func (gh *client) AddLabels(ctx context.Context, repo string, number int, names []string) error {
	_, err := gh.LabelIssue(ctx, repo, number, names)
	return err
}

// LabelIssue puts labels on an issue or pull request, and gives all that it carries then.
func (gh *client) LabelIssue(ctx context.Context, repo string, number int, names []string) ([]string, error) {
	var carried []label
	what := fmt.Sprintf("label %d in %s", number, repo)
	err := gone(gh.call(ctx, what, http.MethodPost, in(repo, "issues/%d/labels", number),
		map[string]any{"labels": names}, &carried))
	all := make([]string, len(carried))
	for i, l := range carried {
		all[i] = l.Name
	}
	return all, err
}

// RemoveLabel takes a label away.
func (gh *client) RemoveLabel(ctx context.Context, repo string, number int, name string) error {
	err := gh.call(ctx, fmt.Sprintf("take the label %q from %d in %s", name, number, repo), http.MethodDelete,
		in(repo, "issues/%d/labels/%s", number, escape(name)), nil, nil)
	if missing(err) {
		return nil
	}
	return err
}

// LabelHistory lists the changes of labels on an issue, oldest first.
func (gh *client) LabelHistory(ctx context.Context, repo string, number int) ([]step.LabelEvent, error) {
	found, err := gh.history(ctx, repo, number)
	if err != nil {
		return nil, err
	}
	var out []step.LabelEvent
	for _, e := range found {
		if (e.Event != "labeled" && e.Event != "unlabeled") || e.Actor == nil {
			continue
		}
		out = append(out, step.LabelEvent{Label: e.Label.Name, Actor: e.Actor.value(), Bot: e.Actor.Type == "Bot",
			Added: e.Event == "labeled"})
	}
	return out, nil
}

// issueEvent is a line of the history of an issue.
type issueEvent struct {
	Event string `json:"event"`
	Actor *user  `json:"actor"`
	Label struct {
		Name string `json:"name"`
	} `json:"label"`
	Assignee *user     `json:"assignee"`
	Assigner *user     `json:"assigner"`
	App      *struct{} `json:"performed_via_github_app"`
}

// history is that of an issue, oldest first; empty where there is no such issue.
func (gh *client) history(ctx context.Context, repo string, number int) ([]issueEvent, error) {
	found, err := list[issueEvent](ctx, gh, fmt.Sprintf("read the history of %d in %s", number, repo),
		in(repo, "issues/%d/events?per_page=100", number))
	if missing(err) {
		return nil, nil
	}
	return found, err
}
