package rehearsal

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/edit"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// world is the GitHub of a rehearsal: the repository that is released, and those that its process names.
type world struct {
	seed  sandbox.Seed
	repo  string // OWNER/NAME
	p     release.Process
	cast  cast
	begin begin
	vars  map[string]string // what templates say at the version before
	clone *clone            // nil where the repository is made up
}

// tracking is the number of the tracking issue.
const tracking = 1

// newWorld makes the repositories for a process file.
func newWorld(p release.Process, o Options, c *clone) (*world, error) {
	w := &world{p: p, cast: newCast(p), clone: c}
	owner, name, branch := "example", p.Name, "main"
	if c != nil {
		owner, name, branch = c.owner, c.name, c.defaultBranch
	} else {
		for _, role := range p.Roles {
			for _, team := range role.Teams {
				owner, _, _ = strings.Cut(team, "/")
			}
		}
	}
	w.seed.Org, w.repo = owner, owner+"/"+name
	repo := sandbox.SeedRepo{Name: name, DefaultBranch: branch}
	before := first(p.Versions, "1.3.0", "0.3.0", "2.3.0", "10.3.0")
	if w.tagsModules() { // a Go module of 2.0.0 and above would have another path
		before = first(p.Versions, "0.3.0", "1.3.0")
	}
	w.look(before.String(), branch)
	tags, branches := []string{w.tag(before)}, []string{}
	if c != nil {
		repo.Clone = c.history
		tags, branches = nil, nil
		for ref := range c.history.Refs {
			if tag, is := strings.CutPrefix(ref, "refs/tags/"); is {
				tags = append(tags, tag)
			}
			if name, is := strings.CutPrefix(ref, "refs/heads/"); is {
				branches = append(branches, name)
			}
		}
	}
	var err error
	if w.begin, err = newBegin(p, o, tags, branches, o.now()); err != nil {
		return nil, err
	}
	w.vars["from"] = w.begin.from
	w.look(before.String(), branch)
	if c == nil {
		w.history(&repo, before, o.Process)
	} else {
		repo.Commits = []sandbox.SeedCommit{{Message: "Rehearse a release process", Author: w.cast.makers[0],
			Files: map[string]string{".github/release.yaml": string(o.Process)}}}
	}
	issue := sandbox.SeedIssue{Title: p.Title + " " + w.begin.version, Body: "What is to be released.\n",
		Author: w.cast.starter(), Assignees: []string{w.cast.manager}}
	w.each(func(does params.Any) {
		if renamed, is := does.(params.RenameMilestone); is {
			issue.Milestone = renamed.From
		}
	}, func(asks params.Any) {
		blockers, is := asks.(params.NoOpenBlockers)
		if is && !slices.Contains(repo.Labels, blockers.Label) {
			repo.Labels = append(repo.Labels, blockers.Label)
		}
	})
	repo.Issues = []sandbox.SeedIssue{issue}
	w.cast.seats(w, &repo)
	w.seed.Repos = append([]sandbox.SeedRepo{repo}, w.seed.Repos...)
	w.others()
	return w, nil
}

// org is the seed of an organisation.
func (w *world) org(name string) *sandbox.Seed {
	if strings.EqualFold(name, w.seed.Org) {
		return &w.seed
	}
	for i := range w.seed.Others {
		if strings.EqualFold(w.seed.Others[i].Org, name) {
			return &w.seed.Others[i]
		}
	}
	w.seed.Others = append(w.seed.Others, sandbox.Seed{Org: name})
	return &w.seed.Others[len(w.seed.Others)-1]
}

// look fills the names of templates as they are at a version.
func (w *world) look(version, branch string) {
	from := w.vars["from"]
	inputs := map[string]string{}
	for name, rule := range w.p.Inputs {
		inputs[name] = rule.Example
	}
	r := release.Release{Started: release.Started{Repo: w.repo, Issue: tracking, Version: version, Previous: version,
		NextVersion: version, NextPatch: version, DefaultBranch: branch, From: from, Process: w.p, Inputs: inputs,
		Track: w.begin.track}}
	w.vars = r.Vars()
	w.vars["from"] = from
}

