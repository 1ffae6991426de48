// Package engine carries a release forward: it reads the log, asks release.Next what is due, observes, acts,
// observes again, and writes the receipt. It decides nothing by itself.
//
// What makes it safe to kill at any point: a command becomes log entries in one append, so it acts once; a step is
// observed before it is acted on and again after, so a lost answer is found and not repeated; what people see is
// computed from the log and compared with what was last shown. There is one writer per release (Store.Lock).
package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/internal/tracker"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/gate"
	"github.com/slipway-dev/slipway/release/step"
)

// Engine carries releases forward. All its fields are set by main and never change.
type Engine struct {
	Store  *store.Store
	GitHub func(installation int64) step.GitHub
	// Default names the process of repositories that have no configuration of their own; empty for none.
	Default string
	Clock   func() time.Time
	Log     zerolog.Logger
	AppID   int64
	AppSlug string
	// Announce sends announcements; nil where the server has no channels.
	Announce step.Announcer
	// Modules is the Go module proxy, Images what looks into registries; nil where the server asks none.
	Modules step.ModuleProxy
	Images  step.Images
}

// Place is where something was said or happened.
type Place struct {
	Installation int64
	Repo         string // OWNER/NAME
	Issue        int
}

// ID is the name of the place's log.
func (p Place) ID() string { return p.Repo + "#" + strconv.Itoa(p.Issue) }

// PlaceOf is the inverse of ID.
func PlaceOf(id string) (repo string, issue int, err error) {
	repo, number, ok := strings.Cut(id, "#")
	if issue, err = strconv.Atoi(number); !ok || err != nil {
		return "", 0, fmt.Errorf("read log name %q: not OWNER/NAME#ISSUE", id)
	}
	return repo, issue, nil
}

// Comment is a newly created comment.
type Comment struct {
	Place
	ID    int64
	By    string
	Title string // of the issue
	Body  string
}

// Commands are the /release commands of a comment's text.
func Commands(body string) []parse.Command {
	var out []parse.Command
	for _, c := range parse.Commands(body) {
		if c.Words[0] == "/release" && !tracker.Takes(c) {
			out = append(out, c)
		}
	}
	return out
}

// Say takes the commands of a comment, in order, each after the one before it stands still. Saying the same
// comment again changes nothing.
func (e *Engine) Say(ctx context.Context, c Comment) error {
	commands := Commands(c.Body)
	if len(commands) == 0 {
		return nil
	}
	unlock, err := e.Store.Lock(ctx, c.Place.ID())
	if err != nil {
		return fmt.Errorf("lock %s: %w", c.Place.ID(), err)
	}
	defer unlock()
	book, err := e.open(ctx, c.Place)
	if err != nil {
		return err
	}
	for _, command := range commands {
		cmd := release.Read(command, c.ID, c.By, c.Title)
		facts := &finder{engine: e, place: c.Place, command: cmd, gh: e.GitHub(c.Installation)}
		events, err := release.Deliberate(book.release, cmd, e.Clock(), func(r release.Release, q release.Questions) (release.Facts, error) {
			return facts.find(ctx, r, q)
		})
		if err != nil {
			return fmt.Errorf("decide %q of comment %d: %w", cmd.Text, c.ID, err)
		}
		if err := book.append(ctx, events...); err != nil {
			return err
		}
		// 👀 first: a person should see at once that the command was taken.
		if err := e.show(ctx, book, reactions); err != nil {
			return err
		}
		if err := e.advance(ctx, book); err != nil {
			return err
		}
	}
	return e.show(ctx, book, everything)
}

