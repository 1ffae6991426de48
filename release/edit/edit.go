// Package edit changes the version in a file and nothing else: not a comment, a quote, an order or a line end. It is
// pure, and reads what it changes by the same rule, so that looking and writing cannot disagree.
package edit

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/slipway-dev/slipway/release/repofile"
)

// Edit is one value in one file.
type Edit struct {
	Path string // of the file in the repository
	// Kind is line (a file of one line, such as VERSION), yaml (a scalar at a path), match (the one group of a regular
	// expression that matches once), add (a line KEY: REST at the end of the YAML mapping at a path), or module (the
	// version of a requirement in a go.mod; local means all that a local directory replaces).
	Kind, Arg string
	// Value is what it should be; +minor and +patch are the version after the one that is there.
	Value string
	// Commit is the title of the commit that it belongs to, empty for the one that has no title of its own.
	Commit string
}

// takes says which kinds there are, and which have an argument.
var takes = map[string]bool{"line": false, "yaml": true, "match": true, "add": true, "module": true}

// Kinds are the names of the ways to find a value.
func Kinds() []string {
	return []string{"line", "yaml:PATH", "match:REGEXP", "add:PATH", "module:PATH"}
}

// Parse reads edits, one a line: PATH KIND[:ARG] VALUE. An argument has no blanks; \s stands for one in an expression.
// A line that begins with # is the title of a commit, to which the edits below it belong.
func Parse(text string) ([]Edit, error) {
	var out []Edit
	commit := ""
	for l := range strings.Lines(text) {
		words := strings.Fields(l)
		if len(words) == 0 {
			continue
		}
		if words[0] == "#" {
			commit = strings.Join(words[1:], " ")
			continue
		}
		if len(words) > 3 && strings.HasPrefix(words[1], "add:") {
			_, rest, _ := strings.Cut(l, words[1])
			words = []string{words[0], words[1], strings.TrimSpace(rest)}
		}
		if len(words) != 3 {
			return nil, fmt.Errorf("edit %q: write FILE KIND VALUE, for example: VERSION line 1.2.3",
				strings.TrimSpace(l))
		}
		e := Edit{Path: words[0], Value: words[2], Commit: commit}
		e.Kind, e.Arg, _ = strings.Cut(words[1], ":")
		if arg, known := takes[e.Kind]; !known || arg != (e.Arg != "") {
			return nil, fmt.Errorf("edit %q: %q is none of %s", strings.TrimSpace(l), words[1],
				strings.Join(Kinds(), ", "))
		}
		out = append(out, e)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no edit is named: write FILE KIND VALUE, for example: VERSION line 1.2.3")
	}
	return out, nil
}

// Get is the value as the file has it. Of an entry to be added it is the value where the key is there, whatever it
// says, and nothing where it is not.
func (e Edit) Get(content []byte) (string, error) {
	if e.Kind == "add" {
		_, there, err := e.entry(content)
		if err != nil {
			return "", fmt.Errorf("%s: %w", e.Path, err)
		}
		if there {
			return e.Value, nil
		}
		return "", nil
	}
	if e.Kind == "module" {
		return e.required(content)
	}
	from, to, err := e.find(content)
	if err != nil {
		return "", fmt.Errorf("%s: %w", e.Path, err)
	}
	return string(content[from:to]), nil
}

// Set is the file with the value in its place.
func (e Edit) Set(content []byte) ([]byte, error) {
	switch e.Kind {
	case "add":
		return e.add(content)
	case "module":
		return e.require(content)
	}
	if e.Relative() {
		have, err := e.Get(content)
		if err != nil {
			return nil, err
		}
		if e.Value, err = raised(have, e.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Path, err)
		}
	}
	from, to, err := e.find(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Path, err)
	}
	// A value that YAML would read as a number or a truth gets the quotes that the one before it could do without.
	if e.Kind == "yaml" && !plain(e.Value) && (from == 0 || !bytes.ContainsAny(content[from-1:from], `"'`)) {
		if !simple.MatchString(e.Value) {
			return nil, fmt.Errorf("%s: %q needs quotes, and %s has none", e.Path, e.Value, e.Arg)
		}
		e.Value = `"` + e.Value + `"`
	}
	return slices.Concat(content[:from], []byte(e.Value), content[to:]), nil
}

// Relative says that the value follows from what is there, so that looking cannot tell whether it was written.
func (e Edit) Relative() bool { return e.Value == "+minor" || e.Value == "+patch" }

// raised is the version after have, which is MAJOR.MINOR.PATCH and nothing else.
func raised(have, how string) (string, error) {
	var major, minor, patch int
	if n, err := fmt.Sscanf(have, "%d.%d.%d", &major, &minor, &patch); n != 3 || err != nil ||
		fmt.Sprintf("%d.%d.%d", major, minor, patch) != have {
		return "", fmt.Errorf("%q is no version such as 1.2.3", have)
	}
	if how == "+minor" {
		return fmt.Sprintf("%d.%d.0", major, minor+1), nil
	}
	return fmt.Sprintf("%d.%d.%d", major, minor, patch+1), nil
}

// simple is what quotes need no escapes for.
var simple = regexp.MustCompile(`^[A-Za-z0-9._:+-]+$`)

// plain says that YAML reads the text as itself, without quotes.
func plain(value string) bool {
	var out any
	err := yaml.Unmarshal([]byte(value), &out)
	text, ok := out.(string)
	return err == nil && ok && text == value
}

