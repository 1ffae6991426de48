package step

import (
	"context"
	"time"
)

// The values below are what steps and gates see of GitHub. The one adapter, internal/github, makes them; a
// missing thing is a found=false or an empty list, never an error, so that an error always means "could not
// find out".

// Ref is a branch or a tag. Name is without refs/heads/ or refs/tags/; SHA is the commit, annotated tags peeled.
type Ref struct {
	Name string
	SHA  string
	// Object is the SHA the ref itself points to: the tag object of an annotated tag.
	Object string
}

// Commit is a commit with what a cherry-pick needs.
type Commit struct {
	SHA       string
	Tree      string
	Parents   []string
	Message   string
	Author    Person
	Committer Person
}

// User is a user of GitHub. The id says who it is; a login can be given up, and taken by somebody else.
type User struct {
	Login string
	ID    int64
}

// Person is who made a commit, and when.
type Person struct {
	Name, Email string
	When        time.Time
}

// Milestone is a milestone. Due is zero when it has no due date.
type Milestone struct {
	Number      int
	Title       string
	Description string
	State       string // open or closed
	Due         time.Time
	Open        int
	Closed      int
	URL         string
}

// Item is an issue or a pull request in a list.
type Item struct {
	Number    int
	Title     string
	State     string // open or closed
	Pull      bool
	Labels    []string
	Milestone int // 0 when none
	Author    string
	URL       string
}

// Issue is an issue with its text. Lists of issues hold pull requests, too.
type Issue struct {
	Item
	// ID is GitHub's id of the issue, which stays when the issue is transferred or its repository renamed.
	ID        int64
	Body      string
	Assignees []User
	// AuthorID is the author's user id, which stays when the login changes.
	AuthorID int64
	// Locked says that only people who may write to the repository, and Apps, may comment.
	Locked bool

	Created, Updated, Closed time.Time
	// MilestoneTitle and MilestoneDue are those of its milestone, which a list has without another call.
	MilestoneTitle string
	MilestoneDue   time.Time
	// MergedPull says that it is a pull request that was merged.
	MergedPull bool
}

// Assignment is one assignee of an issue.
type Assignment struct {
	User
	// By is who assigned, the zero value for an account that is gone; Bot says that a program did, by itself or in the
	// name of that person.
	By  User
	Bot bool
}

// Label is a label of a repository.
type Label struct{ Name, Color, Description string }

// LabelEvent is one change of a label, from the history of an issue.
type LabelEvent struct {
	Label      string
	Actor      User // the zero value for an account that is gone
	Bot, Added bool
}

// IssueFilter chooses issues. Its zero value is all of them, open and closed.
type IssueFilter struct {
	Label     string
	Milestone int
	State     string // open or closed
}

// File is a file that a commit or a pull request changes. Patch is empty for binary files, Was is where a file that was
// renamed stood before, and Gone says that it was deleted.
type File struct {
	Path, Was, Patch string
	Gone             bool
}

// Pull is a pull request.
type Pull struct {
	Number    int
	Title     string
	State     string // open or closed
	Draft     bool
	Merged    bool
	MergeSHA  string // the commit that the merge made, when Merged
	Head      string // branch name
	HeadRepo  string // OWNER/NAME, empty when the fork is gone
	HeadSHA   string
	Base      string
	BaseSHA   string
	Author    string
	AuthorID  int64
	Commits   int
	Milestone int
	Body      string
	URL       string
}

// Check is a check run or a commit status, seen as one thing.
type Check struct {
	ID         int64 // of a check run; 0 for a status
	Name       string
	Status     string // queued, in_progress, completed
	Conclusion string // success, failure, neutral, cancelled, skipped, timed_out, action_required, ""
	App        string // slug
	AppID      int64
	ExternalID string
	Title      string
	Summary    string
	URL        string
	// Annotations are to be written. Of a check run that is read only their number is known, Annotated.
	Annotations []Annotation
	Annotated   int
}

