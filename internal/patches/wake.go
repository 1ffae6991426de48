package patches

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	rules "github.com/slipway-dev/slipway/release/patches"
)

// momentLife is how long what was read of a repository is shared at most.
const momentLife = 10 * time.Second

// moment is what the looks at a repository have read since something last happened there: a merge makes several of them
// look at the same.
type moment struct {
	memory *github.Memory
	began  time.Time
}

// moment is the memory that a look shares with the others of its moment.
func (p *Patches) moment(repo int64) *github.Memory {
	now := p.Clock()
	if known, ok := p.moments.Load(repo); ok {
		if m := known.(*moment); now.Sub(m.began) < momentLife {
			return m.memory
		}
	}
	m := &moment{github.NewMemory(), now}
	p.moments.Store(repo, m)
	return m.memory
}

// happened ends the moment of a repository: whoever looks from now on sees what there is then.
func (p *Patches) happened(repo int64) {
	if repo == 0 {
		p.moments.Clear()
		return
	}
	p.moments.Delete(repo)
}

// wake lets a key be looked at now.
func (p *Patches) wake(ctx context.Context, k key) error {
	return p.wakeSoon(ctx, k.String())
}

// wakeSoon lets a key be looked at once what belongs together has arrived: a merge is half a dozen events.
func (p *Patches) wakeSoon(ctx context.Context, key string) error {
	if p.Gather <= 0 {
		return p.wakeAt(ctx, key, time.Time{})
	}
	return p.wakeAt(ctx, key, p.Clock().Add(p.Gather))
}

func (p *Patches) wakeAt(ctx context.Context, key string, at time.Time) error {
	if err := p.Store.Enqueue(ctx, store.Job{Kind: KindLook, Key: key}, at); err != nil {
		return fmt.Errorf("wake %s: %w", key, err)
	}
	return nil
}

// Issue lets an issue be looked at.
func (p *Patches) Issue(ctx context.Context, at conversation.Place) error {
	p.happened(at.Repo)
	return p.wake(ctx, keyOf(kindIssue, at))
}

// Pull lets the picks of a pull request be looked at.
func (p *Patches) Pull(ctx context.Context, at conversation.Place) error {
	p.happened(at.Repo)
	return p.wake(ctx, keyOf(kindPicks, at))
}

// Published lets the milestone of a version be rolled over, and the report of its known issues begin.
func (p *Patches) Published(ctx context.Context, at conversation.Place, tag string) error {
	if !semver.IsValid(tag) || semver.Prerelease(tag) != "" {
		return nil
	}
	p.happened(at.Repo)
	return p.wake(ctx, key{kind: kindPublished, repo: at.Repo, what: tag})
}

// Wake lets the open picks of a repository be looked at now, and its reports after a pause: something happened there. 0
// is all repositories.
func (p *Patches) Wake(ctx context.Context, repo int64) error {
	p.happened(repo)
	open, err := p.Store.Snapshots(ctx, store.SnapshotFilter{Repo: repo, Prefix: kindPicks + ":", Open: new(true)})
	if err != nil {
		return fmt.Errorf("list the open picks of repository %d: %w", repo, err)
	}
	for _, snap := range open {
		if err := p.wakeSoon(ctx, snap.Key); err != nil {
			return err
		}
	}
	if err := p.wakeServed(ctx, repo); err != nil {
		return err
	}
	return p.wakeReports(ctx, repo)
}

// wakeReports lets the reports of a repository be written anew after a pause. The first wake of a pause counts: what
// happens in it is written at once.
func (p *Patches) wakeReports(ctx context.Context, repo int64) error {
	open, err := p.openReports(ctx, repo)
	if err != nil {
		return err
	}
	at := time.Time{}
	if p.Pause > 0 {
		at = p.Clock().Add(p.Pause)
	}
	for _, snap := range open {
		if err := p.wakeAt(ctx, snap.Key, at); err != nil {
			return err
		}
	}
	return nil
}

// openReports are the snapshots of the reports that somebody wants.
func (p *Patches) openReports(ctx context.Context, repo int64) ([]store.Snapshot, error) {
	open, err := p.Store.Snapshots(ctx, store.SnapshotFilter{Repo: repo, Prefix: kindReport + ":", Open: new(true)})
	if err != nil {
		return nil, fmt.Errorf("list the reports of repository %d: %w", repo, err)
	}
	return open, nil
}

// Merged lets the issues be looked at that name a pull request: what git says of their claims may have changed.
func (p *Patches) Merged(ctx context.Context, at conversation.Place) error {
	return p.concerned(ctx, at)
}

// concerned lets the issues be looked at that name a pull request. What was read before it changed counts no more, also
// where another look read it.
func (p *Patches) concerned(ctx context.Context, at conversation.Place) error {
	p.happened(at.Repo)
	ref := "#" + strconv.Itoa(at.Issue)
	return p.wakeIssues(ctx, at.Repo, func(f rules.Facts) bool {
		return slices.ContainsFunc(f.Fixes, func(fix rules.Fix) bool { return fix.Ref == ref }) ||
			slices.ContainsFunc(slices.Collect(maps.Values(f.Picks)),
				func(pick rules.Pick) bool { return pick.Ref == ref })
	})
}

// Tagged lets the issues be looked at that wait for a version of the line of a new tag.
func (p *Patches) Tagged(ctx context.Context, repo int64, tag string) error {
	p.happened(repo)
	minor := rules.MinorOf(tag)
	if minor == "" {
		return nil
	}
	return p.wakeIssues(ctx, repo, func(f rules.Facts) bool {
		waits := func(c rules.Claim) bool { return rules.MinorOf(c.Version) == minor && !c.Released }
		named := func(v string) bool { return rules.MinorOf(v) == minor }
		return slices.ContainsFunc(f.Claims, waits) || slices.ContainsFunc(f.Absent, named) ||
			f.Picks[minor].Merged && f.Picks[minor].Tag == ""
	})
}

// wakeIssues lets the tracked issues be looked at that something concerns.
func (p *Patches) wakeIssues(ctx context.Context, repo int64, concerned func(rules.Facts) bool) error {
	snaps, err := p.Store.Snapshots(ctx, store.SnapshotFilter{Repo: repo, Prefix: kindIssue + ":"})
	if err != nil {
		return fmt.Errorf("list the issues of repository %d: %w", repo, err)
	}
	for _, snap := range snaps {
		memory, err := decoded[issueMemory](snap)
		if err != nil {
			return err
		}
		if !memory.Tracked || !concerned(memory.Facts) {
			continue
		}
		if err := p.wakeSoon(ctx, snap.Key); err != nil {
			return err
		}
	}
	return nil
}
