package release

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/parse"
)

// begins says that the command begins a release: start, or the first phase of a track on an issue that has none.
func begins(r Release, p Process, c Command) bool {
	if r.Begun && (r.Open() || c.Verb != "start") {
		return false
	}
	if c.Verb == "start" {
		return true
	}
	return slices.ContainsFunc(p.Tracks, func(t Track) bool {
		legs := t.Legs()
		return len(legs) > 0 && legs[0].Phase == c.Verb
	})
}

// begin decides a start. The version comes from the command or, for a phase that begins a release by itself, from
// the title of the issue, which is a default for an argument and grants nothing: the sender's role does.
func begin(p Process, c Command, f Facts, at time.Time) (Event, *Refusal) {
	if c.Problem != "" {
		return nil, &Refusal{Why: "the line cannot be read: " + c.Problem, Fix: "put quotes in pairs, or leave them out"}
	}
	who := c
	who.Verb = "start"
	who.Text = c.Text
	if refusal := allowed(p, c, f); refusal != nil {
		return nil, refusal
	}
	if refusal := allowed(p, who, f); refusal != nil {
		return nil, refusal
	}
	started := Started{
		Source: c.Source, Repo: f.Repo, Issue: f.Issue, Installation: f.Installation,
		DefaultBranch: f.DefaultBranch, Process: p, Title: c.Title,
	}
	text := ""
	if c.Verb == "start" {
		if refusal := c.usage(); refusal != nil {
			return nil, refusal
		}
		text = c.arg(0)
	}
	if text == "" {
		found := p.Versions.inTitle(c.Title)
		if len(found) != 1 {
			saw := "no version in " + Quoted(c.Title)
			if len(found) > 1 {
				saw = "several versions in " + Quoted(c.Title) + ": " + strings.Join(found, ", ")
			}
			return nil, &Refusal{
				Why: "it is not clear which version to release", Saw: saw,
				Fix: "comment `/release start VERSION`, for example `/release start " + p.Versions.Sample() + "`",
			}
		}
		text, started.FromTitle = found[0], true
	}
	version, err := p.Versions.Parse(text)
	if old, is := p.Versions.legacy(text); err != nil && is && old.Pre != "" && p.Versions.preKnown(old.Pre) {
		version, err = p.Versions.dress(old), nil // a candidate in an old form
	}
	if err != nil {
		return nil, ruleRefusal(err, p, c, f.Tags)
	}
	if version.Pre != "" && p.Versions.Candidates == "" {
		final := version
		final.Pre, final.Written = "", ""
		return nil, &Refusal{
			Why:  fmt.Sprintf("%s is no version to release: what stands after the number is for work that goes on", Quoted(text)),
			Rule: p.Title + " releases MAJOR.MINOR.PATCH", Fix: "comment `/release start " + final.String() + c.options() + "`",
		}
	}
	if version.Pre != "" {
		final := version
		final.Pre, final.Written = "", ""
		refusal := &Refusal{
			Why:  fmt.Sprintf("%s is a candidate, and a release is started for its final version", Quoted(text)),
			Rule: "candidates are numbered by Slipway when they are tagged",
			Fix:  "comment `/release start " + final.String() + c.options() + "`",
		}
		if i := slices.IndexFunc(p.Phases, func(ph Phase) bool { return slices.Contains(slices.Collect(maps.Values(ph.Pin)), "candidate") }); i >= 0 {
			refusal.Fix += ", and later `/release " + p.Phases[i].Name + "`"
		}
		return nil, refusal
	}
	released := p.Versions.finalTags(f.Tags)
	for _, d := range f.Duds {
		if v, err := p.Versions.Parse(d.Version); err == nil && Compare(v, version) == 0 && !slices.ContainsFunc(released, func(o Version) bool { return Compare(o, v) == 0 }) {
			refusal := &Refusal{Why: Quoted(version.String()) + " is burned", Rule: "a version that was marked as failed is never released", Saw: Quoted(d.Reason) + ", by " + Login(d.By), Fix: "`/release start VERSION` with the next number"}
			if next, err := p.Versions.Next(version, "patch"); err == nil {
				refusal.Fix = "comment `/release start " + next.String() + c.options() + "`"
			}
			return nil, refusal
		}
	}
	if err := p.Versions.Follows(version, p.Versions.WithDuds(released, f.Duds)); err != nil {
		if rule, ok := asRule(err); !ok || !rule.Skippable || strings.TrimSpace(c.Options["skip"]) == "" {
			return nil, ruleRefusal(err, p, c, f.Tags)
		}
		started.Skip = strings.TrimSpace(c.Options["skip"])
	}
	started.Version = version.String()
	// A tag that only a module has is none of the repository's: notes cannot begin there.
	whole := p.Versions
	whole.Modules = ""
	tagged := whole.finalTags(f.Tags)
	if previous, ok := whole.Previous(version, tagged); ok {
		started.Previous = previous.String()
	}
	good := slices.DeleteFunc(tagged, func(v Version) bool {
		return slices.ContainsFunc(f.Duds, func(d Dudded) bool { return d.Version == v.String() })
	})
	if since, ok := whole.Previous(version, good); ok && since.String() != started.Previous {
		started.Since = since.String()
	}
	for _, d := range f.Duds {
		if v, err := p.Versions.Parse(d.Version); err == nil && Compare(v, version) < 0 && !slices.ContainsFunc(released, func(o Version) bool { return Compare(o, v) > 0 && Compare(o, version) < 0 }) {
			started.Burned = append(started.Burned, d)
		}
	}
	if next, err := p.Versions.Next(version, "minor"); err == nil {
		started.NextVersion = next.String()
	}
	if next, err := p.Versions.Next(version, "patch"); err == nil {
		started.NextPatch = next.String()
	}
	if refusal := started.choose(p, c, version, released); refusal != nil {
		return nil, refusal
	}
	if started.From = c.Options["from"]; (started.From == "") != (p.From == "") {
		if started.From != "" {
			return nil, &Refusal{Why: "`from=` is not for " + p.Title, Rule: "its version tells where it is released from", Fix: "comment `/release start " + started.Version + "`"}
		}
		return nil, &Refusal{
			Why: "it is not clear where " + started.Version + " is released from", Rule: "`from=` names " + p.From,
			Fix: "comment `/release start " + started.Version + c.options() + " from=BRANCH`",
		}
	}
	if strings.ContainsAny(started.From, "{} ~^:?*[\\") {
		return nil, &Refusal{Why: Quoted(started.From) + " is no name of a branch", Rule: "`from=` names " + p.From, Fix: "comment `/release start " + started.Version + " from=BRANCH`"}
	}
	if refusal := started.take(p, c); refusal != nil {
		return nil, refusal
	}
	if due := c.Options["due"]; due != "" {
		t, err := time.Parse(time.DateOnly, due)
		if err != nil {
			return nil, &Refusal{Why: Quoted(due) + " is no date", Rule: "a due date is a day: YYYY-MM-DD", Fix: "for example `due=2026-12-18`"}
		}
		started.Due = t
	} else {
		started.Due = p.defaultDue(started.Track, at)
	}
	if c.Verb != "start" {
		// The first phase of another track cannot begin this one.
		track, _ := p.Track(started.Track)
		if legs := track.Legs(); legs[0].Phase != c.Verb {
			return nil, &Refusal{
				Why: fmt.Sprintf("%s is a %s release, which begins with `%s`", started.Version, track.Name, legs[0].Phase),
				Fix: "comment `/release start " + started.Version + "`, then `/release " + legs[0].Phase + "`",
			}
		}
	}
	return started, nil
}

