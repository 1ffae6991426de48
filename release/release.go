package release

import (
	"encoding/json"
	"slices"
	"time"
)

// A Release is the fold of its log. Nothing else holds state.
type Release struct {
	// ID is OWNER/NAME#ISSUE: one tracking issue is one log. A second release on the same issue (a patch) begins
	// with another Started entry.
	ID string
	// Seq is the number of the newest entry.
	Seq int
	// Begun says that there is a release: a Started entry.
	Begun bool
	// Started is the entry that began it, with the pinned process.
	Started Started
	// StartedAt is when.
	StartedAt time.Time

	// LastAt is when the newest entry that is more than a view was made.
	LastAt time.Time

	// Runs are the phases that were entered and the steps that were asked for, in order; those before First
	// belong to an earlier release on the same issue.
	Runs  []Run
	First int
	// Held is the reason of a hold, with who said it; empty when none.
	Held *Held
	// Aborted is set when the release was aborted.
	Aborted *Aborted
	// Duds are the versions of this issue that failed, those of earlier releases on it too.
	Duds []Dudded
	// Plans are the hashes of the plans that were shown on the issue, with the comment that first asked for each.
	Plans map[string]int64
	// Approvals in order, stale ones included.
	Approvals []Approved
	// Team is the release team, in order of joining.
	Team []Member
	// Assigned are the assignees of the tracking issue, as far as the log knows them.
	Assigned []Assignment
	// Exceptions are the pull requests let in during the freeze, the newest exception of each.
	Exceptions []Exception

	// Seen holds each command that was taken, so that none acts twice, and whether it was decided.
	Seen map[Source]bool
	// Replies is what each command's comment is answered, in order of the comments.
	Replies []Reply
	// Views are the hashes of what was last shown, by What.
	Views map[string]Shown
	// Showing is when a comment was about to be written whose receipt is not there: it may exist.
	Showing map[string]time.Time
	// Notices are told without being asked for.
	Notices []Noticed

	// Outsiders are those without a role, and when each was last told so.
	Outsiders map[string]time.Time
}

// Member is a person on the release team.
type Member struct {
	Person
	Until string // the phase whose completion ends it; empty for the whole release
	Added Person // who added them; nobody where the process names them
}

// Exception is how a pull request stands that was let in during the freeze.
type Exception struct {
	Excepted
	// Pushed is the head that it has instead of the one that the exception is for: it has lapsed. Empty otherwise.
	Pushed string
}

// Run is one entering of a phase, or one asked-for piece of work.
type Run struct {
	// Name is the phase, or for asked-for work its name: pick-123.
	Name string
	// Number counts the runs of the same name, from 1.
	Number int
	// Phase says that it is a phase of the process.
	Phase bool
	// Undo says that it is the rollback after an abort.
	Undo bool
	// Over says that a phase before it was entered anew: it counts no more, and nothing of it is due.
	Over bool
	Source
	At    time.Time
	Vars  map[string]string
	Plan  string
	Warns []Verdict
	Steps []StepState
}

// StepState is one step of a run and how far it is.
type StepState struct {
	Step
	// Done is the receipt, nil while there is none.
	Done   *Did
	DoneAt time.Time
	// Waits is what it waits for, nil when it does not.
	Waits *Waits
	Since time.Time
	// Stopped is why it cannot go on by itself, nil when it can.
	Stopped *Stopped
	// Again says that it had stopped and a person asked to try again, and that nothing was seen of that yet.
	Again bool
	// Tries is how often that was asked for.
	Tries int
	// TriedAt is when a write began whose result is not known yet; zero when none did.
	TriedAt time.Time
	// Tried says that a write ever began.
	Tried bool
	// Writes counts the writes that GitHub took and that nothing was seen of, since a person last asked for it.
	Writes int
	// Made is what its writes made, as the adapter wrote it down.
	Made []json.RawMessage
}

// Reply is the one answer to one comment: its parts in the order of the comment's lines.
type Reply struct {
	Comment int64
	By      string
	Parts   []Part
}

