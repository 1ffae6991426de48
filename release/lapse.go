package release

import (
	"time"

	"github.com/slipway-dev/slipway/release/params"
)

// Itself says that nobody asked for the run: its time had come.
func (r Run) Itself() bool { return !r.Phase && !r.Undo && r.By == "" }

// Lapsed are the runs that begin by themselves because their time has come: a lock whose hours are over is opened, so
// that nobody is kept out of a branch by a release that was forgotten.
func Lapsed(r Release, at time.Time) []Event {
	if !r.Begun || r.Aborted != nil {
		return nil
	}
	var out []Event
	for branch, lock := range r.locks() {
		locked, _ := lock.Does.Any.(params.LockBranch)
		if locked.Hours < 1 || at.Before(lock.DoneAt.Add(time.Duration(locked.Hours)*time.Hour)) {
			continue
		}
		out = append(out, Asked{Name: "expiry", Steps: []Step{{
			ID: "expiry", Does: literal(params.UnlockBranch{Branch: branch, By: locked.By}),
			Title: lapsedTitle(branch, locked.Hours), Stays: lapsedStays(),
		}}})
	}
	return out
}

// Lapses says that a lock is still to end by itself, even where the release is over otherwise.
func (r Release) Lapses() bool {
	if !r.Begun || r.Aborted != nil {
		return false
	}
	for _, lock := range r.locks() {
		if locked, _ := lock.Does.Any.(params.LockBranch); locked.Hours > 0 {
			return true
		}
	}
	return false
}

// locks are the locks that this release has put on branches and that no unlock has opened, by branch.
func (r Release) locks() map[string]StepState {
	locks := map[string]StepState{}
	for _, run := range r.Live() {
		vars := r.In(run)
		for _, s := range run.Steps {
			branch, err := Expand(s.branch(), vars)
			switch {
			case err != nil:
			case s.opens() && (s.Done != nil && s.Done.How != Skipped || run.Itself()):
				delete(locks, branch)
			case s.locks() && s.Done != nil && s.Done.How != Skipped:
				locks[branch] = s
			}
		}
	}
	return locks
}

// Locked says that this release keeps a branch locked.
func (r Release) Locked(branch string) bool {
	_, locked := r.locks()[branch]
	return locked
}
