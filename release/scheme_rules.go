package release

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// parse holds the rules for how a version looks, in the order in which a person would want to hear of them.
func (s Scheme) parse(text string) (Version, *RuleError) {
	v, problem := parseSemVer(text)
	if problem != "" {
		e := s.refuse(text, problem, s.example().String())
		e.Document = "SemVer 2.0"
		if repaired, ok := s.repair(text); ok {
			e.Want = repaired.String()
		}
		return Version{}, e
	}
	if problem := s.majorProblem(v); problem != "" {
		return Version{}, s.refuse(text, problem, s.example().String())
	}
	today := s.dress(v)
	switch {
	case today.Prefix != v.Prefix && today.Prefix == "":
		return Version{}, s.refuse(text, ruleNoPrefix(), s.fixed(v).String())
	case today.Prefix != v.Prefix:
		return Version{}, s.refuse(text, rulePrefix(), s.fixed(v).String())
	case today.Build != v.Build && s.Build == "":
		return Version{}, s.refuse(text, ruleNoBuild(), s.fixed(v).String())
	case today.Build != v.Build:
		return Version{}, s.refuse(text, ruleBuild(s.Build), s.fixed(v).String())
	}
	if !s.preKnown(v.Pre) {
		return Version{}, s.refuse(text, s.preRule(), s.fixed(v).String())
	}
	return v, nil
}

// majorProblem is the rule on the major number that v breaks, empty when it breaks none.
func (s Scheme) majorProblem(v Version) string {
	if least, ok := strings.CutPrefix(s.Major, ">="); ok {
		if n, err := strconv.Atoi(least); err == nil && v.Major < n {
			return ruleMajorLeast(least)
		}
		return ""
	}
	if n, err := strconv.Atoi(s.Major); err == nil && v.Major != n {
		return ruleMajor(s.Major)
	}
	return ""
}

// preKnown says that the project makes such pre-releases today.
func (s Scheme) preKnown(pre string) bool {
	_, candidate := s.number(Version{Pre: pre})
	return pre == "" || candidate || (s.Dev != "" && pre == s.Dev)
}

// preRule says which pre-releases there are.
func (s Scheme) preRule() string {
	var forms []string
	if s.Candidates != "" {
		forms = append(forms, "-"+strings.ReplaceAll(s.Candidates, "{n}", "1"))
	}
	if s.Dev != "" {
		forms = append(forms, "-"+s.Dev)
	}
	if len(forms) == 0 {
		return ruleNoPreRelease()
	}
	return rulePreRelease(forms)
}

// wordAndNumber recognises a word and a number in a pre-release that was written in another form.
var wordAndNumber = regexp.MustCompile(`^([A-Za-z]+)[.-]?([0-9]{1,9})$`)

// fixed is the nearest version that the project would accept.
func (s Scheme) fixed(v Version) Version {
	v = s.dress(v)
	if s.preKnown(v.Pre) {
		return v
	}
	if found := wordAndNumber.FindStringSubmatch(v.Pre); found != nil &&
		strings.EqualFold(found[1], s.CandidateKind()) {
		if n, err := strconv.Atoi(found[2]); err == nil {
			return s.candidate(v, n)
		}
	}
	return v.final()
}

// repair reads what a person most likely meant: 4.1 is 4.1.0, V1.2.3 is v1.2.3, 01.2.3 is 1.2.3.
func (s Scheme) repair(text string) (Version, bool) {
	text = strings.TrimLeft(strings.TrimSpace(text), "vV=")
	core, rest := text, ""
	if i := strings.IndexAny(text, "-+"); i >= 0 {
		core, rest = text[:i], text[i:]
	}
	parts := strings.Split(core, ".")
	if len(parts) > 3 {
		return Version{}, false
	}
	for i, part := range parts {
		if len(part) > 1 {
			parts[i] = strings.TrimLeft(part[:len(part)-1], "0") + part[len(part)-1:]
		}
	}
	for len(parts) < 3 {
		parts = append(parts, "0")
	}
	v, problem := parseSemVer(strings.Join(parts, ".") + rest)
	if problem != "" || s.majorProblem(v) != "" {
		return Version{}, false
	}
	return s.fixed(v), true
}

// example is a version that the project would accept.
func (s Scheme) example() Version {
	v := Version{Minor: 21}
	if s.majorProblem(v) != "" {
		n, _ := strconv.Atoi(strings.TrimPrefix(s.Major, ">="))
		v = Version{Major: n, Minor: 4}
	}
	if s.Prefix == "v?" {
		v.Prefix = "v"
	}
	return s.dress(v)
}

