package release

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/parse"
)

// startVerb is the row of `/release start`.
func startVerb() Verb {
	return Verb{
		Name: "start", Usage: "VERSION [kind=TRACK] [due=YYYY-MM-DD] [process=NAME] [from=BRANCH] [skip=REASON]",
		About:   "start a release on this issue",
		Example: "/release start 0.21.0 due=2026-12-18", Least: 0, Most: 5,
		decide: start,
	}
}

// start answers a second start: the first one is decided by begin, before there is a release.
func start(r Release, _ Command, _ Facts, _ time.Time) ([]Event, *Refusal) {
	return nil, releaseUnderWay(r, r.stands()).passing(r)
}

// welcome answers start.
func welcome(r Release) string {
	var way []string
	for _, item := range r.Track().Sequence() {
		if item.Optional {
			way = append(way, optionalPhase(item.Phase))
			continue
		}
		way = append(way, "`"+item.Phase+"`")
	}
	text := startedText(r.Started, way, nextCommand(r))
	scheme := r.Started.Process.Versions
	named := scheme.inTitle(r.Started.Title)
	if len(named) > 0 && !slices.ContainsFunc(named, func(v string) bool { return scheme.same(v, r.Started.Version) }) {
		text += "\n\n" + otherTitle(named, r.Started.Version)
	}
	for _, s := range r.Started.strangers() {
		text += "\n\n" + noSuchUser(s)
	}
	for _, v := range r.Started.voids() {
		text += "\n\n" + noSuchTeam(v)
	}
	return text
}

// same says that both are one version, whatever their prefix.
func (s Scheme) same(a, b string) bool {
	v, errA := s.Parse(a)
	w, errB := s.Parse(b)
	return errA == nil && errB == nil && Compare(v, w) == 0 && s.sameFamily(v, w)
}

// begins says that the command begins a release: start, or the first phase of a track on an issue that has none.
func begins(r Release, p Process, c Command) bool {
	if r.Begun && (r.Open() || c.Verb != "start") {
		return false
	}
	if c.Verb == "start" {
		return true
	}
	return slices.ContainsFunc(p.Tracks, func(t Track) bool {
		sequence := t.Sequence()
		return len(sequence) > 0 && sequence[0].Phase == c.Verb
	})
}

// begin decides a start. The version comes from the command or, for a phase that begins a release by itself, from
// the title of the issue, which is a default for an argument and grants nothing: the sender's role does.
func begin(p Process, c Command, f Facts, at time.Time) (Event, *Refusal) {
	if c.Problem != "" {
		return nil, unreadable(c.Problem)
	}
	who := c
	who.Verb = "start"
	who.Text = c.Text
	if refusal := allowed(Release{}, p, c, f); refusal != nil {
		return nil, refusal
	}
	if refusal := allowed(Release{}, p, who, f); refusal != nil {
		return nil, refusal
	}
	started := Started{
		Source: c.Source, Repo: f.Repo, Issue: f.Issue, Installation: f.Installation,
		DefaultBranch: f.DefaultBranch, Process: p, Title: c.Title,
		People: f.People, Assigned: f.Assigned, Appoints: f.Appoints,
	}
	version, refusal := started.chosen(p, c, f)
	if refusal != nil {
		return nil, refusal
	}
	released := p.Versions.finalTags(f.Tags)
	if refusal := failedBefore(p, c, f, version, released); refusal != nil {
		return nil, refusal
	}
	if err := p.Versions.Follows(version, p.Versions.WithDuds(released, f.Duds)); err != nil {
		if rule, ok := asRule(err); !ok || !rule.Skippable || strings.TrimSpace(c.Options["skip"]) == "" {
			return nil, ruleRefusal(err, p, c, f)
		}
		started.Skip = strings.TrimSpace(c.Options["skip"])
	}
	started.between(p, f, version, released)
	if refusal := started.choose(p, c, version, released); refusal != nil {
		return nil, refusal
	}
	if refusal := started.begins(p, c, f, version); refusal != nil {
		return nil, refusal
	}
	if refusal := started.take(p, c, f, version); refusal != nil {
		return nil, refusal
	}
	if due := c.Options["due"]; due != "" {
		t, err := time.Parse(time.DateOnly, due)
		if err != nil {
			return nil, noDate(due, p.startWith(version, c, f)+" due="+exampleDue(at))
		}
		started.Due = t
	} else {
		started.Due = p.defaultDue(started.Track, at)
	}
	if c.Verb != "start" {
		// The first phase of another track cannot begin this one.
		track, _ := p.Track(started.Track)
		if sequence := track.Sequence(); sequence[0].Phase != c.Verb {
			return nil, otherFirstPhase(started.Version, track.Name, sequence[0].Phase, p.startWith(version, c, f))
		}
	}
	return started, nil
}

