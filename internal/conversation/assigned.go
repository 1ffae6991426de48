package conversation

import (
	"context"
	"slices"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release"
)

// assigned gives the events of a change of the assignees. Whoever is no longer assigned loses the role at once. An
// assignment counts where a person made it who may assign now, and where the assignee still is one: of two events of
// one second either may come first.
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
		return []release.Event{assignment(src, h.Who, true, false)}, nil
	}
	if is && known.By.Is(s.Person()) {
		return nil, nil // the history told of it before
	}
	counts := false
	if !h.Bot {
		var err error
		if counts, err = w.roles().appoints(ctx, s.Person()); err != nil && !final(err) {
			return nil, err
		}
	}
	if counts {
		issue, found, err := w.l.GH.Issue(github.Afresh(ctx), w.l.Place.Name, w.l.Place.Issue)
		if err != nil && !final(err) {
			return nil, err
		}
		counts = err == nil && found && slices.ContainsFunc(persons(issue.Assignees), h.Who.Is)
	}
	return []release.Event{assignment(src, h.Who, false, counts)}, nil
}

// reassigned gives the events of what the log does not know of the assignees: events were missed.
func (w *worker) reassigned(ctx context.Context) ([]release.Event, error) {
	r := w.l.Release
	if !r.Open() {
		return nil, nil
	}
	now, err := w.roles().Assignments(github.Afresh(ctx), w.l.Place.Issue)
	if err != nil && !final(err) {
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
