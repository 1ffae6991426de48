package release

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/markdown"
)

// A Forecast is what the next release of a process would write, if it began now. Nothing of it is done.
type Forecast struct {
	// Version and Track are those of the release.
	Version, Track string
	// Refused says why there can be none. Markdown.
	Refused string
	Phases  []PhaseForecast
}

// PhaseForecast is what one phase would write. Its texts are Markdown.
type PhaseForecast struct {
	Name   string
	Writes []string
	Stops  []Obstacle
	// Unknown says why it cannot be told yet.
	Unknown string
}

// Suppose begins the next release of a process: the version that would be suggested, with the examples of the process
// for what a start has to name. Whoever may start one is not asked.
func Suppose(p Process, f Facts, at time.Time) (Release, *Refusal) {
	version, ok := p.Versions.sample(f.Tags, f.Duds)
	if !ok {
		return Release{}, &Refusal{Why: "no version can follow those that are released"}
	}
	var c Command
	for _, line := range parse.Commands(p.startWith(version, Command{Verb: "start"}, f)) {
		c = Read(line, 0, "", "")
	}
	f.Has = map[string]Membership{}
	for name := range p.Roles {
		f.Has[name] = Yes
	}
	begun, refusal := begin(p, c, f, at)
	if refusal != nil {
		return Release{}, refusal
	}
	return Apply(Release{}, Entry{Seq: 1, At: at, Event: begun}), nil
}

// ForecastText compares what the next release would write before a change of the process and after it. before is nil
// where there was no process.
func ForecastText(before *Forecast, after Forecast) string {
	var b strings.Builder
	if after.Refused != "" {
		fmt.Fprintf(&b, "With this change no release can be started: %s\n", Sentence(after.Refused))
		return b.String()
	}
	fmt.Fprintf(&b, "The next release would be %s, on the track %s. Nothing of what follows is done.\n",
		markdown.Code(after.Version), markdown.Code(after.Track))
	old := map[string]PhaseForecast{}
	switch {
	case before == nil:
	case before.Refused != "":
		fmt.Fprintf(&b, "\nWithout the change no release can be started: %s\n", Sentence(before.Refused))
	default:
		if before.Version != after.Version || before.Track != after.Track {
			fmt.Fprintf(&b, "\nWithout the change it would be %s, on the track %s.\n", markdown.Code(before.Version),
				markdown.Code(before.Track))
		}
		for _, p := range before.Phases {
			old[p.Name] = p
		}
	}
	for _, p := range after.Phases {
		b.WriteString("\n" + phaseForecastText(p, old[p.Name], before != nil && before.Refused == ""))
		delete(old, p.Name)
	}
	if before != nil {
		for _, p := range before.Phases {
			if _, gone := old[p.Name]; gone {
				fmt.Fprintf(&b, "\n**%s** is not entered any more. Before, it would write:\n\n%s", markdown.Code(p.Name),
					p.text())
			}
		}
	}
	return b.String()
}

func phaseForecastText(now, was PhaseForecast, compared bool) string {
	title := "**" + markdown.Code(now.Name) + "**"
	switch {
	case !compared || was.Name == "":
		return title + " would write:\n\n" + now.text()
	case was.text() == now.text():
		return title + " would write the same as before:\n\n" + now.text()
	}
	return title + " would write:\n\n" + now.text() + "\nBefore, it would write:\n\n" + was.text()
}

// text is what a phase would write, as a list.
func (p PhaseForecast) text() string {
	if p.Unknown != "" {
		return "- This cannot be told yet: " + Sentence(p.Unknown) + "\n"
	}
	var b strings.Builder
	for _, s := range p.Stops {
		b.WriteString("- " + obstacleText(s) + "\n")
	}
	for _, w := range p.Writes {
		b.WriteString("- " + capitalized(w) + "\n")
	}
	if b.Len() == 0 {
		return "- Nothing on GitHub itself.\n"
	}
	return b.String()
}

// Steps is how many steps a process has, on all of its phases.
func (p Process) Steps() int {
	n := 0
	for ph := range slices.Values(p.Phases) {
		n += len(ph.Steps)
	}
	return n
}
