package release

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Scheme says what the versions of a project look like and which one may follow which. Its methods are the
// only place that knows a versioning rule.
type Scheme struct {
	// Document is cited where a version is refused: "Falco release.md, Libs versioning".
	Document string `yaml:"document" json:"document,omitempty"`
	// Prefix stands before the number: nothing, "v", or "v?" where both are in use and the one that is written stays.
	Prefix string `yaml:"prefix" json:"prefix,omitempty"`
	// Build is the build metadata that each version carries: driver for 10.2.0+driver.
	Build string `yaml:"build" json:"build,omitempty"`
	// Major limits the major number: "0", ">=1", or nothing.
	Major string `yaml:"major" json:"major,omitempty"`
	// Candidates is the form of a candidate's pre-release part, {n} its number: rc{n}, alpha.{n}. Empty means that
	// the project has no candidates. Its word is also the kind that Next knows it by.
	Candidates string `yaml:"candidates" json:"candidates,omitempty"`
	// Dev is the pre-release part of the version that work goes on under after a release: dev for 2.1.1-dev.
	Dev string `yaml:"dev" json:"dev,omitempty"`
	// Kinds are what Next may be asked for: major, minor, patch, final, dev and the word of Candidates.
	Kinds []string `yaml:"kinds" json:"kinds"`
	// Branches says that older M.m lines still get patches. Without it each version is the newest of all.
	Branches bool `yaml:"branches" json:"branches,omitempty"`
	// Skips says that a person may leave a number out, with a reason. Without it nobody may.
	Skips bool `yaml:"skips" json:"skips,omitempty"`
	// Modules is the pattern of directories whose tags bear the same versions: src/* reads src/webhook/v0.9.0 as
	// v0.9.0, so that a number which one Go module has is taken.
	Modules string `yaml:"modules" json:"modules,omitempty"`
	// Legacy are old forms: still read from existing tags, never made again.
	Legacy []Legacy `yaml:"legacy" json:"legacy,omitempty"`
}

// Legacy is an old form of a version.
type Legacy struct {
	// Like is the form, {core} its three numbers, {n} a number: {core}+driver-rc{n}.
	Like string `yaml:"like" json:"like"`
	// As is the form of today that means the same: {core}-rc{n}+driver. Empty when SemVer reads it as it is.
	As string `yaml:"as" json:"as,omitempty"`
	// Until is the last version that may have it, empty for no end: 3.3.0.
	Until string `yaml:"until" json:"until,omitempty"`
}

// RuleError refuses a version. A person can act on it: it is a reply, not a breakage.
type RuleError struct {
	// Value is what was refused, as it was written.
	Value string
	// Rule is the rule that it breaks, in words.
	Rule string
	// Document is where the rule stands, empty when it is SemVer's.
	Document string
	// Want is what to type instead, empty when there is nothing.
	Want string
	// Skippable says that a person may override it with a reason.
	Skippable bool
}

func (e *RuleError) Error() string {
	return ruleErrorText(e)
}

// Parse reads a version that a person wants to release. The error is a *RuleError.
func (s Scheme) Parse(text string) (Version, error) {
	v, refused := s.parse(text)
	if refused == nil {
		return v, nil
	}
	if old, ok := s.legacy(text); ok && s.preKnown(old.Pre) {
		refused.Want = s.dress(old).String()
	}
	return Version{}, refused
}

// Read reads an existing tag leniently: old forms count, foreign tags do not.
func (s Scheme) Read(text string) (Version, bool) {
	if dir, name := path.Split(text); s.Modules != "" && dir != "" {
		if hit, err := path.Match(s.Modules, strings.TrimSuffix(dir, "/")); err == nil && hit {
			text = name
		}
	}
	if v, refused := s.parse(text); refused == nil {
		return v, true
	}
	return s.legacy(text)
}

func (s Scheme) legacy(text string) (Version, bool) {
	for _, form := range s.Legacy {
		if v, ok := form.read(text); ok {
			return v, true
		}
	}
	return Version{}, false
}

// Next is the version of that kind after current: major, minor, patch, final, dev, or the candidates' word (rc,
// alpha). major-, minor- and patch- in front of dev or the candidates' word name the number too: minor-dev makes
// 1.3.0-dev of 1.2.7. The error is a *RuleError.
func (s Scheme) Next(current Version, kind string) (Version, error) {
	next, refused := s.next(current, kind)
	if refused != nil {
		return Version{}, refused
	}
	return next, nil
}

// Follows says whether v may be released when the tags in released exist. The error is a *RuleError.
func (s Scheme) Follows(v Version, released []Version) error {
	if refused := s.follows(v, released); refused != nil {
		return refused
	}
	return nil
}

