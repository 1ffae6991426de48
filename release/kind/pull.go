package kind

import "github.com/slipway-dev/slipway/release/typed"

// Pull proposes new values in files as one pull request, and waits until it is merged.
type Pull struct {
	Edits       []Edit     `yaml:"edits" must:"yes" about:"the new values"`
	Title       typed.Text `yaml:"title" must:"yes" about:"its title, and that of the commit"`
	Base        typed.Ref  `yaml:"base" default:"{default_branch}" about:"where it goes"`
	Branch      typed.Ref  `yaml:"branch" about:"its branch; without it slipway/ID-VERSION"`
	Body        typed.Text `yaml:"body" lines:"yes" about:"its text"`
	Signoff     bool       `yaml:"signoff" default:"false" about:"its commits are signed off by the App"`
	Repo        typed.Repo `yaml:"repo" about:"OWNER/NAME, where it is another repository; that one has to consent"`
	MergedBy    typed.Text `yaml:"merged-by" default:"a maintainer" about:"who merges it"`
	ThroughLock bool       `yaml:"through-lock" default:"false" about:"it is let through the lock of this release"`
}

// Merged is the gate on what was merged into a branch.
type Merged struct {
	_ struct{} `exactly:"milestoned also-on approved-by"`

	Into       typed.Ref    `yaml:"into" must:"yes" about:"the branch"`
	Since      typed.Text   `yaml:"since" must:"with approved-by" not:"also-on" about:"the tag that it counts from"`
	At         typed.Commit `yaml:"at" must:"with approved-by" only:"with approved-by" about:"the commit it counts to"`
	Milestone  typed.Text   `yaml:"milestone" must:"with also-on approved-by" not:"milestoned" about:"only what is in it"`
	Milestoned typed.Text   `yaml:"milestoned" about:"each pull request has a milestone; this one is proposed"`
	AlsoOn     typed.Ref    `yaml:"also-on" about:"each is on this branch too"`
	ApprovedBy typed.Role   `yaml:"approved-by" about:"each has the label of approval, of somebody with this role"`
}
