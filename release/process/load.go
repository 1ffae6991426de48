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
	return finish(root, nil, nil)
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
	over = withoutField(over, lets)
	named := over.Field("process")
	if named == nil {
		return finish(over, nil, nil)
	}
	if named.Sort != typed.Scalar {
		return release.Process{}, Errors{{Line: named.Line, Column: named.Column, Field: "process",
			Message: "the name of a built-in process belongs here", Fix: typed.Suggest("", Names())}}
	}
	base, err := builtin(named.Text, named)
	if unknown, is := errors.AsType[Errors](err); is {
		return release.Process{}, append(loose(over), unknown...).Sorted()
	}
	if err != nil {
		return release.Process{}, err
	}
	m := merger{base: named.Text}
	p, err := finish(m.merge(base.Unplaced(), over), m.changed, m.Errors)
	if err != nil {
		return release.Process{}, err
	}
	whole, err := Builtin(named.Text)
	if err != nil {
		return release.Process{}, err
	}
	var problems Errors
	if p.Changed, problems = weaker(over, whole, p); len(problems) > 0 {
		return release.Process{}, problems.Sorted()
	}
	return p, nil
}

// finish decodes, compiles and checks. What is wrong, and problems, which were found before, is an Errors.
func finish(root *typed.Node, changed []release.Change, problems Errors) (release.Process, error) {
	var doc document
	r := typed.Reader{Problems: problems}
	r.Decode(root, "", &doc)
	p, more := compile(root, doc, changed, &typed.Reader{Scope: typed.Scope{Unread: len(r.Problems) > 0}})
	if problems = append(r.Problems, more...); len(problems) == 0 {
		return p, nil
	}
	for i := range problems {
		problems[i] = within(root, problems[i])
	}
	return release.Process{}, problems.Sorted()
}

// loose finds the mistakes of a file that changes nobody knows which process: it is held against the types alone.
func loose(over *typed.Node) Errors {
	var doc document
	r := typed.Reader{Part: true}
	r.Decode(withoutField(over, "process"), "", &doc)
	_, more := compile(over, doc, nil, &typed.Reader{Part: true, Scope: typed.Scope{Unread: true}})
	return append(r.Problems, more...)
}

// within points a mistake at the part of the file around it, where it is in what a built-in process brings.
func within(root *typed.Node, e Error) Error {
	for at := e.Field; e.Line == 0; at = at[:max(strings.LastIndexAny(at, ".["), 0)] {
		n := root.At(at)
		if e.Line, e.Column = n.Line, n.Column; at == "" {
			break
		}
	}
	return e
}

// Place is where a file first says something: the word itself, or a text that holds it; that of its process where it
// does not say it. Both are 0 where there is neither.
func Place(data []byte, word string) (line, column int) {
	root, err := typed.Read(data)
	if err != nil {
		return 0, 0
	}
	var find func(n *typed.Node, fits func(text string) bool) *typed.Node
	find = func(n *typed.Node, fits func(text string) bool) *typed.Node {
		if n.Sort == typed.Scalar && fits(n.Text) {
			return n
		}
		for _, f := range n.Fields {
			if at := find(f.Value, fits); at != nil {
				return at
			}
		}
		for _, item := range n.Items {
			if at := find(item, fits); at != nil {
				return at
			}
		}
		return nil
	}
	for _, fits := range []func(string) bool{
		func(text string) bool { return text == word },
		func(text string) bool { return word != "" && strings.Contains(text, word) },
	} {
		if n := find(root, fits); n != nil {
			return n.Line, n.Column
		}
	}
	if n := root.Field("process"); n != nil {
		return n.Line, n.Column
	}
	return 0, 0
}
