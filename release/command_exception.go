package release

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/params"
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
	frozen := r.frozen()
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
	exempt := params.ExemptPull{Pull: n, Reason: reason, By: c.By, SHA: f.Pull.Head, Milestone: r.Vars()["milestone"]}
	name := fmt.Sprintf("exception-%d", n)
	return append(r.replaced(name, c),
		Excepted{Source: c.Source, Pull: n, Head: f.Pull.Head, URL: f.Pull.URL, Reason: reason},
		Asked{Source: c.Source, Name: name, Steps: []Step{{
			ID: fmt.Sprintf("exempt-%d", n), Does: literal(exempt), Title: exceptionTitle(n),
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
	if !r.frozen() || r.Aborted != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.Exceptions), func(e Exception) bool { return e.Head == "" })
}

// frozen says that a lock stands which lets exceptions in.
func (r Release) frozen() bool {
	found := false
	for _, run := range r.Live() {
		for _, s := range run.Steps {
			switch {
			case s.Done == nil || s.Done.How == Skipped:
			case s.freezes():
				found = true
			case s.opens():
				found = false
			}
		}
	}
	return found
}

// literal protects values from being read as templates.
func literal(p params.Any) params.Set {
	out, err := params.Fill(p, func(text string) (string, error) {
		return strings.NewReplacer("{", "(", "}", ")").Replace(text), nil
	})
	if err != nil {
		out = p // replacing braces does not fail
	}
	return params.Set{Any: out}
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
