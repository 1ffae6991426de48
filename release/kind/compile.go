package kind

import (
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/typed"
)

// Lists are the lists of edits of a process, by name.
type Lists map[string][]Edit

// Steps are the writes and waits that an entry of do: stands for, in their order. The first has the id of the entry;
// the others add a word to it, so that each can be retried and skipped by a name of its own.
func (e Entry) Steps(lists Lists) []release.Step {
	kind := e.Params.(doer)
	parts := kind.parts(e.ID, lists)
	tracks := words(e.Tracks)
	for i := range parts {
		if i == 0 && e.Title != "" {
			parts[i].Title = string(e.Title)
		}
		parts[i].Tracks = tracks
	}
	return parts
}

// Gates are the conditions of an entry of require:, and those that come with one of do:.
func (e Entry) Gates(lists Lists) []release.Gate {
	var gates []release.Gate
	id, step := e.ID, ""
	switch kind := e.Params.(type) {
	case requirer:
		gates = kind.gates(lists)
	case guarded:
		gates, id, step = kind.guards(), "", e.ID
	}
	for i := range gates {
		gates[i].ID, gates[i].Step = id, step
		if i > 0 && id != "" {
			gates[i].ID = id + "-derived" // only version has a second gate: that it follows from what changed
		}
		gates[i].Warn, gates[i].Tracks = e.Warn, words(e.Tracks)
	}
	return gates
}

// doer is a kind of step, requirer one of gate, and guarded a kind of step that brings gates with it: a stranger who
// writes a process cannot forget them.
type (
	doer interface {
		parts(id string, lists Lists) []release.Step
	}
	requirer interface {
		gates(lists Lists) []release.Gate
	}
	guarded interface{ guards() []release.Gate }
)

// part is one step.
func part(id, title, stays string, does params.Any) release.Step {
	return release.Step{ID: id, Title: title, Stays: stays, Does: params.Set{Any: does}}
}

// undone gives a step what takes it back.
func undone(s release.Step, undo params.Any) release.Step {
	s.Undo, s.Stays = params.Set{Any: undo}, ""
	return s
}

func require(asks params.Any) release.Gate { return release.Gate{Asks: params.Set{Any: asks}} }

func words[T ~string](list []T) []string {
	var out []string
	for _, w := range list {
		out = append(out, string(w))
	}
	return out
}

// hours are those of a span.
func hours(s typed.Span) int { return int(s.Duration().Hours()) }

// edits writes edits one a line, as release/edit reads them. to, where it is given, stands in place of the values.
func (l Lists) edits(edits []Edit, to typed.Single) []string {
	var out []string
	for _, e := range edits {
		if to != "" && e.To != "" {
			e.To = to
		}
		switch {
		case e.Commit != "":
			out = append(out, "# "+string(e.Commit))
			out = append(out, l.edits(e.Edits, to)...)
		case e.List != "":
			out = append(out, l.edits(l[string(e.List)], to)...)
		case e.SameAs != "":
			out = append(out, l.edits(l[string(e.SameAs)], e.To)...)
		case len(e.Each) > 0:
			for _, word := range e.Each {
				out = append(out, strings.ReplaceAll(e.line(), "{each}", string(word)))
			}
		default:
			out = append(out, e.line())
		}
	}
	return out
}

// line is one edit in one line.
func (e Edit) line() string {
	file := string(e.File + e.Files)
	switch {
	case e.Line != "":
		return file + " line " + string(e.Line)
	case e.Add != nil:
		return file + " add:" + string(e.YAML) + " " + strconv.Quote(string(e.Add.Key)) + ": " + string(e.Add.Value)
	case e.YAML != "":
		return file + " yaml:" + string(e.YAML) + " " + string(e.To)
	case e.Match != "":
		return file + " match:" + strings.ReplaceAll(expression(e.Match), " ", `\s`) + " " + string(e.To)
	}
	return file + " module:" + string(e.Module) + " " + string(e.To)
}

// expression is a regular expression as a template of itself: its braces are no names.
func expression(e typed.Regexp) string {
	return strings.NewReplacer("{", "{{", "}", "}}").Replace(string(e))
}

// Text is edits one a line.
func (l Lists) Text(edits []Edit) string { return strings.Join(l.edits(edits, ""), "\n") }