var unfilled = regexp.MustCompile(`\{[a-z_0-9-]+\}`)

// say fills a template; what only a phase looks up is any word.
func (w *world) say(template string) string {
	template = strings.NewReplacer("{{", "\x00", "}}", "\x01").Replace(template)
	for range 3 { // names are made of names
		template = unfilled.ReplaceAllStringFunc(template, func(name string) string {
			if value, known := w.vars[strings.Trim(name, "{}")]; known {
				return value
			}
			return "1.0.0"
		})
	}
	return strings.NewReplacer("\x00", "{", "\x01", "}").Replace(template)
}

// tag is the name of the tag of a version.
func (w *world) tag(v release.Version) string {
	if w.p.Names["tag"] != "" {
		return w.say("{tag}")
	}
	return v.String()
}

// each goes through all steps and gates.
func (w *world) each(steps, gates func(params.Any)) {
	say := func(text string) (string, error) { return w.say(text), nil }
	for _, phase := range w.p.Phases {
		for _, g := range phase.Needs {
			if asks, err := g.Asks.Fill(say); err == nil && asks.Any != nil {
				gates(asks.Any)
			}
		}
		for _, s := range phase.Steps {
			if does, err := s.Does.Fill(say); err == nil && does.Any != nil {
				steps(does.Any)
			}
		}
	}
}

func (w *world) tagsModules() bool {
	found := false
	w.each(func(does params.Any) { found = found || does.Kind() == "tag-modules" }, func(params.Any) {})
	return found
}

// history is that of a repository that is made up: a release, its branch, and work that came after it.
func (w *world) history(repo *sandbox.SeedRepo, before release.Version, process []byte) {
	author := w.cast.makers[0]
	files := w.shelf("").all(before.String())
	files["README.md"] = "# " + w.p.Title + "\n"
	files[".github/release.yaml"] = string(process)
	work := map[string]string{"work.txt": "What came after " + before.String() + ".\n"}
	w.each(func(params.Any) {}, func(asks params.Any) {
		switch asks := asks.(type) {
		case params.VersionsRise:
			for _, file := range asks.Files {
				files[file] = "1.0.0\n"
			}
		case params.DriverVersion:
			files[asks.API], files[asks.Schema] = "1.0.0\n", "1.0.0\n"
			files[asks.Code+"/code.c"] = "int code;\n"
			work[asks.Schema], work[asks.Code+"/code.c"] = "1.1.0\n", "int code = 1;\n"
		}
	})
	tag := w.tag(before)
	repo.Commits = []sandbox.SeedCommit{
		{Message: "Release " + before.String(), Author: author, Files: files, Tags: []string{tag}, Released: true},
		{Message: "Work on", Author: author, Files: work},
	}
	for _, name := range slices.Compact([]string{w.begin.from, w.say(w.p.Names["branch"])}) {
		if name == "" || name == repo.DefaultBranch || unfilled.MatchString(name) {
			continue
		}
		if w.begin.from == name && w.p.From.Like == "" {
			continue // the process makes it
		}
		begins := tag
		if name == w.begin.from {
			begins = repo.DefaultBranch
		}
		repo.Commits = append(repo.Commits, sandbox.SeedCommit{Branch: name, From: begins})
	}
}

// shelf are the files that the process names in a repository, its own where none is given.
func (w *world) shelf(repo string) *shelf {
	s := newShelf(w.repo)
	edits := func(p params.Any) {
		of, text := params.Edits(p)
		if of != repo {
			return
		}
		list, _ := edit.Parse(text) // lint has read them
		for _, e := range list {
			s.put(e, e.Value)
		}
	}
	w.each(func(does params.Any) {
		edits(does)
		if modules, is := does.(params.TagModules); is && repo == "" {
			s.require(modules.Modules, "")
		}
		if run, is := workflowOf(does); is && repo == "" {
			s.workflow(run.Workflow, does.Kind() == "run-workflow")
		}
	}, func(asks params.Any) {
		edits(asks)
		if repo != "" {
			return
		}
		switch asks := asks.(type) {
		case params.WorkflowGreen:
			s.workflow(asks.Workflow, false)
		case params.RunOver:
			s.workflow(asks.Workflow, false)
		}
	})
	return s
}

