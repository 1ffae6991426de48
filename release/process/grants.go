package process

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/typed"
)

// lets is the field of a release.yaml that says what other repositories may do with this one. It is no part of the
// process, which is pinned when a release starts: consent is looked up each time.
const lets = "lets"

// ErrNoProcess is what Load answers to a file that only says what other repositories may do, and is right in that.
var ErrNoProcess = errors.New("the file names no process, it only allows other repositories to use this one")

// GrantsOnly says that a release.yaml has nothing but lets: its repository has no process by that.
func GrantsOnly(data []byte) bool {
	root, err := typed.Read(data)
	return err == nil && onlyGrants(root)
}

func onlyGrants(n *typed.Node) bool {
	return n.Sort == typed.Mapping && len(n.Fields) == 1 && n.Fields[0].Name == lets
}

// Grants are what a repository's release.yaml allows the processes of other repositories. What a person wrote wrong
// in that part is an Errors; the rest of the file is not looked at.
func Grants(data []byte) ([]consent.Grant, error) {
	root, err := typed.Read(data)
	if err != nil {
		return nil, err
	}
	r := &typed.Reader{}
	list := grants(r, root)
	if len(r.Problems) > 0 {
		return nil, r.Problems.Sorted()
	}
	return list, nil
}

func grants(r *typed.Reader, root *typed.Node) []consent.Grant {
	var list []consent.Grant
	if at := root.Field(lets); at != nil {
		r.Decode(at, lets, &list)
	}
	c := checker{Reader: r, root: root}
	for i, one := range list {
		at := fmt.Sprintf("%s[%d]", lets, i)
		if !consent.Repository(one.Repo) {
			c.say(at+".repo", fmt.Sprintf("%q is not the name of a repository", one.Repo), "write OWNER/NAME")
		}
		if len(one.Read) == 0 && len(one.Pulls) == 0 && !one.Releases {
			c.say(at, "it allows nothing", "add `read: [PATH]`, `releases: true` or `pulls: [PATH]`")
		}
		for name, patterns := range map[string][]string{"read": one.Read, "pulls": one.Pulls} {
			for j, p := range patterns {
				if clean := path.Clean(strings.TrimSuffix(p, "/")); p == "" || clean != strings.TrimSuffix(p, "/") ||
					strings.HasPrefix(p, "/") || strings.HasPrefix(p, "..") || strings.Contains(p, "**") {
					c.say(fmt.Sprintf("%s.%s[%d]", at, name, j), fmt.Sprintf("%q is not a path in a repository", p),
						"write docs/index.md, charts/*/Chart.yaml, docs/ for all below it, or * for all files")
				}
			}
		}
	}
	return list
}

// withoutField is a group but for one field.
func withoutField(n *typed.Node, name string) *typed.Node {
	rest := *n
	rest.Fields = slices.DeleteFunc(slices.Clone(n.Fields), func(f typed.Field) bool { return f.Name == name })
	return &rest
}
