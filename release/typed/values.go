package typed

import (
	"fmt"
	pathlib "path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Scope is what the words of a file may name.
type Scope struct {
	// Names are those that a template may use.
	Names []string
	// Words are, by type, the words that there are: "role", "track", "phase", "edits".
	Words map[string][]string
	// Values are the templates of the names that the process derives, so that a name made of them can be looked at.
	Values map[string]string
	// Unread says that the part of the file which defines them could not be read: any name will do.
	Unread bool
}

// Sample is a text with something in place of each name: what the process says of it, and a letter else.
func (in Scope) Sample(text string) string {
	return template.ReplaceAllStringFunc(text, func(name string) string {
		if value := in.Values[name[1:len(name)-1]]; value != "" && !in.Unread {
			return template.ReplaceAllString(value, "x")
		}
		return "x"
	})
}

// A Value is a word of its own type, which says what is wrong with a text that is to be one. An empty why means
// nothing. The method must not look at its receiver.
type Value interface {
	Wrong(text string, in Scope) (why, fix string)
}

// Text may hold {names}, which are filled in when it is used. {{ and }} stand for the braces themselves.
type Text string

// Ref is a Text that becomes the name of a branch or tag, or the SHA of a commit.
type Ref string

// Path is a Text that becomes a path in a repository; Glob is one that may be a pattern, such as charts/*/Chart.yaml.
type (
	Path string
	Glob string
)

// Commit is a Text that has to be the full SHA of a commit when it is used.
type Commit string

// Role, Track and Phase are names that the process defines.
type (
	Role  string
	Track string
	Phase string
)

// Workflow is the name of a file in .github/workflows.
type Workflow string

// Word is what people type in a command: small letters, digits and dashes.
type Word string

// Repo is OWNER/NAME, or a Text that becomes one.
type Repo string

// Regexp is a regular expression of Go.
type Regexp string

// Span is a length of time: 48h, 5d.
type Span time.Duration

var (
	template = regexp.MustCompile(`\{([^{}]*)\}`)
	word     = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	workflow = regexp.MustCompile(`^[A-Za-z0-9._-]+\.ya?ml$`)
	repo     = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}$`)
	ref      = regexp.MustCompile(`^[^\s~^:?*\[\\]+$`)
	span     = regexp.MustCompile(`^([1-9][0-9]{0,3})([mhd])$`)
)

// Wrong implements Value.
func (Text) Wrong(text string, in Scope) (why, fix string) {
	bare := strings.NewReplacer("{{", "", "}}", "").Replace(text)
	for _, found := range template.FindAllStringSubmatch(bare, -1) {
		if !in.Unread && !slices.Contains(in.Names, found[1]) {
			return "nothing is called " + found[0] + " here", Suggest(found[1], in.Names)
		}
	}
	if strings.ContainsAny(template.ReplaceAllString(bare, ""), "{}") {
		return "a { or a } stands alone", "write {name} with both, or double it: {{"
	}
	return "", ""
}

// Wrong implements Value.
func (Ref) Wrong(text string, in Scope) (why, fix string) {
	if why, fix = Text("").Wrong(text, in); why != "" {
		return why, fix
	}
	if !ref.MatchString(in.Sample(text)) {
		return strconv.Quote(text) + " is no name of a branch or tag", "leave out spaces and the letters ~ ^ : ? * [ \\"
	}
	return "", ""
}

// Wrong implements Value.
func (Path) Wrong(text string, in Scope) (why, fix string) {
	if why, fix = Text("").Wrong(text, in); why != "" {
		return why, fix
	}
	bare := in.Sample(text)
	if strings.ContainsAny(bare, " \t") || pathlib.Clean(bare) != bare || strings.HasPrefix(bare, "/") ||
		strings.HasPrefix(bare, "..") {
		return strconv.Quote(text) + " is no path in a repository", "write one without spaces from the top of the " +
			"repository, such as docs/VERSION"
	}
	return "", ""
}

// Wrong implements Value.
func (Glob) Wrong(text string, in Scope) (why, fix string) {
	if why, fix = Path("").Wrong(text, in); why != "" {
		return why, fix
	}
	if _, err := pathlib.Match(in.Sample(text), ""); err != nil || strings.Contains(text, "**") {
		return strconv.Quote(text) + " is no pattern of files", "write one with * for a part of a path, such as " +
			"charts/*/Chart.yaml"
	}
	return "", ""
}

var sha = regexp.MustCompile(`^[0-9a-f]{40}$`)

// Wrong implements Value.
func (Commit) Wrong(text string, in Scope) (why, fix string) {
	if why, fix = Text("").Wrong(text, in); why != "" {
		return why, fix
	}
	if m := template.FindString(text); m == text || sha.MatchString(text) {
		return "", ""
	}
	return strconv.Quote(text) + " is no commit", "write the name that `pin:` gives it, such as \"{sha}\""
}

// Word says what is wrong with the name of a kind of thing that the process defines.
func (in Scope) Word(kind, text string) (why, fix string) {
	if words := in.Words[kind]; !in.Unread && !slices.Contains(words, text) {
		return fmt.Sprintf("there is no %s %q", kind, text), Suggest(text, words)
	}
	return "", ""
}

// Wrong implements Value.
func (Role) Wrong(text string, in Scope) (why, fix string) { return in.Word("role", text) }

// Wrong implements Value.
func (Track) Wrong(text string, in Scope) (why, fix string) { return in.Word("track", text) }

// Wrong implements Value.
func (Phase) Wrong(text string, in Scope) (why, fix string) { return in.Word("phase", text) }

// Wrong implements Value.
func (Workflow) Wrong(text string, _ Scope) (why, fix string) {
	if workflow.MatchString(text) {
		return "", ""
	}
	return strconv.Quote(text) + " is no file of a workflow",
		"write the name of a file in .github/workflows, such as release.yaml"
}

// Wrong implements Value.
func (Word) Wrong(text string, _ Scope) (why, fix string) {
	if word.MatchString(text) {
		return "", ""
	}
	return strconv.Quote(text) + " cannot be typed in a command", "use small letters, digits and dashes"
}

// Wrong implements Value.
func (Repo) Wrong(text string, in Scope) (why, fix string) {
	if why, fix = Text("").Wrong(text, in); why != "" {
		return why, fix
	}
	if template.MatchString(text) || repo.MatchString(text) {
		return "", ""
	}
	return strconv.Quote(text) + " is no repository", "write OWNER/NAME, such as falcosecurity/libs"
}

// Wrong implements Value.
func (Regexp) Wrong(text string, _ Scope) (why, fix string) {
	if _, err := regexp.Compile(text); err != nil {
		return strconv.Quote(text) + " is no regular expression: " +
			strings.TrimPrefix(err.Error(), "error parsing regexp: "), "see https://pkg.go.dev/regexp/syntax"
	}
	return "", ""
}

// parseSpan reads 30m, 48h and 5d: at least a minute, and at most 366 days.
func parseSpan(text string) (Span, bool) {
	m := span.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	d := time.Duration(n) * map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[2]]
	return Span(d), err == nil && d <= 366*24*time.Hour
}

// Duration is the span as Go has it.
func (s Span) Duration() time.Duration { return time.Duration(s) }

// String is the span as a file has it: 5d, 48h, 30m.
func (s Span) String() string {
	d := time.Duration(s)
	switch {
	case d%(24*time.Hour) == 0 && d > 48*time.Hour:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dm", d/time.Minute)
}

// MarshalText writes it into the log of a release.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads it back.
func (s *Span) UnmarshalText(text []byte) error {
	read, ok := parseSpan(string(text))
	if !ok && string(text) != "0h" {
		return fmt.Errorf("read a span: %q is none", text)
	}
	*s = read
	return nil
}

// Single is a Text that becomes one word: a value in a file, a path in YAML.
type Single string

// Wrong implements Value.
func (Single) Wrong(text string, in Scope) (why, fix string) {
	if why, fix = Text("").Wrong(text, in); why != "" {
		return why, fix
	}
	if strings.ContainsFunc(in.Sample(text), unicode.IsSpace) {
		return strconv.Quote(text) + " is more than one word", "leave the spaces out"
	}
	return "", ""
}

// Raw is any value of a file, as YAML in one line: {protect: true}. Its texts may hold {names}.
type Raw string

// Decode implements Decoder.
func (v *Raw) Decode(r *Reader, n *Node, path string) {
	if why, fix := rawWrong(n, r.Scope); why != "" {
		r.Wrong(n, path, why, fix)
		return
	}
	*v = Raw(flow(n))
}

func rawWrong(n *Node, in Scope) (why, fix string) {
	if n.Sort == Scalar && !n.Bare {
		return Text("").Wrong(n.Text, in)
	}
	for _, f := range n.Fields {
		if why, fix = rawWrong(f.Value, in); why != "" {
			return why, fix
		}
	}
	for _, item := range n.Items {
		if why, fix = rawWrong(item, in); why != "" {
			return why, fix
		}
	}
	return "", ""
}

// flow writes a node in one line. Text stands in quotes as JSON has them, which YAML reads alike; the braces of groups
// are doubled, because those of a template stand alone.
func flow(n *Node) string {
	switch n.Sort {
	case Mapping:
		parts := make([]string, len(n.Fields))
		for i, f := range n.Fields {
			parts[i] = f.Name + ": " + flow(f.Value)
		}
		return "{{ " + strings.Join(parts, ", ") + " }}"
	case List:
		parts := make([]string, len(n.Items))
		for i, item := range n.Items {
			parts[i] = flow(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Null:
		return "null"
	}
	if n.Bare {
		return n.Text
	}
	return strconv.Quote(n.Text)
}
