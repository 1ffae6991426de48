package kind

import "github.com/slipway-dev/slipway/release/typed"

// Workflow starts a workflow of GitHub Actions, or finds the run that a push started, and waits for its end.
type Workflow struct {
	File   typed.Workflow `yaml:"file" must:"yes" about:"the name of its file"`
	At     typed.Commit   `yaml:"at" must:"yes" about:"the commit; a run that succeeded for it counts, whoever started it"`
	Ref    typed.Ref      `yaml:"ref" must:"yes" about:"the branch or tag"`
	Start  bool           `yaml:"start" default:"false" about:"Slipway starts it; false: a push did"`
	Drafts typed.Ref      `yaml:"drafts" only:"with start=true" about:"the tag that it drafts and publishes"`
	Mend   typed.Phase    `yaml:"mend" about:"the phase that fixes what it found"`
	Retry  *Retry         `yaml:"retry" only:"with start=true" about:"jobs that fail for passing reasons"`
}

// Retry says which jobs are run again, and how often.
type Retry struct {
	Times int          `yaml:"times" range:"1..5" default:"2" about:"how often"`
	Jobs  []typed.Text `yaml:"jobs" must:"yes" about:"patterns of their names"`
}

// Ran is the gate on the newest run of a workflow.
type Ran struct {
	File typed.Workflow `yaml:"file" must:"yes" about:"the name of its file"`
	At   typed.Commit   `yaml:"at" must:"yes" about:"the commit"`
	Is   string         `yaml:"is" enum:"green over" must:"yes" about:"green: it succeeded; over: none is in progress"`
}

// Checks is the gate: the check runs and statuses of a commit succeeded.
type Checks struct {
	At       typed.Commit `yaml:"at" must:"yes" about:"the commit"`
	Required []typed.Text `yaml:"required" about:"the names that count and must be there"`
	Ignore   []typed.Text `yaml:"ignore" about:"names that do not count"`
}
