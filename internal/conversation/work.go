package conversation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
)

// WaitForMissing is for how long newer mail of a repository waits for deliveries that are missing.
const WaitForMissing = 10 * time.Minute

// Work does what is due on one issue: it hears new mail, carries out commands one at a time and in the order of their
// comments, carries the release forward, and shows what changed. Between two steps it looks at the mail again, and what
// stops things goes first. It is the only job of the issue that runs.
func (c *Conversation) Work(ctx context.Context, job store.Job) error {
	ctx = github.OneJob(ctx)
	p, ok, err := c.place(ctx, job.Key)
	if err != nil || !ok {
		return err
	}
	if wait, err := c.gap(ctx, p); err != nil {
		return err
	} else if !wait.IsZero() {
		if mail, err := c.Store.Mailbox(ctx, p.Repo, p.Issue); err != nil || len(mail) > 0 {
			return errors.Join(err, store.Later{At: earlier(wait, c.Clock().Add(glance))})
		}
	}
	l, err := c.open(ctx, p)
	if form, is := errors.AsType[*release.UnknownForm](err); is {
		return c.unread(ctx, p, form, err)
	}
	if err != nil {
		return err
	}
	l.since = job.Since
	w := &worker{c: c, l: l, heard: map[int64]bool{}}
	due := w.run(ctx)
	shown := l.show(ctx, everything)
	if l.look || c.stale(l.id) {
		shown = errors.Join(shown, l.restore(ctx))
	}
	if err := l.keepCopy(ctx); err != nil {
		c.Log.Warn().Err(err).Str("release", l.id).Msg("copy of the log not written")
	}
	return first(due, shown)
}

// first is the error that says most: a real one before a time to go on at.
func first(errs ...error) error {
	var later store.Later
	waits := false
	for _, err := range errs {
		var l store.Later
		switch {
		case err == nil:
		case errors.As(err, &l):
			if !waits || l.At.Before(later.At) {
				later, waits = l, true
			}
		default:
			return err
		}
	}
	if waits {
		return later
	}
	return nil
}

// gap is until when mail of the repository waits because something older is missing; zero when nothing is.
func (c *Conversation) gap(ctx context.Context, p Place) (time.Time, error) {
	missing, err := c.Store.MissingOf(ctx, p.Repo)
	if err != nil {
		return time.Time{}, err
	}
	var until time.Time
	for _, m := range missing {
		if end := m.Since.Add(WaitForMissing); !m.Gone && c.Clock().Before(end) && end.After(until) {
			until = end
		}
	}
	return until, nil
}

// glance is how soon mail that waits for something missing is looked at again: what was missing may be there.
const glance = 2 * time.Second

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// worker works the mailbox of one issue.
type worker struct {
	c     *Conversation
	l     *Log
	heard map[int64]bool // mail whose commands are on record
}

// run goes on until nothing is due.
func (w *worker) run(ctx context.Context) error {
	for {
		mail, err := w.mail(ctx)
		if err != nil {
			return err
		}
		for _, m := range mail {
			if err := w.hear(ctx, m); err != nil {
				return err
			}
		}
		if did, err := w.next(ctx, mail, true); err != nil {
			return err
		} else if did {
			continue
		}
		moved, stuck := w.c.Releases.Step(ctx, w.l)
		if stuck == nil && moved {
			continue
		}
		// A step that cannot be done for the moment is waited for, one that cannot for longer stands still.
		if stuck != nil && (ctx.Err() != nil || w.l.Failing() < tellAfter) {
			return stuck
		}
		did, err := w.next(ctx, mail, false)
		if err != nil || !did {
			return first(stuck, err)
		}
	}
}

// mail is what waits, in the order in which it is worked.
func (w *worker) mail(ctx context.Context) ([]message, error) {
	waiting, err := w.c.Store.Mailbox(ctx, w.l.Place.Repo, w.l.Place.Issue)
	if err != nil {
		return nil, err
	}
	out := make([]message, 0, len(waiting))
	for _, m := range waiting {
		one := message{Mail: m}
		if err := json.Unmarshal(m.Data, &one.Said); err != nil {
			return nil, fmt.Errorf("read the mail %d of %s: %w", m.Comment, w.l.Place.Key(), err)
		}
		out = append(out, one)
	}
	return out, nil
}

// hear puts the commands of new mail on record, and shows 👀, before anything is looked up for them.
func (w *worker) hear(ctx context.Context, m message) error {
	if w.heard[m.Mail.Comment] {
		return nil
	}
	w.heard[m.Mail.Comment] = true
	if m.Said.Comment < 0 || m.Edited {
		return nil
	}
	t := &Request{c: w.c, l: w.l, Said: m.Said}
	if m.Stale || m.Tracked && w.l.Release.Seq == 0 {
		return w.c.unknown(ctx, t)
	}
	lines, err := w.addressed(ctx, t)
	if err != nil || len(lines) == 0 {
		return err
	}
	note := ""
	if last, err := w.c.Store.LastMail(ctx, w.l.Place.Repo, w.l.Place.Issue); err != nil {
		return err
	} else if last > m.Said.Comment {
		note = arrivedLate()
	}
	var events []release.Event
	for i, one := range lines {
		taken := release.Commanded{Source: m.source(one.Line), Text: one.Raw, Verb: verbOf(one), Open: true, Note: note}
		known := w.l.Release.Took(taken.Source)
		if i == MostCommands {
			if !known {
				events = append(events, tooMany(m.Said, lines[i:])...)
			}
			break
		}
		if known {
			continue
		}
		events = append(events, taken)
	}
	if err := w.l.Append(ctx, events...); err != nil {
		return err
	}
	return w.l.show(ctx, reactions)
}

