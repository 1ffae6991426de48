package process

import (
	"cmp"
	"fmt"
	"maps"
	pathlib "path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/release"
)

// everywhere are the names that every template may use: release.Release.Vars makes them.
var everywhere = []string{
	"version", "major", "minor", "patch", "previous", "since", "next_version", "next_patch", "default_branch", "due",
	"repo", "issue", "release", "is_latest", "from", "burned",
}

// pins are what a phase may look up when it is entered, with the words that follow, and which further names it brings:
// +x is one that begins like the one it is assigned to.
var pins = map[string]struct {
	words []string
	also  []string
}{
	"branch-head":    {words: []string{"BRANCH"}},
	"tag-commit":     {words: []string{"TAG"}},
	"candidate":      {also: []string{"n"}},
	"last-candidate": {also: []string{"+_sha"}},
	"release-date":   {words: []string{"TAG"}},
	"commit":         {words: []string{"OWNER/NAME", "REVISION"}},
	"pseudo-version": {words: []string{"OWNER/NAME", "REVISION"}},
	"file-value":     {words: []string{"OWNER/NAME", "REVISION", "FILE", "KIND:ARG"}},
}

// usage is how the value is looked up.
func usage(kind string) string { return strings.Join(append([]string{kind}, pins[kind].words...), " ") }

var (
	permissions = []string{"triage", "write", "maintain", "admin"}
	sorts       = []string{"major", "minor", "patch"}
	word        = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	template    = regexp.MustCompile(`\{([^{}]*)\}`)
)

