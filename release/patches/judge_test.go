package patches

import (
	"fmt"
	"strings"
	"testing"
)

// full is the body of an issue with nothing to correct.
const full = "```release\nintroduced-in=v1.30.1\nresolved-in=v1.30.2\nresolved-in=v1.31.0\n```\n## Symptoms\nApply " +
	"fails.\n## Root cause\nBinaries:\n- kubectl\n\nA wrong patch.\n" +
	"## Impact\nNobody can apply.\n## Resolution\nCompute it right.\n## PRs\n- #12\n"

// borneOut are the claims of an issue where git finds the fix in each of its versions.
func borneOut(is Issue) []Claim {
	out := []Claim{}
	for _, v := range is.Block.ResolvedIn {
		out = append(out, Claim{Version: v.Text, Released: true, Says: Yes})
	}
	return out
}

func wishes(list []Wish) string {
	var out []string
	for _, w := range list {
		out = append(out, w.Name)
	}
	return strings.Join(out, " ")
}

func TestAJudgementOfAnIssue(t *testing.T) {
	maintained := []string{"1.31", "1.30"}
	touch := func(name string, touched Touch) map[string]Touch { return map[string]Touch{name: touched} }
	for _, c := range []struct {
		name, body, labels string
		found              Found
		policy             string
		add, remove        string
		problems           []string
	}{
		{name: "an issue of another kind", body: "It breaks."},
		{name: "all is there", body: full,
			labels: "priority/important-soon sig/cli affects/1.30 resolved/1.30 resolved/1.31"},
		{name: "a new issue gets what follows from it", body: full,
			add: "affects/1.30 needs-priority resolved/1.30 resolved/1.31 sig/cli", problems: []string{"no priority"}},
		{name: "a priority answers what was asked", body: full,
			labels: "priority/critical-urgent needs-priority sig/cli affects/1.30 resolved/1.30 resolved/1.31",
			remove: "needs-priority"},
		{name: "a SIG answers what was asked", body: strings.Replace(full, "- kubectl", "- mytool", 1),
			labels: "priority/critical-urgent sig/cli needs-sig affects/1.30 resolved/1.30 resolved/1.31",
			remove: "needs-sig", problems: []string{"`mytool` is not a component"}},
		{name: "no SIG", body: strings.Replace(full, "- kubectl", "- mytool", 1),
			labels: "priority/critical-urgent affects/1.30 resolved/1.30 resolved/1.31", add: "needs-sig",
			problems: []string{"`mytool` is not a component", "has no SIG"}},
		{name: "two priorities", body: full,
			labels:   "priority/critical-urgent priority/backlog sig/cli affects/1.30 resolved/1.30 resolved/1.31",
			problems: []string{"several priorities"}},
		{name: "a priority that is none here", body: full,
			labels: "priority/backlog sig/cli affects/1.30 resolved/1.30 resolved/1.31", problems: []string{
				"not a priority for patch-release issues"}},
		{name: "a rule gives the priority", body: full,
			labels: "release-blocker sig/cli affects/1.30 resolved/1.30 resolved/1.31",
			policy: "priority-rules: [{priority: critical-urgent, label: release-blocker}]",
			add:    "priority/critical-urgent"},
		{name: "a SIG by a path", body: full + "\nSee pkg/kubelet/kubelet.go.\n",
			labels: "priority/important-soon sig/cli affects/1.30 resolved/1.30 resolved/1.31", add: "sig/node"},
		{name: "a SIG by a file of the pull request", body: full,
			labels: "priority/important-soon sig/cli affects/1.30 resolved/1.30 resolved/1.31",
			found:  Found{PullFiles: map[string][]string{"#12": {"pkg/proxy/x.go"}}}, add: "sig/network"},
		{name: "a SIG by a label of the pull request", body: full,
			labels: "priority/important-soon sig/cli affects/1.30 resolved/1.30 resolved/1.31",
			found: Found{PullLabels: map[string][]string{"#12": {"sig/storage", "sig/nonsense",
				"kind/bug"}}}, add: "sig/storage"},
		{name: "younger lines are affected too", body: strings.Replace(full, "resolved-in=v1.31.0\n", "", 1),
			labels: "priority/important-soon sig/cli resolved/1.30", add: "affects/1.30 may-affect/1.31"},
		{name: "what git does not bear out gets no label", body: full,
			labels: "priority/important-soon sig/cli affects/1.30", found: Found{Facts: Facts{Claims: []Claim{
				{Version: "v1.30.2", Released: true, Says: Unknown}, {Version: "v1.31.0", Unplanned: true}}}},
			add: "may-affect/1.31"},
		{name: "a version that does not exist affects nothing", body: full,
			labels: "priority/important-soon sig/cli resolved/1.30 resolved/1.31",
			found:  Found{Facts: Facts{Absent: []string{"v1.30.1"}}}},
		{name: "a line that gets no fix, by the author alone",
			body:     strings.Replace(full, "resolved-in=v1.30.2", "wont-fix=1.30 nobody uses it", 1),
			labels:   "priority/important-soon sig/cli affects/1.30 resolved/1.31",
			problems: []string{"it will not be fixed in 1.30, but nobody has agreed"}},
		{name: "a line that gets no fix, and a maintainer agrees",
			body:   strings.Replace(full, "resolved-in=v1.30.2", "wont-fix=1.30 nobody uses it", 1),
			labels: "priority/important-soon sig/cli affects/1.30 resolved/1.31 wont-fix/1.30",
			found:  Found{History: touch("affects/1.30", Touch{By: "slipway[bot]", Bot: true, Added: true})},
			remove: "affects/1.30"},
		{name: "a line that gets no fix, without a reason", body: full,
			labels:   "priority/important-soon sig/cli resolved/1.30 resolved/1.31 wont-fix/1.30",
			problems: []string{"`wont-fix/1.30` gives no reason"}},
		{name: "a component that there is not", body: strings.Replace(full, "- kubectl", "- kubectll", 1),
			labels:   "priority/important-soon sig/cli affects/1.30 resolved/1.30 resolved/1.31",
			problems: []string{"`kubectll` is not a component"}},
		{name: "what a person took away stays away", body: full,
			labels: "priority/important-soon affects/1.30 resolved/1.30 resolved/1.31",
			found: Found{History: touch("sig/cli", Touch{By: "ada", Trusted: true}),
				Reasons: map[string]string{"sig/cli": "`kubectl` is named under Binaries"}},
			add: "", problems: nil},
		{name: "a new reason brings it back", body: full,
			labels: "priority/important-soon affects/1.30 resolved/1.30 resolved/1.31",
			found: Found{History: touch("sig/cli", Touch{By: "ada", Trusted: true}),
				Reasons: map[string]string{"sig/cli": "another"}}, add: "sig/cli"},
		{name: "an untrusted removal of a guarded label is reverted", body: full,
			labels: "sig/cli affects/1.30 resolved/1.30 resolved/1.31 needs-priority",
			found: Found{History: touch("priority/critical-urgent",
				Touch{By: "eve"})}, add: "priority/critical-urgent", remove: "needs-priority"},
		{name: "an untrusted addition of a guarded label is reverted", body: full,
			labels: "priority/important-soon sig/cli affects/1.30 resolved/1.30 resolved/1.31 release-blocker",
			found:  Found{History: touch("release-blocker", Touch{By: "eve", Added: true})}, remove: "release-blocker"},
		{name: "a label of ours that follows from nothing", body: full,
			labels: "priority/important-soon sig/cli affects/1.30 affects/1.29 resolved/1.30 resolved/1.31",
			found: Found{History: touch("affects/1.29",
				Touch{By: "slipway[bot]", Bot: true, Added: true})}, remove: "affects/1.29"},
		{name: "a label of a person that follows from nothing", body: full,
			labels: "priority/important-soon sig/cli affects/1.30 affects/1.29 resolved/1.30 resolved/1.31",
			found:  Found{History: touch("affects/1.29", Touch{By: "ada", Added: true, Trusted: true})}},
		{name: "an embargo asks for nothing, and takes back what was derived",
			body:   full + "The owner is working with the product security team on a resolution.",
			labels: "priority/critical-urgent sig/node affects/1.30 sig/cli",
			found: Found{History: map[string]Touch{
				"affects/1.30": {By: "slipway[bot]", Bot: true, Added: true}, "sig/cli": {By: "ada", Added: true},
				"sig/node": {By: "slipway[bot]", Bot: true, Added: true}, // by a command
			}, Reasons: map[string]string{"affects/1.30": "x", "sig/cli": "x"}}, remove: "affects/1.30"},
		{name: "a template that nobody filled in",
			body: "```release\nintroduced-in=vX.Y.Z\n```\n## Symptoms\nWhat users are experiencing\n## Root " +
				"cause\n",
			labels: "priority/important-soon sig/cli",
			problems: []string{"not filled in yet", "`## Impact` is missing", "`## Resolution` is missing",
				"`## PRs` is missing", "`## Symptoms` is not filled in", "`## Root cause` is not filled in"}},
		{name: "a mistake in the block", body: strings.Replace(full, "v1.30.2", "v1.30", 1),
			labels: "priority/important-soon sig/cli affects/1.30 resolved/1.31", problems: []string{"v1.30"}},
		{name: "an alarm", body: full,
			labels: "priority/important-soon sig/cli affects/1.30 resolved/1.30 resolved/1.31", found: Found{
				Facts: Facts{Alarms: []Alarm{{What: "git says no", Fix: "look"}}}}, problems: []string{"git says no"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := load(t, "preset: kubernetes\n"+c.policy)
			c.found.Maintained = maintained
			is := p.Read(Issue{Number: 1, Body: c.body, State: "open",
				Labels: append(strings.Fields(c.labels), "patch-release"), Author: "olga"})
			if c.found.Facts.Claims == nil {
				c.found.Facts.Claims = borneOut(is)
			}
			j := Judge(p, is, c.found)
			if got := wishes(j.Add); got != c.add {
				t.Errorf("adds %q, want %q", got, c.add)
			}
			if got := wishes(j.Remove); got != c.remove {
				t.Errorf("removes %q, want %q", got, c.remove)
			}
			if len(j.Problems) != len(c.problems) {
				t.Fatalf("problems %+v, want %q", j.Problems, c.problems)
			}
			for i, problem := range j.Problems {
				if !strings.Contains(problem.What, c.problems[i]) || problem.Fix == "" {
					t.Errorf("problem %+v, want %q and a fix", problem, c.problems[i])
				}
			}
			for _, w := range append(j.Add, j.Remove...) {
				if w.Reason == "" {
					t.Errorf("%s has no reason", w.Name)
				}
			}
		})
	}
}

