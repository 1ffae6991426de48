package release

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fold builds the state of the release id from its log. Folding a prefix and going on with Apply equals folding
// the whole.
func Fold(id string, log []Entry) Release {
	return Apply(Release{ID: id}, log...)
}

// Apply carries a release on by some entries. The given release is left as it was.
func Apply(r Release, entries ...Entry) Release {
	r.Runs = slices.Clone(r.Runs)
	r.Approvals = slices.Clone(r.Approvals)
	r.Team = slices.Clone(r.Team)
	r.Assigned = slices.Clone(r.Assigned)
	r.Exceptions = slices.Clone(r.Exceptions)
	r.Duds = slices.Clone(r.Duds)
	r.Replies = slices.Clone(r.Replies)
	r.Seen = maps.Clone(r.Seen)
	r.Views = maps.Clone(r.Views)
	r.Showing = maps.Clone(r.Showing)
	r.Notices = slices.Clone(r.Notices)
	r.Outsiders = maps.Clone(r.Outsiders)
	if r.Plans = maps.Clone(r.Plans); r.Plans == nil {
		r.Plans = map[string]int64{}
	}
	if r.Seen == nil {
		r.Seen = map[Source]bool{}
	}
	if r.Views == nil {
		r.Views, r.Showing, r.Outsiders = map[string]Shown{}, map[string]time.Time{}, map[string]time.Time{}
	}
	for _, e := range entries {
		r.apply(e)
	}
	return r
}

func (r *Release) apply(entry Entry) {
	r.Seq = entry.Seq
	switch e := entry.Event.(type) {
	case Commanded, Decided, Delayed, Answered:
		r.converse(e, entry.At)
		return
	case Shown:
		r.show(e, entry.At)
		return
	case Noticed:
		r.Notices = append(r.Notices, e)
		return
	case Tried:
		r.step(e.Run, e.Step, func(s *StepState) {
			if s.Tried, s.TriedAt = true, entry.At; e.Accepted {
				s.Writes++
			}
		})
		return
	case Made:
		r.step(e.Run, e.Step, func(s *StepState) {
			s.Made, s.TriedAt = append(slices.Clone(s.Made), e.What), time.Time{}
		})
		return
	}
	r.LastAt = entry.At
	switch e := entry.Event.(type) {
	case Started:
		r.begin(e, entry)
	case Entered:
		phase, _ := r.Started.Process.Phase(e.Phase)
		if phase.Rewind {
			r.rewind(e.Phase)
		}
		r.run(Run{Name: e.Phase, Phase: true, Source: e.Source, Vars: e.Vars, Plan: e.Plan, Warns: e.Warnings},
			phase.Steps, entry)
	case Asked:
		r.run(Run{Name: e.Name, Undo: r.Aborted != nil, Source: e.Source, Vars: e.Vars}, e.Steps, entry)
	case Did, Waits, Stopped, Retried:
		r.move(e, entry.At)
	case Held:
		r.Held = &e
	case Resumed:
		r.Held = nil
	case Aborted:
		r.Aborted, r.Held = &e, nil
		r.pass(e.By)
	case Dudded:
		r.Duds = append(r.Duds, e)
	case Approved:
		r.Approvals = slices.DeleteFunc(r.Approvals, func(a Approved) bool {
			return a.Phase == e.Phase && a.Person().Is(e.Person())
		})
		r.Approvals = append(r.Approvals, e)
	case Teamed:
		r.Team = slices.DeleteFunc(r.Team, func(m Member) bool { return m.Is(e.person()) })
		if !e.Leaves {
			r.Team = append(r.Team, Member{Person: e.person(), Until: e.Until, Added: e.Person()})
		}
	case Assigned:
		who := Person{Login: e.User, ID: e.UserID}
		r.Assigned = slices.DeleteFunc(r.Assigned, func(a Assignment) bool { return a.Is(who) })
		if !e.Leaves {
			r.Assigned = append(r.Assigned, Assignment{Person: who, By: e.Person(), Counts: e.Counts})
		}
	case Excepted:
		r.Exceptions = slices.DeleteFunc(r.Exceptions, func(o Exception) bool { return o.Pull == e.Pull })
		r.Exceptions = append(r.Exceptions, Exception{Excepted: e})
	case Pushed:
		for i, o := range r.Exceptions {
			if o.Pull == e.Pull {
				r.Exceptions[i].Pushed = e.Head
			}
			if o.Pull == e.Pull && o.Head == e.Head { // it is back where it was
				r.Exceptions[i].Pushed = ""
			}
		}
	}
}

// converse records what was said and answered. It is no news of the release itself.
func (r *Release) converse(event Event, at time.Time) {
	switch e := event.(type) {
	case Commanded:
		r.Seen[e.key()] = !e.Open
		r.part(e.Source, func(p *Part) {
			p.Text, p.Verb, p.Note, p.Decided, p.At = e.Text, e.Verb, e.Note,
				!e.Open, at
		})
	case Decided:
		r.Seen[e.key()] = true
		r.part(e.Source, func(p *Part) { p.Decided, p.Delayed = true, nil })
	case Delayed:
		r.part(e.Source, func(p *Part) {
			if p.Delayed == nil {
				p.DelayedAt = at
			}
			p.Delayed = &e
		})
	case Answered:
		if _, known := r.Plans[e.Plan]; e.Plan != "" && !known {
			r.Plans[e.Plan] = e.Comment
		}
		silent := false
		if e.Outsider {
			last, told := r.Outsiders[e.who()]
			if silent = told && at.Sub(last) < outsiderPause; !silent {
				r.Outsiders[e.who()] = at
			}
		}
		r.part(e.Source, func(p *Part) {
			p.Answer, p.Refused, p.Silent, p.Passing, p.Surplus = e.Text, e.Refused, silent, e.Passing, e.Surplus
		})
	}
}

