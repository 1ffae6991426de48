package release

import "github.com/slipway-dev/slipway/release/params"

// What the core has to know of what a step does: the state of branches, of which whole releases depend.

// locks says that the step keeps a branch from being changed, freezes that it lets exceptions in.
func (s Step) locks() bool {
	_, is := s.Does.Any.(params.LockBranch)
	return is
}

func (s Step) freezes() bool {
	lock, is := s.Does.Any.(params.LockBranch)
	return is && lock.Allow == "exceptions"
}

// opens says that the step ends a lock.
func (s Step) opens() bool {
	_, is := s.Does.Any.(params.UnlockBranch)
	return is
}

// branches says that the step makes a branch.
func (s Step) branches() bool {
	_, is := s.Does.Any.(params.CreateBranch)
	return is
}

// branch is the one that the step locks or opens, templates not expanded.
func (s Step) branch() string {
	switch p := s.Does.Any.(type) {
	case params.LockBranch:
		return p.Branch
	case params.UnlockBranch:
		return p.Branch
	}
	return ""
}

// items are what a person's step consists of.
func (s Step) items() []string {
	p, _ := s.Does.Any.(params.Manual)
	return p.Items
}
