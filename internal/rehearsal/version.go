package rehearsal

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
)

// begin is what a release begins with: what /release start names.
type begin struct {
	version, track, from string
	inputs               map[string]string
	due                  time.Time
	// ask says that the track has to be named.
	ask bool
}

// line is the command.
func (b begin) line() string {
	out := "/release start " + b.version
	if b.ask {
		out += " kind=" + b.track
	}
	if b.from != "" {
		out += " from=" + b.from
	}
	for _, name := range slices.Sorted(maps.Keys(b.inputs)) {
		out += " " + name + "=" + b.inputs[name]
	}
	if !b.due.IsZero() {
		out += " due=" + b.due.Format(time.DateOnly)
	}
	return out
}

// newBegin chooses the next version, as `bot next` counts, and what else the process asks for. tags and branches are
// those of the repository; o may name the version or the track.
func newBegin(p release.Process, o Options, tags, branches []string, now time.Time) (begin, error) {
	b := begin{inputs: map[string]string{}}
	var released []release.Version
	for _, tag := range tags {
		if v, ok := p.Versions.Read(tag); ok && v.Final() && v.Build == p.Versions.Build {
			released = append(released, v)
		}
	}
	if o.Track != "" {
		if _, known := p.Track(o.Track); !known {
			return b, problem("--track %s: the process %s has no such track; it has %s", o.Track, p.Name,
				strings.Join(trackNames(p), ", "))
		}
	}
	if err := b.number(p, o, released); err != nil {
		return b, err
	}
	for name, rule := range p.Inputs {
		if !rule.Optional {
			b.inputs[name] = rule.Example
		}
	}
	if p.From.About != "" {
		b.from = fromBranch(p, branches)
	}
	days := 0
	for _, phase := range p.Phases {
		for _, g := range phase.Needs {
			if date, is := g.Asks.Any.(params.Date); is {
				days = max(days, date.Days, 1)
			}
		}
	}
	if days > 0 {
		b.due = now.UTC().Truncate(release.Day).AddDate(0, 0, days+7)
	}
	return b, nil
}

// number chooses the version and the track: of the track that was named, or of the first that a next version has.
func (b *begin) number(p release.Process, o Options, released []release.Version) error {
	for _, t := range p.Tracks {
		if o.Track != "" && t.Name != o.Track {
			continue
		}
		for _, kind := range []string{"minor", "patch", "major"} {
			v, ok := next(p.Versions, released, kind, o.Version)
			of := p.Versions.KindOf(v, released)
			if !ok || len(t.For) > 0 && !slices.Contains(t.For, of) {
				continue
			}
			b.version, b.track = v.String(), t.Name
			i := slices.IndexFunc(p.Tracks, func(t release.Track) bool { return slices.Contains(t.For, of) })
			b.ask = i < 0 || p.Tracks[i].Name != t.Name
			return nil
		}
	}
	if o.Version != "" {
		_, err := p.Versions.Parse(o.Version)
		if err != nil {
			return problem("--release %s: %v", o.Version, err)
		}
		return problem("--release %s: no track of the process %s is for such a version", o.Version, p.Name)
	}
	return problem("no version can follow: the process %s has the tracks %s, and the newest version is %s", p.Name,
		strings.Join(trackNames(p), ", "), newest(released))
}

// next is the version of that kind after the newest one; the first of all where there is none.
func next(s release.Scheme, released []release.Version, kind, wanted string) (release.Version, bool) {
	if wanted != "" {
		v, err := s.Parse(wanted)
		return v, err == nil
	}
	if len(released) == 0 {
		return first(s, "0.1.0", "1.0.0"), kind == "minor"
	}
	v, err := s.Next(slices.MaxFunc(released, release.Compare), kind)
	return v, err == nil && s.Follows(v, released) == nil
}

// first is the first of some numbers that a project of this scheme could release.
func first(s release.Scheme, cores ...string) release.Version {
	prefix, build := strings.TrimSuffix(s.Prefix, "?"), ""
	if s.Build != "" {
		build = "+" + s.Build
	}
	for _, core := range cores {
		if v, err := s.Parse(prefix + core + build); err == nil {
			return v
		}
	}
	v, _ := s.Parse(s.Sample()) // which a scheme can read
	return v
}

func newest(released []release.Version) string {
	if len(released) == 0 {
		return "none"
	}
	return slices.MaxFunc(released, release.Compare).String()
}

func trackNames(p release.Process) []string {
	var out []string
	for _, t := range p.Tracks {
		out = append(out, t.Name)
	}
	return out
}

// fromBranch is the branch that from= names: the newest one of that form, else the example of the process.
func fromBranch(p release.Process, branches []string) string {
	var fitting []string
	for _, b := range branches {
		if hit, err := path.Match(p.From.Like, b); err == nil && hit && p.From.Like != "" {
			fitting = append(fitting, b)
		}
	}
	if len(fitting) > 0 {
		return slices.MaxFunc(fitting, byNumbers)
	}
	return p.From.Example
}

// byNumbers orders names such that release/0.9.x comes before release/0.10.x.
func byNumbers(a, b string) int {
	numbers := func(text string) (out []int) {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
			if n, err := strconv.Atoi(word); err == nil {
				out = append(out, n)
			}
		}
		return out
	}
	return cmp.Or(slices.Compare(numbers(a), numbers(b)), strings.Compare(a, b))
}

// Problem is what a person has to change before a rehearsal can begin.
type Problem struct{ Text string }

func (p *Problem) Error() string { return p.Text }

func problem(format string, args ...any) error { return &Problem{fmt.Sprintf(format, args...)} }
