package release_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/slipway-dev/slipway/release"
)

// move is one append to the log: what stood before, what was added, what stands after.
type move struct {
	before, after release.Release
	events        []release.Event
	gates         bool // they held when the command was decided
}

// played is a story that mostly says what comes next, so that it gets to the end, and past it to a second release on
// the same issue; any_order_test.go says anything. Each move is given to check.
func played(t *rapid.T, fresh *world, check func(move)) *story {
	world := *fresh
	w := &world
	s := newStory(t, w)
	for range rapid.IntRange(1, 80).Draw(t, "length") {
		m := move{before: s.release}
		from := len(s.log)
		w.holds = rapid.IntRange(0, 7).Draw(t, "gates") > 0
		w.seen = release.Observation{Done: rapid.Bool().Draw(t, "seen"), Text: "x"}
		w.pull.Merged = rapid.Bool().Draw(t, "merged")
		w.pull.Open = !w.pull.Merged
		if s.release.Finished() {
			w.tags = []string{"0.20.0", s.release.Started.Version}
		}
		switch rapid.IntRange(0, 9).Draw(t, "what") {
		case 0:
			s.say(rapid.SampledFrom([]string{"rita", "maria", "olaf"}).Draw(t, "by"),
				rapid.SampledFrom(lines).Draw(t, "text"))
		case 1:
			for _, v := range release.Unshown(s.release) {
				s.append(release.Shown{What: v.What, Hash: v.Hash(), ID: 9})
			}
		default:
			s.goOn(t)
		}
		for _, e := range s.log[from:] {
			m.events = append(m.events, e.Event)
		}
		m.after, m.gates = s.release, w.holds
		check(m)
	}
	return s
}

// goOn does what is due, and where nothing is, says what leads on.
func (s *story) goOn(t *rapid.T) {
	r := s.release
	item, ahead := r.NextPhase()
	switch {
	case release.Next(r, noon).Due:
		s.observe(t)
	case r.Held != nil:
		s.say("rita", "resume")
	case !r.Begun:
		s.say("rita", "prepare")
	case r.Finished():
		s.say("rita", rapid.SampledFrom([]string{"start 0.21.1", "start 0.22.0", "pick #3"}).Draw(t, "again"))
	case r.Aborted != nil:
		s.say("rita", "start 0.21.0")
	case ahead && !slices.ContainsFunc(r.Live(), func(run release.Run) bool { return !run.Complete() }):
		s.say("rita", item.Phase)
	default:
		s.say("rita", rapid.SampledFrom([]string{"retry", "retry", "skip freeze late", "hold CI", "abort late"}).Draw(t,
			"way out"))
	}
}

// The receipts of a run are what was seen; what is complete has been answered 🚀, and an answer is no promise.
func TestAFinishedPhaseStaysFinished(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		played(t, w, func(m move) {
			for i, run := range m.before.Runs {
				after := m.after.Runs[i]
				if run.Complete() && !after.Complete() {
					t.Fatalf("%s was complete, and is not: %v", run.Name, m.events)
				}
				// What was pinned is what was approved.
				if run.Plan != after.Plan || run.At != after.At || !cmp.Equal(run.Vars, after.Vars) ||
					len(run.Steps) != len(after.Steps) {
					t.Fatalf("%s was changed by %v", run.Name, m.events)
				}
			}
		})
	})
}

func TestAPhaseIsEnteredOnlyInOrderAndThroughItsGates(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		played(t, w, func(m move) {
			i := slices.IndexFunc(m.events, func(e release.Event) bool { return release.KindOf(e) == "entered" })
			if i < 0 {
				return
			}
			phase := m.events[i].(release.Entered).Phase
			switch {
			case m.before.Held != nil:
				t.Fatalf("%s was entered in a held release", phase)
			case m.before.Aborted != nil && m.after.First == m.before.First:
				t.Fatalf("%s was entered in an aborted release", phase)
			case !m.gates:
				t.Fatalf("%s was entered past a gate", phase)
			}
			for _, item := range m.after.Track().Sequence() {
				if item.Phase == phase {
					break
				}
				if run, entered := m.after.Entered(item.Phase); (!entered && !item.Optional) ||
					(entered && !run.Complete()) {
					t.Fatalf("%s was entered before %s was done", phase, item.Phase)
				}
			}
			for _, run := range m.after.Live()[:len(m.after.Live())-1] {
				if !run.Complete() {
					t.Fatalf("%s was entered while %s was under way", phase, run.Name)
				}
			}
		})
	})
}

