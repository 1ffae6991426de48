// Package inspect holds a process file against the repository that it is for: whether the people, teams, branches,
// workflows, files, checks, channels and permissions that it names are there. It only reads.
package inspect

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/edit"
	"github.com/slipway-dev/slipway/release/gate"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/process"
	"github.com/slipway-dev/slipway/release/step"
)

// Reads is what is asked of GitHub.
type Reads interface {
	User(ctx context.Context, login string) (who step.User, found bool, err error)
	Team(ctx context.Context, org, slug string) (members int, found bool, err error)
	Branch(ctx context.Context, repo, name string) (sha string, found bool, err error)
	File(ctx context.Context, repo, path, ref string) (content []byte, found bool, err error)
	Checks(ctx context.Context, repo, sha string) ([]step.Check, error)
}

// Subject is a file and what it is held against.
type Subject struct {
	File    []byte
	Process release.Process
	// Repo is OWNER/NAME, Default its default branch.
	Repo, Default string
	// Granted are the permissions that the App has there; nil where there is no App to ask for.
	Granted map[string]string
	// Channels are the names of those that the server has for the repository; nil where it is not known.
	Channels []string
}

// Finding is one thing that is not there. Line and Column are 0 where the file does not name it.
type Finding struct {
	Line, Column int
	// Seen is what was seen, Fix what to do.
	Seen, Fix string
}

func (f Finding) String() string {
	text := f.Seen + "; " + f.Fix
	if f.Line > 0 {
		return fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, text)
	}
	return text
}

// inspection asks each thing once.
type inspection struct {
	Subject
	ctx   context.Context
	gh    Reads
	asked map[string]bool
	files map[string]file // that were read, by revision and path
	found []Finding
}

type file struct {
	content []byte
	found   bool
	err     error
}