// Edited answers a comment that was edited into a command: only new comments act. It says so once.
func (e *Engine) Edited(ctx context.Context, c Comment) error {
	if len(Commands(c.Body)) == 0 {
		return nil
	}
	unlock, err := e.Store.Lock(ctx, c.Place.ID())
	if err != nil {
		return fmt.Errorf("lock %s: %w", c.Place.ID(), err)
	}
	defer unlock()
	book, err := e.open(ctx, c.Place)
	if err != nil {
		return err
	}
	var events []release.Event
	for _, command := range Commands(c.Body) {
		cmd := release.Read(command, c.ID, c.By, c.Title)
		if book.release.Took(cmd.Source) {
			return nil // the comment's commands were taken when it was new
		}
		if len(events) == 0 {
			events = release.Edited(cmd)
		}
	}
	if err := book.append(ctx, events...); err != nil {
		return err
	}
	return e.show(ctx, book, everything)
}

// Tick takes a box that a person ticked in the status: the same as /release done of that person. A box has no
// comment, so its number is made of what it stands for, and lies below zero.
func (e *Engine) Tick(ctx context.Context, p Place, by, stepID string) error {
	r, err := e.Read(ctx, p)
	if err != nil {
		return err
	}
	run, open := r.OpenStep(stepID)
	if !open {
		return nil
	}
	sum := sha256.Sum256([]byte(r.Key(run, stepID)))
	key := -int64(binary.BigEndian.Uint64(sum[:8]) >> 2)
	return e.Say(ctx, Comment{Place: p, ID: key, By: by, Body: "/release done " + stepID + ` "box ticked"`})
}

// Wake lets every open release of the repository look again: something happened there.
func (e *Engine) Wake(ctx context.Context, repo string) error {
	logs, err := e.Store.Logs(ctx, store.Filter{Repo: repo, Open: new(true)})
	if err != nil {
		return fmt.Errorf("list the open releases of %s: %w", repo, err)
	}
	for _, log := range logs {
		if tracker.Owns(log.Log) {
			continue
		}
		if err := e.Store.Enqueue(ctx, store.Job{Kind: store.KindLog, Key: log.Log}, time.Time{}); err != nil {
			return fmt.Errorf("wake %s: %w", log.Log, err)
		}
	}
	return nil
}

// WakeAll is the slow poll: every open release of every repository looks again, for events that never came.
func (e *Engine) WakeAll(ctx context.Context) error { return e.Wake(ctx, "") }

// Advance carries the release of a log forward as far as it goes, and shows what changed.
func (e *Engine) Advance(ctx context.Context, id string) error {
	unlock, err := e.Store.Lock(ctx, id)
	if err != nil {
		return fmt.Errorf("lock %s: %w", id, err)
	}
	defer unlock()
	repo, issue, err := PlaceOf(id)
	if err != nil {
		return err
	}
	book, err := e.open(ctx, Place{Repo: repo, Issue: issue})
	if err != nil {
		return err
	}
	if book.release.Seq == 0 {
		return nil
	}
	book.place.Installation = book.installation()
	if err := e.show(ctx, book, reactions); err != nil {
		return err
	}
	if err := e.advance(ctx, book); err != nil {
		return err
	}
	return e.show(ctx, book, everything)
}

// advance does what is due until nothing is.
func (e *Engine) advance(ctx context.Context, book *book) error {
	gh := e.GitHub(book.place.Installation)
	kinds := step.Kinds(gh)
	if lapsed := release.Lapsed(book.release, e.Clock()); len(lapsed) > 0 {
		if err := book.append(ctx, lapsed...); err != nil {
			return err
		}
	}
	for {
		work := release.Next(book.release, e.Clock())
		if !work.Due {
			return nil
		}
		run := book.release.Runs[work.Run]
		s := run.Steps[work.Step]
		kind, known := kinds[s.Kind]
		if !known {
			return fmt.Errorf("step %s: this Slipway knows no kind %q", s.ID, s.Kind)
		}
		in, err := e.input(book.release, run, s.Step)
		in.Again, in.Try = s.Again, s.Tries
		if s.Waits != nil {
			in.Since = s.Since
		}
		if err != nil {
			return fmt.Errorf("step %s: %w", s.ID, err)
		}
		outcome, err := e.do(ctx, kind, in)
		var unseen *step.Unseen
		if errors.As(err, &unseen) && ctx.Err() == nil {
			if event, _ := outcomeEvent(work.Run, s, unseen.Waits); event != nil {
				if err := book.append(ctx, event); err != nil {
					return err
				}
			}
			return errors.Join(err, e.show(ctx, book, everything))
		}
		if err != nil {
			if stop, ok := refusedByGitHub(err); ok {
				outcome = step.Conflicts(stop, "grant it, then `/release retry "+s.ID+"`; or do the step by hand, then `/release done "+s.ID+"`")
			} else {
				return fmt.Errorf("step %s of %s: %w", s.ID, book.id, err)
			}
		}
		event, moved := outcomeEvent(work.Run, s, outcome)
		if event != nil {
			if err := book.append(ctx, event); err != nil {
				return err
			}
			e.Log.Info().Str("release", book.id).Str("step", in.Key).Str("outcome", string(outcome.State)).Msg("step observed")
		}
		if !moved {
			return nil
		}
	}
}

