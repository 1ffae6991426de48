package conversation

import (
	"time"

	"github.com/slipway-dev/slipway/release"
)

// LifecycleTexts are the texts about what happens to tracking issues, repositories and the App, for docs/replies.md.
func LifecycleTexts() []release.Sample {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	missed := Happening{Count: 1, Since: noon, Until: noon}
	many := Happening{Count: 3, Since: noon, Until: noon.Add(time.Hour)}
	started := release.Started{Version: "0.21.0", Process: release.Process{Title: "Falco libs"}}
	samples := []release.Sample{
		{Name: "Repository: renamed",
			Text: renamed(Happening{From: "falcosecurity/libs", To: "falcosecurity/libraries"})},
		{Name: "Permissions: no step was waiting", Text: permitted(0)},
		{Name: "Permissions: one step is tried again", Text: permitted(1)},
		{Name: "Permissions: several are", Text: permitted(2)},
		{Name: "Events: one is lost", Text: lost(missed)},
		{Name: "Events: several are lost", Text: lost(many)},
		{Name: "Issue: locked", Text: locked("rita")},
		{Name: "Issue: unlocked", Text: unlocked("rita")},
		{Name: "Issue: closed", Text: closedNow("rita")},
		{Name: "Issue: closed while on hold", Text: closedAndHeld("rita")},
		{Name: "Issue: reopened", Text: reopened("rita")},
		{Name: "Issue: deleted", Text: issueDeleted()},
		{Name: "Issue: transferred, where it was", Text: issueMoved(&Happening{To: "falcosecurity/rules", Issue: 8})},
		{Name: "Issue: transferred, where it is",
			Text: movedHere(started, Place{Name: "falcosecurity/libs", Issue: 12})},
	}
	for _, why := range []string{AwayUninstalled, AwaySuspended, AwayRemoved, AwayDeleted} {
		text := returned(Happening{Why: why, Since: noon}, noon.Add(50*time.Hour))
		samples = append(samples, release.Sample{Name: "Repository: back, was " + why, Text: text})
	}
	return samples
}
