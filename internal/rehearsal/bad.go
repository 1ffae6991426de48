package rehearsal

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
)

// bad is the one bad answer of a rehearsal.
type bad struct {
	asked     string // as it was typed; empty for none
	phase, id string // of the step, or of the gate
	gate      bool
	kind      string
	workflow  string // that it is about, if any
	channel   string // that it is about, if any
	given     bool
	// withheld says that the gate does not get what it wants, for now.
	withheld bool
}

// spoiling is the bad answer to a kind of step or gate; empty where there is none.
func spoiling(kind string) string {
	return map[string]string{
		"run-workflow": "the workflow fails", "wait-workflow": "the workflow fails",
		"wait-pull": "the pull request is closed", "manual": "nobody answers",
		"announce": "the announcement cannot be sent", "checks-green": "a check fails",
		"no-open-blockers": "a blocker is open", "milestone-clear": "an issue is open in the milestone",
		"create-tag": "the tag is taken", "wait-tag": "nobody makes the tag", "wait-images": "nobody pushes the images",
		"wait-published": "nobody publishes it", "approvals": "nobody approves",
	}[kind]
}

// newBad finds the step that is to fail, on the track: ID, which is that of the last phase that has one, or PHASE/ID.
func newBad(p release.Process, track, id string) (*bad, error) {
	b := &bad{asked: id}
	if id == "" {
		return b, nil
	}
	t, _ := p.Track(track)
	in, name, whole := strings.Cut(id, "/")
	if !whole {
		in, name = "", id
	}
	var can []string
	for _, item := range t.Sequence() {
		phase, _ := p.Phase(item.Phase)
		for _, g := range phase.Needs {
			if spoiling(g.Asks.Kind()) != "" && g.On(track) && g.Step == "" {
				can = append(can, phase.Name+"/"+g.Name())
				if g.Name() == name && (in == "" || in == phase.Name) {
					b.phase, b.id, b.kind, b.gate = phase.Name, name, g.Asks.Kind(), true
				}
			}
		}
		for _, s := range phase.Steps {
			if spoiling(s.Does.Kind()) == "" || !s.On(track) || s.Optional || s.Does.Kind() == "create-tag" && numbered(phase) {
				continue
			}
			short := strings.TrimSuffix(s.ID, "-merged")
			can = append(can, phase.Name+"/"+short)
			if (s.ID == name || s.Does.Kind() == "wait-pull" && short == name) && (in == "" || in == phase.Name) {
				b.phase, b.id, b.kind, b.gate = phase.Name, s.ID, s.Does.Kind(), false
				announced, _ := s.Does.Any.(params.Announce)
				b.channel = announced.Channel
				if run, is := workflowOf(s.Does.Any); is {
					b.workflow = run.Workflow
				}
			}
		}
	}
	if b.id == "" {
		return b, problem("--fail %s: no step of that id on the track %s can get a bad answer; these can: %s", id, track,
			strings.Join(slices.Compact(can), ", "))
	}
	return b, nil
}

// numbered says that a phase looks for a free candidate: nobody can take its tag before.
func numbered(phase release.Phase) bool {
	return slices.Contains(slices.Collect(maps.Values(phase.Pin)), "candidate")
}

// now says that the step gets its bad answer now.
func (b *bad) now(phase, step string) bool {
	return !b.given && !b.gate && b.id == step && b.phase == phase
}

// before says that the phase gets its bad answer before it is entered.
func (b *bad) before(phase string) bool {
	return !b.given && b.id != "" && b.phase == phase && (b.gate || b.kind == "create-tag")
}

// spares says that runs of a workflow are left alone until their step waits for them: it is the one that fails.
func (b *bad) spares(workflow string) bool {
	return !b.given && b.workflow != "" && b.workflow == workflow
}

// missed says that the release came to its end without the bad answer.
func (b *bad) missed(r release.Release) error {
	if b.id == "" || b.given {
		return nil
	}
	why := "it was not waited for"
	if run, entered := r.Entered(b.phase); entered {
		if s, is := run.Step(b.id); is && s.Done != nil && s.Done.Text != "" {
			why = "it was done without waiting: " + plain(s.Done.Text)
		}
	}
	return problem("--fail %s: nothing could go wrong there, because %s", b.asked, why)
}

