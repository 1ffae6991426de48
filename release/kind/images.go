package kind

import (
	"regexp"
	"strconv"

	"github.com/slipway-dev/slipway/release/typed"
)

// Images waits until container images are in their registries.
type Images struct {
	List []typed.Text `yaml:"list" must:"yes" about:"REGISTRY/NAME:TAG"`
	By   typed.Text   `yaml:"by" about:"what pushes them"`
}

// ImagesThere is the gate: images are in their registries, or the images of Dockerfiles have versions.
type ImagesThere struct {
	_ struct{} `exactly:"list dockerfiles"`

	List        []typed.Text `yaml:"list" about:"REGISTRY/NAME:TAG"`
	Dockerfiles bool         `yaml:"dockerfiles" value:"true" about:"true: what Dockerfiles begin with has a version"`
	At          typed.Commit `yaml:"at" must:"with dockerfiles" only:"with dockerfiles" about:"the commit"`
}

// Charts is the gate on Helm charts.
type Charts struct {
	_ struct{} `exactly:"image-tags unique-on"`

	Files      typed.Glob            `yaml:"files" must:"yes" about:"a pattern, such as charts/*/Chart.yaml"`
	At         typed.Commit          `yaml:"at" must:"yes" about:"the commit"`
	ImageTags  typed.Regexp          `yaml:"image-tags" about:"what the tag of a released image looks like"`
	Components map[string]typed.Repo `yaml:"components" only:"with image-tags" about:"where an image is released"`
	Registry   bool                  `yaml:"registry" default:"true" only:"with image-tags" about:"registries are asked"`
	UniqueOn   Branches              `yaml:"unique-on" about:"branches that share the numbers, such as aether-*"`
}

// Branches is how names begin, and a star: release-*.
type Branches string

var branches = regexp.MustCompile(`^[^\s~^:?*\[\\]+\*$`)

// Wrong implements typed.Value.
func (Branches) Wrong(text string, _ typed.Scope) (why, fix string) {
	if branches.MatchString(text) {
		return "", ""
	}
	return strconv.Quote(text) + " is no family of branches", "write how their names begin, and a star: release-*"
}

// Schema implements typed.Schemer.
func (Branches) Schema(bool) map[string]any {
	return map[string]any{"type": "string", "pattern": branches.String()}
}
