// Package hostile has texts with which somebody wants a bot to do something, and sees in what a bot wrote whether it
// did. Whoever is mentioned, linked or referred to in these texts does not exist elsewhere: where one of them is alive
// in a text of ours, it came through unescaped.
package hostile

import (
	"math/rand/v2"
	"strings"
)

// sha is no commit of any test.
const sha = "e66e66e66e66e66e66e66e66e66e66e66e66e66e"

// Lines are hostile texts without a line break, as titles, branches and names can be.
func Lines() []string {
	return []string{
		"@everyone", "@evil-org/team", "thanks @evil", "(@evil)", "&#64;evil", "&commat;evil",
		"#66601", "GH-66602", "gh-66602", "evil/repo#66603", "evil/repo@" + sha, sha, "closes #66601",
		"https://evil.test/x", "http://evil.test", "www.evil.test", "evil@evil.test", "<https://evil.test>",
		"https://github.com/evil/repo/issues/66603",
		"[evil](javascript:alert(1))", "[evil](https://evil.test)", "![evil](http://evil.test/x.png)",
		"[evil][1]", "[^evil]", "[evil]: https://evil.test",
		`<img src="//evil.test/x.png">`, `<a href="https://evil.test">evil</a>`, "</details>", "<details><summary>evil",
		"<!--", "-->", "<!-- slipway:begin -->", "<!-- slipway:end -->", "<!-- slipway:key=evil -->",
		"<!-- step:evil -->", "<!-- slipway:copy evil -->",
		"`", "``` evil", "`@evil", "~~~", "$$evil$$", "**evil", "__evil__", "|evil|evil|", `\|evil`, `evil\`, `\\`,
		"# evil", "- [x] evil", "> evil", "1. evil", "/release abort evil", ":evil:", "@",
		"\x1b[31mevil\x1b[0m", "1.2.\u202e3", "ev\u200bil", "\ufeffevil", "evil\u2028# evil", "evil\u0085# evil",
		"<!channel>", "<!subteam^EVIL>", "<@UEVIL>", "<https://evil.test|evil>", "&lt;!channel&gt;", "*evil*", "_evil_",
		`","level":"error","evil":"`, `"}{"level":"error"`, "%0d%0aBcc: evil@evil.test", "${{ secrets.EVIL }}",
		"$(evil)", "{version}", "{evil}", "{{.evil}}", "%s%d%!", "=?utf-8?q?evil?=",
	}
}

// Blocks are hostile texts of several lines, as descriptions, messages and evidence can be.
func Blocks() []string {
	return []string{
		"evil\n\n# evil\n\n- [x] evil\n", "evil\r\nBcc: evil@evil.test\r\n\r\nevil", "evil\n/release abort evil\n",
		"evil\n\nCo-authored-by: evil <evil@evil.test>\nSigned-off-by: evil <evil@evil.test>", "evil\r# evil\r@evil",
		"evil\n```\n@evil\n```\n@evil", "evil\n.\r\nMAIL FROM:<evil@evil.test>\r\n",
		"<!-- slipway:begin -->\nevil\n<!-- slipway:end -->", "evil\n<!-- slipway:key=evil -->\n",
		"| a |\n|---|\n| evil |", "evil\n---\n@evil", "evil\n{\"level\":\"error\",\"evil\":true}\n", "evil\x00evil",
		strings.Repeat("evil ", 13000) + "@evil",
	}
}

// Any makes hostile texts, the same ones for the same seed.
type Any struct{ *rand.Rand }

// From makes them from a seed.
func From(seed uint64) Any { return Any{rand.New(rand.NewPCG(seed, 0))} }

func (a Any) of(list []string) string { return list[a.IntN(len(list))] }

// Line is one to three hostile texts in one line, of at most so many characters.
func (a Any) Line(most int) string {
	text := a.of(Lines())
	for range a.IntN(3) {
		text += []string{" ", "", " and ", "/"}[a.IntN(4)] + a.of(Lines())
	}
	if r := []rune(text); len(r) > most {
		text = string(r[:most])
	}
	return text
}

// Block is a hostile text of several lines.
func (a Any) Block() string { return a.Line(200) + "\n" + a.of(Blocks()) }

// Word is a hostile text that a quoted argument of a command can be.
func (a Any) Word() string {
	return strings.NewReplacer(`"`, "'", `\`, "/", "\n", " ", "\r", " ").Replace(a.Line(200))
}

// Ref is a hostile name that git takes for a branch or a tag.
func (a Any) Ref() string {
	return a.of([]string{"@evil", "evil-org/@evil", "#66601", "GH-66602", "www.evil.test", "</details>", "<!--evil",
		"`@evil`", "$(evil)", "evil|evil", "\"evil\"", "evil;evil", sha, "_evil_", "@evil/`", "evil&#64;evil",
		"ev\u200bil", "1.2.\u202e3"})
}
