package release_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/slipway-dev/slipway/release"
)

// lines are what people type, sense and nonsense.
var lines = []string{
	"start 0.21.0", "start 0.20.1 kind=hotfix", "start 1.0.0", "start", "prepare", "freeze", "branch", "rc", "thaw",
	"cut", "hotfix", "plan", "plan cut", "approve",
	"approve 46f6d65b", "approve 0000000", "next", "why", "status", "help", "exception #2 crash", "exception #2",
	"pick #2", "pick two", "done milestone", "done evaluate yes",
	"done nowhere", "skip milestone late", "skip freeze", "retry", "retry milestone", "hold CI", "hold", "resume",
	"abort early", "team add @max", "team remove @max",
	"team add @max until=thaw", "dud broken", "dud", "frobnicate", `hold "open`,
}

// valid is what holds of every state, whatever was said before.
func valid(t *rapid.T, r release.Release, entries int) {
	if r.Seq != entries {
		t.Fatalf("the state is at entry %d of %d", r.Seq, entries)
	}
	due := release.Next(r, noon)
	if r.Held != nil && (due.Due || r.Aborted != nil) {
		t.Fatalf("a held release has work due, or is aborted as well: %+v", due)
	}
	if due.Due && r.Aborted != nil && !r.Runs[due.Run].Undo {
		t.Fatalf("an aborted release works on %s", r.Runs[due.Run].Name)
	}
	if !due.Due && due.Stands == "" {
		t.Fatal("nothing is due, and nothing says why")
	}
	under := 0
	for i, run := range r.Runs {
		if i >= r.First && run.Phase && !run.Complete() {
			under++
		}
		for _, s := range run.Steps {
			if s.Done != nil && (s.Waits != nil || s.Stopped != nil) || s.Waits != nil && s.Stopped != nil {
				t.Fatalf("step %s of %s is in two states at once", s.ID, run.Name)
			}
		}
	}
	if under > 1 {
		t.Fatalf("%d phases are under way at once", under)
	}
	for i, a := range r.Approvals {
		if slices.ContainsFunc(r.Approvals[:i],
			func(b release.Approved) bool { return a.By == b.By && a.Phase == b.Phase }) {
			t.Fatalf("%s signed %s twice", a.By, a.Phase)
		}
	}
	for i, m := range r.Team {
		if slices.ContainsFunc(r.Team[:i], func(o release.Member) bool { return o.Login == m.Login }) {
			t.Fatalf("%s is on the team twice", m.Login)
		}
	}
	answered := 0
	for _, reply := range r.Replies {
		answered += len(reply.Parts)
	}
	if answered != len(r.Seen) {
		t.Fatalf("%d commands were taken, and %d are answered", len(r.Seen), answered)
	}
}

// kept says that what was done before is done after, with the same receipt: promise 3.
func kept(t *rapid.T, before, after release.Release) {
	for i, run := range before.Runs {
		for j, s := range run.Steps {
			if s.Done != nil && !cmp.Equal(s.Done, after.Runs[i].Steps[j].Done) {
				t.Fatalf("the receipt of %s in %s changed: %+v, was %+v", s.ID, run.Name, after.Runs[i].Steps[j].Done,
					s.Done)
			}
		}
	}
	if before.Finished() && !after.Finished() && after.First == before.First {
		t.Fatal("a finished release goes on")
	}
}

// observe carries the release on by what one observation of its due step may give.
func (s *story) observe(t *rapid.T) {
	due := release.Next(s.release, noon)
	if !due.Due {
		return
	}
	id := s.release.Runs[due.Run].Steps[due.Step].ID
	switch rapid.IntRange(0, 5).Draw(t, "outcome") {
	case 0:
		s.append(release.Waits{Run: due.Run, Step: id, For: "CI", Who: "somebody"})
	case 1:
		s.append(release.Stopped{Run: due.Run, Step: id, Why: "it is elsewhere", Fix: "look"})
	default:
		s.append(release.Did{Run: due.Run, Step: id, How: release.ByBot, Text: "done"})
	}
}

