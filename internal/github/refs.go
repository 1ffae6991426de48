package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/slipway-dev/slipway/release/step"
)

type refJSON struct {
	Ref    string
	Object struct{ SHA, Type string }
}

func (d *door) ref(ctx context.Context, repo, ref string) (r refJSON, found bool, err error) {
	resp, err := d.call(ctx, http.MethodGet, "repos/"+repo+"/git/ref/"+segments(ref), nil, &r)
	if missing(resp, err) {
		return r, false, nil
	}
	return r, err == nil, fail("look at "+ref+" in "+repo, err)
}

func (d *door) Branch(ctx context.Context, repo, name string) (sha string, found bool, err error) {
	r, found, err := d.ref(ctx, repo, "heads/"+name)
	return r.Object.SHA, found, err
}

func (d *door) Tag(ctx context.Context, repo, name string) (step.Ref, bool, error) {
	r, found, err := d.ref(ctx, repo, "tags/"+name)
	if err != nil || !found {
		return step.Ref{}, false, err
	}
	ref, err := d.peel(ctx, repo, r)
	return ref, true, err
}

// peel follows an annotated tag to its commit.
func (d *door) peel(ctx context.Context, repo string, r refJSON) (step.Ref, error) {
	out := step.Ref{Name: strings.TrimPrefix(r.Ref, "refs/tags/"), SHA: r.Object.SHA, Object: r.Object.SHA}
	for kind := r.Object.Type; kind == "tag"; {
		var tag struct{ Object struct{ SHA, Type string } }
		if _, err := d.call(ctx, http.MethodGet, "repos/"+repo+"/git/tags/"+out.SHA, nil, &tag); err != nil {
			return out, fail("look at the tag "+out.Name+" in "+repo, err)
		}
		out.SHA, kind = tag.Object.SHA, tag.Object.Type
	}
	return out, nil
}