// fail gives the bad answer to a step that waits, shows what the bot says, and takes the way out.
func (p *player) fail(ctx context.Context, r release.Release, run release.Run, s release.StepState) error {
	p.bad.given = true
	p.out.print("\n━━ The bad answer: %s\n", spoiling(s.Does.Kind()))
	switch does := s.Does.Any.(type) {
	case params.RunWorkflow, params.WaitWorkflow:
		return p.failRun(ctx, r, run, s)
	case params.WaitPull:
		return p.closePull(ctx, s, does)
	case params.WaitTag:
		if err := p.wait(ctx, time.Duration(does.Hours+1)*time.Hour, "and nobody makes the tag"); err != nil {
			return err
		}
		p.wayOut()
		if err := p.tags(ctx, run, does.Tag); err != nil {
			return err
		}
		_, err := p.says(ctx, p.cast.who("retry"), "/release retry "+s.ID)
		return err
	case params.WaitPublished:
		return p.late(ctx, s, does)
	}
	if err := p.wait(ctx, 3*release.Day, "three days, and nobody answers"); err != nil {
		return err
	}
	if _, err := p.says(ctx, p.cast.who("next"), "/release next"); err != nil {
		return err
	}
	p.wayOut()
	_, err := p.says(ctx, p.cast.who("skip"), "/release skip "+s.ID+" nobody answers")
	return err
}

// late lets another project publish after three days.
func (p *player) late(ctx context.Context, s release.StepState, of params.WaitPublished) error {
	if err := p.wait(ctx, 3*release.Day, "three days, and it is not published"); err != nil {
		return err
	}
	if _, err := p.says(ctx, p.cast.who("next"), "/release next"); err != nil {
		return err
	}
	p.wayOut()
	if err := p.publishes(ctx, of.Repo, of.Version, p.cast.makers[0]); err != nil {
		return err
	}
	return p.looked(ctx, s)
}

// failRun lets a workflow fail until the bot says so: jobs that may be run again are, by themselves.
func (p *player) failRun(ctx context.Context, r release.Release, run release.Run, s release.StepState) error {
	awaited, _ := workflowOf(s.Does.Any)
	for range 6 {
		for _, one := range p.st.Sandbox.Runs(p.repo) {
			if one.Status == "completed" || path.Base(one.Workflow) != awaited.Workflow || one.SHA != awaited.SHA {
				continue
			}
			if err := p.acts(ctx, "GitHub Actions:", awaited.Workflow+" fails", func() error {
				return p.st.Sandbox.FinishJob(p.repo, one.ID, "", "failure")
			}); err != nil {
				return err
			}
		}
		now, err := p.release(ctx)
		if err != nil {
			return err
		}
		if _, step, open := due(now); !open || step.ID != s.ID || step.Stopped != nil {
			break
		}
	}
	p.wayOut()
	_, err := p.says(ctx, p.cast.who("retry"), "/release retry "+s.ID)
	return err
}

// closePull closes the pull request of a step, and takes it up again.
func (p *player) closePull(ctx context.Context, s release.StepState, of params.WaitPull) error {
	repo, who := p.where(of), p.cast.makers[0]
	number, err := p.pull(ctx, repo, of, "open")
	if err != nil {
		return err
	}
	state := func(to string) func() error {
		return func() error {
			return p.do(ctx, who, http.MethodPatch, repo, fmt.Sprintf("pulls/%d", number), map[string]any{"state": to}, nil)
		}
	}
	if err := p.acts(ctx, who, "closes "+named(repo, p.repo, number), state("closed")); err != nil {
		return err
	}
	if repo != p.repo { // its webhooks come to another issue: the bot looks at the next poll
		if err := p.wait(ctx, time.Minute, "until Slipway looks again"); err != nil {
			return err
		}
	}
	p.wayOut()
	if err := p.acts(ctx, who, "reopens "+named(repo, p.repo, number), state("open")); err != nil {
		return err
	}
	if err := p.merges(ctx, s, of); err != nil {
		return err
	}
	r, err := p.release(ctx)
	if err != nil {
		return err
	}
	if _, step, open := due(r); open && step.Stopped != nil {
		_, err = p.says(ctx, p.cast.who("retry"), "/release retry "+step.ID)
	}
	return err
}