// Previous is the newest final release below v on its way: what its release notes start from.
func (s Scheme) Previous(v Version, released []Version) (Version, bool) {
	below := slices.DeleteFunc(s.finals(v, released), func(r Version) bool { return Compare(r, v.final()) >= 0 })
	if len(below) == 0 {
		return Version{}, false
	}
	return slices.MaxFunc(below, Compare), true
}

// Candidate is the next candidate of v's number: one more than the highest that exists, by number and not by
// name. newest is that highest and n the number of next; newest is zero when there is none yet.
func (s Scheme) Candidate(v Version, tags []Version) (next, newest Version, n int) {
	n = 1
	for _, tag := range tags {
		if !s.sameFamily(v, tag) || tag.Core() != v.Core() {
			continue
		}
		if k, ok := s.number(tag); ok && (k+1 > n || newest == (Version{})) {
			newest, n = tag, k+1
		}
	}
	return s.candidate(v, n), newest, n
}

// IsLatest says that v is final and above every final release of its family.
func (s Scheme) IsLatest(v Version, released []Version) bool {
	return v.Final() && !slices.ContainsFunc(s.finals(v, released), func(r Version) bool { return Compare(r, v) > 0 })
}

// KindOf says what v is after what was released: major, minor or patch, of its number where nothing precedes it.
func (s Scheme) KindOf(v Version, released []Version) string {
	previous, _ := s.Previous(v, released)
	switch {
	case v.Patch > 0 && (previous == Version{} || previous.line(v)):
		return "patch"
	case v.Major != previous.Major && v.Minor == 0 && v.Patch == 0:
		return "major"
	case v.Patch > 0:
		return "patch"
	default:
		return "minor"
	}
}

// finals are the final releases of v's family.
func (s Scheme) finals(v Version, released []Version) []Version {
	var out []Version
	for _, r := range released {
		if r.Final() && s.sameFamily(v, r) {
			out = append(out, r)
		}
	}
	return out
}

// sameFamily says that both are of one family: libs and drivers live in one repository.
func (s Scheme) sameFamily(v, w Version) bool { return v.Build == w.Build }

// CandidateKind is what Next calls the candidates: rc for rc{n}, alpha for alpha.{n}, empty when there are none.
func (s Scheme) CandidateKind() string {
	before, _, _ := strings.Cut(s.Candidates, "{n}")
	return strings.TrimRight(before, ".-")
}

// candidate is candidate n of v's number.
func (s Scheme) candidate(v Version, n int) Version {
	v = s.dress(v.final())
	v.Pre = strings.ReplaceAll(s.Candidates, "{n}", strconv.Itoa(n))
	return v
}

// number is the candidate's number.
func (s Scheme) number(v Version) (int, bool) {
	before, after, found := strings.Cut(s.Candidates, "{n}")
	if !found {
		return 0, false
	}
	rest, ok := strings.CutPrefix(v.Pre, before)
	if !ok {
		return 0, false
	}
	rest, ok = strings.CutSuffix(rest, after)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(rest, 10, 31)
	if err != nil || strconv.FormatUint(n, 10) != rest {
		return 0, false
	}
	return int(n), true
}

// dress gives v the prefix and the build metadata that the project writes today.
func (s Scheme) dress(v Version) Version {
	if s.Prefix != "v?" {
		v.Prefix = s.Prefix
	}
	v.Build, v.Written = s.Build, ""
	return v
}

func (s Scheme) refuse(value, rule, want string) *RuleError {
	return &RuleError{Value: value, Rule: rule, Document: s.Document, Want: want}
}

// read reads the old form.
func (l Legacy) read(text string) (Version, bool) {
	pattern := regexp.QuoteMeta(l.Like)
	pattern = strings.ReplaceAll(pattern, `\{core\}`, `(?P<core>\d+\.\d+\.\d+)`)
	pattern = strings.ReplaceAll(pattern, `\{n\}`, `(?P<n>\d+)`)
	re, err := regexp.Compile("^" + pattern + "$")
	if err != nil {
		return Version{}, false
	}
	found := re.FindStringSubmatch(text)
	if found == nil {
		return Version{}, false
	}
	vars := map[string]string{"core": found[re.SubexpIndex("core")]}
	if i := re.SubexpIndex("n"); i >= 0 {
		vars["n"] = found[i]
	}
	today, err := Expand(cmp.Or(l.As, l.Like), vars)
	if err != nil {
		return Version{}, false
	}
	v, problem := parseSemVer(today)
	if problem != "" {
		return Version{}, false
	}
	if until, p := parseSemVer(l.Until); p == "" && Compare(v.final(), until) > 0 {
		return Version{}, false
	}
	if l.As != "" {
		v.Written = text
	}
	return v, true
}
