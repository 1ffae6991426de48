package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Deliberate decides a command: it asks find for the facts it needs, and turns them into events. The events begin
// with Commanded, so that appending them is also what makes the command act only once; a command that was taken
// before gives none. It writes nothing and asks for nothing but facts.
func Deliberate(r Release, c Command, at time.Time, find func(Release, Questions) (Facts, error)) ([]Event, error) {
	if r.Took(c.Source) {
		return nil, nil
	}
	events := []Event{Commanded{Source: c.Source, Text: c.Text, Verb: c.Verb}}
	// A first look gives the process, which says what words there are; only then is it known what else to ask.
	f, err := find(r, Needs(r, c, nil))
	if err != nil {
		return nil, err
	}
	if f.ConfigProblem != nil {
		return append(events, refused(c, withoutProcess(c, *f.ConfigProblem))), nil
	}
	p := f.Process
	if r.Begun {
		p = r.Started.Process
	}
	if begins(r, p, c) {
		begun, refusal := begin(p, c, f, at)
		if refusal != nil {
			return append(events, refused(c, *refusal)), nil
		}
		events = append(events, begun)
		r = Apply(r, Entry{Seq: r.Seq, At: at, Event: begun})
		if c.Verb == "start" {
			return append(events, Answered{Source: c.Source, Text: welcome(r)}), nil
		}
	}
	f, err = find(r, Needs(r, c, &p))
	if err != nil {
		return nil, err
	}
	f.Process = p
	return append(events, Decide(r, c, f, at)...), nil
}

// Needs says what must be found out for the command. Before the process is known (p is nil) that is the process
// itself and, where the command may begin a release, who its sender is and which tags exist.
func Needs(r Release, c Command, p *Process) Questions {
	if p == nil {
		if r.Begun && (r.Open() || c.Verb != "start") {
			return Questions{}
		}
		return Questions{Config: true, Process: c.Options["process"], Roles: []string{"*"}, History: true}
	}
	q := Questions{Roles: whoMay(*p, c.Verb)}
	if !r.Begun {
		return q
	}
	switch c.Verb {
	case "plan", "approve", "next", "why":
		q.Phase = subject(r, c)
	case "pick", "exception":
		q.Pull = pullNumber(c)
	case "done":
		if run, s, ok := r.find(c.arg(0)); ok && s.Done == nil {
			q.Observe, q.ObserveRun, q.ObserveStep = true, run, s.ID
		}
	default:
		if _, ok := p.Phase(c.Verb); ok {
			q.Phase = c.Verb
		}
	}
	return q
}

// Decide answers a command of a known process. It is pure: events to append, of which a refusal is one.
func Decide(r Release, c Command, f Facts, at time.Time) []Event {
	events, refusal := decide(r, c, f, at)
	if refusal != nil {
		return []Event{refused(c, *refusal)}
	}
	return events
}

// refused is the answer that changes nothing. Whatever refuses, the last line says what to type next.
func refused(c Command, why Refusal) Event {
	if why.Fix == "" {
		why.Fix = "`/release next` says what comes next, and who may do it"
	}
	return Answered{Source: c.Source, Refused: true, Text: why.Markdown()}
}

func answered(c Command, text string) []Event { return []Event{Answered{Source: c.Source, Text: text}} }

func decide(r Release, c Command, f Facts, at time.Time) ([]Event, *Refusal) {
	p := f.Process
	if c.Problem != "" {
		return nil, &Refusal{Why: "the line cannot be read: " + c.Problem, Fix: "put quotes in pairs, or leave them out"}
	}
	phase, isPhase := p.Phase(c.Verb)
	isVerb := slices.ContainsFunc(Verbs(), func(v Verb) bool { return v.Name == c.Verb })
	if !isPhase && !isVerb {
		return nil, unknown(p, c)
	}
	if refusal := allowed(p, c, f); refusal != nil {
		return nil, refusal
	}
	if refusal := c.usage(); refusal != nil {
		return nil, refusal
	}
	if c.Verb == "help" {
		return answered(c, help(r, p)), nil
	}
	if !r.Begun {
		return nil, notBegun(p)
	}
	if isPhase {
		return enter(r, c, f, phase, at)
	}
	switch c.Verb {
	case "start":
		return nil, &Refusal{
			Why: fmt.Sprintf("%s %s is under way on this issue", p.Title, r.Started.Version),
			Saw: Next(r, at).Stands,
			Fix: "finish it or `/release abort REASON`; another release wants its own issue",
		}
	case "status":
		return answered(c, standing(r, at)), nil
	case "next":
		return answered(c, upNext(r, f, at)), nil
	case "why":
		return answered(c, whyNot(r, f)), nil
	}
	if c.Verb == "plan" {
		return plan(r, c, f)
	}
	if r.Aborted != nil && c.Verb != "retry" && c.Verb != "done" && c.Verb != "skip" && c.Verb != "dud" {
		return nil, over(r)
	}
	switch c.Verb {
	case "approve":
		return approve(r, c, f)
	case "hold":
		return []Event{Held{Source: c.Source, Reason: c.rest(0)}}, nil
	case "resume":
		if r.Held == nil {
			return nil, &Refusal{Why: "nothing is held", Fix: "`/release next` says what comes next"}
		}
		return []Event{Resumed{Source: c.Source}}, nil
	case "abort":
		return abort(r, c)
	case "dud":
		return dud(r, c)
	case "team":
		return team(r, c)
	case "exception":
		return exception(r, c, f)
	case "pick":
		return pick(r, c, f)
	case "done":
		return done(r, c, f)
	case "skip":
		return skip(r, c)
	case "retry":
		return retry(r, c)
	}
	return nil, unknown(p, c)
}

