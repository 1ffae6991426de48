package edit

import (
	"bytes"
	"fmt"
	"slices"

	"golang.org/x/mod/modfile"

	"github.com/slipway-dev/slipway/release/gomod"
)

// local is the argument of module that means every requirement which a local directory replaces.
const local = "local"

// versions are the places in a go.mod where the versions stand that are meant, in bytes.
func (e Edit) versions(content []byte) ([][2]int, error) {
	module, err := gomod.Read(e.Path, content)
	if err != nil {
		return nil, err
	}
	meant := func(path string) bool {
		if e.Arg != local {
			return path == e.Arg
		}
		return slices.ContainsFunc(module.Needs, func(n gomod.Need) bool {
			return n.Path == path && n.Local != "" && n.Version != gomod.Unversioned
		})
	}
	f, err := modfile.Parse(e.Path, content, nil)
	if err != nil {
		return nil, err
	}
	var out [][2]int
	for _, r := range f.Require {
		if !meant(r.Mod.Path) {
			continue
		}
		from, to := r.Syntax.Start.Byte, r.Syntax.End.Byte
		version := []byte(r.Syntax.Token[len(r.Syntax.Token)-1])
		i := bytes.LastIndex(content[from:to], version)
		if i < 0 {
			return nil, fmt.Errorf("%s: the version of %s is written in a way that cannot be changed safely", e.Path,
				r.Mod.Path)
		}
		out = append(out, [2]int{from + i, from + i + len(version)})
	}
	if len(out) == 0 && e.Arg != local {
		return nil, fmt.Errorf("%s: it does not require %s", e.Path, e.Arg)
	}
	return out, nil
}

// required is the version that is there; of several, the first that is another one than wanted. A file that requires no
// such module has nothing to change.
func (e Edit) required(content []byte) (string, error) {
	places, err := e.versions(content)
	if err != nil {
		return "", err
	}
	for _, p := range places {
		if have := string(content[p[0]:p[1]]); have != e.Value {
			return have, nil
		}
	}
	return e.Value, nil
}

func (e Edit) require(content []byte) ([]byte, error) {
	places, err := e.versions(content)
	if err != nil {
		return nil, err
	}
	var out []byte
	at := 0
	for _, p := range places {
		out = append(append(out, content[at:p[0]]...), e.Value...)
		at = p[1]
	}
	return append(out, content[at:]...), nil
}
