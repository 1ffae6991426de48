package repofile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"pgregory.net/rapid"

	"github.com/slipway-dev/slipway/release/repofile"
)

func TestAFileWithTooMuchIsAnswered(t *testing.T) {
	stairs := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + "a:\n")
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		file, want string
		limits     repofile.Limits
	}{
		"a long one": {strings.Repeat("#", 289_012), "the file has 289012 bytes; the limit is 32768; shorten it",
			repofile.Own},
		"brackets": {strings.Repeat("[", 32_000),
			"line 1, column 21: groups and lists are nested 21 deep; the limit is 20; nest less", repofile.Own},
		"braces": {"a: 1\nb: " + strings.Repeat("{a: ", 8_000),
			"line 2, column 80: groups and lists are nested 21 deep; the limit is 20; nest less", repofile.Own},
		"brackets behind quotes and comments that close none": {strings.Repeat("[ ']', \"]\", #]\n", 30),
			"line 21, column 1: groups and lists are nested 21 deep; the limit is 20; nest less", repofile.Own},
		"dashes": {strings.Repeat("- ", 16_000),
			"line 1, column 41: groups and lists are nested 21 deep; the limit is 20; nest less", repofile.Own},
		"dashes between brackets": {"[" + strings.Repeat("- a: !t ", 4_000),
			"line 1, column 135: groups and lists are nested 21 deep; the limit is 20; nest less", repofile.Own},
		"question marks": {strings.Repeat("? ", 16_000),
			"line 1, column 41: groups and lists are nested 21 deep; the limit is 20; nest less", repofile.Own},
		"stairs": {stairs(30), "line 21, column 22: groups and lists are nested 21 deep; the limit is 20; nest less",
			repofile.Own},
		"an alias": {"a: &a [1]\nb: *a\n",
			"line 1, column 4: anchors and aliases are not allowed here; write the value out", repofile.Own},
		"an alias alone": {"b: *a\n",
			"line 1, column 4: anchors and aliases are not allowed here; write the value out", repofile.Own},
		"many aliases": {"a: &a [1]\nb: [" + strings.Repeat("*a, ", 10) + "]\n",
			"line 2, column 41: this is anchor or alias number 11; the limit is 10; write the value out",
			repofile.Foreign},
		"as deep as it may be":    {stairs(20), "", repofile.Own},
		"text that looks like it": {"a: |\n " + strings.Repeat("[", 100) + "\nb: '&a *b'\nc: a[[[[&b*\n", "", repofile.Own},
		"two documents":           {stairs(15) + "---\n" + stairs(15), "", repofile.Own},
		"one after the other":     {strings.Repeat("a: [[[[]]]]\n", 50), "", repofile.Own},
		"a few aliases":           {"a: &a [1]\nb: [*a, *a]\n", "", repofile.Foreign},
		"nothing":                 {"", "", repofile.Own},
	} {
		err := repofile.Check([]byte(c.file), c.limits)
		got := ""
		if much, is := errors.AsType[*repofile.TooMuch](err); is {
			got = much.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q (%v)\nwant %q", name, got, err, c.want)
		}
	}
}

// What the parser makes of a file that passed is nested no deeper than a few times the limit, whatever the file is
// made of: no punctuation opens a level that the check does not count.
func TestWhatPassesIsNotDeep(t *testing.T) {
	pieces := []string{"[", "]", "{", "}", "- ", "? ", ": ", "a: ", "a", ", ", "\n", " ", "  ", "'", "\"", "#", "|\n",
		">\n", "!t ", "--- ", "\n---\n", "...\n", "\t", "- a: ", "- - ", "{a: ", "\n  - ", "%", "\\", "\r\n", "<<: "}
	limits := repofile.Limits{Bytes: 1 << 10, Depth: 4}
	rapid.Check(t, func(t *rapid.T) {
		file := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 120).Draw(t, "file"), "")
		if repofile.Check([]byte(file), limits) != nil {
			return
		}
		parsed, err := parser.ParseBytes([]byte(file), 0, parser.AllowDuplicateMapKey())
		if err != nil {
			return
		}
		for _, doc := range parsed.Docs {
			if deep := depth(doc.Body); deep > 3*limits.Depth {
				t.Fatalf("%q passes, and is nested %d deep", file, deep)
			}
		}
	})
}

func depth(n ast.Node) int {
	deepest := 0
	in := func(all ...ast.Node) {
		for _, one := range all {
			deepest = max(deepest, depth(one))
		}
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			in(v.Key, v.Value)
		}
	case *ast.MappingValueNode:
		in(n.Key, n.Value)
	case *ast.SequenceNode:
		in(n.Values...)
	case *ast.MappingKeyNode:
		in(n.Value)
	case *ast.TagNode:
		return depth(n.Value)
	default:
		return 0
	}
	return deepest + 1
}