// inputValue is what an input may be: it becomes part of names, of files and of questions to GitHub.
var inputValue = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+/-]{0,199}$`)

// take sets the inputs of the process, and refuses options that nobody knows.
func (s *Started) take(p Process, c Command) *Refusal {
	names := slices.Sorted(maps.Keys(p.Inputs))
	example := "/release start " + s.Version
	for _, name := range names {
		if _, given := c.Options[name]; !given && !p.Inputs[name].Optional {
			example += " " + name + "=" + p.Inputs[name].Example
		}
	}
	example += c.options()
	for _, key := range slices.Sorted(maps.Keys(c.Options)) {
		if slices.Contains(startOptions, key) {
			continue
		}
		rule, known := p.Inputs[key]
		if !known {
			all := slices.Concat(startOptions, names)
			if p.From == "" {
				all = slices.DeleteFunc(all, func(o string) bool { return o == "from" })
			}
			refusal := &Refusal{Why: Quoted(key+"=") + " is no option of `start` here", Rule: "the options are `" + strings.Join(all, "=`, `") + "=`", Fix: "leave it out"}
			if near, ok := parse.Nearest(key, all); ok {
				refusal.Fix = "did you mean `" + near + "=" + strings.ReplaceAll(c.Options[key], "`", "'") + "`?"
			}
			return refusal
		}
		if !inputValue.MatchString(c.Options[key]) {
			return &Refusal{Why: Quoted(c.Options[key]) + " cannot be " + rule.About, Rule: "`" + key + "=` names " + rule.About, Fix: "for example `" + key + "=" + rule.Example + "`"}
		}
		if s.Inputs == nil {
			s.Inputs = map[string]string{}
		}
		s.Inputs[key] = c.Options[key]
	}
	for _, name := range names {
		if s.Inputs[name] == "" && !p.Inputs[name].Optional {
			return &Refusal{Why: "it is not said which is " + p.Inputs[name].About, Rule: "`" + name + "=` names it", Fix: "for example `" + example + "`"}
		}
	}
	return nil
}

