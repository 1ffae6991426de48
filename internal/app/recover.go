package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release/step"
)

// ErrNoRepository says that the App is not installed in a repository, or that there is none of that name.
var ErrNoRepository = errors.New("no such repository")

// FindRepository asks GitHub for a repository by its OWNER/NAME, of which the database may know nothing.
func (b *Bot) FindRepository(ctx context.Context, name string) (store.Repository, error) {
	installation, err := b.GitHub.FindInstallation(ctx, name)
	if errors.Is(err, step.ErrGone) {
		return store.Repository{}, fmt.Errorf("%s: %w", name, ErrNoRepository)
	}
	if err != nil {
		return store.Repository{}, err
	}
	found, known, err := b.GitHub.RepositoryNamed(ctx, installation, name)
	if err == nil && !known {
		err = fmt.Errorf("%s: %w", name, ErrNoRepository)
	}
	return store.Repository{ID: found.ID, Name: found.Name, Installation: installation}, err
}

// Recover restores the log of one issue of a repository, or with 0 those of all its open issues with a release. each is
// told how it went with one, and the error of each ends it.
func (b *Bot) Recover(
	ctx context.Context, repo store.Repository, issue int, each func(number int, got conversation.Recovered,
		err error) error,
) error {
	numbers := []int{issue}
	if issue == 0 {
		err := b.Conversation.Remember(ctx, repo)
		if err != nil {
			return err
		}
		if numbers, err = b.Conversation.Recoverable(ctx, repo); err != nil {
			return err
		}
	}
	for _, number := range numbers {
		got, err := b.Conversation.Recover(ctx, repo, number)
		if err := each(number, got, err); err != nil {
			return fmt.Errorf("recover %s#%d: %w", repo.Name, number, err)
		}
	}
	return nil
}