// Annotation is a remark of a check run at a line of a file.
type Annotation struct {
	Path         string
	Line, Column int    // from 1; Column is 0 where the whole line is meant
	Level        string // notice, warning, failure
	Title, Text  string // plain text
}

// MostAnnotations is how many annotations GitHub takes in one request. With another request it adds to them.
const MostAnnotations = 50

// Published is a GitHub release, draft or not.
type Published struct {
	ID         int64
	Tag        string
	Name       string
	Body       string
	Target     string
	Draft      bool
	Prerelease bool
	Immutable  bool
	Assets     []string
	URL        string
	At         time.Time // zero for a draft
}

// Ruleset is a repository ruleset of our own making. Rules is the subset that Slipway uses.
type Ruleset struct {
	ID   int64
	Name string
	// Include are full ref patterns: refs/heads/main.
	Include []string
	// Rules by GitHub's names: update, deletion, non_fast_forward, required_status_checks.
	Rules []string
	// RequiredCheck is the context of required_status_checks, bound to our App.
	RequiredCheck string
	// BypassApps are the ids of the Apps that may pass.
	BypassApps []int64
	URL        string
}

// WorkflowRun is a run of a workflow.
type WorkflowRun struct {
	ID         int64
	Attempt    int
	Event, SHA string
	Status     string // queued, in_progress, completed and others that are neither
	Conclusion string // success, failure, cancelled, timed_out, ...
	URL        string
}

// Job is a job of a run.
type Job struct{ Name, Status, Conclusion string }

// Comment is a comment of an issue or pull request.
type Comment struct {
	ID int64
	// NodeID is its id in the GraphQL API.
	NodeID string
	Author string
	// AuthorID is the user id of the author, which stays when the login changes; 0 for a deleted account.
	AuthorID int64
	Bot      bool
	// App is the id of the App that wrote it, 0 when a person did.
	App  int64
	Body string
	URL  string
	// At is when it was written, Updated when it was last edited.
	At, Updated time.Time
}

// Comparison of two commits: how many commits head is ahead of base, and behind.
type Comparison struct {
	Ahead, Behind int
	// Commits are those that head has and base has not, oldest first.
	Commits []Commit
}

// The interfaces below are the calls that kinds and gates declare, by area; each kind's file names the ones that
// it needs. repo is always OWNER/NAME.

// RefReader looks at branches and tags.
type RefReader interface {
	Branch(ctx context.Context, repo, name string) (sha string, found bool, err error)
	// Branches are the names of the branches that begin so.
	Branches(ctx context.Context, repo, prefix string) ([]string, error)
	Tag(ctx context.Context, repo, name string) (ref Ref, found bool, err error)
	// Tags are the names of all tags. Where one stands is asked of it alone: an annotated tag costs a request of its
	// own.
	Tags(ctx context.Context, repo string) ([]string, error)
}

// RefWriter makes refs. There is no call that moves or deletes a tag, and none that rewinds a branch.
type RefWriter interface {
	CreateBranch(ctx context.Context, repo, name, sha string) error
	CreateTag(ctx context.Context, repo, name, sha, message string) error // annotated when message is not empty
	// FastForward moves a branch to a descendant of its head; GitHub refuses anything else.
	FastForward(ctx context.Context, repo, branch, sha string) error
	// DeleteScratch deletes a branch below slipway/, and refuses every other.
	DeleteScratch(ctx context.Context, repo, branch string) error
}

// CommitStore reads and makes commits.
type CommitStore interface {
	Commit(ctx context.Context, repo, sha string) (Commit, error)
	// Revision is the commit that a branch, a tag or a SHA means.
	Revision(ctx context.Context, repo, rev string) (Commit, bool, error)
	CreateCommit(ctx context.Context, repo string, c Commit) (sha string, err error)
	// CreateTree makes a tree that is the base tree but for some files, by path.
	CreateTree(ctx context.Context, repo, base string, files map[string]string) (sha string, err error)
	// Merge merges head into the branch base. conflict is true when GitHub answers 409; nothing was written then.
	Merge(ctx context.Context, repo, base, head, message string) (c Commit, conflict bool, err error)
	Compare(ctx context.Context, repo, base, head string) (Comparison, error)
	MergeBase(ctx context.Context, repo, base, head string) (sha string, err error)
}

