package release

import (
	"encoding/json"
	"fmt"
	"time"
)

// Entry is one line of the release log.
type Entry struct {
	Seq   int
	At    time.Time
	Event Event
}

// Event is something that happened to a release. The log is append-only; the state is its fold. Each kind of
// event is a struct below, and Kinds of events is the table that names them in the store.
type Event interface{ event() string }

// Source is the comment that an event answers: which comment, which line of it, and by whom.
type Source struct {
	Comment int64  `json:"comment,omitempty"`
	Line    int    `json:"line,omitempty"`
	By      string `json:"by,omitempty"`
	// ID is the sender's id on GitHub, which no rename changes; 0 in logs that are older than it.
	ID int64 `json:"by_id,omitempty"`
}

type (
	// Commanded records that a command was taken. It is what makes a command act once: a second delivery of the
	// same comment and line finds it and does nothing.
	Commanded struct {
		Source
		Text string `json:"text"`
		Verb string `json:"verb"`
		// Open says that a Decided follows once the command was thought about. Logs that are older than it decided a
		// command in the same append.
		Open bool `json:"open,omitempty"`
		// Note is said above its answer: it arrived after a later comment.
		Note string `json:"note,omitempty"`
	}
	// Decided ends the thinking about a command: what it led to stands between it and the Commanded.
	Decided struct{ Source }
	// Delayed records that a command could not be decided yet: something could not be looked up that may be there
	// later.
	Delayed struct {
		Source
		Why   string    `json:"why"`
		Until time.Time `json:"until,omitzero"` // of a rate limit that GitHub announced
		// Told says that the reply says so: it does after a minute.
		Told bool `json:"told,omitempty"`
	}
	// Answered is the reply to a command that changed nothing: help, plan, why, and every refusal.
	Answered struct {
		Source
		Refused bool   `json:"refused,omitempty"`
		Text    string `json:"text"`
		// Outsider says that it refuses somebody who has no role here. Such a person gets one refusal an hour.
		Outsider bool `json:"outsider,omitempty"`
		// Surplus says that it names the commands of a comment that are too many.
		Surplus bool `json:"surplus,omitempty"`
		// Passing says that the text tells of what is in progress, and is replaced when the release is aborted.
		Passing bool `json:"passing,omitempty"`
		// Plan is the hash of the plan that it shows, empty where it shows none.
		Plan string `json:"plan,omitempty"`
	}
	// Started begins a release on the tracking issue and pins the process as it was read.
	Started struct {
		Source
		Repo          string    `json:"repo"`
		Issue         int       `json:"issue"`
		Installation  int64     `json:"installation"`
		Version       string    `json:"version"`
		Track         string    `json:"track"`
		Due           time.Time `json:"due,omitzero"`
		DefaultBranch string    `json:"default_branch"`
		// Previous is the newest released version that this one follows, empty when there is none.
		Previous string `json:"previous,omitempty"`
		// Since is the newest one that did not fail, where that is another: what was in a failed one is new to whoever
		// did not use it, so notes begin here.
		Since string `json:"since,omitempty"`
		// NextVersion is the planned version after this one, for the milestone that unfinished work moves to.
		NextVersion string `json:"next_version,omitempty"`
		// NextPatch is the patch after this one: work on its branch goes on under that number.
		NextPatch string `json:"next_patch,omitempty"`
		// From is the branch that the release is made from, where the process asks for one.
		From string `json:"from,omitempty"`
		// Skip is the reason for which a number before this one is left out.
		Skip string `json:"skip,omitempty"`
		// Inputs are the options that the process asks for, by their names.
		Inputs map[string]string `json:"inputs,omitempty"`
		// Burned are the versions right before this one that failed: nobody misses their numbers, and its notes tell of
		// them.
		Burned []Dudded `json:"burned,omitempty"`
		// Title is that of the issue when the release began.
		Title string `json:"title,omitempty"`
		// FromTitle says that the version was read from the title of the issue.
		FromTitle bool    `json:"from_title,omitempty"`
		Process   Process `json:"process"`
		// People are those whom the process names. A log that is older than it names nobody.
		People Named `json:"people"`
		// Assigned are the assignees when it was started. Appoints says that who started it may change the team: else
		// assignment gives nobody a role here.
		Assigned []Assignment `json:"assigned,omitempty"`
		Appoints bool         `json:"appoints,omitempty"`
	}
	// Entered begins a phase. Vars are pinned: the SHA that is tagged is the one that was approved.
	Entered struct {
		Source
		Phase    string            `json:"phase"`
		Vars     map[string]string `json:"vars,omitempty"`
		Plan     string            `json:"plan,omitempty"` // hash of the plan at entry
		Warnings []Verdict         `json:"warnings,omitempty"`
	}
	// Asked adds a run of steps outside the phases: a pick, an exemption.
	Asked struct {
		Source
		Name  string            `json:"name"`
		Vars  map[string]string `json:"vars,omitempty"`
		Steps []Step            `json:"steps"`
	}
	// Did is the receipt of a step: seen by Observe, reported by a person, or skipped.
	Did struct {
		Source
		Run  int    `json:"run"`
		Step string `json:"step"`
		How  How    `json:"how"`
		// Text, SHA, URL and ID are the evidence.
		Text string            `json:"text,omitempty"`
		SHA  string            `json:"sha,omitempty"`
		URL  string            `json:"url,omitempty"`
		ID   int64             `json:"id,omitempty"`
		Undo map[string]string `json:"undo,omitempty"`
	}
	// Tried records that a step is about to write. Where no Made follows it, the process died in between or GitHub's
	// answer was lost, and what it wrote is looked for before anything is written again.
	Tried struct {
		Run  int    `json:"run"`
		Step string `json:"step"`
		// Accepted says that GitHub took the write, and that its effect was not to be seen right after it.
		Accepted bool `json:"accepted,omitempty"`
	}
	// Made records what a write of a step made, as GitHub answered: by its id it is found again, also where a list
	// lags.
	Made struct {
		Run  int             `json:"run"`
		Step string          `json:"step"`
		What json.RawMessage `json:"what"`
	}
	// Noticed is something that people are told without having asked: the repository was renamed.
	Noticed struct {
		Key  string `json:"key"`
		Text string `json:"text"`
	}
	// Waits records what a step waits for, when that changed.
	Waits struct {
		Run   int       `json:"run"`
		Step  string    `json:"step"`
		For   string    `json:"for"`
		Who   string    `json:"who,omitempty"`
		Fix   string    `json:"fix,omitempty"`
		Until time.Time `json:"until,omitzero"`
	}
	// Stopped records that a step found what only a person can decide.
	Stopped struct {
		Run  int    `json:"run"`
		Step string `json:"step"`
		Why  string `json:"why"`
		Fix  string `json:"fix,omitempty"`
	}
	// Retried lets a stopped step be observed again.
	Retried struct {
		Source
		Run  int    `json:"run"`
		Step string `json:"step"`
	}
	// Held stops everything until Resumed.
	Held struct {
		Source
		Reason string `json:"reason"`
	}
	// Resumed ends a hold.
	Resumed struct{ Source }
	// Aborted ends the release; the undo steps that follow are its own run.
	Aborted struct {
		Source
		Reason string `json:"reason"`
	}
	// Dudded marks the version as failed: its number is burned, and what comes after it knows.
	Dudded struct {
		Source
		Version string `json:"version"`
		Reason  string `json:"reason"`
	}
	// Approved is a signature under a plan. It counts while the plan's hash is still that of the phase.
	Approved struct {
		Source
		Phase  string   `json:"phase"`
		Plan   string   `json:"plan"`
		Writes []string `json:"writes,omitempty"` // what was signed, to show the difference when it goes stale
		Roles  []string `json:"roles"`
	}
	// Teamed adds a person to the release team, or removes one. Until names the phase that ends it.
	Teamed struct {
		Source
		User   string `json:"user"`
		UserID int64  `json:"user_id,omitempty"`
		Leaves bool   `json:"leaves,omitempty"`
		Until  string `json:"until,omitempty"`
	}
	// Assigned records that somebody was assigned to the tracking issue, or no longer is. Its source is who did that.
	Assigned struct {
		Source
		User   string `json:"user"`
		UserID int64  `json:"user_id,omitempty"`
		Leaves bool   `json:"leaves,omitempty"`
		// Counts is that of Assignment.
		Counts bool `json:"counts,omitempty"`
	}
	// Excepted lets one pull request in during the freeze, at the head that it had when the exception was granted. Logs
	// that are older than Head have none: nobody was told which it was.
	Excepted struct {
		Source
		Pull   int    `json:"pull"`
		Head   string `json:"head,omitempty"` // SHA
		URL    string `json:"url,omitempty"`  // of the pull request
		Reason string `json:"reason"`
	}
	// Pushed records the head of a pull request with an exception, where that is another one than before: an exception
	// for another head has lapsed.
	Pushed struct {
		Pull int    `json:"pull"`
		Head string `json:"head"` // SHA
	}
	// Shown is the receipt of something that people read: a reply, the status in the issue's body, a reaction.
	Shown struct {
		// reply/COMMENT, status, react/COMMENT/CONTENT, notice/KEY, minimized/COMMENT; copy for the comment that
		// carries the copy of the log, copy/PART for a comment that holds nothing else
		What string `json:"what"`
		Hash string `json:"hash"`
		ID   int64  `json:"id,omitempty"`
		Node string `json:"node,omitempty"` // by which GraphQL knows the comment
		// Begun says that a comment is about to be written. Where no receipt follows it, the comment may be there.
		Begun bool `json:"begun,omitempty"`
		// Text is what was written into the description, where the next tick is read off the difference.
		Text string `json:"text,omitempty"`
	}
)

