package release_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
)

// starts are commands that start a release in ways that are refused.
var starts = []string{
	"start 0.22.0 due=tomorrow", "start v0.21.0 due=tomorrow kind=huge", "start 0.21.0 due=tomorrow",
	"start 0.21.0-rc1 from=master", "start 0.20.0 skip=x",
	"start 0.21.0 kind=hotfix", "start 0.20.1 kind=minor", "start 0.21.0 flavour=mild", "start 1.0.0 kind=patch",
	"start 0.21 due=2026-12-18", "start nonsense",
}

// suggested is a command that an answer asks people to type now: not an example with words to fill in, and not one that
// is for later.
var suggested = regexp.MustCompile("omment `(/release [^`]*)`")

func suggestions(answer string) []string {
	var out []string
	for line := range strings.Lines(answer) {
		_, next, is := strings.Cut(line, "**Next:**")
		if !is {
			continue
		}
		for _, sentence := range regexp.MustCompile(`[.;?] `).Split(next, -1) {
			conditional := regexp.MustCompile(`(?i)^\s*(when|once|wait|ask|resolve|do it|reopen|to skip|for example, ` +
				`comment ./release (exception|pick|team|done|skip))`)
			if found := suggested.FindStringSubmatch(sentence); found != nil && !conditional.MatchString(sentence) &&
				!regexp.MustCompile(`\b[A-Z]{4,}\b`).MatchString(found[1]) {
				out = append(out, found[1])
			}
		}
	}
	return out
}

// H5: what a refusal suggests is not refused for a reason that was known when it was suggested.
func TestWhatARefusalSuggestsIsNotRefused(t *testing.T) {
	for in, reach := range states {
		if in == "GitHub silent" {
			continue
		}
		w := newWorld(t)
		s := reach(t, w)
		for _, line := range slices.Concat(lines, starts) {
			answer := answers(t, w, s.release, "/release "+line)
			if !strings.HasPrefix(answer, "**Refused:**") {
				continue // it changes the state that its suggestion is for
			}
			for _, what := range suggestions(answer) {
				if again := answers(t, w, s.release, what); strings.HasPrefix(again, "**Refused:**") &&
					!strings.Contains(again, "is blocked by") {
					t.Errorf("%s: `/release %s` suggests `%s`, which is answered:\n%s", in, line, what, again)
				}
			}
		}
	}
}

// answers is what somebody with every role is answered.
func answers(t *testing.T, w *world, r release.Release, line string) string {
	t.Helper()
	commands := parse.Commands(line)
	if len(commands) != 1 {
		t.Fatalf("%q is %d commands", line, len(commands))
	}
	find := func(r release.Release, q release.Questions) (release.Facts, error) {
		facts, err := w.find("maria")(r, q)
		for role := range facts.Has {
			facts.Has[role] = release.Yes
		}
		return facts, err
	}
	events, err := release.Deliberate(r, release.Read(commands[0], 1<<40, "root", "libs 0.21.0"), noon, find)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if a, is := e.(release.Answered); is {
			return a.Text
		}
	}
	return fmt.Sprint(kinds(events))
}

// H4: where no release was started, a question is answered.
func TestAQuestionBeforeAReleaseIsAnswered(t *testing.T) {
	w := newWorld(t)
	for _, question := range []string{"status", "next", "why"} {
		got := answers(t, w, release.Fold("falcosecurity/libs#1", nil), "/release "+question)
		if want := "No release has been started on this issue. To start one, comment `/release start 0.21.0`."; got != want {
			t.Errorf("%s is answered %q, want %q", question, got, want)
		}
	}
}

// H5: an issue whose title names the version in its other form is no cause for a warning.
func TestATitleIsWarnedOfOnlyWhenItNamesAnotherVersion(t *testing.T) {
	for title, warned := range map[string]bool{"Release v1.31.1": false, "Release 1.31.1": false,
		"Release v1.31.2": true, "A release": false} {
		w := newWorld(t)
		w.process.Versions, w.tags = release.Scheme{Prefix: "v?", Kinds: []string{"minor", "patch"},
			Branches: true}, []string{"v1.31.0"}
		c := release.Read(parse.Commands("/release start 1.31.1")[0], 1, "rita", title)
		events, err := release.Deliberate(release.Fold("x/y#1", nil), c, noon, w.find("rita"))
		if err != nil {
			t.Fatal(err)
		}
		answer, is := events[len(events)-2].(release.Answered)
		if !is || answer.Refused || strings.Contains(answer.Text, "⚠️") != warned {
			t.Errorf("the title %q: %+v", title, answer)
		}
	}
}

// H8: after an abort no reply says that what was begun goes on.
func TestAfterAnAbortNoReplyWaitsForAnything(t *testing.T) {
	s := newStory(t, newWorld(t))
	s.say("rita", "prepare")
	s.append(release.Waits{Run: 0, Step: "milestone", For: "CI", Fix: "Slipway continues when it is there"})
	for _, line := range []string{"freeze", "status", "next", "why", "cut", "abort early"} {
		s.say("rita", line)
	}
	s.work()
	for _, v := range release.Unshown(s.release) {
		if regexp.MustCompile(`Slipway continues|by itself|[Ww]aiting for CI`).MatchString(v.Body) {
			t.Errorf("%s says:\n%s", v.What, v.Body)
		}
	}
}

// H3: a step that a person does shows the command that reports it.
func TestAStepOfAPersonShowsItsCommand(t *testing.T) {
	s := newStory(t, newWorld(t))
	s.say("rita", "prepare")
	s.work()
	if status := release.Status(s.release); !strings.Contains(status, "`/release done evaluate`") {
		t.Errorf("the description lacks the command:\n%s", status)
	}
}

// H5: a phase that waits comes before all others, so that none of them is suggested meanwhile.
func TestWhileAPhaseWaitsNoOtherIsSuggested(t *testing.T) {
	s := kata(t)
	w := newWorld(t)
	w.process, w.tags = s.w.process, s.w.tags
	s = newStory(t, w).through("start 4.2.0")
	s.say("rita", "prepare")
	s.append(release.Waits{Run: 0, Step: "bump", For: "#7 to be merged into main", Fix: "review and merge it"})
	text := refused(s.say("rita", "cut"))
	if !strings.Contains(text, "Wait until `prepare` is done") || len(suggestions(text)) > 0 ||
		strings.Contains(text, "omment `/release freeze`") {
		t.Errorf("cut is answered:\n%s", text)
	}
}
