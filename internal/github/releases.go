package github

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

type published struct {
	ID         int64      `json:"id"`
	Tag        string     `json:"tag_name"`
	Name       string     `json:"name"`
	Body       string     `json:"body"`
	Target     string     `json:"target_commitish"`
	Draft      bool       `json:"draft"`
	Prerelease bool       `json:"prerelease"`
	Immutable  bool       `json:"immutable"`
	URL        string     `json:"html_url"`
	At         *time.Time `json:"published_at"`
	Assets     []struct {
		Name string `json:"name"`
	} `json:"assets"`
}

func (p published) value() step.Published {
	v := step.Published{
		ID: p.ID, Tag: p.Tag, Name: p.Name, Body: p.Body, Target: p.Target, Draft: p.Draft,
		Prerelease: p.Prerelease, Immutable: p.Immutable, URL: p.URL,
	}
	if p.At != nil && !p.Draft {
		v.At = *p.At
	}
	for _, a := range p.Assets {
		v.Assets = append(v.Assets, a.Name)
	}
	return v
}

// Releases lists all releases in GitHub's order, newest first. Drafts are there because the App may write contents.
func (d *door) Releases(ctx context.Context, repo string) ([]step.Published, error) {
	found, err := list[published](ctx, d, "list the releases of "+repo, in(repo, "releases?per_page=100"))
	if err != nil {
		return nil, err
	}
	var releases []step.Published
	for _, p := range found {
		releases = append(releases, p.value())
	}
	return releases, nil
}

// GenerateNotes asks GitHub for its generated notes; previous and target may be empty.
func (d *door) GenerateNotes(ctx context.Context, repo, tag, previous, target string) (title, body string, err error) {
	ask := map[string]any{"tag_name": tag}
	if previous != "" {
		ask["previous_tag_name"] = previous
	}
	if target != "" {
		ask["target_commitish"] = target
	}
	var notes struct {
		Name string `json:"name"`
		Body string `json:"body"`
	}
	what := fmt.Sprintf("generate the notes of %s in %s", tag, repo)
	err = d.call(ctx, what, http.MethodPost, in(repo, "releases/generate-notes"), ask, &notes)
	return notes.Name, notes.Body, err
}

// CreateDraft makes a draft release with Tag, Name, Body, Target and Prerelease of p.
func (d *door) CreateDraft(ctx context.Context, repo string, p step.Published) (step.Published, error) {
	return d.createRelease(ctx, repo, fmt.Sprintf("draft release %s in %s", p.Tag, repo), p, map[string]any{"draft": true})
}

// CreateRelease makes a release that is published from the start.
func (d *door) CreateRelease(ctx context.Context, repo string, p step.Published, latest string) (step.Published, error) {
	return d.createRelease(ctx, repo, fmt.Sprintf("publish release %s in %s", p.Tag, repo), p, map[string]any{"draft": false, "make_latest": latest})
}

func (d *door) createRelease(ctx context.Context, repo, what string, p step.Published, body map[string]any) (step.Published, error) {
	maps.Copy(body, map[string]any{"tag_name": p.Tag, "name": p.Name, "body": cut(p.Body, releaseLimit), "prerelease": p.Prerelease})
	if p.Target != "" {
		body["target_commitish"] = p.Target
	}
	var made published
	if err := d.call(ctx, what, http.MethodPost, in(repo, "releases"), body, &made); err != nil {
		return step.Published{}, err
	}
	return made.value(), nil
}

// Publish turns a draft into the release. It sends nothing else, so that what people edited in the draft stays.
func (d *door) Publish(ctx context.Context, repo string, id int64, latest string) (step.Published, error) {
	var p published
	err := d.call(ctx, fmt.Sprintf("publish release %d in %s", id, repo), http.MethodPatch,
		in(repo, "releases/%d", id), map[string]any{"draft": false, "make_latest": latest}, &p)
	if err != nil {
		return step.Published{}, err
	}
	return p.value(), nil
}

// DeleteDraft deletes a draft. It reads the release first, and refuses one that is published; a draft that is gone
// already is no error.
func (d *door) DeleteDraft(ctx context.Context, repo string, id int64) error {
	what := fmt.Sprintf("delete draft release %d in %s", id, repo)
	var p published
	err := d.get(ctx, what, in(repo, "releases/%d", id), &p)
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if !p.Draft {
		return fmt.Errorf("%s: %s is published, and only drafts may be deleted", what, p.Tag)
	}
	err = d.call(ctx, what, http.MethodDelete, in(repo, "releases/%d", id), nil, nil)
	if missing(err) {
		return nil
	}
	return err
}