// chosen is the version that the command names, or else the title of the issue.
func (s *Started) chosen(p Process, c Command, f Facts) (Version, *Refusal) {
	text := ""
	if c.Verb == "start" {
		if refusal := c.usage(); refusal != nil {
			return Version{}, refusal
		}
		text = c.arg(0)
	}
	if text == "" {
		found := p.Versions.inTitle(c.Title)
		if len(found) != 1 {
			return Version{}, noVersion(c.Title, found, p.startLine(c, f))
		}
		text, s.FromTitle = found[0], true
	}
	version, err := p.Versions.Parse(text)
	if old, is := p.Versions.legacy(text); err != nil && is && old.Pre != "" && p.Versions.preKnown(old.Pre) {
		version, err = p.Versions.dress(old), nil // a candidate in an old form
	}
	if err != nil {
		return Version{}, ruleRefusal(err, p, c, f)
	}
	if version.Pre != "" && p.Versions.Candidates == "" {
		final := version
		final.Pre, final.Written = "", ""
		return Version{}, noPreRelease(text, p.Title, p.startWith(final, c, f))
	}
	if version.Pre != "" {
		final := version
		final.Pre, final.Written = "", ""
		phase := ""
		for _, ph := range slices.Backward(p.Phases) {
			if slices.Contains(slices.Collect(maps.Values(ph.Pin)), "candidate") {
				phase = ph.Name
			}
		}
		return Version{}, startedByCandidate(text, p.startWith(final, c, f), phase)
	}
	return version, nil
}

// failedBefore refuses a number that was marked as failed.
func failedBefore(p Process, c Command, f Facts, version Version, released []Version) *Refusal {
	for _, d := range f.Duds {
		v, err := p.Versions.Parse(d.Version)
		same := func(o Version) bool { return Compare(o, v) == 0 }
		if err == nil && same(version) && !slices.ContainsFunc(released, same) {
			next, err := p.Versions.Next(version, "patch")
			if err != nil {
				return failedVersion(d, p.startLine(c, f))
			}
			return failedVersion(d, p.startWith(next, c, f))
		}
	}
	return nil
}

// between sets the versions before and after the one that is released, and those that failed since.
func (s *Started) between(p Process, f Facts, version Version, released []Version) {
	s.Version = version.String()
	// A tag that only a module has is none of the repository's: notes cannot begin there.
	whole := p.Versions
	whole.Modules = ""
	tagged := whole.finalTags(f.Tags)
	if previous, ok := whole.Previous(version, tagged); ok {
		s.Previous = previous.String()
	}
	good := slices.DeleteFunc(tagged, func(v Version) bool {
		return slices.ContainsFunc(f.Duds, func(d Dudded) bool { return d.Version == v.String() })
	})
	if since, ok := whole.Previous(version, good); ok && since.String() != s.Previous {
		s.Since = since.String()
	}
	for _, d := range f.Duds {
		v, err := p.Versions.Parse(d.Version)
		between := func(o Version) bool { return Compare(o, v) > 0 && Compare(o, version) < 0 }
		if err == nil && Compare(v, version) < 0 && !slices.ContainsFunc(released, between) {
			s.Burned = append(s.Burned, d)
		}
	}
	if next, err := p.Versions.Next(version, "minor"); err == nil {
		s.NextVersion = next.String()
	}
	if next, err := p.Versions.Next(version, "patch"); err == nil {
		s.NextPatch = next.String()
	}
}

// begins sets the branch that from= names.
func (s *Started) begins(p Process, c Command, f Facts, version Version) *Refusal {
	if s.From = c.Options["from"]; (s.From == "") != (p.From.About == "") {
		if s.From != "" {
			return noFrom(p.Title, p.startWith(version, c, f))
		}
		return missingFrom(s.Version, p.From.named(), p.startWith(version, c, f))
	}
	if !validBranch(s.From) {
		return noBranchName(s.From, p.From.named(), p.startWith(version, c, f))
	}
	if !p.From.fits(s.From) {
		return otherBranch(s.From, p.From, p.startWith(version, c, f))
	}
	return nil
}