// After an abort only the way back is worked on, until a new release is begun; nothing more is asked, signed or held.
func TestAnAbortedReleaseTakesNoCommandThatWrites(t *testing.T) {
	writes := []string{"entered", "asked", "held", "resumed", "aborted", "approved", "teamed", "excepted"}
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		played(t, w, func(m move) {
			if m.before.Aborted == nil || m.after.First != m.before.First || m.after.Aborted == nil {
				return
			}
			for _, e := range m.events {
				if slices.Contains(writes, release.KindOf(e)) {
					t.Fatalf("an aborted release takes %s", release.KindOf(e))
				}
			}
		})
	})
}

// A hold ends by resume and abort (and with the release, when the issue is used again), and nothing is observed in it.
func TestAHeldReleaseHasNoWork(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		played(t, w, func(m move) {
			if m.before.Held == nil {
				return
			}
			if due := release.Next(m.before, noon); due.Due {
				t.Fatalf("step %d of run %d is due in a held release", due.Step, due.Run)
			}
			ends := slices.ContainsFunc(m.events, func(e release.Event) bool {
				return slices.Contains([]string{"resumed", "aborted", "started"}, release.KindOf(e))
			})
			if ends != (m.after.Held == nil) {
				t.Fatalf("the hold ended, or did not, by %v", m.events)
			}
		})
	})
}

// A receipt stands in a run that was entered or asked for, of the step that it names, and a refusal leaves none.
func TestAReceiptIsOfAStepThatWasDue(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		s := played(t, w, func(m move) {
			for _, e := range m.events {
				did, is := e.(release.Did)
				if !is {
					continue
				}
				if did.Run < m.before.First || did.Run >= len(m.before.Runs) {
					t.Fatalf("the receipt of %s is of run %d, and there are %d to %d", did.Step, did.Run,
						m.before.First, len(m.before.Runs))
				}
				if s, ok := m.before.Runs[did.Run].Step(did.Step); !ok || s.Done != nil {
					t.Fatalf("the receipt of %s is of a step that is none, or was done", did.Step)
				}
			}
		})
		for _, e := range s.log {
			if a, is := e.Event.(release.Answered); is && a.Refused && !onlyRecorded(s, a.Source) {
				t.Fatalf("%+v was refused, and did something", a)
			}
		}
	})
}

// onlyRecorded says that nothing else came of a command than its record. A phase that begins a release by itself may
// begin it and then be refused by its gates.
func onlyRecorded(s *story, src release.Source) bool {
	return !slices.ContainsFunc(s.log, func(e release.Entry) bool {
		switch e := e.Event.(type) {
		case release.Entered:
			return e.Source == src
		case release.Asked:
			return e.Source == src
		case release.Did:
			return e.Source == src
		case release.Held:
			return e.Source == src
		case release.Aborted:
			return e.Source == src
		case release.Approved:
			return e.Source == src
		}
		return false
	})
}

// Deciding and showing are looking: the state that they were given is what it was, and looking again gives the same.
func TestLookingChangesNothing(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		s := played(t, w, func(move) {})
		r, was := s.release, text(t, s.release)
		line, by := rapid.SampledFrom(lines).Draw(t, "line"), rapid.SampledFrom([]string{"rita", "maria"}).Draw(t, "by")
		look := func() string {
			probe := &story{t: t, w: s.w, log: slices.Clone(s.log), release: r, comment: 1000}
			events := probe.say(by, line)
			return fmt.Sprintf("%+v %+v %s %+v", events, release.Unshown(r), release.Status(r), release.Next(r, noon))
		}
		if diff := cmp.Diff(look(), look()); diff != "" {
			t.Fatalf("looking twice differs:\n%s", diff)
		}
		if text(t, r) != was {
			t.Fatalf("looking changed the state:\n%s\nwas\n%s", text(t, r), was)
		}
	})
}

// What was shown is not shown again, and showing is no event of the release.
func TestWhatWasShownIsNotShownAgain(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		s := played(t, w, func(move) {})
		before := s.release
		for _, v := range release.Unshown(s.release) {
			s.append(release.Shown{What: v.What, Hash: v.Hash()})
		}
		if left := release.Unshown(s.release); len(left) > 0 {
			t.Fatalf("%s is to be shown for ever", left[0].What)
		}
		if s.release.LastAt != before.LastAt || release.Next(s.release, noon) != release.Next(before, noon) ||
			s.release.Open() != before.Open() {
			t.Fatal("showing moved the release")
		}
	})
}

// The store keeps each event as JSON; what comes back folds to the same, field by field.
func TestALogFromTheStoreFoldsToTheSameState(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		s := played(t, w, func(move) {})
		stored := slices.Clone(s.log)
		for i, e := range s.log {
			stored[i].Event = roundTrip(t, e.Event)
			if diff := cmp.Diff(e.Event, stored[i].Event, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("a %s comes back changed:\n%s", release.KindOf(e.Event), diff)
			}
		}
		if diff := cmp.Diff(s.release, release.Fold(s.release.ID, stored), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("the log folds to another state:\n%s", diff)
		}
	})
}
