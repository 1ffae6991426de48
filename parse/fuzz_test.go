package parse_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/parse"
)

// lines is the number of lines of a body: a line ends with LF, CRLF or CR.
func lines(body string) int {
	return 1 + strings.Count(body, "\n") + strings.Count(body, "\r") - strings.Count(body, "\r\n")
}

func FuzzCommands(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		before := 0
		for _, c := range parse.Commands(body) {
			if c.Line <= before || c.Line > lines(body) {
				t.Errorf("line %d after %d in a body of %d lines", c.Line, before, lines(body))
			}
			before = c.Line
			if len(c.Words) == 0 || !strings.HasPrefix(c.Words[0], "/") || c.Words[0] != strings.ToLower(c.Words[0]) {
				t.Errorf("the command word of %q is %q", c.Raw, c.Words)
			}
			if text := at(body, c.Line); strings.TrimSpace(text) != c.Raw ||
				len(text)-len(strings.TrimLeft(text, " ")) > 3 {
				t.Errorf("line %d is %q, not %q", c.Line, text, c.Raw)
			}
		}
		// Everything in a quote or a fence is nobody's command.
		if got := parse.Commands("> " + strings.NewReplacer("\r", " ", "\n", "\n> ").Replace(body)); got != nil {
			t.Errorf("a quoted body has commands: %v", got)
		}
		fence := strings.Repeat("`", len(body)+3)
		if got := parse.Commands(fence + "\n" + body + "\n" + fence); got != nil {
			t.Errorf("a fenced body has commands: %v", got)
		}
	})
}

// at is the text of a line, from 1.
func at(body string, number int) string {
	body = strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\r", "\n")
	return strings.Split(body, "\n")[number-1]
}

func FuzzRelease(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		b := parse.Release(body)
		before := 1
		for _, p := range b.Problems {
			if p.Line < before || p.Line > lines(body) || p.Message == "" || p.Suggestion == "" {
				t.Errorf("problem %+v after line %d in a body of %d lines", p, before, lines(body))
			}
			before = p.Line
		}
		for _, versions := range [][]parse.Version{b.IntroducedIn, b.ResolvedIn} {
			for i, v := range versions {
				if !semver.IsValid(v.Text) || v.Line < 1 || v.Line > lines(body) || !strings.Contains(body, v.Typed) {
					t.Errorf("version %+v", v)
				}
				if i > 0 && semver.Compare(versions[i-1].Text, v.Text) >= 0 {
					t.Errorf("%s before %s", versions[i-1].Text, v.Text)
				}
			}
		}
		if !b.Found && b.IntroducedIn != nil {
			t.Error("versions without a block")
		}
		if (b.Corrected == "") != (len(b.Problems) == 0) {
			t.Errorf("%d problems, corrected: %q", len(b.Problems), b.Corrected)
		}
		if b.Corrected == "" {
			return
		}
		again := parse.Release("text\n\n" + strings.ReplaceAll(b.Corrected, "\n", "\r\n") + "\n")
		if !again.Found || len(again.Problems) > 0 {
			t.Errorf("the corrected block\n%s\nhas problems: %+v", b.Corrected, again.Problems)
		}
	})
}

func FuzzDocument(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		d := parse.Document(body)
		text, err := json.Marshal(d)
		if err != nil || strings.Contains(string(text), "null") && !strings.Contains(strings.ToLower(body), "null") {
			t.Errorf("%s, %v", text, err)
		}
		if again, err := json.Marshal(parse.Document(body)); err != nil || string(again) != string(text) {
			t.Errorf("first %s, then %s", text, again)
		}
		before := 1
		for _, p := range d.Problems {
			if p.Line < before || p.Line > lines(body) || p.Suggestion == "" {
				t.Errorf("problem %+v after line %d of %d", p, before, lines(body))
			}
			before = p.Line
		}
		s := parse.Template(body)
		if n := len(s.Sections) + len(s.Missing); n != len(parse.Sections()) {
			t.Errorf("%v are there and %v are missing", s.Sections, s.Missing)
		}
		for _, name := range s.Placeholders {
			if !slices.Contains(s.Sections, name) {
				t.Errorf("%s is a placeholder and not there", name)
			}
		}
		for _, box := range parse.Checkboxes(body) {
			if box.Line < 1 || box.Line > lines(body) {
				t.Errorf("box %+v of %d lines", box, lines(body))
			}
		}
	})
}

func FuzzReplaceSection(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed, "new")
		f.Add(seed+parse.Begin+seed+parse.End+seed, seed)
		f.Add(parse.End+seed+parse.Begin+seed, "```\nx")
	}
	f.Fuzz(func(t *testing.T, body, with string) {
		before, _, after, found := parse.SectionBetween(body, parse.Begin, parse.End)
		got := parse.ReplaceSection(body, with)
		if !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
			t.Errorf("text outside was touched: %q became %q", body, got)
		}
		if !found && before != body {
			t.Errorf("without a section all is before it: %q of %q", before, body)
		}
		if again := parse.ReplaceSection(got, with); again != got {
			t.Errorf("a second time changes %q to %q", got, again)
		}
		newBefore, inside, newAfter, ok := parse.SectionBetween(got, parse.Begin, parse.End)
		if !ok || newAfter != after || !strings.HasPrefix(newBefore, before) ||
			strings.TrimSpace(newBefore[len(before):]) != "" {
			t.Errorf("the new section of %q is found at %q, %q", got, newBefore, newAfter)
		}
		want := strings.NewReplacer(parse.Begin, "&lt;"+parse.Begin[1:], parse.End, "&lt;"+parse.End[1:]).Replace(with)
		if strings.Trim(inside, "\r\n") != strings.Trim(want, "\r\n") {
			t.Errorf("the section holds %q, not %q", inside, want)
		}
		// Replacing once more with something else lands in the same place.
		if other := parse.ReplaceSection(got, "other"); other != parse.ReplaceSection(body, "other") {
			t.Errorf("%q depends on what was there", other)
		}
		if keys := parse.Markers(parse.Marker(with) + body); len(keys) == 0 || keys[0] != with {
			t.Errorf("the mark of %q is read as %q", with, keys)
		}
	})
}
