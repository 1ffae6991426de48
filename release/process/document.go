package process

import (
	"fmt"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/kind"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/typed"
)

// document is what stands in a process file.
type document struct {
	Builtin  string                       `yaml:"process" about:"the built-in process that this file changes"`
	Name     string                       `yaml:"name" about:"how commands and configuration call it"`
	Title    string                       `yaml:"title" about:"what people read"`
	Document string                       `yaml:"document" about:"the text whose rules it carries out, with its date"`
	Versions release.Scheme               `yaml:"versions" about:"what a version looks like, and which may follow which"`
	From     *release.FromRule            `yaml:"from" about:"what from= of /release start has to name"`
	Inputs   map[string]release.InputRule `yaml:"inputs" about:"further options of /release start"`
	Names    map[string]string            `yaml:"names" about:"templates for what a release creates"`
	Edits    *typed.Node                  `yaml:"edits" about:"lists of edits that several entries use"`
	Picked   *typed.Node                  `yaml:"picked" about:"numbers that /release pick counts on"`
	Defaults *typed.Node                  `yaml:"defaults" about:"other defaults of a kind, for this process"`
	Roles    map[string]release.Role      `yaml:"roles" about:"who is who"`
	Team     []string                     `yaml:"team" about:"who is on the release team from the start"`
	Reason   typed.Text                   `yaml:"reason" about:"why may or versions ask for less than what is built in"`
	May      map[string][]string          `yaml:"may" about:"for a command that is no phase, the roles that may give it"`
	Tracks   []release.Track              `yaml:"tracks" about:"the ways through the phases"`
	Phases   []phase                      `yaml:"phases" about:"the phases, one of them cut"`
	// Lets is no part of the process: Grants reads it.
	Lets []consent.Grant `yaml:"lets" about:"what other repositories may do with this one"`
}

// phase is one phase of a file. What it requires and does is read once the names are known that it may use.
type phase struct {
	Name    string        `yaml:"name" about:"its name, which is its command: /release freeze"`
	Title   string        `yaml:"title" about:"what people read"`
	About   string        `yaml:"about" about:"the sentence of the document that it carries out"`
	Who     []string      `yaml:"who" about:"the roles that may enter it; without it those of may.default"`
	Reason  typed.Text    `yaml:"reason" about:"why more people may enter it than in the built-in process"`
	Repeat  bool          `yaml:"repeat" about:"it may be entered again: a new candidate"`
	Rewind  bool          `yaml:"rewind" about:"entering it again sets the release back to it"`
	Pin     *typed.Node   `yaml:"pin" about:"values that are looked up once, when the phase is entered"`
	Require []*typed.Node `yaml:"require" about:"what must hold to enter it"`
	Do      []*typed.Node `yaml:"do" about:"what it does, in order"`
}

// compiler turns a document into a process.
type compiler struct {
	checker
	doc    document
	lists  kind.Lists
	placed []placed
}

// compile is the process that a document stands for, read with r. Where its scope is unread, mistakes in the rest of
// the file hide what entries may name: they are held against their types alone.
func compile(root *typed.Node, doc document, changed []release.Change,
	r *typed.Reader) (release.Process, typed.Errors) {
	p := release.Process{Name: doc.Name, Title: doc.Title, Document: doc.Document, Versions: doc.Versions,
		Inputs: doc.Inputs, Names: doc.Names, Roles: doc.Roles, Team: doc.Team, May: may(doc.May), Tracks: doc.Tracks,
		Changed: changed}
	if doc.From != nil {
		p.From = *doc.From
	}
	for _, ph := range doc.Phases {
		who := ph.Who
		if who == nil {
			who = p.May["default"]
		}
		p.Phases = append(p.Phases, release.Phase{Name: ph.Name, Title: ph.Title, About: ph.About, Who: who,
			Repeat: ph.Repeat, Rewind: ph.Rewind})
	}
	c := compiler{checker: checker{Reader: r, root: root, p: p}, doc: doc}
	c.phases()
	if whole := len(c.Problems) == 0; !r.Scope.Unread {
		c.check()
		c.reach(whole)
	}
	return c.p, c.Problems
}

