// Package gate holds the kinds of gates, conditions that must hold before a phase is entered: one file for each area of
// them, and kinds.go as the table of contents.
//
// A gate only looks. It answers with a release.Verdict that explains itself: the rule, the value it saw, who can
// clear it, and what to type next, so that no refusal leaves anybody guessing (docs/commands.md, Refusals). The
// table of all kinds stands in kinds.go.
package gate

import (
	"context"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// Kind is one kind of gate.
type Kind interface {
	// Check looks and answers. An error means that it could not find out, which refuses too, as breakage.
	Check(ctx context.Context, in Input) (release.Verdict, error)
}

// Input is all that a gate may know.
type Input struct {
	// Repo is OWNER/NAME of the repository being released, Issue the tracking issue.
	Repo  string
	Issue int
	// Release is the state before the phase is entered.
	Release release.Release
	// Phase is the one asked for, and Run how often it will have been entered then.
	Phase release.Phase
	// Vars are the values that the phase would be entered with.
	Vars map[string]string
	// By is who gave the command of the phase; empty where nobody has given it yet.
	By release.Person
	// Plan is what the phase would write now.
	Plan release.Plan
	// Images looks for container images; nil where the server asks no registry.
	Images step.Images
	// Now is the injected time.
	Now time.Time
}
