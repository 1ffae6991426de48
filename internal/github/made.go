package github

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	// recent is how long after an edit of ours a list is not believed about the thing edited. GitHub's lists lag by
	// seconds.
	recent = 30 * time.Second
	// settled is how long after a write the thing may be missing even where it is asked for by its id.
	settled = 10 * time.Second
)

// The kinds of things that a write makes.
const (
	madeComment   = "comment"
	madePull      = "pull"
	madeRelease   = "release"
	madeRuleset   = "ruleset"
	madeMilestone = "milestone"
	madeTag       = "tag"
	madeBranch    = "branch"
	madeCheck     = "check"
	madeRun       = "run"
)

// Made is a thing that a write of ours made, with what GitHub answered: by it the thing is found again, whatever
// GitHub's lists show. It is for storing as JSON.
type Made struct {
	Kind string `json:"kind"` // comment, pull, release, ruleset, milestone, tag, branch, check, run
	Repo string `json:"repo"` // OWNER/NAME at the time
	// ID is GitHub's id; 0 for a tag and a branch, which have only names.
	ID int64 `json:"id,omitempty"`
	// Number is that of a pull request or milestone, and that of the issue of a comment.
	Number int `json:"number,omitempty"`
	// Name is the name of a tag, branch, check or ruleset, the title of a milestone, the tag of a release, the
	// file of a run's workflow, and the head of a pull request as OWNER:BRANCH.
	Name string `json:"name,omitempty"`
	// SHA is the commit of a tag or branch, and the one that a check is on.
	SHA string `json:"sha,omitempty"`
	// URL is the page of the thing. For a tag it is the API's URL of the object that the ref points to.
	URL string    `json:"url,omitempty"`
	At  time.Time `json:"at"`
	// Deleted says that we deleted it since: a list that lacks it is right.
	Deleted bool `json:"deleted,omitempty"`
}

// is says that both are the same thing.
func (m Made) is(other Made) bool {
	if m.Kind != other.Kind || m.Repo != other.Repo {
		return false
	}
	switch m.Kind {
	case madePull, madeMilestone:
		return m.Number == other.Number
	case madeTag, madeBranch:
		return m.Name == other.Name
	}
	return m.ID == other.ID
}

// Written is what was made below a context, and before. Safe for many goroutines.
type Written struct {
	// Note records what was made before the write that made it returns. A write that cannot be recorded comes back as
	// an error, although it was made. nil records nothing.
	Note func(Made) error

	mu    sync.Mutex
	known []written
}

// written is a thing that we made, edited, or deleted.
type written struct {
	Made
	edited time.Time // zero when it was only made, or made by an earlier job
	// answer is GitHub's answer to the newest write, as JSON; empty when that was another job's.
	answer json.RawMessage
}

// newest is when the thing was last written.
func (w written) newest() time.Time {
	if w.edited.After(w.At) {
		return w.edited
	}
	return w.At
}

// NewWritten begins with what earlier jobs made.
func NewWritten(earlier []Made, note func(Made) error) *Written {
	w := &Written{Note: note}
	for _, m := range earlier {
		w.change(m, func(k *written) { k.Made = m })
	}
	return w
}

// Made is all that was made, the earlier first, without what we deleted since.
func (w *Written) Made() []Made {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Made
	for _, k := range w.known {
		if !k.Deleted && !k.At.IsZero() {
			out = append(out, k.Made)
		}
	}
	return out
}

// matching are the things of a kind that suit.
func (w *Written) matching(kind, repo string, suits func(Made) bool) []written {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []written
	for _, k := range w.known {
		if k.Kind == kind && k.Repo == repo && suits(k.Made) {
			out = append(out, k)
		}
	}
	return out
}

// change edits what is known of a thing, and begins with m where nothing is.
func (w *Written) change(m Made, edit func(*written)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.known, func(k written) bool { return k.is(m) })
	if i < 0 {
		i = len(w.known)
		w.known = append(w.known, written{Made: m})
	}
	edit(&w.known[i])
}

// note has recorded what was done, as the error says it where that fails.
func (w *Written) note(done string, m Made) error {
	if w.Note == nil {
		return nil
	}
	if err := w.Note(m); err != nil {
		return fmt.Errorf("%s, and could not be recorded: %w", done, err)
	}
	return nil
}

type writtenKey struct{}

// Recalling gives a context below which each write adds what it makes to w, and each list holds what w knows of, even
// while GitHub's own does not show it yet: so nothing is made twice.
func Recalling(ctx context.Context, w *Written) context.Context {
	return context.WithValue(ctx, writtenKey{}, w)
}

func writtenIn(ctx context.Context) *Written {
	w, _ := ctx.Value(writtenKey{}).(*Written)
	return w
}

// Lagging says that GitHub does not show yet what was made moments ago: neither that it is there nor that it is gone is
// known before Until.
type Lagging struct {
	What  string // "comment 17 in acme/app"
	Until time.Time
}

func (e *Lagging) Error() string {
	return "GitHub does not show " + e.What + " yet, which was made moments ago"
}

// noted adds what a write made, and has it recorded. answer is what GitHub said of it.
func noted[T any](ctx context.Context, gh *client, what string, m Made, answer T) error {
	w := writtenIn(ctx)
	if w == nil {
		return nil
	}
	m.At = gh.clock()
	raw, err := kept(answer)
	if err != nil {
		return fmt.Errorf("%s: keep the answer: %w", what, err)
	}
	w.change(m, func(k *written) { *k = written{Made: m, answer: raw} })
	return w.note(what+": it was done", m)
}

// learned adds to what was made the commit that it is about, where the write did not tell, and has that recorded: so it
// is not asked for again where another commit is meant.
func learned(ctx context.Context, what string, m Made, sha string) error {
	w := writtenIn(ctx)
	if w == nil || m.SHA != "" || sha == "" {
		return nil
	}
	m.SHA = sha
	w.change(m, func(k *written) { k.SHA = sha })
	return w.note(what+": it was found out", m)
}

// kept is an answer as JSON; one that said nothing of the thing is none.
func kept[T any](answer T) (json.RawMessage, error) {
	raw, err := json.Marshal(answer)
	if string(raw) == "null" {
		raw = nil
	}
	return raw, err
}

// edited keeps in mind that a thing was just changed, which lists may not show yet.
func edited[T any](ctx context.Context, gh *client, m Made, answer T) {
	w := writtenIn(ctx)
	if w == nil {
		return
	}
	raw, err := kept(answer)
	if err != nil {
		raw = nil
	}
	now := gh.clock()
	w.change(m, func(k *written) { k.edited, k.answer, k.Deleted = now, raw, false })
}

// deleted keeps in mind that a thing is gone, which lists may not show yet, and has that recorded.
func deleted(ctx context.Context, gh *client, what string, m Made) error {
	w := writtenIn(ctx)
	if w == nil {
		return nil
	}
	m.At, m.Deleted = gh.clock(), true
	w.change(m, func(k *written) { k.Made = m })
	return w.note(what+": it was done", m)
}
