package patches

import (
	"fmt"
	"strings"
	"testing"
)

// line30 are thirty issues, mostly of one line, of every kind that a manager meets in the week of a deadline.
func line30(p Policy) []Known {
	titles := strings.Fields("kubelet-leaks-mounts apply-fails-on-lists scheduler-panics node-stays-NotReady " +
		"volume-detached-twice webhook-times-out quota-counted-twice proxy-drops-UDP job-restarts-forever log-is-lost")
	sigs := []string{"node", "cli", "scheduling", "node", "storage", "api-machinery", "apps", "network", "apps", "node"}
	merged := Fix{Ref: "#900", URL: "https://github.test/p/900", Found: true, Merged: true, Base: "main"}
	review := Fix{Ref: "#901", URL: "https://github.test/p/901", Found: true, Open: true, Base: "main"}
	pick := func(n int, merged, held bool, tag string) map[string]Pick {
		ref := fmt.Sprintf("#%d", 800+n)
		return map[string]Pick{"1.31": {Ref: ref, URL: "https://github.test/p/" + ref[1:], Merged: merged, Held: held,
			Tag: tag}}
	}
	var out []Known
	for n := 1; n <= 30; n++ {
		kind := n % 10
		priority := "priority/important-soon"
		if n%4 == 1 {
			priority = "priority/critical-urgent"
		}
		body, f, labels, state := "introduced-in=v1.31.0\n", Facts{}, priority+" sig/"+sigs[kind], "open"
		switch kind {
		case 1:
			f.Fixes, f.Picks = []Fix{merged}, pick(n, false, true, "")
		case 2:
			f.Fixes, f.Picks = []Fix{merged}, pick(n, false, false, "")
		case 3:
			f.Fixes, f.Picks = []Fix{merged}, pick(n, true, false, "")
			body += "resolved-in=v1.31.2\n"
			f.Claims = []Claim{{Version: "v1.31.2", Says: Yes}}
		case 4:
			f.Fixes = []Fix{merged}
		case 5:
			f.Fixes = []Fix{review}
			body += "resolved-in=v1.31.2\n"
			f.Claims = []Claim{{Version: "v1.31.2", Says: No, Why: "#901 is not merged"}}
		case 6:
			body += "resolved-in=v1.31.1\n"
			f.Claims = []Claim{{Version: "v1.31.1", Released: true, Why: "no pull request is listed under `## PRs`"}}
		case 7:
			body, f.Absent = "introduced-in=v1.31.77\n", []string{"v1.31.77"}
		case 8:
			body, labels = "introduced-in=vX.Y.Z\n", map[bool]string{true: "sig/network"}[n == 18]
		case 9:
			labels += " wont-fix/1.31"
			body += "wont-fix=1.31 nobody uses it any more\n"
		case 0:
			body, state = "introduced-in=v1.31.0\nresolved-in=v1.31.1\n", map[bool]string{true: "closed", false: "open"}[n == 20]
			f.Claims = []Claim{{Version: "v1.31.1", Released: true, Says: Yes}}
		}
		is := issue(n, strings.ReplaceAll(titles[kind], "-", " "), labels, state, n%12, 2)
		if n%3 == 0 {
			is.Assignees = []string{"petra", "sam"}[:1+n%2]
		}
		is.Body = "```release\n" + body + "```\n"
		out = append(out, Known{p.Read(is), f})
	}
	return out
}

// The report of a line with thirty issues reads as one would send it to a mailing list.
func TestTheReportOfThirtyIssues(t *testing.T) {
	p := load(t, "preset: kubernetes")
	all := line30(p)
	o := Overview{
		Known: all, Versions: released, Now: noon, URL: "https://github.test/issues",
		Dates: map[string]Dates{
			"v1.31.2": {noon.AddDate(0, 0, -2), noon.AddDate(0, 0, 3), "the schedule"},
			"v1.30.5": {noon.AddDate(0, 0, 4), noon.AddDate(0, 0, 10), "the schedule"},
		},
		Before: NewBaseline(noon.AddDate(0, 0, -7), issuesOf(all[:26])),
	}
	golden(t, "thirty", p.Upcoming(o))
	golden(t, "thirty-weekly", p.Weekly(o))
	for _, k := range all {
		if text := p.Upcoming(o); k.State == "open" && !strings.Contains(text, k.link()+" "+k.Title) {
			t.Errorf("%s is not in the report", k.Title)
		}
	}
}
