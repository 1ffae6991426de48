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

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/test/hostile"
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
		{"a whole SHA refers to nothing", "0123456789abcdef0123456789abcdef01234567",
			"01234567\u200b89abcdef0123456789abcdef01234567", "`0123456789abcdef0123456789abcdef01234567`",
			"01234567\u200b89abcdef0123456789abcdef01234567"},
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
	for _, no := range []string{"", "javascript:alert(1)", "//evil.test", "mailto:a@b.c"} {
		if got := markdown.Link("build", no); got != "`build`" {
			t.Error(got)
		}
	}
	if got := markdown.Link("x", "https://ci.test/a) @x ![](b"); got != "[x](https://ci.test/a%29%20@x%20!%5B%5D%28b)" {
		t.Error(got)
	}
}

func TestNotesKeepWhatGitHubWrote(t *testing.T) {
	given := "<!-- Release notes generated using configuration in .github/release.yml at main -->\n\n## What's Changed\n" +
		"### @org/team <b>\n* @everyone <!-- slipway:key=x --> by @ada in https://github.com/a/b/pull/1\n" +
		"* closes #3 by @renovate[bot] in https://github.com/a/b/pull/2\n\n## New Contributors\n" +
		"* @ben made their first contribution in https://github.com/a/b/pull/2\n* @everyone\n\n" +
		"**Full Changelog**: https://github.com/a/b/compare/v1...v2"
	want := "<!-- Release notes generated using configuration in .github/release.yml at main -->\n\n## What's Changed\n" +
		"### @\u200borg/team &lt;b&gt;\n" +
		"* @\u200beveryone &lt;!-- slipway:key=x --&gt; by @ada in https://github.com/a/b/pull/1\n" +
		"* closes #\u200b3 by @renovate[bot] in https://github.com/a/b/pull/2\n\n## New Contributors\n" +
		"* @ben made their first contribution in https://github.com/a/b/pull/2\n\\* @\u200beveryone\n\n" +
		"**Full Changelog**: https://github.com/a/b/compare/v1...v2"
	if got := markdown.Notes(given); got != want {
		t.Errorf("the notes are\n%s\nwant\n%s", got, want)
	}
}

func TestAPlainValueIsOneWord(t *testing.T) {
	for _, yes := range []string{"0.9.0", "release/0.21.x", "v1.2.3-rc.1+build", "quay.io/a/b:v1",
		"quay.io/a/b@sha256:0123", "0123456789abcdef0123456789abcdef01234567", "Dockerfile_x"} {
		if !markdown.Plain(yes) {
			t.Errorf("%q is not plain", yes)
		}
	}
	for _, no := range append(hostile.Blocks(), "", " ", "@a", "a@b", "GH-1", "a/GH-1", "www.a.b", "https://a.b", "a b",
		"a`", "a\n", "<a>", "a#1", "-a", strings.Repeat("a", 201), "a\u200b") {
		if markdown.Plain(no) {
			t.Errorf("%q is plain", no)
		}
	}
}

// Each place for text of other people, with each hostile text in it.
func TestNothingOfAHostileTextIsAlive(t *testing.T) {
	for _, given := range append(hostile.Lines(), hostile.Blocks()...) {
		title := strings.Join(strings.Fields(given), " ") // which GitHub makes of it
		page := "- x: " + markdown.Text(given) + " and " + markdown.Code(given) + ", " + markdown.Quote(given) + ", " +
			markdown.Link(given, "https://ci.test/"+given) + "\n\n| a | b |\n|---|---|\n| " +
			markdown.Cell(markdown.Code(given)) + " | x " + markdown.Text(given) + " |\n\n" +
			markdown.Block("text", given) + "\n\n" + markdown.Notes("* x "+title+" by @a in https://x.test/1") + "\n"
		page = strings.ReplaceAll(page, "https://ci.test/", "https://ci.test/?q=")
		for _, problem := range hostile.Markdown(page) {
			if !strings.HasPrefix(problem, "a link: https://ci.test/?q=") {
				t.Errorf("%.60q: %s", given, problem)
			}
		}
		for _, problem := range hostile.Title("x " + markdown.Title(given)) {
			t.Errorf("%.60q as a title: %s", given, problem)
		}
	}
}

func render(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := gfm.Convert([]byte(text), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	oneBlock = regexp.MustCompile(`^<p>a</p>\n<pre><code class="language-text">[^<]*</code></pre>\n<p>b</p>\n$`)
	oneLink  = regexp.MustCompile(`^<p>a <a href="[^"<>]*">[^<]*</a> b</p>\n$`)
	oneItem  = regexp.MustCompile(`^<ul>\n<li>[^<]* by @a in <a href="https://x.test/1">[^<]*</a></li>\n</ul>\n$`)
)

func FuzzPlacesForTextOfOtherPeople(f *testing.F) {
	for _, seed := range append(hostile.Lines(), hostile.Blocks()...) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		if got := render(t, "a\n\n"+markdown.Block("text", given)+"\n\nb\n"); !oneBlock.MatchString(got) {
			t.Errorf("as a block %q is rendered as %q", given, got)
		}
		if keys := parse.Markers(markdown.Block("text", given)); len(keys) > 0 {
			t.Errorf("as a block %q has the marks %q", given, keys)
		}
		if got := render(t, "a "+markdown.Link("x"+given, "https://ci.test/"+given)+" b\n"); !oneLink.MatchString(got) {
			t.Errorf("as a link %q is rendered as %q", given, got)
		}
		if strings.ContainsAny(given, "\r\n") {
			return // no title has a line break
		}
		if got := render(t, markdown.Notes("* x"+given+" by @a in https://x.test/1")+"\n"); !oneItem.MatchString(got) {
			t.Errorf("in notes %q is rendered as %q", given, got)
		}
	})
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
