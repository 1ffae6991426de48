package release_test

import (
	"hash/crc32"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/process"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// world answers what the rules ask, as the engine does by looking at GitHub.
type world struct {
	process release.Process
	holds   bool // the gates
	plan    string
	seen    release.Observation
	pull    release.PullFact
	tags    []string
	problem *release.Refusal
	unknown bool // GitHub does not say who somebody is
}

func newWorld(t testing.TB) *world {
	t.Helper()
	p, err := process.Builtin("falco-libs")
	if err != nil {
		t.Fatal(err)
	}
	p.Team = []string{"maria", "max"}
	return &world{process: p, holds: true, plan: "46f6d65b46f6d65b", tags: []string{"0.19.0", "0.20.0"},
		pull: release.PullFact{Found: true, Open: true, Title: "fix", Base: "master", Head: "abc"}}
}

// person has an id that follows from the login.
func person(login string) release.Person {
	return release.Person{Login: login, ID: int64(crc32.ChecksumIEEE([]byte(login)))}
}

// roles are those of the people of these tests; olaf has none.
var roles = map[string][]string{"rita": {"release-manager"}, "maria": {"maintainer"}, "max": {"maintainer"}}

func (w *world) find(by string) func(release.Release, release.Questions) (release.Facts, error) {
	return func(_ release.Release, q release.Questions) (release.Facts, error) {
		// The configuration names rita: that an assignment is less is a matter of people_test.go.
		p := w.process
		if p.Roles = maps.Clone(p.Roles); p.Roles["release-manager"].Assignees {
			p.Roles["release-manager"] = release.Role{Users: []string{"rita"}, Assignees: true}
		}
		f := release.Facts{
			Repo: "falcosecurity/libs", Issue: 1, Installation: 7, DefaultBranch: "master", Process: p,
			Tags: w.tags, Pull: w.pull, Seen: w.seen, User: person(q.User),
			People: release.Named{Team: []release.Person{person("maria"), person("max")},
				Users: map[string][]release.Person{"release-manager": {person("rita")}}},
			Has: map[string]release.Membership{}, Ask: map[string]string{"release-manager": "`@rita`",
				"maintainer": "`@maria`, `@max`"},
			Vars: map[string]string{"sha": "c0ffee00c0ffee00", "n": "1", "candidate": "0.21.0-rc1",
				"is_latest": "true"}, Plan: release.Plan{Hash: w.plan, Writes: []string{"write " + w.plan}},
			PhaseProblem: w.problem,
		}
		for role := range w.process.Roles {
			f.Has[role] = release.No
			if slices.Contains(roles[by], role) {
				f.Has[role] = release.Yes
			}
			if w.unknown {
				f.Has[role] = release.Unknown
			}
		}
		if q.Phase != "" && !w.holds {
			f.Gates = []release.Verdict{{Gate: "approvals", Kind: "approvals", Rule: "two sign", Saw: "none did",
				Who: "`@maria`",
				Fix: "`/release approve`"}}
		}
		return f, nil
	}
}

// tester is what a test and a property have in common.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

// story is a log that grows as the engine lets it grow.
type story struct {
	t       tester
	w       *world
	log     []release.Entry
	release release.Release
	comment int64
}

func newStory(t tester, w *world) *story {
	return &story{t: t, w: w, release: release.Fold("falcosecurity/libs#1", nil)}
}

// say gives a command and returns what it led to.
func (s *story) say(by, text string) []release.Event {
	s.t.Helper()
	s.comment++
	return s.repeat(by, text, s.comment)
}

func (s *story) repeat(by, text string, comment int64) []release.Event {
	s.t.Helper()
	commands := parse.Commands("/release " + text)
	if len(commands) != 1 {
		s.t.Fatalf("%q is %d commands", text, len(commands))
	}
	c := release.Read(commands[0], comment, by, "libs 0.21.0")
	c.ID = person(by).ID
	events, err := release.Deliberate(s.release, c, noon, s.w.find(by))
	if err != nil {
		s.t.Fatalf("%s: %v", text, err)
	}
	s.append(events...)
	return events
}

func (s *story) append(events ...release.Event) {
	for _, e := range events {
		entry := release.Entry{Seq: s.release.Seq + 1, At: noon.Add(time.Duration(len(s.log)) * time.Minute), Event: e}
		s.log = append(s.log, entry)
		s.release = release.Apply(s.release, entry)
	}
}

// work does all that is due, as the engine does when every step succeeds.
func (s *story) work() {
	s.t.Helper()
	for {
		due := release.Next(s.release, noon)
		if !due.Due {
			return
		}
		s.append(release.Did{Run: due.Run, Step: s.release.Runs[due.Run].Steps[due.Step].ID, How: release.ByBot,
			Text: "done", SHA: "c0ffee00"})
	}
}

// through says commands as the release manager, and works each off.
func (s *story) through(commands ...string) *story {
	s.t.Helper()
	for _, text := range commands {
		for _, e := range s.say("rita", text) {
			if a, is := e.(release.Answered); is && a.Refused {
				s.t.Fatalf("%s is refused: %s", text, a.Text)
			}
		}
		s.work()
	}
	return s
}

// kinds are the events of a decision besides the records that the command was heard and decided.
func kinds(events []release.Event) []string {
	out := []string{}
	for _, e := range events {
		if k := release.KindOf(e); k != "commanded" && k != "decided" {
			out = append(out, k)
		}
	}
	return out
}