func (e Errors) sorted() Errors {
	slices.SortStableFunc(e, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(e)
}

// at finds the value of a path like phases[1].steps[0].kind, or the nearest one around it.
func (n *node) at(path string) *node {
	for _, part := range strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' }) {
		next := n.field(part)
		if i, err := strconv.Atoi(part); err == nil && i < len(n.items) {
			next = n.items[i]
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

type checker struct {
	*decoder
	root  *node
	p     release.Process
	known Known
}

// check holds the process together: whatever it names exists.
func (d *decoder) check(root *node, p release.Process, known Known) {
	c := checker{d, root, p, known}
	c.need("name", p.Name)
	c.scheme()
	c.names()
	for name, role := range p.Roles {
		path := "roles." + name
		if role.Permission != "" {
			c.oneOf(path+".permission", role.Permission, permissions, "permission")
		}
		for i, team := range role.Teams {
			if org, slug, ok := strings.Cut(team, "/"); !ok || org == "" || slug == "" || strings.Contains(slug, "/") {
				c.say(fmt.Sprintf("%s.teams[%d]", path, i), fmt.Sprintf("%q names no team", team),
					"write ORG/SLUG, such as falcosecurity/libs-maintainers")
			}
		}
		if role.Permission == "" && len(role.Teams) == 0 && len(role.Users) == 0 && !role.Assignees {
			c.say(path, "nobody has this role", "add permission, teams, users or assignees")
		}
	}
	for name, rule := range p.Inputs {
		path := "inputs." + name
		if !word.MatchString(name) {
			c.say(path, fmt.Sprintf("%q cannot be typed in a command", name), "use small letters, digits and dashes")
		}
		if rule.About == "" || rule.Example == "" {
			c.say(path, "nobody is told what it is", "add about and example")
		}
	}
	for command, who := range p.May {
		c.who("may."+command, who)
	}
	if _, ok := p.May["default"]; !ok {
		c.say("may", "nothing says who may give the other commands", "add `default: [ROLE]`")
	}
	if c.p.MayDo("start") != nil && len(c.p.Appointers()) == 0 {
		c.say("may", "nobody can start a release: its roles are given by assignment alone, and only somebody who may "+
			"change the team can assign", "list under `default` or `team` a role with permission, teams or users")
	}
	c.phases()
	c.tracks()
}

func (c checker) say(path, message, fix string) { c.wrong(c.root.at(path), path, message, fix) }

func (c checker) need(path, value string) {
	if value == "" {
		c.say(path, "it is missing",
			"add `"+path[strings.LastIndex(path, ".")+1:]+": ...`, or begin the file with `process: falco-libs`")
	}
}

func (c checker) oneOf(path, value string, of []string, what string) {
	if !slices.Contains(of, value) {
		c.say(path, fmt.Sprintf("there is no %s %q", what, value), suggest(value, of))
	}
}

func (c checker) unique(seen map[string]bool, path, value string) {
	if seen[value] {
		c.say(path, fmt.Sprintf("%q is taken by another one above", value), "give it another name")
	}
	seen[value] = true
}

func (c checker) who(path string, who []string) {
	roles := append(slices.Collect(maps.Keys(c.p.Roles)), "anyone")
	if len(who) == 0 {
		c.say(path, "nobody may do this", "list roles: "+strings.Join(slices.Sorted(slices.Values(roles)), ", "))
	}
	for i, role := range who {
		c.oneOf(fmt.Sprintf("%s[%d]", path, i), role, roles, "role")
	}
}

func (c checker) scheme() {
	s := c.p.Versions
	if !slices.Contains([]string{"", "v", "v?"}, s.Prefix) {
		c.say("versions.prefix", fmt.Sprintf("%q is no prefix", s.Prefix),
			`write "v", "v?" for with and without, or leave it out`)
	}
	if _, err := strconv.ParseUint(strings.TrimPrefix(s.Major, ">="), 10, 31); s.Major != "" && err != nil {
		c.say("versions.major", fmt.Sprintf("%q is no rule for the major number", s.Major),
			`write a number such as "0", or ">=1"`)
	}
	if _, err := pathlib.Match(s.Modules, ""); err != nil {
		c.say("versions.modules", fmt.Sprintf("%q is no pattern", s.Modules),
			"write the directories of the Go modules, such as src/*")
	}
	if s.Candidates != "" && strings.Count(s.Candidates, "{n}") != 1 {
		c.say("versions.candidates", fmt.Sprintf("%q has no place for the number", s.Candidates),
			"write rc{n} or alpha.{n}")
	}
	kinds := append([]string{"final"}, sorts...)
	if w := s.CandidateKind(); w != "" {
		kinds = append(kinds, w)
	}
	if s.Dev != "" {
		kinds = append(kinds, "dev")
	}
	if len(s.Kinds) == 0 {
		c.say("versions.kinds", "no version may follow another", "list some of "+strings.Join(kinds, ", "))
	}
	for i, kind := range s.Kinds {
		c.oneOf(fmt.Sprintf("versions.kinds[%d]", i), kind, kinds, "kind of version")
	}
	for i, form := range s.Legacy {
		if strings.Count(form.Like, "{core}") != 1 {
			c.say(fmt.Sprintf("versions.legacy[%d].like", i), fmt.Sprintf("%q has no place for the number", form.Like),
				"write {core} where MAJOR.MINOR.PATCH stands")
		}
	}
}

// vars are the names that a template of the phase may use.
func (c checker) vars(phase release.Phase) []string {
	vars := slices.Concat(everywhere, c.known.Vars)
	vars = append(vars, c.looked(phase)...)
	// A name that is made of what a phase pins is there in such phases alone.
	for name, text := range c.p.Names {
		if !slices.ContainsFunc(template.FindAllStringSubmatch(text, -1),
			func(word []string) bool { return !slices.Contains(vars, word[1]) }) {
			vars = append(vars, strings.ReplaceAll(name, "-", "_"))
		}
	}
	for _, track := range c.p.Tracks {
		for name := range track.Names {
			vars = append(vars, strings.ReplaceAll(name, "-", "_"))
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(vars)))
}

// looked are the names of what the phase looks up, and of the inputs that are always there.
func (c checker) looked(phase release.Phase) []string {
	var vars []string
	for v, what := range phase.Pin {
		kind, _, _ := strings.Cut(what, " ")
		vars = append(vars, v)
		for _, also := range pins[kind].also {
			if tail, begins := strings.CutPrefix(also, "+"); begins {
				also = v + tail
			}
			vars = append(vars, also)
		}
	}
	for name, rule := range c.p.Inputs {
		if !rule.Optional {
			vars = append(vars, strings.ReplaceAll(name, "-", "_"))
		}
	}
	return vars
}

func (c checker) names() {
	words := slices.Concat(everywhere, c.known.Vars)
	for _, phase := range c.p.Phases {
		words = append(words, c.looked(phase)...)
	}
	for name, text := range c.p.Names {
		if !word.MatchString(name) {
			c.say("names."+name, fmt.Sprintf("%q cannot stand in a template", name),
				"use small letters, digits and dashes")
		}
		c.template("names."+name, text, words)
	}
}

func (c checker) template(path, text string, vars []string) {
	text = strings.NewReplacer("{{", "", "}}", "").Replace(text)
	for _, found := range template.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(vars, found[1]) {
			c.say(path, "nothing is called "+found[0]+" here", suggest(found[1], vars))
		}
	}
	if strings.ContainsAny(template.ReplaceAllString(text, ""), "{}") {
		c.say(path, "a { or a } stands alone", "write {name} with both")
	}
}

func (c checker) templates(path string, with map[string]string, vars []string) {
	for key, text := range with {
		c.template(path+"."+key, text, vars)
	}
}

func (c checker) phases() {
	seen := map[string]bool{}
	for i, phase := range c.p.Phases {
		path := fmt.Sprintf("phases[%d]", i)
		c.command(path+".name", phase.Name)
		c.unique(seen, path+".name", phase.Name)
		c.who(path+".who", phase.Who)
		vars := c.vars(phase)
		for v, what := range phase.Pin {
			kind, rest, _ := strings.Cut(what, " ")
			at := path + ".pin." + v
			pin, ok := pins[kind]
			switch {
			case !ok:
				c.oneOf(at, kind, slices.Sorted(maps.Keys(pins)), "value to look up,")
			case len(pin.words) != len(strings.Fields(rest)):
				c.say(at, fmt.Sprintf("%q is not complete, or too much", what), "write `"+usage(kind)+"`")
			}
			c.template(at, rest, c.vars(release.Phase{}))
		}
		for j, gate := range phase.Needs {
			at := fmt.Sprintf("%s.needs[%d]", path, j)
			c.kind(at+".kind", gate.Kind, c.known.Gates, "gate")
			c.onTracks(at, gate.Tracks)
			c.templates(at+".with", gate.With, vars)
			c.params(at, "gate", gate.Kind, gate.With)
			if role, names := gate.With["role"]; names {
				c.oneOf(at+".with.role", role, slices.Sorted(maps.Keys(c.p.Roles)), "role")
			}
		}
		ids := map[string]bool{}
		for j, step := range phase.Steps {
			at := fmt.Sprintf("%s.steps[%d]", path, j)
			c.command(at+".id", step.ID)
			c.unique(ids, at+".id", step.ID)
			c.kind(at+".kind", step.Kind, c.known.Steps, "step")
			c.onTracks(at, step.Tracks)
			c.template(at+".title", step.Title, vars)
			c.templates(at+".with", step.With, vars)
			c.params(at, "step", step.Kind, step.With)
			if step.Undo != nil {
				c.kind(at+".undo.kind", step.Undo.Kind, c.known.Steps, "step")
				c.templates(at+".undo.with", step.Undo.With, vars)
				c.params(at+".undo", "step", step.Undo.Kind, step.Undo.With)
			}
		}
	}
	if _, ok := c.p.Phase("cut"); !ok {
		c.say("phases", "no phase is called cut", "give the phase that releases the name cut")
	}
}

// command checks a name that people type after /release.
func (c checker) command(path, name string) {
	if name == "" {
		c.need(path, name)
		return
	}
	if !word.MatchString(name) {
		c.say(path, fmt.Sprintf("%q cannot be typed in a command", name), "use small letters, digits and dashes")
	}
}

func (c checker) kind(path, kind string, known []string, what string) {
	if kind == "" || len(known) > 0 {
		c.oneOf(path, kind, known, "kind of "+what)
	}
}

// params holds the parameters against those of the kind: a mistake is better found here than in the middle of a
// release.
func (c checker) params(path, what, kind string, with map[string]string) {
	if c.known.Params == nil {
		return
	}
	needs, takes := c.known.Params(what, kind)
	for _, name := range needs {
		if _, given := with[name]; !given {
			c.say(path, kind+" needs "+name, "add `with: {"+name+": ...}`")
		}
	}
	all := slices.Concat(needs, takes)
	for _, name := range slices.Sorted(maps.Keys(with)) {
		if !slices.Contains(all, name) && slices.Contains(c.known.kinds(what), kind) {
			fix := "leave it out"
			if len(all) > 0 {
				fix = suggest(name, all)
			}
			c.say(path+".with."+name, kind+" knows no parameter "+strconv.Quote(name), fix)
		}
	}
}

func (k Known) kinds(what string) []string {
	if what == "gate" {
		return k.Gates
	}
	return k.Steps
}

func (c checker) onTracks(path string, tracks []string) {
	var names []string
	for _, t := range c.p.Tracks {
		names = append(names, t.Name)
	}
	for i, t := range tracks {
		c.oneOf(fmt.Sprintf("%s.tracks[%d]", path, i), t, names, "track")
	}
}

func (c checker) tracks() {
	if len(c.p.Tracks) == 0 {
		c.say("tracks", "there is no way through the phases", "add a track with its phases")
	}
	var phases []string
	for _, phase := range c.p.Phases {
		phases = append(phases, phase.Name)
	}
	seen := map[string]bool{}
	for i, track := range c.p.Tracks {
		path := fmt.Sprintf("tracks[%d]", i)
		c.command(path+".name", track.Name)
		c.unique(seen, path+".name", track.Name)
		for j, kind := range track.For {
			c.oneOf(fmt.Sprintf("%s.for[%d]", path, j), kind, sorts, "kind of version")
		}
		for name, text := range track.Names {
			if _, taken := c.p.Names[name]; taken || !word.MatchString(name) {
				c.say(path+".names."+name,
					fmt.Sprintf("%q is a name of the process already, or cannot stand in a template",
						name), "use small letters, digits and dashes, and a name of its own")
			}
			c.template(path+".names."+name, text, c.vars(release.Phase{}))
			for _, other := range c.p.Tracks {
				if _, has := other.Names[name]; !has {
					c.say(path+".names."+name, fmt.Sprintf("the track %s has no %q", other.Name, name),
						"give each track one")
				}
			}
		}
		if len(track.Phases) == 0 {
			c.say(path+".phases", "the track goes through no phase", "list phases: "+strings.Join(phases, ", "))
		}
		sequence := map[string]bool{}
		for j, item := range track.Sequence() {
			at := fmt.Sprintf("%s.phases[%d]", path, j)
			c.oneOf(at, item.Phase, phases, "phase")
			c.unique(sequence, at, item.Phase)
		}
	}
}
