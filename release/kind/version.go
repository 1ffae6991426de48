package kind

import "github.com/slipway-dev/slipway/release/typed"

// Version is the gate: the version may follow the tags that exist. Nothing sets it aside.
type Version struct {
	Is      string       `yaml:"is" enum:"next" default:"next" about:"next: it follows by the rules of versions:"`
	Derived *Derived     `yaml:"derived" about:"it also follows from files and the code beside them"`
	At      typed.Commit `yaml:"at" must:"with derived" only:"with derived" about:"the commit"`
}

// Derived names what a version follows from.
type Derived struct {
	API    typed.Text `yaml:"api" must:"yes" about:"the file with the version of the API"`
	Schema typed.Text `yaml:"schema" must:"yes" about:"the file with the version of the schema"`
	Code   typed.Text `yaml:"code" must:"yes" about:"the directory of the code"`
}

// Candidate is the gate on release candidates.
type Candidate struct {
	Is    string       `yaml:"is" enum:"there new current" must:"yes" about:"new: something came since the last one"`
	At    typed.Commit `yaml:"at" about:"the head of the branch, for new and current"`
	Again typed.Phase  `yaml:"again" about:"the phase that makes one; without it rc"`
}

// Date is the gate on days.
type Date struct {
	_ struct{} `exactly:"before-due deadline-of after"`

	BeforeDue  typed.Span `yaml:"before-due" about:"at most so long before the due date"`
	Slack      typed.Span `yaml:"slack" default:"72h" only:"with before-due" about:"so much earlier is still in time"`
	DeadlineOf typed.Text `yaml:"deadline-of" about:"the deadline of cherry-picks for this version is past"`
	Schedule   typed.Text `yaml:"schedule" only:"with deadline-of" about:"the file with the schedule"`
	Repo       typed.Repo `yaml:"repo" only:"with deadline-of" about:"OWNER/NAME of the schedule"`
	After      *Soak      `yaml:"after" about:"so long after the last candidate"`
}

// Soak is how long a candidate has to be out.
type Soak struct {
	Candidate bool       `yaml:"candidate" default:"true" about:"the last candidate"`
	For       typed.Span `yaml:"for" must:"yes" about:"how long"`
}

// Days is how many days before the due date it begins.
func (d Date) Days() int { return int(d.BeforeDue.Duration().Hours() / 24) }
