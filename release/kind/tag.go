package kind

import "github.com/slipway-dev/slipway/release/typed"

// Tag makes a tag at a commit and never moves one, or waits for one that the project's CI makes.
type Tag struct {
	Name    typed.Ref    `yaml:"name" must:"yes" about:"its name"`
	At      typed.Commit `yaml:"at" must:"unless by" not:"by" about:"the commit"`
	Message typed.Text   `yaml:"message" lines:"yes" only:"with at" about:"makes it an annotated tag"`
	By      typed.Text   `yaml:"by" about:"what makes it, where Slipway does not"`
	Within  typed.Span   `yaml:"within" default:"2h" unit:"h" only:"with by" about:"then people are asked"`
}

// TagFree is the gate: no other commit has the tag.
type TagFree struct {
	Name typed.Ref    `yaml:"name" must:"yes" about:"its name"`
	Is   string       `yaml:"is" enum:"free" default:"free" about:"free: no other commit has it"`
	At   typed.Commit `yaml:"at" must:"yes" about:"the commit"`
}

// Modules tags every Go module of the repository, each behind those that it needs, and sees each served by the proxy.
type Modules struct {
	Files   typed.Glob   `yaml:"files" must:"yes" about:"a pattern of go.mod files, such as src/*/go.mod"`
	Version typed.Ref    `yaml:"version" must:"yes" about:"the version; a tag is DIRECTORY/VERSION"`
	At      typed.Commit `yaml:"at" must:"yes" about:"the commit of all of them"`
	Again   typed.Phase  `yaml:"again" about:"the phase that takes the next number"`
}
