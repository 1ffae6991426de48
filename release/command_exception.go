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
		Name: "exception", Usage: "#N[@SHA] REASON",
		About:   "allow one pull request during the code freeze, at the commit that is its head now",
		Example: `/release exception #123 "fixes a crash at start"`, Least: 2, Most: -1,
		needs: needsPull, decide: exception, running: true,
	}
}

// exception lets one pull request in during the freeze, at the head that it has now: what is pushed later needs another
// word. A person may name the head, so that nothing is let in that was pushed while they wrote.
func exception(r Release, c Command, f Facts, _ time.Time) ([]Event, *Refusal) {
	if refusal := noPull(c, f); refusal != nil {
		return nil, refusal
	}
	n, named := pullNumber(c), pullHead(c)
	freeze, frozen := r.frozen()
	switch {
	case !frozen && f.Pull.Merged:
		return nil, notFrozenMerged(n, r.stands()).passing(r)
	case !frozen:
		return nil, notFrozen(n, r.stands()).passing(r)
	case f.Pull.Merged && r.excepted(n, f.Pull.Head):
		return nil, exceptedAlready(n)
	case f.Pull.Merged:
		return nil, mergedAlready(n)
	case !f.Pull.Open:
		return nil, pullClosed(n, c)
	case named != "" && (len(named) < shortestHash || !strings.HasPrefix(f.Pull.Head, named)):
		return nil, otherHead(n, named, f.Pull)
	}
	reason := c.rest(1)
	with := maps.Clone(freeze.With)
	maps.DeleteFunc(with, func(k, _ string) bool { return k != "milestone" })
	with["pull"], with["reason"], with["by"], with["sha"] = strconv.Itoa(n), reason, c.By, f.Pull.Head
	if with["milestone"] == "" {
		with["milestone"] = r.Vars()["milestone"]
	}
	name := fmt.Sprintf("exception-%d", n)
	return append(r.replaced(name, c),
		Excepted{Source: c.Source, Pull: n, Head: f.Pull.Head, URL: f.Pull.URL, Reason: reason},
		Asked{Source: c.Source, Name: name, Steps: []Step{{
			ID: fmt.Sprintf("exempt-%d", n), Kind: "exempt-pull", Title: exceptionTitle(n), With: literal(with),
		}}},
	), nil
}

// excepted says that the pull request has an exception for that head.
func (r Release) excepted(n int, head string) bool {
	return slices.ContainsFunc(r.Exceptions,
		func(e Exception) bool { return e.Pull == n && (e.Head == head || e.Head == "") })
}

// replaced ends what is left of earlier work of the same name: what it was asked for has changed, and it is asked anew.
func (r Release) replaced(name string, c Command) []Event {
	var out []Event
	for i := r.First; i < len(r.Runs); i++ {
		for _, s := range r.Runs[i].Steps {
			if r.Runs[i].Name == name && s.Done == nil {
				out = append(out, Did{Source: c.Source, Run: i, Step: s.ID, How: Skipped, Text: replacedBy(c.By)})
			}
		}
	}
	return out
}

// Granted are the exceptions whose pull requests are to be looked at: a push ends them.
func (r Release) Granted() []Exception {
	if _, frozen := r.frozen(); !frozen || r.Aborted != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.Exceptions), func(e Exception) bool { return e.Head == "" })
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

// pullNumber reads #123 or #123@SHA; 0 when the argument is none.
func pullNumber(c Command) int {
	number, _, named := strings.Cut(c.arg(0), "@")
	n, err := strconv.Atoi(strings.TrimPrefix(number, "#"))
	if named && c.Verb != "exception" {
		return 0
	}
	if err != nil || n < 1 {
		return 0
	}
	return n
}

// pullHead is the SHA behind the number, in lower case; empty where there is none.
func pullHead(c Command) string {
	_, sha, _ := strings.Cut(c.arg(0), "@")
	return strings.ToLower(sha)
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