// How a step came to be done.
type How string

// The ways a step comes to be done.
const (
	ByBot   How = "bot"     // Slipway acted, or found it there, and saw it
	ByHand  How = "hand"    // a person did it and Slipway saw it, or vouches for it where nothing can be seen
	Skipped How = "skipped" // a person decided to go without
)

// person is who joins or leaves.
func (e Teamed) person() Person { return Person{Login: e.User, ID: e.UserID} }

func (Commanded) event() string { return "commanded" }
func (Answered) event() string  { return "answered" }
func (Started) event() string   { return "started" }
func (Entered) event() string   { return "entered" }
func (Asked) event() string     { return "asked" }
func (Did) event() string       { return "did" }
func (Waits) event() string     { return "waits" }
func (Stopped) event() string   { return "stopped" }
func (Retried) event() string   { return "retried" }
func (Held) event() string      { return "held" }
func (Resumed) event() string   { return "resumed" }
func (Aborted) event() string   { return "aborted" }
func (Dudded) event() string    { return "dudded" }
func (Approved) event() string  { return "approved" }
func (Teamed) event() string    { return "teamed" }
func (Excepted) event() string  { return "excepted" }
func (Pushed) event() string    { return "pushed" }
func (Assigned) event() string  { return "assigned" }
func (Shown) event() string     { return "shown" }
func (Decided) event() string   { return "decided" }
func (Delayed) event() string   { return "delayed" }
func (Tried) event() string     { return "tried" }
func (Made) event() string      { return "made" }
func (Noticed) event() string   { return "noticed" }

// KindOf is the name under which an event is stored.
func KindOf(e Event) string { return e.event() }

// Encode turns an event into what the store keeps.
func Encode(e Event) (kind string, data []byte, err error) {
	data, err = json.Marshal(e)
	if err != nil {
		return "", nil, fmt.Errorf("encode %s event: %w", e.event(), err)
	}
	return e.event(), data, nil
}
