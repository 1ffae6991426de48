package github

import (
	"context"
	"fmt"

	"github.com/slipway-dev/slipway/release/step"
)

type changed struct {
	Path   string `json:"filename"`
	Was    string `json:"previous_filename"`
	Patch  string `json:"patch"`
	Status string `json:"status"`
}

func files(found []changed) []step.File {
	out := make([]step.File, len(found))
	for i, f := range found {
		out[i] = step.File{Path: f.Path, Was: f.Was, Patch: f.Patch, Gone: f.Status == "removed"}
	}
	return out
}

// PullFiles lists the files that a pull request changes. GitHub lists 3,000 at most.
func (gh *client) PullFiles(ctx context.Context, repo string, number int) ([]step.File, error) {
	found, err := list[changed](ctx, gh, fmt.Sprintf("list the files of pull request %d in %s", number, repo),
		in(repo, "pulls/%d/files?per_page=100", number))
	if missing(err) {
		return nil, nil
	}
	return files(found), err
}

// CommitFiles lists the files that a commit changes against its first parent; a missing commit changes none. GitHub
// lists 300 on the first page, and a patch of more than that nobody compares.
func (gh *client) CommitFiles(ctx context.Context, repo, sha string) ([]step.File, error) {
	var c struct {
		Files []changed `json:"files"`
	}
	err := gh.get(ctx, fmt.Sprintf("read commit %s of %s", sha, repo), in(repo, "commits/%s", escape(sha)), &c)
	if missing(err) {
		return nil, nil
	}
	return files(c.Files), err
}
