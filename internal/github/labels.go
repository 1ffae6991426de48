package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/slipway-dev/slipway/release/step"
)

type label struct {
	Name        string  `json:"name"`
	Color       string  `json:"color"`
	Description *string `json:"description"`
}

// Labels lists the labels of a repository.
func (d *door) Labels(ctx context.Context, repo string) ([]step.Label, error) {
	found, err := list[label](ctx, d, "list the labels of "+repo, in(repo, "labels?per_page=100"))
	if err != nil {
		return nil, err
	}
	out := make([]step.Label, len(found))
	for i, l := range found {
		out[i] = step.Label{Name: l.Name, Color: l.Color}
		if l.Description != nil {
			out[i].Description = *l.Description
		}
	}
	return out, nil
}

// CreateLabel makes a label. Somebody may have made it meanwhile, which is as good.
func (d *door) CreateLabel(ctx context.Context, repo string, l step.Label) error {
	err := d.call(ctx, fmt.Sprintf("create the label %q in %s", l.Name, repo), http.MethodPost, in(repo, "labels"),
		map[string]any{"name": l.Name, "color": l.Color, "description": cut(l.Description, 100)}, nil)
	if a, ok := errors.AsType[*Answer](err); ok && a.Status == http.StatusUnprocessableEntity {
		if e := d.get(ctx, fmt.Sprintf("read the label %q of %s", l.Name, repo), in(repo, "labels/%s", escape(l.Name)), nil); e == nil {
			return nil
		}
	}
	return err
}

// AddLabels puts labels on an issue or pull request.
func (d *door) AddLabels(ctx context.Context, repo string, number int, names []string) error {
	return gone(d.call(ctx, fmt.Sprintf("label %d in %s", number, repo), http.MethodPost, in(repo, "issues/%d/labels", number), map[string]any{"labels": names}, nil))
}

// RemoveLabel takes a label away.
func (d *door) RemoveLabel(ctx context.Context, repo string, number int, name string) error {
	err := d.call(ctx, fmt.Sprintf("take the label %q from %d in %s", name, number, repo), http.MethodDelete, in(repo, "issues/%d/labels/%s", number, escape(name)), nil, nil)
	if missing(err) {
		return nil
	}
	return err
}

// LabelHistory lists the changes of labels on an issue, oldest first.
func (d *door) LabelHistory(ctx context.Context, repo string, number int) ([]step.LabelEvent, error) {
	type event struct {
		Event string `json:"event"`
		Actor *user  `json:"actor"`
		Label struct {
			Name string `json:"name"`
		} `json:"label"`
	}
	found, err := list[event](ctx, d, fmt.Sprintf("read the history of %d in %s", number, repo), in(repo, "issues/%d/events?per_page=100", number))
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []step.LabelEvent
	for _, e := range found {
		if (e.Event != "labeled" && e.Event != "unlabeled") || e.Actor == nil {
			continue
		}
		out = append(out, step.LabelEvent{Label: e.Label.Name, Actor: e.Actor.Login, Bot: e.Actor.Type == "Bot", Added: e.Event == "labeled"})
	}
	return out, nil
}
