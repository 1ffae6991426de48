package release

import (
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// noPhaseLeft refuses to plan or to approve where the release is finished.
func noPhaseLeft(deed, version string) *Refusal {
	return &Refusal{Why: "there is no phase left to " + deed, Fix: nothingLeft(version)}
}

// staleHash refuses to approve a plan by a hash that is not its own.
func staleHash(typed, phase, hash string) *Refusal {
	return &Refusal{
		Why:  markdown.Code(typed) + " is not the hash of the current plan of `" + phase + "`",
		Rule: "an approval is for one plan; a plan that changes has another hash",
		Saw:  "the current hash is `" + hash + "`",
		Fix:  "read the plan with `/release plan " + phase + "`, then comment `/release approve " + hash + "`",
	}
}

// approvedText answers approve.
func approvedText(by, phase, hash string, writes []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s approved the plan `%s` of `%s`", markdown.Login(by), hash, phase)
	if len(writes) == 0 {
		b.WriteString(", which makes no changes on GitHub.")
	} else {
		b.WriteString(":\n\n")
	}
	numbered(&b, writes)
	b.WriteString("\nThe approval expires when the plan changes.")
	return b.String()
}

func numbered(b *strings.Builder, writes []string) {
	for i, w := range writes {
		fmt.Fprintf(b, "%d. %s\n", i+1, capitalized(w))
	}
	if len(writes) == 0 {
		b.WriteString("\n")
	}
}

// planText answers plan. approvable says that the phase wants approvals.
func planText(release, phase string, p Plan, approvable bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Plan of `%s`** for %s\n\n", phase, release)
	lead := "It makes these changes, in this order:\n\n"
	if p.Stop != "" {
		fmt.Fprintf(&b, "It would stop at its first step. %s\n", Sentence(p.Stop))
		if p.Fix != "" {
			fmt.Fprintf(&b, "\n- **Next:** %s\n", Sentence(p.Fix))
		}
		b.WriteString("\n")
		lead = "After that, it makes these changes, in this order:\n\n"
	}
	if len(p.Writes) == 0 {
		lead = "It makes no changes on GitHub: everything that Slipway does in this phase is already done.\n"
	}
	b.WriteString(lead)
	for i, w := range p.Writes {
		fmt.Fprintf(&b, "%d. %s\n", i+1, capitalized(w))
	}
	fmt.Fprintf(&b, "\nThe hash of this plan is `%s`.", shortHash(p.Hash))
	if approvable {
		fmt.Fprintf(&b, " To approve it, comment `/release approve %s`.", shortHash(p.Hash))
	}
	fmt.Fprintf(&b, " To carry it out, comment `/release %s`.", phase)
	return b.String()
}