// PullStore reads and opens pull requests.
type PullStore interface {
	Pull(ctx context.Context, repo string, number int) (Pull, bool, error)
	PullCommits(ctx context.Context, repo string, number int) ([]Commit, error)
	PullsFrom(ctx context.Context, repo, head, base string) ([]Pull, error) // all states, newest first
	OpenPull(ctx context.Context, repo string, p Pull) (Pull, error)
}

// MilestoneStore reads and writes milestones.
type MilestoneStore interface {
	Milestones(ctx context.Context, repo string) ([]Milestone, error) // open and closed
	CreateMilestone(ctx context.Context, repo string, m Milestone) (Milestone, error)
	EditMilestone(ctx context.Context, repo string, m Milestone) error // title, state, due, description
	MilestoneItems(ctx context.Context, repo string, number int, state string) ([]Item, error)
	SetMilestone(ctx context.Context, repo string, issue, milestone int) error // 0 clears
}

// RulesetStore reads and writes rulesets of the repository. Those of others are never written.
type RulesetStore interface {
	Rulesets(ctx context.Context, repo, name string) ([]Ruleset, error) // with their rules; an empty name is all
	CreateRuleset(ctx context.Context, repo string, r Ruleset) (Ruleset, error)
	DeleteRuleset(ctx context.Context, repo string, id int64) error
	// BranchRules are the kinds of rules that hold for a branch, whoever made them.
	BranchRules(ctx context.Context, repo, branch string) ([]string, error)
}

// CheckStore reads check runs and statuses of one commit, and writes check runs of our own.
type CheckStore interface {
	Checks(ctx context.Context, repo, sha string) ([]Check, error) // the newest of each name and app
	CreateCheck(ctx context.Context, repo, sha string, c Check) error
	// CheckRuns are all check runs of one name, also those that a newer one stands for.
	CheckRuns(ctx context.Context, repo, sha, name string) ([]Check, error)
	// EditCheck replaces what a check run of our own says, and adds its annotations.
	EditCheck(ctx context.Context, repo string, id int64, c Check) error
}

// ReleaseStore reads and writes GitHub releases. No call sets a release back to draft or deletes a published one.
type ReleaseStore interface {
	Releases(ctx context.Context, repo string) ([]Published, error) // drafts included, newest first
	GenerateNotes(ctx context.Context, repo, tag, previous, target string) (title, body string, err error)
	CreateDraft(ctx context.Context, repo string, p Published) (Published, error)
	// CreateRelease publishes at once; latest is "true", "false".
	CreateRelease(ctx context.Context, repo string, p Published, latest string) (Published, error)
	// Publish turns the draft into the release; latest is "true", "false".
	Publish(ctx context.Context, repo string, id int64, latest string) (Published, error)
	// DeleteDraft deletes a release that is still a draft, and refuses every other.
	DeleteDraft(ctx context.Context, repo string, id int64) error
}

// WorkflowStore looks at workflow runs, and starts them. workflow is the name of its file.
type WorkflowStore interface {
	Runs(ctx context.Context, repo, workflow, sha string) ([]WorkflowRun, error) // newest first
	Jobs(ctx context.Context, repo string, run int64) ([]Job, error)
	Dispatch(ctx context.Context, repo, workflow, ref string, inputs map[string]string) error
	RerunFailed(ctx context.Context, repo string, run int64) error
	Rerun(ctx context.Context, repo string, run int64) error // all of its jobs
}

