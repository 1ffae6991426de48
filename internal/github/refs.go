package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

type object struct {
	SHA  string `json:"sha"`
	Type string `json:"type"`
	URL  string `json:"url,omitempty"`
}

type ref struct {
	Ref    string `json:"ref"`
	Object object `json:"object"`
}

// Branch reads the head of a branch.
func (gh *client) Branch(ctx context.Context, repo, name string) (string, bool, error) {
	r, found, err := gh.ref(ctx, fmt.Sprintf("read branch %s in %s", name, repo), repo, "heads/"+name)
	return r.Object.SHA, found, err
}

// ref reads one ref by its name without refs/. One that we made moments ago is there, whatever GitHub shows.
func (gh *client) ref(ctx context.Context, what, repo, name string) (ref, bool, error) {
	var r ref
	err := gh.get(ctx, what, in(repo, "git/ref/%s", escapePath(name)), &r)
	if missing(err) || emptyRepository(err) || (err == nil && r.Ref != "refs/"+name) {
		if k, fresh := gh.unsettled(ctx, refMade(repo, name)); fresh {
			return k.ref(), true, nil
		}
		return ref{}, false, nil
	}
	return r, err == nil, err
}

// refMade is the Made of a ref, by its name without refs/.
func refMade(repo, name string) Made {
	if branch, ok := strings.CutPrefix(name, "heads/"); ok {
		return Made{Kind: madeBranch, Repo: repo, Name: branch}
	}
	return Made{Kind: madeTag, Repo: repo, Name: strings.TrimPrefix(name, "tags/")}
}

// ref is the ref that was made.
func (m Made) ref() ref {
	if m.Kind == madeBranch {
		return ref{Ref: "refs/heads/" + m.Name, Object: object{SHA: m.SHA, Type: "commit"}}
	}
	at := object{SHA: m.SHA, Type: "commit"}
	if i := strings.LastIndex(m.URL, "/git/tags/"); i >= 0 {
		at = object{SHA: m.URL[i+len("/git/tags/"):], Type: "tag"}
	}
	return ref{Ref: "refs/tags/" + m.Name, Object: at}
}

// recallRefs puts the refs that GitHub does not list yet into a list of those that begin with prefix. space is heads/
// or tags/.
func (gh *client) recallRefs(ctx context.Context, repo, space, prefix string, found []ref) ([]ref, error) {
	named := func(r ref) Made { return refMade(repo, strings.TrimPrefix(r.Ref, "refs/")) }
	return recall(ctx, gh, found, listing[ref]{
		kind: refMade(repo, space).Kind, repo: repo,
		suits: func(w written) bool { return strings.HasPrefix(w.Name, prefix) },
		made:  named,
		read: func(ctx context.Context, m Made) (ref, bool, error) {
			return gh.ref(ctx, fmt.Sprintf("read %s %s in %s", m.Kind, m.Name, repo), repo, space+m.Name)
		},
		before: func(a, b ref) bool { return a.Ref < b.Ref },
	})
}

// Tag reads one tag. It asks for the tags that begin with the name and takes the exact one.
func (gh *client) Tag(ctx context.Context, repo, name string) (step.Ref, bool, error) {
	// Where the job has listed all tags and changed none since, the answer is known.
	prefix := name
	if memoryIn(ctx).listed(placeOf(&url.URL{Path: "/" + in(repo, "git/matching-refs/tags/")})) {
		prefix = ""
	}
	found, err := gh.matchingTags(ctx, fmt.Sprintf("read tag %s in %s", name, repo), repo, prefix)
	if err != nil {
		return step.Ref{}, false, err
	}
	for _, r := range found {
		if r.Ref == "refs/tags/"+name {
			t, err := gh.peel(ctx, repo, r)
			return t, err == nil, err
		}
	}
	return step.Ref{}, false, nil
}

