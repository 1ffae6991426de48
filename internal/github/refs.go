package github

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

type object struct {
	SHA  string `json:"sha"`
	Type string `json:"type"`
}

type ref struct {
	Ref    string `json:"ref"`
	Object object `json:"object"`
}

// Branch reads the head of a branch.
func (d *door) Branch(ctx context.Context, repo, name string) (string, bool, error) {
	var r ref
	err := d.get(ctx, fmt.Sprintf("read branch %s in %s", name, repo), in(repo, "git/ref/heads/%s", escapePath(name)), &r)
	if missing(err) || emptyRepository(err) || (err == nil && r.Ref != "refs/heads/"+name) {
		return "", false, nil
	}
	return r.Object.SHA, err == nil, err
}

// Tag reads one tag. It asks for the tags that begin with the name and takes the exact one.
func (d *door) Tag(ctx context.Context, repo, name string) (step.Ref, bool, error) {
	found, err := d.matchingTags(ctx, fmt.Sprintf("read tag %s in %s", name, repo), repo, name)
	if err != nil {
		return step.Ref{}, false, err
	}
	for _, r := range found {
		if r.Ref == "refs/tags/"+name {
			t, err := d.peel(ctx, repo, r)
			return t, err == nil, err
		}
	}
	return step.Ref{}, false, nil
}

// Tags lists all tags, with the commits they stand on.
func (d *door) Tags(ctx context.Context, repo string) ([]string, error) {
	found, err := d.matchingTags(ctx, "list the tags of "+repo, repo, "")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range found {
		names = append(names, strings.TrimPrefix(r.Ref, "refs/tags/"))
	}
	return names, nil
}

// Branches are the names of the branches that begin so.
func (d *door) Branches(ctx context.Context, repo, prefix string) ([]string, error) {
	found, err := list[ref](ctx, d, "list the branches of "+repo, in(repo, "git/matching-refs/heads/%s", escapePath(prefix)))
	if emptyRepository(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range found {
		names = append(names, strings.TrimPrefix(r.Ref, "refs/heads/"))
	}
	return names, nil
}

func (d *door) matchingTags(ctx context.Context, what, repo, prefix string) ([]ref, error) {
	found, err := list[ref](ctx, d, what, in(repo, "git/matching-refs/tags/%s", escapePath(prefix)))
	if emptyRepository(err) {
		return nil, nil
	}
	return found, err
}

// emptyRepository is GitHub's 409 for refs of a repository without a commit.
func emptyRepository(err error) bool { return status(err) == http.StatusConflict }

// peeledLimit bounds the memory for peeled tags; beyond it the memory starts anew.
const peeledLimit = 10000

// peel follows an annotated tag to its commit. A tag of a tree or a blob has no commit, and its SHA stays empty.
func (d *door) peel(ctx context.Context, repo string, r ref) (step.Ref, error) {
	name := strings.TrimPrefix(r.Ref, "refs/tags/")
	t := step.Ref{Name: name, Object: r.Object.SHA}
	key := repo + " " + r.Object.SHA
	d.mu.Lock()
	known, ok := d.peeled[key]
	d.mu.Unlock()
	if ok {
		t.SHA = known
		return t, nil
	}
	at := r.Object
	for range 10 { // git itself allows a tag of a tag of a tag
		if at.Type != "tag" {
			break
		}
		var tag struct {
			Object object `json:"object"`
		}
		what := fmt.Sprintf("read the tag object of %s in %s", name, repo)
		if err := d.get(ctx, what, in(repo, "git/tags/%s", escape(at.SHA)), &tag); err != nil {
			return step.Ref{}, err
		}
		at = tag.Object
	}
	if at.Type == "commit" {
		t.SHA = at.SHA
	}
	if r.Object.Type == "tag" {
		d.mu.Lock()
		if len(d.peeled) >= peeledLimit {
			maps.DeleteFunc(d.peeled, func(string, string) bool { return true })
		}
		d.peeled[key] = t.SHA
		d.mu.Unlock()
	}
	return t, nil
}

// CreateBranch makes a branch; GitHub answers 422 when it exists.
func (d *door) CreateBranch(ctx context.Context, repo, name, sha string) error {
	return d.createRef(ctx, fmt.Sprintf("create branch %s in %s", name, repo), repo, "refs/heads/"+name, sha)
}

// CreateTag makes a tag, annotated when message is not empty. The tagger is the App.
func (d *door) CreateTag(ctx context.Context, repo, name, sha, message string) error {
	what := fmt.Sprintf("create tag %s in %s", name, repo)
	if message != "" {
		var tag object
		body := map[string]any{"tag": name, "message": message, "object": sha, "type": "commit"}
		if err := d.call(ctx, what, http.MethodPost, in(repo, "git/tags"), body, &tag); err != nil {
			return err
		}
		sha = tag.SHA
	}
	return d.createRef(ctx, what, repo, "refs/tags/"+name, sha)
}

func (d *door) createRef(ctx context.Context, what, repo, full, sha string) error {
	return d.call(ctx, what, http.MethodPost, in(repo, "git/refs"), map[string]any{"ref": full, "sha": sha}, nil)
}

// FastForward moves a branch forward; it never forces.
func (d *door) FastForward(ctx context.Context, repo, branch, sha string) error {
	return d.call(ctx, fmt.Sprintf("move branch %s in %s forward", branch, repo), http.MethodPatch,
		in(repo, "git/refs/heads/%s", escapePath(branch)), map[string]any{"sha": sha, "force": false}, nil)
}

// scratch is the only place where a branch may be deleted.
const scratch = "slipway/"

// DeleteScratch deletes a branch below slipway/. One that is gone already is no error.
func (d *door) DeleteScratch(ctx context.Context, repo, branch string) error {
	what := fmt.Sprintf("delete branch %s in %s", branch, repo)
	rest, ok := strings.CutPrefix(branch, scratch)
	if !ok || rest == "" || strings.Contains(branch, "..") {
		return fmt.Errorf("%s: only branches below %s may be deleted", what, scratch)
	}
	err := d.call(ctx, what, http.MethodDelete, in(repo, "git/refs/heads/%s", escapePath(branch)), nil, nil)
	if missing(err) || (status(err) == http.StatusUnprocessableEntity && strings.Contains(err.Error(), "does not exist")) {
		return nil
	}
	return err
}

// person is who and when, as git/commits has it.
type person struct {
	Name  string    `json:"name"`
	Email string    `json:"email"`
	Date  time.Time `json:"date"`
}
