// Package process reads processes: the ones that are built in, and what a repository says in its own
// .github/release.yaml. A process that was read here holds together: whatever it refers to exists, and a mistake
// is answered with its place in the file and what to write instead.
package process

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/typed"
)

//go:embed *.yaml
var files embed.FS

// Error is one mistake in a file, and Errors are all of them, in the order of its lines.
type (
	Error  = typed.Error
	Errors = typed.Errors
)

// Names lists the built-in processes, sorted.
func Names() []string {
	paths, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil // the pattern is a constant, and a good one
	}
	for i, path := range paths {
		paths[i] = strings.TrimSuffix(path, ".yaml")
	}
	slices.Sort(paths)
	return paths
}

// Builtin is the built-in process of that name. A wrong name is an Errors, to be shown.
func Builtin(name string) (release.Process, error) {
	root, err := builtin(name, &typed.Node{})
	if err != nil {
		return release.Process{}, err
	}
	return finish(root, nil)
}

func builtin(name string, at *typed.Node) (*typed.Node, error) {
	data, err := files.ReadFile(name + ".yaml")
	if errors.Is(err, fs.ErrNotExist) || (err != nil && strings.ContainsAny(name, `/\.`)) {
		return nil, Errors{{
			Line: at.Line, Column: at.Column, Field: "process",
			Message: fmt.Sprintf("no process is called %q", name), Fix: typed.Suggest(name, Names()),
		}}
	}
	if err != nil {
		return nil, fmt.Errorf("read built-in process %s: %w", name, err)
	}
	root, err := typed.Read(data)
	if err != nil {
		return nil, fmt.Errorf("read built-in process %s: %w", name, err)
	}
	return root, nil
}

// Load reads a repository's release.yaml: the name of a built-in process with what is different here, or a
// process that is spelled out whole. What a person wrote wrong is an Errors with every mistake in it.
func Load(data []byte) (release.Process, error) {
	over, err := typed.Read(data)
	if err != nil {
		return release.Process{}, err
	}
	if over.Sort != typed.Mapping {
		return release.Process{}, Errors{{
			Line: over.Line, Column: over.Column,
			Message: fmt.Sprintf("the file is %s, and a group of fields belongs here", over.Sort),
			Fix:     "begin with the line `process: falco-libs`",
		}}
	}
	r := &typed.Reader{}
	if grants(r, over); len(r.Problems) > 0 {
		return release.Process{}, r.Problems.Sorted()
	}
	if onlyGrants(over) {
		return release.Process{}, ErrNoProcess
	}
	over = withoutGrants(over)
	named := over.Field("process")
	if named == nil {
		return finish(over, nil)
	}
	if named.Sort != typed.Scalar {
		return release.Process{}, Errors{{Line: named.Line, Column: named.Column, Field: "process",
			Message: "the name of a built-in process belongs here", Fix: typed.Suggest("", Names())}}
	}
	base, err := builtin(named.Text, named)
	if err != nil {
		return release.Process{}, err
	}
	m := merger{base: named.Text}
	root := m.merge(base.Unplaced(), over)
	if len(m.Errors) > 0 {
		return release.Process{}, m.Sorted()
	}
	return finish(root, m.changed)
}

// finish decodes, compiles and checks.
func finish(root *typed.Node, changed []release.Change) (release.Process, error) {
	var doc document
	r := typed.Reader{}
	r.Decode(root, "", &doc)
	if len(r.Problems) > 0 {
		return release.Process{}, r.Problems.Sorted()
	}
	p, problems := compile(root, doc, changed)
	if len(problems) > 0 {
		return release.Process{}, problems.Sorted()
	}
	return p, nil
}
