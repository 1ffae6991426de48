package process

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/release"
)

// everywhere are the names that every template may use: release.Release.Vars makes them.
var everywhere = []string{
	"version", "major", "minor", "patch", "previous", "next_version", "next_patch", "default_branch", "due", "repo", "issue", "release", "is_latest", "from", "burned",
}

// pins are what a phase may look up when it is entered, whether that takes a name, and which further names it
// brings besides the one it is assigned to.
var pins = map[string]struct {
	named bool
	also  []string
}{
	"branch-head":    {named: true},
	"tag-commit":     {named: true},
	"candidate":      {also: []string{"n", "candidate"}},
	"last-candidate": {also: []string{"last_candidate", "last_candidate_sha"}},
}

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
				c.say(fmt.Sprintf("%s.teams[%d]", path, i), fmt.Sprintf("%q names no team", team), "write ORG/SLUG, such as falcosecurity/libs-maintainers")
			}
		}
		if role.Permission == "" && len(role.Teams) == 0 && len(role.Users) == 0 && !role.Assignees {
			c.say(path, "nobody has this role", "add permission, teams, users or assignees")
		}
	}
	for command, who := range p.May {
		c.who("may."+command, who)
	}
	if _, ok := p.May["default"]; !ok {
		c.say("may", "nothing says who may give the other commands", "add `default: [ROLE]`")
	}
	c.phases()
	c.tracks()
}

func (c checker) say(path, message, fix string) { c.wrong(c.root.at(path), path, message, fix) }

func (c checker) need(path, value string) {
	if value == "" {
		c.say(path, "it is missing", "add `"+path[strings.LastIndex(path, ".")+1:]+": ...`, or begin the file with `process: falco-libs`")
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
		c.say("versions.prefix", fmt.Sprintf("%q is no prefix", s.Prefix), `write "v", "v?" for with and without, or leave it out`)
	}
	if _, err := strconv.ParseUint(strings.TrimPrefix(s.Major, ">="), 10, 31); s.Major != "" && err != nil {
		c.say("versions.major", fmt.Sprintf("%q is no rule for the major number", s.Major), `write a number such as "0", or ">=1"`)
	}
	if s.Candidates != "" && strings.Count(s.Candidates, "{n}") != 1 {
		c.say("versions.candidates", fmt.Sprintf("%q has no place for the number", s.Candidates), "write rc{n} or alpha.{n}")
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
			c.say(fmt.Sprintf("versions.legacy[%d].like", i), fmt.Sprintf("%q has no place for the number", form.Like), "write {core} where MAJOR.MINOR.PATCH stands")
		}
	}
}

// vars are the names that a template of the phase may use.
func (c checker) vars(phase release.Phase) []string {
	vars := slices.Concat(everywhere, c.known.Vars)
	for v, what := range phase.Pin {
		kind, _, _ := strings.Cut(what, " ")
		vars = append(append(vars, v), pins[kind].also...)
	}
	for name, text := range c.p.Names {
		if name != "candidate" || slices.Contains(vars, "n") || !strings.Contains(text, "{n}") {
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

func (c checker) names() {
	for name, text := range c.p.Names {
		if !word.MatchString(name) {
			c.say("names."+name, fmt.Sprintf("%q cannot stand in a template", name), "use small letters, digits and dashes")
		}
		c.template("names."+name, text, append(slices.Clone(everywhere), "n"))
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
			kind, name, _ := strings.Cut(what, " ")
			at := path + ".pin." + v
			pin, ok := pins[kind]
			switch {
			case !ok:
				c.oneOf(at, kind, slices.Collect(maps.Keys(pins)), "value to look up,")
			case pin.named != (name != ""):
				c.say(at, fmt.Sprintf("%q is not complete, or too much", what), "write `branch-head NAME`, `tag-commit NAME`, `candidate` or `last-candidate`")
			}
			c.template(at, name, c.vars(release.Phase{}))
		}
		for j, gate := range phase.Needs {
			at := fmt.Sprintf("%s.needs[%d]", path, j)
			c.kind(at+".kind", gate.Kind, c.known.Gates, "gate")
			c.onTracks(at, gate.Tracks)
			c.templates(at+".with", gate.With, vars)
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
			if step.Undo != nil {
				c.kind(at+".undo.kind", step.Undo.Kind, c.known.Steps, "step")
				c.templates(at+".undo.with", step.Undo.With, vars)
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
				c.say(path+".names."+name, fmt.Sprintf("%q is a name of the process already, or cannot stand in a template", name), "use small letters, digits and dashes, and a name of its own")
			}
			c.template(path+".names."+name, text, c.vars(release.Phase{}))
			for _, other := range c.p.Tracks {
				if _, has := other.Names[name]; !has {
					c.say(path+".names."+name, fmt.Sprintf("the track %s has no %q", other.Name, name), "give each track one")
				}
			}
		}
		if len(track.Phases) == 0 {
			c.say(path+".phases", "the track goes through no phase", "list phases: "+strings.Join(phases, ", "))
		}
		legs := map[string]bool{}
		for j, leg := range track.Legs() {
			at := fmt.Sprintf("%s.phases[%d]", path, j)
			c.oneOf(at, leg.Phase, phases, "phase")
			c.unique(legs, at, leg.Phase)
		}
	}
}
