package review

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/process"
	"github.com/slipway-dev/slipway/release/repofile"
	"github.com/slipway-dev/slipway/release/typed"
)

// The files by which a repository says how it releases.
const (
	main  = ".github/release.yaml"
	named = ".github/release/"
)

// ofOwner is the name of the repository that configures all of its owner's.
const ofOwner = ".github"

// mostListed is how many files GitHub lists of a pull request.
const mostListed = 3000

// kept says that a file is one of those that configure Slipway, whoever reads it.
func kept(file string) bool {
	return file == main || file == patches.File || path.Dir(file)+"/" == named && path.Ext(file) == ".yaml"
}

// family is the process whose versions a file is for, of those that a start can name; ok is false for other files.
func family(file string) (name string, ok bool) {
	name = strings.TrimSuffix(strings.TrimPrefix(file, named), ".yaml")
	return name, strings.HasPrefix(file, named) && slices.Contains(process.Names(), name)
}

// read says that Slipway reads the file.
func read(file string) bool {
	_, of := family(file)
	return file == main || file == patches.File || of
}

// touched are the files of Slipway's that the pull request changes, sorted. unread are those that nothing reads. Where
// GitHub does not list all of its files, each that Slipway reads may be among them.
func (l *look) touched(ctx context.Context) (paths, unread []string, err error) {
	all, err := l.gh.PullFiles(ctx, l.place.Name, l.place.Issue)
	switch {
	case err != nil:
		return nil, nil, err
	case all == nil:
		return nil, nil, errUnseen
	}
	if len(all) >= mostListed {
		paths = append(paths, main, patches.File)
		for _, name := range process.Names() {
			paths = append(paths, named+name+".yaml")
		}
	}
	l.there = map[string]bool{}
	for _, f := range all {
		l.there[f.Path] = !f.Gone
		for _, at := range []string{f.Path, f.Was} {
			switch {
			case read(at):
				paths = append(paths, at)
			case kept(at) && at == f.Path:
				unread = append(unread, at)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths), unread, nil
}

// file is one side of a file: as it is in the pull request, or as it was.
type file struct {
	there    bool
	mistakes typed.Errors
	// process is nil where the file has none, or mistakes.
	process *release.Process
	grants  []consent.Grant
	// policy are the values of a policy of patch-release issues, nil for another file.
	policy any
}

// good says that the file is there and can be used.
func (f file) good() bool { return f.there && len(f.mistakes) == 0 }

// head reads a file of the pull request. One that GitHub lists and does not show is asked for again, and is none where
// that does not help: a submodule, for one.
func (l *look) head(ctx context.Context, at, sha string) (file, error) {
	f, err := l.load(ctx, at, sha)
	if err == nil && !f.there && l.there[at] && !l.waited() {
		return f, errUnseen
	}
	return f, err
}

// load reads a file at a commit, with the limits of Slipway's own files.
func (l *look) load(ctx context.Context, at, sha string) (file, error) {
	content, size, found, err := l.gh.FileUpTo(ctx, l.place.Name, at, sha, repofile.Own.Bytes)
	if err != nil || !found {
		return file{}, err
	}
	if content == nil && size > 0 {
		return file{there: true, mistakes: typed.Errors{{
			Message: fmt.Sprintf("the file has %d bytes; the limit is %d", size, repofile.Own.Bytes), Fix: "shorten it"}}}, nil
	}
	return judged(at, content), nil
}

// judged is what stands in a file.
func judged(at string, content []byte) file {
	if at == patches.File {
		return judgedPolicy(content)
	}
	f := file{there: true}
	p, err := process.Load(content)
	if errors.Is(err, process.ErrNoProcess) && at != main {
		err = typed.Errors{{Line: 1, Message: "the file has no process", Fix: "begin with the line `process: NAME`"}}
	}
	if err != nil && !errors.Is(err, process.ErrNoProcess) {
		f.mistakes = mistakes(err, nil)
		return f
	}
	if err == nil {
		f.process = &p
	}
	if name, of := family(at); of && p.Name != name {
		f.mistakes = typed.Errors{{Line: 1, Field: "name", Fix: "name it " + name + ", or begin with `process: " + name + "`",
			Message: fmt.Sprintf("the process is called %q, and this file is only read for %s", p.Name, name)}}
	}
	if f.grants, err = process.Grants(content); err != nil {
		f.mistakes = append(f.mistakes, mistakes(err, nil)...)
	}
	return f
}

func judgedPolicy(content []byte) file {
	f := file{there: true}
	root, err := typed.Read(content)
	if err != nil {
		f.mistakes = mistakes(err, nil)
		return f
	}
	if _, err := patches.Load(content); err != nil {
		f.mistakes = mistakes(err, root)
		return f
	}
	f.policy = values(root)
	return f
}

// place is where the YAML library says that a mistake is: "[3:5] unknown field".
var place = regexp.MustCompile(`^\[(\d+):(\d+)\] `)

// mistakes are the lines of an error, each with its place. root is the file, for mistakes that name only their field.
func mistakes(err error, root *typed.Node) typed.Errors {
	var all typed.Errors
	if errors.As(err, &all) {
		return all
	}
	if much, is := errors.AsType[*repofile.TooMuch](err); is {
		return typed.Errors{{Line: much.Line, Column: much.Column, Message: much.What, Fix: much.Fix}}
	}
	for text := range strings.Lines(err.Error()) {
		one := typed.Error{Message: strings.TrimSpace(text)}
		if at := place.FindStringSubmatch(one.Message); at != nil {
			_, _ = fmt.Sscan(at[1]+" "+at[2], &one.Line, &one.Column)
			one.Message = strings.TrimPrefix(one.Message, at[0])
		} else if field, rest, is := strings.Cut(one.Message, ": "); is && root != nil && !strings.Contains(field, " ") {
			at := root.At(field)
			one.Line, one.Column, one.Field, one.Message = at.Line, at.Column, field, rest
		}
		all = append(all, one)
	}
	return all.Sorted()
}

// values are those of a file, as plain data.
func values(n *typed.Node) any {
	switch n.Sort {
	case typed.Mapping:
		out := map[string]any{}
		for _, f := range n.Fields {
			out[f.Name] = values(f.Value)
		}
		return out
	case typed.List:
		out := []any{}
		for _, item := range n.Items {
			out = append(out, values(item))
		}
		return out
	}
	return n.Text
}
