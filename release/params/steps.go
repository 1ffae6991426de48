package params

// A Move is an item that was moved between milestones.
type Move struct {
	Item int `json:"item"` // its number
	From int `json:"from"` // the number of the milestone that it was in
}

// CreateMilestone makes the milestone of the release.
type CreateMilestone struct {
	Title       string `json:"title,omitempty" must:"yes"` // its title
	Due         string `json:"due,omitempty"`              // YYYY-MM-DD, empty for none
	Description string `json:"description,omitempty"`      // its description
}

// RenameMilestone gives a milestone another title.
type RenameMilestone struct {
	From string `json:"from,omitempty" must:"yes"` // its title until now
	To   string `json:"to,omitempty" must:"yes"`   // its new title
}

// CloseMilestone closes a milestone.
type CloseMilestone struct {
	Title string `json:"title,omitempty" must:"yes"` // its title
}

// RollMilestone moves what is not finished to the next milestone.
type RollMilestone struct {
	From   string `json:"from,omitempty" must:"yes"` // the milestone
	To     string `json:"to,omitempty" must:"yes"`   // the next one
	What   string `json:"what,omitempty"`            // pulls, issues or all
	Keep   []int  `json:"keep,omitempty"`            // numbers that stay
	Create bool   `json:"create,omitempty"`          // make the next one where it is missing
}

// UnrollMilestone moves back what RollMilestone moved.
type UnrollMilestone struct {
	Rolled string `json:"rolled,omitempty"` // the key of the step that moved it
	Moves  []Move `json:"moves,omitempty"`  // what its receipt says that it moved
}

// CreateBranch makes a branch at a commit.
type CreateBranch struct {
	Branch string `json:"branch,omitempty" must:"yes"` // its name
	SHA    string `json:"sha,omitempty" must:"yes"`    // the commit
}

// ProtectBranch protects a branch against deletion and force pushes.
type ProtectBranch struct {
	Branch string `json:"branch,omitempty" must:"yes"` // its name
}

// LockBranch keeps a branch from being changed.
type LockBranch struct {
	Branch string `json:"branch,omitempty" must:"yes"` // its name
	Allow  string `json:"allow,omitempty" must:"yes"`  // exceptions or nobody
	Reason string `json:"reason,omitempty"`            // why, for people
	Hours  int    `json:"hours,omitempty"`             // after so many it is unlocked; 0 for never
	By     string `json:"by,omitempty"`                // admin: an admin locks it by hand, and Slipway looks
}

// UnlockBranch takes the lock of this release off a branch.
type UnlockBranch struct {
	Branch string `json:"branch,omitempty" must:"yes"` // its name
	By     string `json:"by,omitempty"`                // as of LockBranch
}

// ExemptPull lets one pull request through the freeze.
type ExemptPull struct {
	Pull int `json:"pull,omitempty"` // its number; 0 where the branch tells it
	// the commit that it is granted for; empty for the head of that moment
	SHA       string `json:"sha,omitempty"`
	Branch    string `json:"branch,omitempty"`            // the branch that OpenPull proposed from
	Base      string `json:"base,omitempty"`              // with Branch: where it goes
	Reason    string `json:"reason,omitempty" must:"yes"` // why
	By        string `json:"by,omitempty"`                // who granted it
	Milestone string `json:"milestone,omitempty"`         // the milestone that it comes back to
}

// CherryPick brings a pull request into a branch.
type CherryPick struct {
	Pull     int    `json:"pull,omitempty" must:"yes"`   // its number
	Branch   string `json:"branch,omitempty" must:"yes"` // the branch
	SHA      string `json:"sha,omitempty"`               // the commit of its merge, or of the merge that GitHub tried
	Head     string `json:"head,omitempty"`              // its head before it is merged; empty once it is
	Versions string `json:"versions,omitempty"`          // edits that count on where both sides have a number
}

// CreateTag makes a tag at a commit.
type CreateTag struct {
	Tag     string `json:"tag,omitempty" must:"yes"` // its name
	SHA     string `json:"sha,omitempty" must:"yes"` // the commit
	Message string `json:"message,omitempty"`        // makes it an annotated tag
}

// WaitTag waits for a tag that the CI of the project makes.
type WaitTag struct {
	Tag   string `json:"tag,omitempty" must:"yes"` // its name
	Who   string `json:"who,omitempty"`            // what makes it
	Hours int    `json:"hours,omitempty"`          // after so many without it, a person is asked; 0 for never
}

