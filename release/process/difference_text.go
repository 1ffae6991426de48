package process

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/markdown"
)

// mostLines is how many lines of one kind are shown.
const mostLines = 60

// Markdown is the difference as a person reads it.
func (d Difference) Markdown() string {
	if d.None() {
		return "The process stays as it is.\n"
	}
	var b strings.Builder
	section := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		fmt.Fprintf(&b, "**%s**\n\n", title)
		for i, line := range lines {
			if i == mostLines {
				fmt.Fprintf(&b, "- and %d more\n", len(lines)-i)
				break
			}
			b.WriteString("- " + line + "\n")
		}
		b.WriteString("\n")
	}
	section("⚠️ Weaker than before", d.Weaker)
	section("Phases, gates and steps", d.Phases)
	section("Who may do what", d.People)
	section("Versions, names and the rest", d.Rest)
	return strings.TrimSuffix(b.String(), "\n")
}

func list(words []string) string {
	if len(words) == 0 {
		return "nobody"
	}
	return strings.Join(markdown.Codes(words), ", ")
}

func trackAdded(t release.Track) string {
	return "The track " + markdown.Code(t.Name) + " is new: " + list(t.Phases) + "."
}

func trackGone(t release.Track) string { return "The track " + markdown.Code(t.Name) + " is removed." }

func trackChanged(t release.Track, edits []edit) string {
	return "The track " + markdown.Code(t.Name) + " changes: " + editsText(edits) + "."
}

func phasesLeftOut(t release.Track, phases []string) string {
	return "A release on the track " + markdown.Code(t.Name) + " can leave out " + list(phases) + "."
}

func phaseAdded(p release.Phase) string {
	return fmt.Sprintf("The phase %s is new: %s, %s; %s can enter it.", markdown.Code(p.Name),
		release.Count(len(p.Needs), "gate"), release.Count(len(p.Steps), "step"), list(p.Who))
}

func phaseGone(p release.Phase) string { return "The phase " + markdown.Code(p.Name) + " is removed." }

func gatesGone(phase string, n int) string {
	return "With the phase " + markdown.Code(phase) + " goes what it required: " + release.Count(n, "gate") + "."
}

func phaseChanged(phase string, edits []edit) string {
	return "The phase " + markdown.Code(phase) + " changes: " + editsText(edits) + "."
}

func moreMayEnter(phase string, who []string) string {
	return list(who) + " can enter " + markdown.Code(phase) + " too."
}

func gateAdded(phase string, g release.Gate) string {
	how := "requires"
	if g.Warn {
		how = "warns of"
	}
	return fmt.Sprintf("%s %s the gate %s, which is new%s.", markdown.Code(phase), how, gateName(g), parameters(g))
}

func gateGone(phase string, g release.Gate) string {
	if g.Warn {
		return markdown.Code(phase) + " no longer warns of the gate " + gateName(g) + "."
	}
	return markdown.Code(phase) + " no longer requires the gate " + gateName(g) + "."
}

func gateChanged(phase string, g release.Gate, edits []edit) string {
	return "The gate " + gateName(g) + " of " + markdown.Code(phase) + " changes: " + editsText(edits) + "."
}

func gateName(g release.Gate) string { return markdown.Code(g.Name()) }

func stepAdded(phase string, s release.Step) string {
	return fmt.Sprintf("The step %s of %s is new%s.", markdown.Code(s.ID), markdown.Code(phase), parameters(s))
}

func stepGone(phase string, s release.Step) string {
	return "The step " + markdown.Code(s.ID) + " of " + markdown.Code(phase) + " is removed."
}

func stepChanged(phase string, s release.Step, edits []edit) string {
	return "The step " + markdown.Code(s.ID) + " of " + markdown.Code(phase) + " changes: " + editsText(edits) + "."
}

func stepsMoved(phase string, order []string) string {
	return "The steps of " + markdown.Code(phase) + " have another order: " + list(order) + "."
}

// parameters are those of something new, as far as a line has room.
func parameters(v any) string {
	const most = 6
	var out []string
	for _, e := range edits(nil, v) {
		if slices.Contains([]string{"id", "kind", "step", "stays"}, e.at) {
			continue
		}
		if len(out) == most {
			out = append(out, "…")
			break
		}
		out = append(out, called(e.at)+" "+markdown.Code(e.is))
	}
	if len(out) == 0 {
		return ""
	}
	return ": " + strings.Join(out, ", ")
}

