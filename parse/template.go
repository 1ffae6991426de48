package parse

import (
	"slices"
	"strconv"
	"strings"
)

// Summary is what the body of a patch-release issue says after the summary template of the Kubernetes document.
type Summary struct {
	// Sections are the headings of the template that the body has, in the order of the body, each once.
	Sections []string
	// Missing are those that it has not, in the order of the template; Placeholders those with nothing below them but
	// white space or the template's own text.
	Missing, Placeholders []string
	// Binaries are the items below "Binaries:", and PRs the pull requests of the PRs section, each once, in the order
	// of the body. They may be the template's own examples: see Placeholders.
	Binaries []Binary
	PRs      []PullRequest
	// Embargoed says that the body leaves the details to the security team (Kubernetes document, "Communicating
	// security fixes to the community"): nothing may be missing then, and nothing of it may be quoted.
	Embargoed bool
}

// Filled says that the section is there with a text of its own.
func (s Summary) Filled(section string) bool {
	return slices.Contains(s.Sections, section) && !slices.Contains(s.Placeholders, section)
}

// Binary is a component that the issue names.
type Binary struct {
	Line int
	Name string
}

// PullRequest is a reference to a pull request.
type PullRequest struct {
	Line   int
	Repo   string // owner/name, empty for the repository of the issue
	Number int
}

// String is the short form that GitHub links: #23456 or org/repo#23456.
func (p PullRequest) String() string { return p.Repo + "#" + strconv.Itoa(p.Number) }

// Sections of the template, in its order.
const (
	Symptoms   = "Symptoms"
	RootCause  = "Root cause"
	Impact     = "Impact"
	Resolution = "Resolution"
	PRs        = "PRs"
)

// Sections are the sections of the template, in its order.
func Sections() []string { return []string{Symptoms, RootCause, Impact, Resolution, PRs} }

// Template reads the sections of a body.
func Template(body string) Summary { return template(scan(body)) }

func template(lines []line) Summary {
	var t templateReader
	for _, l := range lines {
		t.line(l)
	}
	t.end()
	for _, name := range Sections() {
		if !slices.Contains(t.Sections, name) {
			t.Missing = append(t.Missing, name)
		} else if !t.filled[name] {
			t.Placeholders = append(t.Placeholders, name)
		}
	}
	t.Embargoed = embargoed(lines)
	return t.Summary
}

// templateReader goes through the lines of a body.
type templateReader struct {
	Summary
	section string
	level   uint8
	filled  map[string]bool
	own     bool // the section holds a text of its own
	neutral bool // it holds lines that the template has as well, but that may be meant
	prompt  bool // it holds a line that only the template can have written
	listing bool // the lines are items of Binaries:
}

func (t *templateReader) line(l line) {
	if l.place == comment && l.bare == "" {
		return
	}
	text := strings.TrimSpace(l.bare)
	if l.heading > 0 {
		title := strings.TrimSpace(strings.Trim(text, "#"))
		if name, ok := sectionName(title); ok {
			t.begin(name, l.heading)
			return
		}
		if l.heading <= t.level {
			t.end()
		}
		if !strings.EqualFold(strings.TrimRight(title, ":"), "binaries") {
			t.listing = false
			return
		}
		text = "Binaries:"
	}
	if text == "" {
		return
	}
	if l.place == prose {
		t.binaries(l.number, text)
		if t.section == PRs {
			t.pulls(l.number, text)
		}
	}
	if t.section == "" || t.own {
		return // nothing more to learn
	}
	switch plain := normal(text); {
	case prompt(t.section, plain):
		t.prompt = true
	case t.section == RootCause && (plain == "binaries:" || plain == "- kubectl"):
		t.neutral = true
	case !underline(text):
		t.own = true
	}
}

func (t *templateReader) begin(name string, level uint8) {
	t.end()
	t.section, t.level = name, level
	if !slices.Contains(t.Sections, name) {
		t.Sections = append(t.Sections, name)
	}
}

