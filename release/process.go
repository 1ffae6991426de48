// Package release is the domain: versions, processes, the release log, and what comes next.
//
// It is pure. It knows no network, no clock and no GitHub type: a decision is a function from values to
// values, and what must happen is data that internal/engine carries out. Start reading at Process (what a way
// of releasing is), go on with Event (what can happen to a release), Fold (the state is the fold of its log),
// Needs and Decide (a command and the facts become events or a refusal), and Next (the work that is due).
package release

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/params"
)

// A Process is one way of releasing, read from YAML and pinned into the log when a release starts, so that a
// change of the configuration never changes a release that is running.
type Process struct {
	// Name is how commands and configuration call it: falco-libs.
	Name string `yaml:"name" json:"name"`
	// Title is what people read: "Falco libs".
	Title string `yaml:"title" json:"title,omitempty"`
	// Document is the text whose rules this process carries out, with its date.
	Document string `yaml:"document" json:"document,omitempty"`
	// Versions says what a version looks like and which ones may follow which.
	Versions Scheme `yaml:"versions" json:"versions"`
	// From says what from= of /release start has to name, for a process that releases from a branch which the version
	// does not tell; empty where there is nothing to name.
	From FromRule `yaml:"from" json:"from,omitzero"`
	// Inputs are further options of /release start: the versions of other projects that this one builds on.
	Inputs map[string]InputRule `yaml:"inputs" json:"inputs,omitempty"`
	// Picked are edits, one a line, that /release pick makes in what it brings over: numbers that count on.
	Picked string `yaml:"-" json:"picked,omitempty"`
	// Changed is what a repository took away from the built-in process, or put in its place, and why.
	Changed []Change `yaml:"-" json:"changed,omitempty"`
	// Names are templates for the things that a release creates: branch, tag, milestone, next-milestone.
	Names map[string]string `yaml:"names" json:"names,omitempty"`
	// Roles say who is who; Phase.Who and May name them.
	Roles map[string]Role `yaml:"roles" json:"roles"`
	// Team holds the logins that are on the release team from the start.
	Team []string `yaml:"team" json:"team,omitempty"`
	// May lists, for a command that is not a phase, the roles that may give it. The key "default" serves the rest.
	May map[string][]string `yaml:"may" json:"may,omitempty"`
	// Tracks are the ways through the phases: a planned release, a patch, a hotfix.
	Tracks []Track `yaml:"tracks" json:"tracks"`
	// Phases in the order of the document. Every process has one that is called cut.
	Phases []Phase `yaml:"phases" json:"phases"`
}

// FromRule is what from= of /release start names.
type FromRule struct {
	// About says what it is: "the release branch of the libs that it is tagged on".
	About string `yaml:"about" json:"about"`
	// Example is a value, for answers; Like is a pattern that each has to match, such as release/*.x.
	Example string `yaml:"example" json:"example,omitempty"`
	Like    string `yaml:"like" json:"like,omitempty"`
}

// fits says that a branch is one of those that are released from.
func (f FromRule) fits(branch string) bool {
	hit, err := path.Match(f.Like, branch)
	return branch == "" || f.Like == "" || err == nil && hit
}

// A Change is one entry of a built-in process that a repository took away or replaced, or another way in which it asks
// for less.
type Change struct {
	Phase string `json:"phase"`
	// What is the id of the entry.
	What    string `json:"what"`
	Gate    bool   `json:"gate,omitempty"`
	Removed bool   `json:"removed,omitempty"`
	Reason  string `json:"reason"`
	// Text says what asks for less where that is no entry: who may do something, a track that leaves a phase out.
	Text string `json:"text,omitempty"`
}

// InputRule is one option of /release start. Its value is a template's word: kata=3.6.0 is {kata}, and trustee-image=
// is {trustee_image}.
type InputRule struct {
	// About says what it names: "the release of Kata Containers".
	About string `yaml:"about" json:"about"`
	// Example is a value, for answers.
	Example string `yaml:"example" json:"example"`
	// Optional means that the phases which use it look it up when it was not given: they pin the same name.
	Optional bool `yaml:"optional" json:"optional,omitempty"`
}

