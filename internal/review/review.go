// Package review is the check run on pull requests that change how a repository releases: what is wrong in the files,
// at their lines; what changes; and, for those who may write to the repository, what the next release would write.
//
// Anybody can open a pull request, so a file of one is judged and never obeyed. Which files are read is fixed, and how
// much of them; the live state is looked at only for a branch of the repository itself, whose author may write there.
//
// There is one check run for each pull request and head, found again by its external id: a second delivery finds it,
// and so does a process that was killed. What is kept of each pull request is a snapshot, review:REPOSITORY-ID#NUMBER.
// Start reading at Work.
package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// Kind is the kind of all jobs of this package, and the prefix of its keys.
const Kind = "review"

// Name is that of the check run, for rulesets that require it.
const Name = "Slipway: release process"

// Forecaster says what the next release of a process would write.
type Forecaster interface {
	Forecast(ctx context.Context, req *conversation.Request, p release.Process) (release.Forecast, error)
}

// Review does it. All its fields are set by main and never change.
type Review struct {
	Store  *store.Store
	GitHub func(github.Scope) step.GitHub
	Clock  func() time.Time
	Log    zerolog.Logger
	AppID  int64
	// Gather is how long an event waits for others that belong to it, and for GitHub to show what it tells of.
	Gather time.Duration
	// Conversation reads the releases under way, and Releases says what the next one would write.
	Conversation *conversation.Conversation
	Releases     Forecaster
}

// Needs are the permissions by which pull requests are looked at. A simulation has those of the steps that it plans,
// and of each only to read.
func Needs() []step.Permission {
	return []step.Permission{
		{Name: "checks: write", Why: "the result is a check run"},
		{Name: "contents: read", Why: "the files are read, as they are and as they were"},
		{Name: "pull_requests: read", Why: "the files that a pull request changes are listed"},
	}
}

// memory is what is kept of a pull request.
type memory struct {
	// Head is the commit that the check run is on, or was about to be written on at Tried.
	Head  string        `json:"head,omitempty"`
	Tried time.Time     `json:"tried,omitzero"`
	Made  []github.Made `json:"made,omitempty"`
	// Unseen is since when GitHub has told of the pull request and does not show it; zero where it does.
	Unseen time.Time `json:"unseen,omitzero"`
	// Rank is that of the pull request among those with the same head.
	Rank rank `json:"rank,omitempty"`
	// Again says that somebody asked for the check run anew: it is written, also where nothing changed.
	Again bool `json:"again,omitempty"`
}

func key(p conversation.Place) string { return Kind + ":" + p.Key() }

// Pull lets a pull request be looked at.
func (r *Review) Pull(ctx context.Context, p conversation.Place) error {
	at := time.Time{}
	if r.Gather > 0 {
		at = r.Clock().Add(r.Gather)
	}
	return r.Store.Enqueue(ctx, store.Job{Kind: Kind, Key: key(p)}, at)
}

// Closed lets a pull request be forgotten that has a check run.
func (r *Review) Closed(ctx context.Context, p conversation.Place) error {
	_, known, err := r.Store.Snapshot(ctx, key(p))
	if err != nil || !known {
		return err
	}
	return r.Pull(ctx, p)
}

// Again lets the check runs on a commit be written anew: somebody asked for it.
func (r *Review) Again(ctx context.Context, repo int64, sha string) error {
	return r.again(ctx, repo, sha, 0)
}

