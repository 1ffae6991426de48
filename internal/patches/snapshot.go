package patches

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
)

// mostTries is how often a snapshot is edited again because somebody else was faster.
const mostTries = 20

// load is what is kept of a key; the zero value where nothing is. open says that whatever happens in the repository
// wakes it.
func load[T any](ctx context.Context, s *store.Store, k key) (memory T, open bool, err error) {
	snap, _, err := s.Snapshot(ctx, k.String())
	if err != nil {
		return memory, false, fmt.Errorf("read the snapshot %s: %w", k, err)
	}
	memory, err = decoded[T](snap)
	return memory, snap.Open, err
}

func decoded[T any](snap store.Snapshot) (memory T, err error) {
	if len(snap.Data) == 0 {
		return memory, nil
	}
	if err := json.Unmarshal(snap.Data, &memory); err != nil {
		return memory, fmt.Errorf("read the snapshot %s: %w", snap.Key, err)
	}
	return memory, nil
}

// change edits what is kept of a key. edit is called again where a command or a job wrote in between: it sets what it
// knows, and leaves the rest as it is.
func change[T any](ctx context.Context, p *Patches, k key, edit func(memory *T, open *bool)) (memory T, err error) {
	for range mostTries {
		snap, _, err := p.Store.Snapshot(ctx, k.String())
		if err != nil {
			return memory, fmt.Errorf("read the snapshot %s: %w", k, err)
		}
		if memory, err = decoded[T](snap); err != nil {
			return memory, err
		}
		edit(&memory, &snap.Open)
		if snap.Data, err = json.Marshal(memory); err != nil {
			return memory, fmt.Errorf("write the snapshot %s: %w", k, err)
		}
		snap.Key, snap.Repo, snap.Issue, snap.At = k.String(), k.repo, k.issue, p.Clock().UTC()
		err = p.Store.PutSnapshot(ctx, snap)
		if !errors.Is(err, store.ErrConflict) {
			return memory, err
		}
	}
	return memory, fmt.Errorf("write the snapshot %s: %w", k, store.ErrConflict)
}

// recalled is for how long it is kept what a write made. GitHub's lists show it long before.
const recalled = 10 * time.Minute

// newest are the things that GitHub's lists may not show yet.
func newest(made []github.Made, now time.Time) []github.Made {
	return slices.DeleteFunc(slices.Clone(made), func(m github.Made) bool { return now.Sub(m.At) >= recalled })
}

// recalling keeps what the writes below a context make in the snapshot of a key, so that no list that lags, and no
// answer that is lost, makes anything twice. done forgets what was deleted again, however the job ended.
func recalling[T any](
	ctx context.Context, p *Patches, k key, made func(*T) *[]github.Made,
) (below context.Context, done func() error, err error) {
	memory, _, err := load[T](ctx, p.Store, k)
	if err != nil {
		return nil, nil, err
	}
	earlier := newest(*made(&memory), p.Clock())
	w := github.NewWritten(earlier, func(one github.Made) error {
		_, err := change(ctx, p, k, func(m *T, _ *bool) { *made(m) = append(newest(*made(m), p.Clock()), one) })
		return err
	})
	done = func() error {
		now := newest(w.Made(), p.Clock())
		if len(earlier)+len(now) == 0 {
			return nil
		}
		_, err := change(ctx, p, k, func(m *T, _ *bool) { *made(m) = now })
		return err
	}
	return github.Recalling(ctx, w), done, nil
}
