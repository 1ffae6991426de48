// Package patches keeps the issues of patch releases, their reports, milestones and cherry-picks as the policy of the
// repository says (release/patches). It looks, asks the policy, and writes what is not there yet; whatever it does can
// be done again. Start reading at Work.
//
// People speak to it through internal/conversation: Commands are its rows of the table. A command decides, keeps the
// wish in a snapshot of the store, and wakes a job; the job does what takes longer. Snapshots and jobs have the same
// keys: KIND:REPOSITORY-ID#NUMBER, and /=WHAT where there are several.
package patches

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/elsewhere"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// KindLook is the kind of all jobs of this package.
const KindLook = "look"

// Patches does it. All its fields are set by main and never change.
type Patches struct {
	Store  *store.Store
	GitHub func(github.Scope) step.GitHub
	// Apps reaches other repositories, as far as they allow it; nil where no policy uses any.
	Apps  elsewhere.Apps
	Clock func() time.Time
	Log   zerolog.Logger
	// AppSlug is the App's name: its user is SLUG[bot].
	AppSlug string
	// Pause is how long reports wait for more to happen before they are written anew.
	Pause time.Duration
	// Gather is how long an event waits for others that belong to it before anything is looked at.
	Gather time.Duration

	policies sync.Map // policyFile by OWNER/NAME
	moments  sync.Map // *moment by repository
	// Conversation writes the comments.
	Conversation *conversation.Conversation
}

// pass is one look at a place: whom it asks, and the policy that it goes by.
type pass struct {
	*Patches
	place  conversation.Place
	gh     step.GitHub
	policy rules.Policy
}

// Work brings what the key of a job stands for up to date. No other job of the key runs meanwhile. Nothing is due where
// Slipway may not write now, and where no usable policy is.
func (p *Patches) Work(ctx context.Context, job store.Job) error {
	k, err := parseKey(job.Key)
	if err != nil {
		return store.GiveUp{Err: err}
	}
	repo, known, err := p.Store.Repository(ctx, k.repo)
	if err != nil || !known || repo.Away != "" {
		return err
	}
	ctx = github.Remembering(ctx, p.moment(k.repo))
	place := conversation.Place{Repo: k.repo, Name: repo.Name, Installation: repo.Installation, Issue: k.issue}
	gh := p.GitHub(place.Scope(step.Levels(Needs())))
	policy, state, err := p.policy(ctx, gh, place)
	if err != nil {
		return err
	}
	if !state.usable() {
		return p.unserve(ctx, place.Repo)
	}
	l := &pass{p, place, gh, policy}
	if k.kind != kindCalendar {
		if err := l.tomorrow(ctx); err != nil {
			return err
		}
	}
	return l.work(ctx, k)
}

func (l *pass) work(ctx context.Context, k key) error {
	switch k.kind {
	case kindIssue:
		return l.issue(ctx)
	case kindReport:
		return l.report(ctx, k.what)
	case kindPicks:
		return l.picks(ctx)
	case kindPublished:
		return l.published(ctx, k.what)
	case kindCalendar:
		return l.calendar(ctx)
	case kindServed:
		return l.served(ctx)
	case kindRollover:
		return l.rollover(ctx, k.what)
	}
	return store.GiveUp{Err: fmt.Errorf("look at %s: nothing is called %s", k, k.kind)}
}
