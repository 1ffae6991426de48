package kind

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/slipway-dev/slipway/release/typed"
)

func TestX(t *testing.T) {
	files, _ := filepath.Glob("/work/shared/kinds/*.yaml")
	for _, f := range files {
		data, _ := os.ReadFile(f)
		n, err := typed.Read(data)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		r := &typed.Reader{Scope: typed.Scope{Words: map[string][]string{"role": {"maintainer", "release-manager", "tester"},
			"track":         {"minor", "patch", "hotfix", "driver", "rolling", "early", "release", "fix", "line", "urgent"},
			"list of edits": {"references", "images", "pre-modules", "modules", "version"},
			"phase":         {"rc", "bump", "fix", "freeze", "pin", "cut"}}}}
		for _, name := range []string{"version", "tag", "sha", "candidate", "branch", "milestone", "default_branch", "next_milestone", "since", "due", "previous", "next_version", "next_patch", "head", "charts", "base", "modules", "caa", "overlay", "image", "alpha", "alpha_sha", "kata", "kata_repo", "kata_module", "guest_components", "trustee", "operator", "date", "major", "minor", "patch", "repo", "from", "chart", "burned", "each"} {
			r.Scope.Names = append(r.Scope.Names, name)
		}
		if e := n.Field("edits"); e != nil {
			for _, l := range e.Fields {
				var edits []Edit
				r.Decode(l.Value, "edits."+l.Name, &edits)
			}
		}
		for _, p := range n.Field("phases").Items {
			if pin := p.Field("pin"); pin != nil {
				var pins map[string]Pin
				r.Decode(pin, "pin", &pins)
			}
			for _, list := range []struct {
				name string
				rows []Row
			}{{"require", Gates()}, {"do", Steps()}} {
				l := p.Field(list.name)
				if l == nil {
					continue
				}
				for _, item := range l.Items {
					Decode(r, item, p.Field("name").Text+"."+list.name, list.rows)
				}
			}
		}
		if len(r.Problems) > 0 {
			t.Errorf("%s:\n%v", filepath.Base(f), r.Problems)
		}
	}
}
