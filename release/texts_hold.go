package release

import "github.com/slipway-dev/slipway/release/markdown"

// held refuses what a hold stops. retype is the command to give again afterwards.
func held(h Held, retype string) *Refusal {
	return &Refusal{
		Why: "the release was put on hold by " + markdown.Login(h.By), Saw: reasonGiven(h.Reason),
		Fix: "comment `/release resume`, then `" + retype + "` again",
	}
}

// notHeld refuses resume where nothing is on hold.
func notHeld() *Refusal { return &Refusal{Why: "the release is not on hold", Fix: seeNext()} }

// heldText says in a clause that the release is on hold.
func heldText(h Held) string {
	return "on hold, by " + markdown.Login(h.By) + ": " + markdown.Code(h.Reason)
}

// reasonGiven is what somebody gave as a reason, as what was seen.
func reasonGiven(reason string) string { return "the reason given is " + markdown.Code(reason) }
