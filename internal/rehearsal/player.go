package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
)

// player goes from phase to phase: it gives the command that comes next, and answers for whomever Slipway waits for.
type player struct {
	*world
	st    *demo.Stage
	out   *printer
	bad   *bad
	tried map[string]int // how often an answer was given, by its name
	began time.Time
	// before is what the repository was like when it began.
	before sandbox.Snapshot
	// passed are optional phases that cannot be entered.
	passed []string
}

// most bounds what is done in one rehearsal, and once how often one answer is given again.
const (
	most = 400
	once = 1
)

// stuck is where a release stands that nothing here carries on.
type stuck struct{ where, why, who, fix string }

func (s *stuck) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "The release stands at %s.\n", s.where)
	for _, line := range [][2]string{{"why", s.why}, {"who can resolve it", s.who}, {"what helps", s.fix}} {
		if line[1] != "" {
			fmt.Fprintf(&b, "  %s: %s\n", line[0], strings.ReplaceAll(plain(line[1]), "\n", "\n    "))
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// play carries the release to its end.
func (p *player) play(ctx context.Context) error {
	var err error
	if p.before, err = p.st.Sandbox.Snapshot(ctx, p.repo); err != nil {
		return err
	}
	reply, err := p.says(ctx, p.cast.starter(), p.begin.line())
	if err != nil {
		return err
	}
	r, err := p.release(ctx)
	if err != nil {
		return err
	}
	if !r.Begun {
		return &stuck{where: "its start", why: refusal(reply)}
	}
	for range most {
		if r, err = p.release(ctx); err != nil {
			return err
		}
		run, s, open := due(r)
		switch {
		case open:
			err = p.answer(ctx, r, run, s)
		case r.Aborted != nil, r.Finished():
			return p.bad.missed(r)
		default:
			item, more := p.nextPhase(r)
			if !more {
				return p.bad.missed(r)
			}
			err = p.enter(ctx, r, item)
		}
		if err != nil {
			return err
		}
	}
	return errors.New("the rehearsal goes round in circles; the last answers show between which phases")
}

// nextPhase is the phase to enter. An optional one is part of the rehearsal, unless it sets the release back.
func (p *player) nextPhase(r release.Release) (release.TrackPhase, bool) {
	sequence := r.Track().Sequence()
	newest := -1
	for i, item := range sequence {
		if _, entered := r.Entered(item.Phase); entered {
			newest = i
		}
	}
	for _, item := range sequence[newest+1:] {
		phase, _ := r.Started.Process.Phase(item.Phase)
		if !item.Optional || !phase.Rewind && !slices.Contains(p.passed, item.Phase) {
			return item, true
		}
	}
	return release.TrackPhase{}, false
}

// due is the step that the release is at. What happens by itself, such as the end of a lock, comes first where it waits
// for somebody.
func due(r release.Release) (release.Run, release.StepState, bool) {
	var asked, itself []release.Run
	for _, run := range r.Live() {
		switch {
		case run.Complete() || r.Aborted != nil && !run.Undo:
		case run.Itself():
			itself = append(itself, run)
		default:
			asked = append(asked, run)
		}
	}
	for _, run := range append(itself, asked...) {
		for _, s := range run.Steps {
			if run.Itself() && s.Waits == nil {
				continue
			}
			if s.Done == nil && !s.Optional && (s.Stopped == nil || !run.Undo) {
				return run, s, true
			}
		}
	}
	return release.Run{}, release.StepState{}, false
}

// enter gives the command of a phase, once its gates have what people can give them.
func (p *player) enter(ctx context.Context, r release.Release, item release.TrackPhase) error {
	phase, _ := r.Started.Process.Phase(item.Phase)
	if p.bad.before(phase.Name) {
		return p.spoil(ctx, r, phase)
	}
	if err := p.prepare(ctx, r, phase); err != nil {
		return err
	}
	reply, err := p.says(ctx, p.cast.who(phase.Name), "/release "+phase.Name)
	if err != nil {
		return err
	}
	after, err := p.release(ctx)
	if err != nil {
		return err
	}
	if len(after.Live()) > len(r.Live()) {
		return nil
	}
	helped, err := p.help(ctx, r, phase, reply)
	if err != nil || helped {
		return err
	}
	if item.Optional {
		p.out.print("   (%s is optional, and left out)\n", phase.Name)
		p.passed = append(p.passed, phase.Name)
		return nil
	}
	return p.blocked(phase, reply)
}

var (
	notMet  = regexp.MustCompile(`(?m)^\*\*(.+)\*\* is not met\.$`)
	command = regexp.MustCompile("`/release ([a-z0-9-]+)((?: [^`]*)?)`")
	until   = regexp.MustCompile(`(?i)wait until (\d{4}-\d{2}-\d{2})`)
)

// refusal is a reply without the command that it repeats.
func refusal(reply string) string {
	text := strings.TrimPrefix(plain(quoted.ReplaceAllString(reply, "")), "Refused: ")
	return strings.ReplaceAll(text, "\n\n", "\n")
}

// blocked says at which gates a phase stands.
func (p *player) blocked(phase release.Phase, reply string) error {
	var gates []string
	for _, hit := range notMet.FindAllStringSubmatch(reply, -1) {
		gates = append(gates, hit[1])
	}
	where := "`" + phase.Name + "`"
	switch len(gates) {
	case 0:
	case 1:
		where += ", at the gate " + gates[0]
	default:
		where += ", at the gates " + strings.Join(gates, ", ")
	}
	return &stuck{where: where, why: refusal(reply)}
}

// help does what a refusal says to do first: another phase, or to wait. It helps once with each.
func (p *player) help(ctx context.Context, r release.Release, phase release.Phase, reply string) (bool, error) {
	if hit := until.FindStringSubmatch(reply); hit != nil && p.first("wait "+phase.Name) {
		day, err := time.Parse(time.DateOnly, hit[1])
		if err != nil {
			return false, err
		}
		return true, p.wait(ctx, day.Add(time.Hour).Sub(p.st.Now()), "until "+hit[1])
	}
	for _, hit := range command.FindAllStringSubmatch(reply, -1) {
		if hit[1] == "start" && strings.Contains(reply, "`/release abort REASON`, then `/release start") &&
			p.first("another number") {
			return true, p.restart(ctx, hit[2])
		}
		other, is := r.Started.Process.Phase(hit[1])
		if !is || hit[2] != "" || other.Name == phase.Name || !p.first(phase.Name+" after "+other.Name) {
			continue
		}
		if err := p.prepare(ctx, r, other); err != nil {
			return false, err
		}
		_, err := p.says(ctx, p.cast.who(other.Name), "/release "+other.Name)
		return true, err
	}
	return false, nil
}

// restart begins with the number that the bot derived.
func (p *player) restart(ctx context.Context, options string) error {
	if _, err := p.says(ctx, p.cast.starter(), "/release abort the number is another one"); err != nil {
		return err
	}
	_, err := p.says(ctx, p.cast.starter(), "/release start"+options)
	p.begin.version = strings.Fields(options)[0]
	return err
}

// first says that something was not tried before, and counts it.
func (p *player) first(name string) bool {
	p.tried[name]++
	return p.tried[name] <= once
}

// says lets somebody comment on the tracking issue, and gives the bot's reply.
func (p *player) says(ctx context.Context, who, text string) (string, error) {
	p.out.does(who+":", text)
	id, err := p.st.Sandbox.As(who).Comment(ctx, p.repo, tracking, text)
	if err != nil {
		return "", fmt.Errorf("%s: %s: %w", who, text, err)
	}
	snapshot, err := p.settle(ctx)
	if err != nil {
		return "", err
	}
	r, err := p.release(ctx)
	if err != nil {
		return "", err
	}
	shown := r.Views[fmt.Sprintf("reply/%d", id)].ID
	for _, is := range snapshot.Issues {
		for _, m := range is.Comments {
			if shown != 0 && m.ID == shown {
				return strings.TrimSpace(hidden.ReplaceAllString(m.Body, "")), nil
			}
		}
	}
	p.out.reacted(snapshot, id)
	return "", nil
}

// acts lets something happen, and everything that follows from it.
func (p *player) acts(ctx context.Context, who, what string, happens func() error) error {
	p.out.does(who, what)
	if err := happens(); err != nil {
		return fmt.Errorf("%s %s: %w", who, what, err)
	}
	_, err := p.settle(ctx)
	return err
}

// wait lets time go by.
func (p *player) wait(ctx context.Context, d time.Duration, what string) error {
	return p.acts(ctx, "Time", "goes by, "+what, func() error {
		p.st.Leap(max(d, 0))
		return p.st.Bot.Look(ctx)
	})
}

// settle waits until nothing is left to do, and prints what the bot has to say.
func (p *player) settle(ctx context.Context) (sandbox.Snapshot, error) {
	if err := p.st.Settle(ctx); err != nil {
		return sandbox.Snapshot{}, err
	}
	snapshot, err := p.st.Sandbox.Snapshot(ctx, p.repo)
	if err != nil {
		return snapshot, err
	}
	p.out.hears(snapshot)
	return snapshot, nil
}

// release is how far the release is.
func (p *player) release(ctx context.Context) (release.Release, error) {
	id := p.st.Sandbox.RepositoryID(p.repo)
	owner, _, _ := strings.Cut(p.repo, "/")
	return p.st.Bot.Conversation.Read(ctx, conversation.Place{Repo: id, Name: p.repo, Issue: tracking,
		Installation: p.st.Sandbox.InstallationOf(owner)})
}

// filled are the parameters of a gate or step of a phase that is not entered yet. What a phase looks up is looked up
// as far as branches and tags tell it.
func (p *player) filled(ctx context.Context, r release.Release, phase release.Phase,
	asks params.Set) (params.Set, error) {
	snapshot, err := p.st.Sandbox.Snapshot(ctx, p.repo)
	if err != nil {
		return params.Set{}, err
	}
	vars := r.Vars()
	for _, run := range r.Live() {
		maps.Copy(vars, run.Vars)
	}
	for name, template := range phase.Pin {
		expression, err := release.Expand(template, vars)
		if err != nil {
			continue // it takes what only the phase knows
		}
		switch words := strings.Fields(expression); {
		case len(words) < 2:
		case words[0] == "branch-head" && snapshot.Branches[words[1]] != "":
			vars[name] = snapshot.Branches[words[1]]
		case words[0] == "tag-commit" && snapshot.Tags[words[1]] != "":
			vars[name] = snapshot.Tags[words[1]]
		}
	}
	vars = r.Started.Process.Named(vars)
	return asks.Fill(func(template string) (string, error) {
		value, err := release.Expand(template, vars)
		if err != nil {
			return "", nil //nolint:nilerr // only the phase knows it
		}
		return value, nil
	})
}