// DraftRelease drafts the GitHub release, with its notes.
type DraftRelease struct {
	Tag        string `json:"tag,omitempty" must:"yes"`    // its tag
	Name       string `json:"name,omitempty" must:"yes"`   // its title
	Target     string `json:"target,omitempty" must:"yes"` // the commit
	Prerelease bool   `json:"prerelease,omitempty"`        // that it is one
	Notes      string `json:"notes,omitempty"`             // generate or none
	Previous   string `json:"previous,omitempty"`          // the tag that the notes start from
	Body       string `json:"body,omitempty"`              // text before the notes
}

// PublishRelease publishes the draft, and holds its tag against the commit.
type PublishRelease struct {
	Tag      string `json:"tag,omitempty" must:"yes"`    // its tag
	SHA      string `json:"sha,omitempty"`               // the commit that its tag must have
	Latest   string `json:"latest,omitempty" must:"yes"` // true, false or auto
	IsLatest string `json:"is_latest,omitempty"`         // what auto means
}

// CreateRelease publishes a GitHub release at once, and never as a draft.
type CreateRelease struct {
	Tag        string `json:"tag,omitempty" must:"yes"`    // its tag
	SHA        string `json:"sha,omitempty" must:"yes"`    // the commit that its tag must have
	Name       string `json:"name,omitempty" must:"yes"`   // its title
	Latest     string `json:"latest,omitempty" must:"yes"` // true, false or auto
	IsLatest   string `json:"is_latest,omitempty"`         // what auto means
	Prerelease bool   `json:"prerelease,omitempty"`        // that it is one
	Notes      string `json:"notes,omitempty"`             // generate or none
	Previous   string `json:"previous,omitempty"`          // the tag that the notes start from
	Body       string `json:"body,omitempty"`              // text before the notes
}

// TagModules tags every Go module of the repository, each behind those that it needs.
type TagModules struct {
	Modules string `json:"modules,omitempty" must:"yes"` // a pattern of go.mod files, such as src/*/go.mod
	Version string `json:"version,omitempty" must:"yes"` // the version; a tag is DIRECTORY/VERSION
	SHA     string `json:"sha,omitempty" must:"yes"`     // the commit of all of them
	Again   string `json:"again,omitempty"`              // the phase that takes the next number
}

// WaitPublished waits for the release of another project.
type WaitPublished struct {
	Repo    string `json:"repo,omitempty" must:"yes"`    // OWNER/NAME
	Version string `json:"version,omitempty" must:"yes"` // its tag, or the SHA of a commit
	Who     string `json:"who,omitempty"`                // who publishes it
}

// WaitImages waits until container images are in their registries.
type WaitImages struct {
	Images []string `json:"images,omitempty" must:"yes"` // REGISTRY/NAME:TAG
	Who    string   `json:"who,omitempty"`               // what pushes them
}

// OpenPull proposes new values in files as one pull request.
type OpenPull struct {
	Edits   string `json:"edits,omitempty" must:"yes"`  // as release/edit reads them, one a line
	Branch  string `json:"branch,omitempty" must:"yes"` // its branch
	Base    string `json:"base,omitempty" must:"yes"`   // where it goes
	Title   string `json:"title,omitempty" must:"yes"`  // its title, and that of the commit
	Body    string `json:"body,omitempty"`              // its text
	Repo    string `json:"repo,omitempty"`              // OWNER/NAME, where it is another one
	Signoff bool   `json:"signoff,omitempty"`           // the commits are signed off by the App
}

// WaitPull waits until that pull request is merged.
type WaitPull struct {
	Edits  string `json:"edits,omitempty" must:"yes"`  // as of OpenPull
	Branch string `json:"branch,omitempty" must:"yes"` // its branch
	Base   string `json:"base,omitempty" must:"yes"`   // where it goes
	Who    string `json:"who,omitempty"`               // who merges it
	Repo   string `json:"repo,omitempty"`              // as of OpenPull
}

// WaitWorkflow waits for the run of a workflow that a push started.
type WaitWorkflow struct {
	Workflow string `json:"workflow,omitempty" must:"yes"` // the name of its file
	SHA      string `json:"sha,omitempty" must:"yes"`      // the commit
	Ref      string `json:"ref,omitempty" must:"yes"`      // the branch or tag
	Fix      string `json:"fix,omitempty"`                 // the phase that mends what it found
}