// choose sets the track: the one that kind= names, else the one for this sort of version.
func (s *Started) choose(p Process, c Command, v Version, released []Version) *Refusal {
	kind := p.Versions.KindOf(v, released)
	names := []string{}
	for _, t := range p.Tracks {
		names = append(names, "`kind="+t.Name+"`")
		if want := strings.ToLower(c.Options["kind"]); want == t.Name || (want == "" && slices.Contains(t.For, kind)) {
			s.Track = t.Name
			break
		}
	}
	switch {
	case s.Track != "":
		if t, _ := p.Track(s.Track); len(t.For) > 0 && !slices.Contains(t.For, kind) {
			return &Refusal{
				Why: fmt.Sprintf("%s is a %s version, and the track %s is for %s versions", v, kind, t.Name, strings.Join(t.For, " and ")),
				Fix: "leave `kind=` out, or choose one of " + strings.Join(names, ", "),
			}
		}
		return nil
	case c.Options["kind"] != "":
		return &Refusal{Why: p.Title + " has no track " + Quoted(c.Options["kind"]), Fix: "choose one of " + strings.Join(names, ", ")}
	}
	if !slices.ContainsFunc(p.Tracks, func(t Track) bool { return len(t.For) == 0 || slices.Contains(t.For, kind) }) {
		var sorts []string
		for _, t := range p.Tracks {
			sorts = append(sorts, t.For...)
		}
		slices.Sort(sorts)
		return &Refusal{
			Why: fmt.Sprintf("%s has no track for a %s version", p.Title, kind), Rule: "its tracks are for " + strings.Join(slices.Compact(sorts), ", ") + " versions",
			Fix: "`/release start VERSION` with such a version",
		}
	}
	return &Refusal{Why: fmt.Sprintf("%s has no track for a %s version", p.Title, kind), Fix: "choose one with " + strings.Join(names, ", ")}
}

