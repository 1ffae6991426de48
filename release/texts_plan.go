package release

import (
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// noPhaseLeft refuses to plan or to approve where the release is finished.
func noPhaseLeft(deed, version string, open []string) *Refusal {
	return &Refusal{Why: "there is no phase left to " + deed, Fix: nothingLeft(version, open)}
}

// needsNoApproval refuses to approve where no phase ahead has a gate for it. next is what to type.
func needsNoApproval(phase, next string) *Refusal {
	return &Refusal{
		Why: "neither `" + phase + "` nor a later phase needs an approval", Fix: next,
		Rule: "a phase needs approvals where the process has the gate `approvals`",
	}
}

// nothingToApprove refuses to approve a plan of which everything is done. next is what to type.
func nothingToApprove(phase, next string) *Refusal {
	return &Refusal{
		Why:  "the plan of `" + phase + "` is empty: everything in this phase is already done",
		Rule: "an approval allows changes, so a plan without any is not approved",
		Fix:  next,
	}
}

// onlyFails refuses to approve what cannot be completed as it stands.
func onlyFails(phase string, stops []Obstacle, gates []Verdict) *Refusal {
	f := &Refusal{
		Why:   "the plan of `" + phase + "` cannot be completed as it stands",
		Rule:  "a plan is approved only while nothing is known that stops it",
		Gates: gates,
	}
	for _, s := range stops {
		f.Saw += " " + obstacleText(s)
	}
	if len(stops) > 0 {
		f.Fix = stops[0].Fix
	} else {
		f.Fix = gates[0].Fix
	}
	return f
}

// resolveBeforeApproval is the next step for approvals of a plan that cannot be approved as it is.
func resolveBeforeApproval(stops []Obstacle) string {
	fix := "a plan that cannot be completed cannot be approved"
	for _, s := range stops {
		fix += ". " + obstacleText(s) + " " + Sentence(s.Fix)
	}
	return fix
}

func obstacleText(s Obstacle) string { return "\"" + s.Step + "\" would stop: " + Sentence(s.Why) }

// hashTooShort refuses to approve a plan by too few digits of its hash.
func hashTooShort(typed, phase, hash string) *Refusal {
	f := staleHash(typed, phase, hash)
	f.Why = fmt.Sprintf("%s is too short: at least %d digits of the hash are needed", markdown.Code(typed),
		shortestHash)
	f.Rule = "an approval is for one plan; fewer digits could be those of another one"
	return f
}

// staleHash refuses to approve a plan by a hash that is not its own.
func staleHash(typed, phase, hash string) *Refusal {
	return &Refusal{
		Why:  markdown.Code(typed) + " is not the hash of the current plan of `" + phase + "` on this issue",
		Rule: "an approval is for one plan; a plan that changes has another hash",
		Saw:  "the current hash is `" + hash + "`",
		Fix:  "read the plan with `/release plan " + phase + "`, then comment `/release approve " + hash + "`",
	}
}

// unseenPlan refuses to approve a plan that nobody could read, without its hash.
func unseenPlan(phase, hash string) *Refusal {
	return &Refusal{
		Why:  "the plan of `" + phase + "` as it is now was not shown on this issue",
		Rule: "an approval without a hash is for a plan that was shown; a plan that changes is another one",
		Saw:  "the current hash is `" + hash + "`",
		Fix:  "read the plan with `/release plan " + phase + "`, then comment `/release approve " + hash + "`",
	}
}

// approvedText answers approve: what was signed, whether it counts, who has signed and who can, and what is in the way
// besides. others says that whoever gives the command must be somebody else.
func approvedText(by Source, phase string, p Plan, gates, failed []Verdict, others bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s approved the plan `%s` of `%s`", markdown.Login(by.By), ShortHash(p.Hash), phase)
	if len(p.Writes) == 0 {
		b.WriteString(", which makes no changes on GitHub itself.\n")
	} else {
		b.WriteString(":\n\n")
		numbered(&b, p.Writes)
	}
	b.WriteString("\n")
	counts := true
	for _, v := range gates {
		if v.Kind != "approvals" {
			continue
		}
		for _, d := range v.Discounts {
			if d.Is(by.Person()) {
				counts = false
				fmt.Fprintf(&b, "- **This approval does not count:** %s\n", Sentence(d.Why))
			}
		}
		fmt.Fprintf(&b, "- **Approvals:** %s\n", Sentence(v.Saw))
		if !v.Holds {
			fmt.Fprintf(&b, "- **Who can approve:** %s\n", capitalized(v.Who))
		}
	}
	for _, v := range failed {
		if v.Kind != "approvals" {
			fmt.Fprintf(&b, "- %s\n", gateText(v))
		}
	}
	b.WriteString("\nThe approval expires when the plan changes.")
	if others && counts {
		fmt.Fprintf(&b, " It counts only if somebody other than %s comments `/release %s`.",
			markdown.Login(by.By), phase)
	}
	return b.String()
}

// gateText is a gate that is not met, in a line of a list.
func gateText(v Verdict) string {
	line := "**" + v.Gate + "** is not met: " + Sentence(v.Saw)
	switch {
	case v.Kind == "approvals" && v.Who != "": // how it is approved follows the changes
		line += " Who can approve: " + v.Who + "."
	case v.Fix != "":
		line += " " + Sentence(v.Fix)
	}
	return line
}

func numbered(b *strings.Builder, writes []string) {
	for i, w := range writes {
		fmt.Fprintf(b, "%d. %s\n", i+1, capitalized(w))
	}
}

// Prospect is whether a plan can be carried out and approved now.
type Prospect struct {
	// Approvable says that the phase is the next one that wants approvals, and Ready that its turn has come.
	Approvable, Ready bool
	// Failed are the gates that are not met.
	Failed []Verdict
}

// planText answers plan: first what is in the way, then the changes, how it is approved and carried out, and all that
// an approval signs.
func planText(release string, phase Phase, p Plan, now Prospect) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Plan of `%s`** for %s\n\n", phase.Name, release)
	lead := "It makes these changes, in this order:\n\n"
	if len(p.Stops) > 0 {
		b.WriteString("It cannot be completed as it stands:\n\n")
		for _, s := range p.Stops {
			fmt.Fprintf(&b, "- %s", obstacleText(s))
			if s.Fix != "" {
				b.WriteString(" " + Sentence(s.Fix))
			}
			b.WriteString("\n")
		}
		b.WriteString("\n")
		lead = "Besides, it makes these changes, in this order:\n\n"
	}
	final := false
	if len(now.Failed) > 0 {
		fmt.Fprintf(&b, "It is blocked by %s:\n\n", Count(len(now.Failed), "gate"))
		for _, v := range now.Failed {
			final = final || v.Final
			b.WriteString("- " + gateText(v) + "\n")
		}
		b.WriteString("\n")
	}
	switch {
	case len(p.Writes) > 0:
		b.WriteString(lead)
		numbered(&b, p.Writes)
	case p.Done:
		b.WriteString("It makes no changes: everything in this phase is already done.\n")
	default:
		b.WriteString("It makes no changes on GitHub itself.\n")
	}
	fmt.Fprintf(&b, "\nThe hash of this plan is `%s`.", ShortHash(p.Hash))
	switch {
	case !now.Approvable || p.Done:
	case len(p.Stops) > 0 || final:
		b.WriteString(" A plan that cannot be completed cannot be approved.")
	default:
		fmt.Fprintf(&b, " To approve it, comment `/release approve %s`.", ShortHash(p.Hash))
	}
	if now.Ready && len(p.Stops)+len(now.Failed) == 0 {
		fmt.Fprintf(&b, " To carry it out, comment `/release %s`.", phase.Name)
	}
	return b.String() + needsText(p.Needs) + manifestText(p)
}

