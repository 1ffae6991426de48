package release_test

import (
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/release"
)

// An abort names as rolled back only what is there, and looks where that is not known.
func TestAnAbortRollsBackWhatAStepMade(t *testing.T) {
	const freeze = "freeze"
	stopped := release.Stopped{Run: 1, Step: freeze, Why: "the ruleset exists, but lacks a rule"}
	tried := release.Tried{Run: 1, Step: freeze}
	made := release.Made{Run: 1, Step: freeze, What: []byte(`{"kind":"ruleset","id":3}`)}
	for name, test := range map[string]struct {
		happened []release.Event
		named    bool
		title    string // of the step of the rollback; empty for none
	}{
		"stopped before it wrote": {[]release.Event{stopped}, false, ""},
		"stopped by a refusal": {[]release.Event{tried, stopped}, false,
			"Roll back, if it was begun: Freeze master"},
		"stopped after it wrote": {[]release.Event{tried, made, stopped}, true, "Roll back: Freeze master"},
		"done": {[]release.Event{release.Did{Run: 1, Step: freeze, How: release.ByBot, Text: "frozen"}}, true,
			"Roll back: Freeze master"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, newWorld(t)).through("prepare")
			s.say("rita", "freeze")
			s.append(test.happened...)
			title, named := "", false
			for _, event := range s.say("rita", "abort enough") {
				switch e := event.(type) {
				case release.Asked:
					title = e.Steps[0].Title
				case release.Answered:
					named = strings.Contains(e.Text, "**Rolled back:**\n- Freeze master")
				}
			}
			if title != test.title || named != test.named {
				t.Errorf("named: %t, and the rollback is %q; want %t, %q", named, title, test.named, test.title)
			}
		})
	}
}
