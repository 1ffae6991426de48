package patches

import (
	"fmt"
	"testing"
	"time"
)

// real is of the shape of kubernetes/website's schedule.yaml, with its traps.
const real = `# by schedule-builder
schedules:
- release: 1.31
  releaseDate: 2024-08-13
  next:
    release: 1.31.2
    cherryPickDeadline: "2024-10-11"
    targetDate: "2024-10-15"
  endOfLifeDate: 2025-10-28
  previousPatches:
  - {release: 1.31.1, cherryPickDeadline: "2024-09-06", targetDate: "2024-09-10", note: "x"}
- release: 1.30
  next: {release: 1.30.6, cherryPickDeadline: N/A, targetDate: 2024-10-15}
- release: "1.28"
  next:
    release: 1.28.6
    cherryPickDeadline: "2023-10-11"
    targetDate: "2024-10-17"
- release: 1.27
  releaseDate: 2024-04-11
  next:
    release: 1.27.17
    cherryPickDeadline: ""
    targetDate: TBD
upcoming_releases:
- cherryPickDeadline: "2024-10-11"
  targetDate: "2024-10-15"
- cherryPickDeadline: "2024-11-08"
  targetDate: "2024-11-12"
`

func TestTheDatesOfAPatchRelease(t *testing.T) {
	s, err := ParseSchedule([]byte(real))
	if err != nil {
		t.Fatal(err)
	}
	if s.Lines[1].Release != "1.30" {
		t.Errorf("the line 1.30 without quotes is read as %q", s.Lines[1].Release)
	}
	for _, c := range []struct {
		name     string
		schedule Schedule
		version  string
		now      string
		want     string
	}{
		{"of the schedule", s, "v1.31.2", "2024-10-01", "2024-10-11 2024-10-15 the schedule"},
		{"on the day of the release", s, "v1.31.2", "2024-10-15", "2024-10-11 2024-10-15 the schedule"},
		{"a deadline that is not known", s, "v1.30.6", "2024-10-01",
			"2024-10-11 2024-10-15 the schedule, whose deadline N/A is not valid"},
		{"a deadline of another year", s, "v1.28.6", "2024-10-01",
			"2024-10-13 2024-10-17 the schedule, whose deadline 2023-10-11 is not valid"},
		{"a release that is not known yet", s, "v1.27.17", "2024-10-01", "2024-10-11 2024-10-15 the schedule"},
		{"one that is past: what comes next", s, "v1.31.2", "2024-10-16", "2024-11-08 2024-11-12 the schedule"},
		{"a version that it does not name", s, "v1.29.9", "2024-10-16", "2024-11-08 2024-11-12 the schedule"},
		{"after all that it names", s, "v1.31.4", "2024-12-01", "2024-12-06 2024-12-10 the rule of the month"},
		{"without a schedule", Schedule{}, "v1.31.2", "2024-10-01", "2024-10-11 2024-10-15 the rule of the month"},
		{"a month that begins on a Friday", Schedule{}, "v1.31.3", "2024-11-01",
			"2024-11-08 2024-11-12 the rule of the month"},
		{"late in the month", Schedule{}, "v1.31.3", "2024-12-11", "2025-01-10 2025-01-14 the rule of the month"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now, err := time.Parse(time.DateOnly, c.now)
			if err != nil {
				t.Fatal(err)
			}
			d := c.schedule.On(c.version, now.Add(15*time.Hour))
			if got := fmt.Sprint(day(d.Deadline), " ", day(d.Target), " ", d.Source); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	for name, c := range map[string]struct{ version, due, now, want string }{
		"named, and late":                {"v1.31.2", "", "2024-10-20", "2024-10-11 the schedule"},
		"named without a day":            {"v1.27.17", "", "2024-10-20", "2024-11-08 the schedule"},
		"not named, and due":             {"v1.29.9", "2024-10-15", "2024-10-20", "2024-10-11 the schedule"},
		"not named, and due in February": {"v1.29.9", "2025-02-11", "2024-10-20", "2025-02-07 the rule of the month"},
		"not named, and no due date":     {"v1.29.9", "", "2024-10-20", "2024-11-08 the schedule"},
	} {
		at := func(text string) time.Time {
			day, _ := time.Parse(time.DateOnly, text)
			return day
		}
		if d := s.For(c.version, at(c.due), at(c.now)); fmt.Sprint(day(d.Deadline), " ", d.Source) != c.want {
			t.Errorf("%s: got %s %s, want %s", name, day(d.Deadline), d.Source, c.want)
		}
	}
	if _, err := ParseSchedule([]byte("schedules: [")); err == nil {
		t.Error("what is no YAML is read")
	}
}

func TestTheWeeklySummaryComesOnItsDayInItsZone(t *testing.T) {
	p := load(t, "reports: {weekly: monday, time-zone: America/Los_Angeles}")
	for at, want := range map[string]string{
		"2026-11-23T07:59:00Z": "",              // Sunday evening there
		"2026-11-23T08:00:00Z": "week/2026-W48", // Monday
		"2026-11-24T07:59:00Z": "week/2026-W48", // Monday still
		"2026-11-24T08:00:00Z": "",
		"2026-11-28T12:00:00Z": "",
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.WeeklyKey(now); got != want {
			t.Errorf("at %s it is %q, want %q", at, got, want)
		}
		if next := p.NextDay(now); next.Sub(now) <= 0 || next.Sub(now) > 24*time.Hour {
			t.Errorf("the day after %s begins at %s", at, next)
		}
	}
	if _, err := Load([]byte("reports: {time-zone: Mars}")); err == nil {
		t.Error("Mars is a time zone")
	}
}
