package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// listing says how what we wrote belongs into a list of GitHub.
type listing[T any] struct {
	kind, repo string
	// suits says that a thing may belong into the list, as far as its Made tells.
	suits func(written) bool
	// made is the Made by which an item of the list is known again.
	made func(T) Made
	// read reads a thing by its id.
	read func(ctx context.Context, m Made) (T, bool, error)
	// belongs says whether what was read belongs into the list; nil is always.
	belongs func(T) bool
	// before says that a comes before b; nil puts what is missing at the end.
	before func(a, b T) bool
}

// recall puts into a list what we made and GitHub's list does not show yet, brings up to date what we edited just now,
// and takes out what we deleted. What it is not sure of it asks for by id, where GitHub tells the truth sooner.
func recall[T any](ctx context.Context, gh *client, list []T, l listing[T]) ([]T, error) {
	w := writtenIn(ctx)
	if w == nil {
		return list, nil
	}
	for _, k := range w.matching(l.kind, l.repo, func(Made) bool { return true }) {
		at := slices.IndexFunc(list, func(item T) bool {
			m := l.made(item)
			m.Kind, m.Repo = l.kind, l.repo
			return k.is(m)
		})
		if k.Deleted {
			if at >= 0 {
				list = slices.Delete(list, at, at+1)
			}
			continue
		}
		shown := at >= 0 && gh.clock().Sub(k.edited) > recent
		if shown || (at < 0 && l.suits != nil && !l.suits(k)) {
			continue
		}
		item, found, err := l.read(ctx, k.Made)
		if err != nil {
			return nil, err
		}
		if at >= 0 {
			list = slices.Delete(list, at, at+1)
		}
		if found && (l.belongs == nil || l.belongs(item)) {
			list = l.insert(list, at, item)
		}
	}
	return list, nil
}

// insert puts an item where it was, or where it belongs.
func (l listing[T]) insert(list []T, at int, item T) []T {
	if at < 0 {
		at = len(list)
		if l.before != nil {
			if i := slices.IndexFunc(list, func(other T) bool { return l.before(item, other) }); i >= 0 {
				at = i
			}
		}
	}
	return slices.Insert(list, at, item)
}

// readMade reads a thing by its id. One that we made moments ago and that GitHub does not show even there is what it
// answered to the write; where that was another job's, it is Lagging.
func readMade[T any](ctx context.Context, gh *client, what, path string, m Made) (T, bool, error) {
	var v T
	err := gh.get(ctx, what, path, &v)
	if !missing(err) {
		return v, err == nil, err
	}
	k, fresh := gh.unsettled(ctx, m)
	if !fresh {
		return v, false, nil
	}
	if len(k.answer) == 0 {
		return v, false, &attempt{what, k.lagging()}
	}
	if err := json.Unmarshal(k.answer, &v); err != nil {
		return v, false, fmt.Errorf("%s: read what was kept: %w", what, err)
	}
	return v, true, nil
}

// remove deletes a thing. One that is gone already is no error; one that was made moments ago is not gone, it is not
// there yet.
func (gh *client) remove(ctx context.Context, what, path string, m Made) error {
	err := gh.call(ctx, what, http.MethodDelete, path, nil, nil)
	if missing(err) ||
		(status(err) == http.StatusUnprocessableEntity && strings.Contains(err.Error(), "does not exist")) {
		if k, fresh := gh.unsettled(ctx, m); fresh {
			return &attempt{what, k.lagging()}
		}
		err = nil
	}
	if err == nil {
		err = deleted(ctx, gh, what, m)
	}
	return err
}

// unsettled finds a thing that was written so lately that GitHub may not show it.
func (gh *client) unsettled(ctx context.Context, m Made) (written, bool) {
	w := writtenIn(ctx)
	if w == nil {
		return written{}, false
	}
	for _, k := range w.matching(m.Kind, m.Repo, m.is) {
		if !k.Deleted && gh.clock().Sub(k.newest()) < settled {
			return k, true
		}
	}
	return written{}, false
}

// lagging is the error of a thing that cannot be seen yet.
func (w written) lagging() *Lagging {
	name := w.Name
	switch {
	case w.Kind == madePull || w.Kind == madeMilestone:
		name = fmt.Sprint(w.Number)
	case w.ID != 0:
		name = fmt.Sprint(w.ID)
	}
	return &Lagging{What: w.Kind + " " + name + " in " + w.Repo, Until: w.newest().Add(settled)}
}

// notGone turns "it is not there" about a thing that was made moments ago into Lagging: whoever took it for deleted
// would make a second one.
func (gh *client) notGone(ctx context.Context, err error, m Made) error {
	if k, fresh := gh.unsettled(ctx, m); fresh && missing(err) {
		return fmt.Errorf("%w (%w)", err, k.lagging())
	}
	return gone(err)
}