// take sets the inputs of the process, and refuses options that nobody knows.
func (s *Started) take(p Process, c Command, f Facts, version Version) *Refusal {
	names := slices.Sorted(maps.Keys(p.Inputs))
	again := p.startWith(version, c, f)
	for _, key := range slices.Sorted(maps.Keys(c.Options)) {
		if slices.Contains(startOptions, key) {
			continue
		}
		rule, known := p.Inputs[key]
		switch {
		case !known:
			all := slices.Concat(startOptions, names)
			if p.From.About == "" {
				all = slices.DeleteFunc(all, func(o string) bool { return o == "from" })
			}
			near, _ := parse.Nearest(key, all)
			return unknownOption(key, c.Options[key], near, all, again)
		case !validInput(c.Options[key]):
			return badInput(key, c.Options[key], rule, again)
		}
		if s.Inputs == nil {
			s.Inputs = map[string]string{}
		}
		s.Inputs[key] = c.Options[key]
	}
	for _, name := range names {
		if s.Inputs[name] == "" && !p.Inputs[name].Optional {
			return missingInput(name, p.Inputs[name], again)
		}
	}
	return nil
}

// choose sets the track: the one that kind= names, else the one for this sort of version.
func (s *Started) choose(p Process, c Command, v Version, released []Version) *Refusal {
	kind := p.Versions.KindOf(v, released)
	var fitting []string
	for _, t := range p.Tracks {
		if t.fits(kind) {
			fitting = append(fitting, t.Name)
		}
	}
	for _, t := range p.Tracks {
		if want := strings.ToLower(c.Options["kind"]); want == t.Name || (want == "" && slices.Contains(t.For, kind)) {
			s.Track = t.Name
			break
		}
	}
	switch {
	case s.Track != "":
		if t, _ := p.Track(s.Track); !t.fits(kind) {
			return otherTrack(v.String(), kind, t, fitting)
		}
		return nil
	case len(fitting) == 0:
		var sorts []string
		for _, t := range p.Tracks {
			sorts = append(sorts, t.For...)
		}
		slices.Sort(sorts)
		return noTrackFor(p.Title, kind, slices.Compact(sorts))
	case c.Options["kind"] != "":
		return noSuchTrack(p.Title, c.Options["kind"], fitting)
	}
	return chooseTrack(v.String(), fitting)
}

// fits says that the track is for such a version.
func (t Track) fits(kind string) bool { return len(t.For) == 0 || slices.Contains(t.For, kind) }

// defaultDue is the due date of a release that was begun without one: as far ahead as its first phase ought to
// begin before it (Falco release.md, Preparation: "approximately 4 weeks before the release due date").
func (p Process) defaultDue(track string, at time.Time) time.Time {
	t, _ := p.Track(track)
	sequence := t.Sequence()
	if len(sequence) == 0 {
		return time.Time{}
	}
	first, _ := p.Phase(sequence[0].Phase)
	if first.Window.EarliestDays == 0 {
		return time.Time{}
	}
	return at.UTC().Truncate(Day).AddDate(0, 0, first.Window.EarliestDays)
}

// inTitle finds the versions that a title names, each once.
func (s Scheme) inTitle(title string) []string {
	var found []string
	for _, word := range strings.FieldsFunc(title,
		func(c rune) bool { return strings.ContainsRune(" \t`'\"()[],;:", c) }) {
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
		v, err := s.Parse(d.Version)
		if err == nil && !slices.ContainsFunc(out, func(o Version) bool { return Compare(o, v) == 0 }) {
			out = append(out, v)
		}
	}
	return out
}

// ruleRefusal turns a broken version rule into the answer.
func ruleRefusal(err error, p Process, c Command, f Facts) *Refusal {
	rule, ok := asRule(err)
	if !ok {
		return unreadVersion(err, p.startLine(c, f))
	}
	again := p.startLine(c, f)
	released := p.Versions.WithDuds(p.Versions.finalTags(f.Tags), f.Duds)
	if want, err := p.Versions.Parse(rule.Want); err == nil && p.Versions.Follows(want, released) == nil {
		again = p.startWith(want, c, f)
	}
	skipping := ""
	if version, err := p.Versions.Parse(rule.Value); err == nil && rule.Skippable {
		skipping = p.startWith(version, c, f) + ` skip="REASON"`
	}
	return refusedVersion(rule, again, skipping)
}

func asRule(err error) (*RuleError, bool) {
	var rule *RuleError
	return rule, errors.As(err, &rule)
}

// sample is a version that may follow what was released and what failed.
func (s Scheme) sample(tags []string, duds []Dudded) (Version, bool) {
	family := s.finals(s.dress(Version{}), s.WithDuds(s.finalTags(tags), duds))
	if len(family) == 0 {
		return s.example(), true
	}
	for _, kind := range []string{"minor", "patch", "major"} {
		if next, err := s.Next(slices.MaxFunc(family, Compare), kind); err == nil {
			return next, true
		}
	}
	return Version{}, false
}

// Sample is a version of the scheme, for examples in answers.
func (s Scheme) Sample() string {
	v := Version{Minor: 21}
	if s.Major != "0" {
		v = Version{Major: 4, Minor: 1}
	}
	return s.dress(v).String()
}
