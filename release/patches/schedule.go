package patches

import (
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/repofile"
)

// Schedule is when patch releases come, as kubernetes/website keeps it in data/releases/schedule.yaml. The file is
// written by hand, and has carried dates of the wrong year: what cannot be is not believed.
type Schedule struct {
	Lines []struct {
		Release text `yaml:"release"` // 1.30, which YAML without quotes takes for 1.3
		Next    struct {
			Release  text `yaml:"release"`
			Deadline text `yaml:"cherryPickDeadline"`
			Target   text `yaml:"targetDate"`
		} `yaml:"next"`
		EndOfLife text `yaml:"endOfLifeDate"`
	} `yaml:"schedules"`
	Upcoming []struct {
		Deadline text `yaml:"cherryPickDeadline"`
		Target   text `yaml:"targetDate"`
	} `yaml:"upcoming_releases"`
}

// text is a scalar as it was typed.
type text string

// UnmarshalYAML keeps what stands in the file.
func (t *text) UnmarshalYAML(data []byte) error {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return err
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			*t = text(doc.Body.GetToken().Value)
		}
	}
	return nil
}

// date is a day; "", N/A and TBD are none.
func (t text) date() time.Time {
	at, err := time.Parse(time.DateOnly, strings.TrimSpace(string(t)))
	if err != nil {
		return time.Time{}
	}
	return at
}

// Dates are those of one patch release.
type Dates struct {
	Deadline time.Time // for cherry-picks, the whole day
	Target   time.Time // of the release
	// Source says where they come from, in a clause.
	Source string
}

// ruleOfMonth is the source of dates that no schedule has.
const ruleOfMonth = "the rule of the month"

// Guessed says that no schedule has the dates.
func (d Dates) Guessed() bool { return d.Source == ruleOfMonth }

// ParseSchedule reads the file. Fields that it does not know are left alone: they are another tool's.
func ParseSchedule(data []byte) (Schedule, error) {
	var s Schedule
	if err := repofile.Check(data, repofile.Foreign); err != nil {
		return s, fmt.Errorf("the schedule cannot be used: %w", err)
	}
	if err := yaml.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("the schedule is not valid: %s", yaml.FormatError(err, false, false))
	}
	return s, nil
}

// longestGap is how long before the release picks end at most. A deadline that is further away is a slip of the pen:
// 1.28.6 had 2023-01-12 for 2024-01-12.
const longestGap = 31 * 24 * time.Hour

// For are the dates of a version that is not out yet, however late that is: what the file says of it stays true after
// its day. A version that the file does not name has those of the month it is due in, or of the coming ones.
func (s Schedule) For(version string, due, now time.Time) Dates {
	for _, l := range s.Lines {
		if d, ok := dates(l.Next.Deadline, l.Next.Target); ok &&
			string(l.Next.Release) == strings.TrimPrefix(version, "v") {
			return d
		}
	}
	if due.IsZero() {
		due = now
	}
	return s.On(version, due)
}

// On are the dates of the next patch of a line, seen from now: those of the file where they can be, else the month's.
// The deadline is the Friday after the first Monday, and the release the Tuesday after that (schedule-builder).
func (s Schedule) On(version string, now time.Time) Dates {
	today := now.UTC().Truncate(24 * time.Hour)
	for _, l := range s.Lines {
		if string(l.Next.Release) != strings.TrimPrefix(version, "v") {
			continue
		}
		if d, ok := dates(l.Next.Deadline, l.Next.Target); ok && !d.Target.Before(today) {
			return d
		}
	}
	for _, u := range s.Upcoming {
		if d, ok := dates(u.Deadline, u.Target); ok && !d.Target.Before(today) {
			return d
		}
	}
	d := monthly(today.Year(), today.Month())
	if d.Target.Before(today) {
		first := time.Date(today.Year(), today.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		d = monthly(first.Year(), first.Month())
	}
	return d
}

// dates are a pair that can be: a release without a deadline, or with one that cannot be, has it on the Friday before.
func dates(deadline, target text) (Dates, bool) {
	d := Dates{Deadline: deadline.date(), Target: target.date(), Source: "the schedule"}
	if d.Target.IsZero() {
		return d, false
	}
	if d.Deadline.IsZero() || d.Deadline.After(d.Target) || d.Target.Sub(d.Deadline) > longestGap {
		d.Deadline, d.Source = d.Target.AddDate(0, 0, -4), "the schedule, whose deadline "+orNothing(deadline)+
			" is not valid"
	}
	return d, true
}

func orNothing(t text) string {
	if t == "" {
		return "(none)"
	}
	return markdown.Text(string(t))
}

// monthly are the dates of a month without a schedule.
func monthly(year int, month time.Month) Dates {
	monday := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	for monday.Weekday() != time.Monday {
		monday = monday.AddDate(0, 0, 1)
	}
	return Dates{Deadline: monday.AddDate(0, 0, 4), Target: monday.AddDate(0, 0, 8), Source: ruleOfMonth}
}
