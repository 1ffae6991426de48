package kind

import "github.com/slipway-dev/slipway/release/typed"

// Files is the gate on values in files.
type Files struct {
	_ struct{} `exactly:"say below only lines-of"`

	At    typed.Ref `yaml:"at" must:"yes" about:"the commit or branch"`
	Say   []Edit    `yaml:"say" about:"the files say these values"`
	Below []Edit    `yaml:"below" about:"the versions in the files are lower than these"`
	Only  []Edit    `yaml:"only" about:"no file of among but these has the value of have"`

	Repo  typed.Repo  `yaml:"repo" only:"with say" about:"OWNER/NAME, where it is another repository"`
	Tag   typed.Ref   `yaml:"tag" not:"again repo" only:"with say" about:"the tag of the commit, for the answer"`
	Again typed.Phase `yaml:"again" only:"with say" about:"the phase that proposes the values"`

	Among typed.Glob `yaml:"among" must:"with only" only:"with only" about:"a pattern of files"`
	YAML  typed.Text `yaml:"yaml" must:"with only" only:"with only" about:"the path of the value"`
	Have  typed.Text `yaml:"have" must:"with only" only:"with only" about:"the value"`

	LinesOf  []typed.Path `yaml:"lines-of" about:"files whose first line is a version"`
	NotBelow typed.Text   `yaml:"not-below" must:"with lines-of" only:"with lines-of" about:"how their tags end"`
}