// do observes, acts where the effect is absent, and observes again: only what was seen counts.
func (e *Engine) do(ctx context.Context, kind step.Kind, in step.Input) (step.Outcome, error) {
	outcome, err := kind.Observe(ctx, in)
	if err != nil || outcome.State != step.Absent {
		return outcome, err
	}
	var stop *step.Stop
	var answer interface {
		error
		Unprocessable() bool
	}
	acted := kind.Act(ctx, in)
	refused := errors.As(acted, &answer) && answer.Unprocessable()
	switch {
	case errors.As(acted, &stop):
		return step.Conflicts(stop.Why, stop.Fix), nil
	case acted != nil && !refused:
		return step.Outcome{}, acted
	}
	outcome, err = kind.Observe(ctx, in)
	switch {
	case err != nil || outcome.State != step.Absent:
		return outcome, err
	case refused: // and it is not there already, which GitHub refuses as well
		return step.Conflicts("GitHub refused: "+acted.Error(), "mend what it says on GitHub, then `/release retry "+in.Key[strings.LastIndex(in.Key, "/")+1:]+"`"), nil
	}
	return outcome, errors.New("the effect is not to be seen yet")
}

// outcomeEvent turns what was seen into an entry; moved says that there may be more to do.
func outcomeEvent(run int, s release.StepState, o step.Outcome) (event release.Event, moved bool) {
	switch o.State {
	case step.Done:
		r := o.Receipt
		return release.Did{Run: run, Step: s.ID, How: release.ByBot, Text: r.Text, SHA: r.SHA, URL: r.URL, ID: r.ID, Undo: r.Undo}, true
	case step.Conflict:
		return release.Stopped{Run: run, Step: s.ID, Why: o.Why, Fix: o.Fix}, true
	case step.Waiting:
		w := release.Waits{Run: run, Step: s.ID, For: o.Why, Who: o.Who, Fix: o.Fix, Until: o.Until}
		if s.Waits != nil && *s.Waits == w {
			return nil, false
		}
		return w, false
	}
	return nil, false
}

// input is what the kind may know.
func (e *Engine) input(r release.Release, run release.Run, s release.Step) (step.Input, error) {
	with, err := release.ExpandAll(s.With, r.In(run))
	if err != nil {
		return step.Input{}, err
	}
	return step.Input{
		Key: r.Key(run, s.ID), Repo: r.Started.Repo, Issue: r.Started.Issue, With: with,
		Version: r.Started.Version, Now: e.Clock(), AppID: e.AppID, AppSlug: e.AppSlug,
		Announce: e.Announce, Modules: e.Modules, Images: e.Images,
	}, nil
}

// refusedByGitHub says that GitHub refused for want of a permission, which no retry heals.
func refusedByGitHub(err error) (why string, ok bool) {
	var f interface {
		error
		MissingPermission() string
	}
	if !errors.As(err, &f) {
		return "", false
	}
	why = "GitHub refused: " + f.Error()
	if p := f.MissingPermission(); p != "" {
		why = "the App lacks the permission " + p
	}
	return why, true
}

var _ gate.Roles = (*people)(nil)