// A Role is a set of people. Any one of its sources makes a person a member.
type Role struct {
	// About says in words who that is, for refusals: "a maintainer of falcosecurity/libs".
	About string `yaml:"about" json:"about,omitempty"`
	// Permission is the least repository permission that makes a member: triage, write, maintain or admin.
	Permission string `yaml:"permission" json:"permission,omitempty"`
	// Teams are ORG/SLUG.
	Teams []string `yaml:"teams" json:"teams,omitempty"`
	// Users are logins.
	Users []string `yaml:"users" json:"users,omitempty"`
	// Reason says why it asks for less than that of the built-in process.
	Reason string `yaml:"reason" json:"reason,omitempty"`
	// Assignees makes the assignees of the tracking issue members: GitHub lets only people with triage
	// permission assign.
	Assignees bool `yaml:"assignees" json:"assignees,omitempty"`
}

// People are the logins that the file names, but for Apps, which give no commands.
func (r Role) People() []string {
	return slices.DeleteFunc(slices.Clone(r.Users), func(login string) bool { return strings.HasSuffix(login, "[bot]") })
}

// A Track is one way through the phases, chosen by the version that is started or by kind= of the command.
type Track struct {
	// Name is minor, patch, hotfix or what the process calls it.
	Name string `yaml:"name" json:"name"`
	// About says when to choose it.
	About string `yaml:"about" json:"about,omitempty"`
	// For lists the kinds of version that choose it without being asked: major, minor, patch.
	For []string `yaml:"for" json:"for,omitempty"`
	// Phases are the phases it goes through, in order; one with a trailing "?" may be left out.
	Phases []string `yaml:"phases" json:"phases"`
	// Reason says why it asks for less than that of the built-in process.
	Reason string `yaml:"reason" json:"reason,omitempty"`
	// Names are templates besides those of the process, for what differs between tracks: the branch that is released
	// from.
	Names map[string]string `yaml:"names" json:"names,omitempty"`
}

// A Phase is a stretch of the process. Its name is also its command: /release freeze.
type Phase struct {
	Name  string `yaml:"name" json:"name"`
	Title string `yaml:"title" json:"title,omitempty"`
	// About is the sentence of the document that it carries out.
	About string `yaml:"about" json:"about,omitempty"`
	// Who lists the roles that may enter it.
	Who []string `yaml:"who" json:"who"`
	// Repeat lets the phase be entered again: a new candidate.
	Repeat bool `yaml:"repeat" json:"repeat,omitempty"`
	// Rewind sets the release back to this phase: those after it on the track are entered anew, and what of them is
	// in progress is ended. It is the way to fix what a later phase found broken.
	Rewind bool `yaml:"rewind" json:"rewind,omitempty"`
	// Pin names values that are looked up once, when the phase is entered, and then stay: see PinKinds.
	Pin map[string]string `yaml:"pin" json:"pin,omitempty"`
	// Needs must all hold to enter.
	Needs []Gate `yaml:"needs" json:"needs,omitempty"`
	// Steps run in order; a step may wait.
	Steps  []Step `yaml:"steps" json:"steps,omitempty"`
	Window Window `yaml:"window" json:"window,omitzero"`
}

// A Gate is one condition for entering a phase.
type Gate struct {
	// ID names it in answers and overrides. Step is the id of the step that brings it, empty where the file has it.
	ID   string `yaml:"-" json:"id,omitempty"`
	Step string `yaml:"-" json:"step,omitempty"`
	// Asks are its kind and parameters; templates like {tag} are expanded before it is checked.
	Asks params.Set `json:"asks"`
	// Warn makes it a warning: it is shown and refuses nobody.
	Warn bool `yaml:"warn" json:"warn,omitempty"`
	// Tracks limits it to these tracks; empty means all.
	Tracks []string `yaml:"tracks" json:"tracks,omitempty"`
}

// Name is what people read: approvals, or "tag-free (of the step tag)" where a step brings it.
func (g Gate) Name() string {
	switch {
	case g.Step != "":
		return g.Asks.Kind() + " (of the step " + g.Step + ")"
	case g.ID != "":
		return g.ID
	}
	return g.Asks.Kind()
}

