package patches

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/markdown"
)

// Touch is the last change of a label on an issue, as its history has it.
type Touch struct {
	By      string
	Bot     bool // by Slipway itself
	Added   bool // else taken away
	Trusted bool // by somebody who may change guarded labels
}

// Found is what was looked up for a judgement.
type Found struct {
	History map[string]Touch // by label, lower case
	// Reasons are those for which Slipway last put, or would have put, a label.
	Reasons map[string]string
	// PullLabels and PullFiles are those of the pull requests that the issue names.
	PullLabels map[string][]string
	PullFiles  map[string][]string
	// Published are the versions that exist.
	Published []string
	// Maintained are the lines that get patches, and Facts what git and GitHub say of the block.
	Maintained []string
	Facts      Facts
}

// Wish is a label that should be there, and why.
type Wish struct {
	Name, Reason string
}

// Problem is something that a person should change in the issue.
type Problem struct {
	Line int // 0 for none
	What string
	Fix  string
}

// Judgement is what should become of an issue.
type Judgement struct {
	Add    []Wish
	Remove []Wish
	// Declined are labels that a person took away; their reasons are remembered, so that only a new one brings them
	// back.
	Declined []Wish
	Problems []Problem
	// Corrected is the block as it would be read without problems.
	Corrected string
	// Told are changes that people should know the reason of: reverted ones, and priorities that a rule gave.
	Told []string
	// Hidden says that the issue is under embargo.
	Hidden bool
}

// Judge holds an issue against the policy. What it wants can be done again and again: what is there already is not
// wanted.
func Judge(p Policy, is Issue, f Found) Judgement {
	var j Judgement
	if is.Embargoed {
		j.hide(p, is, f)
		return j
	}
	is.Labels = j.guard(p, is, f)
	want := map[string]string{}
	if is.Tracked() {
		want[p.Labels.Tracked] = "the description has a release block, or most of the template"
		j.problems(p, is, f)
		if is.State == "open" {
			j.triage(p, is, f, want)
		}
		affects(p, is, f, want)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		touch, touched := f.History[strings.ToLower(name)]
		reason, known := f.Reasons[strings.ToLower(name)]
		switch {
		case is.Has(name):
		case touched && !touch.Added && !touch.Bot && (touch.Trusted || !p.Guards(name)) &&
			(!known || reason == want[name]):
			j.Declined = append(j.Declined, Wish{name, want[name]})
		default:
			j.Add = append(j.Add, Wish{name, want[name]})
		}
	}
	j.withdraw(p, is, f, want)
	j.recant(p, is, f, want)
	return j
}

// hide takes away the labels that Slipway derived, and asks for nothing: each of them tells something about a fix that
// is not public yet (Kubernetes document, "Communicating security fixes to the community"). What people put stays.
func (j *Judgement) hide(p Policy, is Issue, f Found) {
	j.Hidden = true
	for _, l := range is.Labels {
		touch := f.History[strings.ToLower(l)]
		_, derived := f.Reasons[strings.ToLower(l)]
		if derived && touch.Bot && touch.Added && !strings.EqualFold(l, p.Labels.Embargo) {
			j.Remove = append(j.Remove, Wish{l, "the issue is under embargo"})
		}
	}
}

// recant tells of labels that spoke of a published version, and that the description bears out no more: whoever counted
// on them should not find them gone without a word.
func (j *Judgement) recant(p Policy, is Issue, f Found, want map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(f.History)) {
		touch := f.History[name]
		_, wanted := want[name]
		going := is.Has(name) && touch.Bot && touch.Added || !is.Has(name) && touch.Bot && !touch.Added
		_, may := p.lineOf(p.Labels.MayAffect, name) // which said nothing that anybody could count on
		if wanted || !going || may || !p.ofLine(name) || is.Has(p.wontFix(p.lineOfLabel(name))) {
			continue
		}
		reason := f.Reasons[name]
		if i := strings.LastIndex(reason, " "); i >= 0 && slices.Contains(f.Published, reason[i+1:]) {
			j.Told = append(j.Told,
				fmt.Sprintf("`%s` was removed: it said \"%s\", which is published, but the description no longer "+
					"says so", name, reason))
		}
	}
}

