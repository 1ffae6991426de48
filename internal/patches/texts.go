package patches

import (
	"fmt"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/markdown"
	rules "github.com/slipway-dev/slipway/release/patches"
)

// The texts of comments and check runs, each in one place; those of refusals are in refusals.go. docs/replies.md shows
// them all. What reports and tables say is in the policy's package.

// mostListed is how many names a reply lists.
const mostListed = 20

// listed are names that people gave, in a sentence.
func listed(names []string) string {
	var out []string
	for _, name := range names[:min(len(names), mostListed)] {
		out = append(out, markdown.Text(name))
	}
	text := strings.Join(out, ", ")
	if more := len(names) - mostListed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func fixUnknown() string { return "No published version is known to have the fix." }

func milestoneGone(title string) string {
	return "## Milestone " + markdown.Text(title) + "\n\nThis milestone no longer exists."
}

// milestoneDue reminds of the day on which a milestone is due.
func milestoneDue(p rules.Policy, title string, due time.Time, days int, items []rules.Issue) string {
	when := fmt.Sprintf("due in %d days, on %s", days, due.UTC().Format(time.DateOnly))
	if days == 0 {
		when = "due today"
	}
	open := 0
	for _, is := range items {
		if is.State == "open" {
			open++
		}
	}
	text := fmt.Sprintf("**Milestone %s is %s.** Open: %d of %d.", markdown.Text(title), when, open, len(items))
	for _, is := range p.Blocking(items) {
		text += "\n- Blocks the release: " + is.Line()
	}
	return text
}

// What the table says of a pick.
const (
	stateClosed        = "closed without a merge"
	stateApplies       = "waiting for the merge; applies"
	stateWouldConflict = "waiting for the merge; **conflicts**"
	stateThere         = "already on the branch"
	stateMerged        = "merged, not in a version yet"
	stateOpen          = "waiting to be merged"
	stateHeld          = "waiting for approval"
	stateAbandoned     = "closed without a merge; reopen it, or cherry-pick by hand"
)

func stateConflicts(why string) string { return "**conflicts**: " + why }

func stateIn(tag string) string { return "in " + tag }

// trialApplies and trialConflicts are the title and summary of the check run of a trial.
func trialApplies(branch string) (title, summary string) {
	return "It applies to " + markdown.Title(branch), "A cherry-pick into " + markdown.Text(branch) + " has no conflict."
}

func trialConflicts(branch, lines string) (title, summary string) {
	return "It conflicts with " + markdown.Title(branch), "Once this is merged, cherry-pick it by hand:\n\n" +
		markdown.Block("sh", lines)
}

// pickTitle and pickBody are those of the pull request of a pick, as the Kubernetes pick script has them.
func pickTitle(pull int, title string) string {
	return fmt.Sprintf("Automated cherry pick of #%d: %s", pull, markdown.Title(title))
}

func pickBody(pull int, title, branch string) string {
	return fmt.Sprintf("Cherry pick of #%d on %s.\n\n#%d: %s\n\n"+
		"The author of each commit is kept, and its origin is in its last line (`git cherry-pick -x`).", pull,
		markdown.Text(branch),
		pull, markdown.Text(title))
}

// those are the people of a policy, in words.
func those(t rules.Trusted, repo string) string {
	text := "people with the `" + t.Permission + "` permission on " + repo
	switch len(t.Teams) {
	case 0:
		return text
	case 1:
		return text + ", and the team " + t.Teams[0]
	}
	return text + ", and the teams " + strings.Join(t.Teams, ", ")
}