// Part is the answer to one line of a comment.
type Part struct {
	Line    int
	At      time.Time // when it was taken
	Text    string    // the command as it was typed
	Verb    string
	Note    string // said above the answer
	Answer  string // Markdown; empty while the runs that it began speak for it
	Refused bool
	// Passing says that the answer tells of what is in progress, and EndedBy who aborted that afterwards.
	Passing bool
	EndedBy string
	// Silent says that the refusal is told by its reaction alone.
	Silent bool
	// Surplus says that it is about the commands of the comment that are too many.
	Surplus bool
	// Decided says that nothing is left to think about.
	Decided bool
	// Delayed is why it could not be decided yet, and DelayedAt since when.
	Delayed   *Delayed
	DelayedAt time.Time
	Runs      []int // indexes into Release.Runs
}

// Complete says that every step that must be done is done, or that none is due any more.
func (r Run) Complete() bool {
	return r.Over || !slices.ContainsFunc(r.Steps, func(s StepState) bool { return s.Done == nil && !s.Optional })
}

// Step finds a step of the run by its id.
func (r Run) Step(id string) (StepState, bool) {
	i := slices.IndexFunc(r.Steps, func(s StepState) bool { return s.ID == id })
	if i < 0 {
		return StepState{}, false
	}
	return r.Steps[i], true
}

// Entered returns the newest run of the phase.
func (r Release) Entered(phase string) (Run, bool) {
	for _, run := range slices.Backward(r.Live()) {
		if run.Phase && !run.Over && run.Name == phase {
			return run, true
		}
	}
	return Run{}, false
}

// Current is the newest phase that was entered, "" before the first.
func (r Release) Current() string {
	for _, run := range slices.Backward(r.Live()) {
		if run.Phase {
			return run.Name
		}
	}
	return ""
}

// Track is the way through the phases that was chosen.
func (r Release) Track() Track {
	t, _ := r.Started.Process.Track(r.Started.Track)
	return t
}

// Open says that the release goes on: begun, and neither finished nor aborted with its rollback done.
func (r Release) Open() bool {
	if !r.Begun {
		return false
	}
	if r.pending() {
		return true
	}
	return r.Aborted == nil && !r.Finished()
}

// Finished says that the last phase of the track is complete.
func (r Release) Finished() bool {
	sequence := r.Track().Sequence()
	if !r.Begun || len(sequence) == 0 {
		return false
	}
	run, entered := r.Entered(sequence[len(sequence)-1].Phase)
	return entered && run.Complete()
}

// stillOpen are the optional steps that nobody has done, in the phases that count.
func (r Release) stillOpen() []string {
	var out []string
	for _, run := range r.Live() {
		for _, s := range run.Steps {
			if s.Done == nil && s.Optional && !run.Over && !run.Undo {
				out = append(out, openStep(s))
			}
		}
	}
	return out
}

// pending says that some run has steps that are due.
func (r Release) pending() bool {
	return slices.ContainsFunc(r.Live(),
		func(run Run) bool { return !run.Complete() && (r.Aborted == nil || run.Undo) })
}

// Live are the runs of the release that was started last.
func (r Release) Live() []Run { return r.Runs[r.First:] }

// Dud says that the version of the release was marked as failed.
func (r Release) Dud() (Dudded, bool) {
	i := slices.IndexFunc(r.Duds, func(d Dudded) bool { return d.Version == r.Started.Version })
	if i < 0 {
		return Dudded{}, false
	}
	return r.Duds[i], true
}

// OnTeam says that the person is on the release team now.
func (r Release) OnTeam(who Person) bool {
	return slices.ContainsFunc(r.Team, func(m Member) bool { return m.Is(who) && !r.over(m.Until) })
}

// over says that the phase is complete, which ends a membership that lasts until it.
func (r Release) over(phase string) bool {
	if phase == "" {
		return false
	}
	run, entered := r.Entered(phase)
	return entered && run.Complete()
}
