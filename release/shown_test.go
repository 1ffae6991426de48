package release_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
)

// What the description of the tracking issue says in each state.
func TestTheStatusSaysWhereTheReleaseStands(t *testing.T) {
	for in, want := range map[string][]string{
		"prepared": {"Waiting for `/release freeze`", "- [x] Create the milestone 0.21.0"},
		"finished": {"Finished", "**Release**, by `@rita`"},
		"held":     {"CI is down", "`@rita`"},
		"aborted":  {"too early", "`@rita`"},
		"stopped":  {"it is closed", "open it"},
		"waiting":  {"CI", "somebody"},
	} {
		t.Run(in, func(t *testing.T) {
			s := states[in](t, newWorld(t))
			status := release.Status(s.release)
			for _, words := range want {
				if !strings.Contains(strings.ToLower(status), strings.ToLower(words)) {
					t.Errorf("the status lacks %q:\n%s", words, status)
				}
			}
		})
	}
}

func TestWhatPeopleTypeCannotSpeakInTheStatus(t *testing.T) {
	s := newStory(t, newWorld(t)).through("prepare")
	s.say("rita", "hold `\"<!-- slipway:end --> @everyone [x](http://evil) <img src=x>\"`")
	status := release.Status(s.release)
	if strings.Contains(status, "\n@everyone") ||
		!strings.Contains(status, "`'<!-- slipway:end --> @everyone [x](http://evil) <img src=x>'`") {
		t.Errorf("what was typed does not stand there as code:\n%s", status)
	}
	inside, found := parse.Section(parse.ReplaceSection("the words of the user\n", status))
	if !found || !strings.Contains(inside, "Commands: `/release help`") {
		t.Errorf("what was typed ends the section:\n%s", inside)
	}
}

func TestAViewIsShownOnceAndAgainWhenItChanges(t *testing.T) {
	s := newStory(t, newWorld(t)).through("prepare")
	show := func() (what []string) {
		for _, v := range release.Unshown(s.release) {
			what = append(what, v.What)
			s.append(release.Shown{What: v.What, Hash: v.Hash()})
		}
		return what
	}
	if got := show(); !slices.Equal(got, []string{"react/1/eyes", "reply/1", "react/1/rocket", "status"}) {
		t.Errorf("first is shown %v", got)
	}
	if got := show(); len(got) > 0 {
		t.Errorf("nothing changed, and %v is shown again", got)
	}
	s.say("rita", `hold "CI"`)
	if got := show(); !slices.Contains(got, "status") || slices.Contains(got, "reply/1") {
		t.Errorf("after the hold is shown %v", got)
	}
}