// outsiderPause is how long somebody who has no role gets no second refusal on the issue.
const outsiderPause = time.Hour

// show records what people see.
func (r *Release) show(e Shown, at time.Time) {
	if e.Begun {
		r.Showing[e.What] = at
		return
	}
	if before := r.Views[e.What]; e.Node == "" {
		e.Node = before.Node
	}
	delete(r.Showing, e.What)
	r.Views[e.What] = e
}

// move records what became of a step.
func (r *Release) move(event Event, at time.Time) {
	switch e := event.(type) {
	case Did:
		r.step(e.Run, e.Step, func(s *StepState) {
			s.Done, s.DoneAt, s.Waits, s.Stopped, s.Again, s.TriedAt = &e, at, nil, nil, false, time.Time{}
		})
	case Waits:
		r.step(e.Run, e.Step, func(s *StepState) {
			if s.Waits == nil {
				s.Since = at
			}
			s.Waits, s.Stopped, s.Again = &e, nil, false
		})
	case Stopped:
		r.step(e.Run, e.Step, func(s *StepState) {
			s.Stopped, s.Waits, s.Since, s.Again, s.TriedAt = &e, nil, at, false, time.Time{}
		})
	case Retried:
		r.step(e.Run, e.Step, func(s *StepState) {
			if s.Stopped != nil {
				s.Again, s.Tries = true, s.Tries+1
			}
			s.Stopped, s.Waits, s.Writes = nil, nil, 0
		})
	}
}

// begin resets everything that belongs to one release. What belongs to the issue stays: the commands that were
// taken, and the runs that earlier replies still speak of.
func (r *Release) begin(e Started, entry Entry) {
	r.Begun, r.Started, r.StartedAt, r.First = true, e, entry.At, len(r.Runs)
	r.Held, r.Aborted, r.Approvals, r.Exceptions, r.Team = nil, nil, nil, nil, nil
	r.Assigned = slices.Clone(e.Assigned)
	for _, p := range e.People.Team {
		r.Team = append(r.Team, Member{Person: p})
	}
}

func (r *Release) run(run Run, steps []Step, entry Entry) {
	run.At, run.Number = entry.At, 1
	for _, earlier := range r.Runs {
		if earlier.Name == run.Name {
			run.Number++
		}
	}
	vars := r.In(run)
	for _, s := range steps {
		if s.On(r.Started.Track) {
			if title, err := Expand(s.Title, vars); err == nil {
				s.Title = title
			}
			run.Steps = append(run.Steps, StepState{Step: s})
		}
	}
	r.Runs = append(r.Runs, run)
	r.part(run.Source, func(p *Part) { p.Runs = append(slices.Clone(p.Runs), len(r.Runs)-1) })
}

// rewind ends the runs of the phases that come after this one on the track.
func (r *Release) rewind(phase string) {
	for i := r.First; i < len(r.Runs); i++ {
		r.Runs[i].Over = r.Runs[i].Over || r.Runs[i].Phase && r.Track().After(phase, r.Runs[i].Name)
	}
}

// step changes one step of one run. The steps are copied first: an earlier Release may share them.
func (r *Release) step(run int, id string, change func(*StepState)) {
	if run < 0 || run >= len(r.Runs) {
		return
	}
	i := slices.IndexFunc(r.Runs[run].Steps, func(s StepState) bool { return s.ID == id })
	if i < 0 {
		return
	}
	r.Runs[run].Steps = slices.Clone(r.Runs[run].Steps)
	change(&r.Runs[run].Steps[i])
}

// pass marks the answers that told of what was in progress when somebody aborted it.
func (r *Release) pass(by string) {
	for i, reply := range r.Replies {
		parts := slices.Clone(reply.Parts)
		for j := range parts {
			if parts[j].Passing && parts[j].EndedBy == "" {
				parts[j].EndedBy = by
			}
		}
		r.Replies[i].Parts = parts
	}
}

// part changes the answer to one line of one comment. Events that no comment asked for have none.
func (r *Release) part(src Source, change func(*Part)) {
	if src.Comment == 0 {
		return
	}
	i := slices.IndexFunc(r.Replies, func(reply Reply) bool { return reply.Comment == src.Comment })
	if i < 0 {
		r.Replies = append(r.Replies, Reply{Comment: src.Comment, By: src.By})
		i = len(r.Replies) - 1
	}
	parts := slices.Clone(r.Replies[i].Parts)
	j := slices.IndexFunc(parts, func(p Part) bool { return p.Line == src.Line })
	if j < 0 {
		parts = append(parts, Part{Line: src.Line})
		j = len(parts) - 1
	}
	change(&parts[j])
	r.Replies[i].Parts = parts
}

// key is what makes a command one and the same: its comment and line. The sender is no part of it.
func (s Source) key() Source { return Source{Comment: s.Comment, Line: s.Line} }

// who is the person behind a source, whatever the login is by now.
func (s Source) who() string {
	if s.ID != 0 {
		return strconv.FormatInt(s.ID, 10)
	}
	return strings.ToLower(s.By)
}

// Person is who said it.
func (s Source) Person() Person { return Person{Login: s.By, ID: s.ID} }

// Took says that the command was taken before.
func (r Release) Took(s Source) bool {
	_, took := r.Seen[s.key()]
	return took
}

// Settled says that it was decided as well: nothing is left to do for it.
func (r Release) Settled(s Source) bool { return r.Seen[s.key()] }