// triage wants a priority and a SIG, and gives those that the configuration derives.
func (j *Judgement) triage(p Policy, is Issue, f Found, want map[string]string) {
	if len(is.Under(PriorityPrefix)) == 0 {
		given := false
		for i, r := range p.Rules {
			if r.Label != "" && is.Has(r.Label) || r.Binary != "" && names(is, r.Binary) {
				want[PriorityPrefix+r.Priority] = fmt.Sprintf("rule %d of `priority-rules`", i+1)
				j.Told = append(j.Told,
					fmt.Sprintf("`%s` was set by rule %d of `priority-rules` in `%s`. To set another priority, "+
						"comment `/priority NAME`", PriorityPrefix+r.Priority, i+1, File))
				given = true
				break
			}
		}
		if !given {
			want[p.Labels.NeedsPriority] = "the issue has no priority"
		}
	}
	for name, reason := range p.sigs(is, f) {
		want[SIGPrefix+name] = reason
	}
	if !is.Block.Unclosed && len(is.Under(SIGPrefix)) == 0 &&
		!slices.ContainsFunc(slices.Collect(maps.Keys(want)),
			func(l string) bool { return strings.HasPrefix(l, SIGPrefix) }) {
		want[p.Labels.NeedsSIG] = "the issue has no SIG"
	}
}

func names(is Issue, binary string) bool {
	return slices.ContainsFunc(is.Summary.Binaries,
		func(b parse.Binary) bool { return strings.EqualFold(b.Name, binary) })
}