// needsText lists which permissions of the App each step uses, and what an abort does with it.
func needsText(needs []StepNeeds) string {
	if len(needs) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n\n<details><summary>Permissions of the App that its steps use, and what an abort does</summary>\n\n" +
		"| Step | Permissions | On abort |\n|---|---|---|\n")
	for _, n := range needs {
		permissions := "none"
		if len(n.Permissions) > 0 {
			permissions = strings.Join(n.Permissions, ", ")
		}
		abort := "it is rolled back"
		if n.Stays != "" {
			abort = n.Stays
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", markdown.Code(n.Step), permissions, markdown.Cell(abort))
	}
	return b.String() + "\n</details>"
}

// longestManifest is how many characters of a manifest are shown. A comment has room for 65,536, and has to hold the
// copy of the log besides.
const longestManifest = 24000

// manifestText shows all that an approval signs, so that a signer can check it. Canonical JSON is one line of ASCII
// without < and >, so it cannot end the block that it is in.
func manifestText(p Plan) string {
	if len(p.Manifest) == 0 {
		return ""
	}
	shown := "The SHA-256 of this line is `" + p.Hash + "`.\n\n```json\n" + string(p.Manifest) + "\n```"
	if len(p.Manifest) > longestManifest {
		shown = fmt.Sprintf("Its SHA-256 is `%s`. It has %d characters, too many to be shown here.", p.Hash,
			len(p.Manifest))
	}
	return "\n\n<details><summary>All values that an approval signs</summary>\n\n" + shown + "\n\n</details>"
}