// may lists who may give the commands that are no phase. Whoever reads may ask.
func may(given map[string][]string) map[string][]string {
	out := map[string][]string{}
	for _, verb := range []string{"help", "status", "why", "next", "plan"} {
		out[verb] = []string{"anyone"}
	}
	for verb, who := range given {
		out[verb] = who
	}
	return out
}

// phases reads what each phase pins, requires and does.
func (c *compiler) phases() {
	var everything []string
	for i, ph := range c.doc.Phases {
		c.pins(&c.p.Phases[i], ph.Pin, nth("phases", i)+".pin")
		everything = append(everything, c.vars(c.p.Phases[i])...)
	}
	words := map[string][]string{"role": keys(c.p.Roles), "list of edits": nil}
	for _, t := range c.p.Tracks {
		words["track"] = append(words["track"], t.Name)
	}
	for _, ph := range c.p.Phases {
		words["phase"] = append(words["phase"], ph.Name)
	}
	if c.doc.Edits != nil {
		for _, f := range c.doc.Edits.Fields {
			words["list of edits"] = append(words["list of edits"], f.Name)
		}
	}
	c.Scope.Names, c.Scope.Words, c.Scope.Values = append(everything, "each"), words, c.values()
	c.named()
	c.standards()
	for i, ph := range c.doc.Phases {
		c.Scope.Names = append(c.vars(c.p.Phases[i]), "each")
		c.entries(i, ph)
	}
	c.exceptions()
}

// exceptions leaves the step that lets a pull request through a lock only on the tracks that have locked by then.
func (c *compiler) exceptions() {
	for i := range c.p.Phases {
		ph := &c.p.Phases[i]
		ph.Steps = slices.DeleteFunc(ph.Steps, func(s release.Step) bool {
			return exempts(s) && len(c.locked(ph.Name)) == 0
		})
		for j, s := range ph.Steps {
			if tracks := c.locked(ph.Name); exempts(s) && len(s.Tracks) == 0 &&
				len(tracks) < len(c.p.Tracks) {
				ph.Steps[j].Tracks = tracks
			}
		}
	}
}

func exempts(s release.Step) bool {
	_, is := s.Does.Any.(params.ExemptPull)
	return is
}

// locked are the tracks on which a branch is locked when the phase is entered.
func (c *compiler) locked(phase string) []string {
	var out []string
	for _, track := range c.p.Tracks {
		held := false
		for _, item := range track.Sequence() {
			if item.Phase == phase {
				break
			}
			ph, _ := c.p.Phase(item.Phase)
			for _, s := range ph.Steps {
				if !s.On(track.Name) || item.Optional {
					continue
				}
				switch s.Does.Any.(type) {
				case params.LockBranch:
					held = true
				case params.UnlockBranch:
					held = false
				}
			}
		}
		if held {
			out = append(out, track.Name)
		}
	}
	return out
}

// named reads the lists of edits.
func (c *compiler) named() {
	c.lists = kind.Lists{}
	if c.doc.Edits != nil && c.Is(c.doc.Edits, typed.Mapping, "edits") {
		for _, f := range c.doc.Edits.Fields {
			var edits []kind.Edit
			c.Decode(f.Value, typed.Join("edits", f.Name), &edits)
			c.lists[f.Name] = edits
		}
	}
	c.circles()
	if c.doc.Picked != nil {
		var edits []kind.Edit
		c.Decode(c.doc.Picked, "picked", &edits)
		c.p.Picked = c.lists.Text(edits)
	}
}

// circles finds lists of edits that hold themselves, and empties them: nothing could read them to their end.
func (c *compiler) circles() {
	var within func(edits []kind.Edit, of string, seen map[string]bool) bool
	within = func(edits []kind.Edit, of string, seen map[string]bool) bool {
		return slices.ContainsFunc(edits, func(e kind.Edit) bool {
			name := string(e.List + e.SameAs)
			if name == of || within(e.Edits, of, seen) {
				return true
			}
			if name == "" || seen[name] {
				return false
			}
			seen[name] = true
			return within(c.lists[name], of, seen)
		})
	}
	var round []string
	for _, name := range keys(c.lists) {
		if within(c.lists[name], name, map[string]bool{}) {
			round = append(round, name)
			c.say(typed.Join("edits", name), fmt.Sprintf("the list %s holds itself", name), "take it out of itself, and out "+
				"of the lists that it names")
		}
	}
	for _, name := range round {
		delete(c.lists, name)
	}
}