// told is a story of random commands, facts and outcomes, held to what must hold after each.
func told(t *rapid.T, w *world) *story {
	s := &story{t: t, w: w, release: release.Fold("falcosecurity/libs#1", nil)}
	for range rapid.IntRange(1, 60).Draw(t, "length") {
		before := s.release
		was := text(t, before)
		switch rapid.IntRange(0, 2).Draw(t, "what") {
		case 0:
			s.observe(t)
		default:
			w.holds, w.unknown = rapid.IntRange(0, 3).Draw(t, "gates") > 0, rapid.IntRange(0, 19).Draw(t, "silent") == 0
			w.seen = release.Observation{Done: rapid.Bool().Draw(t, "seen"), Manual: rapid.Bool().Draw(t, "manual"),
				Text: "x"}
			w.pull.Merged = rapid.Bool().Draw(t, "merged")
			w.pull.Open = !w.pull.Merged
			by := rapid.SampledFrom([]string{"rita", "rita", "rita", "maria", "max", "olaf"}).Draw(t, "by")
			line := rapid.SampledFrom(lines).Draw(t, "text")
			events := s.say(by, line)
			if again := s.repeat(by, line, s.comment); len(again) > 0 {
				t.Fatalf("%q acted twice: %v", line, kinds(again))
			}
			if len(events) == 0 || release.KindOf(events[0]) != "commanded" {
				t.Fatalf("%q was not recorded as taken", line)
			}
			if w.unknown && slices.ContainsFunc(kinds(events), func(k string) bool { return k != "answered" }) {
				t.Fatalf("%q acted though nobody knows who %s is: %v", line, by, kinds(events))
			}
			if by == "olaf" && slices.ContainsFunc(kinds(events), func(k string) bool { return k != "answered" }) {
				t.Fatalf("%q of an outsider acted: %v", line, kinds(events))
			}
		}
		valid(t, s.release, len(s.log))
		kept(t, before, s.release)
		if text(t, before) != was {
			t.Fatal("an earlier state changed")
		}
	}
	return s
}

// text is all of a state, so that a change of what two states share shows.
func text(t *rapid.T, r release.Release) string {
	out, err := json.Marshal([]any{r.Runs, r.Replies, r.Team, r.Approvals, r.Exceptions, r.Held, r.Aborted, r.Views})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(string(out), len(r.Seen), r.Seq, r.First, r.LastAt)
}

func TestAnyOrderOfCommandsLeavesAValidState(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) { told(t, w) })
}

func TestFoldingAPrefixAndGoingOnEqualsFoldingTheWhole(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		s := told(t, w)
		cut := rapid.IntRange(0, len(s.log)).Draw(t, "cut")
		whole := release.Fold(s.release.ID, s.log)
		if diff := cmp.Diff(whole, release.Apply(release.Fold(s.release.ID, s.log[:cut]), s.log[cut:]...)); diff != "" {
			t.Fatalf("cut at %d (-whole +parts):\n%s", cut, diff)
		}
		if diff := cmp.Diff(whole, s.release); diff != "" {
			t.Fatalf("one by one (-whole +one by one):\n%s", diff)
		}
	})
}

func TestEveryEventComesBackFromTheStoreAsItWas(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(t *rapid.T) {
		s := told(t, w)
		var log []release.Entry
		for _, e := range s.log {
			kind, data, err := release.Encode(e.Event)
			if err != nil {
				t.Fatal(err)
			}
			event, err := release.Decode(kind, data)
			if err != nil {
				t.Fatal(err)
			}
			log = append(log, release.Entry{Seq: e.Seq, At: e.At, Event: event})
		}
		again := release.Fold(s.release.ID, log)
		if release.Status(again) != release.Status(s.release) ||
			release.Next(again, noon) != release.Next(s.release, noon) {
			t.Fatal("a log that was stored and read again says something else")
		}
	})
}
