package release_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/release"
)

// states are the ways to the states that commands meet.
var states = map[string]func(t *testing.T, w *world) *story{
	"nothing":  func(t *testing.T, w *world) *story { return newStory(t, w) },
	"prepared": func(t *testing.T, w *world) *story { return newStory(t, w).through("prepare") },
	"frozen":   func(t *testing.T, w *world) *story { return newStory(t, w).through("prepare", "freeze") },
	"branched": func(t *testing.T, w *world) *story { return newStory(t, w).through("prepare", "freeze", "branch") },
	"thawed": func(t *testing.T, w *world) *story {
		return newStory(t, w).through("prepare", "freeze", "branch", "rc", "thaw")
	},
	"finished": func(t *testing.T, w *world) *story {
		return newStory(t, w).through("prepare", "freeze", "branch", "rc", "thaw", "cut")
	},
	"held": func(t *testing.T, w *world) *story { return newStory(t, w).through("prepare", `hold "CI is down"`) },
	"aborted": func(t *testing.T, w *world) *story {
		return newStory(t, w).through("prepare", "freeze", `abort "too early"`)
	},
	"stopped": func(t *testing.T, w *world) *story {
		s := newStory(t, w)
		s.say("rita", "prepare")
		s.append(release.Stopped{Run: 0, Step: "milestone", Why: "it is closed", Fix: "open it"})
		return s
	},
	"waiting": func(t *testing.T, w *world) *story {
		s := newStory(t, w)
		s.say("rita", "prepare")
		s.append(release.Waits{Run: 0, Step: "milestone", For: "CI", Who: "somebody"})
		return s
	},
	"gates shut": func(t *testing.T, w *world) *story {
		s := newStory(t, w).through("prepare")
		w.holds = false
		return s
	},
	"GitHub silent": func(t *testing.T, w *world) *story {
		s := newStory(t, w).through("prepare")
		w.unknown = true
		return s
	},
}

