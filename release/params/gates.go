package params

// VersionFollows asks that the version follows the existing ones.
type VersionFollows struct{}

// TagFree asks that the tag is free.
type TagFree struct {
	Tag string `json:"tag,omitempty" must:"yes"` // its name
	SHA string `json:"sha,omitempty" must:"yes"` // the commit that it may be at already
}

// Team asks that the release team has enough people of a role.
type Team struct {
	Role  string `json:"role,omitempty" must:"yes"`  // the role
	Count int    `json:"count,omitempty" must:"yes"` // how many
}

// Approvals asks that enough people of a role approved the plan.
type Approvals struct {
	Role   string `json:"role,omitempty" must:"yes"`  // the role
	Count  int    `json:"count,omitempty" must:"yes"` // how many
	OnTeam bool   `json:"team,omitempty"`             // who approves is on the release team
	Self   bool   `json:"self,omitempty"`             // who gives the command counts as well
}

// ChecksGreen asks that the checks of a commit succeeded.
type ChecksGreen struct {
	SHA      string   `json:"sha,omitempty" must:"yes"` // the commit
	Required []string `json:"required,omitempty"`       // the checks that count; none means all
	Ignore   []string `json:"ignore,omitempty"`         // checks that do not count
}

// NoOpenBlockers asks that nothing open in a milestone has a label.
type NoOpenBlockers struct {
	Milestone string `json:"milestone,omitempty" must:"yes"` // its title
	Label     string `json:"label,omitempty" must:"yes"`     // the label
}

// MilestoneClear asks that nothing is open in a milestone.
type MilestoneClear struct {
	Milestone string `json:"milestone,omitempty" must:"yes"` // its title
	What      string `json:"what,omitempty"`                 // pulls, issues or all
}

// Ported asks that everything that was merged for a milestone is on a branch.
type Ported struct {
	Milestone string `json:"milestone,omitempty" must:"yes"` // its title
	Branch    string `json:"branch,omitempty" must:"yes"`    // the branch
	From      string `json:"from,omitempty" must:"yes"`      // where it was merged first
}

// Milestoned asks that everything that was merged since the last release has a milestone.
type Milestoned struct {
	Since     string `json:"since,omitempty"`                // the tag of the last release
	Branch    string `json:"branch,omitempty" must:"yes"`    // the branch
	Milestone string `json:"milestone,omitempty" must:"yes"` // the one to propose
}

// VersionsRise asks that the first lines of version files are not below those of the newest tag of a family.
type VersionsRise struct {
	Files  []string `json:"files,omitempty" must:"yes"`  // the files
	Family string   `json:"family,omitempty" must:"yes"` // what its tags end in, such as +driver
	Rev    string   `json:"rev,omitempty" must:"yes"`    // the branch or commit
}

// CandidateExists asks that a release candidate was tagged.
type CandidateExists struct {
	Again string `json:"again,omitempty"` // the phase that makes one
}

// CandidateNew asks that the branch has something that the last candidate has not.
type CandidateNew struct {
	SHA string `json:"sha,omitempty" must:"yes"` // the head of the branch
}

// CandidateCurrent asks that the release is identical to the last candidate.
type CandidateCurrent struct {
	SHA   string `json:"sha,omitempty" must:"yes"` // the head of the branch
	Again string `json:"again,omitempty"`          // the phase that makes another candidate
}

// Date asks that the day has come, counted from the due date.
type Date struct {
	Days int    `json:"days,omitempty" must:"yes"` // days before the due date
	Due  string `json:"due,omitempty" must:"yes"`  // YYYY-MM-DD
}

// A Component says in which repository an image is released.
type Component struct {
	Image string `json:"image"`
	Repo  string `json:"repo"` // OWNER/NAME
}

// ChartImages asks that every image of the charts has the tag of a release.
type ChartImages struct {
	SHA    string `json:"sha,omitempty" must:"yes"`    // the commit
	Charts string `json:"charts,omitempty" must:"yes"` // a pattern, such as charts/*/Chart.yaml
	// what the tag of a release looks like, as an expression
	Tags       string      `json:"tags,omitempty" must:"yes"`
	Components []Component `json:"components,omitempty"`  // where the releases of images have to exist
	NoRegistry bool        `json:"no_registry,omitempty"` // registries are not asked
}