// RunWorkflow starts a workflow, and waits for its run.
type RunWorkflow struct {
	Workflow  string   `json:"workflow,omitempty" must:"yes"` // the name of its file
	SHA       string   `json:"sha,omitempty" must:"yes"`      // the commit
	Ref       string   `json:"ref,omitempty" must:"yes"`      // the branch
	Fix       string   `json:"fix,omitempty"`                 // the phase that mends what it found
	Draft     string   `json:"draft,omitempty"`               // the tag that the workflow drafts and publishes
	Transient []string `json:"transient,omitempty"`           // patterns of jobs that fail for passing reasons
	Retries   int      `json:"retries,omitempty"`             // how often those are run again by themselves
}

// DeleteDraft deletes the draft of a tag; a published release stays.
type DeleteDraft struct {
	Tag string `json:"tag,omitempty" must:"yes"` // its tag
}

// VerifyRelease looks at a release that a workflow published: its tag and its files.
type VerifyRelease struct {
	Tag    string   `json:"tag,omitempty" must:"yes"` // its tag
	SHA    string   `json:"sha,omitempty" must:"yes"` // the commit that was built
	Assets []string `json:"assets,omitempty"`         // patterns of files
}

// Announce sends an announcement to a channel of the server, once.
type Announce struct {
	Channel string `json:"channel,omitempty" must:"yes"` // its name in the configuration of the server
	Subject string `json:"subject,omitempty" must:"yes"` // one line
	Text    string `json:"text,omitempty" must:"yes"`    // plain text
}

// Manual is done and reported by a person.
type Manual struct {
	Text  string   `json:"text,omitempty" must:"yes"` // who does what, as in "a tester to test the pre-release"
	Items []string `json:"items,omitempty"`           // what it consists of
	Who   string   `json:"who,omitempty"`             // who does it
	Fix   string   `json:"fix,omitempty"`             // what to do when it does not go well
}

// Kind is create-milestone.
func (CreateMilestone) Kind() string { return "create-milestone" }

// Kind is rename-milestone.
func (RenameMilestone) Kind() string { return "rename-milestone" }

// Kind is close-milestone.
func (CloseMilestone) Kind() string { return "close-milestone" }

// Kind is roll-milestone.
func (RollMilestone) Kind() string { return "roll-milestone" }

// Kind is unroll-milestone.
func (UnrollMilestone) Kind() string { return "unroll-milestone" }

// Kind is create-branch.
func (CreateBranch) Kind() string { return "create-branch" }

// Kind is protect-branch.
func (ProtectBranch) Kind() string { return "protect-branch" }

// Kind is lock-branch.
func (LockBranch) Kind() string { return "lock-branch" }

// Kind is unlock-branch.
func (UnlockBranch) Kind() string { return "unlock-branch" }

// Kind is exempt-pull.
func (ExemptPull) Kind() string { return "exempt-pull" }

// Kind is cherry-pick.
func (CherryPick) Kind() string { return "cherry-pick" }

// Kind is create-tag.
func (CreateTag) Kind() string { return "create-tag" }

// Kind is wait-tag.
func (WaitTag) Kind() string { return "wait-tag" }

// Kind is draft-release.
func (DraftRelease) Kind() string { return "draft-release" }

// Kind is publish-release.
func (PublishRelease) Kind() string { return "publish-release" }

// Kind is create-release.
func (CreateRelease) Kind() string { return "create-release" }

// Kind is tag-modules.
func (TagModules) Kind() string { return "tag-modules" }

// Kind is wait-published.
func (WaitPublished) Kind() string { return "wait-published" }

// Kind is wait-images.
func (WaitImages) Kind() string { return "wait-images" }

// Kind is open-pull.
func (OpenPull) Kind() string { return "open-pull" }

// Kind is wait-pull.
func (WaitPull) Kind() string { return "wait-pull" }

// Kind is wait-workflow.
func (WaitWorkflow) Kind() string { return "wait-workflow" }

// Kind is run-workflow.
func (RunWorkflow) Kind() string { return "run-workflow" }

// Kind is delete-draft.
func (DeleteDraft) Kind() string { return "delete-draft" }

// Kind is verify-release.
func (VerifyRelease) Kind() string { return "verify-release" }

// Kind is announce.
func (Announce) Kind() string { return "announce" }

// Kind is manual.
func (Manual) Kind() string { return "manual" }