func (s Scheme) next(current Version, kind string) (Version, *RuleError) {
	asked := current.String()
	bump, ahead, two := strings.Cut(kind, "-")
	if !two {
		bump, ahead = "", kind
	}
	if !slices.Contains(s.Kinds, ahead) || (two && !slices.Contains(s.Kinds, bump)) {
		return Version{}, s.noKind(asked, current, kind)
	}
	// A bare number where the project writes v is a version that is meant and not yet released: 0.8.0 is on its
	// way by v0.8.0-alpha.1 (cloud-api-adaptor Release-Process.md).
	meant := s.Prefix == "v" && current.Prefix == ""
	current = s.dress(current)
	_, isCandidate := s.number(current)
	var next Version
	switch {
	case two && !slices.Contains([]string{"major", "minor", "patch"}, bump):
		return Version{}, s.refuse(asked, ruleBump(ahead), "")
	case two && ahead == s.CandidateKind():
		next = s.candidate(current.bump(bump), 1)
	case two && ahead == "dev":
		next = current.bump(bump)
		next.Pre = s.Dev
	case two:
		return Version{}, s.refuse(asked, ruleNoSuchPre(ahead), "")
	case kind == "major" || kind == "minor" || kind == "patch":
		next = current.bump(kind)
	case kind == "final":
		if current.Final() {
			return Version{}, s.refuse(asked, ruleFinalAlready(s.kinds()), "")
		}
		next = current.final()
	case kind == "dev":
		if !current.Final() {
			return Version{}, s.refuse(asked, ruleDevAfterFinal(), "")
		}
		next = current.bump("patch")
		next.Pre = s.Dev
	case kind == s.CandidateKind():
		switch {
		case !current.Final() && meant:
			return Version{}, s.refuse(asked, ruleSecondPre(), current.Core())
		case isCandidate:
			n, _ := s.number(current)
			next = s.candidate(current, n+1)
		case meant:
			next = s.candidate(current, 1)
		default:
			next = s.candidate(current.bump("minor"), 1)
		}
	default:
		return Version{}, s.noKind(asked, current, kind)
	}
	if _, err := s.parse(next.String()); err != nil {
		return Version{}, err
	}
	return next, nil
}

func (s Scheme) follows(v Version, released []Version) *RuleError {
	if i := slices.IndexFunc(released,
		func(r Version) bool { return s.sameFamily(v, r) && Compare(r, v) == 0 }); i >= 0 {
		return s.refuse(v.String(), ruleExists(released[i].String()), s.instead(v, released))
	}
	if _, err := s.parse(v.String()); err != nil {
		return err
	}
	finals := s.finals(v, released)
	if len(finals) == 0 {
		return nil
	}
	newest := slices.MaxFunc(finals, Compare)
	line := slices.DeleteFunc(slices.Clone(finals), func(r Version) bool { return !r.line(v) })
	major := slices.DeleteFunc(slices.Clone(finals), func(r Version) bool { return r.Major != v.Major })
	regress := s.refuse(v.String(), ruleNewer(newest), s.instead(v, released))
	gap := func(missing string) *RuleError {
		e := s.refuse(v.String(), ruleGap(missing), s.instead(v, released))
		e.Skippable = s.Skips
		return e
	}
	if !s.Branches && Compare(v, newest) < 0 {
		return regress
	}
	if len(line) > 0 { // a patch of a line that exists, or a pre-release of one
		top := slices.MaxFunc(line, Compare)
		switch {
		case v.Patch <= top.Patch:
			regress.Rule = ruleNewerOfLine(top)
			return regress
		case v.Patch > top.Patch+1:
			return gap(top.bump("patch").String())
		}
		return nil
	}
	if v.Patch > 0 {
		first := v.final()
		first.Patch = 0
		return gap(first.String())
	}
	if len(major) > 0 {
		top := slices.MaxFunc(major, Compare)
		switch {
		case v.Minor < top.Minor:
			regress.Rule = ruleNewer(top)
			return regress
		case v.Minor > top.Minor+1:
			return gap(top.bump("minor").String())
		}
		return nil
	}
	switch {
	case v.Major < newest.Major:
		return regress
	case v.Major > newest.Major+1 || v.Minor > 0:
		return gap(newest.bump("major").String())
	}
	return nil
}

// noKind refuses a kind of next version that the project does not have.
func (s Scheme) noKind(asked string, current Version, kind string) *RuleError {
	rule := ruleNoKind(kind, s.kinds())
	if kind == "major" {
		if problem := s.majorProblem(current.bump("major")); problem != "" {
			rule = ruleAskFor(problem, s.kinds())
		}
	}
	return s.refuse(asked, rule, "")
}

// kinds lists what Next may be asked for.
func (s Scheme) kinds() string { return strings.Join(s.Kinds, ", ") }

// instead is the version to release in place of v: the next of v's own line where there is one, else the next
// planned one. Empty when the project allows none.
func (s Scheme) instead(v Version, released []Version) string {
	finals := s.finals(v, released)
	if len(finals) == 0 {
		return ""
	}
	from, kinds := slices.MaxFunc(finals, Compare), []string{"minor", "patch"}
	line := slices.DeleteFunc(finals, func(r Version) bool { return !r.line(v) })
	switch {
	case !v.Final():
		next, _, _ := s.Candidate(v, released)
		if s.Candidates != "" && Compare(next, from) > 0 {
			return next.String()
		}
	case s.Branches && len(line) > 0:
		from, kinds = slices.MaxFunc(line, Compare), []string{"patch"}
	case v.Patch > 0:
		kinds = []string{"patch", "minor"}
	}
	for _, kind := range kinds {
		if next, err := s.Next(from, kind); err == nil {
			return next.String()
		}
	}
	return ""
}
