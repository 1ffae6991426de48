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
	API    typed.Path `yaml:"api" must:"yes" about:"the file with the version of the API"`
	Schema typed.Path `yaml:"schema" must:"yes" about:"the file with the version of the schema"`
	Code   typed.Path `yaml:"code" must:"yes" about:"the directory of the code"`
}

// Candidate is the gate on release candidates.
type Candidate struct {
	Is    string       `yaml:"is" enum:"there new current" must:"yes" about:"new: something came since the last one"`
	At    typed.Commit `yaml:"at" must:"with is=new is=current" not:"is=there" about:"the head of the branch"`
	Again typed.Phase  `yaml:"again" not:"is=new" about:"the phase that makes one; without it rc"`
}

// Date is the gate on days.
type Date struct {
	_ struct{} `exactly:"before-due deadline-of"`

	BeforeDue  typed.Span `yaml:"before-due" unit:"d" about:"at most so long before the due date"`
	DeadlineOf typed.Text `yaml:"deadline-of" about:"the deadline of cherry-picks for this version is past"`
	Schedule   typed.Path `yaml:"schedule" only:"with deadline-of" about:"the file with the schedule"`
	Repo       typed.Repo `yaml:"repo" only:"with schedule" about:"OWNER/NAME of the schedule"`
}

// Days is how many days before the due date it begins.
func (d Date) Days() int { return int(d.BeforeDue.Duration().Hours() / 24) }
