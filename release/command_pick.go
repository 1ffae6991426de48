package release

import (
	"fmt"
	"slices"
	"time"

	"github.com/slipway-dev/slipway/release/params"
)

// pickVerb is the row of `/release pick`.
func pickVerb() Verb {
	return Verb{
		Name: "pick", Usage: "#N", About: "bring a merged pull request into the release branch",
		Example: "/release pick #123", Least: 1, Most: 1,
		needs: needsPull, decide: pick, running: true,
	}
}

// pick brings one merged pull request into the release branch.
func pick(r Release, c Command, f Facts, _ time.Time) ([]Event, *Refusal) {
	if refusal := noPull(c, f); refusal != nil {
		return nil, refusal
	}
	n := pullNumber(c)
	branch := r.Vars()["branch"]
	switch {
	case branch == "":
		return nil, noReleaseBranch(r.Started.Process.Title, nextCommand(r)).passing(r)
	case !r.branched():
		return nil, noBranchYet(branch, nextCommand(r)).passing(r)
	case !f.Pull.Merged && !f.Pull.Open:
		return nil, pullClosed(n, c)
	case f.Pull.Base != r.Started.DefaultBranch:
		return nil, otherBase(n, f.Pull.Base, r.Started.DefaultBranch)
	}
	excepted := r.excepted(n, f.Pull.Head)
	lapsed := slices.IndexFunc(r.Exceptions, func(e Exception) bool { return e.Pull == n && !excepted })
	switch frozen := r.frozen(); {
	case frozen && lapsed >= 0 && !f.Pull.Merged:
		e := r.Exceptions[lapsed]
		e.Pushed = f.Pull.Head
		return nil, lapsedException(e)
	case frozen && !excepted && f.Pull.Merged:
		return nil, mergedWithoutException(n)
	case frozen && !excepted:
		return nil, noException(n, f.Ask["maintainer"])
	}
	name := fmt.Sprintf("pick-%d", n)
	// What is picked is the merge of this moment, or the merge of the commits that are there now.
	pick := params.CherryPick{Pull: n, Branch: branch, SHA: f.Pull.Merge}
	if !f.Pull.Merged {
		pick.Head = f.Pull.Head
	}
	for _, run := range r.Live() {
		s, open := run.open()
		before, _ := s.Does.Any.(params.CherryPick)
		again := open && s.Stopped != nil && (before.SHA != pick.SHA || before.Head != pick.Head)
		if run.Name == name && !run.Complete() && !again {
			return nil, underWay(r, run, syntax("pick", fmt.Sprintf("#%d", n)))
		}
	}
	if numbers, err := Expand(r.Started.Process.Picked, r.Vars()); err == nil && numbers != "" {
		pick.Versions = numbers
	}
	return append(r.replaced(name, c), Asked{Source: c.Source, Name: name, Steps: []Step{{
		ID: name, Does: literal(pick), Title: pickTitle(n, branch),
		Stays: pickStays(),
	}}}), nil
}

// branched says that the release branch exists: made by this release, or before it.
func (r Release) branched() bool {
	for _, item := range r.Track().Sequence() {
		phase, _ := r.Started.Process.Phase(item.Phase)
		if slices.ContainsFunc(phase.Steps,
			func(s Step) bool { return s.branches() && s.On(r.Started.Track) }) {
			run, entered := r.Entered(item.Phase)
			return entered && run.Complete()
		}
	}
	return true
}