// sigs are those that the configuration derives: of the components that are named, of the files and labels of the pull
// requests.
func (p Policy) sigs(is Issue, f Found) map[string]string {
	out := map[string]string{}
	for _, b := range is.Summary.Binaries {
		if sig := p.Binaries[strings.ToLower(b.Name)]; sig != "" {
			out[sig] = "`" + strings.ToLower(b.Name) + "` is named under Binaries"
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(p.Paths)) {
		if strings.Contains(is.Body, dir) {
			out[p.Paths[dir]] = "`" + dir + "` is named"
		}
		for _, ref := range slices.Sorted(maps.Keys(f.PullFiles)) {
			if slices.ContainsFunc(f.PullFiles[ref], func(file string) bool { return strings.HasPrefix(file, dir) }) {
				out[p.Paths[dir]] = ref + " changes `" + dir + "`"
			}
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(f.PullLabels)) {
		for _, l := range f.PullLabels[ref] {
			if sig, ok := strings.CutPrefix(l, SIGPrefix); ok && slices.Contains(p.SIGNames(), sig) {
				out[sig] = ref + " carries `" + l + "`"
			}
		}
	}
	return out
}

// affects are the labels of the lines: of those whose versions exist, and whose fix a version has.
func affects(p Policy, is Issue, f Found, want map[string]string) {
	k := Known{is, f.Facts}
	for _, s := range k.Spans(f.Maintained) {
		pattern, reason := p.Labels.Affects, "introduced in "+s.From
		switch {
		case is.Has(p.wontFix(s.Minor)):
			continue
		case s.May:
			pattern, reason = p.Labels.MayAffect, "younger than "+k.oldest()
		case !s.Said:
			reason = "the issue names a fix for " + s.Minor
		}
		want[strings.Replace(pattern, "{minor}", s.Minor, 1)] = reason
	}
	for _, c := range f.Facts.Claims {
		if c.Verified() {
			want[strings.Replace(p.Labels.Resolved, "{minor}", MinorOf(c.Version), 1)] = "resolved in " + c.Version
		}
	}
}

// oldest is the first version that is known to have the problem.
func (k Known) oldest() string {
	return Believed(k.Block, k.Facts.Claims, k.Facts.Absent).IntroducedIn[0].Text
}

// ofLine says that Slipway puts such a label for a line.
func (p Policy) ofLine(name string) bool { return p.lineOfLabel(name) != "" }

// lineOfLabel is the line of a label that Slipway puts for one.
func (p Policy) lineOfLabel(name string) string {
	for _, pattern := range []string{p.Labels.MayAffect, p.Labels.Affects, p.Labels.Resolved} {
		if minor, ok := p.lineOf(pattern, name); ok {
			return minor
		}
	}
	return ""
}

// withdraw takes away labels that Slipway put there and that follow from nothing any more.
func (j *Judgement) withdraw(p Policy, is Issue, f Found, want map[string]string) {
	for _, l := range is.Labels {
		_, wanted := want[l]
		touch := f.History[strings.ToLower(l)]
		needs := strings.EqualFold(l, p.Labels.NeedsPriority) || strings.EqualFold(l, p.Labels.NeedsSIG)
		switch {
		case wanted:
		case needs && is.Tracked():
			// What it asks for is there: whoever put it, it is answered.
			j.Remove = append(j.Remove, Wish{l, "what it asks for is there"})
		case (p.ofLine(l) || strings.EqualFold(l, p.Labels.Tracked)) && touch.Bot && touch.Added:
			j.Remove = append(j.Remove, Wish{l, "the issue says so no more"})
		}
	}
}

// guard reverts what people who may not did to guarded labels, and gives the labels as they are then.
func (j *Judgement) guard(p Policy, is Issue, f Found) []string {
	labels := slices.Clone(is.Labels)
	for _, name := range slices.Sorted(maps.Keys(f.History)) {
		touch := f.History[name]
		if touch.Bot || touch.Trusted || !p.Guards(name) || touch.Added != is.Has(name) {
			continue
		}
		who := p.Trusted.people()
		if touch.Added {
			j.Remove = append(j.Remove, Wish{name, "added by " + markdown.Login(touch.By) + ", who may not"})
			j.Told = append(j.Told, fmt.Sprintf("%s was removed: %s added it, but only %s can change it", markdown.Code(name),
				markdown.Login(touch.By), who))
			labels = slices.DeleteFunc(labels, func(l string) bool { return strings.EqualFold(l, name) })
			continue
		}
		j.Add = append(j.Add, Wish{name, "taken away by " + markdown.Login(touch.By) + ", who may not"})
		j.Told = append(j.Told, fmt.Sprintf("%s was added again: %s removed it, but only %s can change it",
			markdown.Code(name), markdown.Login(touch.By), who))
		labels = append(labels, name)
	}
	return labels
}

// people are those who are trusted, in words.
func (t Trusted) people() string {
	who := fmt.Sprintf("people with the `%s` permission", t.Permission)
	if len(t.Teams) > 0 {
		who += " and members of " + strings.Join(t.Teams, ", ")
	}
	return who
}

// problems are what a person should change.
func (j *Judgement) problems(p Policy, is Issue, f Found) {
	add := func(line int, what, fix string) { j.Problems = append(j.Problems, Problem{line, what, fix}) }
	for _, b := range is.Block.Problems {
		add(b.Line, b.Message, typed(b.Suggestion))
	}
	if is.Block.Unclosed {
		j.Corrected = is.Block.Corrected
		return // one mistake is answered once: what it swallows cannot be judged
	}
	switch {
	case !is.Block.Found:
		add(0, "there is no `release` block, so it is not known which versions are affected",
			"add one at the top of the description:\n\n  ````\n  ```release\n  introduced-in=v1.2.3\n  ```\n  ````")
	case is.Block.Incomplete && len(is.Block.IntroducedIn) == 0 && len(is.Block.Problems) == 0:
		add(0, "the `release` block is not filled in yet",
			"replace vX.Y.Z with the first version that has the problem, for example `introduced-in=v1.2.3`")
	}
	for _, s := range is.Summary.Missing {
		add(0, "the section `## "+s+"` is missing", "add the heading, and below it "+asks[s])
	}
	for _, s := range is.Summary.Placeholders {
		add(0, "the section `## "+s+"` is not filled in yet", asks[s])
	}
	j.components(p, is)
	j.wontFix(p, is)
	if is.State != "open" {
		return
	}
	switch set := is.Under(PriorityPrefix); {
	case len(set) > 1:
		add(0, "the issue has several priorities: "+list(set),
			"keep one: "+markdown.Code("/priority "+set[0])+" removes the others")
	case len(set) == 1 && len(p.Required) > 0 && !slices.Contains(p.Required, set[0]):
		add(0, markdown.Code(PriorityPrefix+set[0])+" is not a priority for patch-release issues",
			"comment "+commands("/priority", p.Required)+". What can wait for the next minor version does not need a "+
				"patch-release issue")
	case len(set) == 0 && !p.ruled(is):
		add(0, "the issue has no priority", "comment "+commands("/priority", p.Required))
	}
	if len(is.Under(SIGPrefix)) == 0 && len(p.sigs(is, f)) == 0 {
		add(0, "the issue has no SIG",
			"comment `/sig NAME`, or list the components under `Binaries:` in the root cause")
	}
	for _, a := range f.Facts.Alarms {
		add(0, a.What, a.Fix)
	}
	j.Corrected = is.Block.Corrected
}

// components are those that the issue names and the policy does not know.
func (j *Judgement) components(p Policy, is Issue) {
	if len(p.Binaries) == 0 || !is.Summary.Filled(parse.RootCause) {
		return
	}
	known := slices.Sorted(maps.Keys(p.Binaries))
	for _, b := range is.Summary.Binaries {
		if _, ok := p.Binaries[strings.ToLower(b.Name)]; ok {
			continue
		}
		fix := "correct it, or add it to `binaries` in `" + File + "`. The components are " + list(known)
		if near, ok := parse.Nearest(strings.ToLower(b.Name), known); ok {
			fix = "write `" + near + "`, or add " + markdown.Code(b.Name) + " to `binaries` in `" + File + "`"
		}
		j.Problems = append(j.Problems, Problem{b.Line, markdown.Code(b.Name) + " is not a component of the policy", fix})
	}
}

// wontFix are the lines that get no fix by the word of the author alone, or without one. Whoever may edit the
// description does not decide that: the label of a trusted person does.
func (j *Judgement) wontFix(p Policy, is Issue) {
	for _, w := range is.Block.WontFix {
		if !is.Has(p.wontFix(w.Minor)) {
			j.Problems = append(j.Problems, Problem{w.Line,
				"the issue says that it will not be fixed in " + w.Minor + ", but nobody has agreed to that",
				"ask one of the " + p.Trusted.people() + " to add the label `" + p.wontFix(w.Minor) + "`"})
		}
	}
	for _, l := range is.Labels {
		if minor, ok := p.lineOf(p.Labels.WontFix, l); ok && reasonOf(is.Block, minor) == "" {
			j.Problems = append(j.Problems, Problem{0, "`" + l + "` gives no reason",
				"add the line `wont-fix=" + minor + " REASON` to the `release` block"})
		}
	}
}

// reasonOf is why a line gets no fix, in the author's words.
func reasonOf(b parse.Block, minor string) string {
	for _, w := range b.WontFix {
		if w.Minor == minor {
			return w.Reason
		}
	}
	return ""
}

// ToDefine are the labels that people are asked to put on the issue: GitHub's pages offer only those that are there.
func (p Policy) ToDefine(is Issue) []string {
	var out []string
	for _, w := range is.Block.WontFix {
		out = append(out, p.wontFix(w.Minor))
	}
	return out
}

var (
	keyLine = regexp.MustCompile(`^((introduced|resolved)-in=\S+|wont-fix=\S+ .+)$`)
	fence   = regexp.MustCompile("(`{3,}|~{3,})[a-z]*")
)

// typed is a suggestion of the parser as Markdown: lines that can be typed as they are, and fences, are code.
func typed(suggestion string) string {
	lines := strings.Split(suggestion, "\n")
	if !slices.ContainsFunc(lines, func(l string) bool { return !keyLine.MatchString(l) }) {
		text := "write `" + strings.Join(lines, "` and `") + "`"
		if len(lines) > 1 {
			text += ", each on its own line"
		}
		return text
	}
	text := fence.ReplaceAllString(suggestion, "`` $0 ``")
	if fence.FindString(suggestion) == suggestion {
		text = "begin it with " + text + ", as below"
	}
	return text
}

// ruled says that a rule gives the priority.
func (p Policy) ruled(is Issue) bool {
	return slices.ContainsFunc(p.Rules, func(r Rule) bool {
		return r.Label != "" && is.Has(r.Label) || r.Binary != "" &&
			names(is, r.Binary)
	})
}

// asks are what the sections of the template are for, in its words.
var asks = map[string]string{
	parse.Symptoms:   "describe what users are experiencing",
	parse.RootCause:  "describe the technical cause of the symptoms, and list the components under `Binaries:`",
	parse.Impact:     "describe why this is important enough for a patch, and cannot wait for the next minor version",
	parse.Resolution: "describe how the issue will be, or was, fixed",
	parse.PRs:        "list the pull requests, one per line: `- #23456`",
}

func list(names []string) string { return strings.Join(markdown.Codes(names), ", ") }

func commands(word string, names []string) string {
	if len(names) == 0 {
		return "`" + word + " NAME`"
	}
	return "`" + word + " " + strings.Join(names, "` or `"+word+" ") + "`"
}

// capital begins a sentence, unless something stands before it.
func capital(text string, inside bool) string {
	if text == "" || inside {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Comment is the one comment of a judgement: what to change, or, when there was a comment already, that all is done.
// It is empty while there is nothing to say and nothing was said.
func (j Judgement) Comment(said bool) string {
	if j.Hidden {
		if !said {
			return ""
		}
		return Withheld()
	}
	var b strings.Builder
	switch n := len(j.Problems); {
	case n == 0 && !said && len(j.Told) == 0:
		return ""
	case n == 0 && said:
		b.WriteString("✅ **Resolved.** The description has everything that the reports need.\n")
	case n == 1:
		b.WriteString("**This issue needs one change.** Slipway checks it again when the description changes.\n")
	case n > 1:
		fmt.Fprintf(&b, "**This issue needs %d changes.** Slipway checks it again when the description changes.\n", n)
	}
	if len(j.Problems) > 0 {
		b.WriteString("\n")
	}
	for _, p := range j.Problems {
		b.WriteString("- ")
		if p.Line > 0 {
			fmt.Fprintf(&b, "Line %d: ", p.Line)
		}
		b.WriteString(capital(p.What, p.Line > 0))
		if p.Fix != "" {
			b.WriteString(". **Next:** " + capital(p.Fix, false) + end(p.Fix))
		}
		b.WriteString("\n")
	}
	if j.Corrected != "" {
		b.WriteString("\nThe corrected block, ready to copy:\n\n````markdown\n" + strings.TrimRight(j.Corrected, "\n") +
			"\n````\n")
	}
	if len(j.Told) > 0 {
		b.WriteString("\n")
		for _, t := range j.Told {
			b.WriteString("- " + t + ".\n")
		}
	}
	return strings.TrimLeft(b.String(), "\n")
}

// Withheld is what stands in a comment that was written before its issue came under embargo.
func Withheld() string {
	return "This issue is under embargo. Slipway does not report on it until the embargo ends."
}

// end ends a sentence, unless it ends with a question or a block of code.
func end(text string) string {
	if strings.HasSuffix(text, "?") || strings.HasSuffix(text, "`\n") || strings.HasSuffix(text, "````") {
		return ""
	}
	return "."
}