// defaultDue is the due date of a release that was begun without one: as far ahead as its first phase ought to
// begin before it (Falco release.md, Preparation: "approximately 4 weeks before the release due date").
func (p Process) defaultDue(track string, at time.Time) time.Time {
	t, _ := p.Track(track)
	legs := t.Legs()
	if len(legs) == 0 {
		return time.Time{}
	}
	first, _ := p.Phase(legs[0].Phase)
	if first.Window.EarliestDays == 0 {
		return time.Time{}
	}
	return at.UTC().Truncate(Day).AddDate(0, 0, first.Window.EarliestDays)
}

// inTitle finds the versions that a title names, each once.
func (s Scheme) inTitle(title string) []string {
	var found []string
	for _, word := range strings.FieldsFunc(title, func(c rune) bool { return strings.ContainsRune(" \t`'\"()[],;:", c) }) {
		if v, err := s.Parse(strings.TrimRight(word, ".!?")); err == nil && !slices.Contains(found, v.String()) {
			found = append(found, v.String())
		}
	}
	return found
}

// finalTags reads the released versions out of tag names; candidates and noise are left out.
func (s Scheme) finalTags(tags []string) []Version {
	var out []Version
	for _, tag := range tags {
		if v, ok := s.Read(tag); ok && v.Pre == "" {
			out = append(out, v)
		}
	}
	return out
}

// WithDuds adds the versions that failed to those that were released: no number is used twice, and none is missed that
// never came out. Those of other families are left out.
func (s Scheme) WithDuds(released []Version, duds []Dudded) []Version {
	out := slices.Clone(released)
	for _, d := range duds {
		if v, err := s.Parse(d.Version); err == nil && !slices.ContainsFunc(out, func(o Version) bool { return Compare(o, v) == 0 }) {
			out = append(out, v)
		}
	}
	return out
}

// ruleRefusal turns a broken version rule into the answer; there is no command that sets such a rule aside.
func ruleRefusal(err error, p Process, c Command, tags []string) *Refusal {
	refusal := &Refusal{Why: err.Error()}
	if rule, ok := asRule(err); ok {
		refusal = &Refusal{Why: Quoted(rule.Value) + " is not a version to release", Rule: rule.Rule}
		if rule.Document != "" {
			refusal.Rule += " (" + rule.Document + ")"
		}
		if rule.Want != "" {
			refusal.Fix = "comment `/release start " + rule.Want + c.options() + "`"
		}
		if rule.Skippable && rule.Want != "" {
			refusal.Fix += "; to leave it out, `/release start " + rule.Value + c.options() + " skip=\"REASON\"`"
		}
	}
	if refusal.Fix == "" {
		refusal.Fix = "comment `/release start VERSION` with such a version, for example `" + p.Versions.sample(tags) + "`"
	}
	return refusal
}

// options are those of the command, to be typed once more.
func (c Command) options() string {
	text := ""
	for _, key := range slices.Sorted(maps.Keys(c.Options)) {
		value := strings.ReplaceAll(c.Options[key], "`", "'")
		if strings.Contains(value, " ") {
			value = `"` + value + `"`
		}
		text += " " + key + "=" + value
	}
	return text
}

func asRule(err error) (*RuleError, bool) {
	var rule *RuleError
	return rule, errors.As(err, &rule)
}

// sample is a version that may follow the tags.
func (s Scheme) sample(tags []string) string {
	family := s.finals(s.dress(Version{}), s.finalTags(tags))
	if len(family) == 0 {
		return s.Sample()
	}
	for _, kind := range []string{"minor", "patch", "major"} {
		if next, err := s.Next(slices.MaxFunc(family, Compare), kind); err == nil {
			return next.String()
		}
	}
	return s.Sample()
}

// Sample is a version of the scheme, for examples in answers.
func (s Scheme) Sample() string {
	v := Version{Minor: 21}
	if s.Major != "0" {
		v = Version{Major: 4, Minor: 1}
	}
	return s.dress(v).String()
}
