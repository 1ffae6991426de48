package github

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release/step"
)

// gitCommit is a commit in the git data API, and the inner part of one in every other API.
type gitCommit struct {
	SHA       string   `json:"sha"`
	Message   string   `json:"message"`
	Tree      object   `json:"tree"`
	Parents   []object `json:"parents"`
	Author    person   `json:"author"`
	Committer person   `json:"committer"`
}

func (c gitCommit) value() step.Commit {
	v := step.Commit{
		SHA: c.SHA, Tree: c.Tree.SHA, Message: c.Message,
		Author:    step.Person{Name: c.Author.Name, Email: c.Author.Email, When: c.Author.Date},
		Committer: step.Person{Name: c.Committer.Name, Email: c.Committer.Email, When: c.Committer.Date},
	}
	for _, p := range c.Parents {
		v.Parents = append(v.Parents, p.SHA)
	}
	return v
}

// repoCommit is a commit in lists, comparisons and merges: SHA and parents lie outside.
type repoCommit struct {
	SHA     string    `json:"sha"`
	Commit  gitCommit `json:"commit"`
	Parents []object  `json:"parents"`
}

func (c repoCommit) value() step.Commit {
	inner := c.Commit
	inner.SHA, inner.Parents = c.SHA, c.Parents
	return inner.value()
}

// Commit reads a commit by its SHA.
func (gh *client) Commit(ctx context.Context, repo, sha string) (step.Commit, error) {
	var c gitCommit
	err := gh.get(ctx, fmt.Sprintf("read commit %s in %s", sha, repo), in(repo, "git/commits/%s", escape(sha)), &c)
	if err != nil {
		return step.Commit{}, err
	}
	return c.value(), nil
}

// Revision looks a revision up. GitHub answers 422 for a SHA that it does not have, and 404 for a name.
func (gh *client) Revision(ctx context.Context, repo, rev string) (step.Commit, bool, error) {
	var c repoCommit
	err := gh.get(ctx, fmt.Sprintf("read the commit %s in %s", rev, repo), in(repo, "commits/%s", escape(rev)), &c)
	if missing(err) || status(err) == http.StatusUnprocessableEntity {
		return step.Commit{}, false, nil
	}
	if err != nil {
		return step.Commit{}, false, err
	}
	return c.value(), true, nil
}

// CreateCommit makes a commit object; no ref moves. An author or committer without a name is left to GitHub, which
// then takes the App and signs.
func (gh *client) CreateCommit(ctx context.Context, repo string, c step.Commit) (string, error) {
	parents := c.Parents
	if parents == nil {
		parents = []string{}
	}
	body := map[string]any{"message": c.Message, "tree": c.Tree, "parents": parents}
	for key, p := range map[string]step.Person{"author": c.Author, "committer": c.Committer} {
		if p.Name == "" {
			continue
		}
		who := map[string]any{"name": p.Name, "email": p.Email}
		if !p.When.IsZero() {
			who["date"] = p.When
		}
		body[key] = who
	}
	var made object
	err := gh.call(ctx, "create a commit in "+repo, http.MethodPost, in(repo, "git/commits"), body, &made)
	return made.SHA, err
}

// Paths are the files at a revision. GitHub cuts the list of a very large repository, which is an error here: what is
// not listed would be taken for missing.
func (gh *client) Paths(ctx context.Context, repo, rev string) ([]string, error) {
	var tree struct {
		Truncated bool `json:"truncated"`
		Tree      []struct {
			Path string `json:"path"`
			Type string `json:"type"`
		} `json:"tree"`
	}
	what := fmt.Sprintf("list the files of %s at %s", repo, rev)
	if err := gh.get(ctx, what, in(repo, "git/trees/%s?recursive=1", escape(rev)), &tree); err != nil {
		return nil, err
	}
	if tree.Truncated {
		return nil, fmt.Errorf("%s: there are too many for one answer", what)
	}
	var out []string
	for _, e := range tree.Tree {
		if e.Type == "blob" {
			out = append(out, e.Path)
		}
	}
	return out, nil
}

