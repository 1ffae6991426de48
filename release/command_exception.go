package release

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// exceptionVerb is the row of `/release exception`.
func exceptionVerb() Verb {
	return Verb{
		Name: "exception", Usage: "#N REASON", About: "allow one pull request during the code freeze",
		Example: `/release exception #123 "fixes a crash at start"`, Least: 2, Most: -1,
		needs: needsPull, decide: exception, running: true,
	}
}

// exception lets one pull request in during the freeze, bound to the commits that it has now.
func exception(r Release, c Command, f Facts, _ time.Time) ([]Event, *Refusal) {
	if refusal := noPull(c, f); refusal != nil {
		return nil, refusal
	}
	n := pullNumber(c)
	freeze, frozen := r.frozen()
	excepted := slices.ContainsFunc(r.Exceptions, func(e Excepted) bool { return e.Pull == n })
	switch {
	case !frozen && f.Pull.Merged:
		return nil, notFrozenMerged(n, r.stands()).passing(r)
	case !frozen:
		return nil, notFrozen(n, r.stands()).passing(r)
	case f.Pull.Merged && excepted:
		return nil, exceptedAlready(n)
	case f.Pull.Merged:
		return nil, mergedAlready(n)
	case !f.Pull.Open:
		return nil, pullClosed(n, c)
	}
	reason := c.rest(1)
	with := maps.Clone(freeze.With)
	maps.DeleteFunc(with, func(k, _ string) bool { return k != "milestone" })
	with["pull"], with["reason"], with["by"] = strconv.Itoa(n), reason, c.By
	if with["milestone"] == "" {
		with["milestone"] = r.Vars()["milestone"]
	}
	return []Event{
		Excepted{Source: c.Source, Pull: n, Reason: reason},
		Asked{Source: c.Source, Name: fmt.Sprintf("exception-%d", n), Steps: []Step{{
			ID: fmt.Sprintf("exempt-%d", n), Kind: "exempt-pull", Title: exceptionTitle(n), With: literal(with),
		}}},
	}, nil
}

// frozen finds the lock that lets exceptions in and that no unlock has opened.
func (r Release) frozen() (StepState, bool) {
	var lock StepState
	found := false
	for _, run := range r.Live() {
		for _, s := range run.Steps {
			switch {
			case s.Done == nil || s.Done.How == Skipped:
			case s.Kind == "lock-branch" && s.With["allow"] == "exceptions":
				lock, found = s, true
			case s.Kind == "unlock-branch":
				found = false
			}
		}
	}
	return lock, found
}

// literal protects values from being read as templates.
func literal(with map[string]string) map[string]string {
	out := make(map[string]string, len(with))
	for k, v := range with {
		out[k] = strings.NewReplacer("{", "(", "}", ")").Replace(v)
	}
	return out
}

// needsPull asks for the pull request that the command names.
func needsPull(_ Release, c Command, _ Process) Questions { return Questions{Pull: pullNumber(c)} }

// pullNumber reads #123; 0 when the argument is none.
func pullNumber(c Command) int {
	n, err := strconv.Atoi(strings.TrimPrefix(c.arg(0), "#"))
	if err != nil || n < 1 {
		return 0
	}
	return n
}

func noPull(c Command, f Facts) *Refusal {
	if pullNumber(c) == 0 {
		return noPullNumber(c)
	}
	if !f.Pull.Found {
		return pullNotFound(pullNumber(c))
	}
	return nil
}
