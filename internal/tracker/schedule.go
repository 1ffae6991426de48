package tracker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/ledger"
	"github.com/slipway-dev/slipway/release/step"
)

// dates are those of the coming patches, by version; none where the policy names no schedule. A schedule that cannot be
// read leaves the rule of the month: the report says where each date comes from.
func (t *Tracker) dates(ctx context.Context, gh step.GitHub, p ledger.Policy, repo string, tags []string) (map[string]ledger.Dates, error) {
	if p.Schedule.Path == "" {
		return nil, nil
	}
	at := p.Schedule.Repo
	if at == "" {
		at = repo
	}
	content, found, err := gh.File(ctx, at, p.Schedule.Path, "")
	if err != nil && !errors.Is(err, step.ErrGone) {
		return nil, err
	}
	var schedule ledger.Schedule
	if found {
		if schedule, err = ledger.ParseSchedule(content); err != nil {
			t.Log.Warn().Err(err).Str("repository", at).Str("file", p.Schedule.Path).Msg("schedule not read")
		}
	}
	out := map[string]ledger.Dates{}
	for _, minor := range p.MaintainedLines(tags) {
		next := ledger.NextPatch(minor, tags)
		out[next] = schedule.On(next, t.Clock())
	}
	return out, nil
}

// remindPicks says once, in a comment of its own, that the deadline for picks is in the days of the policy, and that the
// day of the release has come. Versions that have one deadline share the comment.
func (t *Tracker) remindPicks(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, s shot, memory *reportMemory) error {
	today := t.Clock().UTC().Truncate(24 * time.Hour)
	byDay := map[string][]string{}
	for version, d := range s.dates {
		if d.Target.Equal(today) {
			key := "release/" + d.Target.Format(time.DateOnly)
			byDay[key] = append(byDay[key], version)
		}
		if days := int(d.Deadline.Sub(today).Hours() / 24); slices.Contains(p.Milestones.Remind, days) {
			key := "picks/" + d.Deadline.Format(time.DateOnly) + "/" + strconv.Itoa(days)
			byDay[key] = append(byDay[key], version)
		}
	}
	for key, versions := range byDay {
		if slices.Contains(memory.Reminded, key) {
			continue
		}
		slices.SortFunc(versions, func(a, b string) int { return ledger.CompareMinors(ledger.MinorOf(b), ledger.MinorOf(a)) })
		text := p.PickReminder(s.known, s.tags, versions, s.dates[versions[0]], t.Clock())
		if strings.HasPrefix(key, "release/") {
			text = p.DayReminder(s.known, s.tags, versions, s.dates[versions[0]])
		}
		if _, err := t.sticky(ctx, gh, place, place.log("reminder")+"/="+key, func(bool) string { return text }); err != nil {
			return err
		}
		memory.Reminded = append(memory.Reminded, key)
	}
	return nil
}

// weekly sums the report up in a comment of its own, once a week from the day of the policy on.
func (t *Tracker) weekly(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, s shot, memory *reportMemory) error {
	if p.Reports.Weekly == "" {
		return nil
	}
	now := t.Clock().UTC()
	if sinceMonday(now.Weekday().String()) < sinceMonday(p.Reports.Weekly) {
		return nil
	}
	year, week := now.ISOWeek()
	key := fmt.Sprintf("week/%d-W%02d", year, week)
	if slices.Contains(memory.Reminded, key) {
		return nil
	}
	text := p.Weekly(s.known, s.tags, memory.Week, now)
	if _, err := t.sticky(ctx, gh, place, place.log("summary")+"/="+key, func(bool) string { return text }); err != nil {
		return err
	}
	memory.Reminded = append(memory.Reminded, key)
	memory.Week = ledger.NewBaseline(now, s.shown)
	return nil
}

// sinceMonday counts the days of a week from Monday, as ISO weeks do.
func sinceMonday(name string) int {
	return slices.Index([]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}, strings.ToLower(name))
}
