// Package process reads processes: the ones that are built in, and what a repository says in its own
// .github/release.yaml. A process that was read here holds together: whatever it refers to exists, and a mistake
// is answered with its place in the file and what to write instead.
package process

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
)

//go:embed *.yaml
var files embed.FS

// Known is what a process may refer to and this package cannot know.
type Known struct {
	// Steps and Gates are the kinds that exist. An empty list leaves them unchecked.
	Steps, Gates []string
	// Vars are names for templates besides those that every release has.
	Vars []string
	// Params are the parameters of a kind of "step" or "gate": those that it needs, and those that it takes besides.
	// Nil leaves them unchecked.
	Params func(what, kind string) (needs, takes []string)
}

// Error is one mistake in a file.
type Error struct {
	// Line and Column count from 1; both are 0 where the mistake stands in no single place.
	Line, Column int
	// Field is the path to it: phases[1].steps[0].kind.
	Field string
	// Message says what is wrong, Fix what to write instead.
	Message, Fix string
}

func (e Error) Error() string {
	var s strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&s, "line %d, column %d: ", e.Line, e.Column)
	}
	if e.Field != "" {
		s.WriteString(e.Field + ": ")
	}
	s.WriteString(e.Message)
	if e.Fix != "" {
		s.WriteString("; " + e.Fix)
	}
	return s.String()
}

// Errors are all mistakes of a file, in the order of its lines. A caller shows them to the person who wrote it.
type Errors []Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives each mistake to errors.Is and errors.As.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, one := range e {
		out[i] = one
	}
	return out
}

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
	root, err := builtin(name, &node{})
	if err != nil {
		return release.Process{}, err
	}
	return finish(root, Known{})
}

func builtin(name string, at *node) (*node, error) {
	data, err := files.ReadFile(name + ".yaml")
	if errors.Is(err, fs.ErrNotExist) || (err != nil && strings.ContainsAny(name, `/\.`)) {
		return nil, Errors{{
			Line: at.line, Column: at.column, Field: "process",
			Message: fmt.Sprintf("no process is called %q", name), Fix: suggest(name, Names()),
		}}
	}
	if err != nil {
		return nil, fmt.Errorf("read built-in process %s: %w", name, err)
	}
	root, err := read(data)
	if err != nil {
		return nil, fmt.Errorf("read built-in process %s: %w", name, err)
	}
	return root.unplaced(), nil
}

// Load reads a repository's release.yaml: the name of a built-in process with what is different here, or a
// process that is spelled out whole. What a person wrote wrong is an Errors with every mistake in it; a file that has
// only lets is ErrNoProcess.
func Load(data []byte, known Known) (release.Process, error) {
	over, err := read(data)
	if err != nil {
		return release.Process{}, err
	}
	if over.kind != mapping {
		return release.Process{}, Errors{{
			Line: over.line, Column: over.column, Message: fmt.Sprintf("the file is %s, and a group of fields "+
				"belongs here", over.kind),
			Fix: "begin with the line `process: falco-libs`",
		}}
	}
	d := decoder{}
	if d.grants(over); len(d.problems) > 0 {
		return release.Process{}, d.problems.sorted()
	}
	if over.onlyGrants() {
		return release.Process{}, ErrNoProcess
	}
	over = over.withoutGrants()
	named := over.field("process")
	if named == nil {
		return finish(over, known)
	}
	if named.kind != scalar {
		return release.Process{}, Errors{{Line: named.line, Column: named.column, Field: "process",
			Message: "the name of a built-in process belongs here", Fix: suggest("", Names())}}
	}
	base, err := builtin(named.text, named)
	if err != nil {
		return release.Process{}, err
	}
	rest := *over
	rest.fields = nil
	for _, f := range over.fields {
		if f.name != "process" {
			rest.fields = append(rest.fields, f)
		}
	}
	return finish(merge("", base, &rest), known)
}

// finish decodes and checks.
func finish(root *node, known Known) (release.Process, error) {
	var p release.Process
	d := decoder{}
	d.decode(root, "", reflect.ValueOf(&p).Elem())
	if len(d.problems) == 0 {
		// What was misread would only be called missing a second time.
		d.check(root, p, known)
	}
	if len(d.problems) > 0 {
		return release.Process{}, d.problems.sorted()
	}
	return p, nil
}
