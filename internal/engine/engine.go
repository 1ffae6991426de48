// Package engine carries releases forward: it asks release.Next what is due, observes, acts, observes again, and writes
// the receipt into the log of the issue. It also finds out what the commands of releases need to know. It decides
// nothing by itself.
//
// What makes it safe to kill at any point: a step is observed before it is acted on and again after, so a lost answer
// is found and not repeated; that a write began is on record before it is made, and what it made before it is looked
// for. There is one writer per release: the job of its issue (internal/conversation).
package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/elsewhere"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/gate"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// Engine carries releases forward. All its fields are set by main and never change.
type Engine struct {
	Store *store.Store
	// Default names the process of repositories that have no configuration of their own; empty for none.
	Default string
	Clock   func() time.Time
	Log     zerolog.Logger
	AppID   int64
	AppSlug string
	// Gather is how long an event waits for others that belong to it before a release looks again.
	Gather time.Duration
	// Announce sends announcements; nil where the server has no channels.
	Announce step.Announcer
	// Apps reaches other repositories, as far as they allow it; nil where no process uses any.
	Apps elsewhere.Apps
	// Modules is the Go module proxy, Images what looks into registries; nil where the server asks none.
	Modules step.ModuleProxy
	Images  step.Images
}

var (
	_ conversation.Releases = (*Engine)(nil)
	_ gate.Roles            = (*conversation.Roles)(nil)
)

// mostWrites is how often a step writes before a person has to look why nothing of it is to be seen.
const mostWrites = 4

// Wake lets every open release of a repository look again: something happened there. Repository 0 is all of them.
func (e *Engine) Wake(ctx context.Context, repo int64) error {
	at := time.Time{}
	if e.Gather > 0 {
		at = e.Clock().Add(e.Gather)
	}
	return e.Store.WakeOpen(ctx, repo, at)
}

// Step does the one thing that is due.
func (e *Engine) Step(ctx context.Context, l *conversation.Log) (moved bool, err error) {
	if lapsed := release.Lapsed(l.Release, e.Clock()); len(lapsed) > 0 {
		return true, l.Append(ctx, lapsed...)
	}
	work := release.Next(l.Release, e.Clock())
	if !work.Due {
		return false, e.exceptions(ctx, l)
	}
	run := l.Release.Runs[work.Run]
	s := run.Steps[work.Step]
	does, in, err := e.input(l.Release, run, s.Step)
	if err != nil {
		return false, fmt.Errorf("step %s: %w", s.ID, err)
	}
	bounds, uses := e.bounds(l.Place, l.Release.Started.Process), usesOf(does)
	kind, err := e.kind(l.Client, bounds, does, uses)
	if err != nil {
		return false, err
	}
	in.Again, in.Try = s.Again, s.Tries
	if s.Waits != nil {
		in.Since = s.Since
	}
	a := attempt{e: e, l: l, run: work.Run, step: s, kind: kind, in: in}
	a.closed = func(ctx context.Context) ([]release.Closed, error) { return bounds.Closed(ctx, uses) }
	outcome, err := a.do(ctx)
	if err != nil {
		return false, a.failed(ctx, err)
	}
	event, moved := outcomeEvent(work.Run, s, outcome)
	if event == nil {
		return moved, nil
	}
	e.Log.Info().Str("release", l.Release.ID).Str("step", in.Key).Str("outcome",
		string(outcome.State)).Msg("step observed")
	return moved, l.Append(ctx, event)
}

// exceptions looks whether somebody pushed to a pull request since it was let in during the freeze. Whoever granted
// that has to be told: its new head cannot be merged.
func (e *Engine) exceptions(ctx context.Context, l *conversation.Log) error {
	for _, granted := range l.Release.Granted() {
		pull, found, err := l.GH.Pull(ctx, l.Place.Name, granted.Pull)
		if github.Final(err) {
			e.Log.Warn().Err(err).Str("release", l.Release.ID).Int("pull", granted.Pull).Msg("exception not looked at")
			continue
		}
		if err != nil {
			return fmt.Errorf("look at #%d, which has an exception: %w", granted.Pull, err)
		}
		if found && pull.HeadSHA != cmp.Or(granted.Pushed, granted.Head) {
			if err := l.Append(ctx, release.Pushed{Pull: granted.Pull, Head: pull.HeadSHA}); err != nil {
				return err
			}
		}
	}
	return nil
}

// attempt is one look at one step.
type attempt struct {
	e    *Engine
	l    *conversation.Log
	run  int
	step release.StepState
	kind step.Kind
	in   step.Input
	// closed are the repositories that do not allow what the step does there.
	closed func(context.Context) ([]release.Closed, error)
}