// workflow makes a workflow of one job, which a push or a release starts where Slipway does not.
func (s *shelf) workflow(file string, dispatched bool) {
	at := ".github/workflows/" + file
	if _, there := s.files[at]; there && !dispatched {
		return
	}
	on := "on: [push, release, workflow_dispatch]"
	if dispatched {
		on = "on: workflow_dispatch"
	}
	s.files[at] = "name: " + file + "\n" + on + "\njobs:\n  build: {}\n"
}

// others makes the repositories that the process uses besides its own, with consent to all of it.
func (w *world) others() {
	branches, tags, shelves := map[string]string{}, map[string][]string{}, map[string]*shelf{}
	awaited := map[string]bool{}
	note := func(repo, branch, tag string) {
		if repo = w.say(repo); repo == "" || strings.EqualFold(repo, w.repo) {
			return
		}
		if shelves[repo] == nil {
			shelves[repo] = w.shelf(repo)
		}
		switch {
		case branch == "main" || branch == "master" || branches[repo] == "":
			branches[repo] = branch
		}
		if tag = w.say(tag); tag != "" && tag != "main" && tag != "master" && !step.IsCommit(tag) {
			tags[repo] = append(tags[repo], tag)
		}
	}
	w.each(func(does params.Any) {
		switch does := does.(type) {
		case params.WaitPublished:
			awaited[does.Repo+" "+does.Version] = true
			note(does.Repo, "", "")
		case params.OpenPull:
			note(does.Repo, does.Base, "")
		}
	}, func(asks params.Any) {
		switch asks := asks.(type) {
		case params.ReleaseExists:
			note(asks.Repo, "", asks.Tag)
		case params.Files:
			note(asks.Repo, "", "")
		case params.PickDeadline:
			note(asks.Repo, "", "")
		case params.ChartImages:
			for _, c := range asks.Components {
				note(c.Repo, "", "")
			}
		}
	})
	for _, phase := range w.p.Phases {
		for _, expression := range phase.Pin {
			words := strings.Fields(w.say(expression))
			if len(words) < 3 {
				continue
			}
			branch := ""
			if words[2] == "main" || words[2] == "master" {
				branch = words[2]
			}
			note(words[1], branch, words[2])
			if len(words) == 5 && shelves[words[1]] != nil {
				if list, err := edit.Parse(words[3] + " " + words[4] + " v1.0.0"); err == nil {
					shelves[words[1]].put(list[0], "v1.0.0")
				}
			}
		}
	}
	for _, full := range slices.Sorted(maps.Keys(shelves)) {
		owner, name, _ := strings.Cut(full, "/")
		tags[full] = slices.DeleteFunc(tags[full], func(tag string) bool { return awaited[full+" "+tag] })
		slices.Sort(tags[full])
		files := shelves[full].all(w.begin.version)
		files["README.md"] = "# " + name + "\n"
		files[".github/release.yaml"] = "lets:\n  - {repo: " + w.repo + ", read: [\"*\"], releases: true, " +
			"pulls: [\"*\"]}\n"
		branch := branches[full]
		if branch == "" {
			branch = "main"
		}
		seed := w.org(owner)
		seed.Repos = append(seed.Repos, sandbox.SeedRepo{Name: name, DefaultBranch: branch,
			Collaborators: map[string]string{w.cast.makers[0]: "admin"},
			Commits: []sandbox.SeedCommit{{Message: "Begin", Author: w.cast.makers[0], Files: files,
				Tags: slices.Compact(tags[full]), Released: true}}})
	}
}