// Tags lists all tags, with the commits they stand on.
func (gh *client) Tags(ctx context.Context, repo string) ([]string, error) {
	found, err := gh.matchingTags(ctx, "list the tags of "+repo, repo, "")
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
func (gh *client) Branches(ctx context.Context, repo, prefix string) ([]string, error) {
	found, err := list[ref](ctx, gh, "list the branches of "+repo,
		in(repo, "git/matching-refs/heads/%s", escapePath(prefix)))
	if emptyRepository(err) {
		found, err = nil, nil
	}
	if err == nil {
		found, err = gh.recallRefs(ctx, repo, "heads/", prefix, found)
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

func (gh *client) matchingTags(ctx context.Context, what, repo, prefix string) ([]ref, error) {
	found, err := list[ref](ctx, gh, what, in(repo, "git/matching-refs/tags/%s", escapePath(prefix)))
	if emptyRepository(err) {
		found, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	return gh.recallRefs(ctx, repo, "tags/", prefix, found)
}

// emptyRepository is GitHub's 409 for refs of a repository without a commit.
func emptyRepository(err error) bool { return status(err) == http.StatusConflict }

// peeledLimit bounds the memory for peeled tags; beyond it the memory starts anew.
const peeledLimit = 10000

// peel follows an annotated tag to its commit. A tag of a tree or a blob has no commit, and its SHA stays empty.
func (gh *client) peel(ctx context.Context, repo string, r ref) (step.Ref, error) {
	name := strings.TrimPrefix(r.Ref, "refs/tags/")
	t := step.Ref{Name: name, Object: r.Object.SHA}
	key := repo + " " + r.Object.SHA
	gh.mu.Lock()
	known, ok := gh.peeled[key]
	gh.mu.Unlock()
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
		if err := gh.get(ctx, what, in(repo, "git/tags/%s", escape(at.SHA)), &tag); err != nil {
			return step.Ref{}, err
		}
		at = tag.Object
	}
	if at.Type == "commit" {
		t.SHA = at.SHA
	}
	if r.Object.Type == "tag" {
		gh.rememberPeeled(key, t.SHA)
	}
	return t, nil
}

func (gh *client) rememberPeeled(key, sha string) {
	gh.mu.Lock()
	defer gh.mu.Unlock()
	if len(gh.peeled) >= peeledLimit {
		clear(gh.peeled)
	}
	gh.peeled[key] = sha
}

// CreateBranch makes a branch; GitHub answers 422 when it exists.
func (gh *client) CreateBranch(ctx context.Context, repo, name, sha string) error {
	what := fmt.Sprintf("create branch %s in %s", name, repo)
	made, err := gh.createRef(ctx, what, repo, "refs/heads/"+name, sha)
	if err != nil {
		return err
	}
	return noted(ctx, gh, what, Made{Kind: madeBranch, Repo: repo, Name: name, SHA: sha}, made)
}

// CreateTag makes a tag, annotated when message is not empty. The tagger is the App.
func (gh *client) CreateTag(ctx context.Context, repo, name, sha, message string) error {
	what, at := fmt.Sprintf("create tag %s in %s", name, repo), sha
	if message != "" {
		var tag object
		body := map[string]any{"tag": name, "message": message, "object": sha, "type": "commit"}
		if err := gh.call(ctx, what, http.MethodPost, in(repo, "git/tags"), body, &tag); err != nil {
			return err
		}
		at = tag.SHA
		gh.rememberPeeled(repo+" "+at, sha)
	}
	made, err := gh.createRef(ctx, what, repo, "refs/tags/"+name, at)
	if err != nil {
		return err
	}
	return noted(ctx, gh, what, Made{Kind: madeTag, Repo: repo, Name: name, SHA: sha, URL: made.Object.URL}, made)
}

func (gh *client) createRef(ctx context.Context, what, repo, full, sha string) (ref, error) {
	var made ref
	err := gh.call(ctx, what, http.MethodPost, in(repo, "git/refs"), map[string]any{"ref": full, "sha": sha}, &made)
	return made, err
}

// FastForward moves a branch forward; it never forces.
func (gh *client) FastForward(ctx context.Context, repo, branch, sha string) error {
	return gh.call(ctx, fmt.Sprintf("move branch %s in %s forward", branch, repo), http.MethodPatch,
		in(repo, "git/refs/heads/%s", escapePath(branch)), map[string]any{"sha": sha, "force": false}, &ref{})
}

// scratch is the only place where a branch may be deleted.
const scratch = "slipway/"

// DeleteScratch deletes a branch below slipway/. One that is gone already is no error.
func (gh *client) DeleteScratch(ctx context.Context, repo, branch string) error {
	what := fmt.Sprintf("delete branch %s in %s", branch, repo)
	rest, ok := strings.CutPrefix(branch, scratch)
	if !ok || rest == "" || strings.Contains(branch, "..") {
		return fmt.Errorf("%s: only branches below %s may be deleted", what, scratch)
	}
	return gh.remove(ctx, what, in(repo, "git/refs/heads/%s", escapePath(branch)),
		Made{Kind: madeBranch, Repo: repo, Name: branch})
}

// person is who and when, as git/commits has it.
type person struct {
	Name  string    `json:"name"`
	Email string    `json:"email"`
	Date  time.Time `json:"date"`
}
