package kind

import "github.com/slipway-dev/slipway/release/typed"

// Release drafts a GitHub release with its notes and publishes it, or sees one that a workflow publishes.
type Release struct {
	Tag        typed.Text   `yaml:"tag" must:"yes" about:"its tag"`
	At         typed.Commit `yaml:"at" about:"the commit that its tag must have"`
	Name       typed.Text   `yaml:"name" about:"its title; without it the tag"`
	Prerelease bool         `yaml:"prerelease" default:"false" about:"it is marked as a pre-release"`
	Latest     string       `yaml:"latest" enum:"auto always never" default:"auto" about:"auto: if it is the highest"`
	Notes      Notes        `yaml:"notes" about:"the notes that GitHub generates"`
	Body       typed.Text   `yaml:"body" about:"text before the notes; without it, which numbers before it failed"`
	Draft      bool         `yaml:"draft" default:"true" about:"it is a draft first"`
	Assets     []typed.Text `yaml:"assets" about:"patterns of the files that it must have"`
	By         typed.Text   `yaml:"by" about:"what publishes it, where Slipway does not"`
	Is         string       `yaml:"is" enum:"published undrafted" default:"published" about:"undrafted: no draft is left"`
}

// Notes are the notes that GitHub generates.
type Notes struct {
	Generate bool       `yaml:"generate" default:"true" about:"false: none"`
	Since    typed.Text `yaml:"since" default:"{since}" about:"the tag that they start from"`
}

// Released is the gate: whether a release of a tag is there.
type Released struct {
	Tag  typed.Text `yaml:"tag" must:"yes" about:"its tag"`
	Is   string     `yaml:"is" enum:"absent unpublished published" must:"yes" about:"absent: not even as a draft"`
	Repo typed.Repo `yaml:"repo" about:"OWNER/NAME, where it is another repository"`
}

// Upstream waits for the release of another project.
type Upstream struct {
	Repo    typed.Repo `yaml:"repo" must:"yes" about:"OWNER/NAME"`
	Version typed.Text `yaml:"version" must:"yes" about:"its tag, or a commit"`
	By      typed.Text `yaml:"by" about:"who publishes it"`
}
