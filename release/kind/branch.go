package kind

import (
	"time"

	"github.com/slipway-dev/slipway/release/typed"
)

// Branch makes a branch at a commit, or protects one.
type Branch struct {
	Name      typed.Ref    `yaml:"name" must:"yes" about:"its name"`
	At        typed.Commit `yaml:"at" must:"unless protected=true" about:"where it begins; without it the branch is there"`
	Protected bool         `yaml:"protected" default:"false" about:"nobody deletes it or rewrites its history"`
}

// Lock freezes a branch with a ruleset of Slipway's own, or lifts that of this release.
type Lock struct {
	Branch typed.Ref  `yaml:"branch" default:"{default_branch}" about:"the branch"`
	Is     string     `yaml:"is" enum:"held lifted" default:"held" about:"whether it is locked then"`
	Allow  string     `yaml:"allow" enum:"exceptions nobody" default:"exceptions" about:"who gets through the lock"`
	For    typed.Span `yaml:"for" unit:"h" about:"how long it is held at most; must be given where it is held"`
	Then   string     `yaml:"then" enum:"open ask" default:"open" about:"what happens at that time"`
	Reason typed.Text `yaml:"reason" default:"release of {version}" about:"what people read who cannot merge"`
	By     string     `yaml:"by" enum:"slipway admin" default:"slipway" about:"who locks it"`
}

// held checks what the tags cannot say: each lock has an end.
func (l *Lock) held(r *typed.Reader, n *typed.Node, path string) {
	if l.Is == "held" && l.For == 0 {
		r.Wrong(n, path, "for is missing", "add `for: 5d`: how long the branch is locked at most")
	}
	if l.Is == "held" && l.Then == "ask" && l.For.Duration()%(24*time.Hour) != 0 {
		r.Wrong(n.At("for"), typed.Join(path, "for"), "people are asked after whole days, and "+l.For.String()+
			" is none", "write days, such as 5d")
	}
}

// Locked is the gate: the branch is locked by this release.
type Locked struct {
	Branch typed.Ref   `yaml:"branch" default:"{default_branch}" about:"the branch"`
	Is     string      `yaml:"is" enum:"held" default:"held" about:"held: it is locked"`
	Since  typed.Phase `yaml:"since" must:"yes" about:"the phase that locks it"`
}

// Days is how long it is held at most.
func (l Lock) Days() int { return int(l.For.Duration().Hours() / 24) }
