// Package kind holds what a phase can require and do: one file for each resource, and this one as the table of
// contents.
//
// A kind is a struct. Its fields are the parameters of a process file, and their tags say what each takes
// (package typed); the decoder, lint, the JSON schema and the documentation are made of the same struct.
package kind

import (
	"reflect"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release/typed"
)

// Row is one kind.
type Row struct {
	// Name is its key in a process file.
	Name string
	// About is what it does or requires, in a clause.
	About string
	// Params is its zero value.
	Params any
	// Alone says that it may stand without parameters: `- version`.
	Alone bool
	// Examples are entries as a file has them.
	Examples []string
}

// Steps is what a phase can do, to be read from top to bottom.
func Steps() []Row {
	return []Row{
		{"milestone", "make, rename, empty or close a milestone", Milestone{}, false, []string{
			`milestone: {title: "{milestone}", due: "{due}"}`,
			`milestone: {title: "{milestone}", rest: {to: "{next_milestone}"}, is: closed}`,
		}},
		{"branch", "make a branch at a commit, or protect one", Branch{}, false, []string{
			`branch: {name: "{branch}", at: "{sha}", protected: true}`,
		}},
		{"lock", "freeze a branch, or open it again", Lock{}, true, []string{
			`lock: {for: 5d, then: ask, reason: "code freeze for {version}"}`,
			`lock: {is: lifted}`,
		}},
		{"tag", "make a tag, or wait for one that CI makes", Tag{}, false, []string{
			`tag: {name: "{tag}", at: "{sha}"}`,
			`tag: {name: "{tag}", by: CI, within: 2h}`,
		}},
		{"modules", "tag every Go module of the repository", Modules{}, false, []string{
			`modules: {files: src/*/go.mod, version: "{version}", at: "{sha}"}`,
		}},
		{"release", "draft and publish a GitHub release, or see one that a workflow publishes", Release{}, false,
			[]string{
				`release: {tag: "{tag}", at: "{sha}"}`,
				`release: {tag: "{tag}", at: "{sha}", by: release.yaml, assets: ["widgets-{version}.tgz"]}`,
			}},
		{"pull", "propose new values in files as a pull request, and wait until it is merged", Pull{}, false, []string{
			`pull: {title: "Release {version}", edits: [{file: VERSION, line: "{version}"}]}`,
		}},
		{"workflow", "start a workflow, or find its run, and wait for its end", Workflow{}, false, []string{
			`workflow: {file: build.yaml, at: "{sha}", ref: "{default_branch}", start: true}`,
		}},
		{"images", "wait until container images are in their registries", Images{}, false, []string{
			`images: {list: ["ghcr.io/acme/widgets:{version}"], by: build.yaml}`,
		}},
		{"upstream", "wait for the release of another project", Upstream{}, false, []string{
			`upstream: {repo: kata-containers/kata-containers, version: 3.6.0}`,
		}},
		{"announce", "send an announcement to channels of the server", Announce{}, false, []string{
			`announce: {to: [slack, mail], subject: "Widgets {version}", text: "It is out."}`,
		}},
		{"manual", "have people do something and report it", Manual{}, false, []string{
			`manual: {text: Test the candidate, items: [on amd64, on arm64]}`,
			`manual: {text: "Test it with {each}", each: [aws, azure], by: a tester}`,
		}},
	}
}

// Gates is what a phase can require, to be read from top to bottom.
func Gates() []Row {
	return []Row{
		{"version", "the version may follow the tags that exist", Version{}, true, []string{
			`version`,
		}},
		{"tag", "no other commit has the tag", TagFree{}, false, []string{
			`tag: {name: "{tag}", at: "{sha}"}`,
		}},
		{"team", "enough people of a role are on the release team", Team{}, false, []string{
			`team: {role: maintainer, count: 2}`,
		}},
		{"approvals", "enough people of a role approved the plan as it is now", Approvals{}, false, []string{
			`approvals: {role: maintainer, count: 2, on-team: true}`,
		}},
		{"checks", "the check runs and statuses of a commit succeeded", Checks{}, false, []string{
			`checks: {at: "{sha}", required: [build, test]}`,
		}},
		{"issues", "nothing that blocks is open", Issues{}, false, []string{
			`issues: {milestone: "{milestone}", label: release-blocker}`,
			`issues: {blocking: "{tag}"}`,
		}},
		{"merged", "what was merged into a branch is in order", Merged{}, false, []string{
			`merged: {into: "{default_branch}", since: "{since}", milestoned: "{milestone}"}`,
			`merged: {into: "{default_branch}", milestone: "{milestone}", also-on: "{branch}"}`,
		}},
		{"candidate", "there is a release candidate, a new one, or the current one", Candidate{}, false, []string{
			`candidate: {is: current, at: "{sha}"}`,
		}},
		{"date", "the day has come", Date{}, false, []string{
			`date: {before-due: 7d}`,
		}},
		{"files", "files say what is released", Files{}, false, []string{
			`files: {at: "{sha}", say: [{file: VERSION, line: "{version}"}]}`,
		}},
		{"images", "images are in their registries, or have versions", ImagesThere{}, false, []string{
			`images: {list: ["ghcr.io/acme/widgets:{sha}"]}`,
			`images: {dockerfiles: true, at: "{sha}"}`,
		}},
		{"charts", "charts name released images, and each version once", Charts{}, false, []string{
			`charts: {files: charts/*/Chart.yaml, at: "{sha}", image-tags: '^v?[0-9.]+$'}`,
			`charts: {files: charts/*/Chart.yaml, at: "{sha}", unique-on: release-*}`,
		}},
		{"workflow", "the newest run of a workflow succeeded, or none is in progress", Ran{}, false, []string{
			`workflow: {file: build.yaml, at: "{sha}", is: green}`,
		}},
		{"release", "whether a release is there", Released{}, false, []string{
			`release: {tag: "{tag}", is: absent}`,
		}},
		{"lock", "the branch is locked by this release", Locked{}, false, []string{
			`lock: {since: freeze}`,
		}},
		{"milestone", "there is a milestone of that title", Milestoned{}, false, []string{
			`milestone: {title: "{milestone}"}`,
		}},
	}
}

