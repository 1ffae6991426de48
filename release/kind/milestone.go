package kind

import (
	"strconv"
	"time"

	"github.com/slipway-dev/slipway/release/typed"
)

// Milestone makes, renames, empties or closes a milestone.
type Milestone struct {
	Title       typed.Text `yaml:"title" must:"yes" about:"its title"`
	Is          string     `yaml:"is" enum:"open closed" default:"open" about:"what it is then"`
	Was         typed.Text `yaml:"was" about:"its title until now"`
	Due         typed.Text `yaml:"due" not:"is=closed was rest" about:"YYYY-MM-DD"`
	Description typed.Text `yaml:"description" lines:"yes" not:"is=closed was rest" about:"its description"`
	Rest        *Rest      `yaml:"rest" about:"where what is not finished goes"`
}

// Rest says where the rest of a milestone goes.
type Rest struct {
	To   typed.Text `yaml:"to" must:"yes" about:"the milestone, which is made where it is missing"`
	What string     `yaml:"what" enum:"pulls issues all" default:"pulls" about:"what moves"`
	Keep []int      `yaml:"keep" range:"1..10000000" about:"numbers that stay"`
}

// Milestoned is the gate: there is a milestone of that title.
type Milestoned struct {
	Title typed.Text `yaml:"title" must:"yes" about:"its title"`
	Is    string     `yaml:"is" enum:"there" default:"there" about:"there: it exists"`
}

// Issues is the gate on open issues.
type Issues struct {
	_ struct{} `exactly:"milestone blocking"`

	Milestone typed.Text `yaml:"milestone" about:"nothing is open in this milestone"`
	Label     typed.Text `yaml:"label" only:"with milestone" about:"only what has this label"`
	What      string     `yaml:"what" enum:"issues pulls all" default:"issues" not:"blocking label" about:"what counts"`
	Blocking  typed.Text `yaml:"blocking" about:"no open issue of a priority that blocks affects this version"`
}

// held checks what the tags cannot say.
func (m *Milestone) held(r *typed.Reader, n *typed.Node, path string) {
	due := r.Scope.Sample(string(m.Due))
	if _, err := time.Parse(time.DateOnly, due); due != "" && due == string(m.Due) && err != nil {
		r.Wrong(n.At("due"), typed.Join(path, "due"), strconv.Quote(due)+" is no date", `write "{due}", or YYYY-MM-DD`)
	}
}
