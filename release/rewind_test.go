package release_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/process"
)

// kata is a release of Kata Containers, whose phases may begin anew and whose lock has its hours.
func kata(t *testing.T) *story {
	t.Helper()
	w := newWorld(t)
	p, err := process.Builtin("kata")
	if err != nil {
		t.Fatal(err)
	}
	w.process, w.tags = p, []string{"4.0.0", "4.1.0"}
	return newStory(t, w).through("start 4.2.0", "prepare", "freeze")
}

// stop lets the newest run stop at a step.
func (s *story) stop(step string) {
	s.append(release.Stopped{Run: len(s.release.Runs) - 1, Step: step, Why: "it failed", Fix: "fix it"})
}

func refused(events []release.Event) string {
	for _, e := range events {
		if a, is := e.(release.Answered); is && a.Refused {
			return a.Text
		}
	}
	return ""
}

func TestAPhaseThatRewindsLetsWhatFollowsBeginAnew(t *testing.T) {
	s := kata(t)
	s.say("rita", "cut")
	s.stop("run")
	if text := refused(s.say("rita", "announce")); !strings.Contains(text, "`cut` has stopped") {
		t.Errorf("announce is answered %q", text)
	}
	s.through("fix")
	for _, phase := range []string{"freeze", "cut"} {
		if _, entered := s.release.Entered(phase); entered {
			t.Errorf("%s counts after the fix window", phase)
		}
	}
	if item, _ := s.release.NextPhase(); item.Phase != "freeze" {
		t.Errorf("after the fix window comes %s", item.Phase)
	}
	if text := refused(s.say("rita", "retry run")); !strings.Contains(text, "There is no step `run`") {
		t.Errorf("a step that was given up is tried again: %q", text)
	}
	if text := refused(s.say("rita", "cut")); !strings.Contains(text, "`freeze` comes before `cut`") {
		t.Errorf("cut is answered %q", text)
	}
	s.through("freeze", "cut", "announce")
	if !s.release.Finished() {
		t.Errorf("the release stands at %+v", release.Next(s.release, noon))
	}
	if again := release.Fold(s.release.ID, s.log); again.Runs[2].Over != true ||
		len(again.Runs) != len(s.release.Runs) {
		t.Error("folding the log anew gives another release")
	}
}

func TestARunThatWaitsElsewhereKeepsAPhaseFromBeginningAnew(t *testing.T) {
	s := kata(t)
	s.say("rita", "fix")
	if text := refused(s.say("rita", "fix")); !strings.Contains(text, "`fix` is in progress") {
		t.Errorf("fix is answered %q", text)
	}
}

func TestALockThatIsForgottenEndsByItself(t *testing.T) {
	s := kata(t)
	if !s.release.Locked("master") {
		t.Fatal("the branch is not locked")
	}
	locked := s.release.Runs[1].Steps[0].DoneAt
	if events := release.Lapsed(s.release, locked.Add(47*time.Hour)); len(events) > 0 {
		t.Errorf("it ends an hour too early: %+v", events)
	}
	s.say("rita", "cut")
	s.stop("run")
	s.say("rita", `hold "lunch"`)
	events := release.Lapsed(s.release, locked.Add(48*time.Hour))
	if len(events) != 1 {
		t.Fatalf("after 48 hours there is %+v", events)
	}
	s.append(events...)
	if again := release.Lapsed(s.release, locked.Add(72*time.Hour)); len(again) > 0 {
		t.Errorf("it ends twice: %+v", again)
	}
	// Neither a hold nor a step that has stopped keeps a branch locked.
	due := release.Next(s.release, noon)
	if run := s.release.Runs[due.Run]; !due.Due || run.Name != "expiry" || run.Steps[0].Does.Kind() != "unlock-branch" ||
		s.release.Locked("master") {
		t.Errorf("due is %+v, locked %t", due, s.release.Locked("master"))
	}
	s.append(release.Did{Run: due.Run, Step: "expiry", How: release.ByBot, Text: "open"})
	if due := release.Next(s.release, noon); due.Due {
		t.Errorf("a held release works on %+v", due)
	}
}

func TestTryingAgainIsAskedForOnce(t *testing.T) {
	s := kata(t)
	s.say("rita", "cut")
	again := func() bool { return s.release.Runs[len(s.release.Runs)-1].Steps[0].Again }
	for i, c := range []struct {
		what string
		do   func()
		want bool
	}{
		{"looking while it waits asks for nothing", func() {
			s.append(release.Waits{Run: 2, Step: "run", For: "a run"})
			s.say("rita", "retry run")
		}, false},
		{"after a stop it is asked for", func() { s.stop("run"); s.say("rita", "retry run") }, true},
		{"and said twice it is one", func() { s.say("rita", "retry run") }, true},
		{"once it runs the word is used up",
			func() { s.append(release.Waits{Run: 2, Step: "run", For: "a run, attempt 2"}) }, false},
		{"so that a second failure asks again", func() { s.stop("run") }, false},
	} {
		if c.do(); again() != c.want {
			t.Errorf("%d: %s: %t", i, c.what, again())
		}
	}
	if !slices.Contains(kinds(s.say("rita", "abort enough")), "aborted") {
		t.Error("it cannot be aborted")
	}
}

func TestBracesOfATemplateAreDoubled(t *testing.T) {
	vars := map[string]string{"branch": "release/0.21.x"}
	for template, want := range map[string]string{
		`"{branch}": {{ protect: true }}`: `"release/0.21.x": { protect: true }`,
		"{{branch}}":                      "{branch}",
		"{{{branch}":                      "{release/0.21.x",
		"plain":                           "plain",
	} {
		if got, err := release.Expand(template, vars); got != want || err != nil {
			t.Errorf("%s becomes %q, %v; want %q", template, got, err, want)
		}
	}
	if _, err := release.Expand("{tag}", vars); err == nil {
		t.Error("a name that nothing is called is filled in")
	}
}