// find is where the value stands, in bytes.
func (e Edit) find(content []byte) (from, to int, err error) {
	switch e.Kind {
	case "line":
		text := bytes.TrimRight(content, "\r\n")
		if bytes.ContainsAny(text, "\r\n") {
			return 0, 0, fmt.Errorf("it has more than one line")
		}
		trimmed := bytes.TrimSpace(text)
		from = bytes.Index(content, trimmed)
		return from, from + len(trimmed), nil
	case "yaml":
		return e.scalar(content)
	}
	re, err := regexp.Compile("(?m)" + e.Arg)
	if err != nil {
		return 0, 0, err
	}
	if re.NumSubexp() != 1 {
		return 0, 0, fmt.Errorf("the expression %q has %d groups and needs one", e.Arg, re.NumSubexp())
	}
	hits := re.FindAllSubmatchIndex(content, 2)
	if len(hits) != 1 {
		return 0, 0, fmt.Errorf("the expression %q matches %s", e.Arg,
			map[bool]string{true: "nothing", false: "more than once"}[len(hits) == 0])
	}
	return hits[0][2], hits[0][3], nil
}

// entry looks for the key in the mapping, and gives the last entry that the mapping has.
func (e Edit) entry(content []byte) (last *ast.MappingValueNode, there bool, err error) {
	node, err := at(content, e.Arg)
	if err != nil {
		return nil, false, err
	}
	var entries []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		if n.IsFlowStyle {
			return nil, false, fmt.Errorf("%s stands on one line, and cannot be added to safely", e.Arg)
		}
		entries = n.Values
	case *ast.MappingValueNode:
		entries = append(entries, n)
	}
	if len(entries) == 0 {
		return nil, false, fmt.Errorf("%s is no mapping with entries", e.Arg)
	}
	key, _, ok := strings.Cut(e.Value, ": ")
	if !ok {
		return nil, false, fmt.Errorf("%q is no entry; write KEY: VALUE", e.Value)
	}
	for _, entry := range entries {
		if entry.Key.GetToken().Value == strings.Trim(key, `"'`) {
			return nil, true, nil
		}
	}
	return entries[len(entries)-1], false, nil
}

// add writes the entry below the last one, as far in, with the line ends of the file.
func (e Edit) add(content []byte) ([]byte, error) {
	last, there, err := e.entry(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Path, err)
	}
	if there {
		return content, nil
	}
	column := last.Key.GetToken().Position.Column
	end := "\n"
	if bytes.Contains(content, []byte("\r\n")) {
		end = "\r\n"
	}
	// The entry may go on for lines that are further in; what ends it is a line that is not.
	lines := bytes.SplitAfter(content, []byte("\n"))
	n := last.Key.GetToken().Position.Line
	for n < len(lines) {
		text := bytes.TrimLeft(lines[n], " ")
		if in := len(lines[n]) - len(text); len(bytes.TrimSpace(text)) == 0 || in < column {
			break
		}
		n++
	}
	before := bytes.Join(lines[:n], nil)
	if len(before) > 0 && !bytes.HasSuffix(before, []byte("\n")) {
		before = append(before, end...)
	}
	return slices.Concat(before, []byte(strings.Repeat(" ", column-1)+e.Value+end), bytes.Join(lines[n:], nil)), nil
}

// scalar finds a scalar by its path, in the first document of the file.
func (e Edit) scalar(content []byte) (from, to int, err error) {
	node, err := at(content, e.Arg)
	if err != nil {
		return 0, 0, err
	}
	if _, ok := node.(ast.ScalarNode); !ok {
		return 0, 0, fmt.Errorf("%s is no single value", e.Arg)
	}
	value := node.GetToken()
	from = offset(content, value.Position.Line, value.Position.Column)
	quote := ""
	switch value.Type {
	case token.DoubleQuoteType:
		quote = `"`
	case token.SingleQuoteType:
		quote = `'`
	}
	if !bytes.HasPrefix(content[from:], []byte(quote+value.Value+quote)) {
		return 0, 0, fmt.Errorf("%s is written in a way that cannot be changed safely", e.Arg)
	}
	from += len(quote)
	return from, from + len(value.Value), nil
}

// at finds the node at a path, in the first document.
func at(content []byte, where string) (ast.Node, error) {
	path, err := yaml.PathString("$." + where)
	if err != nil {
		return nil, fmt.Errorf("the path %q cannot be read", where)
	}
	if err := repofile.Check(content, repofile.Foreign); err != nil {
		return nil, err
	}
	// The parser counts a CR as a character of its own; without them lines and columns are those of the file.
	file, err := parser.ParseBytes(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), 0)
	if err != nil {
		return nil, fmt.Errorf("it is no YAML: %s", yaml.FormatError(err, false, false))
	}
	if len(file.Docs) > 1 {
		file.Docs = file.Docs[:1]
	}
	node, err := path.FilterFile(file)
	if err != nil {
		return nil, fmt.Errorf("there is no %s in it", where)
	}
	return node, nil
}

// offset is where a line and column are, which count from 1 and in characters.
func offset(content []byte, line, column int) int {
	at := 0
	for range line - 1 {
		i := bytes.IndexByte(content[at:], '\n')
		if i < 0 {
			return len(content)
		}
		at += i + 1
	}
	for range column - 1 {
		_, size := utf8.DecodeRune(content[at:])
		at += size
	}
	return min(at, len(content))
}
