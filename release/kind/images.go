package kind

import "github.com/slipway-dev/slipway/release/typed"

// Images waits until container images are in their registries.
type Images struct {
	List []typed.Text `yaml:"list" must:"yes" about:"REGISTRY/NAME:TAG"`
	By   typed.Text   `yaml:"by" about:"what pushes them"`
}

// ImagesThere is the gate: images are in their registries, or the images of Dockerfiles have versions.
type ImagesThere struct {
	_ struct{} `exactly:"list dockerfiles"`

	List        []typed.Text `yaml:"list" about:"REGISTRY/NAME:TAG"`
	Dockerfiles bool         `yaml:"dockerfiles" about:"true: every image that a Dockerfile begins with has a version"`
	At          typed.Commit `yaml:"at" must:"with dockerfiles" only:"with dockerfiles" about:"the commit"`
}

// Charts is the gate on Helm charts.
type Charts struct {
	_ struct{} `exactly:"image-tags unique-on"`

	Files      typed.Text            `yaml:"files" must:"yes" about:"a pattern, such as charts/*/Chart.yaml"`
	At         typed.Commit          `yaml:"at" must:"yes" about:"the commit"`
	ImageTags  typed.Regexp          `yaml:"image-tags" about:"what the tag of a released image looks like"`
	Components map[string]typed.Repo `yaml:"components" only:"with image-tags" about:"where an image is released"`
	Registry   bool                  `yaml:"registry" default:"true" only:"with image-tags" about:"registries are asked"`
	UniqueOn   typed.Text            `yaml:"unique-on" about:"branches that share the numbers, such as aether-*"`
}
