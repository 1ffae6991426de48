package release

import (
	"maps"
	"slices"
	"strings"
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
	r.Exceptions = slices.Clone(r.Exceptions)
	r.Duds = slices.Clone(r.Duds)
	r.Replies = slices.Clone(r.Replies)
	r.Seen = maps.Clone(r.Seen)
	r.Views = maps.Clone(r.Views)
	if r.Seen == nil {
		r.Seen = map[Source]bool{}
	}
	if r.Views == nil {
		r.Views = map[string]Shown{}
	}
	for _, e := range entries {
		r.apply(e)
	}
	return r
}

func (r *Release) apply(entry Entry) {
	r.Seq = entry.Seq
	switch e := entry.Event.(type) {
	case Commanded:
		r.Seen[e.key()] = true
		r.part(e.Source, func(p *Part) { p.Text = e.Text })
	case Answered:
		r.part(e.Source, func(p *Part) { p.Answer, p.Refused = e.Text, e.Refused })
	case Started:
		r.begin(e, entry)
	case Entered:
		phase, _ := r.Started.Process.Phase(e.Phase)
		if phase.Rewind {
			r.rewind(e.Phase)
		}
		r.run(Run{Name: e.Phase, Phase: true, Source: e.Source, Vars: e.Vars, Plan: e.Plan, Warns: e.Warnings}, phase.Steps, entry)
	case Asked:
		r.run(Run{Name: e.Name, Undo: r.Aborted != nil, Source: e.Source, Vars: e.Vars}, e.Steps, entry)
	case Did:
		r.step(e.Run, e.Step, func(s *StepState) {
			s.Done, s.DoneAt, s.Waits, s.Stopped, s.Again = &e, entry.At, nil, nil, false
		})
	case Waits:
		r.step(e.Run, e.Step, func(s *StepState) {
			if s.Waits == nil {
				s.Since = entry.At
			}
			s.Waits, s.Stopped, s.Again = &e, nil, false
		})
	case Stopped:
		r.step(e.Run, e.Step, func(s *StepState) { s.Stopped, s.Waits, s.Since, s.Again = &e, nil, entry.At, false })
	case Retried:
		r.step(e.Run, e.Step, func(s *StepState) {
			if s.Stopped != nil {
				s.Again, s.Tries = true, s.Tries+1
			}
			s.Stopped, s.Waits = nil, nil
		})
	case Held:
		r.Held = &e
	case Resumed:
		r.Held = nil
	case Aborted:
		r.Aborted, r.Held = &e, nil
	case Dudded:
		r.Duds = append(r.Duds, e)
	case Approved:
		r.Approvals = slices.DeleteFunc(r.Approvals, func(a Approved) bool {
			return a.Phase == e.Phase && sameLogin(a.By, e.By)
		})
		r.Approvals = append(r.Approvals, e)
	case Teamed:
		r.Team = slices.DeleteFunc(r.Team, func(m Member) bool { return sameLogin(m.Login, e.User) })
		if !e.Leaves {
			r.Team = append(r.Team, Member{Login: e.User, Until: e.Until})
		}
	case Excepted:
		r.Exceptions = append(r.Exceptions, e)
	case Shown:
		r.Views[e.What] = e
	}
	if _, view := entry.Event.(Shown); !view {
		r.LastAt = entry.At
	}
}

// begin resets everything that belongs to one release. What belongs to the issue stays: the commands that were
// taken, and the runs that earlier replies still speak of.
func (r *Release) begin(e Started, entry Entry) {
	r.Begun, r.Started, r.StartedAt, r.First = true, e, entry.At, len(r.Runs)
	r.Held, r.Aborted, r.Approvals, r.Exceptions, r.Team = nil, nil, nil, nil, nil
	for _, login := range e.Process.Team {
		r.Team = append(r.Team, Member{Login: login})
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

// Took says that the command was taken before.
func (r Release) Took(s Source) bool { return r.Seen[s.key()] }

// sameLogin compares logins as GitHub does, without regard to case.
func sameLogin(a, b string) bool { return strings.EqualFold(a, b) }