func roleAdded(name string, r release.Role) string {
	return "The role " + markdown.Code(name) + " is new" + parameters(r) + "."
}

func roleGone(name string) string { return "The role " + markdown.Code(name) + " is removed." }

func roleChanged(name string, edits []edit) string {
	return "The role " + markdown.Code(name) + " changes: " + editsText(edits) + "."
}

func roleWider(name string) string { return "More people have the role " + markdown.Code(name) + "." }

func mayChanged(verb string, who []string) string {
	if verb == "default" {
		return "The commands without an entry of their own can be given by " + list(who) + "."
	}
	return markdown.Code("/release "+verb) + " can be given by " + list(who) + "."
}

func mayGone(verb string) string {
	return markdown.Code("/release "+verb) + " can be given by the roles of `default` again."
}

func moreMayDo(verb string, who []string) string {
	if verb == "default" {
		return list(who) + " can give the commands without an entry of their own too."
	}
	return list(who) + " can give " + markdown.Code("/release "+verb) + " too."
}

func teamChanged(edits []edit) string { return "The release team changes: " + editsText(edits) + "." }

func editsText(edits []edit) string {
	var out []string
	for i, e := range edits {
		if i == mostEdits {
			out = append(out, fmt.Sprintf("and %d more", len(edits)-i))
			break
		}
		out = append(out, editText(e))
	}
	return strings.Join(out, "; ")
}

// called is how a value is called in the file: the parameters of a gate or a step stand below its kind, which may have
// a title as the entry has.
func called(at string) string {
	name := at
	place, rest, below := strings.Cut(at, ".")
	below = below && (place == "asks" || place == "does")
	if _, parameter, named := strings.Cut(rest, "."); below && named {
		name = parameter
	}
	if below && name == "title" {
		return markdown.Code(name) + " below the kind"
	}
	return markdown.Code(name)
}

// mostEdits is how many values that changed one line shows.
const mostEdits = 12

// editText is one value that changed. Of long texts it shows where they begin to differ.
func editText(e edit) string {
	at := called(e.at)
	switch {
	case e.was == "":
		return at + " is " + markdown.Code(e.is)
	case e.is == "":
		return at + " is no longer " + markdown.Code(e.was)
	}
	was, is := []rune(e.was), []rune(e.is)
	same := 0
	for same < len(was) && same < len(is) && was[same] == is[same] {
		same++
	}
	const before = 20
	if same > 3*before {
		return at + " is " + markdown.Code("…"+string(is[same-before:])) + " instead of " +
			markdown.Code("…"+string(was[same-before:]))
	}
	return at + " is " + markdown.Code(e.is) + " instead of " + markdown.Code(e.was)
}

// Edits are the values that differ between two trees, one a line. Markdown.
func Edits(before, after any) []string {
	var out []string
	for _, e := range edits(before, after) {
		out = append(out, editText(e))
	}
	return out
}

// MoreGrants is what other repositories can do only with the second list, and FewerGrants what they no longer can.
func MoreGrants(before, after []consent.Grant) []string {
	var out []string
	for _, g := range newGrants(before, after) {
		out = append(out, grantText(g)+" from now on.")
	}
	return out
}

// FewerGrants is what other repositories can do only with the first list.
func FewerGrants(before, after []consent.Grant) []string {
	var out []string
	for _, g := range newGrants(after, before) {
		out = append(out, grantText(g)+" no longer.")
	}
	return out
}

func newGrants(before, after []consent.Grant) []consent.Grant {
	return slices.DeleteFunc(slices.Clone(after), func(g consent.Grant) bool {
		return slices.ContainsFunc(before, func(o consent.Grant) bool { return reflect.DeepEqual(g, o) })
	})
}

// grantText is what a repository may do, without its end.
func grantText(g consent.Grant) string {
	who := "Every process of " + markdown.Code(g.Repo)
	if g.Process != "" {
		who = "The process " + markdown.Code(g.Process) + " of " + markdown.Code(g.Repo)
	}
	var what []string
	if len(g.Read) > 0 {
		what = append(what, "read "+list(g.Read))
	}
	if g.Releases {
		what = append(what, "see its releases")
	}
	if len(g.Pulls) > 0 {
		what = append(what, "propose changes to "+list(g.Pulls))
	}
	return who + " can " + strings.Join(what, ", ")
}