// do observes, acts where the effect is absent, and observes again: only what was seen counts. That a write begins is
// on record before it is made, and what it made, as GitHub answered, before it is looked for.
func (a attempt) do(ctx context.Context) (step.Outcome, error) {
	ctx, err := recalling(ctx, a.l.Made(), func(m github.Made) error { return a.made(ctx, m) })
	if err != nil {
		return step.Outcome{}, err
	}
	if closed, err := a.closed(ctx); err != nil {
		return step.Outcome{}, err
	} else if len(closed) > 0 {
		return step.Outcome{}, &elsewhere.Refused{Closed: closed[0]}
	}
	outcome, err := a.kind.Observe(ctx, a.in)
	if err != nil || outcome.State != step.Absent {
		return outcome, err
	}
	if at := a.step.TriedAt; !at.IsZero() && a.e.Clock().Before(at.Add(conversation.Settle)) {
		// A write began of which nothing was heard. GitHub's lists may not show yet what it made.
		return outcome, store.Later{At: at.Add(conversation.Settle)}
	}
	if a.step.Writes >= mostWrites {
		return unseen(a.step), nil
	}
	if err := a.l.Append(ctx, release.Tried{Run: a.run, Step: a.step.ID}); err != nil {
		return outcome, err
	}
	acted := a.kind.Act(ctx, a.in)
	var stop *step.Stop
	var answer interface {
		error
		Unprocessable() bool
	}
	refused := errors.As(acted, &answer) && answer.Unprocessable()
	// GitHub took it, and its answer says nothing: what was seen of it counts, as after every write.
	_, unknown := errors.AsType[*github.Unknown](acted)
	switch {
	case errors.As(acted, &stop):
		return step.Conflicts(stop.Why, stop.Fix), nil
	case acted != nil && !refused && !unknown:
		return outcome, acted
	}
	outcome, err = a.kind.Observe(ctx, a.in)
	var exists *github.Exists
	switch {
	case err != nil || outcome.State != step.Absent:
		return outcome, err
	case refused && !errors.As(acted, &exists): // and it is not there already, which GitHub refuses as well
		return refusedWrite(acted, a.step), nil
	}
	err = a.l.Append(ctx, release.Tried{Run: a.run, Step: a.step.ID, Accepted: true})
	return outcome, errors.Join(err, store.Later{At: a.e.Clock().Add(conversation.Settle)})
}

// recalling lets GitHub's lists show what earlier writes made, however far they lag behind. note records what is made
// from now on; nil where nothing is.
func recalling(ctx context.Context, made []json.RawMessage, note func(github.Made) error) (context.Context, error) {
	earlier := make([]github.Made, len(made))
	for i, raw := range made {
		if err := json.Unmarshal(raw, &earlier[i]); err != nil {
			return ctx, fmt.Errorf("read what was made: %w", err)
		}
	}
	return github.Recalling(ctx, github.NewWritten(earlier, note)), nil
}

// made puts on record what a write made.
func (a attempt) made(ctx context.Context, m github.Made) error {
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return a.l.Append(ctx, release.Made{Run: a.run, Step: a.step.ID, What: raw})
}

// failed says what becomes of a step that could not be looked at or done. What GitHub refuses for good stops it; the
// rest is tried again, and people see what is waited for once it takes longer than a moment.
func (a attempt) failed(ctx context.Context, err error) error {
	var later store.Later
	var limited *github.Limited
	var lagging *github.Lagging
	var unseen *step.Unseen
	var refused *elsewhere.Refused
	switch {
	case ctx.Err() != nil || errors.As(err, &later):
		return err
	case errors.As(err, &lagging):
		return store.Later{At: lagging.Until}
	case errors.As(err, &refused):
		why, fix := notAllowedThere(refused.Closed, a.step)
		return a.l.Append(ctx, release.Stopped{Run: a.run, Step: a.step.ID, Why: why, Fix: fix})
	case errors.As(err, &limited):
		if limited.Until.Sub(a.e.Clock()) > time.Minute {
			waits := step.WaitFor(waitsForLimit(limited.Until), "", "", time.Time{})
			return errors.Join(err, a.wait(ctx, waits))
		}
		return err
	case errors.As(err, &unseen):
		return errors.Join(err, a.wait(ctx, unseen.Waits))
	}
	f, explained := github.Explain(err)
	if explained && f.Final {
		return a.l.Append(ctx, release.Stopped{Run: a.run, Step: a.step.ID, Why: couldNot(f),
			Fix: afterRefusal(f, a.step)})
	}
	if explained && a.l.Failing() > time.Minute {
		err = errors.Join(err, a.wait(ctx, step.WaitFor("GitHub: "+couldNot(f), "", "", time.Time{})))
	}
	return fmt.Errorf("step %s of %s: %w", a.step.ID, a.l.Release.ID, err)
}

// wait shows what is waited for, where that is news.
func (a attempt) wait(ctx context.Context, o step.Outcome) error {
	if event, _ := outcomeEvent(a.run, a.step, o); event != nil {
		return a.l.Append(ctx, event)
	}
	return nil
}

// outcomeEvent turns what was seen into an entry; moved says that there may be more to do.
func outcomeEvent(run int, s release.StepState, o step.Outcome) (event release.Event, moved bool) {
	switch o.State {
	case step.Done:
		r := o.Receipt
		return release.Did{Run: run, Step: s.ID, How: release.ByBot, Text: r.Text, SHA: r.SHA, URL: r.URL, ID: r.ID,
			Undo: r.Undo}, true
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

// input is what a step does, with its templates filled in, and what its kind may know.
func (e *Engine) input(r release.Release, run release.Run, s release.Step) (params.Set, step.Input, error) {
	does, err := s.Does.Fill(release.Filling(r.In(run)))
	if err != nil {
		return params.Set{}, step.Input{}, err
	}
	return does, step.Input{
		Key: r.Key(run, s.ID), Repo: r.Started.Repo, Issue: r.Started.Issue,
		Version: r.Started.Version, Now: e.Clock(), AppID: e.AppID, AppSlug: e.AppSlug,
		Announce: e.Announce, Modules: e.Modules, Images: e.Images,
	}, nil
}
