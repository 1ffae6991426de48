package engine

import (
	"cmp"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/step"
)

// The texts of this package, each in one place. docs/replies.md shows them all.

// unseen stops a step that wrote several times while nothing of it could be seen.
func unseen(s release.StepState) step.Outcome {
	return step.Conflicts("GitHub accepted the change several times, and it is still not there",
		"check GitHub's status page and the repository, then comment `/release retry "+s.ID+
			"`; or do the step by hand, then comment `/release done "+s.ID+"`")
}

// refusedWrite stops a step whose write GitHub will not take.
func refusedWrite(err error, s release.StepState) step.Outcome {
	why := markdown.Text(err.Error())
	if f, ok := github.Explain(err); ok {
		why = f.Why
	}
	return step.Conflicts("GitHub refused: "+why, "fix that on GitHub, then comment `/release retry "+s.ID+"`")
}

// afterRefusal says how a step goes on that GitHub refused.
func afterRefusal(f github.Failure, s release.StepState) string {
	then := "comment `/release retry " + s.ID + "`; or do the step by hand, then comment `/release done " + s.ID + "`"
	if f.Fix == "" {
		return then
	}
	return f.Fix + "; then " + then
}

// notAllowedThere stops a step whose other repository does not allow it, or does so no longer.
func notAllowedThere(c release.Closed, s release.StepState) (why, fix string) {
	r := c.Refusal()
	return r.Why, r.Fix + ", then comment `/release retry " + s.ID + "`. This can be done by " + r.Who
}

// couldNot says what failed and why, as a clause.
func couldNot(f github.Failure) string {
	return "Slipway could not " + cmp.Or(f.What, "complete a request to GitHub") + ": " + f.Why
}

// shown writes what is wrong with a file, which may quote it, on one line.
func shown(err error) string {
	var out []string
	for problem := range strings.Lines(err.Error()) {
		out = append(out, markdown.Text(problem))
	}
	return strings.Join(out, "; ")
}

func waitsForLimit(until time.Time) string {
	return "GitHub's rate limit, until " + until.UTC().Format("15:04 UTC")
}
