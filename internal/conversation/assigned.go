package conversation

import (
	"context"
	"slices"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
)

// assigned gives the events of a change of the assignees. Whoever is no longer assigned loses the role at once. Events
// that were caught up with come in any order within a second: so an assignment counts where the history has it as the
// newest one, and where somebody is assigned after all the history tells by whom.
func (w *worker) assigned(ctx context.Context, s Said) ([]release.Event, error) {
	r, h := w.l.Release, s.Event
	if !r.Open() {
		return nil, nil
	}
	src := release.Source{By: s.By, ID: s.ByID}
	known, is := r.Assignment(h.Who)
	if h.What == Unassigned {
		if !is {
			return nil, nil
		}
		issue, found, err := w.l.GH.Issue(github.Afresh(ctx), w.l.Place.Name, w.l.Place.Issue)
		if err == nil && found && slices.ContainsFunc(persons(issue.Assignees), h.Who.Is) {
			return w.reassigned(ctx)
		}
		return []release.Event{assignment(src, h.Who, true, false)}, nil
	}
	if is && known.By.Is(s.Person()) {
		return nil, nil // the history told of it before
	}
	if h.Bot {
		return []release.Event{assignment(src, h.Who, false, false)}, nil
	}
	now, err := w.roles().Assignments(github.Afresh(ctx), w.l.Place.Issue)
	if err != nil && !github.Final(err) {
		return nil, err
	}
	i := slices.IndexFunc(now, func(a release.Assignment) bool { return a.Is(h.Who) })
	if i >= 0 {
		src = release.Source{By: now[i].By.Login, ID: now[i].By.ID}
		return []release.Event{assignment(src, h.Who, false, now[i].Counts)}, nil
	}
	if until := s.At.Add(Settle); err == nil && w.c.Clock().Before(until) {
		return nil, store.Later{At: until} // the history may lag
	}
	return []release.Event{assignment(src, h.Who, false, false)}, nil
}

// reassigned gives the events of what the log does not know of the assignees: events were missed.
func (w *worker) reassigned(ctx context.Context) ([]release.Event, error) {
	r := w.l.Release
	if !r.Open() {
		return nil, nil
	}
	now, err := w.roles().Assignments(github.Afresh(ctx), w.l.Place.Issue)
	if err != nil && !github.Final(err) {
		return nil, err
	}
	var events []release.Event
	for _, a := range r.Assigned {
		if !slices.ContainsFunc(now, func(n release.Assignment) bool { return n.Is(a.Person) }) {
			events = append(events, assignment(release.Source{}, a.Person, true, false))
		}
	}
	for _, a := range now {
		if before, known := r.Assignment(a.Person); !known || !before.By.Is(a.By) {
			src := release.Source{By: a.By.Login, ID: a.By.ID}
			events = append(events, assignment(src, a.Person, false, a.Counts))
		}
	}
	return events, nil
}

// roles are those of the release of the issue.
func (w *worker) roles() *Roles {
	return (&Request{c: w.c, l: w.l}).Roles(w.l.Release.Started.Process, w.l.Release)
}

func assignment(src release.Source, who release.Person, leaves, counts bool) release.Event {
	return release.Assigned{Source: src, User: who.Login, UserID: who.ID, Leaves: leaves, Counts: counts}
}
