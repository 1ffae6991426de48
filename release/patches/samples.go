package patches

import (
	"time"
)

// Sample is one text for people, rendered with sample values. Name is its subject and its occasion, SUBJECT: OCCASION.
type Sample struct{ Name, Text string }

// Texts are the comments and reports of patch-release issues, for docs/replies.md. The error is that of the policy that
// the samples are made with.
func Texts() ([]Sample, error) {
	p, err := Load([]byte("preset: kubernetes"))
	if err != nil {
		return nil, err
	}
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	tags := Versions([]string{"v1.30.0", "v1.30.4", "v1.31.0", "v1.31.1"})
	known := sampleIssues(p, now)
	dates := Dates{Deadline: now.AddDate(0, 0, 5), Target: now.AddDate(0, 0, 9), Source: "the schedule"}
	milestone := Milestone{Number: 3, Title: "v1.30.5", State: "open", URL: "https://github.com/x/y/milestone/3",
		Due: dates.Target}
	issues := []Issue{known[0].Issue, known[1].Issue}
	rolled := Rollover{Title: "v1.30.5", Next: "v1.30.6", Block: []int{1}, Move: []int{2, 3}, Ask: []int{4}}
	o := Overview{Known: known, Versions: tags, Dates: map[string]Dates{"v1.30.5": dates}, Now: now,
		Before: NewBaseline(now.AddDate(0, 0, -7), issues[:1]), URL: "https://github.com/x/y/issues"}
	out := []Sample{
		{"Reports: a milestone", p.StatusOf(milestone, issues, NewBaseline(now.AddDate(0, 0, -7), issues[:1]), now)},
		{"Reports: the upcoming patch releases", p.Upcoming(o)},
		{"Reports: the known issues of a version", p.KnownIssues("v1.30.4", known, tags, o.URL)},
		{"Reports: the week", p.Weekly(o)},
		{"Reminders: the deadline of cherry-picks", p.PickReminder(o, []string{"v1.30.5"})},
		{"Reminders: the day of a release", p.DayReminder(o, []string{"v1.30.5"})},
		{"Comments: a milestone after its release", rolled.Tell("v1.30.5")},
		{"Comments: a milestone that is closed",
			Rollover{Title: "v1.30.5", Next: "v1.30.6", Close: true}.Tell("v1.30.5")},
		{"Comments: a fix that is published", known[1].FixedIn(p, []string{"1.31", "1.30"})},
		{"Comments: an issue that needs changes",
			Judge(p, known[0].Issue, Found{Facts: Facts{Alarms: sampleAlarms(p)}}).Comment(false)},
		{"Comments: an issue that needs no more changes", Judgement{}.Comment(true)},
		{"Comments: an issue under embargo, where there was a comment before", Withheld()},
		{"Comments: cherry-picks", p.PickTable(124, []PickRow{
			{Branch: "release-1.30", Minor: "1.30", State: "conflict", Conflict: "git cherry-pick -x 3f2c1ab9\n"},
		}, map[string]string{"release-1.20": "1.20 no longer gets patches"}, []string{"1.31", "1.30"})},
	}
	for _, a := range sampleAlarms(p) {
		out = append(out,
			Sample{"Alarms: what does not fit", capital(a.What, false) + ". **Next:** " + capital(a.Fix, false) + "."})
	}
	return out, nil
}

// sampleIssues are an issue without a fix, and one whose fix is published on one of two lines.
func sampleIssues(p Policy, now time.Time) []Known {
	issue := func(n int, title, body string, labels ...string) Issue {
		return p.Read(Issue{
			Number: n, Title: title, Body: body, State: "open", Labels: labels, Author: "olaf",
			URL: "https://github.com/x/y/issues/" + number(n), Created: now.AddDate(0, 0, -3),
		})
	}
	merged := Fix{Ref: "#124", Found: true, Merged: true, Base: "main"}
	return []Known{
		{Issue: issue(1, "kubectl apply fails", "```release\nintroduced-in=v1.30.1\n```\n",
			PriorityPrefix+"critical-urgent")},
		{
			Issue: issue(2, "slow start", "```release\nintroduced-in=v1.30.0\nresolved-in=v1.31.1\n```\n",
				PriorityPrefix+"important-soon"),
			Facts: Facts{Fixes: []Fix{merged}, Claims: []Claim{{Version: "v1.31.1", Released: true, Says: Yes}}},
		},
	}
}

// sampleAlarms are one of each kind.
func sampleAlarms(p Policy) []Alarm {
	is := p.Read(Issue{Body: "```release\nintroduced-in=v1.29.1\nintroduced-in=v1.30.77\n```\n"})
	return Alarms(p, is, Facts{
		Absent: []string{"v1.30.77"},
		Claims: []Claim{
			{Version: "v1.30.2", Burned: true, Why: "that version was never released, and a later version of 1.30 was"},
			{Version: "v1.20.9"}, {Version: "v1.31.9", Unplanned: true},
			{Version: "v1.30.4", Released: true, Says: No, Why: "no commit of #124 is in v1.30.4"},
			{Version: "v1.29.8", Released: true, Says: Yes},
		},
		Fixes: []Fix{{Ref: "#125", Found: true, Merged: true, Base: "release-1.30"}, {Ref: "#99999"}},
		Picks: map[string]Pick{"1.28": {Ref: "#126", Merged: true, Tag: "v1.28.3"}},
	}, []string{"v1.29.8", "v1.30.4", "v1.31.1"}, []string{"1.31", "1.30", "1.29"})
}
