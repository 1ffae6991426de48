package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/elsewhere"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/gate"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/process"
	"github.com/slipway-dev/slipway/release/step"
)

// finder answers the questions of one command by looking at GitHub. It writes nothing.
type finder struct {
	engine  *Engine
	req     *conversation.Request
	command release.Command
	gh      step.GitHub
	process *release.Process // read once
	// forecast says that a phase is only planned: its gates are not asked, and nothing elsewhere is looked at.
	forecast bool
}

func (f *finder) find(ctx context.Context, r release.Release, q release.Questions) (release.Facts, error) {
	place := f.req.Place()
	facts := release.Facts{
		Repo: place.Name, Issue: place.Issue, Installation: place.Installation,
		DefaultBranch: f.req.Said.DefaultBranch,
		Has:           map[string]release.Membership{}, Ask: map[string]string{},
		Assignee: slices.ContainsFunc(f.req.Said.Assignees, f.command.Person().Is),
	}
	p := r.Started.Process
	if q.Config {
		read, problem, err := f.engine.config(ctx, f.files(), place.Name, q.Process)
		if err != nil {
			return facts, err
		}
		facts.ConfigProblem, facts.Process = problem, read
		if problem == nil {
			f.process = &read
		}
	}
	if q.Word {
		var err error
		if facts.Elsewhere, err = f.elsewhere(ctx); err != nil || facts.ConfigProblem != nil {
			return facts, err
		}
	}
	pinned := r
	if f.process != nil && (!r.Begun || !r.Open()) {
		p, pinned = *f.process, release.Release{}
	}
	if err := f.roles(ctx, p, pinned, q, &facts); err != nil {
		return facts, err
	}
	if q.Insider {
		level, err := f.gh.Permission(ctx, place.Name, step.User(f.command.Person()))
		facts.Insider = err != nil || conversation.AtLeast(level, "triage")
	}
	if err := f.asked(ctx, q, &facts); err != nil {
		return facts, err
	}
	if q.Phase != "" {
		if err := f.phase(ctx, r, q.Phase, &facts); err != nil {
			return facts, err
		}
	}
	if q.Observe {
		if err := f.observe(ctx, r, q, &facts); err != nil {
			return facts, err
		}
	}
	if q.People {
		var err error
		if facts.People, err = people(ctx, f.gh, p); err != nil {
			return facts, err
		}
		if facts.Assigned, err = f.assigned(ctx, p); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

// asked looks up what a command asks for by name: the tags, a pull request, a person.
func (f *finder) asked(ctx context.Context, q release.Questions, facts *release.Facts) error {
	place := f.req.Place()
	if q.History {
		tags, err := f.gh.Tags(ctx, place.Name)
		if err != nil {
			return err
		}
		facts.Tags = tags
		if facts.Duds, err = f.engine.duds(ctx, place.Repo); err != nil {
			return err
		}
	}
	if q.Pull > 0 {
		pull, found, err := f.gh.Pull(ctx, place.Name, q.Pull)
		if err != nil {
			return err
		}
		facts.Pull = release.PullFact{
			Found: found, Merged: pull.Merged, Open: pull.State == "open", Title: pull.Title, Base: pull.Base,
			Head: pull.HeadSHA, URL: pull.URL,
		}
		if pull.Merged {
			facts.Pull.Merge = pull.MergeSHA
		}
	}
	if q.User != "" {
		who, found, err := f.gh.User(ctx, q.User)
		if err != nil {
			return err
		}
		if found {
			facts.User = release.Person(who)
		}
	}
	return nil
}

// roles answers who the sender is, and for each role whom to ask. Where the sender has none, and one could not be
// looked up for the moment, that is the error: it is tried again. One that cannot be looked up at all is unknown, which
// refuses.
func (f *finder) roles(ctx context.Context, p release.Process, pinned release.Release, q release.Questions,
	facts *release.Facts) error {
	if slices.Contains(q.Roles, "anyone") {
		return nil
	}
	who := f.req.Roles(p, pinned)
	for _, role := range q.Roles {
		facts.Ask[role] = who.Ask(role, f.command.Person())
	}
	var passing error
	some := false
	for _, role := range q.Roles {
		has, err := who.Has(ctx, f.command.Person(), role)
		if err != nil {
			f.engine.Log.Warn().Err(err).Str("role", role).Str("login", f.command.By).Msg("role not found out")
			has = release.Unknown
			if !github.Final(err) {
				passing = errors.Join(passing, err)
			}
		}
		if has == release.ByAssignment && q.Lasting {
			has = release.No
		}
		some = some || has.Held()
		facts.Has[role] = has
		if has.Held() && !q.Every {
			return nil
		}
	}
	if some {
		return nil
	}
	return passing
}

// phase pins the values of the phase, asks its gates and plans its writes.
func (f *finder) phase(ctx context.Context, r release.Release, name string, facts *release.Facts) error {
	phase, _ := r.Started.Process.Phase(name)
	err := f.enter(ctx, r, phase, facts)
	if problem := withdrawn(phase, err); problem != nil {
		facts.PhaseProblem, err = problem, nil
	}
	return err
}

func (f *finder) enter(ctx context.Context, r release.Release, phase release.Phase, facts *release.Facts) error {
	uses, err := pinned(r, phase)
	if err != nil {
		return err
	}
	if facts.PhaseProblem, err = f.allowed(ctx, r, phase, uses); err != nil || facts.PhaseProblem != nil {
		return err
	}
	pinned, problem, err := f.pin(ctx, r, phase)
	if err != nil || problem != nil {
		facts.PhaseProblem = problem
		return err
	}
	facts.Vars = pinned
	vars := r.Vars()
	maps.Copy(vars, pinned)
	vars = r.Started.Process.Named(vars)
	needs, err := gates(r, phase, vars)
	if err != nil {
		return err
	}
	if uses, err = f.entering(r, phase, needs, vars); err != nil {
		return err
	}
	if facts.PhaseProblem, err = f.allowed(ctx, r, phase, uses); err != nil || facts.PhaseProblem != nil {
		return err
	}
	if facts.Plan, err = f.plan(ctx, r, phase, needs, pinned, vars); err != nil || f.forecast {
		return err
	}
	in := gate.Input{
		Repo: f.req.Place().Name, Issue: f.req.Place().Issue, Release: r, Phase: phase, Vars: vars,
		Plan: facts.Plan, Now: f.engine.Clock(), Images: f.engine.Images,
	}
	switch f.command.Verb {
	case phase.Name:
		in.By = f.command.Person()
	case "approve": // the gates are asked as they will be once it is on record
		in.Release = release.Apply(r, release.Entry{Seq: r.Seq, At: in.Now,
			Event: release.Approval(f.command, phase.Name, facts.Plan, nil)})
	}
	bounds := f.engine.bounds(f.req.Place(), r.Started.Process)
	for _, g := range needs {
		gh := bounds.GitHub(f.req.Client(gate.Permissions(g.Asks.Kind())), uses)
		kind := gate.For(gh, f.req.Roles(r.Started.Process, r), g.Asks.Any)
		if kind == nil {
			return fmt.Errorf("phase %s: %q is no gate", phase.Name, g.Asks.Kind())
		}
		verdict, err := kind.Check(ctx, in)
		if err != nil {
			return fmt.Errorf("gate %s of %s: %w", g.Name(), phase.Name, err)
		}
		verdict.Gate, verdict.Kind, verdict.Warn = g.Name(), g.Asks.Kind(), g.Warn
		facts.Gates = append(facts.Gates, verdict)
	}
	return nil
}

// see observes where somebody asks: what could not be seen now is waited for.
func see(ctx context.Context, kind step.Kind, in step.Input) (step.Outcome, error) {
	o, err := kind.Observe(ctx, in)
	var unseen *step.Unseen
	if errors.As(err, &unseen) && ctx.Err() == nil {
		return unseen.Waits, nil
	}
	if refused, is := errors.AsType[*elsewhere.Refused](err); is {
		closed := refused.Closed.Refusal()
		return step.Conflicts(closed.Why, closed.Fix), nil
	}
	return o, err
}

// observe looks at a step that somebody reports as done.
func (f *finder) observe(ctx context.Context, r release.Release, q release.Questions, facts *release.Facts) error {
	run := r.Runs[q.ObserveRun]
	s, ok := run.Step(q.ObserveStep)
	if !ok {
		return errors.New("the step to observe is not there")
	}
	does, in, err := f.engine.input(r, run, s.Step)
	if err != nil {
		return err
	}
	bounds := f.engine.bounds(f.req.Place(), r.Started.Process)
	kind, err := f.engine.kind(f.req.Client, bounds, does, usesOf(does))
	if err != nil {
		return err
	}
	o, err := see(ctx, kind, in)
	if err != nil {
		return err
	}
	facts.Seen = release.Observation{Manual: o.ByHand, Done: o.State == step.Done, Text: o.Why, Fix: o.Fix}
	switch o.State {
	case step.Done:
		facts.Seen.Text, facts.Seen.SHA, facts.Seen.URL, facts.Seen.ID = o.Receipt.Text, o.Receipt.SHA, o.Receipt.URL,
			o.Receipt.ID
	case step.Absent:
		facts.Seen.Text = "the result is not on GitHub"
	}
	return nil
}

// config reads the process of a repository: its own file on the default branch, else the one of the owner's
// .github repository, else the server's default. A branch or pull request never configures anything.
func (e *Engine) config(ctx context.Context, gh step.FileStore, repo, named string) (release.Process, *release.Refusal,
	error) {
	var file conversation.Configured
	// A repository with several families of versions has a file for each of the others.
	if named != "" && slices.Contains(process.Names(), named) {
		path := ".github/release/" + named + ".yaml"
		content, found, err := gh.File(ctx, repo, path, "")
		if err != nil {
			return release.Process{}, nil, fmt.Errorf("read the configuration of %s: %w", repo, err)
		}
		file = conversation.Configured{Content: content, Found: found, Where: "`" + path + "`"}
	}
	if !file.Found {
		var err error
		if file, err = conversation.Configuration(ctx, processes{gh}, repo, ".github/release.yaml"); err != nil {
			return release.Process{}, nil, err
		}
	}
	content, found, where := file.Content, file.Found, file.Where
	asked := named
	if named == "" {
		named = e.Default
	}
	if !found && named != "" {
		p, err := process.Builtin(named)
		if err != nil {
			return p, &release.Refusal{ //nolint:nilerr // what a person typed is answered, not reported as breakage
				Why: "there is no process called " + markdown.Code(named), Fix: "`process=` takes one of " +
					strings.Join(process.Names(), ", "),
			}, nil
		}
		return p, nil, nil
	}
	if !found {
		return release.Process{}, &release.Refusal{
			Why:  "this repository has no release process",
			Rule: "the process is named in `.github/release.yaml` on the default branch",
			Fix: "commit that file with the line `process: falco-libs`, or name one: `/release start VERSION " +
				"process=NAME`. The built-in processes are " + strings.Join(process.Names(), ", "),
		}, nil
	}
	p, err := process.Load(content)
	if err != nil {
		return p, &release.Refusal{
			Why: where + " cannot be used", Saw: shown(err),
			Fix: "fix the file on the default branch; `bot lint FILE` checks it",
		}, nil
	}
	// The file says who may do what. Choosing another process would set that aside, so a command cannot.
	if asked != "" && asked != p.Name {
		return p, &release.Refusal{
			Why: "this repository releases with the process `" + p.Name + "`, not with " +
				markdown.Code(asked), Rule: "the process is named in " + where + " on the default branch",
			Fix: "leave `process=` out, or commit `.github/release/NAME.yaml` for a second one",
		}, nil
	}
	return p, nil, nil
}

// files are those that configure the repository.
func (f *finder) files() step.FileStore {
	place := f.req.Place()
	return elsewhere.Shared{FileStore: f.gh, Apps: f.engine.Apps, Installation: place.Installation, Repo: place.Name}
}

// processes reads files that hold a process. One that only says what other repositories may do is none.
type processes struct{ step.FileStore }

func (p processes) File(ctx context.Context, repo, path, ref string) ([]byte, bool, error) {
	content, found, err := p.FileStore.File(ctx, repo, path, ref)
	return content, found && !process.GrantsOnly(content), err
}

// duds are the versions of a repository that were marked as failed, on whichever issue.
func (e *Engine) duds(ctx context.Context, repo int64) ([]release.Dudded, error) {
	logs, err := e.Store.Logs(ctx, store.Filter{Repo: repo})
	if err != nil {
		return nil, fmt.Errorf("list the releases of repository %d: %w", repo, err)
	}
	var out []release.Dudded
	for _, l := range logs {
		entries, err := e.Store.Entries(ctx, l.Log)
		if err != nil {
			return nil, fmt.Errorf("read log %s: %w", l.Log, err)
		}
		for _, entry := range entries {
			if entry.Kind != release.KindOf(release.Dudded{}) {
				continue
			}
			event, err := release.Decode(entry.Kind, entry.Data)
			if d, is := event.(release.Dudded); err == nil && is {
				out = append(out, d)
			}
		}
	}
	return out, nil
}
