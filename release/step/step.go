// Package step holds the kinds of steps, how each looks and how it acts: one file for each area of them, and kinds.go
// as the table of contents.
//
// A kind never decides whether it should run; release.Next does. It never trusts the answer to its own write;
// the engine looks again after every Act, and only what Observe saw becomes a receipt. So a step may be killed
// between any two calls, may lose any answer, and may just as well be done by hand. The table of all kinds
// stands in kinds.go, to be read from top to bottom.
package step

import (
	"context"
	"errors"
	"time"

	"github.com/slipway-dev/slipway/release/consent"
)

// Kind is one kind of step.
type Kind interface {
	// Plan names the writes that Act would make now, in the order in which it would make them. It writes nothing. The
	// error is a Stop where something is in the way that no step before this one takes away: a tag at another commit.
	Plan(ctx context.Context, in Input) ([]Write, error)
	// Observe looks, and says what it saw. It writes nothing.
	Observe(ctx context.Context, in Input) (Outcome, error)
	// Act writes what Observe found absent. It may be called again after a crash at any point of it, and must
	// then finish what is missing without doubling what is there.
	Act(ctx context.Context, in Input) error
}

// Outward is a kind that uses repositories besides the one that is released. It has to say which and for what before
// anything is asked of them: what a repository does not allow refuses the phase.
type Outward interface {
	// Elsewhere are its uses of repositories that its parameters, templates already expanded, name.
	Elsewhere() []consent.Use
}

// Input is all that a kind may know of the release.
type Input struct {
	// Key names this effect and no other: RELEASE/VERSION/PHASE.RUN/STEP. It is the hidden marker by which
	// Observe finds what an earlier Act left.
	Key string
	// Repo is OWNER/NAME of the repository being released.
	Repo string
	// Issue is the number of the tracking issue in Repo.
	Issue int
	// Version as text, for sentences.
	Version string
	// Again says that the step had stopped, and that a person asked to try again: a workflow that failed is to be run
	// once more, and not only to be looked at.
	Again bool
	// Try counts how often that was asked for. An effect that cannot be seen is tried once for each.
	Try int
	// Since is when the step began to wait for what it waits for; zero when it does not.
	Since time.Time
	// Now is the injected time.
	Now time.Time
	// Announce sends announcements; nil where the server has no channels.
	Announce Announcer
	// Modules is the Go module proxy; nil where the server asks none.
	Modules ModuleProxy
	// Images looks for container images; nil where the server asks no registry.
	Images Images
	// AppID and AppSlug are who we are: the bypass actor of our rulesets, the sender of our comments.
	AppID   int64
	AppSlug string
}

// ErrGone is what an adapter returns when the thing to be written to is not there any more: a deleted comment.
var ErrGone = errors.New("gone")

// State says what Observe saw.
type State string

// What Observe can see.
const (
	// Absent: the effect is not there, Act may make it.
	Absent State = "absent"
	// Done: the effect is there; the receipt says where.
	Done State = "done"
	// Waiting: somebody or something else must act first.
	Waiting State = "waiting"
	// Conflict: something is there that must not be overwritten; a person decides.
	Conflict State = "conflict"
)

// Outcome is what Observe saw.
type Outcome struct {
	State   State
	Receipt Receipt
	// Why is, for Waiting, what is waited for; for Conflict, what was seen. A sentence without its full stop.
	Why string
	// Fix is what a person may do about it, with the command to type. Markdown.
	Fix string
	// Who can clear it: logins or a role.
	Who string
	// Until bounds a wait; zero waits for ever.
	Until time.Time
	// ByHand says that Slipway cannot see it: what a person says about it counts.
	ByHand bool
}

// Receipt is the evidence of a done step.
type Receipt struct {
	// Text says what is there, in one clause: "tag 0.21.0 at 3f2c1ab".
	Text string `json:"text"`
	SHA  string `json:"sha,omitempty"`
	URL  string `json:"url,omitempty"`
	ID   int64  `json:"id,omitempty"`
	// Undo holds what an undo needs to know: the milestone that each pull request was moved from.
	Undo map[string]string `json:"undo,omitempty"`
}

// Write is one planned write, as a sentence a release manager can approve.
type Write struct {
	// Repo is OWNER/NAME.
	Repo string
	// Text is an order with its objects, in Markdown, with all digits of a SHA: "create tag 0.21.0 at `3f2c1ab9…`".
	// What it leaves out is among the parameters of the step, which are signed with it.
	Text string
	// Files are the SHA-256 of the files as the write would leave them, by path.
	Files map[string]string
}

// Stop is what Act returns when only the try could show that a person must decide: a cherry-pick that conflicts.
// It is as good as a Conflict that Observe saw, and nothing of the try is left. Plan returns it for what it sees to be
// in the way.
type Stop struct{ Why, Fix string }

func (s *Stop) Error() string { return s.Why }

// Unseen is what Observe and Act return when a server that is not GitHub could not be asked. The try is made again
// soon, as after any breakage; until then people see what is waited for, and why.
type Unseen struct {
	Waits Outcome
	Err   error
}

func (u *Unseen) Error() string { return u.Err.Error() }
func (u *Unseen) Unwrap() error { return u.Err }

// DoneWith, Missing, WaitFor and Conflicts make outcomes that cannot be wrong.

// DoneWith is the outcome of an effect that was seen.
func DoneWith(r Receipt) Outcome { return Outcome{State: Done, Receipt: r} }

// Missing is the outcome of an effect that is not there.
func Missing() Outcome { return Outcome{State: Absent} }

// WaitFor is the outcome of an effect that somebody else owes.
func WaitFor(what, who, fix string, until time.Time) Outcome {
	return Outcome{State: Waiting, Why: what, Who: who, Fix: fix, Until: until}
}

// Conflicts is the outcome of finding what must not be overwritten.
func Conflicts(why, fix string) Outcome { return Outcome{State: Conflict, Why: why, Fix: fix} }
