package process

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/typed"
)

// weakening finds where a process asks for less than the built-in one that it changes. Entries say so themselves, and
// the merger holds them to it; this finds the other ways: who may do what, the permission of a role, the rules of
// versions, a track that leaves phases out, and entries whose gates are gone because something else was changed. Each
// needs a reason, which is shown wherever the process is.
type weakening struct {
	over      *typed.Node // the file that was laid over the process
	base, now release.Process
	changed   []release.Change
	typed.Errors
}

// weaker lists what asks for less, with the reasons, and says where one is missing.
func weaker(over *typed.Node, base, now release.Process) ([]release.Change, typed.Errors) {
	w := weakening{over: over, base: base, now: now, changed: slices.Clone(now.Changed)}
	w.roles()
	w.commands()
	w.versions()
	for _, t := range now.Tracks {
		w.track(t)
	}
	return w.changed, w.Errors
}

// less keeps one weakening. at is the path of what stands beside its reason, "" for the whole file; field is what
// changed it.
func (w *weakening) less(at, field, phase, text string) {
	n := w.over.At(at)
	if reason := n.Field("reason"); reason != nil && reason.Text != "" {
		c := release.Change{Phase: phase, Text: text, Reason: reason.Text}
		if !slices.Contains(w.changed, c) {
			w.changed = append(w.changed, c)
		}
		return
	}
	place := n
	if f := n.Field(field); f != nil {
		place = f
	}
	where := "at the top of the file"
	if at != "" {
		where = "beside it"
	}
	path := field
	if at != "" {
		path = typed.Join(at, field)
	}
	w.refuse(place, path, text, "take it back, or add `reason: ...` "+where+"; lint, the plan and the status show it")
}

func (w *weakening) refuse(n *typed.Node, path, text, fix string) {
	e := typed.Error{Line: n.Line, Column: n.Column, Field: path, Fix: fix,
		Message: text + ": that is less than " + w.base.Name + " asks for"}
	if !slices.Contains(w.Errors, e) { // several tracks lack it
		w.Errors = append(w.Errors, e)
	}
}

var ranks = map[string]int{"": 0, "triage": 1, "write": 2, "maintain": 3, "admin": 4}

func (w *weakening) roles() {
	for _, name := range keys(w.base.Roles) {
		before, after := w.base.Roles[name], w.now.Roles[name]
		at := "roles." + name
		if ranks[after.Permission] < ranks[before.Permission] || before.Permission == "" && after.Permission != "" {
			w.less(at, "permission", "", fmt.Sprintf("the permission %s is enough for %s", after.Permission, name))
		}
		if after.Assignees && !before.Assignees {
			w.less(at, "assignees", "", "an assignment is enough for "+name)
		}
	}
}

// more are the roles that the second list has and the first has not.
func more(before, after []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(after),
		func(role string) bool { return slices.Contains(before, role) }), " and ")
}

func (w *weakening) commands() {
	for _, verb := range keys(w.now.May) {
		if new := more(w.base.MayDo(verb), w.now.May[verb]); new != "" && !slices.Contains(asking, verb) {
			w.less("", "may", "", fmt.Sprintf("%s may give %s", new, map[bool]string{true: "the other commands",
				false: "/release " + verb}[verb == "default"]))
		}
	}
	list := w.over.Field("phases")
	if list == nil {
		return
	}
	for i, n := range list.Items {
		before, known := w.base.Phase(named(n))
		after, _ := w.now.Phase(named(n))
		if new := more(before.Who, after.Who); known && n.Field("who") != nil && new != "" {
			w.less(nth("phases", i), "who", after.Name, fmt.Sprintf("%s may give /release %s", new, after.Name))
		}
	}
}

func (w *weakening) versions() {
	before, after := w.base.Versions, w.now.Versions
	before.Document, after.Document = "", ""
	before.Legacy, after.Legacy = nil, nil
	before.Prefix, after.Prefix = "", ""
	if !reflect.DeepEqual(before, after) {
		w.less("", "versions", "", "another version may follow")
	}
}

// track holds a track against those of the base that are for the same kinds of version: it has to ask for all that one
// of them asks for.
func (w *weakening) track(t release.Track) {
	for _, sort := range w.now.Versions.Kinds {
		if !slices.Contains(sorts, sort) || len(t.For) > 0 && !slices.Contains(t.For, sort) {
			continue
		}
		var best []lack
		for i, b := range w.fitting(t, sort) {
			if missing := w.missing(b, t); i == 0 || len(missing) == 0 {
				best = missing
			}
		}
		if len(best) > 0 {
			for _, l := range best {
				w.lacking(t, l)
			}
			return
		}
	}
}

// fitting are the tracks of the base for one kind of version, the one of the same name first; all, where there is none.
func (w *weakening) fitting(t release.Track, sort string) []release.Track {
	fit := slices.DeleteFunc(slices.Clone(w.base.Tracks),
		func(b release.Track) bool { return len(b.For) > 0 && !slices.Contains(b.For, sort) })
	if len(fit) == 0 {
		fit = slices.Clone(w.base.Tracks)
	}
	slices.SortStableFunc(fit, func(a, b release.Track) int {
		return cmp.Compare(fmt.Sprint(a.Name != t.Name), fmt.Sprint(b.Name != t.Name))
	})
	return fit
}

