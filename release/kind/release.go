package kind

import "github.com/slipway-dev/slipway/release/typed"

// Release drafts a GitHub release with its notes and publishes it, or sees one that a workflow publishes.
type Release struct {
	Tag        typed.Ref    `yaml:"tag" must:"yes" about:"its tag"`
	At         typed.Commit `yaml:"at" must:"unless is=undrafted" not:"is=undrafted" about:"the commit of its tag"`
	Name       typed.Text   `yaml:"name" not:"by is=undrafted" about:"its title; without it the tag"`
	Prerelease bool         `yaml:"prerelease" default:"false" not:"by is=undrafted" about:"it is marked as a pre-release"`
	Latest     string       `yaml:"latest" enum:"auto always never" default:"auto" not:"prerelease=true" about:"newest"`
	Notes      Notes        `yaml:"notes" not:"by is=undrafted" about:"the notes that GitHub generates"`
	Body       typed.Text   `yaml:"body" lines:"yes" not:"by is=undrafted" about:"before the notes; {burned} without it"`
	Draft      bool         `yaml:"draft" default:"true" not:"by is=undrafted" about:"it is a draft first"`
	Assets     []typed.Text `yaml:"assets" only:"with by" about:"patterns of the files that it must have"`
	By         typed.Text   `yaml:"by" not:"is=undrafted" about:"what publishes it, where Slipway does not"`
	Is         string       `yaml:"is" enum:"published undrafted" default:"published" about:"undrafted: no draft is left"`
}

// Notes are the notes that GitHub generates.
type Notes struct {
	Generate bool       `yaml:"generate" default:"true" about:"false: none"`
	Since    typed.Text `yaml:"since" default:"{since}" not:"generate=false" about:"the tag that they start from"`
}

// Released is the gate: whether a release of a tag is there.
type Released struct {
	Tag  typed.Ref  `yaml:"tag" must:"yes" about:"its tag"`
	Is   string     `yaml:"is" enum:"absent unpublished published" must:"yes" about:"absent: not even as a draft"`
	Repo typed.Repo `yaml:"repo" only:"with is=published" about:"OWNER/NAME, where it is another repository"`
}

// Upstream waits for the release of another project.
type Upstream struct {
	Repo    typed.Repo `yaml:"repo" must:"yes" about:"OWNER/NAME"`
	Version typed.Ref  `yaml:"version" must:"yes" about:"its tag, or a commit"`
	By      typed.Text `yaml:"by" about:"who publishes it"`
}

// held checks what the tags cannot say.
func (r *Release) held(rd *typed.Reader, n *typed.Node, path string) {
	if n.Field("latest") != nil && (r.By != "" || r.Is == "undrafted") {
		rd.Wrong(n.At("latest"), typed.Join(path, "latest"), "it has no effect: Slipway does not publish this release",
			"leave it out")
	}
}