// again is Again for all pull requests but one.
func (r *Review) again(ctx context.Context, repo int64, sha string, but int) error {
	all, err := r.Store.Snapshots(ctx, store.SnapshotFilter{Repo: repo, Prefix: Kind + ":"})
	if err != nil {
		return err
	}
	for _, snap := range all {
		m, err := decoded(snap)
		if err != nil {
			return err
		}
		if m.Head != sha || snap.Issue == but {
			continue
		}
		p := conversation.Place{Repo: repo, Issue: snap.Issue}
		if err := r.change(ctx, p, func(m *memory) { m.Again = true }); err != nil {
			return err
		}
		if err := r.Pull(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// Work brings the check run of one pull request up to date. No other job of the key runs meanwhile.
func (r *Review) Work(ctx context.Context, job store.Job) error {
	repo, number, err := conversation.ParseKey(strings.TrimPrefix(job.Key, Kind+":"))
	if err != nil {
		return store.GiveUp{Err: err}
	}
	known, found, err := r.Store.Repository(ctx, repo)
	if err != nil || !found || known.Away != "" {
		return err
	}
	place := conversation.Place{Repo: repo, Name: known.Name, Installation: known.Installation, Issue: number}
	l := &look{Review: r, place: place, gh: r.GitHub(place.Scope(step.Levels(Needs())))}
	if err = l.work(github.OneJob(ctx)); errors.Is(err, errUnseen) {
		return l.unseen(ctx)
	}
	return err
}

// errUnseen is a pull request that GitHub told of and does not show.
var errUnseen = errors.New("GitHub does not show the pull request")

// unseen lets a pull request be looked at once more that GitHub may not show yet.
func (l *look) unseen(ctx context.Context) error {
	if l.memory.Unseen.IsZero() {
		if err := l.keep(ctx, func(k *memory) { k.Unseen = l.Clock() }); err != nil {
			return err
		}
	}
	if !l.waited() {
		return store.Later{At: l.memory.Unseen.Add(conversation.Settle)}
	}
	return l.forget(ctx)
}

// waited says that what GitHub does not show by now is not there.
func (l *look) waited() bool {
	since := l.memory.Unseen
	return !since.IsZero() && !l.Clock().Before(since.Add(conversation.Settle))
}

// look is one look at a pull request.
type look struct {
	*Review
	place  conversation.Place
	gh     step.GitHub
	memory memory
	// there are the files that the pull request has, as GitHub lists them.
	there map[string]bool
}

func (l *look) work(ctx context.Context) error {
	snap, _, err := l.Store.Snapshot(ctx, key(l.place))
	if err != nil {
		return err
	}
	if l.memory, err = decoded(snap); err != nil {
		return err
	}
	paths, unread, err := l.touched(ctx)
	none := len(paths)+len(unread) == 0
	switch {
	case err != nil:
		return err
	case none && l.memory.Head == "" && l.memory.Unseen.IsZero():
		return nil
	case none && l.memory.Head == "":
		return l.forget(ctx)
	}
	pull, found, err := l.gh.Pull(ctx, l.place.Name, l.place.Issue)
	if err != nil {
		return err
	}
	if !found {
		return errUnseen
	}
	if pull.State != "open" || none && l.memory.Head != pull.HeadSHA {
		// A head that does not touch the files gets no check run, like every other pull request.
		return l.forget(ctx)
	}
	trunk, err := l.gh.DefaultBranch(ctx, l.place.Name)
	if err != nil {
		return err
	}
	if speaks, err := l.speaks(ctx, pull, trunk); err != nil || !speaks {
		return err
	}
	check := untouched()
	if !none {
		if check, err = l.check(ctx, pull, trunk, paths, unread); err != nil {
			return err
		}
	}
	return l.write(ctx, pull.HeadSHA, check)
}

// forget drops what is kept of the pull request. Another one may have the same head, and speaks for it now.
func (l *look) forget(ctx context.Context) error {
	if err := l.Store.DropSnapshot(ctx, key(l.place)); err != nil || l.memory.Head == "" {
		return err
	}
	return l.again(ctx, l.place.Repo, l.memory.Head, l.place.Issue)
}

// rank orders pull requests that have the same head: the first in order speaks for it, by its number where two are
// alike. A stranger can open one of any commit, into any branch.
type rank int

const (
	ofOurs  rank = iota // a branch of the repository, into the default branch
	ofFork              // into the default branch
	ofOther             // into another branch, where nothing is read
)

// speaks puts on record which head the pull request has, and says whether its check run is the one on that head.
func (l *look) speaks(ctx context.Context, pull step.Pull, trunk string) (bool, error) {
	before, is := l.memory.Head, ofOurs
	switch {
	case pull.Base != trunk:
		is = ofOther
	case !strings.EqualFold(pull.HeadRepo, l.place.Name):
		is = ofFork
	}
	if before != pull.HeadSHA || l.memory.Rank != is {
		err := l.keep(ctx, func(k *memory) {
			if k.Head != pull.HeadSHA {
				k.Tried = time.Time{}
			}
			k.Head, k.Rank = pull.HeadSHA, is
		})
		if err != nil {
			return false, err
		}
		// Another one may speak for the head that this one had.
		if err := l.again(ctx, l.place.Repo, before, l.place.Issue); err != nil {
			return false, err
		}
	}
	all, err := l.Store.Snapshots(ctx, store.SnapshotFilter{Repo: l.place.Repo, Prefix: Kind + ":"})
	for _, snap := range all {
		other, wrong := decoded(snap)
		first := other.Rank < is || other.Rank == is && snap.Issue < l.place.Issue
		if wrong == nil && other.Head == pull.HeadSHA && first {
			return false, err
		}
	}
	return err == nil, err
}

// write lets the check run of the pull request on a commit say so. It is looked for before, and that it is about to be
// made is on record: GitHub's list may not show yet what a process made that was killed.
func (l *look) write(ctx context.Context, sha string, c step.Check) error {
	c.Name, c.ExternalID, c.Status = Name, fmt.Sprintf("slipway/pull/%d", l.place.Issue), "completed"
	ctx = github.Recalling(ctx, github.NewWritten(l.memory.Made, func(m github.Made) error {
		return l.keep(ctx, func(k *memory) { k.Made = append(recent(k.Made, l.Clock()), m) })
	}))
	runs, err := l.gh.CheckRuns(ctx, l.place.Name, sha, Name)
	if err != nil {
		return err
	}
	var own step.Check
	for _, run := range runs {
		if run.AppID == l.AppID && run.ExternalID == c.ExternalID && run.ID > own.ID {
			own = run
		}
	}
	switch {
	case own.ID == 0:
		if at := l.memory.Tried.Add(conversation.Settle); l.memory.Head == sha && l.Clock().Before(at) {
			return store.Later{At: at}
		}
		err = l.keep(ctx, func(k *memory) { k.Head, k.Tried = sha, l.Clock() })
		if err == nil {
			err = l.gh.CreateCheck(ctx, l.place.Name, sha, c)
		}
	case !l.memory.Again && own.Conclusion == c.Conclusion && own.Title == c.Title && own.Summary == c.Summary:
	default:
		if own.Annotated > 0 {
			c.Annotations = nil // GitHub would add them to those that are there
		}
		err = l.gh.EditCheck(ctx, l.place.Name, own.ID, c)
	}
	if err != nil {
		return err
	}
	l.Log.Info().Str("repository", l.place.Name).Int("pull", l.place.Issue).Str("conclusion", c.Conclusion).
		Msg("release process of a pull request checked")
	return l.keep(ctx, func(k *memory) { k.Head, k.Again, k.Tried, k.Unseen = sha, false, time.Time{}, time.Time{} })
}

// recalled is for how long it is kept what was made: GitHub's lists show it long before.
const recalled = 10 * time.Minute

func recent(made []github.Made, now time.Time) []github.Made {
	var out []github.Made
	for _, m := range made {
		if now.Sub(m.At) < recalled {
			out = append(out, m)
		}
	}
	return out
}

func decoded(snap store.Snapshot) (m memory, err error) {
	if len(snap.Data) == 0 {
		return m, nil
	}
	if err := json.Unmarshal(snap.Data, &m); err != nil {
		return m, fmt.Errorf("read the snapshot %s: %w", snap.Key, err)
	}
	return m, nil
}

// keep changes what is kept of the pull request.
func (l *look) keep(ctx context.Context, edit func(*memory)) error {
	edit(&l.memory)
	return l.change(ctx, l.place, edit)
}

// mostTries is how often a snapshot is edited again because somebody else was faster.
const mostTries = 20

// change edits what is kept of a pull request; edit is called again where somebody wrote in between.
func (r *Review) change(ctx context.Context, p conversation.Place, edit func(*memory)) error {
	for range mostTries {
		snap, _, err := r.Store.Snapshot(ctx, key(p))
		if err != nil {
			return err
		}
		m, err := decoded(snap)
		if err != nil {
			return err
		}
		edit(&m)
		if snap.Data, err = json.Marshal(m); err != nil {
			return err
		}
		snap.Key, snap.Repo, snap.Issue, snap.At = key(p), p.Repo, p.Issue, r.Clock().UTC()
		if err = r.Store.PutSnapshot(ctx, snap); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("write the snapshot %s: %w", key(p), store.ErrConflict)
}
