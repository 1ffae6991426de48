package kind

import (
	"strings"

	"github.com/slipway-dev/slipway/release/typed"
)

// Team is the gate: enough people of a role are on the release team.
type Team struct {
	Role  typed.Role `yaml:"role" must:"yes" about:"the role"`
	Count int        `yaml:"count" range:"1..10" default:"1" about:"how many"`
}

// Approvals is the gate: enough people of a role approved the plan as it is now.
type Approvals struct {
	Role   typed.Role `yaml:"role" must:"yes" about:"the role"`
	Count  int        `yaml:"count" range:"1..10" default:"1" about:"how many"`
	OnTeam bool       `yaml:"on-team" default:"false" about:"they must be on the release team"`
	Self   bool       `yaml:"self" default:"false" about:"whoever gives the command counts too"`
}

// Manual is what people do and report. Nothing of it can be seen, so what they say counts.
type Manual struct {
	Text     typed.Text   `yaml:"text" must:"yes" lines:"yes" about:"what is to be done"`
	Items    []typed.Text `yaml:"items" about:"a list to go by"`
	Each     []typed.Word `yaml:"each" about:"one step for each word, which is its name in commands; {each} in text"`
	By       typed.Text   `yaml:"by" about:"who does it"`
	Mend     typed.Text   `yaml:"mend" about:"what to do when it does not go well"`
	Optional bool         `yaml:"optional" default:"false" about:"nothing waits for it"`
}

// Announce sends an announcement to channels of the server, once.
type Announce struct {
	To      []typed.Word `yaml:"to" must:"yes" about:"names of channels in the configuration of the server"`
	Subject typed.Text   `yaml:"subject" must:"yes" about:"one line"`
	Text    typed.Text   `yaml:"text" must:"yes" lines:"yes" about:"plain text"`
}

// held checks what the tags cannot say.
func (m *Manual) held(r *typed.Reader, n *typed.Node, path string) {
	if len(m.Each) > 0 && m.Text != "" && !strings.Contains(string(m.Text), "{each}") {
		r.Wrong(n.At("text"), typed.Join(path, "text"), "it has no place for the words of each",
			"write {each} where the word belongs")
	}
}
