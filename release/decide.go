package release

import (
	"maps"
	"slices"
	"time"
)

// Take records that a command was taken, before anything is looked up for it. What it led to is recorded by
// Deliberate, so that a command is neither lost nor carried out twice when the process dies in between.
func Take(c Command) Event {
	return Commanded{Source: c.Source, Text: c.Text, Verb: c.Verb, Open: true}
}

// Find answers questions by looking at GitHub; a test answers them by writing the facts down.
type Find func(Release, Questions) (Facts, error)

// Deliberate decides a command: it asks find for the facts that it needs, and turns them into events, the last of
// which is Decided. A command that was decided before gives none. It writes nothing.
//
// The questions come in an order that costs a stranger's comment little: which process, then who the sender is, and
// only for those who may give the command what it needs to know.
func Deliberate(r Release, c Command, at time.Time, find Find) ([]Event, error) {
	if r.Settled(c.Source) {
		return nil, nil
	}
	var events []Event
	if !r.Took(c.Source) {
		events = append(events, Take(c))
	}
	decided, err := deliberate(r, c, at, find)
	if err != nil {
		return nil, err
	}
	return append(append(events, decided...), Decided{Source: c.Source}), nil
}

func deliberate(r Release, c Command, at time.Time, find Find) ([]Event, error) {
	begun := r.Begun && (r.Open() || c.Verb != "start")
	facts, err := find(r, Questions{Config: !begun, Word: true, Process: c.Options["process"]})
	if err != nil {
		return nil, err
	}
	switch {
	case begun:
		facts.Process = r.Started.Process
	case facts.ConfigProblem != nil:
		return []Event{refused(c, withoutProcess(c, *facts.ConfigProblem, facts.Elsewhere))}, nil
	}
	p := facts.Process
	roles := whoMay(p, c.Verb)
	starts := begins(r, p, c)
	if starts {
		roles = slices.Concat(roles, whoMay(p, "start"))
	}
	f, err := find(r, Questions{Roles: roles, Every: c.Verb == "approve", Lasting: starts || lasting(r, c)})
	if err != nil {
		return nil, err
	}
	facts.Has, facts.Ask, facts.Assignee = f.Has, f.Ask, f.Assignee
	if refusal := may(r, p, c, facts); refusal != nil {
		return turnAway(r, c, p, *refusal, find)
	}
	if !starts {
		return ask(r, c, facts, at, find)
	}
	if f, err = find(r, Questions{History: true, People: true}); err != nil {
		return nil, err
	}
	facts.Tags, facts.Duds, facts.People, facts.Assigned = f.Tags, f.Duds, f.People, f.Assigned
	if facts.Appoints, err = appoints(r, p, facts, find); err != nil {
		return nil, err
	}
	started, refusal := begin(p, c, facts, at)
	if refusal != nil {
		return []Event{refused(c, *refusal)}, nil
	}
	r = Apply(r, Entry{Seq: r.Seq, At: at, Event: started})
	if c.Verb == "start" {
		return []Event{started, Answered{Source: c.Source, Text: welcome(r)}}, nil
	}
	events, err := ask(r, c, facts, at, find)
	return append([]Event{started}, events...), err
}

// turnAway refuses a command. Somebody who has no role at all here is told so once an hour.
func turnAway(r Release, c Command, p Process, refusal Refusal, find Find) ([]Event, error) {
	f, err := find(r, Questions{Roles: slices.Sorted(maps.Keys(p.Roles)), Insider: true})
	if err != nil {
		return nil, err
	}
	return []Event{Answered{
		Source: c.Source, Refused: true, Outsider: !f.Insider && !f.hasAny(), Text: finished(refusal).Markdown(),
	}}, nil
}

// ask finds out what the command itself needs, and decides it.
func ask(r Release, c Command, facts Facts, at time.Time, find Find) ([]Event, error) {
	if q := Needs(r, c, facts.Process); !q.none() {
		f, err := find(r, q)
		if err != nil {
			return nil, err
		}
		f.Process, f.Has, f.Ask, f.Elsewhere = facts.Process, facts.Has, facts.Ask, facts.Elsewhere
		f.Assignee = facts.Assignee
		facts = f
	}
	return Decide(r, c, facts, at), nil
}

