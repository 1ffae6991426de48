package process

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/release"
)

// Difference is what a change of its file changes in a process. Its lines are Markdown.
type Difference struct {
	// Weaker is what fewer people, or less, stand in the way of from now on, with the reason where one has to be given.
	Weaker []string
	// Phases are the changes of phases, tracks, gates and steps, People those of roles and of who may do what, and Rest
	// everything else: versions, names, inputs.
	Phases, People, Rest []string
}

// None says that nothing changed.
func (d Difference) None() bool { return len(d.Weaker)+len(d.Phases)+len(d.People)+len(d.Rest) == 0 }

// Compare is the difference of two processes. The zero value before is a repository that had none.
func Compare(before, after release.Process) Difference {
	c := comparison{before: before, after: after}
	c.weakened()
	c.tracks()
	c.phases()
	c.people()
	c.rest()
	return c.Difference
}

type comparison struct {
	Difference
	before, after release.Process
}

// about notes a change of a gate. One that is weaker stands first, unless the file itself says why: its reason does.
func (c *comparison) about(phase string, g release.Gate, weaker bool, line string) {
	reasoned := slices.ContainsFunc(c.after.Changed,
		func(one release.Change) bool { return one.Phase == phase && one.What == g.ID })
	if weaker && !reasoned {
		c.Weaker = append(c.Weaker, line)
		return
	}
	c.Phases = append(c.Phases, line)
}

// weakened is what the file takes away from a built-in process, or puts in its place, and why.
func (c *comparison) weakened() {
	for _, one := range c.after.Changed {
		if !slices.Contains(c.before.Changed, one) {
			c.Weaker = append(c.Weaker, release.ChangeText(one))
		}
	}
}

func (c *comparison) tracks() {
	lists(c.before.Tracks, c.after.Tracks, func(t release.Track) string { return t.Name },
		func(t release.Track) { c.Phases = append(c.Phases, trackGone(t)) },
		func(t release.Track) { c.Phases = append(c.Phases, trackAdded(t)) },
		func(was, is release.Track) {
			if edits := edits(was, is); len(edits) > 0 {
				c.Phases = append(c.Phases, trackChanged(is, edits))
			}
			if fewer := without(must(was), must(is)); len(fewer) > 0 {
				c.Weaker = append(c.Weaker, phasesLeftOut(is, fewer))
			}
		})
}

// must are the phases that a release on the track cannot leave out.
func must(t release.Track) []string {
	var out []string
	for _, item := range t.Sequence() {
		if !item.Optional {
			out = append(out, item.Phase)
		}
	}
	return out
}

func (c *comparison) phases() {
	lists(c.before.Phases, c.after.Phases, func(p release.Phase) string { return p.Name },
		func(p release.Phase) {
			c.Phases = append(c.Phases, phaseGone(p))
			if gates := required(p); gates > 0 {
				c.Weaker = append(c.Weaker, gatesGone(p.Name, gates))
			}
		},
		func(p release.Phase) { c.Phases = append(c.Phases, phaseAdded(p)) },
		c.phase)
}

// required is how many gates of a phase refuse.
func required(p release.Phase) int {
	n := 0
	for _, g := range p.Needs {
		if !g.Warn {
			n++
		}
	}
	return n
}

// phase compares one phase: what stands in it itself, then its gates and steps.
func (c *comparison) phase(was, is release.Phase) {
	if more := without(is.Who, was.Who); len(more) > 0 {
		c.Weaker = append(c.Weaker, moreMayEnter(is.Name, more))
	}
	bare := func(p release.Phase) release.Phase { p.Needs, p.Steps = nil, nil; return p }
	if edits := edits(bare(was), bare(is)); len(edits) > 0 {
		c.Phases = append(c.Phases, phaseChanged(is.Name, edits))
	}
	lists(numbered(was.Needs), numbered(is.Needs), func(g nthGate) string { return g.key },
		func(g nthGate) { c.about(is.Name, g.Gate, !g.Warn, gateGone(is.Name, g.Gate)) },
		func(g nthGate) { c.Phases = append(c.Phases, gateAdded(is.Name, g.Gate)) },
		func(a, b nthGate) { c.gate(is.Name, a.Gate, b.Gate) })
	lists(was.Steps, is.Steps, func(s release.Step) string { return s.ID },
		func(s release.Step) { c.Phases = append(c.Phases, stepGone(is.Name, s)) },
		func(s release.Step) { c.Phases = append(c.Phases, stepAdded(is.Name, s)) },
		func(a, b release.Step) {
			if edits := edits(a, b); len(edits) > 0 {
				c.Phases = append(c.Phases, stepChanged(is.Name, b, edits))
			}
		})
	if order := common(was.Steps, is.Steps); !slices.Equal(order, common(is.Steps, was.Steps)) {
		c.Phases = append(c.Phases, stepsMoved(is.Name, common(is.Steps, was.Steps)))
	}
}

// common are the ids of the steps of a list that are in the other one too.
func common(list, other []release.Step) []string {
	var out []string
	for _, s := range list {
		if slices.ContainsFunc(other, func(o release.Step) bool { return o.ID == s.ID }) {
			out = append(out, s.ID)
		}
	}
	return out
}

func (c *comparison) gate(phase string, was, is release.Gate) {
	found := edits(was, is)
	if len(found) == 0 {
		return
	}
	fewer := len(is.Tracks) > 0 && (len(was.Tracks) == 0 || len(without(was.Tracks, is.Tracks)) > 0)
	lower := slices.ContainsFunc(found, func(e edit) bool {
		a, errA := strconv.Atoi(e.was)
		b, errB := strconv.Atoi(e.is)
		return strings.HasPrefix(e.at, "asks.") && strings.HasSuffix(e.at, ".count") && errA == nil && errB == nil && b < a
	})
	c.about(phase, is, !was.Warn && (is.Warn || fewer || lower), gateChanged(phase, is, found))
}

