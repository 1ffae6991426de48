package markdown_test

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"github.com/slipway-dev/slipway/release/markdown"
)

func TestTextOfOtherPeople(t *testing.T) {
	tests := []struct {
		name, given       string
		text, code, title string
	}{
		{"plain words stay", "Fix the scheduler", "Fix the scheduler", "`Fix the scheduler`", "Fix the scheduler"},
		{"a mention notifies nobody", "thanks @octocat", "thanks @\u200boctocat", "`thanks @octocat`",
			"thanks @\u200boctocat"},
		{"a reference refers to nothing", "see #12 and a/b#3", "see #\u200b12 and a/b#\u200b3", "`see #12 and a/b#3`",
			"see #\u200b12 and a/b#\u200b3"},
		{"GH-3 refers to nothing", "GH-3, gh-4", "GH\u200b-3, gh\u200b-4", "`GH-3, gh-4`", "GH\u200b-3, gh\u200b-4"},
		{"a word that ends in gh- stays", "high-level", "high-level", "`high-level`", "high-level"},
		{"a bare URL is no link", "https://github.com/a/b/issues/1", "https:\u200b//github.com/a/b/issues/1",
			"`https://github.com/a/b/issues/1`", "https:\u200b//github.com/a/b/issues/1"},
		{"www is no link", "www.evil.test", "www\u200b.evil.test", "`www.evil.test`", "www\u200b.evil.test"},
		{"a Markdown link is text", "[x](/y)", "(x)(/y)", "`[x](/y)`", "[x](/y)"},
		{"HTML is text", "<img src=x> <!-- a -->", "&lt;img src=x&gt; &lt;!-- a --&gt;", "`<img src=x> <!-- a -->`",
			"<img src=x> <!-- a -->"},
		{"an entity is text", "&#64;octocat", "&amp;#\u200b64;octocat", "`&#64;octocat`", "&#\u200b64;octocat"},
		{"a bar ends no cell", `a|b\|c`, `a\|b\\\|c`, "`a|b\\|c`", `a|b\|c`},
		{"emphasis is text", "*a* __b__ ~~c~~", `\*a\* \_\_b\_\_ \~\~c\~\~`, "`*a* __b__ ~~c~~`", "*a* __b__ ~~c~~"},
		{"an underscore in a name stays", "publish_images", "publish_images", "`publish_images`", "publish_images"},
		{"a backtick ends no code", "a`b", "a'b", "`a'b`", "a`b"},
		{"lines become one", "a\n\n- b\r\nc", "a - b c", "`a - b c`", "a - b c"},
		{"right-to-left is shown", "1.2.\u202e3", `1.2.\\u202e3`, "`1.2.\\u202e3`", `1.2.\u202e3`},
		{"zero width is shown", "1\u200b.2\ufeff", `1\\u200b.2\\ufeff`, "`1\\u200b.2\\ufeff`", `1\u200b.2\ufeff`},
		{"nothing is named", " ", "", "(nothing)", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, got := range [][3]string{
				{"Text", markdown.Text(test.given), test.text},
				{"Code", markdown.Code(test.given), test.code},
				{"Title", markdown.Title(test.given), test.title},
			} {
				if got[1] != got[2] {
					t.Errorf("%s(%q) is %q, want %q", got[0], test.given, got[1], got[2])
				}
			}
		})
	}
}

func TestALongTextIsCut(t *testing.T) {
	long := strings.Repeat("é", 300)
	for got, want := range map[string]int{markdown.Text(long): 257, markdown.Code(long): 121} {
		if n := utf8.RuneCountInString(strings.Trim(got, "`")); n != want || !utf8.ValidString(got) {
			t.Errorf("%d characters are left, want %d: %s", n, want, got)
		}
	}
}

func TestALinkNeedsAnAddress(t *testing.T) {
	if got := markdown.Link("build ] @x", "https://ci.test/1"); got != "[build ) @\u200bx](https://ci.test/1)" {
		t.Error(got)
	}
	if got := markdown.Link("build", ""); got != "`build`" {
		t.Error(got)
	}
}

var (
	gfm    = goldmark.New(goldmark.WithExtensions(extension.GFM))
	tags   = regexp.MustCompile(`<[^>]*>`)
	cellOf = regexp.MustCompile(`(?s)<tbody>\n<tr>\n<td>(.*?)</td>\n<td>end</td>\n</tr>\n</tbody>`)
	// linked is what GitHub makes a mention or a reference of, in rendered text.
	linked = regexp.MustCompile(`(?i)@[a-z0-9]|#[0-9]|\bgh-[0-9]|://|\bwww\.`)
)

func inCell(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := gfm.Convert([]byte("| a | b |\n|---|---|\n| "+text+" | end |\n"), &b); err != nil {
		t.Fatal(err)
	}
	m := cellOf.FindStringSubmatch(b.String())
	if m == nil {
		t.Fatalf("%q breaks the table:\n%s", text, b.String())
	}
	return m[1]
}

func FuzzTextOfOtherPeople(f *testing.F) {
	for _, seed := range []string{
		"@a #1 GH-3 https://x.y www.x.y", "<b>&lt;", "a|b\\|c\\", "`a` ``b``", "[a](b) ![c](d) [e]: f",
		"*a* _b_ ~c~ **d**",
		"\u202e\u200b", "a\n\n# b\n|--|", "&#64;x &commat;x", "x@y.zz mailto:a@b.cc", "\\@ \\# \\` \\<", "$x$ :smile:",
		"…", "\x00\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		text, code, title := markdown.Text(given), markdown.Code(given), markdown.Title(given)
		for name, got := range map[string]string{"Text": text, "Code": code, "Title": title} {
			if strings.ContainsAny(got, "\r\n") || !utf8.ValidString(got) {
				t.Errorf("%s is not one valid line: %q", name, got)
			}
		}
		if shown := html.UnescapeString(text); linked.MatchString(shown) || linked.MatchString(title) {
			t.Errorf("a mention, a reference or a link is left in %q or %q", text, title)
		}
		if got := inCell(t, text); tags.MatchString(got) {
			t.Errorf("%q is rendered as %q", text, got)
		}
		if code != "(nothing)" {
			got := inCell(t, markdown.Cell(code))
			if inner := strings.TrimSuffix(strings.TrimPrefix(got, "<code>"), "</code>"); len(got)-len(inner) != 13 ||
				tags.MatchString(inner) {
				t.Errorf("%q is rendered as %q", code, got)
			}
		}
		if !strings.HasSuffix(title, "…") && markdown.Title(title) != title {
			t.Errorf("a second time changes %q to %q", title, markdown.Title(title))
		}
	})
}