// What a judgement asks for, once it is there, is asked for no more.
func TestAJudgementThatWasFollowedIsAtRest(t *testing.T) {
	p := load(t, "preset: kubernetes")
	is := p.Read(Issue{Body: full, State: "open"})
	found := Found{Maintained: []string{"1.31", "1.30"}, History: map[string]Touch{}, Facts: Facts{Claims: borneOut(is)}}
	j := Judge(p, is, found)
	for _, w := range j.Add {
		is.Labels = append(is.Labels, w.Name)
		found.History[w.Name] = Touch{By: "slipway[bot]", Bot: true, Added: true}
	}
	if again := Judge(p, is, found); len(again.Add)+len(again.Remove) > 0 {
		t.Errorf("it wants more: %+v %+v", again.Add, again.Remove)
	}
}

func TestTheCommentIsEditedAndInTheEndSolved(t *testing.T) {
	p := load(t, "preset: kubernetes")
	judge := func(body, labels string) Judgement {
		return Judge(p, p.Read(Issue{Body: body, State: "open", Labels: strings.Fields(labels)}), Found{})
	}
	bad := judge(strings.Replace(full, "resolved-in=v1.30.2", "resolved-in=1.30.2", 1)+"```release\n"+
		"resolved-in=v1.8\n```\n", "sig/cli").Comment(false)
	for _, words := range []string{"Line 20", "**Next:**", "resolved-in=v1.30.2", "/priority critical-urgent",
		"````markdown"} {
		if !strings.Contains(bad, words) {
			t.Errorf("the comment lacks %q:\n%s", words, bad)
		}
	}
	good := judge(full, "sig/cli priority/critical-urgent")
	if said := good.Comment(true); !strings.HasPrefix(said, "✅ **Resolved.**") {
		t.Errorf("when all is done it says\n%s", said)
	}
	if said := good.Comment(false); said != "" {
		t.Errorf("where nothing was to be done it says\n%s", said)
	}
}

func TestAnEmbargoedIssueIsNotQuoted(t *testing.T) {
	p := load(t, "preset: kubernetes")
	is := p.Read(Issue{Number: 7, Title: "kubelet lets anybody in", URL: "u", Author: "olga",
		Body:  "secret kubelet pkg/kubelet/\n\nThe owner is working with the product security team on a resolution.",
		State: "open"})
	said := is.Line() +
		fmt.Sprint(Judge(p, is, Found{PullFiles: map[string][]string{"#1": {"pkg/kubelet/x"}},
			PullLabels: map[string][]string{"#1": {"sig/node"}}}))
	if strings.Contains(said, "kubelet") || strings.Contains(said, "sig/node") ||
		!strings.Contains(said, "`@olga` is working with the security team") {
		t.Errorf("it says %s", said)
	}
}
