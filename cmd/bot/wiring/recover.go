package wiring

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
	id, today, found, err := b.GitHub.RepositoryNamed(ctx, installation, name)
	if err == nil && !found {
		err = fmt.Errorf("%s: %w", name, ErrNoRepository)
	}
	return store.Repository{ID: id, Name: today, Installation: installation}, err
}

// Recover restores the logs of all open issues of a repository. The first that cannot be restored ends it.
func (b *Bot) Recover(ctx context.Context, name string) ([]conversation.Recovered, error) {
	repo, err := b.FindRepository(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := b.Conversation.Remember(ctx, repo); err != nil {
		return nil, err
	}
	numbers, err := b.Conversation.Recoverable(ctx, repo)
	if err != nil {
		return nil, err
	}
	var all []conversation.Recovered
	for _, number := range numbers {
		one, err := b.Conversation.Recover(ctx, repo, number)
		if err != nil {
			return all, fmt.Errorf("recover %s#%d: %w", name, number, err)
		}
		all = append(all, one)
	}
	return all, nil
}
