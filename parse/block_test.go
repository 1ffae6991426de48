package parse_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/parse"
)

// told is a block as a person would tell it.
type told struct {
	Found, Incomplete bool
	Introduced        string // the versions, with their lines where they are not the only ones
	Resolved          string
	WontFix           string   // "1.29 reason", with / between them
	Problems          []string // "line 3: message -> suggestion", with (warning) in front
	Corrected         string
}

func tell(b parse.Block) told {
	texts := func(versions []parse.Version) string {
		var out []string
		for _, v := range versions {
			out = append(out, v.Text)
		}
		return strings.Join(out, " ")
	}
	t := told{Found: b.Found, Incomplete: b.Incomplete, Introduced: texts(b.IntroducedIn),
		Resolved: texts(b.ResolvedIn)}
	var wont []string
	for _, w := range b.WontFix {
		wont = append(wont, w.Minor+" "+w.Reason)
	}
	t.WontFix = strings.Join(wont, "/")
	for _, p := range b.Problems {
		text := "line " + itoa(p.Line) + ": " + p.Message + " -> " + p.Suggestion
		if p.Warning {
			text = "(warning) " + text
		}
		t.Problems = append(t.Problems, text)
	}
	if b.Corrected != "" {
		t.Corrected = strings.TrimSuffix(strings.TrimPrefix(b.Corrected, "```release\n"), "\n```")
	}
	return t
}

func fenced(lines ...string) string { return "```release\n" + strings.Join(lines, "\n") + "\n```\n" }

func TestBlocksThatAreRight(t *testing.T) {
	whole := told{Found: true, Introduced: "v1.25.1", Resolved: "v1.25.2"}
	for _, c := range []struct {
		name, body string
		want       told
	}{
		{"the document's form, two blocks",
			"```release\nintroduced-in=v1.25.1\n```\n\n```release\nresolved-in=v1.25.2\nresolved-in=v1.26.0\n```",
			told{Found: true, Introduced: "v1.25.1", Resolved: "v1.25.2 v1.26.0"}},
		{"both keys in one block", fenced("introduced-in=v1.25.1", "resolved-in=v1.25.2"), whole},
		{"CRLF, as GitHub's web page sends it",
			strings.ReplaceAll(fenced("introduced-in=v1.25.1", "resolved-in=v1.25.2"), "\n", "\r\n"), whole},
		{"spaces, capitals, comments and blank lines",
			fenced("", "# since the refactoring", "  Introduced-In = v1.25.1  ", "", "RESOLVED-IN=\tV1.25.2"), whole},
		{"a capital in the name of the fence", "```Release  \nintroduced-in=v1.25.1\nresolved-in=v1.25.2\n```", whole},
		{"tildes, and more of them", "~~~~ release\nintroduced-in=v1.25.1\nresolved-in=v1.25.2\n~~~~~", whole},
		{"a fence that is indented", "   ```release\n   introduced-in=v1.25.1\n   resolved-in=v1.25.2\n   ```", whole},
		{"a fence in a list item", "- see\n  ```release\n  introduced-in=v1.25.1\n  resolved-in=v1.25.2\n  ```", whole},
		{"the v may be missing", fenced("introduced-in=1.9.0"), told{Found: true, Introduced: "v1.9.0"}},
		{"one resolved-in for each branch",
			fenced("introduced-in=v1.7.0", "resolved-in=v1.8.11", "resolved-in=v1.7.16"),
			told{Found: true, Introduced: "v1.7.0", Resolved: "v1.7.16 v1.8.11"}},
		{"a regression of two patch releases",
			fenced("introduced-in=v1.25.1", "introduced-in=v1.24.5", "resolved-in=v1.25.2", "resolved-in=v1.24.6"),
			told{Found: true, Introduced: "v1.24.5 v1.25.1", Resolved: "v1.24.6 v1.25.2"}},
		{"a fix three days later", fenced("introduced-in=v1.27.0", "resolved-in=v1.27.1"),
			told{Found: true, Introduced: "v1.27.0", Resolved: "v1.27.1"}},
		{"the last release of a branch", fenced("introduced-in=v1.18.19", "resolved-in=v1.18.20"),
			told{Found: true, Introduced: "v1.18.19", Resolved: "v1.18.20"}},
		{"a burned release between", fenced("introduced-in=v1.18.10", "resolved-in=v1.18.12"),
			told{Found: true, Introduced: "v1.18.10", Resolved: "v1.18.12"}},
		{"a fix after the end of life", fenced("introduced-in=v1.24.0", "resolved-in=v1.24.17"),
			told{Found: true, Introduced: "v1.24.0", Resolved: "v1.24.17"}},
		{"a security fix on several branches, one after its end of life",
			fenced("introduced-in=v1.8.0", "resolved-in=v1.28.4", "resolved-in=v1.25.16"),
			told{Found: true, Introduced: "v1.8.0", Resolved: "v1.25.16 v1.28.4"}},
		{"an unplanned release", fenced("introduced-in=v1.28.0", "resolved-in=v1.28.1"),
			told{Found: true, Introduced: "v1.28.0", Resolved: "v1.28.1"}},
		{"versions are in order of their numbers",
			fenced("introduced-in=v1.9.0", "resolved-in=v1.10.0", "resolved-in=v1.9.1"),
			told{Found: true, Introduced: "v1.9.0", Resolved: "v1.9.1 v1.10.0"}},
		{"a pre-release", fenced("introduced-in=v1.10.0-beta.1", "resolved-in=v1.10.0-rc.1"),
			told{Found: true, Introduced: "v1.10.0-beta.1", Resolved: "v1.10.0-rc.1"}},
		{"not resolved yet", fenced("introduced-in=v1.9.0"), told{Found: true, Introduced: "v1.9.0"}},
		{"lines that will get no fix, with reasons",
			fenced("introduced-in=v1.8.0", "wont-fix=1.8 it ends in December", "Wont-Fix = v1.10 nobody  uses it"),
			told{Found: true, Introduced: "v1.8.0", WontFix: "1.8 it ends in December/1.10 nobody uses it"}},
		{"placeholders are not filled in", fenced("introduced-in=vX.Y.Z") + fenced("resolved-in=vX.Y.Z",
			"resolved-in=vX.Y+1.Z"), told{Found: true, Incomplete: true}},
		{"a placeholder is left in", fenced("introduced-in=v1.9.0", "resolved-in=vX.Y.Z"),
			told{Found: true, Incomplete: true, Introduced: "v1.9.0"}},
		{"an empty value is not filled in", fenced("introduced-in=v1.9.0", "resolved-in="),
			told{Found: true, Incomplete: true, Introduced: "v1.9.0"}},
		{"nothing says since when", fenced("resolved-in=v1.9.1"),
			told{Found: true, Incomplete: true, Resolved: "v1.9.1"}},

		{"no block", "introduced-in=v1.9.0", told{}},
		{"a release note is another bot's",
			"```release-note\nintroduced-in=v1.9.0\n```\n```release-notes\nresolved-in=v1.9.1\n```", told{}},
		{"a block in a comment is the template's", "<!--\n" + fenced("introduced-in=v1.9.0") + "-->", told{}},
		{"a block in a quote is somebody else's", "> ```release\n> introduced-in=v1.9.0\n> ```", told{}},
		{"a block in a fence is an example", "````\n" + fenced("introduced-in=v1.9.0") + "````", told{}},
		{"a block in indented code is an example", "    ```release\n    introduced-in=v1.9.0\n    ```", told{}},
		{"a fence of another name is none", "```go\nx := 1\n```", told{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, tell(parse.Release(c.body))); diff != "" {
				t.Errorf("block of %q (-want +got):\n%s", c.body, diff)
			}
		})
	}
}

