package parse_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/parse"
)

// seeds are what the fuzz tests start from, beside testdata/fuzz.
var seeds = []string{
	"", "/release cut", "text\r\n/release hold \"a b\" <!-- x -->\r\n", untouched, filled,
	"> quoted\nlazy\n\n- item\n  ```\n  /release cut\n  ```\n1. a\n   > b\n/sig x",
	"~~~release\nintroduced-in = 1.9.0, v1.8 # x\nresolve-in: v1.8.3\nresolved-in=v1.8.4\nno\n",
	"<p> &#96;&#96;&#96;release </p>\nintroduced-in=v1.7.0\n<p>&#96;&#96;&#96;</p>",
	"`a <!-- ``b` --> `` \\` <!-- c\n--> d\n<pre>\n/x\n</pre>\n<?x\n?>\n<!X>\n<![CDATA[\n]]>",
	"Binaries: a, `b`\n# PRs\n- [x] a/b#1 https://github.com/a/b/pull/2\n- [ ] x <!-- step:a -->\nT\n===\n***\n",
	"\t- a\n\n\t\tb\r>\tc\r\n  \t/release\n-\n  /x\n",
}

// hostile bodies of n bytes are those that other parsers are slow on, and those that reach each bound of this one.
func hostile(n int) map[string]string {
	fill := func(unit string) string { return strings.Repeat(unit, n/len(unit)+1)[:n] }
	growing := func(unit string) string {
		var b strings.Builder
		for i := 1; b.Len() < n; i++ {
			b.WriteString(strings.Repeat(unit, i) + " ")
		}
		return b.String()[:n]
	}
	var shrinking strings.Builder
	for i := 400; i > 2 && shrinking.Len() < n; i-- {
		fence := strings.Repeat("`", i)
		shrinking.WriteString(fence + "\n" + parse.Begin + "\n" + fence + "\n" + parse.End + "\n")
	}
	return map[string]string{
		"backticks":             fill("`"),
		"backticks in words":    "a " + fill("`a "),
		"growing backticks":     "a " + growing("`"),
		"commands":              fill("/release cut\n"),
		"commands in one line":  fill("/release "),
		"quotes":                fill("> "),
		"nested quotes":         fill(">"),
		"quotes by line":        fill(strings.Repeat(">", 100) + "\n"),
		"lists":                 fill("- "),
		"a list, then nothing":  fill("- ")[:n/2] + "x" + fill("\n")[:n/2],
		"deeper lists":          fill("- a\n  - b\n    - c\n      - d\n"),
		"comments begun":        fill("<!--"),
		"comments begun inline": "a " + fill("<!--"),
		"comments":              "a " + fill("<!---->"),
		"comment lines":         fill("<!-- x\n--> y <!--\n"),
		"fences":                fill("```\n"),
		"open fence":            "```\n" + fill("x\n"),
		"open release fence":    "```release\n" + fill("resolved-in=v1.2.3\n"),
		"release fences":        fill("```release\nintroduced-in=v1.2.3\n```\n"),
		"release lines":         "```release\n" + fill("resolved-in=v1.2.3 v1.2.4,\n") + "\n```",
		"release junk":          "```release\n" + fill("x\n") + "\n```",
		"one long value":        "```release\nresolved-in=" + fill("1.2.3 ") + "\n```",
		"one long version":      "```release\nresolved-in=v1.2." + fill("3") + "\n```",
		"entity fences":         fill("&#96;&#96;&#96;release\n"),
		"entity fence, blanks":  fill("&#96;&#96;&#96;release\n\n\n\n\n"),
		"double quotes":         "/release " + fill("\""),
		"backslashes":           "/release " + fill("\\"),
		"headings":              fill("# PRs\n"),
		"pull requests":         "# PRs\n" + fill("- #1 a/b#2 "),
		"binaries":              "Binaries:\n" + fill("- a\n"),
		"boxes":                 fill("- [ ] x <!-- step:a -->\n"),
		"tabs":                  fill("\t"),
		"blanks before text":    fill(" ") + "x",
		"line ends":             fill("\n"),
		"carriage returns":      fill("\r"),
		"setext":                fill("a\n=\n"),
		"marks begun":           fill("<!-- slipway:key="),
		"marks begun, one end":  fill("<!-- slipway:key=a") + " -->",
		"sections begun":        fill(parse.Begin + "\n"),
		"sections ended":        fill(parse.End + "\n"),
		"sections reversed":     fill(parse.End + "\n" + parse.Begin + "\n"),
		"sections in code":      "```\n" + fill(parse.Begin+"\n"+parse.End+"\n") + "\n```",
		"sections in fences":    shrinking.String(),
		"links":                 fill("[a]("),
		"emphasis":              fill("*a_ "),
		"html":                  fill("<a "),
		"pre":                   fill("<pre>\n"),
	}
}

// work does all that a body can be put to.
func work(body string) {
	parse.Document(body)
	parse.Checkboxes(body)
	parse.Markers(body)
	parse.ReplaceSection(body, "x")
}

// Memory grows with the body and not faster, whatever the body is. That the time does, the benchmark shows: compare
// its MB/s at 4 and at 64 KiB.
func TestMemoryIsLinearInTheBody(t *testing.T) {
	allocated := func(body string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		work(body)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	large := hostile(64 << 10)
	for name, small := range hostile(8 << 10) {
		times := float64(len(large[name])) / float64(len(small))
		was, is := allocated(small), allocated(large[name])
		if is > uint64(2*times*float64(was))+64<<10 {
			t.Errorf("%s: %d bytes for a body of %d, %d for %d", name, was, len(small), is, len(large[name]))
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	for _, size := range []int{4 << 10, 64 << 10} {
		bodies := hostile(size)
		ordinary := filled + "\nSome words, with `code` and a [link](https://example.org).\n/release status\n\n"
		bodies["ordinary"] = strings.Repeat(ordinary, size/len(ordinary)+1)[:size]
		for name, body := range bodies {
			b.Run(fmt.Sprintf("%dKiB/%s", size>>10, name), func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					work(body)
				}
			})
		}
	}
}
