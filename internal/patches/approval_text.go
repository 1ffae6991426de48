package patches

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// picked is the line by which the Kubernetes pick script, and Slipway, say what a pull request picks.
var picked = regexp.MustCompile(`(?i)cherry[- ]pick of #(\d+)`)

// approvalText says on the pull request itself where it goes, until when, and who lets it in.
func approvalText(
	p rules.Policy, repo string, pull step.Pull, version string, d rules.Dates, by string, approved bool,
) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**This pull request goes into `%s`, for %s.**", pull.Base, version)
	if !d.Deadline.IsZero() {
		fmt.Fprintf(&b, " The cherry-pick deadline is %s (%s).", d.Deadline.Format(time.DateOnly), d.Source)
	}
	b.WriteString("\n\n")
	who := capital(those(p.Picks.Approvers, repo))
	switch {
	case approved:
		fmt.Fprintf(&b, "Approved by %s.", markdown.Login(by))
	case by != "":
		fmt.Fprintf(&b, "**Not approved:** %s cannot approve, so the label `%s` was removed.\n\n"+
			"- **Who can approve it:** %s\n- **Next:** Ask one of them to add the label.",
			markdown.Login(by), p.Picks.Approved, who)
	default:
		fmt.Fprintf(&b, "It is waiting for approval.\n\n"+
			"- **Who can approve it:** %s\n- **Next:** One of them adds the label `%s`.", who, p.Picks.Approved)
	}
	if !picked.MatchString(pull.Body) && !approved {
		fmt.Fprintf(&b, "\n\nThe description does not say which pull request it cherry-picks. A fix goes to the main "+
			"branch first: "+
			"write `Cherry pick of #N on %s.`, or explain why there is none.", pull.Base)
	}
	return b.String()
}

func approvalSamples(approvers rules.Trusted, deadline time.Time) []release.Sample {
	p := rules.Policy{Picks: rules.Picks{Approved: "cherry-pick-approved", Approvers: approvers}}
	pull := step.Pull{Base: "release-1.31", Body: "Cherry pick of #3 on release-1.31."}
	d := rules.Dates{Deadline: deadline, Source: "the schedule"}
	text := func(pull step.Pull, by string, approved bool) string {
		return approvalText(p, "kubernetes/kubernetes", pull, "v1.31.1", d, by, approved)
	}
	return []release.Sample{
		{Name: "Approval: a pick that waits for its approval", Text: text(step.Pull{Base: "release-1.31"}, "", false)},
		{Name: "Approval: a pick that somebody approved who may not", Text: text(pull, "sam", false)},
		{Name: "Approval: a pick that is approved", Text: text(pull, "petra", true)},
	}
}