// Subtree is the tree of a directory at a revision: two revisions with one have the same files there.
func (gh *client) Subtree(ctx context.Context, repo, rev, dir string) (string, bool, error) {
	sha := rev
	for name := range strings.SplitSeq(strings.Trim(dir, "/"), "/") {
		var tree struct {
			Tree []struct {
				Path string `json:"path"`
				Type string `json:"type"`
				SHA  string `json:"sha"`
			} `json:"tree"`
		}
		err := gh.get(ctx, fmt.Sprintf("read the tree %s of %s", dir, repo),
			in(repo, "git/trees/%s", escape(sha)), &tree)
		if missing(err) {
			return "", false, nil
		}
		if err != nil {
			return "", false, err
		}
		sha = ""
		for _, e := range tree.Tree {
			if e.Path == name && e.Type == "tree" {
				sha = e.SHA
			}
		}
		if sha == "" {
			return "", false, nil
		}
	}
	return sha, true, nil
}

// CreateTree makes a tree that is the base but for some files. Each is written as an ordinary file; no ref moves.
func (gh *client) CreateTree(ctx context.Context, repo, base string, files map[string]string) (string, error) {
	entries := []any{}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		entries = append(entries, map[string]any{"path": path, "mode": "100644", "type": "blob",
			"content": files[path]})
	}
	var made object
	err := gh.call(ctx, "create a tree in "+repo, http.MethodPost, in(repo, "git/trees"),
		map[string]any{"base_tree": base, "tree": entries}, &made)
	return made.SHA, err
}

// Merge merges head into the branch base. When base has head already GitHub writes nothing, and the head of base is
// the answer.
func (gh *client) Merge(ctx context.Context, repo, base, head, message string) (step.Commit, bool, error) {
	what := fmt.Sprintf("merge %s into %s in %s", head, base, repo)
	body := map[string]any{"base": base, "head": head}
	if message != "" {
		body["commit_message"] = message
	}
	resp, raw, err := gh.send(ctx, what, http.MethodPost, in(repo, "merges"), "", body)
	if status(err) == http.StatusConflict {
		return step.Commit{}, true, nil
	}
	if err != nil {
		return step.Commit{}, false, err
	}
	if resp.StatusCode != http.StatusNoContent {
		var c repoCommit
		if err := json.Unmarshal(raw, &c); err != nil || c.SHA == "" {
			return step.Commit{}, false, &Unknown{What: what, cause: err}
		}
		return c.value(), false, nil
	}
	sha, found, err := gh.Branch(ctx, repo, base)
	if err == nil && !found {
		err = fmt.Errorf("%s: the branch %s is gone", what, base)
	}
	if err != nil {
		return step.Commit{}, false, err
	}
	at, err := gh.Commit(ctx, repo, sha)
	return at, false, err
}

// Compare counts and lists what head has over base, all pages.
func (gh *client) Compare(ctx context.Context, repo, base, head string) (step.Comparison, error) {
	type comparison struct {
		Ahead   int          `json:"ahead_by"`
		Behind  int          `json:"behind_by"`
		Commits []repoCommit `json:"commits"`
	}
	var c step.Comparison
	path := in(repo, "compare/%s...%s?per_page=100", escape(base), escape(head))
	for page, err := range pages[comparison](ctx, gh, fmt.Sprintf("compare %s with %s in %s", base, head, repo), path) {
		if err != nil {
			return step.Comparison{}, err
		}
		c.Ahead, c.Behind = page.Ahead, page.Behind
		for _, one := range page.Commits {
			c.Commits = append(c.Commits, one.value())
		}
	}
	return c, nil
}

// MergeBase is the commit at which two histories parted.
func (gh *client) MergeBase(ctx context.Context, repo, base, head string) (string, error) {
	var c struct {
		Base struct {
			SHA string `json:"sha"`
		} `json:"merge_base_commit"`
	}
	err := gh.get(ctx, fmt.Sprintf("compare %s with %s in %s", base, head, repo),
		in(repo, "compare/%s...%s?per_page=1", escape(base), escape(head)), &c)
	return c.Base.SHA, err
}
