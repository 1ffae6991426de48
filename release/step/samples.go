package step

import (
	"context"

	"github.com/slipway-dev/slipway/release/params"
)

// Sample is one text for people, rendered with sample values. Name is its subject and its occasion, SUBJECT: OCCASION.
type Sample struct{ Name, Text string }

// Texts are the texts that steps share, and those of the steps that look at nothing, for docs/replies.md.
func Texts() []Sample {
	in := Input{Key: "falcosecurity/libs#12/0.21.0/thaw.1/tested", Repo: "falcosecurity/libs", Issue: 12,
		Version: "0.21.0"}
	byHand := params.Manual{Text: "a tester to test the pre-release with aws", Who: "the testers",
		Fix: "merge a fix and comment `/release bump`"}
	wait := func(p params.Manual) string {
		o, err := manual{p}.Observe(context.Background(), in)
		if err != nil {
			return err.Error()
		}
		return "waiting for " + o.Why + ". Next: " + o.Fix
	}
	return []Sample{
		{"Next: try a step again", retry(in)},
		{"Next: go on without a step", skip(in)},
		{"Next: a step was done by hand", done(in)},
		{"Next: a tag is somewhere else", "a tag is never moved: " + abortAndNext()},
		{"Next: a release was published with a wrong tag", publishedWrong()},
		{"Next: the tag of a published release is missing", tagMissing(in)},
		{"Next: a run failed, and the process has a phase for fixes", fixWindow("bump")},
		{"Next: a run failed", fixWindow("")},
		{"Steps of people: any", wait(params.Manual{})},
		{"Steps of people: one that can fail", wait(byHand)},
	}
}