// values are the templates of the names, as templates call them.
func (c *compiler) values() map[string]string {
	out := map[string]string{}
	for name, text := range c.p.Names {
		out[strings.ReplaceAll(name, "-", "_")] = text
	}
	return out
}

// standards holds the defaults of kinds against their types.
func (c *compiler) standards() {
	if c.doc.Defaults == nil || !c.Is(c.doc.Defaults, typed.Mapping, "defaults") {
		return
	}
	part := typed.Reader{Scope: c.Scope, Part: true}
	for _, f := range c.doc.Defaults.Fields {
		kind.Defaults(&part, f, "defaults")
	}
	c.Problems = append(c.Problems, part.Problems...)
}

func (c *compiler) pins(ph *release.Phase, n *typed.Node, at string) {
	if n == nil || !c.Is(n, typed.Mapping, at) {
		return
	}
	ph.Pin = map[string]string{}
	c.Scope.Names = c.vars(release.Phase{})
	for _, f := range n.Fields {
		var pin kind.Pin
		c.Decode(f.Value, typed.Join(at, f.Name), &pin)
		ph.Pin[f.Name] = pin.Words()
	}
}

// entries reads what one phase requires and does.
func (c *compiler) entries(i int, ph phase) {
	out := &c.p.Phases[i]
	seen := map[string]bool{}
	for j, n := range ph.Require {
		at := nth(nth("phases", i)+".require", j)
		e, ok := kind.Decode(c.Reader, n, at, kind.Gates())
		if !ok {
			continue
		}
		c.unique(seen, at, e.ID)
		c.placed = append(c.placed, placed{e, ph.Name, at, false})
		gates := e.Gates(c.lists)
		for _, g := range gates {
			c.templates(at, g.Asks, c.vars(*out))
		}
		if d, is := e.Params.(kind.Date); is && e.Warn && d.BeforeDue > 0 {
			out.Window.EarliestDays = d.Days()
			if len(ph.Do) > 0 && i == 0 {
				continue
			}
		}
		out.Needs = append(out.Needs, gates...)
	}
	seen = map[string]bool{}
	for j, n := range ph.Do {
		at := nth(nth("phases", i)+".do", j)
		e, ok := kind.Decode(c.Reader, c.defaulted(n), at, kind.Steps())
		if !ok {
			continue
		}
		c.placed = append(c.placed, placed{e, ph.Name, at, true})
		out.Needs = append(out.Needs, e.Gates(c.lists)...)
		if l, is := e.Params.(kind.Lock); is && l.Then == "ask" && l.Is == "held" {
			out.Window.LongestDays = l.Days()
		}
		for _, s := range e.Steps(c.lists) {
			c.unique(seen, at, s.ID)
			c.command(at, s.ID)
			c.templates(at, s.Does, c.vars(*out))
			out.Steps = append(out.Steps, s)
		}
	}
}

// defaulted lays the defaults of the process for a kind under its parameters.
func (c *compiler) defaulted(n *typed.Node) *typed.Node {
	if c.doc.Defaults == nil {
		return n
	}
	if n.Sort == typed.Scalar && c.doc.Defaults.Field(n.Text) != nil {
		return &typed.Node{Line: n.Line, Column: n.Column, Sort: typed.Mapping, Fields: []typed.Field{{Name: n.Text,
			Line: n.Line, Column: n.Column, Value: c.doc.Defaults.Field(n.Text)}}}
	}
	out := *n
	out.Fields = nil
	for _, f := range n.Fields {
		if under := c.doc.Defaults.Field(f.Name); under != nil && f.Value.Sort == typed.Mapping {
			f.Value = overlay(under, f.Value)
		}
		out.Fields = append(out.Fields, f)
	}
	return &out
}
