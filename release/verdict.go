package release

// Verdict is what a gate answers. A verdict that does not hold is half of a refusal, so every field is a
// sentence for a tired release manager.
type Verdict struct {
	// Gate is the kind that was asked.
	Gate string `json:"gate"`
	// Holds says that nothing stands in the way.
	Holds bool `json:"holds"`
	// Warn marks a verdict that is shown but refuses nobody.
	Warn bool `json:"warn,omitempty"`
	// Rule names the rule in the words of the document: "at least two maintainers of the team approve".
	Rule string `json:"rule"`
	// Saw is the value that was seen: "1 approval, by @mara".
	Saw string `json:"saw"`
	// Who can clear it: logins, or a role.
	Who string `json:"who,omitempty"`
	// Fix is the exact command or deed that clears it, in Markdown.
	Fix string `json:"fix,omitempty"`
}

// Hold is the verdict of a gate that holds.
func Hold(rule, saw string) Verdict { return Verdict{Holds: true, Rule: rule, Saw: saw} }

// Refuse is the verdict of a gate that does not hold.
func Refuse(rule, saw, who, fix string) Verdict {
	return Verdict{Rule: rule, Saw: saw, Who: who, Fix: fix}
}
