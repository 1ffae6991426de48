package tracker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/ledger"
	"github.com/slipway-dev/slipway/release/step"
)

// Comment is a newly created comment.
type Comment struct {
	Place
	ID   int64
	By   string
	Body string
}

// words are the commands of the tracker, besides /release report and /release check.
var words = []string{"/priority", "/remove-priority", "/sig", "/remove-sig", "/milestone", "/cherry-pick"}

// Takes says that a command is the tracker's: the engine leaves it alone.
func Takes(c parse.Command) bool {
	if c.Words[0] == "/release" {
		return len(c.Words) > 1 && slices.Contains([]string{"report", "check"}, strings.ToLower(c.Words[1]))
	}
	return slices.Contains(words, c.Words[0])
}

// refusal is an answer to a command that will not be obeyed: why, and what to type instead.
type refusal struct{ why, rule, who, fix string }

func (r *refusal) Error() string { return r.why }

func (r *refusal) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Refused:** %s.\n\n", strings.TrimRight(r.why, ".?"))
	for _, l := range [][2]string{{"Rule", r.rule}, {"Who can", r.who}, {"Next", r.fix}} {
		if l[1] != "" {
			fmt.Fprintf(&b, "- **%s:** %s\n", l[0], l[1])
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// said is what is kept of a comment: which of its lines were done, and whether one was refused.
type said struct {
	Done    []int `json:"done"`
	Refused bool  `json:"refused,omitempty"`
}

// Say does the commands of a comment, in order. A line that was done is not done again; one that was cut off in the
// middle is, and all that the lines do is the same when done twice.
func (t *Tracker) Say(ctx context.Context, c Comment) error {
	commands := slices.DeleteFunc(parse.Commands(c.Body), func(one parse.Command) bool { return !Takes(one) })
	if len(commands) == 0 {
		return nil
	}
	gh := t.GitHub(c.Installation)
	p, on, problem, err := t.policy(ctx, gh, c.Repo)
	if err != nil {
		return err
	}
	// Where nobody asked for the tracker these words belong to another bot.
	if !on && !slices.ContainsFunc(commands, func(one parse.Command) bool { return one.Words[0] == "/release" }) {
		return nil
	}
	log := c.log("said") + "/" + strconv.FormatInt(c.ID, 10)
	unlock, err := t.Store.Lock(ctx, log)
	if err != nil {
		return fmt.Errorf("lock %s: %w", log, err)
	}
	defer unlock()
	var memory said
	if err := t.load(ctx, log, &memory); err != nil {
		return err
	}
	if err := gone(gh.React(ctx, c.Repo, c.ID, "eyes")); err != nil {
		return err
	}
	for _, one := range commands {
		if slices.Contains(memory.Done, one.Line) {
			continue
		}
		var no *refusal
		switch {
		case !on:
			no = &refusal{why: "this repository does not keep patch-release issues", rule: "it does when `" + ledger.File + "` is on the default branch",
				fix: "commit that file with the line `preset: kubernetes`; `bot init` writes it, and the issue templates"}
		case problem != "":
			no = &refusal{why: "`" + ledger.File + "` cannot be used: " + strings.ReplaceAll(ledger.Calm(problem), "\n", " "), fix: "mend the file on the default branch; `bot lint " + ledger.File + "` checks it before you commit"}
		case one.Err != "":
			no = &refusal{why: "the line cannot be read: " + one.Err, fix: "put quotes in pairs, or leave them out"}
		default:
			if err := t.do(ctx, gh, p, c, one); err != nil && !errors.As(err, &no) {
				return err
			}
		}
		if no != nil {
			memory.Refused = true
			text := "> `" + strings.ReplaceAll(one.Raw, "`", "'") + "`\n\n" + no.markdown()
			key := c.log("answer") + "/" + strconv.FormatInt(c.ID, 10) + "/" + strconv.Itoa(one.Line)
			if _, err := t.sticky(ctx, gh, c.Place, key, func(bool) string { return text }); err != nil {
				return err
			}
		}
		memory.Done = append(memory.Done, one.Line)
		if err := t.save(ctx, c.Place, log, memory, false); err != nil {
			return err
		}
	}
	face := "rocket"
	if memory.Refused {
		face = "confused"
	}
	if err := gone(gh.React(ctx, c.Repo, c.ID, face)); err != nil {
		return err
	}
	return t.Issue(ctx, c.Place)
}

func (t *Tracker) do(ctx context.Context, gh step.GitHub, p ledger.Policy, c Comment, one parse.Command) error {
	args := one.Words[1:]
	switch one.Words[0] {
	case "/priority":
		return t.family(ctx, gh, p, c, ledger.PriorityPrefix, p.PriorityNames(), args, true)
	case "/remove-priority":
		return t.family(ctx, gh, p, c, ledger.PriorityPrefix, p.PriorityNames(), args, false)
	case "/sig":
		return t.family(ctx, gh, p, c, ledger.SIGPrefix, p.SIGNames(), args, true)
	case "/remove-sig":
		return t.family(ctx, gh, p, c, ledger.SIGPrefix, p.SIGNames(), args, false)
	case "/milestone":
		return t.milestone(ctx, gh, p, c, args)
	case "/cherry-pick":
		return t.cherryPick(ctx, gh, p, c, args)
	}
	if strings.EqualFold(args[0], "check") {
		return t.Issue(ctx, c.Place)
	}
	return t.askReport(ctx, gh, p, c, args[1:])
}

// mayGuard refuses those who may not change guarded things.
func (t *Tracker) mayGuard(ctx context.Context, gh step.GitHub, p ledger.Policy, c Comment, what string) error {
	ok, err := t.trusted(ctx, gh, p, c.Repo, c.By)
	no := &refusal{why: ledger.Login(c.By) + " may not " + what, rule: "`trusted` in `" + ledger.File + "` on the default branch", who: those(p.Trusted, c.Repo), fix: "ask one of them to comment the same"}
	switch {
	case err != nil:
		t.Log.Warn().Err(err).Str("login", c.By).Msg("permission unknown")
		no.why, no.fix = "GitHub did not say whether "+ledger.Login(c.By)+" may "+what+", and not knowing is no yes", "try again in a few minutes"
		return no
	case !ok:
		return no
	}
	return nil
}

// family sets or takes away labels of a family.
func (t *Tracker) family(ctx context.Context, gh step.GitHub, p ledger.Policy, c Comment, prefix string, names, args []string, add bool) error {
	word := strings.TrimSuffix(prefix, "/")
	issue, found, err := gh.Issue(ctx, c.Repo, c.Number)
	if err != nil || !found {
		return err
	}
	is := read(p, issue)
	if len(args) == 0 {
		if have := is.Under(prefix); !add && len(have) > 0 {
			args = have
		} else {
			return &refusal{why: "no " + word + " is named", fix: "comment `/" + word + " " + names[0] + "`, for example; there are " + strings.Join(names, ", ")}
		}
	}
	var labels []string
	for _, arg := range args {
		name := strings.ToLower(strings.TrimPrefix(strings.ToLower(arg), prefix))
		if add && !slices.Contains(names, name) {
			fix := "there are " + strings.Join(names, ", ")
			if near, ok := parse.Nearest(name, names); ok {
				fix = "did you mean `/" + word + " " + near + "`? " + fix
			}
			return &refusal{why: "there is no " + word + " `" + strings.ReplaceAll(arg, "`", "'") + "`", fix: fix}
		}
		labels = append(labels, prefix+name)
	}
	if slices.ContainsFunc(labels, p.Guards) {
		if err := t.mayGuard(ctx, gh, p, c, "change `"+prefix+"*`"); err != nil {
			return err
		}
	}
	if !add {
		for _, l := range labels {
			if err := gh.RemoveLabel(ctx, c.Repo, c.Number, l); err != nil {
				return err
			}
		}
		return nil
	}
	if prefix == ledger.PriorityPrefix && len(labels) > 1 {
		return &refusal{why: "an issue has one priority", fix: "comment `/priority " + strings.TrimPrefix(labels[0], prefix) + "`"}
	}
	if err := t.labels(ctx, gh, p, c.Place, labels); err != nil {
		return err
	}
	if prefix != ledger.PriorityPrefix {
		return nil
	}
	for _, other := range is.Under(prefix) {
		if prefix+other != labels[0] {
			if err := gh.RemoveLabel(ctx, c.Repo, c.Number, prefix+other); err != nil {
				return err
			}
		}
	}
	return nil
}

// milestone puts an issue or pull request into a milestone, takes it out, or undoes a rollover.
func (t *Tracker) milestone(ctx context.Context, gh step.GitHub, p ledger.Policy, c Comment, args []string) error {
	all, err := gh.Milestones(ctx, c.Repo)
	if err != nil {
		return err
	}
	var open []string
	for _, m := range all {
		if m.State == "open" {
			open = append(open, m.Title)
		}
	}
	valid := "open are " + strings.Join(open, ", ")
	if len(open) == 0 {
		valid = "no milestone is open: open one on GitHub, or let a merge into a release branch open that of its next version"
	}
	if len(args) == 0 {
		return &refusal{why: "no milestone is named", fix: "comment `/milestone NAME` or `/milestone clear`; " + valid}
	}
	if err := t.mayGuard(ctx, gh, p, c, "set milestones"); err != nil {
		return err
	}
	name := strings.Join(args, " ")
	switch {
	case strings.EqualFold(name, "clear"):
		return gh.SetMilestone(ctx, c.Repo, c.Number, 0)
	case strings.EqualFold(args[0], "undo") && len(args) == 2:
		return t.undoRollover(ctx, gh, c, all, args[1])
	case strings.EqualFold(args[0], "roll") && len(args) == 2:
		return t.rollByHand(ctx, gh, p, c, all, args[1])
	}
	for _, m := range all {
		if m.Title == name && m.State == "open" {
			return gh.SetMilestone(ctx, c.Repo, c.Number, m.Number)
		}
	}
	fix := valid
	if near, ok := parse.Nearest(name, open); ok {
		fix = "did you mean `/milestone " + near + "`? " + valid
	}
	why := "there is no milestone `" + strings.ReplaceAll(name, "`", "'") + "`"
	if slices.ContainsFunc(all, func(m step.Milestone) bool { return m.Title == name }) {
		why = "the milestone `" + strings.ReplaceAll(name, "`", "'") + "` is closed"
	}
	return &refusal{why: why, fix: fix}
}

// again lets a log be worked on soon, in this process or another.
func (t *Tracker) again(ctx context.Context, log string) error {
	return t.Store.Enqueue(ctx, store.Job{Kind: store.KindLog, Key: log}, t.Clock())
}
