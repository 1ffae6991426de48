// Package gomod reads the go.mod files of a repository with several Go modules: which needs which, so in which order
// their versions can be tagged. It is pure.
package gomod

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
)

// Unversioned is the version that stands for "whatever the directory holds": go get writes it for a requirement that is
// replaced by a local directory and has no version. It names no release, so nothing has to be edited there.
const Unversioned = "v0.0.0-00010101000000-000000000000"

// Module is one go.mod.
type Module struct {
	Dir  string // in the repository: src/cloud-providers
	Path string // github.com/OWNER/NAME/src/cloud-providers
	// Needs are its requirements.
	Needs []Need
}

// Need is one requirement of a module.
type Need struct {
	Path, Version string
	// Local is the directory in the repository that replaces it, empty where nothing or something else does. Whoever
	// fetches the module does not see the replacement, only the version.
	Local string
}

// Read reads a go.mod file by its path in the repository.
func Read(file string, content []byte) (Module, error) {
	f, err := modfile.Parse(file, content, nil)
	if err != nil {
		var list modfile.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			err = list[0].Err
		}
		return Module{}, fmt.Errorf("%s: it is no go.mod: %w", file, err)
	}
	if f.Module == nil {
		return Module{}, fmt.Errorf("%s: it names no module", file)
	}
	m := Module{Dir: path.Dir(file), Path: f.Module.Mod.Path}
	for _, r := range f.Require {
		need := Need{Path: r.Mod.Path, Version: r.Mod.Version}
		for _, to := range f.Replace {
			if to.Old.Path == need.Path && (to.Old.Version == "" || to.Old.Version == need.Version) &&
				to.New.Version == "" {
				need.Local = path.Join(m.Dir, to.New.Path)
			}
		}
		m.Needs = append(m.Needs, need)
	}
	return m, nil
}

// Order puts modules behind those they need, and where either may come first, by the name of their directory. One needs
// another that it replaces by its directory, or that it requires in the version that is about to be tagged. A
// requirement of an older version is no need: that version is there. A circle is an error.
func Order(modules []Module, version string) ([]Module, error) {
	left := slices.Clone(modules)
	slices.SortFunc(left, func(a, b Module) int { return strings.Compare(a.Dir, b.Dir) })
	waits := func(m Module) []string {
		var on []string
		for _, other := range left {
			if other.Path != m.Path && slices.ContainsFunc(m.Needs, func(n Need) bool {
				return n.Path == other.Path && (n.Local != "" || n.Version == version)
			}) {
				on = append(on, other.Dir)
			}
		}
		return on
	}
	var out []Module
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(m Module) bool { return len(waits(m)) == 0 })
		if i < 0 {
			var circle []string
			for _, m := range left {
				circle = append(circle, m.Dir+" needs "+strings.Join(waits(m), " and "))
			}
			return nil, fmt.Errorf("no module can be tagged first: %s", strings.Join(circle, ", "))
		}
		out = append(out, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return out, nil
}

// Wrong says what the go.mod of a module claims about its siblings that will not be so when the version is tagged:
// whoever fetches it would get another one.
func (m Module) Wrong(siblings []Module, version string) []string {
	var out []string
	for _, n := range m.Needs {
		sibling := slices.ContainsFunc(siblings, func(s Module) bool { return s.Path == n.Path })
		if sibling && n.Local != "" && n.Version != version && n.Version != Unversioned {
			out = append(out, fmt.Sprintf("%s/go.mod requires %s %s", m.Dir, path.Base(n.Path), n.Version))
		}
	}
	return out
}

// Pseudo is the version by which Go knows a commit that no version tag of its kind is at: v0.0.0-TIME-COMMIT
// (go.dev/ref/mod, Pseudo-versions). at is the time of its committer.
func Pseudo(at time.Time, sha string) string {
	return fmt.Sprintf("v0.0.0-%s-%s", at.UTC().Format("20060102150405"), sha[:min(12, len(sha))])
}
