package patches

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/test/hostile"
)

var update = flag.Bool("update", false, "write the golden texts anew")

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".md")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got+"\n" {
		t.Errorf("%s differs:\n--- want\n%s\n--- got\n%s", file, want, got)
	}
}

func issue(n int, title, labels, state string, created, closed int) Issue {
	is := Issue{Number: n, Title: title, State: state, Labels: strings.Fields(labels), Author: "olga",
		URL: fmt.Sprintf("https://github.test/i/%d", n), Created: noon.AddDate(0, 0, -created)}
	if state == "closed" {
		is.Closed = noon.AddDate(0, 0, -closed)
	}
	return is
}

func sample(p Policy) []Issue {
	hidden := issue(4, "kubelet lets anybody in", "priority/critical-urgent sig/node security/embargo", "open", 1, 0)
	pull := issue(6, "Mend apply", "sig/cli", "closed", 2, 1)
	pull.Pull = true
	var out []Issue
	for _, is := range []Issue{
		issue(1, "apply fails | for @everyone", "priority/critical-urgent sig/cli", "open", 6, 0), issue(2,
			"slow start", "priority/important-soon sig/node sig/storage", "open", 5, 0),
		issue(3, "done", "priority/important-soon", "closed", 5, 2), hidden, issue(5, "nobody looked", "", "open", 0,
			0), pull,
	} {
		out = append(out, p.Read(is))
	}
	return out
}

func TestTheReportOfAMilestone(t *testing.T) {
	p := load(t, "preset: kubernetes")
	m := Milestone{Number: 3, Title: "v1.30.5", State: "open", URL: "https://github.test/milestone/3",
		Due: noon.AddDate(0, 0, 5)}
	before := Baseline{At: noon.AddDate(0, 0, -3), Open: []int{1, 2, 3, 9}, Closed: []int{}}
	golden(t, "milestone", p.StatusOf(m, sample(p), before, noon))
	empty := p.StatusOf(Milestone{Title: "v1.30.6", URL: "u"}, nil, Baseline{}, noon)
	if !strings.Contains(empty, "| Open | 0 of 0 |") ||
		!strings.Contains(empty, "Nothing listed here blocks the release") {
		t.Errorf("the report of an empty milestone:\n%s", empty)
	}
}

func TestAReportIsCutWithALinkAndNotRefused(t *testing.T) {
	p := load(t, "preset: kubernetes")
	var issues []Issue
	for n := range 10000 {
		issues = append(issues,
			p.Read(issue(n+1, strings.Repeat("a long title ", 9), "priority/critical-urgent sig/cli", "open", 40, 0)))
	}
	text := p.StatusOf(Milestone{Title: "v1.30.5", URL: "https://github.test/milestone/3"}, issues,
		Baseline{At: noon}, noon)
	if n := len([]rune(text)); n > 65536 ||
		!strings.Contains(text, "more: [all of the milestone](https://github.test/milestone/3)") {
		t.Errorf("the report has %d characters, or no link to the rest", n)
	}
}

func known(p Policy) []Known {
	is := func(n int, title, labels, state, introduced, resolved string, f Facts) Known {
		i := issue(n, title, labels, state, 3, 1)
		i.Body = "```release\nintroduced-in=" + strings.Join(strings.Fields(introduced), "\nintroduced-in=") + "\n"
		for _, v := range strings.Fields(resolved) {
			i.Body += "resolved-in=" + v + "\n"
		}
		i.Body += "```\n"
		return Known{p.Read(i), f}
	}
	merged := Fix{Ref: "#20", Found: true, Merged: true, Base: "main"}
	return []Known{
		is(1, "apply fails", "priority/critical-urgent sig/cli", "open", "v1.30.3", "", Facts{}),
		is(2, "slow start", "priority/important-soon sig/node", "open", "v1.30.1", "v1.31.1", Facts{
			Fixes: []Fix{merged}, Claims: []Claim{{Version: "v1.31.1", Released: true, Says: Yes}}, Alarms: []Alarm{
				{What: "the fix is in v1.31.1, but not in 1.32", Fix: "pick it"}},
		}),
		is(3, "leaks", "priority/important-soon", "open", "v1.29.0", "v1.30.4", Facts{
			Fixes: []Fix{merged}, Claims: []Claim{{Version: "v1.30.4", Released: true, Says: No,
				Why: "no commit of #20 is in v1.30.4"}}, Picks: map[string]Pick{"1.31": {Ref: "#31", Merged: true},
				"1.29": {Ref: "#32"}},
		}),
		is(4, "kubelet lets anybody in", "priority/critical-urgent sig/node security/embargo", "open", "v1.30.0", "",
			Facts{Alarms: []Alarm{{What: "kubelet", Fix: "x"}}}),
		is(5, "long ago", "", "closed", "v1.29.0", "v1.29.1 v1.30.0",
			Facts{Claims: []Claim{{Version: "v1.29.1", Released: true, Says: Yes},
				{Version: "v1.30.0", Released: true, Says: Yes}}}),
	}
}

var released = Versions(strings.Fields("v1.29.0 v1.29.1 v1.29.2 v1.30.0 v1.30.1 v1.30.3 v1.30.4 v1.31.0 v1.31.1"))

// Whoever may triage may give a label any name, and a report shows labels.
func TestTheLabelsInAReportAreText(t *testing.T) {
	p := Policy{Trusted: Trusted{Permission: "triage"}}
	for _, name := range hostile.Lines() {
		if strings.TrimSpace(name) == "" || strings.HasPrefix(name, "\ufeff") {
			continue
		}
		is := issue(1, "x", "", "open", 1, 0)
		is.Labels = []string{PriorityPrefix + name, PriorityPrefix + "a", SIGPrefix + name}
		is = p.Read(is)
		told := Judgement{}
		told.problems(p, is, Found{})
		told.Told = append(told.Told, "x")
		for what, text := range map[string]string{"the line": "- " + is.Line() + tags(is), "the comment": told.Comment(false),
			"the report": p.StatusOf(Milestone{Title: name, URL: "https://github.test/m/1"}, []Issue{is}, Baseline{}, noon)} {
			for _, problem := range hostile.Markdown(text) {
				if !strings.HasPrefix(problem, "a cell of its own") { // it has one
					t.Errorf("%s of %q: %s", what, name, problem)
				}
			}
		}
	}
}

func TestTheReportOfUpcomingPatches(t *testing.T) {
	p := load(t, "preset: kubernetes")
	golden(t, "upcoming", p.Upcoming(Overview{
		Known: known(p), Versions: released, Dues: map[string]time.Time{"v1.30.5": noon.AddDate(0, 0, 1)},
		Dates: map[string]Dates{"v1.29.3": {noon.AddDate(0, 0, 5), noon.AddDate(0, 0, 9), "the schedule"}},
		Now:   noon, URL: "https://github.test/issues",
	}))
}

func TestTheKnownIssuesOfAVersion(t *testing.T) {
	p := load(t, "preset: kubernetes")
	golden(t, "known", p.KnownIssues("v1.30.3", known(p), released, "https://github.test/issues"))
	golden(t, "known-fixed", p.KnownIssues("v1.31.1", known(p), released, "https://github.test/issues"))
	if got := p.KnownIssues("v1.28.0", known(p), released, "u"); !strings.Contains(got, "does not exist") {
		t.Errorf("of a version that is not there:\n%s", got)
	}
}
