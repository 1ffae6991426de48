package process

import (
	"fmt"
	"slices"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/kind"
	"github.com/slipway-dev/slipway/release/typed"
)

// merger lays a repository's file over a built-in process.
type merger struct {
	base    string // its name
	changed []release.Change
	typed.Errors
}

// overlay lays the fields of over onto those of base, one by one; a list is replaced.
func overlay(base, over *typed.Node) *typed.Node {
	if base == nil || base.Sort != typed.Mapping || over.Sort != typed.Mapping {
		return over
	}
	return fields(base, over, func(_ string, base, over *typed.Node) *typed.Node { return overlay(base, over) })
}

// fields lays the fields of a group over those of the base; both says what becomes of one that both have.
func fields(base, over *typed.Node, both func(name string, base, over *typed.Node) *typed.Node) *typed.Node {
	out := *over
	out.Fields = slices.Clone(base.Fields)
	for _, f := range over.Fields {
		i := slices.IndexFunc(out.Fields, func(g typed.Field) bool { return g.Name == f.Name })
		if i < 0 {
			out.Fields = append(out.Fields, f)
			continue
		}
		f.Value = both(f.Name, out.Fields[i].Value, f.Value)
		out.Fields[i] = f
	}
	return &out
}

// merge lays a file over the base: tracks and phases by their name, entries by their id, groups field by field. Lists
// of anything else are replaced.
func (m *merger) merge(base, over *typed.Node) *typed.Node {
	return fields(base, over, func(name string, base, over *typed.Node) *typed.Node {
		switch {
		case name == "tracks" && over.Sort == typed.List:
			return m.list(base, over, named, overlay)
		case name == "phases" && over.Sort == typed.List:
			return m.list(base, over, named, m.phase)
		}
		return overlay(base, over)
	})
}

func named(n *typed.Node) string {
	if name := n.Field("name"); name != nil {
		return name.Text
	}
	return ""
}

// list lays the entries of a list onto those that have the same name; what is new goes to the end.
func (m *merger) list(base, over *typed.Node, name func(*typed.Node) string,
	both func(base, over *typed.Node) *typed.Node) *typed.Node {
	m.full(over)
	out := *over
	out.Items = slices.Clone(base.Items)
	for _, item := range over.Items {
		who := name(item)
		i := slices.IndexFunc(out.Items, func(b *typed.Node) bool { return who != "" && name(b) == who })
		if i < 0 {
			out.Items = append(out.Items, item)
			continue
		}
		out.Items[i] = both(out.Items[i], item)
	}
	return &out
}

func (m *merger) phase(base, over *typed.Node) *typed.Node {
	phase := named(base)
	return fields(base, over, func(name string, base, over *typed.Node) *typed.Node {
		if (name == "require" || name == "do") && over.Sort == typed.List {
			return m.entries(phase, name, base, over)
		}
		return overlay(base, over)
	})
}

// entries lays entries over those of the base. What the base requires can be added to. It is removed or replaced only
// where the file says so, and why; a warning may be changed without a reason.
func (m *merger) entries(phase, list string, base, over *typed.Node) *typed.Node {
	m.full(over)
	out := *over
	out.Items = slices.Clone(base.Items)
	for _, item := range over.Items {
		id := kind.ID(item)
		i := slices.IndexFunc(out.Items, func(b *typed.Node) bool { return id != "" && kind.ID(b) == id })
		says := func(field string) bool { f := item.Field(field); return f != nil && f.Text == "true" }
		remove, replace := says("remove"), says("replace")
		switch {
		case i < 0 && (remove || replace):
			m.wrong(item, fmt.Sprintf("%s of %s has no entry %q in `%s`", phase, m.base, id, list),
				typed.Suggest(id, ids(base)))
		case i < 0:
			out.Items = append(out.Items, item)
		case remove || replace:
			m.change(phase, list, id, item, remove)
			if remove {
				out.Items = slices.Delete(out.Items, i, i+1)
			} else {
				out.Items[i] = overlayEntry(out.Items[i], spoken(item))
			}
		case list == "require" && !warns(out.Items[i]):
			m.wrong(item, fmt.Sprintf("%s of %s requires %s already", phase, m.base, id),
				"to add yours, give it an `id:` of its own; to change that one, write `replace: true` and `reason: ...`")
		default:
			out.Items[i] = overlayEntry(out.Items[i], item)
		}
	}
	return &out
}

// overlayEntry lays one entry over another, whose kind may stand alone.
func overlayEntry(base, over *typed.Node) *typed.Node {
	if base.Sort == typed.Scalar || over.Sort == typed.Scalar {
		return over
	}
	return overlay(base, over)
}

// full says that a list of changes is not empty: the entries of the base stay, whatever it was meant to do.
func (m *merger) full(over *typed.Node) {
	if len(over.Items) == 0 {
		m.wrong(over, "the list is empty, and changes nothing", "leave it out; entries of "+m.base+
			" are taken away one by one, with `remove: true` and `reason: ...`")
	}
}

// spoken is an entry but for what it says of the one that it replaces.
func spoken(n *typed.Node) *typed.Node {
	out := *n
	out.Fields = slices.DeleteFunc(slices.Clone(n.Fields),
		func(f typed.Field) bool { return slices.Contains([]string{"replace", "remove", "reason"}, f.Name) })
	return &out
}

func idOf(n *typed.Node) string { return kind.ID(n) }

func warns(n *typed.Node) bool {
	w := n.Field("warn")
	return w != nil && w.Text == "true"
}

func ids(list *typed.Node) []string {
	var out []string
	for _, item := range list.Items {
		out = append(out, kind.ID(item))
	}
	return out
}

func (m *merger) change(phase, list, id string, item *typed.Node, remove bool) {
	reason := item.Field("reason")
	if reason == nil || reason.Text == "" {
		m.wrong(item, "nothing says why", "add `reason: ...`; lint, the plan and the status show it")
		return
	}
	m.changed = append(m.changed, release.Change{Phase: phase, What: id, Gate: list == "require", Removed: remove,
		Reason: reason.Text})
}

func (m *merger) wrong(n *typed.Node, message, fix string) {
	m.Errors = append(m.Errors, typed.Error{Line: n.Line, Column: n.Column, Message: message, Fix: fix})
}
