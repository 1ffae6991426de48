package release

import "time"

// Questions are what must be found out before a command can be decided. They are values: the engine answers
// them by looking at GitHub, a test by writing down the facts.
type Questions struct {
	// Config asks for the process of the repository: there is no release yet that has it pinned.
	Config bool
	// Process overrides which process the configuration names, from process= of the command.
	Process string
	// Word asks which other words could be meant, where the verb is none of the process.
	Word bool
	// Roles asks whether the sender has any of these.
	Roles []string
	// Lasting says that a role which assignment alone gives is not enough.
	Lasting bool
	// Every asks about all of those roles: else the first that the sender has is enough.
	Every bool
	// Insider asks whether the sender may do more in the repository than everybody.
	Insider bool
	// History asks for the tags of the repository.
	History bool
	// Phase asks for the values to pin, the gates and the plan of that phase.
	Phase string
	// Observe asks to look at a step: its run and id.
	Observe     bool
	ObserveRun  int
	ObserveStep string
	// Pull asks for a pull request.
	Pull int
	// User asks who has that login.
	User string
	// People asks who the people are that the process of the configuration names, and who is assigned to the issue.
	People bool
}

// none says that there is nothing to find out.
func (q Questions) none() bool {
	return !q.Config && !q.Word && len(q.Roles) == 0 && !q.History && q.Phase == "" && !q.Observe && q.Pull == 0 &&
		q.User == "" && !q.People
}

// Membership is the answer to "does this person have that role". Unknown refuses like No.
type Membership string

// The answers.
const (
	Yes Membership = "yes"
	// ByAssignment is yes, by nothing but an assignment to the tracking issue: not enough for some commands.
	ByAssignment Membership = "by assignment"
	No           Membership = "no"
	Unknown      Membership = "unknown"
)

// Held says that the person has the role, in whatever way.
func (m Membership) Held() bool { return m == Yes || m == ByAssignment }

// Facts are the answers to Questions.
type Facts struct {
	// Config.
	Repo          string
	Issue         int
	Installation  int64
	DefaultBranch string
	Process       Process
	// ConfigProblem says, for a person, what is wrong with the configuration of the repository.
	ConfigProblem *Refusal

	// Elsewhere are the commands that no process decides, where the repository has them set up.
	Elsewhere []Verb

	// Has holds an answer for each role that was asked for.
	Has map[string]Membership
	// Ask says, by role, whom to ask: "`@rita` (assignee of this issue)".
	Ask map[string]string

	// Assignee says that the sender is assigned to the issue, by whomever.
	Assignee bool

	// Insider says that the sender may do more in the repository than everybody, whatever the roles.
	Insider bool

	// Tags of the repository, names only.
	Tags []string
	// Duds are the versions that failed, of all releases of the repository.
	Duds []Dudded

	// The phase.
	Vars  map[string]string
	Gates []Verdict
	Plan  Plan
	// PhaseProblem says why the phase cannot even be planned: its branch does not exist.
	PhaseProblem *Refusal

	// Seen is what observing the step gave.
	Seen Observation
	Pull PullFact
	// User is who has the login that was asked for; the zero value is nobody.
	User Person
	// People are those whom the process names, Assigned the assignees of the issue.
	People   Named
	Assigned []Assignment
	// Appoints says that the sender may change the team, by more than an assignment.
	Appoints bool
}

// hasAny says that the sender has one of the roles that were asked for.
func (f Facts) hasAny() bool {
	for _, has := range f.Has {
		if has != No {
			return true
		}
	}
	return false
}

// Observation is what was seen of a step.
type Observation struct {
	Done          bool
	Text          string // of the receipt, or why it is not done
	SHA, URL, Fix string
	ID            int64
	Manual        bool // nothing can be seen: a person vouches for it
}

// PullFact is what a command about a pull request needs to know of it.
type PullFact struct {
	Found  bool
	Merged bool
	Open   bool
	Title  string
	Base   string
	Head   string // SHA
	Merge  string // SHA of its merge, where it is merged
	URL    string
}

// day prints a date as people write it in issues.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// minute prints a time to the minute, in UTC.
func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
