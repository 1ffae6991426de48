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
func (gh *client) Releases(ctx context.Context, repo string) ([]step.Published, error) {
	found, err := list[published](ctx, gh, "list the releases of "+repo, in(repo, "releases?per_page=100"))
	if err != nil {
		return nil, err
	}
	found, err = recall(ctx, gh, found, listing[published]{
		kind: madeRelease, repo: repo,
		made:   func(p published) Made { return Made{ID: p.ID} },
		read:   func(ctx context.Context, m Made) (published, bool, error) { return gh.published(ctx, repo, m.ID) },
		before: func(a, b published) bool { return a.ID > b.ID },
	})
	if err != nil {
		return nil, err
	}
	var releases []step.Published
	for _, p := range found {
		releases = append(releases, p.value())
	}
	return releases, nil
}

func (gh *client) published(ctx context.Context, repo string, id int64) (published, bool, error) {
	return readMade[published](ctx, gh, fmt.Sprintf("read release %d in %s", id, repo),
		in(repo, "releases/%d", id), Made{Kind: madeRelease, Repo: repo, ID: id})
}

// GenerateNotes asks GitHub for its generated notes; previous and target may be empty.
func (gh *client) GenerateNotes(ctx context.Context, repo, tag, previous, target string) (title, body string,
	err error) {
	ask := map[string]any{"tag_name": tag}
	if previous != "" {
		ask["previous_tag_name"] = previous
	}
	if target != "" {
		ask["target_commitish"] = target
	}
	var notes generated
	what := fmt.Sprintf("generate the notes of %s in %s", tag, repo)
	err = gh.call(ctx, what, http.MethodPost, in(repo, "releases/generate-notes"), ask, &notes)
	return notes.Name, notes.Body, err
}

// generated are the notes that GitHub generated. They always have a name.
type generated struct {
	Name string `json:"name"`
	Body string `json:"body"`
}

// CreateDraft makes a draft release with Tag, Name, Body, Target and Prerelease of p.
func (gh *client) CreateDraft(ctx context.Context, repo string, p step.Published) (step.Published, error) {
	return gh.createRelease(ctx, repo, fmt.Sprintf("draft release %s in %s", p.Tag, repo), p,
		map[string]any{"draft": true})
}

// CreateRelease makes a release that is published from the start.
func (gh *client) CreateRelease(ctx context.Context, repo string, p step.Published, latest string) (step.Published,
	error) {
	return gh.createRelease(ctx, repo, fmt.Sprintf("publish release %s in %s", p.Tag, repo), p,
		map[string]any{"draft": false, "make_latest": latest})
}

func (gh *client) createRelease(ctx context.Context, repo, what string, p step.Published,
	body map[string]any) (step.Published, error) {
	maps.Copy(body, map[string]any{"tag_name": p.Tag, "name": p.Name, "body": cut(p.Body, releaseLimit),
		"prerelease": p.Prerelease})
	if p.Target != "" {
		body["target_commitish"] = p.Target
	}
	var made published
	if err := gh.call(ctx, what, http.MethodPost, in(repo, "releases"), body, &made); err != nil {
		return step.Published{}, err
	}
	return made.value(), noted(ctx, gh, what, Made{Kind: madeRelease, Repo: repo, ID: made.ID, Name: made.Tag,
		URL: made.URL}, made)
}

// Publish turns a draft into the release. It sends nothing else, so that what people edited in the draft stays.
func (gh *client) Publish(ctx context.Context, repo string, id int64, latest string) (step.Published, error) {
	var p published
	err := gh.call(ctx, fmt.Sprintf("publish release %d in %s", id, repo), http.MethodPatch,
		in(repo, "releases/%d", id), map[string]any{"draft": false, "make_latest": latest}, &p)
	if err != nil {
		return step.Published{}, err
	}
	edited(ctx, gh, Made{Kind: madeRelease, Repo: repo, ID: id}, p)
	return p.value(), nil
}

// DeleteDraft deletes a draft. It reads the release first, and refuses one that is published; a draft that is gone
// already is no error.
func (gh *client) DeleteDraft(ctx context.Context, repo string, id int64) error {
	what := fmt.Sprintf("delete draft release %d in %s", id, repo)
	p, found, err := gh.published(ctx, repo, id)
	if err != nil || !found {
		return err
	}
	if !p.Draft {
		return fmt.Errorf("%s: %s is published, and only drafts may be deleted", what, p.Tag)
	}
	return gh.remove(ctx, what, in(repo, "releases/%d", id), Made{Kind: madeRelease, Repo: repo, ID: id})
}