// What each command does in each state that matters: the events, or the words of the refusal.
func TestDecisions(t *testing.T) {
	for _, c := range []struct{ in, by, says, want string }{
		{"nothing", "rita", "prepare", "started entered"},
		{"nothing", "rita", "start 0.21.0", "started answered"},
		{"nothing", "rita", "start 0.20.1", "started answered"},
		{"nothing", "rita", "start 0.22.0", "refused: 0.21.0"},
		{"nothing", "rita", "start 1.0.0", "refused: major"},
		{"nothing", "rita", "start v0.21.0", "refused: 0.21.0"},
		{"nothing", "rita", "start 0.21.0 due=tomorrow", "refused: YYYY-MM-DD"},
		{"nothing", "rita", "start 0.21.0 kind=huge", "refused: huge"},
		{"nothing", "olaf", "prepare", "refused: `@olaf` is neither"},
		{"nothing", "rita", "cut", "refused: No release has been started on this issue"},
		{"nothing", "rita", "freeze", "refused: `/release start 0.21.0`"},
		{"nothing", "rita", "help", "answered"},
		{"nothing", "rita", "status", "answered"},
		{"nothing", "olaf", "next", "answered"},
		{"nothing", "olaf", "why", "answered"},
		{"prepared", "rita", "freeze", "entered"},
		{"prepared", "rita", "frezee", "refused: `/release freeze`"},
		{"prepared", "rita", "frobnicate", "refused: `/release help`"},
		{"prepared", "rita", "freeze now", "refused: takes no argument; remove `now`"},
		{"prepared", "rita", "cut", "refused: `/release freeze`"},
		{"prepared", "rita", "prepare", "refused: was already done"},
		{"prepared", "rita", "hotfix", "refused: track"},
		{"prepared", "rita", "start 0.21.0", "refused: in progress"},
		{"prepared", "olaf", "freeze", "refused: Ask one of them"},
		{"prepared", "rita", "approve", "refused: Only a maintainer can use `/release approve`; `@rita` is not one"},
		{"prepared", "maria", "approve", "refused: was not shown on this issue"},
		{"prepared", "maria", "approve 46f6d65b46f6", "approved answered"},
		{"prepared", "maria", "approve 46F6D65B46F6D65B", "approved answered"},
		{"prepared", "maria", "approve 000000000000", "refused: not the hash"},
		{"prepared", "maria", "approve 46f6d65b46f", "refused: too short"},
		{"prepared", "rita", "exception #2 crash", "refused: Only a maintainer"},
		{"prepared", "maria", "exception #2 crash", "refused: freeze"},
		{"prepared", "rita", "pick #2", "refused: does not exist yet"},
		{"prepared", "rita", "hold", "refused: REASON"},
		{"prepared", "rita", "hold CI", "held"},
		{"prepared", "rita", `hold "open`, "refused: quotes"},
		{"prepared", "rita", "resume", "refused: not on hold"},
		{"prepared", "rita", "retry", "refused: stopped"},
		{"prepared", "rita", "skip milestone late", "refused: done"},
		{"prepared", "rita", "done nowhere", "refused: nowhere"},
		{"prepared", "rita", "plan", "answered"},
		{"prepared", "rita", "plan cut", "answered"},
		{"prepared", "rita", "plan tomorrow", "refused: tomorrow"},
		{"prepared", "olaf", "why", "answered"},
		{"prepared", "olaf", "next", "answered"},
		{"prepared", "rita", "team add @olaf", "teamed"},
		{"prepared", "rita", "team add olaf", "teamed"},
		{"prepared", "rita", "team add @maria", "teamed"},
		{"prepared", "rita", "team remove @olaf", "refused: not on"},
		{"prepared", "rita", "team promote @olaf", "refused: add"},
		{"prepared", "rita", "team add @olaf until=never", "refused: never"},
		{"prepared", "rita", "abort", "refused: REASON"},
		{"prepared", "rita", "abort early", "aborted answered"},
		{"frozen", "maria", "exception #2 crash", "excepted asked"},
		{"frozen", "maria", "exception two crash", "refused: not the number of a pull request"},
		{"frozen", "maria", "exception #2@0123456789ab crash", "refused: is not the head of #2"},
		{"frozen", "maria", "exception #2@ab crash", "refused: is not the head of #2"},
		{"branched", "rita", "pick #2@0123456789ab", "refused: not the number of a pull request"},
		{"frozen", "rita", "abort early", "aborted asked answered"},
		{"branched", "rita", "pick #2", "refused: has no exception"},
		{"thawed", "rita", "pick #2", "asked"},
		{"thawed", "rita", "cut", "entered"},
		{"thawed", "rita", "rc", "entered"},
		{"finished", "rita", "cut", "refused: was already done"},
		{"finished", "rita", "abort late", "refused: finished"},
		{"finished", "maria", "approve", "refused: finished"},
		{"finished", "rita", "plan", "refused: finished"},
		{"held", "rita", "freeze", "refused: `/release resume`"},
		{"held", "rita", "resume", "resumed"},
		{"held", "rita", "hold again", "held"},
		{"aborted", "rita", "branch", "refused: aborted"},
		{"aborted", "rita", "hold CI", "refused: aborted"},
		{"aborted", "rita", "status", "answered"},
		{"stopped", "rita", "retry", "retried"},
		{"stopped", "rita", "retry milestone", "retried"},
		{"stopped", "rita", "retry evaluate", "refused: evaluate"},
		{"stopped", "rita", "skip milestone nobody needs it", "did"},
		{"stopped", "rita", "done milestone", "refused: is not done"},
		{"stopped", "rita", "freeze", "refused: milestone"},
		{"waiting", "rita", "freeze", "refused: Waiting for CI"},
		{"waiting", "rita", "retry", "refused: stopped"},
		{"waiting", "rita", "retry milestone", "retried"},
		{"gates shut", "rita", "freeze", "refused: `freeze` is blocked by one gate"},
		{"gates shut", "rita", "why", "answered"},
		{"GitHub silent", "rita", "freeze", "refused: GitHub could not confirm that `@rita` is a release manager"},
		{"GitHub silent", "olaf", "help", "answered"},
	} {
		t.Run(fmt.Sprintf("%s: %s says %s", c.in, c.by, c.says), func(t *testing.T) {
			w := newWorld(t)
			s := states[c.in](t, w)
			events := s.say(c.by, c.says)
			got := strings.Join(kinds(events), " ")
			words, refused := strings.CutPrefix(c.want, "refused: ")
			if !refused {
				if got != c.want {
					t.Errorf("it led to %q, want %q: %+v", got, c.want, events[1:])
				}
				return
			}
			answer, is := events[len(events)-2].(release.Answered) // before it is recorded as decided
			if !is || !answer.Refused {
				t.Fatalf("it led to %q and not to a refusal", got)
			}
			// "Bad input gets one clear answer: what, why, what to type next."
			if !strings.Contains(answer.Text, words) || !strings.Contains(answer.Text, "**Next:**") {
				t.Errorf("the refusal lacks %q, or what to do next:\n%s", words, answer.Text)
			}
		})
	}
}
