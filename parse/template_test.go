package parse_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/parse"
)

func itoa(n int) string { return strconv.Itoa(n) }

// untouched is the template of the Kubernetes document.
const untouched = "```release\nintroduced-in=vX.Y.Z\n```\n\n```release\nresolved-in=vX.Y.Z\nresolved-in=vX.Y+1.Z\n" +
	"```\n\n" +
	"## Symptoms\n\nWhat users are experiencing\n\n## Root cause\n\nThe technical cause of the symptoms including " +
	"the list of components / binaries.\n\n" +
	"e.g.\n\nBinaries:\n- kubectl\n\nKubectl was incorrectly calculating the patch for apply. When diffing foo...\n\n" +
	"## Impact\n\nWhy this is important enough to warrant a patch vs waiting until the next minor release\n\n" +
	"## Resolution\n\nHow the issue will be (was) fixed\n\n## PRs\n\n- #23456\n"

const filled = "```release\nintroduced-in=v1.25.1\nresolved-in=v1.25.2\n```\n\n## Symptoms\nPods hang.\n## Root " +
	"cause\nBinaries:\n- kubectl\n- `kubelet` (v2)\n\n" +
	"A lock is never freed.\n## Impact\nNodes stop.\n## Resolution\nThe lock is freed.\n## PRs\n- #101\n- " +
	"https://github.com/kubernetes/kubernetes/pull/102\n- kubernetes/test-infra#103\n"

func TestTemplate(t *testing.T) {
	all := parse.Sections()
	kubectl := func(line int) []parse.Binary { return []parse.Binary{{Line: line, Name: "kubectl"}} }
	for _, c := range []struct {
		name, body string
		want       parse.Summary
	}{
		{"a template that is filled in", filled, parse.Summary{
			Sections: all,
			Binaries: []parse.Binary{{Line: 10, Name: "kubectl"}, {Line: 11, Name: "kubelet"}},
			PRs: []parse.PullRequest{{Line: 19, Number: 101},
				{Line: 20, Repo: "kubernetes/kubernetes", Number: 102}, {Line: 21, Repo: "kubernetes/test-infra",
					Number: 103}},
		}},
		{"the template as it is", untouched, parse.Summary{
			Sections: all, Placeholders: all, Binaries: kubectl(21), PRs: []parse.PullRequest{{Line: 35,
				Number: 23456}},
		}},
		{"an empty body misses all", "", parse.Summary{Missing: all}},
		{"an issue form has deeper headings, and says when nothing was written",
			"### Symptoms\r\n\r\nPods hang.\r\n\r\n### Root cause\r\n\r\n_No response_\r\n\r\n### Impact\r\n\r\n### " +
				"PRs\r\n", parse.Summary{
				Sections: []string{"Symptoms", "Root cause", "Impact",
					"PRs"}, Missing: []string{"Resolution"}, Placeholders: []string{"Root cause", "Impact", "PRs"},
			}},
		{"capitals, colons, marks and underlines make no difference",
			"SYMPTOMS\n===\nx\n## **Root Cause:** ##\nx\n# impact\nx\n## Resolution\nx\n## Pull requests\n#1",
			parse.Summary{
				Sections: all, PRs: []parse.PullRequest{{Line: 11, Number: 1}},
			}},
		{"a hint in a comment is no text", "## Symptoms\n<!-- what\n\nusers see -->\n## Impact\ntext <!-- hint -->\n",
			parse.Summary{
				Sections: []string{"Symptoms", "Impact"}, Missing: []string{"Root cause", "Resolution",
					"PRs"}, Placeholders: []string{"Symptoms"},
			}},
		{"text in code is text", "## Symptoms\n```\npanic\n```\n",
			parse.Summary{Sections: []string{"Symptoms"}, Missing: all[1:]}},
		{"headings in code, quotes and comments are none", "```\n## Symptoms\n```\n> ## Impact\n\n<!--\n## PRs\n-->\n",
			parse.Summary{Missing: all}},
		{"a deeper heading stays in its section", "## Symptoms\n### On Linux\nx\n## Other\n",
			parse.Summary{Sections: []string{"Symptoms"}, Missing: all[1:]}},
		{"another heading ends it", "## Symptoms\n## Other\nx\n",
			parse.Summary{Sections: []string{"Symptoms"}, Missing: all[1:], Placeholders: []string{"Symptoms"}}},
		{"binaries alone may be meant", "## Root cause\nBinaries:\n- kubectl\n",
			parse.Summary{Sections: []string{"Root cause"},
				Missing: []string{"Symptoms", "Impact", "Resolution", "PRs"}, Binaries: kubectl(3)}},
		{"binaries in one line", "**Binaries:** kubectl, kube-proxy",
			parse.Summary{Missing: all,
				Binaries: []parse.Binary{{Line: 1, Name: "kubectl"}, {Line: 1, Name: "kube-proxy"}}}},
		{"binaries end with their list", "Binaries:\n\n* kubectl\n\ntext\n- other\n",
			parse.Summary{Missing: all, Binaries: kubectl(3)}},
		{"only pull requests are taken for such, each once",
			"## PRs\n- [x] #1, #2 and #1.\n- https://github.com/a/b/issues/3\n- " +
				"https://ghe.example/a/b/pull/4/files?x=1#diff\n- a/b/c#5 #x #0 #-6 " +
				"[#7](https://github.com/a/b/pull/7)\n> #8\n", parse.Summary{
				Sections: []string{"PRs"}, Missing: all[:4],
				PRs: []parse.PullRequest{{Line: 2, Number: 1}, {Line: 2, Number: 2}, {Line: 4, Repo: "a/b", Number: 4},
					{Line: 5, Number: 7}, {Line: 5, Repo: "a/b", Number: 7}},
			}},
		{"a security fix is left to the security team",
			"The owner is working with the Product\nSecurity Team on a resolution.", parse.Summary{Missing: all,
				Embargoed: true}},
		{"so it is by the name of today", "Handled by the Security Response Committee.",
			parse.Summary{Missing: all, Embargoed: true}},
		{"a hint about security fixes is none",
			"<!-- Say so when the product security team works on it. -->\n```\nproduct security team\n```\n> product " +
				"security team\n", parse.Summary{Missing: all}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, parse.Template(c.body)); diff != "" {
				t.Errorf("template of %q (-want +got):\n%s", c.body, diff)
			}
		})
	}
	if s := parse.Template(filled); !s.Filled("Impact") || s.Filled("Workaround") ||
		parse.Template(untouched).Filled("Impact") {
		t.Error("only a section with a text of its own is filled in")
	}
}