// lack is something that a track of the base asks for and another one does not: a phase, or an entry of it.
type lack struct {
	phase, id, list string
	text            string
}

func (w *weakening) missing(b, t release.Track) []lack {
	var out []lack
	var without []string
	next := 0 // where the phases of the base go on
	sequence := t.Sequence()
	for _, item := range b.Sequence() {
		if item.Optional {
			continue
		}
		i := slices.IndexFunc(sequence, func(p release.TrackPhase) bool { return p.Phase == item.Phase })
		switch {
		case i < 0:
			without = append(without, item.Phase)
			continue
		case sequence[i].Optional:
			out = append(out, lack{text: fmt.Sprintf("on the track %s %s may be left out", t.Name, item.Phase)})
		case i < next:
			out = append(out, lack{text: fmt.Sprintf("on the track %s %s comes earlier", t.Name, item.Phase)})
		}
		next = max(next, i)
		out = append(out, w.phase(item.Phase, b.Name, t.Name)...)
	}
	if len(without) > 0 {
		out = slices.Insert(out, 0, lack{text: fmt.Sprintf("the track %s leaves out %s", t.Name,
			strings.Join(without, ", "))})
	}
	return out
}

// phase lists what a phase asks for on a track of the base, and no more on one of the process.
func (w *weakening) phase(name, was, is string) []lack {
	var out []lack
	before, _ := w.base.Phase(name)
	after, _ := w.now.Phase(name)
	for _, g := range before.Needs {
		if g.Warn || !counts(g.Tracks, was) || w.said(name, cmp.Or(g.Step, g.ID)) {
			continue
		}
		if !slices.ContainsFunc(after.Needs, func(o release.Gate) bool { return same(g, o) && counts(o.Tracks, is) }) {
			l := lack{name, g.ID, "require", fmt.Sprintf("%s no longer requires %s", name, g.Name())}
			if g.Step != "" {
				l.id, l.list = g.Step, "do"
			}
			out = append(out, l)
		}
	}
	for _, s := range before.Steps {
		if s.Optional || !s.On(was) || w.said(name, s.ID) {
			continue
		}
		if !slices.ContainsFunc(after.Steps, func(o release.Step) bool {
			return o.ID == s.ID && o.Does.Kind() == s.Does.Kind() && !o.Optional && o.On(is)
		}) {
			out = append(out, lack{name, s.ID, "do", fmt.Sprintf("%s no longer waits for its step %s", name, s.ID)})
		}
	}
	return out
}

func counts(tracks []string, track string) bool {
	return len(tracks) == 0 || slices.Contains(tracks, track)
}

// said says that the entry is one that the file replaces or removes with a reason. Parts of an entry have its id and a
// word more.
func (w *weakening) said(phase, id string) bool {
	return slices.ContainsFunc(w.now.Changed, func(c release.Change) bool {
		return c.Phase == phase && (c.What == id || strings.HasPrefix(id, c.What+"-"))
	})
}

// same says that a gate asks for what another one asked for. What a step brings follows the step, and the values in
// files are those of the repository.
func same(was, is release.Gate) bool {
	if was.Asks.Kind() != is.Asks.Kind() || was.Step != is.Step || was.ID != is.ID || is.Warn {
		return false
	}
	return was.Step != "" || reflect.DeepEqual(withoutEdits(was.Asks.Any), withoutEdits(is.Asks.Any))
}

func withoutEdits(p params.Any) params.Any {
	switch p := p.(type) {
	case params.Files:
		p.Edits = ""
		return p
	case params.TaggedFiles:
		p.Edits = ""
		return p
	case params.FilesBelow:
		p.Edits = ""
		return p
	case params.NoOthers:
		p.Edits = ""
		return p
	}
	return p
}

// lacking says what a track does not ask for, where the file changed it.
func (w *weakening) lacking(t release.Track, l lack) {
	find := func(n *typed.Node, name string, of func(*typed.Node) string) int {
		if n == nil {
			return -1
		}
		return slices.IndexFunc(n.Items, func(item *typed.Node) bool { return of(item) == name })
	}
	if i := find(w.over.Field("phases"), l.phase, named); l.phase != "" && i >= 0 {
		list := w.over.Field("phases").Items[i].Field(l.list)
		at := typed.Join(nth("phases", i), l.list)
		for _, id := range []string{l.id, l.id[:max(strings.LastIndex(l.id, "-"), 0)]} {
			if j := find(list, id, idOf); id != "" && j >= 0 {
				w.refuse(list.Items[j], nth(at, j), l.text, "take it back, or write `replace: true` and `reason: ...`")
				return
			}
		}
	}
	if i := find(w.over.Field("tracks"), t.Name, named); i >= 0 {
		w.less(nth("tracks", i), "phases", l.phase, l.text)
		return
	}
	w.less("", "defaults", l.phase, l.text)
}
