package process

import (
	"maps"
	"slices"

	"github.com/slipway-dev/slipway/release"
)

// Scheme is the versioning rule of a project by the name of its process: what `bot next` answers from. Projects
// have one here before their whole process is built in.
func Scheme(name string) (release.Scheme, bool) {
	if p, err := Builtin(name); err == nil {
		return p.Versions, true
	}
	s, ok := schemes()[name]
	return s, ok
}

// SchemeNames lists the names that Scheme knows, sorted.
func SchemeNames() []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(Names(), slices.Collect(maps.Keys(schemes()))))))
}

func schemes() map[string]release.Scheme {
	return map[string]release.Scheme{
		// v0.9.0-alpha1 was released once. A bare number is what people call the version that is on its way.
		"coco-peerpods": {
			Document: "cloud-api-adaptor Release-Process.md", Prefix: "v", Candidates: "alpha.{n}",
			Kinds: []string{"major", "minor", "patch", "alpha", "final"}, Branches: true, Skips: true,
			Legacy: []release.Legacy{
				{Like: "v{core}-alpha{n}", As: "v{core}-alpha.{n}"}, {Like: "{core}"},
				{Like: "{core}-alpha{n}", As: "{core}-alpha.{n}"}, {Like: "{core}-alpha.{n}"},
			},
		},
	}
}
