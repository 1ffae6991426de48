package parse_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/parse"
)

func TestReplaceSection(t *testing.T) {
	const b, e = parse.Begin, parse.End
	fresh := b + "\nnew\n" + e
	for _, c := range []struct{ name, body, want string }{
		{"an empty body gets a section", "", fresh},
		{"a body without a section gets one behind its text", "Hello", "Hello\n\n" + fresh},
		{"a line end is not doubled", "Hello\n", "Hello\n\n" + fresh},
		{"CRLF stays CRLF", "Hello\r\n\r\n", "Hello\r\n\r\n" + fresh},
		{"the section is replaced, and nothing else", "Hello\r\n" + b + "\nold\n" + e + "\r\n\tbye  ",
			"Hello\r\n" + fresh + "\r\n\tbye  "},
		{"text in the line of a mark stays", "Hello " + b + "old" + e + " bye", "Hello " + fresh + " bye"},
		{"a begin alone stays", "Hello\n" + b + "\nmine", "Hello\n" + b + "\nmine\n\n" + fresh},
		{"an end alone stays", "Hello\n" + e + "\nmine", "Hello\n" + e + "\nmine\n\n" + fresh},
		{"reversed marks stay", e + "\nmine\n" + b, e + "\nmine\n" + b + "\n\n" + fresh},
		{"a begin without its end loses no text to a later section", b + "\nmine\n" + b + "\nold\n" + e,
			b + "\nmine\n" + fresh},
		{"of two sections the first is ours", b + "\nold\n" + e + "\nmine\n" + b + "\nolder\n" + e,
			fresh + "\nmine\n" + b + "\nolder\n" + e},
		{"a second end stays", b + "\nold\n" + e + "\nmine\n" + e, fresh + "\nmine\n" + e},
		{"an example in a fence is the user's", "```\n" + b + "\nx\n" + e + "\n```\n",
			"```\n" + b + "\nx\n" + e + "\n```\n\n" + fresh},
		{"an example in a list item's fence is the user's", "- ~~~\n  " + b + "\n  " + e + "\n  ~~~\n",
			"- ~~~\n  " + b + "\n  " + e + "\n  ~~~\n\n" + fresh},
		{"a quoted section is the user's", "> " + b + "\n> x\n> " + e, "> " + b + "\n> x\n> " + e + "\n\n" + fresh},
		{"indented code is the user's", "    " + b + "\n    " + e, "    " + b + "\n    " + e + "\n\n" + fresh},
		{"marks shown as code are the user's", "`" + b + "` and `" + e + "`",
			"`" + b + "` and `" + e + "`\n\n" + fresh},
		{"a section below a fence that is never closed is found", "```\nmine\n\n" + b + "\nold\n" + e,
			"```\nmine\n\n" + fresh},
		{"a section below a comment that is never closed is found", "<!-- mine\n\n" + b + "\nold\n" + e,
			"<!-- mine\n\n" + fresh},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := parse.ReplaceSection(c.body, "new")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if again := parse.ReplaceSection(got, "new"); again != got {
				t.Errorf("a second time changes it (-first +second):\n%s", cmp.Diff(got, again))
			}
			if inside, found := parse.Section(got); inside != "new" || !found {
				t.Errorf("the section holds %q, %t", inside, found)
			}
		})
	}
}

func TestMarksWithinASectionDoNotEndIt(t *testing.T) {
	body := parse.ReplaceSection("Hello", "a "+parse.End+" b "+parse.Begin+" c")
	if body = parse.ReplaceSection(body, "new"); body != "Hello\n\n"+parse.Begin+"\nnew\n"+parse.End {
		t.Errorf("got %q", body)
	}
}

func TestSectionBetweenOtherMarks(t *testing.T) {
	type section struct {
		Before, Inside, After string
		Found                 bool
	}
	split := func(body string) section {
		before, inside, after, found := parse.SectionBetween(body, "<!-- a -->", "<!-- /a -->")
		return section{before, inside, after, found}
	}
	if diff := cmp.Diff(section{"one\n", "two", "\nthree", true},
		split("one\n<!-- a -->\r\ntwo\r\n<!-- /a -->\nthree")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(section{Before: "one"}, split("one")); diff != "" {
		t.Error(diff)
	}
}

func TestMarkersHoldAnyKey(t *testing.T) {
	keys := []string{"libs-0.21.0/cut/1", "a--b", "-->", "<!-- x", "", "a b\nc", "50%", "ü", "\x00", "--"}
	var body strings.Builder
	for _, key := range keys {
		mark := parse.Marker(key)
		inside := strings.TrimSuffix(strings.TrimPrefix(mark, "<!--"), "-->")
		if strings.Contains(inside, "--") || strings.ContainsAny(inside, "<>\n") {
			t.Errorf("the mark of %q breaks out: %s", key, mark)
		}
		body.WriteString("text\n" + mark + " <!-- slipway:key=damaged\n`<!-- slipway:key=quoted -->`\n")
	}
	if diff := cmp.Diff(keys, parse.Markers(body.String())); diff != "" {
		t.Error(diff)
	}
}

func TestCheckboxes(t *testing.T) {
	got := parse.Checkboxes("- [ ] one <!-- step:branch -->\r\n* [x] two\n1. [X] three <!-- x --> <!-- step:a/b " +
		"-->\n  - [ ] four\n" +
		"```\n- [ ] code\n```\n> - [ ] quoted\n\n- [y] no box\n- [x]none\n<!--\n- [ ] hidden\n-->\n- [ ] <!-- " +
		"step:fake --> five")
	want := []parse.Checkbox{
		{Line: 1, Text: "one", ID: "branch"},
		{Line: 2, Checked: true, Text: "two"},
		{Line: 3, Checked: true, Text: "three <!-- x -->", ID: "a/b"},
		{Line: 4, Text: "four"},
		{Line: 15, Text: "<!-- step:fake --> five"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