// spoil gives the bad answer before a phase: the tag is taken, nobody approves, a check fails, or a blocker is open.
func (p *player) spoil(ctx context.Context, r release.Release, phase release.Phase) error {
	p.bad.given, p.bad.withheld = true, p.bad.gate
	p.out.print("\n━━ The bad answer: %s\n", spoiling(p.bad.kind))
	mend := func() error { return nil }
	var err error
	if p.bad.gate {
		mend, err = p.spoilGate(ctx, r, phase)
	} else {
		err = p.takeTag(ctx, r, phase)
	}
	if err != nil {
		return err
	}
	if err := p.prepare(ctx, r, phase); err != nil {
		return err
	}
	if _, err := p.says(ctx, p.cast.who(phase.Name), "/release "+phase.Name); err != nil {
		return err
	}
	p.wayOut()
	if p.bad.withheld = false; p.bad.gate {
		return mend() // and then the phase is entered
	}
	_, err = p.says(ctx, p.cast.starter(), "/release abort the tag is taken")
	return err
}

// spoilGate gives a gate what it does not want; mend takes that back.
func (p *player) spoilGate(ctx context.Context, r release.Release, phase release.Phase) (mend func() error, err error) {
	i := slices.IndexFunc(phase.Needs, func(g release.Gate) bool { return g.Name() == p.bad.id })
	g := phase.Needs[i]
	if g.Asks, err = p.filled(ctx, r, phase, g.Asks); err != nil {
		return nil, err
	}
	switch asks := g.Asks.Any.(type) {
	case params.ChecksGreen:
		if len(asks.Required) == 0 {
			asks.Required = []string{"build"}
		}
		return func() error { return p.check(ctx, asks, "success") }, p.check(ctx, asks, "failure")
	case params.NoOpenBlockers:
		return p.blocker(ctx, asks.Milestone, asks.Label)
	case params.MilestoneClear:
		return p.blocker(ctx, asks.Milestone, "")
	}
	return func() error { return nil }, nil
}

// blocker opens an issue that a gate does not want in the milestone; mend closes it.
func (p *player) blocker(ctx context.Context, title, label string) (mend func() error, err error) {
	if err := p.milestone(ctx, title); err != nil {
		return nil, err
	}
	who := p.cast.makers[0]
	var list []struct {
		Number int
		Title  string
	}
	if err := p.do(ctx, who, http.MethodGet, p.repo, "milestones?state=all&per_page=100", nil, &list); err != nil {
		return nil, err
	}
	issue := map[string]any{"title": "It crashes"}
	for _, m := range list {
		if m.Title == title {
			issue["milestone"] = m.Number
		}
	}
	if label != "" {
		issue["labels"] = []string{label}
	}
	var made struct{ Number int }
	err = p.acts(ctx, who, "opens an issue in the milestone "+title, func() error {
		return p.do(ctx, who, http.MethodPost, p.repo, "issues", issue, &made)
	})
	return func() error {
		return p.acts(ctx, who, fmt.Sprintf("closes #%d", made.Number), func() error {
			return p.do(ctx, who, http.MethodPatch, p.repo, fmt.Sprintf("issues/%d", made.Number),
				map[string]any{"state": "closed"}, nil)
		})
	}, err
}

// takeTag makes the tag of a step at another commit than the one that is released.
func (p *player) takeTag(ctx context.Context, r release.Release, phase release.Phase) error {
	i := slices.IndexFunc(phase.Steps, func(s release.Step) bool { return s.ID == p.bad.id })
	does, err := p.filled(ctx, r, phase, phase.Steps[i].Does)
	if err != nil {
		return err
	}
	with, _ := does.Any.(params.CreateTag)
	snapshot, err := p.st.Sandbox.Snapshot(ctx, p.repo)
	if err != nil {
		return err
	}
	other := ""
	for _, sha := range snapshot.Branches {
		if sha != with.SHA && sha > other {
			other = sha
		}
	}
	if with.SHA == "" || with.Tag == "" || other == "" {
		return problem("--fail %s: which tag it makes, and where, is not known before the phase begins", p.bad.asked)
	}
	return p.acts(ctx, "Somebody", fmt.Sprintf("tags %.8s as %s", other, with.Tag), func() error {
		return p.do(ctx, p.cast.ci, http.MethodPost, p.repo, "git/refs",
			map[string]any{"ref": "refs/tags/" + with.Tag, "sha": other}, nil)
	})
}

// wayOut announces that what follows is what the bot said.
func (p *player) wayOut() { p.out.print("\n━━ The way out, as Slipway says:\n") }