func TestDocument(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"an empty body has empty lists", "",
			`{"release":{"introduced_in":[],"resolved_in":[]},"sections":[],"binaries":[],"prs":[],"commands":[],` +
				`"problems":[]}`},
		{"an issue is told whole", filled,
			`{"release":{"introduced_in":["v1.25.1"],"resolved_in":["v1.25.2"]},"sections":["Symptoms","Root cause",` +
				`"Impact","Resolution","PRs"],` +
				`"binaries":["kubectl","kubelet"],"prs":["#101","kubernetes/kubernetes#102",` +
				`"kubernetes/test-infra#103"],"commands":[],"problems":[]}`},
		{"a comment is told with its commands, ours only", "Fine.\n\n/release cut\n/lgtm\n/sig node cli",
			`{"release":{"introduced_in":[],"resolved_in":[]},"sections":[],"binaries":[],"prs":[],` +
				`"commands":[{"line":3,"words":["/release","cut"]},{"line":5,"words":["/sig","node","cli"]}],` +
				`"problems":[]}`},
		{"problems come by line", "/release hold \"x\n```release\nresolve-in=v1.2.3\n```\n/hold \"x\n",
			`{"release":{"introduced_in":[],"resolved_in":[]},"sections":[],"binaries":[],"prs":[],` +
				`"commands":[{"line":1,"words":["/release","hold","x"]}],"problems":[` +
				`{"line":1,"message":"a double quote is never closed","suggestion":"type \" at its end, or \\\" for ` +
				`a quote that is part of the text"},` +
				"{\"line\":3,\"message\":\"there is no key `resolve-in`\",\"suggestion\":\"resolved-in=v1.2.3\"}]}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := json.Marshal(parse.Document(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, strings.TrimSpace(string(got))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
