package kind

import "github.com/slipway-dev/slipway/release/typed"

// Pin is a value that is looked up once, when a phase is entered, and then stays.
type Pin struct {
	_ struct{} `exactly:"head-of commit-of candidate release-date of"`

	HeadOf      typed.Ref `yaml:"head-of" about:"the head of a branch"`
	CommitOf    typed.Ref `yaml:"commit-of" about:"the commit of a tag"`
	Candidate   string    `yaml:"candidate" enum:"next last" about:"the next candidate, or the last"`
	ReleaseDate typed.Ref `yaml:"release-date" about:"the day on which the release of a tag was published"`

	Of   typed.Ref  `yaml:"of" about:"a branch, tag or commit: its commit, or a value in a file of it"`
	Repo typed.Repo `yaml:"repo" only:"with of" about:"OWNER/NAME, where it is another repository"`
	File typed.Path `yaml:"file" only:"with of" about:"the file"`
	YAML typed.Path `yaml:"yaml" only:"with file" about:"the path of the value in it"`
	As   string     `yaml:"as" enum:"pseudo-version" only:"with of" not:"file" about:"Go's version of the commit"`
}

// Words is the look-up in words, as internal/engine reads it.
func (p Pin) Words() string {
	switch {
	case p.HeadOf != "":
		return "branch-head " + string(p.HeadOf)
	case p.CommitOf != "":
		return "tag-commit " + string(p.CommitOf)
	case p.ReleaseDate != "":
		return "release-date " + string(p.ReleaseDate)
	case p.Candidate == "last":
		return "last-candidate"
	case p.Candidate == "next":
		return "candidate"
	}
	repo := string(p.Repo)
	if repo == "" {
		repo = "{repo}"
	}
	switch {
	case p.As != "":
		return "pseudo-version " + repo + " " + string(p.Of)
	case p.File != "":
		what := "line"
		if p.YAML != "" {
			what = "yaml:" + string(p.YAML)
		}
		return "file-value " + repo + " " + string(p.Of) + " " + string(p.File) + " " + what
	}
	return "commit " + repo + " " + string(p.Of)
}