func (d *door) Tags(ctx context.Context, repo string) ([]step.Ref, error) {
	var list []refJSON // GitHub gives them all at once: this list has no pages
	if _, err := d.call(ctx, http.MethodGet, "repos/"+repo+"/git/matching-refs/tags/", nil, &list); err != nil {
		return nil, fail("list the tags of "+repo, err)
	}
	out := make([]step.Ref, len(list))
	var err error
	for i, r := range list {
		if out[i], err = d.peel(ctx, repo, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *door) createRef(ctx context.Context, repo, ref, sha string) error {
	_, err := d.call(ctx, http.MethodPost, "repos/"+repo+"/git/refs", map[string]string{"ref": ref, "sha": sha}, nil)
	return fail(fmt.Sprintf("create %s in %s", strings.TrimPrefix(ref, "refs/"), repo), err)
}

func (d *door) CreateBranch(ctx context.Context, repo, name, sha string) error {
	return d.createRef(ctx, repo, "refs/heads/"+name, sha)
}

func (d *door) CreateTag(ctx context.Context, repo, name, sha, message string) error {
	if message != "" {
		owner, repoName := split(repo)
		tag, _, err := d.gh.Git.CreateTag(ctx, owner, repoName, &github.Tag{
			Tag: &name, Message: &message, Object: &github.GitObject{SHA: &sha, Type: github.String("commit")},
		})
		if err != nil {
			return fail("create the tag object "+name+" in "+repo, err)
		}
		sha = tag.GetSHA()
	}
	return d.createRef(ctx, repo, "refs/tags/"+name, sha)
}

func (d *door) FastForward(ctx context.Context, repo, branch, sha string) error {
	_, err := d.call(ctx, http.MethodPatch, "repos/"+repo+"/git/refs/heads/"+segments(branch), map[string]any{"sha": sha, "force": false}, nil)
	return fail("move the branch "+branch+" of "+repo+" forward", err)
}

func (d *door) DeleteScratch(ctx context.Context, repo, branch string) error {
	if !strings.HasPrefix(branch, "slipway/") {
		return fmt.Errorf("delete the branch %s of %s: only branches below slipway/ are ever deleted", branch, repo)
	}
	resp, err := d.call(ctx, http.MethodDelete, "repos/"+repo+"/git/refs/heads/"+segments(branch), nil, nil)
	if resp != nil && resp.StatusCode == http.StatusUnprocessableEntity {
		return nil // it is gone
	}
	return fail("delete the branch "+branch+" of "+repo, err)
}

func commitOf(c *github.Commit) step.Commit {
	out := step.Commit{SHA: c.GetSHA(), Tree: c.GetTree().GetSHA(), Message: c.GetMessage(), Author: personOf(c.Author), Committer: personOf(c.Committer)}
	for _, p := range c.Parents {
		out.Parents = append(out.Parents, p.GetSHA())
	}
	return out
}

func personOf(a *github.CommitAuthor) step.Person {
	return step.Person{Name: a.GetName(), Email: a.GetEmail(), When: a.GetDate().Time}
}

func repositoryCommit(c *github.RepositoryCommit) step.Commit {
	inner := *c.GetCommit()
	inner.SHA, inner.Parents = c.SHA, c.Parents
	return commitOf(&inner)
}

func (d *door) Commit(ctx context.Context, repo, sha string) (step.Commit, error) {
	owner, name := split(repo)
	c, _, err := d.gh.Git.GetCommit(ctx, owner, name, sha)
	if err != nil {
		return step.Commit{}, fail("look at the commit "+sha+" of "+repo, err)
	}
	return commitOf(c), nil
}

func (d *door) CreateCommit(ctx context.Context, repo string, c step.Commit) (string, error) {
	owner, name := split(repo)
	author := func(p step.Person) *github.CommitAuthor {
		return &github.CommitAuthor{Name: &p.Name, Email: &p.Email, Date: &github.Timestamp{Time: p.When}}
	}
	in := &github.Commit{Message: &c.Message, Tree: &github.Tree{SHA: &c.Tree}, Author: author(c.Author), Committer: author(c.Committer)}
	for _, p := range c.Parents {
		in.Parents = append(in.Parents, &github.Commit{SHA: &p})
	}
	made, _, err := d.gh.Git.CreateCommit(ctx, owner, name, in, nil)
	return made.GetSHA(), fail("create a commit in "+repo, err)
}

func (d *door) Merge(ctx context.Context, repo, base, head, message string) (step.Commit, bool, error) {
	owner, name := split(repo)
	c, resp, err := d.gh.Repositories.Merge(ctx, owner, name, &github.RepositoryMergeRequest{Base: &base, Head: &head, CommitMessage: &message})
	if resp != nil && resp.StatusCode == http.StatusConflict {
		return step.Commit{}, true, nil
	}
	if err != nil {
		return step.Commit{}, false, fail("merge "+head+" into "+base+" of "+repo, err)
	}
	if resp.StatusCode == http.StatusNoContent { // nothing to merge: the base has it
		sha, _, err := d.Branch(ctx, repo, base)
		if err != nil {
			return step.Commit{}, false, err
		}
		there, err := d.Commit(ctx, repo, sha)
		return there, false, err
	}
	return repositoryCommit(c), false, nil
}

func (d *door) Compare(ctx context.Context, repo, base, head string) (step.Comparison, error) {
	var out step.Comparison
	for page := 1; page > 0; {
		var part github.CommitsComparison
		resp, err := d.call(ctx, http.MethodGet, fmt.Sprintf("repos/%s/compare/%s...%s?per_page=100&page=%d", repo, segments(base), segments(head), page), nil, &part)
		if err != nil {
			return out, fail(fmt.Sprintf("compare %s with %s in %s", base, head, repo), err)
		}
		out.Ahead, out.Behind = part.GetAheadBy(), part.GetBehindBy()
		for _, c := range part.Commits {
			out.Commits = append(out.Commits, repositoryCommit(c))
		}
		page = resp.NextPage
	}
	return out, nil
}