// addressed are the lines that are for Slipway: words of /release, and those of features that are set up here.
func (w *worker) addressed(ctx context.Context, t *Request) ([]parse.Command, error) {
	var out []parse.Command
	for _, one := range parse.Commands(t.Said.Body) {
		row, known := w.c.Table.row(one)
		switch {
		case one.Words[0] == "/release", !known && w.l.Release.Begun && nearRelease(one.Words[0]):
		case !known:
			continue
		default:
			on, err := row.Feature.On(ctx, t)
			if err != nil {
				return nil, w.unsure(ctx, t, err)
			}
			if !on {
				continue
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// unsure is for words that may belong to another bot while it cannot be found out: they are left alone in the end.
func (w *worker) unsure(ctx context.Context, t *Request, err error) error {
	if github.Final(err) || w.c.Clock().Sub(t.Said.At) > tryFor {
		w.c.Log.Warn().Err(err).Str("issue", w.l.Place.Key()).Msg("configuration not read, words left alone")
		return nil
	}
	return err
}

// next does one command: with urgent only one that goes first. did is false when there is none.
func (w *worker) next(ctx context.Context, mail []message, urgent bool) (did bool, err error) {
	for i, m := range mail {
		if m.Said.Comment < 0 || m.Edited {
			if urgent && m.Event == nil {
				continue // what happened to the issue goes first: it may be closed
			}
			return true, w.other(ctx, m)
		}
		// The lines of the comment that is worked keep their order; those of later ones go first where they stop
		// things. Before the release has begun there is nothing to stop: it may be begun by a comment before them.
		one, left := w.pending(m, urgent && i > 0)
		row, _ := w.c.Table.row(one)
		switch {
		case left && (!urgent || row.First && w.l.Release.Open()):
			return true, w.command(ctx, &Request{c: w.c, l: w.l, Said: m.Said, Line: one})
		case !left && !urgent:
			return true, w.c.Store.DoneMail(ctx, w.l.Place.Repo, w.l.Place.Issue, m.Mail.Comment)
		}
	}
	return false, nil
}

// pending is the first line of the mail that is not decided; with urgent the first that goes before others.
func (w *worker) pending(m message, urgent bool) (parse.Command, bool) {
	for _, one := range parse.Commands(m.Body) {
		src := m.source(one.Line)
		if !w.l.Release.Took(src) || w.l.Release.Settled(src) {
			continue
		}
		if row, _ := w.c.Table.row(one); urgent && !row.First {
			continue
		}
		return one, true
	}
	return parse.Command{Words: []string{""}}, false
}

// command decides and carries out one line.
func (w *worker) command(ctx context.Context, t *Request) error {
	events, err := w.decide(ctx, t)
	if err != nil {
		return err
	}
	return w.l.Append(ctx, events...)
}

// other works mail that is no new comment: something that happened, an edited comment, an edited description.
func (w *worker) other(ctx context.Context, m message) error {
	var events []release.Event
	var err error
	switch {
	case m.Event != nil:
		events, err = w.happened(ctx, m.Said)
	case m.Edited:
		events, err = w.edited(ctx, m.Said)
	default:
		err = w.described(ctx, m.Said)
	}
	if err != nil {
		return err
	}
	if err := w.l.Append(ctx, events...); err != nil {
		return err
	}
	return w.c.Store.DoneMail(ctx, w.l.Place.Repo, w.l.Place.Issue, m.Mail.Comment)
}

// edited answers a comment that was edited into a command, once. An edit that brings no command which was not there
// before gets no word.
func (w *worker) edited(ctx context.Context, s Said) ([]release.Event, error) {
	var known []string
	for _, reply := range w.l.Release.Replies {
		for _, part := range reply.Parts {
			if reply.Comment != s.Comment {
				continue
			}
			if part.Line < 0 {
				return nil, nil // it was told before
			}
			known = append(known, part.Text)
		}
	}
	lines, err := w.addressed(ctx, &Request{c: w.c, l: w.l, Said: s})
	if err != nil {
		return nil, err
	}
	for _, one := range lines {
		cmd := release.Read(one, s.Comment, s.By, s.Title)
		cmd.ID = s.ByID
		if slices.Contains(known, cmd.Text) {
			continue
		}
		cmd.Line = -one.Line // the comment may have had another command there
		return release.Edited(cmd), nil
	}
	return nil, nil
}
