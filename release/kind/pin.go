package kind

import "github.com/slipway-dev/slipway/release/typed"

// Pin is a value that is looked up once, when a phase is entered, and then stays.
type Pin struct {
	_ struct{} `exactly:"head-of commit-of candidate release-date of"`

	HeadOf      typed.Text `yaml:"head-of" about:"the head of a branch"`
	CommitOf    typed.Text `yaml:"commit-of" about:"the commit of a tag"`
	Candidate   string     `yaml:"candidate" enum:"next last" about:"the next candidate, or the last"`
	ReleaseDate typed.Text `yaml:"release-date" about:"the day on which the release of a tag was published"`

	Of   typed.Text `yaml:"of" about:"a branch, tag or commit: its commit, or a value in a file of it"`
	Repo typed.Repo `yaml:"repo" only:"with of" about:"OWNER/NAME, where it is another repository"`
	File typed.Text `yaml:"file" only:"with of" about:"the file"`
	YAML typed.Text `yaml:"yaml" only:"with file" about:"the path of the value in it"`
	As   string     `yaml:"as" enum:"pseudo-version" only:"with of" about:"the version that Go gives to the commit"`
}
