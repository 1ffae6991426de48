package conversation

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
)

const (
	// tryFor is how long something that may be there later is looked up again.
	tryFor = 10 * time.Minute
	// tellAfter is when the reply says that it is.
	tellAfter = time.Minute
	// tooLate is the age at which a command that was only heard now is not carried out any more.
	tooLate = 2 * time.Hour
)

// decide gives the events that one line leads to, the last of which is Decided; or store.Later, when it is to be tried
// again. Everything that happens here ends: in an answer, or in the answer that it was not carried out.
func (w *worker) decide(ctx context.Context, t *Request) ([]release.Event, error) {
	settled := func(events []release.Event) []release.Event {
		if n := len(events); n > 0 {
			if _, is := events[n-1].(release.Decided); is {
				return events
			}
		}
		return append(events, release.Decided{Source: t.Source()})
	}
	row, known := w.c.Table.row(t.Line)
	switch {
	case !known:
		return settled(t.Refuse(misspelled(t.Line))), nil
	case t.Line.Err != "":
		return settled(t.Refuse(unreadable(t.Line))), nil
	}
	if word, found := row.hides(t.Line); found {
		return settled(t.Refuse(hiddenCharacter(t.Line, word))), nil
	}
	part := w.part(t)
	if age := w.c.Clock().Sub(t.Said.At); part.Delayed == nil && age > tooLate && !row.First {
		return settled(t.Refuse(heardLate(t.Line, age))), nil
	}
	events, err := w.try(ctx, row, t)
	if err == nil {
		return settled(events), nil
	}
	if ctx.Err() != nil {
		return nil, err
	}
	return w.failed(ctx, t, part, settled, err)
}

// try calls the command. One that panics is a fault of Slipway's, and no reason to be silent.
func (w *worker) try(ctx context.Context, row Command, t *Request) (events []release.Event, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &fault{fmt.Errorf("panic in %s: %v\n%s", row.Word, p, debug.Stack())}
		}
	}()
	return row.Do(ctx, t)
}

// fault is a mistake in Slipway itself. Trying again is of no use.
type fault struct{ error }

// failed answers a line whose look-ups failed, or lets it be tried again.
func (w *worker) failed(ctx context.Context, t *Request, part release.Part,
	settled func([]release.Event) []release.Event,
	err error) ([]release.Event, error) {
	now, src := w.c.Clock(), t.Source()
	log := w.c.Log.Warn().Err(err).Str("issue", t.Place().Name).Int("number", t.Place().Issue).Int64("comment",
		src.Comment)
	var limited *github.Limited
	if errors.As(err, &limited) {
		if part.Delayed == nil || !part.Delayed.Until.Equal(limited.Until.UTC()) {
			log.Time("until", limited.Until).Msg("command waits for the rate limit")
			d := release.Delayed{Source: src, Why: rateLimited(), Until: limited.Until.UTC(),
				Told: limited.Until.Sub(now) > tellAfter}
			if err := w.l.Append(ctx, d); err != nil {
				return nil, err
			}
		}
		return nil, store.Later{At: limited.Until}
	}
	var lagging *github.Lagging
	if errors.As(err, &lagging) {
		return nil, store.Later{At: lagging.Until}
	}
	var broken *fault
	f, explained := github.Explain(err)
	since := part.DelayedAt
	switch {
	case errors.As(err, &broken):
		log.Msg("command failed for good")
		return settled(t.Refuse(internalError())), nil
	case explained && f.Final:
		log.Msg("command not decided, GitHub refuses")
		return settled(t.Refuse(cannotLookUp(f, t.Line))), nil
	case part.Delayed == nil:
		log.Msg("command not decided yet")
		return nil, errors.Join(w.l.Append(ctx, release.Delayed{Source: src, Why: whyDelayed(f, explained)}),
			store.Later{At: now.Add(time.Second)})
	case now.Sub(since) >= tryFor:
		log.Msg("command given up")
		return settled(t.Refuse(notCarriedOut(f, explained, t.Line))), nil
	case now.Sub(since) >= tellAfter && !part.Delayed.Told:
		if err := w.l.Append(ctx, release.Delayed{Source: src, Why: whyDelayed(f, explained), Told: true}); err != nil {
			return nil, err
		}
	}
	// Soon at first, and no later than the next thing that there is to say.
	next := now.Add(min(max(now.Sub(since), time.Second), 30*time.Second))
	for _, at := range []time.Time{since.Add(tellAfter), since.Add(tryFor)} {
		if at.After(now) && at.Before(next) {
			next = at
		}
	}
	return nil, store.Later{At: next}
}

// part is what the log holds of the line.
func (w *worker) part(t *Request) release.Part {
	for _, reply := range w.l.Release.Replies {
		if reply.Comment != t.Said.Comment {
			continue
		}
		for _, part := range reply.Parts {
			if part.Line == t.Line.Line {
				return part
			}
		}
	}
	return release.Part{}
}
