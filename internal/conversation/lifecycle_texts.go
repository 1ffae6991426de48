package conversation

import (
	"fmt"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
)

// The texts about what happens to tracking issues, their repositories, and the App there.

// Why Slipway cannot write to a repository. They are stored with the repository.
const (
	AwayUninstalled = "uninstalled"
	AwaySuspended   = "suspended"
	AwayRemoved     = "removed"
	AwayDeleted     = "deleted"
)

func awayWords(why string) string {
	switch why {
	case AwayUninstalled:
		return "the App was uninstalled"
	case AwaySuspended:
		return "the App's installation was suspended"
	case AwayRemoved:
		return "the repository was removed from the App's installation"
	case AwayDeleted:
		return "the repository was deleted"
	}
	return "the App had no access"
}

func renamed(h Happening) string {
	return fmt.Sprintf("**This repository is now called `%s`.** It was `%s` before. The release continues "+
		"under the new name.\n\n"+
		"Files, workflows and settings that name `%s` may need to be changed by hand.", h.To, h.From, h.From)
}

func returned(h Happening, now time.Time) string {
	return fmt.Sprintf("**Slipway can write to this repository again.** From %s to %s (%s) it could not, because "+
		"%s.\n\n"+
		"Slipway has checked everything again, and the release continues where it was. "+
		"Commands from that time may have been missed: if yours has no reaction, comment it again.",
		moment(h.Since), moment(now), hours(now.Sub(h.Since)), awayWords(h.Why))
}

func permitted(retried int) string {
	text := "**The permissions of the App were changed.** "
	switch retried {
	case 0:
		return text + "No step of this release had stopped because of a missing permission."
	case 1:
		return text + "The step that had stopped because a permission was missing is tried again."
	}
	return text + fmt.Sprintf("The %d steps that had stopped because a permission was missing are tried again.",
		retried)
}

func lost(h Happening) string {
	when := "on " + moment(h.Since)
	if !h.Until.Equal(h.Since) {
		when = "between " + moment(h.Since) + " and " + moment(h.Until)
	}
	what, them := "one event", "it"
	if h.Count > 1 {
		what, them = fmt.Sprintf("%d events", h.Count), "them"
	}
	return fmt.Sprintf("**Slipway missed %s from this repository.** GitHub sent %s %s, Slipway did not receive %s, "+
		"and GitHub no longer has the content.\n\nIf a command from that time has no reaction, comment it again. "+
		"`/release status` says where the release stands.", what, them, when, them)
}

func locked(by string) string {
	return fmt.Sprintf("**%s locked this issue.** Only people with write access can comment now. The release "+
		"continues; "+
		"people without write access cannot use commands until the issue is unlocked.", markdown.Login(by))
}

func unlocked(by string) string {
	return fmt.Sprintf("**%s unlocked this issue.** Everyone can comment again.", markdown.Login(by))
}

// issueClosed is the reason of a hold. It is stored, and compared when the issue is reopened.
func issueClosed() string { return "the tracking issue was closed" }

func closedNow(by string) string {
	return fmt.Sprintf("**%s closed this issue while its release was running, so the release is on hold.** "+
		"No step begins until the hold ends.\n\n- **Next:** Reopen the issue to continue the release.\n"+
		"- To end the release, comment `/release abort \"REASON\"`.", markdown.Login(by))
}

func closedAndHeld(by string) string {
	return fmt.Sprintf("**%s closed this issue.** Its release was already on hold, and stays on hold.",
		markdown.Login(by))
}

func reopened(by string) string {
	return fmt.Sprintf("**%s reopened this issue, so the hold has ended.** The release continues.", markdown.Login(by))
}

func issueDeleted() string { return "the tracking issue was deleted" }

func issueMoved(h *Happening) string {
	return fmt.Sprintf("the tracking issue was transferred to %s#%d", h.To, h.Issue)
}

func movedHere(s release.Started, from Place) string {
	return fmt.Sprintf("**The release of %s %s was not transferred with its issue.** This issue was %s#%d, and a "+
		"release "+
		"belongs to its repository. Slipway aborted the release there, and rolls back what can be rolled back.\n\n"+
		"- **Next:** To release %s, open an issue in %s and comment `/release start %s`.\n"+
		"- Slipway's section in the description is no longer updated; remove it.",
		s.Process.Title, s.Version, from.Name, from.Issue, s.Version, from.Name, s.Version)
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