// Entry is one line of require: or do:.
type Entry struct {
	// ID names it in commands and overrides; the kind where none is given.
	ID     string
	Kind   string
	Title  typed.Text
	Tracks []typed.Track
	// Warn makes a gate a warning: it is shown and refuses nobody.
	Warn bool
	// Params is a struct of this package.
	Params any
}

// beside are the fields that may stand beside the kind.
type beside struct {
	ID      typed.Word    `yaml:"id"`
	Title   typed.Text    `yaml:"title"`
	Tracks  []typed.Track `yaml:"tracks"`
	Warn    bool          `yaml:"warn"`
	Replace bool          `yaml:"replace"`
	Remove  bool          `yaml:"remove"`
	Reason  typed.Text    `yaml:"reason" must:"with replace" only:"with replace remove"`
}

// besides are their names. warn belongs to gates.
var besides = []string{"id", "title", "tracks", "warn", "replace", "remove", "reason"}

// Decode reads one entry: its one key that is a kind, and what stands beside it. ok is false where it cannot be told
// which kind it is.
func Decode(r *typed.Reader, n *typed.Node, path string, rows []Row) (e Entry, ok bool) {
	if n.Sort == typed.Scalar {
		n = &typed.Node{Line: n.Line, Column: n.Column, Sort: typed.Mapping,
			Fields: []typed.Field{{Name: n.Text, Line: n.Line, Column: n.Column,
				Value: &typed.Node{Line: n.Line, Column: n.Column, Sort: typed.Null}}}}
	}
	if !r.Is(n, typed.Mapping, path) {
		return e, false
	}
	var names []string
	for _, row := range rows {
		names = append(names, row.Name)
	}
	rest := &typed.Node{Line: n.Line, Column: n.Column, Sort: typed.Mapping}
	var found []typed.Field
	for _, f := range n.Fields {
		switch {
		case slices.Contains(names, f.Name):
			found = append(found, f)
		case slices.Contains(besides, f.Name):
			rest.Fields = append(rest.Fields, f)
		default:
			r.Problems = append(r.Problems, typed.Error{Line: f.Line, Column: f.Column, Field: typed.Join(path, f.Name),
				Message: "there is no kind " + quote(f.Name), Fix: typed.Suggest(f.Name, names)})
		}
	}
	if len(found) != 1 {
		if len(found) > 1 {
			r.Wrong(n, path, found[0].Name+" and "+found[1].Name+" are two kinds",
				"begin another entry with `- "+found[1].Name+":`")
		} else if n.Field("remove") != nil {
			r.Wrong(n, path, "no built-in process has this entry, so there is nothing to remove", "leave the entry out")
		} else if len(n.Fields) == len(rest.Fields) {
			r.Wrong(n, path, "the kind is missing", "begin with one of "+strings.Join(names, ", "))
		}
		return e, false
	}
	row := rows[slices.Index(names, found[0].Name)]
	var with beside
	r.Decode(rest, path, &with)
	params := reflect.New(reflect.TypeOf(row.Params))
	before := len(r.Problems)
	at := typed.Join(path, row.Name)
	switch {
	case found[0].Value.Sort != typed.Null:
		r.Decode(found[0].Value, at, params.Interface())
	case !row.Alone:
		r.Wrong(found[0].Value, at, row.Name+" needs to be told what", "add its fields: `- "+row.Name+": {...}`")
	default:
		r.Decode(&typed.Node{Line: n.Line, Column: n.Column, Sort: typed.Mapping}, at, params.Interface())
	}
	if held, is := params.Interface().(interface {
		held(r *typed.Reader, n *typed.Node, path string)
	}); is && len(r.Problems) == before && !r.Part {
		if found[0].Value.Sort == typed.Mapping {
			n = found[0].Value
		}
		held.held(r, n, at)
	}
	e = Entry{ID: string(with.ID), Kind: row.Name, Title: with.Title, Tracks: with.Tracks, Warn: with.Warn,
		Params: params.Elem().Interface()}
	if e.ID == "" {
		e.ID = row.Name
	}
	return e, true
}

// Defaults reads the defaults of one kind of step.
func Defaults(r *typed.Reader, f typed.Field, path string) {
	var names []string
	for _, row := range Steps() {
		if row.Name == f.Name {
			r.Decode(f.Value, typed.Join(path, f.Name), reflect.New(reflect.TypeOf(row.Params)).Interface())
			return
		}
		names = append(names, row.Name)
	}
	r.Problems = append(r.Problems, typed.Error{Line: f.Line, Column: f.Column, Field: typed.Join(path, f.Name),
		Message: "there is no kind of step " + quote(f.Name), Fix: typed.Suggest(f.Name, names)})
}

func quote(s string) string { return `"` + s + `"` }

// ID is the id that an entry has, or would have: the kind where none is given. Empty where it cannot be told.
func ID(n *typed.Node) string {
	if n.Sort == typed.Scalar {
		return n.Text
	}
	if id := n.Field("id"); id != nil {
		return id.Text
	}
	for _, f := range n.Fields {
		if !slices.Contains(besides, f.Name) {
			return f.Name
		}
	}
	return ""
}