// Look finds what the file names and the repository does not have.
func Look(ctx context.Context, gh Reads, s Subject) []Finding {
	i := inspection{Subject: s, ctx: ctx, gh: gh, asked: map[string]bool{}, files: map[string]file{}}
	i.people()
	for _, phase := range s.Process.Phases {
		for _, name := range slices.Sorted(maps.Keys(phase.Pin)) {
			if branch, is := strings.CutPrefix(phase.Pin[name], "branch-head "); is {
				i.branch(branch)
			}
		}
		for _, g := range phase.Needs {
			i.entry(g.Asks.Any)
		}
		for _, st := range phase.Steps {
			i.entry(st.Does.Any)
		}
	}
	i.permissions()
	slices.SortStableFunc(i.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return i.found
}

// first says that something is asked for the first time.
func (i *inspection) first(what ...string) bool {
	key := strings.Join(what, "\x00")
	again := i.asked[key]
	i.asked[key] = true
	return !again
}

// read reads a file once: several edits may be in one.
func (i *inspection) read(path, at string) ([]byte, bool, error) {
	key := at + "\x00" + path
	f, known := i.files[key]
	if !known {
		f.content, f.found, f.err = i.gh.File(i.ctx, i.Repo, path, at)
		i.files[key] = f
	}
	return f.content, f.found, f.err
}

// say points at where the file names the word, which a built-in process may do in its stead.
func (i *inspection) say(word, seen, fix string) {
	line, column := process.Place(i.File, word)
	i.found = append(i.found, Finding{line, column, seen, fix})
}

// failed says that GitHub did not tell.
func (i *inspection) failed(word, what string, err error) {
	i.say(word, fmt.Sprintf("whether %s is there cannot be seen: %v", what, err),
		"give the token or the App the permission to read it")
}

func (i *inspection) people() {
	logins := slices.Clone(i.Process.Team)
	for _, name := range slices.Sorted(maps.Keys(i.Process.Roles)) {
		role := i.Process.Roles[name]
		logins = append(logins, role.People()...)
		for _, team := range role.Teams {
			org, slug, _ := strings.Cut(team, "/")
			if !i.first("team", team) {
				continue
			}
			switch members, found, err := i.gh.Team(i.ctx, org, slug); {
			case err != nil:
				i.failed(team, "the team "+team, err)
			case !found:
				i.say(team, "there is no team "+team+", or it is secret", "create it, or let the App read the members of "+org)
			case members == 0:
				i.say(team, "nobody is in the team "+team, "add its people on GitHub")
			}
		}
	}
	for _, login := range logins {
		if !i.first("user", login) {
			continue
		}
		if _, found, err := i.gh.User(i.ctx, login); err != nil {
			i.failed(login, "the user "+login, err)
		} else if !found {
			i.say(login, "no user of GitHub is called "+login, "correct the login, or take it out")
		}
	}
}

// known fills in what is known without a release, and says whether that is all.
func (i *inspection) known(text string) (string, bool) {
	vars := i.Process.Named(map[string]string{"default_branch": i.Default, "repo": i.Repo})
	filled, err := release.Expand(text, i.Process.Named(vars)) // a name may be made of others
	return filled, err == nil && filled != ""
}

// entry looks at what a step or gate names. Another repository has a consent of its own, which is looked up when it is
// used.
func (i *inspection) entry(p params.Any) {
	switch p := p.(type) {
	case params.LockBranch:
		i.branch(p.Branch)
	case params.Ported:
		i.branch(p.From)
	case params.Milestoned:
		i.branch(p.Branch)
	case params.VersionsRise:
		i.branch(p.Rev)
	case params.OpenPull:
		if p.Repo == "" {
			i.branch(p.Base)
			i.edits(p.Base, p.Edits)
		}
	case params.Files, params.TaggedFiles, params.FilesBelow, params.NoOthers:
		if repo, edits := params.Edits(p); repo == "" {
			i.edits("", edits)
		}
	case params.ChecksGreen:
		i.checks(p.Required)
	case params.WaitWorkflow:
		i.workflow(p.Workflow)
	case params.WorkflowGreen:
		i.workflow(p.Workflow)
	case params.RunOver:
		i.workflow(p.Workflow)
	case params.RunWorkflow:
		i.workflow(p.Workflow)
		i.dispatched(p.Workflow)
	case params.Announce:
		i.channel(p.Channel)
	}
}

func (i *inspection) branch(text string) {
	name, known := i.known(text)
	if !known || !i.first("branch", name) {
		return
	}
	if _, found, err := i.gh.Branch(i.ctx, i.Repo, name); err != nil {
		i.failed(text, "the branch "+name, err)
	} else if !found {
		i.say(text, "there is no branch "+name, "create it, or name another one")
	}
}

// workflow looks for a workflow on the default branch.
func (i *inspection) workflow(file string) {
	if !i.first("workflow", file) {
		return
	}
	_, found, err := i.read(".github/workflows/"+file, i.Default)
	if err != nil {
		i.failed(file, "the workflow "+file, err)
	} else if !found {
		i.say(file, "there is no .github/workflows/"+file+" on "+i.Default, "add the workflow, or correct its name")
	}
}

// dispatched says whether a workflow can be started by hand, and without inputs, which a process does not give.
func (i *inspection) dispatched(file string) {
	if !i.first("dispatch", file) {
		return
	}
	content, found, err := i.read(".github/workflows/"+file, i.Default)
	if err != nil || !found {
		return // said already
	}
	var read struct {
		On any `yaml:"on"`
	}
	if yaml.Unmarshal(content, &read) != nil {
		return
	}
	var inputs any
	is := false
	switch on := read.On.(type) {
	case string:
		is = on == "workflow_dispatch"
	case []any:
		is = slices.Contains(on, any("workflow_dispatch"))
	case map[string]any:
		inputs, is = on["workflow_dispatch"]
	}
	if !is {
		i.say(file, "the workflow "+file+" has no workflow_dispatch, so nothing can start it",
			"add `workflow_dispatch:` to its `on:`")
	}
	if dispatch, ok := inputs.(map[string]any); ok {
		all, _ := dispatch["inputs"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if input, _ := all[name].(map[string]any); input["required"] == true && input["default"] == nil {
				i.say(file, "the workflow "+file+" requires the input "+name+", which is not given",
					"give it a default, or do not require it")
			}
		}
	}
}

// checks looks for the required ones among those that ran for the head of the default branch.
func (i *inspection) checks(required []string) {
	if len(required) == 0 || !i.first(append([]string{"checks"}, required...)...) {
		return
	}
	sha, found, err := i.gh.Branch(i.ctx, i.Repo, i.Default)
	if err != nil || !found {
		i.failed(required[0], "the branch "+i.Default, err)
		return
	}
	ran, err := i.gh.Checks(i.ctx, i.Repo, sha)
	if err != nil {
		i.failed(required[0], "the check "+required[0], err)
		return
	}
	for _, name := range required {
		if !slices.ContainsFunc(ran, func(c step.Check) bool { return c.Name == name }) {
			i.say(name, fmt.Sprintf("no check %s ran for the head of %s", name, i.Default),
				"correct the name, or run the check for each commit of that branch")
		}
	}
}

// edits looks at the files and the places in them whose names do not depend on the version.
func (i *inspection) edits(base, text string) {
	at, known := i.known(base)
	if !known {
		at = i.Default
	}
	all, err := edit.Parse(text)
	if err != nil {
		return // a template has blanks; lint has looked at what it can become
	}
	for _, e := range all {
		path, known := i.known(e.Path)
		if !known || strings.ContainsAny(path, "*?[") || !i.first("edit", at, path, e.Kind, e.Arg) {
			continue
		}
		content, found, err := i.read(path, at)
		switch {
		case err != nil:
			i.failed(e.Path, "the file "+path, err)
			continue
		case !found:
			if i.first("file", at, path) {
				i.say(e.Path, "there is no "+path+" on "+at, "add the file, or correct its name")
			}
			continue
		}
		e.Path = path
		if e.Kind == "match" {
			if e.Arg, err = release.Expand(e.Arg, nil); err != nil { // its braces are doubled, as in every template
				continue
			}
		} else if strings.Contains(e.Arg, "{") {
			continue
		}
		if _, err := e.Get(content); err != nil {
			i.say(cmp.Or(e.Arg, path), err.Error()+", on "+at, "correct the file, or the place that the process names")
		}
	}
}

func (i *inspection) channel(name string) {
	if i.Channels != nil && !slices.Contains(i.Channels, name) && i.first("channel", name) {
		i.say(name, "the server has no channel "+name+" for "+i.Repo, "add it to `channels` of its configuration; until "+
			"then a person is asked to send it")
	}
}

// permissions holds those of the App against those that the process needs.
func (i *inspection) permissions() {
	if i.Granted == nil {
		return
	}
	needs := step.Levels(conversation.Needs())
	add := func(more map[string]string) {
		for name, level := range more {
			if needs[name] != "write" {
				needs[name] = level
			}
		}
	}
	for _, phase := range i.Process.Phases {
		for _, g := range phase.Needs {
			add(gate.Permissions(g.Asks.Kind()))
		}
		for _, s := range phase.Steps {
			add(step.Permissions(s.Does.Kind()))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(needs)) {
		if have := i.Granted[name]; have != needs[name] && have != "write" && have != "admin" {
			i.found = append(i.found, Finding{Seen: fmt.Sprintf("the App has not the permission %s: %s in %s", name,
				needs[name], i.Repo), Fix: "grant it in the settings of the App, and accept it in those of the organization"})
		}
	}
}