func (c Command) arg(i int) string {
	if i < len(c.Args) {
		return c.Args[i]
	}
	return ""
}

// whoMay lists the roles that may give the command; the role anyone is everybody.
func whoMay(p Process, verb string) []string {
	if phase, ok := p.Phase(verb); ok {
		return phase.Who
	}
	return p.MayDo(verb)
}

// allowed refuses a sender who has none of the roles. Not being able to find out refuses as well.
func allowed(p Process, c Command, f Facts) *Refusal {
	roles := whoMay(p, c.Verb)
	unknown := false
	for _, role := range roles {
		if role == "anyone" || f.Has[role] == Yes {
			return nil
		}
		unknown = unknown || f.Has[role] == Unknown
	}
	asks := []string{}
	for _, role := range roles {
		if who := f.Ask[role]; who != "" {
			asks = append(asks, who)
		}
	}
	refusal := &Refusal{
		Why:  "`/release " + c.Verb + "` is for " + names(roles) + ", and " + Login(c.By) + " is none",
		Rule: "roles come from `.github/release.yaml` on the default branch and from GitHub's permissions",
		Who:  strings.Join(asks, "; "),
		Fix:  "ask one of them to comment " + Quoted(c.Text),
	}
	if unknown {
		refusal.Why = "GitHub did not say whether " + Login(c.By) + " is " + names(roles) + ", and not knowing is no yes"
		refusal.Fix = "try again in a few minutes: comment " + Quoted(c.Text)
	}
	return refusal
}

// names joins role names for a sentence: "a release-manager or maintainer".
func names(roles []string) string {
	if len(roles) == 0 {
		return "nobody"
	}
	return "a " + strings.Join(roles, " or ")
}

func notBegun(p Process) *Refusal {
	return &Refusal{
		Why: "no release was started on this issue",
		Fix: "comment `/release start VERSION`, for example `/release start " + p.Versions.Sample() + "`",
	}
}

func over(r Release) *Refusal {
	return &Refusal{
		Why: r.Started.Version + " was aborted by " + Login(r.Aborted.By),
		Saw: Quoted(r.Aborted.Reason),
		Fix: "begin again with `/release start VERSION`",
	}
}

// subject is the phase that plan, approve, next and why speak of.
func subject(r Release, c Command) string {
	if c.Verb == "plan" && c.arg(0) != "" {
		if _, ok := r.Started.Process.Phase(strings.ToLower(c.arg(0))); ok {
			return strings.ToLower(c.arg(0))
		}
		return ""
	}
	if c.Verb == "approve" {
		if phase := r.approvable(); phase != "" {
			return phase
		}
	}
	leg, _ := r.NextLeg()
	return leg.Phase
}

// approvable is the first phase ahead that has an approvals gate.
func (r Release) approvable() string {
	for _, leg := range r.Track().Legs() {
		phase, _ := r.Started.Process.Phase(leg.Phase)
		if _, entered := r.Entered(leg.Phase); entered {
			continue
		}
		if slices.ContainsFunc(phase.Needs, func(g Gate) bool { return g.Kind == "approvals" && g.On(r.Started.Track) }) {
			return phase.Name
		}
	}
	return ""
}

// On says that the gate stands on the track.
func (g Gate) On(track string) bool { return len(g.Tracks) == 0 || slices.Contains(g.Tracks, track) }

// On says that the step is one of the track.
func (s Step) On(track string) bool { return len(s.Tracks) == 0 || slices.Contains(s.Tracks, track) }

// Edited answers a comment that was edited into a command. Somebody else may have edited it, so it never acts
// (features: "only created; actor = sender").
func Edited(c Command) []Event {
	return []Event{
		Commanded{Source: c.Source, Text: c.Text, Verb: c.Verb},
		refused(c, Refusal{
			Why:  "this comment was edited, and only new comments are commands",
			Rule: "anybody with write access can edit the comment of another person",
			Fix:  "post " + Quoted(c.Text) + " as a new comment",
		}),
	}
}
