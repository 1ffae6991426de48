package process

import (
	"fmt"
	"maps"
	pathlib "path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/typed"
)

// everywhere are the names that every template may use: release.Release.Vars makes them.
var everywhere = []string{
	"version", "major", "minor", "patch", "previous", "since", "next_version", "next_patch", "default_branch", "due",
	"repo", "issue", "release", "is_latest", "from", "burned",
}

// patchVerbs are the commands after /release that patch-release issues have.
var patchVerbs = []string{"check", "report"}

var (
	permissions = []string{"triage", "write", "maintain", "admin"}
	sorts       = []string{"major", "minor", "patch"}
	word        = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	pinned      = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	loginForm   = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:_[A-Za-z0-9]{1,20})?(?:\[bot\])?$`)
	template    = regexp.MustCompile(`\{([^{}]*)\}`)
)

// checker holds a process against what it names, and says where in the file it does not fit.
type checker struct {
	*typed.Reader
	root *typed.Node
	p    release.Process
}

// check holds the process together: whatever it names exists.
func (c checker) check() {
	p := c.p
	c.need("name", p.Name)
	c.scheme()
	c.names()
	for name, role := range p.Roles {
		at := "roles." + name
		if !word.MatchString(name) || name == "anyone" {
			c.sayName("roles", name, fmt.Sprintf("%q cannot be the name of a role", name),
				"use small letters, digits and dashes; anyone stands for everybody")
		}
		if role.Permission != "" {
			c.oneOf(at+".permission", role.Permission, permissions, "permission")
		}
		for i, team := range role.Teams {
			if org, slug, ok := strings.Cut(team, "/"); !ok || org == "" || slug == "" || strings.Contains(slug, "/") {
				c.say(nth(at+".teams", i), fmt.Sprintf("%q names no team", team),
					"write ORG/SLUG, such as falcosecurity/libs-maintainers")
			}
		}
		for i, login := range role.Users {
			c.login(nth(at+".users", i), login)
		}
		if role.Permission == "" && len(role.Teams) == 0 && len(role.Users) == 0 && !role.Assignees {
			c.say(at, "nobody has this role", "add permission, teams, users or assignees")
		} else if n, few := (&compiler{checker: c}).few(name); few && n == 0 {
			c.say(at, "only Apps have this role, and commands of Apps are not heard",
				"add permission, teams, users or assignees")
		}
	}
	for name, rule := range p.Inputs {
		path := "inputs." + name
		c.shadow("inputs", name, slices.Concat(everywhere, release.StartOptions()))
		if !word.MatchString(name) {
			c.say(path, fmt.Sprintf("%q cannot be typed in a command", name), "use small letters, digits and dashes")
		}
		if rule.About == "" || rule.Example == "" {
			c.say(path, "nobody is told what it is", "add about and example")
		}
	}
	for i, login := range p.Team {
		c.login(nth("team", i), login)
	}
	var verbs []string
	for _, v := range release.Verbs() {
		verbs = append(verbs, v.Name)
	}
	for command, who := range p.May {
		if command != "default" && !slices.Contains(verbs, command) {
			c.sayName("may", command, fmt.Sprintf("there is no command %q", command), typed.Suggest(command, verbs))
		}
		c.who("may."+command, who, slices.Contains(asking, command))
	}
	if _, ok := p.May["default"]; !ok {
		c.say("may", "nothing says who may give the other commands", "add `default: [ROLE]`")
	}
	if c.p.MayDo("start") != nil && len(c.p.Appointers()) == 0 {
		c.say("may", "nobody can start a release: its roles are given by assignment alone, and only somebody who may "+
			"change the team can assign", "list under `default` or `team` a role with permission, teams or users")
	}
	c.commands()
	c.tracks()
}

func (c checker) say(path, message, fix string) {
	c.Wrong(c.root.At(path), path, message, fix)
}

// sayName points at the name of a field, and not at its value.
func (c checker) sayName(at, name, message, fix string) {
	for _, f := range c.root.At(at).Fields {
		if f.Name == name {
			c.Problems = append(c.Problems, typed.Error{Line: f.Line, Column: f.Column, Field: at + "." + name,
				Message: message, Fix: fix})
		}
	}
}

// login checks the form of a login. Whether somebody has it is asked when a release starts.
func (c checker) login(at, login string) {
	if loginForm.MatchString(login) {
		return
	}
	fix := "write one as it stands on GitHub, without @"
	if bare := strings.TrimPrefix(login, "@"); loginForm.MatchString(bare) {
		fix = "write " + bare
	}
	c.say(at, strconv.Quote(login)+" is no login", fix)
}

func (c checker) need(path, value string) {
	if value == "" {
		c.say(path, "it is missing",
			"add `"+path[strings.LastIndex(path, ".")+1:]+": ...`, or begin the file with `process: falco-libs`")
	}
}

func (c checker) oneOf(path, value string, of []string, what string) {
	if !slices.Contains(of, value) {
		c.say(path, fmt.Sprintf("there is no %s %q", what, value), typed.Suggest(value, of))
	}
}

func (c checker) unique(seen map[string]bool, path, value string) {
	if seen[value] {
		c.say(path, fmt.Sprintf("%q is taken by another one above", value), "give it another name")
	}
	seen[value] = true
}

// asking are the commands that write nothing but their answer.
var asking = []string{"help", "status", "why", "next", "plan"}

// who checks who may do something. That may be anyone only where asks says that nothing comes of it.
func (c checker) who(path string, who []string, asks bool) {
	roles := slices.Collect(maps.Keys(c.p.Roles))
	if asks {
		roles = append(roles, "anyone")
	} else if i := slices.Index(who, "anyone"); i >= 0 && c.p.Roles["anyone"].About == "" {
		c.say(nth(path, i), "anyone on the internet could do this", "choose one of "+strings.Join(keys(c.p.Roles), ", "))
		roles = append(roles, "anyone")
	}
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
	vars := slices.Concat(everywhere, []string{"is_latest", "n"})
	vars = append(vars, c.looked(phase)...)
	// A name that is made of what a phase pins is there in such phases alone.
	known := slices.Clone(vars)
	for name, text := range c.p.Names {
		if !slices.ContainsFunc(template.FindAllStringSubmatch(text, -1),
			func(word []string) bool { return !slices.Contains(known, word[1]) }) {
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
		vars = append(vars, v)
		switch what {
		case "candidate":
			vars = append(vars, "n")
		case "last-candidate":
			vars = append(vars, v+"_sha")
		}
	}
	for name, rule := range c.p.Inputs {
		if !rule.Optional {
			vars = append(vars, strings.ReplaceAll(name, "-", "_"))
		}
	}
	return vars
}

// pin holds the name of a value that is looked up, and what has to be there for it.
func (c checker) pin(at, name, what string) {
	if !pinned.MatchString(name) {
		c.sayName(at, name, fmt.Sprintf("%q cannot stand in a template", name), "use small letters, digits and _")
	}
	c.shadow(at, name, everywhere)
	if strings.HasSuffix(what, "candidate") && c.p.Versions.Candidates == "" {
		c.sayName(at, name, "the versions of this process have no candidates", "add `candidates: rc{n}` to `versions`")
	}
}

// shadow finds a name that stands for something else already.
func (c checker) shadow(at, name string, taken []string) {
	if slices.Contains(taken, strings.ReplaceAll(name, "-", "_")) {
		c.sayName(at, name, fmt.Sprintf("%q means something already", name), "give it another name")
	}
}

func (c checker) names() {
	var looked []string
	for _, phase := range c.p.Phases {
		for name, what := range phase.Pin {
			if what != "candidate" { // a name may say how the candidate is written
				looked = append(looked, name)
			}
		}
	}
	for name := range c.p.Inputs {
		looked = append(looked, strings.ReplaceAll(name, "-", "_"))
	}

	words := slices.Concat(everywhere, []string{"is_latest", "n"})
	for _, phase := range c.p.Phases {
		words = append(words, c.looked(phase)...)
	}
	for name, text := range c.p.Names {
		c.shadow("names", name, slices.Concat(everywhere, looked, []string{"n", "each"}))
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
			c.say(path, "nothing is called "+found[0]+" here", typed.Suggest(found[1], vars))
		}
	}
	if strings.ContainsAny(template.ReplaceAllString(text, ""), "{}") {
		c.say(path, "a { or a } stands alone", "write {name} with both")
	}
}

func (c checker) templates(path string, p params.Set, vars []string) {
	look := func(text string) (string, error) {
		c.template(path, text, vars)
		return text, nil
	}
	if _, err := p.Fill(look); err != nil {
		c.say(path, err.Error(), "write it in another way")
	}
}

// commands are the names of the phases, and who may enter them.
func (c checker) commands() {
	seen := map[string]bool{}
	for i, phase := range c.p.Phases {
		at := nth("phases", i)
		c.command(at+".name", phase.Name)
		c.unique(seen, at+".name", phase.Name)
		if slices.ContainsFunc(release.Verbs(), func(v release.Verb) bool { return v.Name == phase.Name }) ||
			slices.Contains(patchVerbs, phase.Name) {
			c.say(at+".name", "/release "+phase.Name+" is a command of its own", "give the phase another name")
		}
		// Phases of a built-in process cannot be taken out of it; a track that leaves one out says why.
		if c.root.At(at).Line > 0 && !slices.ContainsFunc(c.p.Tracks, func(t release.Track) bool {
			return slices.ContainsFunc(t.Sequence(), func(i release.TrackPhase) bool { return i.Phase == phase.Name })
		}) {
			c.say(at+".name", fmt.Sprintf("no track goes through %q", phase.Name), "add it to one, or leave the phase out")
		}
		if c.root.At(at).Field("who") != nil || len(phase.Who) == 0 {
			c.who(at+".who", phase.Who, false)
		}
		for name, what := range phase.Pin {
			c.pin(at+".pin", name, what)
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

// nth is the path of an entry of a list.
func nth(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