func (t *templateReader) end() {
	if t.section != "" && (t.own || t.neutral && !t.prompt) {
		if t.filled == nil {
			t.filled = map[string]bool{}
		}
		t.filled[t.section] = true
	}
	t.section, t.level, t.own, t.neutral, t.prompt, t.listing = "", 0, false, false, false, false
}

// binaries reads "Binaries:" with the items below it, or with names behind it in the same line.
func (t *templateReader) binaries(number int, text string) {
	if names, ok := binaryNames(text); ok {
		t.listing = true
		for name := range strings.FieldsFuncSeq(names, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' }) {
			t.binary(number, name)
		}
		return
	}
	if !t.listing {
		return
	}
	width, ok := bullet(text, false)
	if !ok {
		t.listing = false
		return
	}
	rest := text[width:]
	if _, boxed, isBox := box(text); isBox {
		rest = boxed
	}
	if fields := strings.Fields(rest[:min(len(rest), 300)]); len(fields) > 0 {
		t.binary(number, fields[0])
	}
}

// binaryNames is what stands behind "Binaries:", which may be bold.
func binaryNames(text string) (names string, ok bool) {
	title, names, ok := strings.Cut(text[:min(len(text), 2000)], ":")
	if !ok || len(title) > 16 || !strings.EqualFold(strings.Trim(title, "*_ "), "binaries") {
		return "", false
	}
	return names, true
}

func (t *templateReader) binary(number int, name string) {
	name = strings.Trim(name, "`*_\"'()[],;:.")
	if name == "" || slices.ContainsFunc(t.Binaries, func(b Binary) bool { return b.Name == name }) ||
		len(t.Binaries) >= mostNames {
		return
	}
	t.Binaries = append(t.Binaries, Binary{Line: number, Name: name})
}

// mostNames bounds the binaries and the pull requests of one issue.
const mostNames = 200

// sectionName is the section that a heading begins. Issue forms and people change case, colons and number.
func sectionName(title string) (string, bool) {
	if len(title) > 40 {
		return "", false
	}
	switch title = normal(strings.Trim(title, "*_: \t")); title {
	case "pr", "prs", "pull request", "pull requests":
		return PRs, true
	case "symptom":
		return Symptoms, true
	case "root causes":
		return RootCause, true
	}
	for _, name := range Sections() {
		if strings.EqualFold(name, title) {
			return name, true
		}
	}
	return "", false
}

// prompt says that the line is one that the template and GitHub's issue forms put below a heading for somebody to
// write over.
func prompt(section, plain string) bool {
	switch plain {
	case "_no response_", "no response", "tbd", "todo", "n/a", "...", "…", "-", "*", "e.g.":
		return true
	case "what users are experiencing":
		return section == Symptoms
	case "the technical cause of the symptoms including the list of components / binaries",
		"the technical cause of the symptoms, including the list of components / binaries",
		"kubectl was incorrectly calculating the patch for apply. when diffing foo...":
		return section == RootCause
	case "why this is important enough to warrant a patch vs waiting until the next minor release":
		return section == Impact
	case "how the issue will be (was) fixed":
		return section == Resolution
	case "- #23456", "- #", "#23456", "#":
		return section == PRs
	}
	return false
}

// normal is a line in lower case with single spaces and without its full stop.
func normal(text string) string {
	if len(text) > 200 {
		return text // no line of the template is as long
	}
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	if strings.HasSuffix(text, "..") || text == "e.g." {
		return text
	}
	return strings.TrimSuffix(text, ".")
}

// underline says that the line only underlines a heading or separates.
func underline(text string) bool {
	return text != "" && strings.Trim(text, "=-*_ ") == ""
}

// embargoed looks for the sentence that the owner works with the security team, in what a reader sees.
func embargoed(lines []line) bool {
	var b strings.Builder
	for _, l := range lines {
		if l.place != prose {
			continue
		}
		for word := range strings.FieldsSeq(l.bare) {
			b.WriteString(strings.ToLower(word))
			b.WriteByte(' ')
		}
	}
	text := b.String()
	return slices.ContainsFunc([]string{
		"product security team", "security response committee", "security response team", "committee/security-response",
		"with the security team", "product security committee",
	}, func(phrase string) bool { return strings.Contains(text, phrase) })
}
