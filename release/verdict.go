package release

// Verdict is what a gate answers. A verdict that does not hold is half of a refusal, so every field is a
// sentence for a tired release manager.
type Verdict struct {
	// Gate is the name of the gate that was asked, Kind its kind.
	Gate string `json:"gate"`
	Kind string `json:"kind,omitempty"`
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
	// Final says that nobody can clear it: what it refuses can only fail.
	Final bool `json:"final,omitempty"`
	// Discounts are the approvals that do not count, and why.
	Discounts []Discount `json:"discounts,omitempty"`
}

// Discount is why the approval of somebody does not count.
type Discount struct {
	Person
	Why string `json:"why"`
}

// Hold is the verdict of a gate that holds.
func Hold(rule, saw string) Verdict { return Verdict{Holds: true, Rule: rule, Saw: saw} }

// Never is the verdict of a gate that does not hold, and that nobody can clear. nobody says why: "nobody, because a tag
// is never moved".
func Never(rule, saw, nobody, fix string) Verdict {
	v := Refuse(rule, saw, nobody, fix)
	v.Final = true
	return v
}

// Refuse is the verdict of a gate that does not hold.
func Refuse(rule, saw, who, fix string) Verdict {
	return Verdict{Rule: rule, Saw: saw, Who: who, Fix: fix}
}