// nthGate is a gate with what tells it apart in its phase: an entry may stand for several gates, of one kind too.
type nthGate struct {
	release.Gate
	key string
}

func numbered(gates []release.Gate) []nthGate {
	out := make([]nthGate, len(gates))
	seen := map[string]int{}
	for i, g := range gates {
		key := g.Step + "/" + g.ID + "/" + g.Asks.Kind()
		seen[key]++
		out[i] = nthGate{g, fmt.Sprintf("%s/%d", key, seen[key])}
	}
	return out
}

func (c *comparison) people() {
	groups(c.before.Roles, c.after.Roles,
		func(name string, _ release.Role) { c.People = append(c.People, roleGone(name)) },
		func(name string, r release.Role) { c.People = append(c.People, roleAdded(name, r)) },
		func(name string, was, is release.Role) {
			edits := edits(was, is)
			if len(edits) == 0 {
				return
			}
			c.People = append(c.People, roleChanged(name, edits))
			levels := append([]string{""}, permissions...)
			lower := slices.Index(levels, is.Permission) < slices.Index(levels, was.Permission)
			if is.Permission != "" && (was.Permission == "" || lower) || len(without(is.Teams, was.Teams)) > 0 ||
				len(without(is.Users, was.Users)) > 0 || is.Assignees && !was.Assignees {
				c.Weaker = append(c.Weaker, roleWider(name))
			}
		})
	groups(c.before.May, c.after.May,
		func(verb string, was []string) {
			c.People = append(c.People, mayGone(verb))
			c.more(verb, was, c.after.MayDo(verb))
		},
		func(verb string, who []string) { c.may(verb, c.before.May["default"], who) },
		func(verb string, was, is []string) { c.may(verb, was, is) })
	if edits := edits(map[string]any{"team": c.before.Team}, map[string]any{"team": c.after.Team}); len(edits) > 0 {
		c.People = append(c.People, teamChanged(edits))
	}
}

func (c *comparison) may(verb string, was, is []string) {
	if slices.Equal(was, is) || c.before.Name == "" && slices.Equal(is, []string{"anyone"}) {
		return
	}
	c.People = append(c.People, mayChanged(verb, is))
	c.more(verb, was, is)
}

// more notes who can give a command that could not before.
func (c *comparison) more(verb string, was, is []string) {
	if more := without(is, was); len(more) > 0 && len(was) > 0 && !slices.Contains(was, "anyone") {
		c.Weaker = append(c.Weaker, moreMayDo(verb, more))
	}
}

// rest is all that has no section of its own.
func (c *comparison) rest() {
	bare := func(p release.Process) release.Process {
		p.Roles, p.May, p.Team, p.Tracks, p.Phases, p.Changed = nil, nil, nil, nil, nil, nil
		return p
	}
	for _, e := range edits(bare(c.before), bare(c.after)) {
		c.Rest = append(c.Rest, editText(e))
	}
}

// lists compares two lists by names: what is gone, what is new, and what is in both, in the order of the second.
func lists[T any](before, after []T, name func(T) string, gone, added func(T), both func(was, is T)) {
	for _, was := range before {
		if !slices.ContainsFunc(after, func(is T) bool { return name(is) == name(was) }) {
			gone(was)
		}
	}
	for _, is := range after {
		if i := slices.IndexFunc(before, func(was T) bool { return name(is) == name(was) }); i < 0 {
			added(is)
		} else {
			both(before[i], is)
		}
	}
}

// groups is lists for values that have names.
func groups[T any](before, after map[string]T, gone, added func(string, T), both func(name string, was, is T)) {
	sorted := func(m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
	lists(sorted(before), sorted(after), func(name string) string { return name },
		func(name string) { gone(name, before[name]) }, func(name string) { added(name, after[name]) },
		func(name, _ string) { both(name, before[name], after[name]) })
}

// without are the words of a list that are not in the other one.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

// edit is one value that changed; empty is one that is not there.
type edit struct{ at, was, is string }

// edits are the values that differ, by their names in the log of a release.
func edits(before, after any) []edit {
	was, is := leaves(before), leaves(after)
	all := maps.Clone(was)
	maps.Copy(all, is)
	var out []edit
	for at := range all {
		if was[at] != is[at] {
			out = append(out, edit{at, was[at], is[at]})
		}
	}
	order := func(e edit) string { // a title is what people read first, before the parameters
		if e.at == "title" {
			return "about title"
		}
		return e.at
	}
	slices.SortFunc(out, func(a, b edit) int { return cmp.Compare(order(a), order(b)) })
	return out
}

// leaves are the values of a tree, by their paths; a list of words is one value.
func leaves(v any) map[string]string {
	out := map[string]string{}
	data, err := json.Marshal(v)
	var tree any
	if err != nil || json.Unmarshal(data, &tree) != nil {
		return out // a process is made of nothing else
	}
	gather(out, "", tree)
	return out
}

func gather(out map[string]string, at string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, one := range v {
			if at != "" {
				name = at + "." + name
			}
			gather(out, name, one)
		}
	case []any:
		var words []string
		for i, one := range v {
			if text, is := one.(string); is {
				words = append(words, text)
			} else {
				gather(out, fmt.Sprintf("%s[%d]", at, i), one)
			}
		}
		if len(words) > 0 {
			out[at] = strings.Join(words, ", ")
		}
	case string:
		if v != "" {
			out[at] = v
		}
	case nil:
	default:
		out[at] = fmt.Sprint(v)
	}
}
