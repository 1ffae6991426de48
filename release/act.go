package release

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// plan lists what the phase would write.
func plan(r Release, c Command, f Facts) ([]Event, *Refusal) {
	if r.Aborted != nil {
		return nil, over(r)
	}
	name := subject(r, c)
	if name == "" {
		if c.arg(0) != "" {
			return nil, unknown(r.Started.Process, Command{Verb: c.arg(0)})
		}
		return nil, &Refusal{Why: "no phase is left to plan", Saw: r.Started.Version + " is finished", Fix: "`/release start VERSION` begins the next release on this issue"}
	}
	if f.PhaseProblem != nil {
		return nil, f.PhaseProblem
	}
	return answered(c, planText(r, name, f)), nil
}

func planText(r Release, phase string, f Facts) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Plan of `%s`** for %s %s. ", phase, r.Started.Process.Title, r.Started.Version)
	then := "It writes"
	if f.Plan.Stop != "" {
		fmt.Fprintf(&b, "It would stop at its first step: %s.\n\n- **Next:** %s\n\n", f.Plan.Stop, f.Plan.Fix)
		then = "Then it would write"
	}
	if len(f.Plan.Writes) == 0 {
		fmt.Fprintf(&b, "%s nothing: what is not there already is for people to do.\n", then)
	} else {
		fmt.Fprintf(&b, "%s, in this order:\n\n", then)
	}
	for i, w := range f.Plan.Writes {
		fmt.Fprintf(&b, "%d. %s\n", i+1, w)
	}
	fmt.Fprintf(&b, "\nHash: `%s`. ", shortHash(f.Plan.Hash))
	if r.approvable() == phase {
		fmt.Fprintf(&b, "Sign it with `/release approve %s`; ", shortHash(f.Plan.Hash))
	}
	carry := "Carry"
	if r.approvable() == phase {
		carry = "carry"
	}
	fmt.Fprintf(&b, "%s it out with `/release %s`.", carry, phase)
	return b.String()
}