// ChartVersions asks that no other branch has the charts with another content under one version.
type ChartVersions struct {
	SHA      string `json:"sha,omitempty" must:"yes"`      // the commit
	Charts   string `json:"charts,omitempty" must:"yes"`   // a pattern, such as charts/*/Chart.yaml
	Branches string `json:"branches,omitempty" must:"yes"` // what the names of release branches begin with
}

// BaseImages asks that every image that a Dockerfile begins with has a version.
type BaseImages struct {
	SHA string `json:"sha,omitempty" must:"yes"` // the commit
}

// PickDeadline asks that the deadline of cherry-picks for a patch release is past.
type PickDeadline struct {
	Version string `json:"version,omitempty" must:"yes"` // the version
	Path    string `json:"path,omitempty"`               // the schedule; without it the rule of the month
	Repo    string `json:"repo,omitempty"`               // OWNER/NAME of the schedule, where it is another one
}

// PicksApproved asks that every pull request that was merged into a release branch has the label of approval, of
// somebody who may give it.
type PicksApproved struct {
	Branch    string `json:"branch,omitempty" must:"yes"`    // the branch
	Since     string `json:"since,omitempty" must:"yes"`     // the tag before
	SHA       string `json:"sha,omitempty" must:"yes"`       // the commit
	Milestone string `json:"milestone,omitempty" must:"yes"` // its title
	Role      string `json:"role,omitempty" must:"yes"`      // who approves
}

// LineClear asks that no open issue of a priority that blocks affects the line without being resolved in the version.
type LineClear struct {
	Version string `json:"version,omitempty" must:"yes"` // the version
}

// DriverVersion asks that the version follows from two version files and the code beside them.
type DriverVersion struct {
	SHA    string `json:"sha,omitempty" must:"yes"`    // the commit
	API    string `json:"api,omitempty" must:"yes"`    // the first file
	Schema string `json:"schema,omitempty" must:"yes"` // the second file
	Code   string `json:"code,omitempty" must:"yes"`   // the directory of the code
}

// MilestoneNamed asks that there is a milestone of that title.
type MilestoneNamed struct {
	Milestone string `json:"milestone,omitempty" must:"yes"` // its title
}

// ModuleTags asks that every Go module of the repository can be tagged.
type ModuleTags struct {
	Modules string `json:"modules,omitempty" must:"yes"` // a pattern of go.mod files
	Version string `json:"version,omitempty" must:"yes"` // the version
	SHA     string `json:"sha,omitempty" must:"yes"`     // the commit
	Again   string `json:"again,omitempty"`              // the phase that takes the next number
}

// Images asks that container images are in their registries.
type Images struct {
	Images []string `json:"images,omitempty" must:"yes"` // REGISTRY/NAME:TAG
}

// NoOthers asks that no file of a pattern but the listed ones has a value.
type NoOthers struct {
	SHA   string `json:"sha,omitempty" must:"yes"`   // the commit
	Files string `json:"files,omitempty" must:"yes"` // the pattern
	At    string `json:"at,omitempty" must:"yes"`    // KIND:ARG, as in edits
	Value string `json:"value,omitempty" must:"yes"` // the value
	Edits string `json:"edits,omitempty" must:"yes"` // those that are listed
}

// Files asks that files of the commit say what is released.
type Files struct {
	SHA   string `json:"sha,omitempty" must:"yes"`   // the commit
	Edits string `json:"edits,omitempty" must:"yes"` // as release/edit reads them, one a line
	Repo  string `json:"repo,omitempty"`             // OWNER/NAME, where it is another one
	Again string `json:"again,omitempty"`            // the phase that proposes them
}

// TaggedFiles asks that files of the commit that was tagged say what is released.
type TaggedFiles struct {
	SHA   string `json:"sha,omitempty" must:"yes"`   // the commit
	Edits string `json:"edits,omitempty" must:"yes"` // as of Files
	Tag   string `json:"tag,omitempty" must:"yes"`   // its name
}

// FilesBelow asks that versions in files are lower than those to be written.
type FilesBelow struct {
	SHA   string `json:"sha,omitempty" must:"yes"`   // the commit or branch
	Edits string `json:"edits,omitempty" must:"yes"` // as of Files
}

