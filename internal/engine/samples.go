package engine

import (
	"errors"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// Texts are the texts of this package, for docs/replies.md.
func Texts() []release.Sample {
	tag := release.StepState{}
	tag.ID = "tag"
	failed := github.Failure{
		What: "create the tag 0.21.0 in falcosecurity/libs", Why: "a ruleset forbids it",
		Fix: "allow Slipway to bypass the ruleset",
	}
	stopped := func(o step.Outcome) string {
		return "**Stopped.** " + release.Sentence(o.Why) + " " + release.Sentence(o.Fix)
	}
	return []release.Sample{
		{Name: "Steps: a change that is not there", Text: stopped(unseen(tag))},
		{Name: "Steps: a change that GitHub refuses",
			Text: stopped(refusedWrite(errors.New("validation failed"), tag))},
		{Name: "Steps: how one that was refused continues", Text: release.Sentence(afterRefusal(failed, tag))},
		{Name: "Steps: what failed", Text: release.Sentence(couldNot(failed))},
		{Name: "Steps: a rate limit",
			Text: "Waiting for " + waitsForLimit(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)) + "."},
	}
}
