package elsewhere

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/step"
)

// GitHub is what a process may use for its uses of other repositories. Calls for the repository that is released go to
// own, and so do calls that no use needs. What a call wants of another repository has to be among the uses, and
// allowed.
func (b Bounds) GitHub(own step.GitHub, uses []consent.Use) step.GitHub {
	g := &guarded{GitHub: own, b: b, uses: map[string]consent.Use{}}
	for _, u := range merged(uses) {
		g.uses[strings.ToLower(u.Repo)] = u
	}
	return g
}

type guarded struct {
	step.GitHub
	b    Bounds
	uses map[string]consent.Use // by name in small letters
}

// at is the client for a call that reads, and the name of the repository. extra is what the call wants besides the
// uses.
func (g *guarded) at(ctx context.Context, repo string, extra consent.Use) (step.GitHub, string, error) {
	declared := g.uses[strings.ToLower(repo)]
	declared.Pulls, declared.Awaits = nil, declared.Proposed()
	return g.client(ctx, repo, declared.With(extra))
}

// toWrite is the client for a call that changes something: files, none for those of the uses, from a branch. Consent is
// looked up anew, since it may have been taken back.
func (g *guarded) toWrite(ctx context.Context, repo string, files []string, branch string) (step.GitHub, string,
	error) {
	declared := g.uses[strings.ToLower(repo)]
	use := consent.Use{}
	if len(declared.Pulls) > 0 {
		use = declared.With(consent.Use{Pulls: files, Branch: branch})
	}
	return g.client(github.Afresh(ctx), repo, use)
}

func (g *guarded) client(ctx context.Context, repo string, use consent.Use) (step.GitHub, string, error) {
	if strings.EqualFold(repo, g.b.Name) {
		return g.GitHub, repo, nil
	}
	use.Repo = repo
	if use.None() {
		return nil, "", fmt.Errorf("use %s: the process says nothing of it", repo)
	}
	d, closed, err := g.b.open(ctx, use)
	switch {
	case err != nil:
		return nil, "", err
	case closed != nil:
		return nil, "", &Refused{*closed}
	case d.scope.Repos == nil:
		return g.GitHub, d.name, nil
	}
	return g.b.Apps.Client(d.scope), d.name, nil
}

// covers says that a file is one of those that the uses of a repository name: of others nobody is told.
func (g *guarded) covers(repo, path string) bool {
	u := g.uses[strings.ToLower(repo)]
	return strings.EqualFold(repo, g.b.Name) || consent.InPaths(slices.Concat(u.Read, u.Proposed()), path)
}

func (g *guarded) File(ctx context.Context, repo, path, ref string) ([]byte, bool, error) {
	gh, repo, err := g.at(ctx, repo, consent.Use{Read: []string{path}})
	if err != nil {
		return nil, false, err
	}
	return gh.File(ctx, repo, path, ref)
}

func (g *guarded) Paths(ctx context.Context, repo, rev string) ([]string, error) {
	gh, name, err := g.at(ctx, repo, consent.Use{})
	if err != nil {
		return nil, err
	}
	all, err := gh.Paths(ctx, name, rev)
	return slices.DeleteFunc(all, func(path string) bool { return !g.covers(repo, path) }), err
}

func (g *guarded) Branch(ctx context.Context, repo, name string) (string, bool, error) {
	gh, repo, err := g.at(ctx, repo, consent.Use{})
	if err != nil {
		return "", false, err
	}
	return gh.Branch(ctx, repo, name)
}

func (g *guarded) Tag(ctx context.Context, repo, name string) (step.Ref, bool, error) {
	gh, repo, err := g.at(ctx, repo, consent.Use{Releases: true})
	if err != nil {
		return step.Ref{}, false, err
	}
	return gh.Tag(ctx, repo, name)
}

func (g *guarded) Releases(ctx context.Context, repo string) ([]step.Published, error) {
	gh, repo, err := g.at(ctx, repo, consent.Use{Releases: true})
	if err != nil {
		return nil, err
	}
	return gh.Releases(ctx, repo)
}

func (g *guarded) Revision(ctx context.Context, repo, rev string) (step.Commit, bool, error) {
	gh, repo, err := g.at(ctx, repo, consent.Use{Releases: true})
	if err != nil {
		return step.Commit{}, false, err
	}
	return gh.Revision(ctx, repo, rev)
}

func (g *guarded) Commit(ctx context.Context, repo, sha string) (step.Commit, error) {
	gh, repo, err := g.at(ctx, repo, consent.Use{})
	if err != nil {
		return step.Commit{}, err
	}
	return gh.Commit(ctx, repo, sha)
}

func (g *guarded) PullsFrom(ctx context.Context, repo, head, base string) ([]step.Pull, error) {
	gh, repo, err := g.at(ctx, repo, consent.Use{})
	if err != nil {
		return nil, err
	}
	return gh.PullsFrom(ctx, repo, head, base)
}

func (g *guarded) CreateTree(ctx context.Context, repo, base string, files map[string]string) (string, error) {
	changed := slices.Sorted(maps.Keys(files))
	gh, repo, err := g.toWrite(ctx, repo, changed, consent.Prefix)
	if err != nil {
		return "", err
	}
	return gh.CreateTree(ctx, repo, base, files)
}

func (g *guarded) CreateCommit(ctx context.Context, repo string, c step.Commit) (string, error) {
	gh, repo, err := g.toWrite(ctx, repo, nil, consent.Prefix)
	if err != nil {
		return "", err
	}
	return gh.CreateCommit(ctx, repo, c)
}

func (g *guarded) CreateBranch(ctx context.Context, repo, name, sha string) error {
	gh, repo, err := g.toWrite(ctx, repo, nil, name)
	if err != nil {
		return err
	}
	return gh.CreateBranch(ctx, repo, name, sha)
}

// OpenPull looks at what the branch changes before it is proposed: somebody else may have made the branch.
func (g *guarded) OpenPull(ctx context.Context, repo string, p step.Pull) (step.Pull, error) {
	if strings.EqualFold(repo, g.b.Name) {
		return g.GitHub.OpenPull(ctx, repo, p)
	}
	gh, name, err := g.at(ctx, repo, consent.Use{})
	if err != nil {
		return step.Pull{}, err
	}
	brings, err := gh.Compare(ctx, name, p.Base, p.Head)
	if err != nil {
		return step.Pull{}, err
	}
	var changed []string
	for _, c := range brings.Commits {
		files, err := gh.CommitFiles(ctx, name, c.SHA)
		if err != nil {
			return step.Pull{}, err
		}
		for _, f := range files {
			changed = append(changed, f.Path)
		}
	}
	if gh, name, err = g.toWrite(ctx, repo, changed, p.Head); err != nil {
		return step.Pull{}, err
	}
	return gh.OpenPull(ctx, name, p)
}