// WorkflowGreen asks that the newest run of a workflow for the commit succeeded.
type WorkflowGreen struct {
	Workflow string `json:"workflow,omitempty" must:"yes"` // the name of its file
	SHA      string `json:"sha,omitempty" must:"yes"`      // the commit
}

// RunOver asks that no run of a workflow is in progress for the commit.
type RunOver struct {
	Workflow string `json:"workflow,omitempty" must:"yes"` // the name of its file
	SHA      string `json:"sha,omitempty" must:"yes"`      // the commit
}

// Unpublished asks that the version is not published.
type Unpublished struct {
	Tag string `json:"tag,omitempty" must:"yes"` // its tag
}

// NoRelease asks that the version is not published, and has no draft.
type NoRelease struct {
	Tag string `json:"tag,omitempty" must:"yes"` // its tag
}

// BranchLocked asks that the branch is locked by this release.
type BranchLocked struct {
	Branch string `json:"branch,omitempty" must:"yes"` // the branch
	Phase  string `json:"phase,omitempty" must:"yes"`  // the phase that locks it
}

// ReleaseExists asks that a release is published.
type ReleaseExists struct {
	Repo string `json:"repo,omitempty" must:"yes"` // OWNER/NAME
	Tag  string `json:"tag,omitempty" must:"yes"`  // its tag
}

// Kind is version-follows.
func (VersionFollows) Kind() string { return "version-follows" }

// Kind is tag-free.
func (TagFree) Kind() string { return "tag-free" }

// Kind is team.
func (Team) Kind() string { return "team" }

// Kind is approvals.
func (Approvals) Kind() string { return "approvals" }

// Kind is checks-green.
func (ChecksGreen) Kind() string { return "checks-green" }

// Kind is no-open-blockers.
func (NoOpenBlockers) Kind() string { return "no-open-blockers" }

// Kind is milestone-clear.
func (MilestoneClear) Kind() string { return "milestone-clear" }

// Kind is ported.
func (Ported) Kind() string { return "ported" }

// Kind is milestoned.
func (Milestoned) Kind() string { return "milestoned" }

// Kind is versions-rise.
func (VersionsRise) Kind() string { return "versions-rise" }

// Kind is candidate-exists.
func (CandidateExists) Kind() string { return "candidate-exists" }

// Kind is candidate-new.
func (CandidateNew) Kind() string { return "candidate-new" }

// Kind is candidate-current.
func (CandidateCurrent) Kind() string { return "candidate-current" }

// Kind is date.
func (Date) Kind() string { return "date" }

// Kind is chart-images-released.
func (ChartImages) Kind() string { return "chart-images-released" }

// Kind is chart-version-unique.
func (ChartVersions) Kind() string { return "chart-version-unique" }

// Kind is base-images-versioned.
func (BaseImages) Kind() string { return "base-images-versioned" }

// Kind is pick-deadline.
func (PickDeadline) Kind() string { return "pick-deadline" }

// Kind is picks-approved.
func (PicksApproved) Kind() string { return "picks-approved" }

// Kind is line-clear.
func (LineClear) Kind() string { return "line-clear" }

// Kind is driver-version.
func (DriverVersion) Kind() string { return "driver-version" }

// Kind is milestone-named.
func (MilestoneNamed) Kind() string { return "milestone-named" }

// Kind is module-tags.
func (ModuleTags) Kind() string { return "module-tags" }

// Kind is images.
func (Images) Kind() string { return "images" }

// Kind is no-others.
func (NoOthers) Kind() string { return "no-others" }

// Kind is files.
func (Files) Kind() string { return "files" }

// Kind is tagged-files.
func (TaggedFiles) Kind() string { return "tagged-files" }

// Kind is files-below.
func (FilesBelow) Kind() string { return "files-below" }

// Kind is workflow-green.
func (WorkflowGreen) Kind() string { return "workflow-green" }

// Kind is run-over.
func (RunOver) Kind() string { return "run-over" }

// Kind is unpublished.
func (Unpublished) Kind() string { return "unpublished" }

// Kind is no-release.
func (NoRelease) Kind() string { return "no-release" }

// Kind is branch-locked.
func (BranchLocked) Kind() string { return "branch-locked" }

// Kind is release-exists.
func (ReleaseExists) Kind() string { return "release-exists" }
