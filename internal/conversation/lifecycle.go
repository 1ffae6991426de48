package conversation

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
)

// What names what happened to a tracking issue, to its repository, or to the App there. It is stored: a value never
// changes its meaning.
type What string

// What can happen.
const (
	Renamed   What = "renamed"   // the repository has another name or owner
	Returned  What = "returned"  // Slipway may write to the repository again
	Permitted What = "permitted" // the App got new permissions
	Lost      What = "lost"      // deliveries of the repository cannot be had any more
	Closed    What = "closed"    // the issue was closed, and so on
	Reopened  What = "reopened"
	Locked    What = "locked"
	Unlocked  What = "unlocked"
	Moved     What = "moved"
	Deleted   What = "deleted"
	// Assigned and Unassigned are of one person. Restored is the log, and what happened meanwhile is not in it.
	Assigned   What = "assigned"
	Unassigned What = "unassigned"
	Restored   What = "restored"
)

// Happening is what happened, with what is told of it.
type Happening struct {
	What What `json:"what"`
	// From and To are the names of the repository before and after it was renamed, To also that of the repository which
	// the issue was moved to, Repo and Issue its ids there.
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
	Repo  int64  `json:"repo,omitempty"`
	Issue int    `json:"issue,omitempty"`
	// Why and Since say for which reason and since when Slipway could not write; Since to Until is when the Count lost
	// deliveries were sent.
	Why   string    `json:"why,omitempty"`
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
	Count int       `json:"count,omitempty"`
	// Who was assigned, by the sender; Bot says that this is a program.
	Who release.Person `json:"who,omitzero"`
	Bot bool           `json:"bot,omitempty"`
}

// Cause is the delivery that a happening is known from: it makes the happening one and the same when it is heard again.
type Cause struct {
	GUID string
	At   time.Time
	By   string // who did it
	ByID int64
}

// causeKey is the key of the cause in a context.
type causeKey struct{}

// WithCause gives the delivery that is worked to whoever handles it.
func WithCause(ctx context.Context, cause Cause) context.Context {
	return context.WithValue(ctx, causeKey{}, cause)
}

// CauseOf is the delivery that is worked, the zero value where none is.
func CauseOf(ctx context.Context) Cause {
	cause, _ := ctx.Value(causeKey{}).(Cause)
	return cause
}

// EventID is the number of mail that is no comment. It is below all numbers of comments, later events have higher ones,
// and the same delivery always gives the same.
func EventID(at time.Time, guid string) int64 {
	const lowest = -1 << 62
	h := fnv.New32a()
	_, _ = h.Write([]byte(guid)) // a hash takes everything
	return lowest + (at.Unix()<<20 | int64(h.Sum32()&0xfffff))
}

// Happened tells the job of an issue what happened to it. An issue on which nothing was ever said is left alone.
func (c *Conversation) Happened(ctx context.Context, p Place, cause Cause, h Happening) error {
	_, found, err := c.Store.LogOf(ctx, p.Repo, p.Issue)
	if err == nil && !found {
		var waiting []store.Mail
		waiting, err = c.Store.Mailbox(ctx, p.Repo, p.Issue)
		found = len(waiting) > 0
	}
	if err != nil || !found {
		return err
	}
	return c.post(ctx, p, cause, h)
}

// tellAll tells the jobs of all issues of a repository that have an open release.
func (c *Conversation) tellAll(ctx context.Context, repo store.Repository, cause Cause, h Happening) error {
	logs, err := c.Store.Logs(ctx, store.Filter{Repo: repo.ID, Open: new(true)})
	if err != nil {
		return err
	}
	for _, l := range logs {
		p := Place{Repo: repo.ID, Name: repo.Name, Installation: repo.Installation, Issue: l.Issue}
		if err := c.post(ctx, p, cause, h); err != nil {
			return err
		}
	}
	return nil
}

// post puts a happening into the mailbox of an issue, where it waits for its turn like a comment.
func (c *Conversation) post(ctx context.Context, p Place, cause Cause, h Happening) error {
	return c.Mail(ctx, p, Said{
		Comment: EventID(cause.At,
			cause.GUID+"/"+string(h.What)), At: cause.At, By: cause.By, ByID: cause.ByID, Event: &h,
	})
}

