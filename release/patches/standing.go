package patches

import (
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/release/markdown"
)

// State is how far a fix is on one line.
type State string

// The states, from nothing to everything.
const (
	Doubted     State = "not verified"      // said to be in a version, and git does not bear it out
	Open        State = "without a fix"     // no pull request is known
	Proposed    State = "in review"         // the pull request of the fix is open
	PickMissing State = "not cherry-picked" // merged on the main branch, and nobody picked it
	PickHeld    State = "not approved"      // a pick waits for its approval
	PickOpen    State = "cherry-pick open"  // a pick waits to be merged
	Merged      State = "not tagged"        // on the branch, and in no version yet
	Tagged      State = "fixed"             // in a version
	WontFix     State = "not to be fixed"   // somebody who may decided so
)

// Facts are what was found out about an issue when it was last looked at.
type Facts struct {
	Fixes  []Fix             `json:"fixes,omitempty"`
	Claims []Claim           `json:"claims,omitempty"`
	Absent []string          `json:"absent,omitempty"` // versions of introduced-in that do not exist
	Picks  map[string]Pick   `json:"picks,omitempty"`  // by line
	Alarms []Alarm           `json:"alarms,omitempty"`
	Reason map[string]string `json:"reasons,omitempty"` // of labels
}

// Pick is the cherry-pick of a fix on one line.
type Pick struct {
	Ref    string `json:"ref"` // #124
	URL    string `json:"url"`
	Merged bool   `json:"merged"`
	Held   bool   `json:"held,omitempty"` // nobody approved it yet
	Tag    string `json:"tag,omitempty"`
}

// Known is an issue with its facts.
type Known struct {
	Issue
	Facts Facts
}

// Spans are the versions that have the problem, by what of the issue can be believed.
func (k Known) Spans(lines []string) []Span {
	spans := Spans(Believed(k.Block, k.Facts.Claims, k.Facts.Absent), lines)
	for i, s := range spans {
		// Whoever picks a fix into a line, or says in which of its versions it is, says that the line has the problem.
		_, picked := k.Facts.Picks[s.Minor]
		if picked || slices.ContainsFunc(k.Facts.Claims, func(c Claim) bool {
			return MinorOf(c.Version) == s.Minor && !c.Unplanned && semver.Compare(c.Version, "v"+s.Minor+".0") > 0
		}) {
			spans[i].May = false
		}
	}
	return spans
}

// Standing is how an issue stands on one line.
type Standing struct {
	State State
	Fix   string // the pull request, as a link; empty without one
	Why   string // of WontFix, as it was typed
	// Claim is what the issue says of the line; nil when it says nothing.
	Claim *Claim
}

// On says how far the fix of an issue is on a line that has the problem.
func (k Known) On(p Policy, s Span) Standing {
	var st Standing
	for i, c := range k.Facts.Claims {
		if MinorOf(c.Version) == s.Minor && st.Claim == nil {
			st.Claim = &k.Facts.Claims[i]
		}
	}
	pick, picked := k.Facts.Picks[s.Minor]
	st.State, st.Fix = k.onMain()
	switch {
	case st.Claim != nil && st.Claim.Verified():
		st.State = Tagged
	case k.Has(p.wontFix(s.Minor)):
		st.State, st.Why = WontFix, reasonOf(k.Block, s.Minor)
	case st.Claim != nil && !st.Claim.Coming() && !st.Claim.Possible():
		st.State = Doubted
	case picked:
		st.Fix = link(pick.Ref, pick.URL)
		switch {
		case pick.Tag != "":
			st.State = Tagged
		case pick.Merged:
			st.State = Merged
		case pick.Held:
			st.State = PickHeld
		default:
			st.State = PickOpen
		}
	case st.Claim != nil && st.Claim.Coming():
		st.State = Merged
	}
	return st
}

// onMain is how far the fix is that a pick would be made of.
func (k Known) onMain() (State, string) {
	state, fix := Open, ""
	for _, f := range k.Facts.Fixes {
		if f.Merged {
			return PickMissing, link(f.Ref, f.URL)
		}
		if f.Open && state == Open {
			state, fix = Proposed, link(f.Ref, f.URL)
		}
	}
	return state, fix
}

func link(ref, url string) string {
	if url == "" {
		return ref
	}
	return "[" + ref + "](" + url + ")"
}

// Text is the standing in a clause.
func (st Standing) Text() string {
	text := ""
	switch st.State {
	case Open:
		text = "no pull request yet"
	case Proposed:
		text = st.Fix + " is in review"
	case PickMissing:
		text = st.Fix + " is merged, but not cherry-picked"
	case PickHeld:
		text = st.Fix + " is waiting for approval"
	case PickOpen:
		text = st.Fix + " is waiting to be merged"
	case Merged:
		text = st.Fix + " is merged, but not in a version yet"
	case Doubted:
		return st.Claim.Unverified()
	case WontFix:
		if st.Why == "" {
			return "will not be fixed"
		}
		return "will not be fixed: " + markdown.Text(st.Why)
	case Tagged:
		return "fixed"
	}
	if st.Claim != nil && st.Claim.Possible() && !st.Claim.Coming() {
		text += " (says " + st.Claim.Version + ", not verified)"
	}
	return text
}

// FixedIn tells an issue which versions have its fix, and on which maintained lines it is open still; nothing before
// the first of them is published, and nothing of what is under embargo.
func (k Known) FixedIn(p Policy, maintained []string) string {
	f := k.fixed(p, maintained)
	if len(f.in) == 0 || k.Embargoed {
		return ""
	}
	text := "**Fixed in " + sentence(f.in) + ".**"
	if len(f.open) > 0 {
		text += " Not fixed yet in " + sentence(f.open) + "."
	}
	if len(f.may) > 0 {
		text += " Nobody has said whether " + sentence(f.may) + " " + hasHave(len(f.may)) + " the problem."
	}
	if len(f.wont) > 0 {
		text += " It will not be fixed in " + sentence(f.wont) + "."
	}
	if f.left() {
		return text
	}
	return text + " Nothing is left to do on the maintained release lines. If nothing else is left, close the issue."
}

// Everywhere says that published versions have the fix on every maintained line that is affected.
func (k Known) Everywhere(p Policy, maintained []string) bool {
	f := k.fixed(p, maintained)
	return len(f.in) > 0 && !f.left() && !k.Embargoed
}

// fixed are the published versions with the fix, the newest first, and the maintained lines that are without it.
type fixed struct {
	in, open, may, wont []string
	unsaid              bool // a version has the pick, and the issue does not say so
}

// left says that something is left to do.
func (f fixed) left() bool { return f.unsaid || len(f.open)+len(f.may) > 0 }

func (k Known) fixed(p Policy, maintained []string) (f fixed) {
	for _, c := range k.Facts.Claims {
		if c.Verified() {
			f.in = append(f.in, c.Version)
		}
	}
	slices.SortFunc(f.in, func(a, b string) int { return semver.Compare(b, a) })
	for _, s := range k.Spans(maintained) {
		if !slices.Contains(maintained, s.Minor) {
			continue
		}
		switch st := k.On(p, s); {
		case st.Claim != nil && st.Claim.Verified():
		case st.State == Tagged:
			f.unsaid = true
		case st.State == WontFix:
			f.wont = append(f.wont, s.Minor)
		case s.May:
			f.may = append(f.may, s.Minor)
		default:
			f.open = append(f.open, s.Minor)
		}
	}
	return f
}

// sentence joins names as a sentence does.
func sentence(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, ", ")
}

func hasHave(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}
