package parse_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/slipway-dev/slipway/parse"
)

func TestCommands(t *testing.T) {
	type command = parse.Command
	say := func(line int, words ...string) command { return command{Line: line, Words: words} }
	for _, c := range []struct {
		name, body string
		want       []command
	}{
		{"a line is a command", "/release cut", []command{say(1, "/release", "cut")}},
		{"several lines are several commands, in order", "/release plan\ntext\n/release cut\n",
			[]command{say(1, "/release", "plan"), say(3, "/release", "cut")}},
		{"CRLF ends a line", "/release plan\r\n\r\n/release cut\r\n",
			[]command{say(1, "/release", "plan"), say(3, "/release", "cut")}},
		{"a lone CR ends a line", "text\r/release cut", []command{say(2, "/release", "cut")}},
		{"up to three spaces may stand before it", "   /release cut", []command{say(1, "/release", "cut")}},
		{"the command word is read in lower case, its arguments as typed", "/RELEASE start V1",
			[]command{say(1, "/release", "start", "V1")}},
		{"foreign commands are found too", "/lgtm\n/release-note-none",
			[]command{say(1, "/lgtm"), say(2, "/release-note-none")}},
		{"a command may follow text in its paragraph", "please\n/release cut", []command{say(2, "/release", "cut")}},
		{"a no-break space separates words", "/release\u00a0cut", []command{say(1, "/release", "cut")}},

		{"a path is no command", "/usr/bin/env", nil},
		{"a slash in the middle of a line is none", "try /release cut", nil},
		{"a slash alone is none", "/\n/ release\n//release", nil},
		{"four spaces make code", "    /release cut", nil},
		{"a tab makes code", "\t/release cut", nil},
		{"four spaces in a paragraph make no command either", "text\n    /release cut", nil},
		{"fenced code is skipped", "```\n/release cut\n```\n/release plan", []command{say(4, "/release", "plan")}},
		{"tildes fence as well", "~~~ sh\n/release cut\n~~~", nil},
		{"a shorter fence does not close a longer one", "````\n```\n/release cut\n````", nil},
		{"the other mark does not close a fence", "```\n~~~\n/release cut\n```", nil},
		{"a fence with an info string does not close", "```\n``` x\n/release cut\n```", nil},
		{"a fence that is never closed runs to the end", "```\n\n\n/release cut", nil},
		{"a closing fence may be indented", "```\nx\n   ```\n/release cut", []command{say(4, "/release", "cut")}},
		{"backticks in a line are no fence", "``` x ``` y\n/release cut", []command{say(2, "/release", "cut")}},
		{"a quote is skipped", "> /release cut", nil},
		{"a quote goes on lazily", "> quoted\n/release cut", nil},
		{"a quote in a quote goes on lazily", "> > quoted\n/release cut", nil},
		{"a list in a quote goes on lazily", "> - quoted\n/release cut", nil},
		{"a blank line ends a quote", "> quoted\n\n/release cut", []command{say(3, "/release", "cut")}},
		{"a quoted fence ends with its quote", "> ```\n> /release plan\n/release cut",
			[]command{say(3, "/release", "cut")}},
		{"a quoted heading does not go on", "> # Title\n/release cut", []command{say(2, "/release", "cut")}},
		{"a fence after a quote is no continuation", "> quoted\n```\n/release plan\n```\n/release cut",
			[]command{say(5, "/release", "cut")}},
		{"a comment over lines is skipped", "<!--\n/release cut\n-->\n/release plan",
			[]command{say(4, "/release", "plan")}},
		{"a comment goes over blank lines", "<!-- one\n\n/release cut\n\n--> text\n/release plan",
			[]command{say(6, "/release", "plan")}},
		{"a comment that is never closed hides the rest", "<!--\n\n/release cut", nil},
		{"a comment in a paragraph is skipped", "text <!-- one\n/release cut\n--> two", nil},
		{"what is shown although a comment was begun counts", "text <!-- one\n\n/release cut",
			[]command{say(3, "/release", "cut")}},
		{"a comment behind a command is no argument", "/release cut <!-- please -->",
			[]command{say(1, "/release", "cut")}},
		{"a second comment on the closing line hides on", "<!-- a --> <!-- b\n/release cut\n-->", nil},
		{"a comment in a fence is text", "```\n<!--\n```\n/release cut", []command{say(4, "/release", "cut")}},
		{"a code span over lines is skipped", "text `one\n/release cut\ntwo` three", nil},
		{"a code span ends with its paragraph", "text `one\n\n/release cut\n`", []command{say(3, "/release", "cut")}},
		{"a comment mark in a code span is text", "the mark `<!--` begins a comment\n/release cut",
			[]command{say(2, "/release", "cut")}},
		{"an escaped backtick opens nothing", "a \\` b\n/release cut\nc `", []command{say(2, "/release", "cut")}},
		{"preformatted HTML is skipped", "<pre>\n\n/release cut\n\n</pre>\n/release plan",
			[]command{say(6, "/release", "plan")}},
		{"a folded part is read", "<details>\n\n/release cut\n\n</details>", []command{say(3, "/release", "cut")}},
		{"a fence in a list item is skipped", "- item\n  ```\n  /release cut\n  ```\n", nil},
		{"a fence in a numbered item is skipped", "1. item\n\n   ```\n   /release cut\n   ```\n", nil},
		{"a fence behind a list mark is skipped", "- ```\n  /release cut\n  ```\n", nil},
		{"a fence in a list item ends with the item", "- ```\n  code\n\n/release cut",
			[]command{say(4, "/release", "cut")}},
		{"a quote in a list item goes on lazily", "- > quoted\n/release cut", nil},
		{"an item is no command", "- /release cut", nil},
		{"quotes deeper than anybody nests go on lazily", strings.Repeat("> ", 200) + "quoted\n/release cut", nil},

		{"double quotes keep words together", `/release hold "CI is down" now`,
			[]command{say(1, "/release", "hold", "CI is down", "now")}},
		{"single quotes keep words together", `/release hold 'say "no"'`,
			[]command{say(1, "/release", "hold", `say "no"`)}},
		{"typographic quotes keep words together", "/release hold “CI is down”",
			[]command{say(1, "/release", "hold", "CI is down")}},
		{"quotes may stand in a word", `/release start 1.0 from="a b"`,
			[]command{say(1, "/release", "start", "1.0", "from=a b")}},
		{"an empty quote is a word", `/release hold ""`, []command{say(1, "/release", "hold", "")}},
		{"an apostrophe is part of its word", `/release hold it isn't green`,
			[]command{say(1, "/release", "hold", "it", "isn't", "green")}},
		{"a backslash takes the next character as it is", `/release hold \"a\ b`,
			[]command{say(1, "/release", "hold", `"a b`)}},
		{"a backslash in quotes is one, but before a quote", `/release hold "C:\temp \"x\""`,
			[]command{say(1, "/release", "hold", `C:\temp "x"`)}},
		{"a quote that is never closed says what to type", `/release hold "CI is`, []command{{
			Line: 1, Words: []string{"/release", "hold", "CI is"},
			Err: `a double quote is never closed: type " at its end, or \" for a quote that is part of the text`,
		}}},
		{"a single quote that is never closed says what to type", `/release hold 'CI is`, []command{{
			Line: 1, Words: []string{"/release", "hold", "CI is"},
			Err: `a single quote is never closed: type ' at its end, or \' for an apostrophe at the start of a word`,
		}}},
		{"a backslash at the end says what to type", `/release hold CI\`, []command{{
			Line: 1, Words: []string{"/release", "hold", "CI"},
			Err: `a backslash stands at the end of the line: take it away, or type \\ for one that is part of the text`,
		}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, parse.Commands(c.body), cmpopts.IgnoreFields(command{}, "Raw")); diff != "" {
				t.Errorf("commands of %q (-want +got):\n%s", c.body, diff)
			}
		})
	}
}

func TestRawIsTheLineAsTyped(t *testing.T) {
	got := parse.Commands("  /Release  hold \"a b\" <!-- x -->\r\n")
	want := []parse.Command{{Line: 1, Words: []string{"/release", "hold", "a b"},
		Raw: `/Release  hold "a b" <!-- x -->`}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOurs(t *testing.T) {
	got := map[string]bool{}
	for _, c := range parse.Commands("/release\n/priority x\n/sig x\n/remove-priority\n/remove-sig x\n/milestone " +
		"x\n/cherry-pick x\n" +
		"/release-note\n/release-note-none\n/cherrypick x\n/hold\n/kind bug\n/version driver-API-version-major") {
		got[c.Words[0]] = parse.Ours(c)
	}
	want := map[string]bool{
		"/release": true, "/priority": true, "/sig": true, "/remove-priority": true, "/remove-sig": true,
		"/milestone": true, "/cherry-pick": true,
		"/release-note": false, "/release-note-none": false, "/cherrypick": false, "/hold": false, "/kind": false,
		"/version": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"start", "plan", "approve", "next", "why", "status", "freeze", "branch", "rc", "thaw", "cut",
		"publish", "hold", "resume", "retry", "abort"}
	for _, c := range []struct{ name, typed, want string }{
		{"two letters swapped", "ctu", "cut"},
		{"a letter too few", "freze", "freeze"},
		{"a letter too many", "planm", "plan"},
		{"a wrong letter", "abart", "abort"},
		{"two slips in a long word", "aproev", "approve"},
		{"a beginning wins over a slip", "pub", "publish"},
		{"a beginning with two candidates is the first", "re", "resume"},
		{"an ending too much", "starting", "start"},
		{"case does not matter", "FREEZ", "freeze"},
		{"nothing near is no suggestion", "deploy", ""},
		{"one letter is nothing near", "x", ""},
		{"nothing typed is nothing near", "", ""},
		{"letters are not bytes", "çut", "cut"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := parse.Nearest(c.typed, words)
			if got != c.want || ok != (c.want != "") {
				t.Errorf("nearest to %q is %q, %t; want %q", c.typed, got, ok, c.want)
			}
		})
	}
}
