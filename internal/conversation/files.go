package conversation

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release/step"
)

// Configured is a file that configures a repository.
type Configured struct {
	Content []byte
	Found   bool
	Where   string // in words, for answers
}

// Configuration reads a file that configures a repository: its own on the default branch, else that of the owner's
// .github repository. A branch or a pull request never configures anything.
func Configuration(ctx context.Context, gh step.FileStore, repo, path string) (Configured, error) {
	owner, _, _ := strings.Cut(repo, "/")
	content, found, err := gh.File(ctx, repo, path, "")
	where := "`" + path + "`"
	if err == nil && !found && repo != owner+"/.github" {
		content, found, err = gh.File(ctx, owner+"/.github", path, "")
		where = "`" + path + "` of " + owner + "/.github"
		if errors.Is(err, step.ErrGone) {
			err = nil
		}
	}
	if err != nil {
		return Configured{}, fmt.Errorf("read the configuration of %s: %w", repo, err)
	}
	return Configured{Content: content, Found: found, Where: where}, nil
}