// IssueStore reads issues and writes what is ours in them.
type IssueStore interface {
	Issue(ctx context.Context, repo string, number int) (Issue, bool, error)
	EditBody(ctx context.Context, repo string, number int, body string) error
	// EditIssueBody is EditBody, and gives the issue as GitHub has it after the edit.
	EditIssueBody(ctx context.Context, repo string, number int, body string) (Issue, error)
	CloseIssue(ctx context.Context, repo string, number int) error // as completed
	Comments(ctx context.Context, repo string, number int) ([]Comment, error)
	// CommentsAfter are the comments that were written or edited at since or later, oldest first.
	CommentsAfter(ctx context.Context, repo string, number int, since time.Time) ([]Comment, error)
	Comment(ctx context.Context, repo string, id int64) (Comment, bool, error)
	CreateComment(ctx context.Context, repo string, number int, body string) (Comment, error)
	EditComment(ctx context.Context, repo string, id int64, body string) error
	// React is idempotent: GitHub answers the same for a reaction that is there.
	React(ctx context.Context, repo string, comment int64, content string) error
	// Minimize folds a comment as outdated, by its NodeID. One that is folded already is no error.
	Minimize(ctx context.Context, repo string, nodeID string) error
}

// LabelStore reads and writes labels.
type LabelStore interface {
	CreateLabel(ctx context.Context, repo string, l Label) error // one that is there is no error
	AddLabels(ctx context.Context, repo string, issue int, names []string) error
	// LabelIssue is AddLabels, and gives the names of all labels of the issue, as GitHub has them afterwards.
	LabelIssue(ctx context.Context, repo string, issue int, names []string) (all []string, err error)
	RemoveLabel(ctx context.Context, repo string, issue int, name string) error // one that is not there is no error
	LabelHistory(ctx context.Context, repo string, issue int) ([]LabelEvent, error)
}

// IssueList lists issues and pull requests with their text, in one call for each hundred.
type IssueList interface {
	Issues(ctx context.Context, repo string, f IssueFilter) ([]Issue, error)
}

// DiffReader reads what commits and pull requests change.
type DiffReader interface {
	// PullFiles is nil where there is no such pull request, or GitHub does not show it yet.
	PullFiles(ctx context.Context, repo string, number int) ([]File, error)
	CommitFiles(ctx context.Context, repo, sha string) ([]File, error)
}

// People answers who somebody is and what they may do. It is asked by the id: whoever took the old login of somebody
// else inherits nothing.
type People interface {
	// Permission is none, read, triage, write, maintain or admin.
	Permission(ctx context.Context, repo string, who User) (string, error)
	TeamMember(ctx context.Context, org, slug string, who User) (bool, error)
	// Team says how many people are in a team. found is false also for a team that the App may not see.
	Team(ctx context.Context, org, slug string) (members int, found bool, err error)
	// Assignments are the assignees of an issue, with who assigned them, as its history has it.
	Assignments(ctx context.Context, repo string, issue int) ([]Assignment, error)
	// User is the person who has a login now.
	User(ctx context.Context, login string) (who User, found bool, err error)
}

// FileStore reads files.
type FileStore interface {
	File(ctx context.Context, repo, path, ref string) (content []byte, found bool, err error)
	// FileUpTo is File for files of strangers: content is nil where the file has more than most bytes, which size says.
	FileUpTo(ctx context.Context, repo, path, ref string, most int) (content []byte, size int, found bool, err error)
	// Paths are the files at a revision.
	Paths(ctx context.Context, repo, rev string) ([]string, error)
	// Subtree is the tree of a directory at a revision: where two are the same, so are the files.
	Subtree(ctx context.Context, repo, rev, dir string) (sha string, found bool, err error)
	DefaultBranch(ctx context.Context, repo string) (string, error)
}

// GitHub is all of it: what internal/github offers, and a fake in the tests.
type GitHub interface {
	RefReader
	RefWriter
	CommitStore
	PullStore
	MilestoneStore
	RulesetStore
	CheckStore
	ReleaseStore
	WorkflowStore
	IssueStore
	IssueList
	LabelStore
	DiffReader
	People
	FileStore
}