func TestBlocksThatAreWrong(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       told
	}{
		{"two numbers are no version", fenced("introduced-in=v1.7.0", "resolved-in=v1.8"), told{
			Found: true, Introduced: "v1.7.0",
			Problems: []string{"line 3: `v1.8` is not a version: it needs three numbers, and at most -alpha.N, " +
				"-beta.N or -rc.N behind them -> write all of the version, such as resolved-in=v1.30.4, or leave the " +
				"line out until it is known"},
			Corrected: "introduced-in=v1.7.0\n# line 3, not a version: resolved-in=v1.8",
		}},
		{"a pre-release without its point", fenced("introduced-in=v1.10.0-rc1"), told{
			Found: true, Incomplete: true,
			Problems: []string{"line 2: `v1.10.0-rc1` is not a version: it needs three numbers, and at most " +
				"-alpha.N, -beta.N or -rc.N behind them -> introduced-in=v1.10.0-rc.1"},
			Corrected: "introduced-in=v1.10.0-rc.1",
		}},
		{"build metadata", fenced("introduced-in=v1.10.0+k3s1"), told{
			Found: true, Incomplete: true,
			Problems: []string{"line 2: `v1.10.0+k3s1` is not a version: it needs three numbers, and at most " +
				"-alpha.N, -beta.N or -rc.N behind them -> introduced-in=v1.10.0"},
			Corrected: "introduced-in=v1.10.0",
		}},
		{"lines that will get no fix, and how not to say so",
			fenced("wont-fix=1.8", "wont-fix=v1.8.3 too old", "wontfix=1.9 too old", "wont-fix=1.7 too old",
				"wont-fix=1.7 too old indeed"), told{
				Found: true, Incomplete: true, WontFix: "1.7 too old",
				Problems: []string{
					"line 2: wont-fix=1.8 gives no reason -> write the reason behind it, such as wont-fix=1.8 it gets " +
						"no more patches",
					"line 3: `v1.8.3` is not a release line: it is two numbers, such as 1.29 -> write the line and the " +
						"reason, such as wont-fix=1.29 it gets no more patches",
					"line 4: there is no key `wontfix` -> wont-fix=1.9 too old",
					"line 6: wont-fix=1.7 stands in the block already -> take one of the two away",
				},
				Corrected: "introduced-in=vX.Y.Z\nwont-fix=1.9 too old\nwont-fix=1.7 too old\n" +
					"# line 2, without a reason: wont-fix=1.8\n# line 3, not a release line: wont-fix=v1.8.3 too old\n" +
					"# line 6, said twice: wont-fix=1.7 too old indeed",
			}},
		{"a zero-width space behind a version, and one in it",
			fenced("introduced-in=v1.30.1\u200b", "resolved-in=v1.31.\u200b1"), told{
				Found: true, Incomplete: true,
				Problems: []string{
					"line 2: `v1.30.1` holds a character that cannot be seen, U+200B, perhaps from copying it -> " +
						"introduced-in=v1.30.1",
					"line 3: `v1.31. 1` holds a character that cannot be seen, U+200B, perhaps from copying it -> " +
						"resolved-in=v1.31.1",
				},
				Corrected: "introduced-in=v1.30.1\nresolved-in=v1.31.1",
			}},
		{"two resolved-in on one branch", fenced("introduced-in=v1.8.0", "resolved-in=v1.8.12", "resolved-in=v1.8.11"),
			told{
				Found: true, Introduced: "v1.8.0", Resolved: "v1.8.11 v1.8.12",
				Problems: []string{"line 3: resolved-in=v1.8.12 and resolved-in=v1.8.11 in line 4 are both on v1.8, " +
					"and a branch is resolved once -> keep the first release that has the fix: resolved-in=v1.8.11"},
				Corrected: "introduced-in=v1.8.0\nresolved-in=v1.8.11\n# line 3, a second resolved-in on v1.8: " +
					"resolved-in=v1.8.12",
			}},
		{"the same twice", fenced("introduced-in=v1.8.0", "introduced-in=1.8.0"), told{
			Found: true, Introduced: "v1.8.0",
			Problems: []string{"(warning) line 3: introduced-in=v1.8.0 stands in line 2 already -> take one of the " +
				"two away"},
			Corrected: "introduced-in=v1.8.0",
		}},
		{"resolved before it was introduced",
			fenced("introduced-in=v1.9.4", "resolved-in=v1.9.3", "resolved-in=v1.9.5"), told{
				Found: true, Introduced: "v1.9.4", Resolved: "v1.9.3 v1.9.5",
				Problems: []string{"line 3: resolved-in=v1.9.3 is older than introduced-in=v1.9.4 in line 2 -> " +
					"resolved-in is a release of v1.9 that came out after v1.9.4: correct one of the two"},
				Corrected: "introduced-in=v1.9.4\nresolved-in=v1.9.5\n# line 3, older than introduced-in=v1.9.4: " +
					"resolved-in=v1.9.3",
			}},
		{"resolved on a branch that never had it", fenced("introduced-in=v1.9.0", "resolved-in=v1.8.3"), told{
			Found: true, Introduced: "v1.9.0", Resolved: "v1.8.3",
			Problems: []string{"(warning) line 3: resolved-in=v1.8.3 is on a branch that is older than v1.9, where " +
				"the issue was introduced -> if v1.8 was affected, add the introduced-in of that branch; else take " +
				"this line away"},
			Corrected: "introduced-in=v1.9.0\n# line 3, older than the branch that introduced it, v1.9: " +
				"resolved-in=v1.8.3",
		}},
		{"text behind the version", fenced("introduced-in=v1.9.0 (I think)"), told{
			Found: true, Introduced: "v1.9.0",
			Problems:  []string{"(warning) line 2: the text behind the version is not read -> introduced-in=v1.9.0"},
			Corrected: "introduced-in=v1.9.0",
		}},
		{"a comment behind the version", fenced("introduced-in=v1.9.0 # v1.8.0 is fine"), told{
			Found: true, Introduced: "v1.9.0",
			Problems:  []string{"(warning) line 2: the text behind the version is not read -> introduced-in=v1.9.0"},
			Corrected: "introduced-in=v1.9.0",
		}},
		{"several versions in one line", fenced("introduced-in=v1.7.0", "resolved-in=v1.7.16, v1.8.11"), told{
			Found: true, Introduced: "v1.7.0", Resolved: "v1.7.16 v1.8.11",
			Problems: []string{"(warning) line 3: several versions stand in one line -> " +
				"resolved-in=v1.7.16\nresolved-in=v1.8.11"},
			Corrected: "introduced-in=v1.7.0\nresolved-in=v1.7.16\nresolved-in=v1.8.11",
		}},
		{"a key that is mistyped", fenced("introduced-in=v1.7.0", "resolve-in=v1.7.16"), told{
			Found: true, Introduced: "v1.7.0",
			Problems:  []string{"line 3: there is no key `resolve-in` -> resolved-in=v1.7.16"},
			Corrected: "introduced-in=v1.7.0\nresolved-in=v1.7.16",
		}},
		{"a key that nobody knows", fenced("introduced-in=v1.7.0", "severity=high"), told{
			Found: true, Introduced: "v1.7.0",
			Problems: []string{"line 3: there is no key `severity` -> the keys are introduced-in, resolved-in and " +
				"wont-fix; begin the line with # to make it a comment"},
			Corrected: "introduced-in=v1.7.0\n# line 3, not understood: severity=high",
		}},
		{"a colon for the sign", fenced("introduced-in: v1.7.0"), told{
			Found: true, Incomplete: true,
			Problems: []string{"line 2: the sign between `introduced-in` and its version is missing: it is = -> " +
				"introduced-in=v1.7.0"},
			Corrected: "introduced-in=v1.7.0",
		}},
		{"a list in the block", fenced("- introduced-in=v1.7.0"), told{
			Found: true, Incomplete: true,
			Problems:  []string{"line 2: there is no key `- introduced-in` -> introduced-in=v1.7.0"},
			Corrected: "introduced-in=v1.7.0",
		}},
		{"prose in the block", fenced("introduced-in=v1.7.0", "@all it is bad ``` <!--"), told{
			Found: true, Introduced: "v1.7.0",
			Problems: []string{"line 3: `@all it is bad ''' <!--` is not of the form key=version -> write " +
				"introduced-in=vX.Y.Z or resolved-in=vX.Y.Z, or begin the line with # to make it a comment"},
			Corrected: "introduced-in=v1.7.0\n# line 3, not understood: @all it is bad ``` <!--",
		}},
		{"a fence that is never closed", "text\n```release\nintroduced-in=v1.7.0\n\n## Symptoms\nIt breaks", told{
			Found: true, Introduced: "v1.7.0",
			Problems: []string{"line 2: the release block that begins here is never closed, so all that follows is " +
				"part of it -> add a line with ``` below line 3"},
			Corrected: "introduced-in=v1.7.0",
		}},
		{"fences written as HTML entities",
			"<p> &#96;&#96;&#96;release " +
				"</p>\nintroduced-in=v1.7.0\n<p>&#96;&#96;&#96;</p>\n\n&#x60;&#x60;&#x60;release\n\n" +
				"resolved-in=v1.7.1\n\n## Symptoms", told{
				Found: true, Introduced: "v1.7.0", Resolved: "v1.7.1",
				Problems: []string{
					"line 1: the fence of this release block is written as HTML entities, so GitHub shows it as text " +
						"-> ```release",
					"line 5: the fence of this release block is written as HTML entities, so GitHub shows it as text " +
						"-> ```release",
				},
				Corrected: "introduced-in=v1.7.0\nresolved-in=v1.7.1",
			}},
		{"a fence whose name is mistyped", "```relase\nintroduced-in=v1.7.0\n```", told{
			Problems: []string{"(warning) line 1: this block is called `relase`, so it is not read as a release " +
				"block -> ```release"},
			Corrected: "introduced-in=v1.7.0",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := parse.Release(c.body)
			if diff := cmp.Diff(c.want, tell(got)); diff != "" {
				t.Errorf("block of %q (-want +got):\n%s", c.body, diff)
			}
			if again := parse.Release(got.Corrected); len(again.Problems) > 0 || !again.Found {
				t.Errorf("the corrected block has problems:\n%s\n%v", got.Corrected, again.Problems)
			}
		})
	}
}

func TestVersionsKnowTheirLineAndHowTheyWereTyped(t *testing.T) {
	got := parse.Release("text\n" + fenced("introduced-in=1.9.0"))
	want := []parse.Version{{Line: 3, Typed: "1.9.0", Text: "v1.9.0"}}
	if diff := cmp.Diff(want, got.IntroducedIn); diff != "" {
		t.Error(diff)
	}
	if minor := got.IntroducedIn[0].Minor(); minor != "v1.9" {
		t.Errorf("its branch is %s", minor)
	}
}

func TestABodyFullOfMistakesIsAnsweredWithinBounds(t *testing.T) {
	got := parse.Release(fenced(strings.Repeat("no\n", 1000)))
	if n := len(got.Problems); n != 26 {
		t.Errorf("%d problems", n)
	}
	want := parse.Problem{Line: 26, Message: "there are 975 more problems in the release block",
		Suggestion: "copy the corrected block"}
	if diff := cmp.Diff(want, got.Problems[25]); diff != "" {
		t.Error(diff)
	}
}