// approve signs the plan of the next phase that wants approvals. A hash that was typed must be the plan's.
func approve(r Release, c Command, f Facts) ([]Event, *Refusal) {
	phase := subject(r, c)
	if phase == "" {
		return nil, &Refusal{Why: "no phase is left to approve", Saw: r.Started.Version + " is finished", Fix: "`/release start VERSION` begins the next release on this issue"}
	}
	if f.PhaseProblem != nil {
		return nil, f.PhaseProblem
	}
	if typed := strings.ToLower(c.arg(0)); typed != "" && (len(typed) < 7 || !strings.HasPrefix(f.Plan.Hash, typed)) {
		refusal := &Refusal{
			Why:  Quoted(typed) + " is not the hash of the plan of `" + phase + "` now",
			Rule: "an approval signs one plan; when the world moves, the plan gets another hash",
			Saw:  "the hash is `" + shortHash(f.Plan.Hash) + "` now",
			Fix:  "read `/release plan " + phase + "`, then `/release approve " + shortHash(f.Plan.Hash) + "`",
		}
		return nil, refusal
	}
	roles := []string{}
	for role, has := range f.Has {
		if has == Yes {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	signed := Approved{Source: c.Source, Phase: phase, Plan: f.Plan.Hash, Writes: f.Plan.Writes, Roles: roles}
	var b strings.Builder
	fmt.Fprintf(&b, "%s signed the plan `%s` of `%s`:\n\n", Login(c.By), shortHash(f.Plan.Hash), phase)
	for i, w := range f.Plan.Writes {
		fmt.Fprintf(&b, "%d. %s\n", i+1, w)
	}
	b.WriteString("\nThe signature lapses when one of these changes.")
	return append([]Event{signed}, answered(c, b.String())...), nil
}

// abort gives the release up. What can be undone is undone in the reverse order; the rest is named with the
// reason why it stays.
func abort(r Release, c Command) ([]Event, *Refusal) {
	reason := c.rest(0)
	if r.Finished() && !r.pending() {
		return nil, &Refusal{Why: r.Started.Version + " is finished, and what is published is never taken back", Fix: "release the next version"}
	}
	var back []Step
	var undone, stays, awaited []string
	locks := r.locks()
	for i, run := range slices.Backward(r.Runs) {
		if i < r.First {
			break
		}
		for _, s := range slices.Backward(run.Steps) {
			// The step that was under way may have acted without its receipt, so it is undone as well.
			touched := s.Done != nil && s.Done.How != Skipped || s.Done == nil && !s.Optional && (s.Waits != nil || s.Stopped != nil)
			switch {
			case !touched:
				continue
			case s.Kind == "lock-branch" && s.Done != nil && !holds(locks, s):
				continue // it was opened since
			case s.Undo != nil:
				back = append(back, wayBack(r, run, s))
				undone = append(undone, stepTitle(s)+" (`"+s.Undo.Kind+"`)")
			case s.Stays != "" && s.Done != nil:
				stays = append(stays, s.Done.Text+": "+s.Stays)
			case s.Stays != "" && s.Waits != nil:
				awaited = append(awaited, s.Waits.For+": "+s.Stays) // it is not there, and may come all the same
			case s.Stays != "" && s.Stopped != nil:
				stays = append(stays, s.Stopped.Why+": "+s.Stays)
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s gave %s %s up: %s.\n", Login(c.By), r.Started.Process.Title, r.Started.Version, Quoted(reason))
	list(&b, "Is undone now", undone)
	list(&b, "Stays", stays)
	list(&b, "Is waited for no more", awaited)
	if len(undone)+len(stays)+len(awaited) == 0 {
		b.WriteString("\nNothing had been written, so nothing is to be undone.")
	}
	events := []Event{Aborted{Source: c.Source, Reason: reason}}
	if len(back) > 0 {
		events = append(events, Asked{Source: c.Source, Name: "abort", Steps: back, Vars: map[string]string{}})
	}
	return append(events, answered(c, strings.TrimRight(b.String(), "\n"))...), nil
}

// holds says that the step is one of those locks.
func holds(locks map[string]StepState, s StepState) bool {
	for _, lock := range locks {
		if lock.Done == s.Done {
			return true
		}
	}
	return false
}

// dud marks the version as failed. One that is under way is given up as well; what is published stays, and is said to be
// bad. Its number is never used again (a partial push of the tags of Kubernetes 1.18.11 burned it, sig-release#1329).
func dud(r Release, c Command) ([]Event, *Refusal) {
	if d, is := r.Dud(); is {
		return nil, &Refusal{Why: d.Version + " is marked as failed already, by " + Login(d.By), Saw: Quoted(d.Reason), Fix: "`/release start VERSION` begins the next one"}
	}
	marked := Dudded{Source: c.Source, Version: r.Started.Version, Reason: c.rest(0)}
	text := fmt.Sprintf("%s marked %s %s as failed: %s. Its number is burned: the next version may leave it out, and its notes or announcement say so.",
		Login(c.By), r.Started.Process.Title, r.Started.Version, Quoted(marked.Reason))
	if r.Aborted != nil || r.Finished() && !r.pending() {
		return append([]Event{marked}, answered(c, text)...), nil
	}
	events, refusal := abort(r, c)
	if refusal != nil {
		return nil, refusal
	}
	for i, e := range events {
		if a, is := e.(Answered); is {
			a.Text = text + "\n\n" + a.Text
			events[i] = a
		}
	}
	return append([]Event{marked}, events...), nil
}

// wayBack is the step that undoes s, with the values of the run that did it.
func wayBack(r Release, run Run, s StepState) Step {
	with := map[string]string{}
	vars := r.In(run)
	for name, template := range s.Undo.With {
		if value, err := Expand(template, vars); err == nil {
			with[name] = value
		}
	}
	with["undo_key"] = r.Key(run, s.ID)
	if s.Done != nil && len(s.Done.Undo) > 0 {
		moves := []string{}
		for _, number := range slices.Sorted(maps.Keys(s.Done.Undo)) {
			moves = append(moves, number+" "+s.Done.Undo[number])
		}
		with["moves"] = strings.Join(moves, "\n")
	}
	// A phase may have been entered several times, and each of its steps goes back by itself.
	id := "undo-" + run.Name + "-" + s.ID
	if run.Number > 1 {
		id = fmt.Sprintf("undo-%s-%d-%s", run.Name, run.Number, s.ID)
	}
	return Step{ID: id, Kind: s.Undo.Kind, Title: "Undo: " + stepTitle(s), With: with}
}

func list(b *strings.Builder, title string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(b, "\n**%s:**\n", title)
	for _, item := range items {
		fmt.Fprintf(b, "- %s\n", item)
	}
}

func team(r Release, c Command) ([]Event, *Refusal) {
	user := strings.TrimPrefix(c.arg(1), "@")
	verb := strings.ToLower(c.arg(0))
	if (verb != "add" && verb != "remove") || !validLogin(user) {
		return nil, &Refusal{
			Why: Quoted(c.Text) + " does not name what to do with whom", Rule: "the command is `/release team add|remove @USER [until=PHASE]`",
			Fix: "for example `/release team add @mara until=cut`",
		}
	}
	until := strings.ToLower(c.Options["until"])
	if _, ok := r.Started.Process.Phase(until); until != "" && !ok {
		return nil, &Refusal{Why: Quoted(until) + " is no phase", Fix: "`until=` takes one of " + phaseNames(r.Started.Process)}
	}
	leaves := verb == "remove"
	if on := r.OnTeam(user); leaves && !on {
		return nil, &Refusal{Why: Login(user) + " is not on the release team", Saw: teamText(r), Fix: "`/release status` shows the team"}
	}
	return []Event{Teamed{Source: c.Source, User: user, Leaves: leaves, Until: until}}, nil
}

// validLogin follows GitHub's rule for logins: letters, digits and single hyphens, at most 39.
func validLogin(login string) bool {
	if login == "" || len(login) > 39 || strings.HasPrefix(login, "-") || strings.HasSuffix(login, "-") {
		return false
	}
	return !strings.ContainsFunc(login, func(c rune) bool {
		return c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	})
}

func phaseNames(p Process) string {
	out := []string{}
	for _, ph := range p.Phases {
		out = append(out, "`"+ph.Name+"`")
	}
	return strings.Join(out, ", ")
}

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
		return &Refusal{Why: Quoted(c.arg(0)) + " is no pull request", Fix: "write its number, for example `/release " + c.Verb + " #123`"}
	}
	if !f.Pull.Found {
		return &Refusal{Why: fmt.Sprintf("there is no pull request %d in this repository", pullNumber(c)), Fix: "look at the number: an issue is no pull request"}
	}
	return nil
}

// exception lets one pull request in during the freeze, bound to the commits that it has now.
func exception(r Release, c Command, f Facts) ([]Event, *Refusal) {
	if refusal := noPull(c, f); refusal != nil {
		return nil, refusal
	}
	n := pullNumber(c)
	freeze, frozen := r.frozen()
	switch {
	case !frozen:
		return nil, &Refusal{Why: "there is no code freeze to make an exception from", Saw: Next(r, r.LastAt).Stands, Fix: fmt.Sprintf("nothing: #%d can be merged as usual", n)}
	case f.Pull.Merged:
		return nil, &Refusal{Why: fmt.Sprintf("#%d is merged already", n), Fix: fmt.Sprintf("`/release pick #%d` brings it into the release branch", n)}
	case !f.Pull.Open:
		return nil, &Refusal{Why: fmt.Sprintf("#%d is closed and was not merged", n), Fix: "reopen it first"}
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
			ID: fmt.Sprintf("exempt-%d", n), Kind: "exempt-pull", Title: fmt.Sprintf("Let #%d in during the freeze", n), With: literal(with),
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

// pick brings one merged pull request into the release branch.
func pick(r Release, c Command, f Facts) ([]Event, *Refusal) {
	if refusal := noPull(c, f); refusal != nil {
		return nil, refusal
	}
	n := pullNumber(c)
	branch := r.Vars()["branch"]
	switch {
	case branch == "":
		return nil, &Refusal{Why: r.Started.Process.Title + " has no release branch to pick into", Fix: nextCommand(r)}
	case !r.branched():
		return nil, &Refusal{Why: "`" + branch + "` does not exist yet", Fix: "what is merged now is in it when it is made: " + nextCommand(r)}
	case !f.Pull.Merged && !f.Pull.Open:
		return nil, &Refusal{Why: fmt.Sprintf("#%d is closed and was not merged", n), Fix: "reopen and merge it first"}
	case f.Pull.Base != r.Started.DefaultBranch:
		return nil, &Refusal{
			Why:  fmt.Sprintf("#%d goes to `%s`", n, f.Pull.Base),
			Rule: "a fix is merged to `" + r.Started.DefaultBranch + "` first, then picked, so that no release loses it",
			Fix:  "open a pull request against `" + r.Started.DefaultBranch + "`",
		}
	}
	if _, frozen := r.frozen(); frozen && !slices.ContainsFunc(r.Exceptions, func(e Excepted) bool { return e.Pull == n }) {
		return nil, &Refusal{
			Why:  fmt.Sprintf("the code is frozen, and #%d has no exception", n),
			Rule: "during the freeze a pull request comes in only as an exception, with a reason",
			Who:  f.Ask["maintainer"],
			Fix:  fmt.Sprintf("`/release exception #%d REASON`, then `/release pick #%d`", n, n),
		}
	}
	name := fmt.Sprintf("pick-%d", n)
	for _, run := range r.Live() {
		if run.Name == name && !run.Complete() {
			return nil, underWay(r, run)
		}
	}
	with := map[string]string{"pull": strconv.Itoa(n), "branch": branch}
	if numbers := r.Vars()["picked"]; numbers != "" {
		with["versions"] = numbers
	}
	return []Event{Asked{Source: c.Source, Name: name, Steps: []Step{{
		ID: name, Kind: "cherry-pick", Title: fmt.Sprintf("Cherry-pick #%d into %s", n, branch),
		With:  literal(with),
		Stays: "a commit on a shared branch is never rewritten",
	}}}}, nil
}

// branched says that the release branch exists: made by this release, or before it.
func (r Release) branched() bool {
	for _, leg := range r.Track().Legs() {
		phase, _ := r.Started.Process.Phase(leg.Phase)
		if slices.ContainsFunc(phase.Steps, func(s Step) bool { return s.Kind == "create-branch" && s.On(r.Started.Track) }) {
			run, entered := r.Entered(leg.Phase)
			return entered && run.Complete()
		}
	}
	return true
}

// literal protects values from being read as templates.
func literal(with map[string]string) map[string]string {
	out := make(map[string]string, len(with))
	for k, v := range with {
		out[k] = strings.NewReplacer("{", "(", "}", ")").Replace(v)
	}
	return out
}