// happened gives the events of a happening for the log of the issue. A happening that the log knows already has none.
func (w *worker) happened(ctx context.Context, s Said) ([]release.Event, error) {
	r, h := w.l.Release, *s.Event
	told := release.Noticed{Key: noticeKey(s)}
	known := slices.ContainsFunc(r.Notices, func(n release.Noticed) bool { return n.Key == told.Key })
	if !r.Begun || known {
		return nil, nil
	}
	running := r.Open() && r.Aborted == nil
	var events []release.Event
	var err error
	switch h.What {
	case Closed, Reopened:
		return w.opened(ctx, s, told)
	case Deleted, Moved:
		if !running {
			return nil, nil
		}
		return w.orphaned(ctx, s)
	case Assigned, Unassigned:
		return w.assigned(ctx, s)
	case Restored:
		return w.reassigned(ctx)
	case Renamed:
		told.Text = renamed(h)
		if last, found := lastNotice(r, Renamed); found && last == told.Text {
			return nil, nil // two deliveries told of it
		}
	case Returned:
		told.Text = returned(h, s.At)
		if events, err = w.reassigned(ctx); err != nil {
			return nil, err
		}
		events = append(events, retried(r, s, func(stopped release.StepState) bool {
			return !stopped.Since.Before(h.Since.Add(-beforeAway))
		})...)
	case Permitted:
		events = retried(r, s, wantsPermission)
		told.Text = permitted(len(events))
	case Lost:
		told.Text = lost(h)
		if events, err = w.reassigned(ctx); err != nil {
			return nil, err
		}
	case Locked:
		told.Text = locked(s.By)
	case Unlocked:
		told.Text = unlocked(s.By)
	default:
		return nil, fmt.Errorf("this Slipway knows no happening %q; was it stored by a newer one?", h.What)
	}
	if !r.Open() {
		return nil, nil
	}
	return append(events, told), nil
}

// beforeAway is for how long a step may have been refused before the event arrived that says why.
const beforeAway = 10 * time.Minute

// noticeKey names what is told of a happening: a short number that is the same each time.
func noticeKey(s Said) string {
	return string(s.Event.What) + "-" + strconv.FormatInt(s.Comment&(1<<52-1), 36)
}

// lastNotice is the text that was told last about one kind of happening.
func lastNotice(r release.Release, what What) (text string, found bool) {
	for _, n := range slices.Backward(r.Notices) {
		if strings.HasPrefix(n.Key, string(what)+"-") {
			return n.Text, true
		}
	}
	return "", false
}

// opened holds the release while its issue is closed. The issue is looked at, because two events of one second may
// arrive in either order.
func (w *worker) opened(ctx context.Context, s Said, told release.Noticed) ([]release.Event, error) {
	r := w.l.Release
	byClosing := r.Held != nil && r.Held.Comment == 0 && r.Held.Reason == issueClosed()
	closed := s.Event.What == Closed
	if !r.Open() || r.Aborted != nil || closed == byClosing {
		return nil, nil
	}
	issue, found, err := w.l.GH.Issue(github.Afresh(ctx), w.l.Place.Name, w.l.Place.Issue)
	if err != nil && !github.Final(err) {
		return nil, err
	}
	if err == nil && found && (issue.State == "closed") != closed {
		return nil, nil
	}
	src := release.Source{By: s.By, ID: s.ByID}
	if !closed {
		told.Text = reopened(s.By)
		return []release.Event{release.Resumed{Source: src}, told}, nil
	}
	if r.Held != nil {
		told.Text = closedAndHeld(s.By)
		return []release.Event{told}, nil
	}
	told.Text = closedNow(s.By)
	return []release.Event{release.Held{Source: src, Reason: issueClosed()}, told}, nil
}

// orphaned ends a release that lost its issue: nobody can lead it any more.
func (w *worker) orphaned(ctx context.Context, s Said) ([]release.Event, error) {
	reason := issueDeleted()
	if s.Event.What == Moved {
		reason = issueMoved(s.Event)
		if err := w.tellThere(ctx, s); err != nil {
			return nil, err
		}
	}
	return release.GiveUp(w.l.Release, release.Source{By: s.By, ID: s.ByID}, reason), nil
}

// tellThere says on the issue as which a tracking issue goes on that its release did not come along. Where Slipway may
// not write it says nothing.
func (w *worker) tellThere(ctx context.Context, s Said) error {
	to := Place{Repo: s.Event.Repo, Name: s.Event.To, Installation: w.l.Place.Installation, Issue: s.Event.Issue}
	repo, known, err := w.c.Store.Repository(ctx, to.Repo)
	if err != nil {
		return err
	}
	if known && repo.Away != "" {
		return nil
	}
	if known {
		to.Name, to.Installation = repo.Name, repo.Installation
	}
	text := movedHere(w.l.Release.Started, w.l.Place)
	_, err = w.c.Note(ctx, w.c.client(to), to, "moved", func(bool) string { return text })
	if github.Final(err) {
		w.c.Log.Info().Err(err).Str("release", w.l.id).Str("to", to.Key()).Msg("not said where the issue was moved to")
		return nil
	}
	return err
}

// retried lets steps that stopped be looked at again.
func retried(r release.Release, s Said, which func(release.StepState) bool) []release.Event {
	var events []release.Event
	if !r.Open() {
		return nil
	}
	for i, run := range r.Live() {
		for _, one := range run.Steps {
			if one.Stopped != nil && !run.Over && which(one) {
				src := release.Source{By: s.By, ID: s.ByID}
				events = append(events, release.Retried{Source: src, Run: r.First + i, Step: one.ID})
			}
		}
	}
	return events
}

// wantsPermission says that a step stopped because the App may not do something.
func wantsPermission(s release.StepState) bool {
	why := strings.ToLower(s.Stopped.Why + " " + s.Stopped.Fix)
	return strings.Contains(why, "permission") || strings.Contains(why, "not accessible by integration")
}
