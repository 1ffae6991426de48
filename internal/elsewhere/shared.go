package elsewhere

import (
	"context"
	"strings"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release/step"
)

// Shared reads files of a repository, and of its owner's .github repository, which configures all repositories of the
// owner. Where that one is private, it is read with a token of its own.
type Shared struct {
	step.FileStore
	Apps         Apps // nil reads only what FileStore can
	Installation int64
	Repo         string // OWNER/NAME
}

// File is a file of one of the two.
func (s Shared) File(ctx context.Context, repo, path, ref string) ([]byte, bool, error) {
	owner, _, _ := strings.Cut(s.Repo, "/")
	if s.Apps == nil || strings.EqualFold(repo, s.Repo) || repo != owner+"/.github" {
		return s.FileStore.File(ctx, repo, path, ref)
	}
	r, found, err := s.Apps.RepositoryNamed(ctx, s.Installation, repo)
	switch {
	case err != nil || !found:
		return nil, false, err
	case r.Public:
		return s.FileStore.File(ctx, repo, path, ref)
	}
	only := github.Scope{Installation: s.Installation, Repos: []int64{r.ID}, Permissions: reading()}
	return s.Apps.Client(only).File(ctx, repo, path, ref)
}
