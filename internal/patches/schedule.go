package patches

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/elsewhere"
	"github.com/slipway-dev/slipway/release/consent"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// dates are those of the coming patches, by version; none where the policy names no schedule. A schedule that cannot be
// read leaves the rule of the month: the report says where each date comes from.
func (l *pass) dates(ctx context.Context, tags []string) (map[string]rules.Dates, error) {
	if l.policy.Schedule.Path == "" {
		return nil, nil
	}
	at := l.policy.Schedule.Repo
	if at == "" {
		at = l.place.Name
	}
	content, found, err := l.elsewhere(at).File(ctx, at, l.policy.Schedule.Path, "")
	if refused, is := errors.AsType[*elsewhere.Refused](err); is {
		l.Log.Warn().Err(refused).Str("repository", l.place.Name).Msg("schedule not read")
	} else if err != nil && !errors.Is(err, step.ErrGone) {
		return nil, err
	}
	var schedule rules.Schedule
	if found {
		if schedule, err = rules.ParseSchedule(content); err != nil {
			l.Log.Warn().Err(err).Str("repository", at).Str("file", l.policy.Schedule.Path).Msg("schedule not read")
		}
	}
	out := map[string]rules.Dates{}
	for _, minor := range l.policy.MaintainedLines(tags) {
		next := rules.NextPatch(minor, tags)
		out[next] = schedule.On(next, l.Clock())
	}
	return out, nil
}

// elsewhere lets the schedule be read in another repository, where everybody can read it or that repository allows it.
func (l *pass) elsewhere(repo string) step.FileStore {
	bounds := elsewhere.Bounds{Apps: l.Apps, Slug: l.AppSlug, Installation: l.place.Installation, Repo: l.place.Repo,
		Name: l.place.Name, Process: "patch-issues"}
	return bounds.GitHub(l.gh, []consent.Use{{Repo: repo, Read: []string{l.policy.Schedule.Path}}})
}

// remindPicks says once, in a comment of its own, that the deadline for picks is in the days of the policy, and that
// the day of the release has come. Versions that have one deadline share the comment.
func (l *pass) remindPicks(ctx context.Context, v view, memory *reportMemory) error {
	byDay := l.dueReminders(v.Dates)
	for _, key := range slices.Sorted(maps.Keys(byDay)) {
		if slices.Contains(memory.Reminded, key) {
			continue
		}
		if err := l.say(ctx, "reminder/="+key, l.reminder(key, v.Overview, byDay[key])); err != nil {
			return err
		}
		memory.Reminded = append(memory.Reminded, key)
	}
	return nil
}

// dueReminders are the versions of which something is to be said today, by what it is.
func (l *pass) dueReminders(dates map[string]rules.Dates) map[string][]string {
	today := l.Clock().UTC().Truncate(24 * time.Hour)
	byDay := map[string][]string{}
	for version, d := range dates {
		if d.Target.Equal(today) {
			key := "release/" + d.Target.Format(time.DateOnly)
			byDay[key] = append(byDay[key], version)
		}
		if days := int(d.Deadline.Sub(today).Hours() / 24); slices.Contains(l.policy.Milestones.Remind, days) {
			key := "picks/" + d.Deadline.Format(time.DateOnly) + "/" + strconv.Itoa(days)
			byDay[key] = append(byDay[key], version)
		}
	}
	for _, versions := range byDay {
		slices.SortFunc(versions,
			func(a, b string) int { return rules.CompareMinors(rules.MinorOf(b), rules.MinorOf(a)) })
	}
	return byDay
}

// reminder is the text of one.
func (l *pass) reminder(key string, o rules.Overview, versions []string) string {
	if strings.HasPrefix(key, "release/") {
		return l.policy.DayReminder(o, versions)
	}
	return l.policy.PickReminder(o, versions)
}

// weekly sums the report up in a comment of its own, on the day of the policy.
func (l *pass) weekly(ctx context.Context, v view, memory *reportMemory) error {
	key := l.policy.WeeklyKey(v.Now)
	if key == "" || slices.Contains(memory.Reminded, key) {
		return nil
	}
	v.Before = memory.Week.Without(v.hidden)
	if err := l.say(ctx, "summary/="+key, l.policy.Weekly(v.Overview)); err != nil {
		return err
	}
	memory.Reminded = append(memory.Reminded, key)
	memory.Week = rules.NewBaseline(v.Now.UTC(), v.shown)
	return nil
}