// Needs says what must be found out for the command of somebody who may give it.
func Needs(r Release, c Command, p Process) Questions {
	if !r.Begun {
		return Questions{}
	}
	if v, ok := verb(c.Verb); ok && v.needs != nil {
		return v.needs(r, c, p)
	}
	if _, ok := p.Phase(c.Verb); ok {
		return Questions{Phase: c.Verb}
	}
	return Questions{}
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
	return Answered{Source: c.Source, Refused: true, Text: finished(why).Markdown(), Passing: why.Passing}
}

// finished adds a next step to a refusal that names none.
func finished(why Refusal) Refusal {
	if why.Fix == "" {
		why.Fix = seeNext()
	}
	return why
}

// passing answers with what is in progress.
func passing(c Command, text string) []Event {
	return []Event{Answered{Source: c.Source, Text: text, Passing: true}}
}

func answered(c Command, text string) []Event { return []Event{Answered{Source: c.Source, Text: text}} }

func decide(r Release, c Command, f Facts, at time.Time) ([]Event, *Refusal) {
	p := f.Process
	phase, isPhase := p.Phase(c.Verb)
	v, isVerb := verb(c.Verb)
	if refusal := may(r, p, c, f); refusal != nil {
		return nil, refusal
	}
	switch {
	case isVerb && v.anytime:
	case !r.Begun && isVerb && v.early:
		return answered(c, notStartedYet(p.startLine(c, f))), nil
	case !r.Begun:
		return nil, notStarted(p.startLine(c, f))
	case isPhase:
		return enter(r, c, f, phase, at)
	case !isVerb:
		return nil, unknown(p, c, f.Elsewhere)
	case v.running && r.Aborted != nil:
		return nil, aborted(r.Started.Version, *r.Aborted)
	}
	if refusal := c.usage(); refusal != nil {
		return nil, refusal
	}
	return v.decide(r, c, f, at)
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

// may refuses a line that cannot be read, a word that is none, and a sender who has none of the roles.
func may(r Release, p Process, c Command, f Facts) *Refusal {
	if c.Problem != "" {
		return unreadable(c.Problem)
	}
	_, isPhase := p.Phase(c.Verb)
	if _, isVerb := verb(c.Verb); !isPhase && !isVerb {
		return unknown(p, c, f.Elsewhere)
	}
	return allowed(r, p, c, f)
}

// appoints says that who starts the release may change its team.
func appoints(r Release, p Process, f Facts, find Find) (bool, error) {
	roles := p.Appointers()
	has := func(role string) bool { return f.Has[role] == Yes }
	if slices.ContainsFunc(roles, has) {
		return true, nil
	}
	f, err := find(r, Questions{Roles: roles, Lasting: true})
	return slices.ContainsFunc(roles, has), err
}

// lasting says that a command takes more than an assignment to the tracking issue: it starts a release, changes who
// leads it, or ends what somebody else began.
func lasting(r Release, c Command) bool {
	switch c.Verb {
	case "start", "team", "dud":
		return true
	case "abort", "hold":
		return r.Begun && !r.Started.Person().Is(c.Person())
	}
	return false
}

// allowed refuses a sender who has none of the roles. Not being able to find out refuses as well.
func allowed(r Release, p Process, c Command, f Facts) *Refusal {
	roles := whoMay(p, c.Verb)
	strict := !r.Begun || lasting(r, c)
	if strict {
		roles = p.lasting(roles)
	}
	unknown := false
	for _, role := range roles {
		if role == "anyone" || f.Has[role] == Yes || f.Has[role] == ByAssignment && !strict {
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
	if unknown {
		return notConfirmed(c, roles)
	}
	return ofAssignee(r, p, c, f, notAllowed(c, roles, asks))
}

// Edited answers a comment that was edited into a command. Somebody else may have edited it, so it never acts
// (features: "only created; actor = sender").
func Edited(c Command) []Event {
	return []Event{
		Take(c),
		refused(c, editedComment(c)),
		Decided{Source: c.Source},
	}
}

// On says that the gate stands on the track.
func (g Gate) On(track string) bool { return len(g.Tracks) == 0 || slices.Contains(g.Tracks, track) }

// On says that the step is one of the track.
func (s Step) On(track string) bool { return len(s.Tracks) == 0 || slices.Contains(s.Tracks, track) }
