package patches

import (
	"context"
	"fmt"
	"slices"

	"github.com/slipway-dev/slipway/internal/store"
	rules "github.com/slipway-dev/slipway/release/patches"
)

// servedMemory is what the API needs of a whole repository; each issue brings the rest (issueMemory.Shown). Its
// snapshot is open while the repository has a usable policy.
type servedMemory struct {
	Tags       []string `json:"tags,omitempty"`       // that are versions, lowest first
	Maintained []string `json:"maintained,omitempty"` // release lines
}

func servedKey(repo int64) key { return key{kind: kindServed, repo: repo} }

// served keeps which versions there are, and that the API may answer.
func (l *pass) served(ctx context.Context) error {
	tags, err := l.versions(ctx)
	if err != nil {
		return err
	}
	_, err = change(ctx, l.Patches, servedKey(l.place.Repo), func(m *servedMemory, open *bool) {
		m.Tags, m.Maintained, *open = tags, rules.Lines(tags, l.policy.MaintainedLines(tags)), true
	})
	return err
}

// unserve ends the answers of the API about a repository that has no usable policy any more.
func (p *Patches) unserve(ctx context.Context, repo int64) error {
	_, open, err := load[servedMemory](ctx, p.Store, servedKey(repo))
	if err != nil || !open {
		return err
	}
	_, err = change(ctx, p, servedKey(repo), func(_ *servedMemory, open *bool) { *open = false })
	return err
}

// wakeServed lets the versions of a repository be looked at, also where the policy was not usable: it may be now. 0 is
// all repositories.
func (p *Patches) wakeServed(ctx context.Context, repo int64) error {
	all, err := p.Store.Snapshots(ctx, store.SnapshotFilter{Repo: repo, Prefix: kindServed + ":"})
	if err != nil {
		return fmt.Errorf("list what is served of repository %d: %w", repo, err)
	}
	for _, snap := range all {
		if err := p.wakeSoon(ctx, snap.Key); err != nil {
			return err
		}
	}
	return nil
}

// shown is what the API may need of an issue: not its text.
func shown(is rules.Issue, judged rules.Judgement) *rules.Issue {
	if !is.Tracked() {
		return nil
	}
	is.Labels = slices.Clone(is.Labels)
	for _, w := range judged.Remove {
		is.Labels = slices.DeleteFunc(is.Labels, func(have string) bool { return have == w.Name })
	}
	for _, w := range judged.Add {
		if !is.Has(w.Name) {
			is.Labels = append(is.Labels, w.Name)
		}
	}
	is.Body, is.Summary.Binaries, is.Summary.PRs = "", nil, nil
	is.Block.Problems, is.Block.Corrected = nil, ""
	return &is
}