// A Step is one effect, done by its kind, or by hand.
type Step struct {
	// ID names it in commands: /release retry tag.
	ID string `yaml:"id" json:"id"`
	// Does are its kind, an entry of the table in release/step/kinds.go, and its parameters; templates like {tag} are
	// expanded before it runs.
	Does  params.Set `json:"does"`
	Title string     `yaml:"title" json:"title,omitempty"`
	// Optional steps do not hold up the phase: an open checklist box is shown, and nothing waits for it.
	Optional bool `yaml:"optional" json:"optional,omitempty"`
	// Tracks limits it to these tracks; empty means all.
	Tracks []string `yaml:"tracks" json:"tracks,omitempty"`
	// Undo is what takes it back on abort; none means that it cannot be undone.
	Undo params.Set `json:"undo,omitzero"`
	// Stays says, for the abort report, why it is not undone: "a tag is never moved or deleted".
	Stays string `yaml:"stays" json:"stays,omitempty"`
	// Until is the id of a later step of the phase; once that one is done, Stays is not said any more.
	Until string `yaml:"-" json:"until,omitempty"`
}

// A Window is when a phase ought to begin, counted in days before the due date, and how long it ought to last.
// It warns and never refuses: the documents say "approximately" (Falco release.md, Preparation and Code freeze).
type Window struct {
	EarliestDays int `yaml:"earliest-days" json:"earliest,omitempty"`
	LongestDays  int `yaml:"longest-days" json:"longest,omitempty"`
}

// Phase returns the phase of that name.
func (p Process) Phase(name string) (Phase, bool) {
	i := slices.IndexFunc(p.Phases, func(ph Phase) bool { return ph.Name == name })
	if i < 0 {
		return Phase{}, false
	}
	return p.Phases[i], true
}

// Track returns the track of that name.
func (p Process) Track(name string) (Track, bool) {
	i := slices.IndexFunc(p.Tracks, func(t Track) bool { return t.Name == name })
	if i < 0 {
		return Track{}, false
	}
	return p.Tracks[i], true
}

// TrackPhase is one phase on a track.
type TrackPhase struct {
	Phase    string
	Optional bool
}

// Sequence are the phases of the track, in order.
func (t Track) Sequence() []TrackPhase {
	sequence := make([]TrackPhase, 0, len(t.Phases))
	for _, name := range t.Phases {
		base, optional := strings.CutSuffix(name, "?")
		sequence = append(sequence, TrackPhase{Phase: base, Optional: optional})
	}
	return sequence
}

// After says that a phase comes after another on the track.
func (t Track) After(phase, later string) bool {
	at := func(name string) int {
		return slices.IndexFunc(t.Sequence(), func(l TrackPhase) bool { return l.Phase == name })
	}
	return at(phase) >= 0 && at(later) > at(phase)
}

// MayDo lists the roles that may give a command that is not a phase.
func (p Process) MayDo(verb string) []string {
	if who, ok := p.May[verb]; ok {
		return who
	}
	return p.May["default"]
}

// Expand fills the {names} of a template from vars; {{ and }} stand for the braces themselves. An unknown name is an
// error: a half-filled name must never reach GitHub.
func Expand(template string, vars map[string]string) (string, error) {
	var out strings.Builder
	for rest := template; ; {
		before, after, found := strings.Cut(rest, "{")
		out.WriteString(strings.ReplaceAll(before, "}}", "}"))
		if !found {
			return out.String(), nil
		}
		if tail, brace := strings.CutPrefix(after, "{"); brace {
			out.WriteString("{")
			rest = tail
			continue
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed {
			return "", fmt.Errorf("expand %q: a { without its }", template)
		}
		value, known := vars[name]
		if !known {
			return "", fmt.Errorf("expand %q: nothing is called {%s} here", template, name)
		}
		out.WriteString(value)
		rest = tail
	}
}

// Day is the length that windows count in.
const Day = 24 * time.Hour
