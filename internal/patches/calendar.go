package patches

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// calendarMemory is what is kept of the days of a repository.
type calendarMemory struct {
	// Dues are the due dates that Slipway gave to milestones, by title: those of people are left alone.
	Dues map[string]string `json:"dues,omitempty"`
	// Reminded are the reminders that were written, each behind the issue that it stands on.
	Reminded []string `json:"reminded,omitempty"`
}

// calendarKey is the key of the days of a repository.
func calendarKey(repo int64) key { return key{kind: kindCalendar, repo: repo} }

// tomorrow lets the calendar of a repository be looked at when the next day begins. It asks GitHub nothing now.
func (l *pass) tomorrow(ctx context.Context) error {
	if l.policy.Schedule.Path == "" {
		return nil
	}
	return l.wakeAt(ctx, calendarKey(l.place.Repo).String(), l.policy.NextDay(l.Clock()))
}

// calendar is looked at once a day: the milestones of the coming patches are due on the days of the schedule, and every
// release that is under way is reminded of them. Where a report is kept, the report does that.
func (l *pass) calendar(ctx context.Context) error {
	if l.policy.Schedule.Path == "" {
		return nil
	}
	tags, err := l.versions(ctx)
	if err != nil {
		return err
	}
	dates, err := l.dates(ctx, tags)
	if err != nil {
		return err
	}
	if err := l.dueMilestones(ctx, dates); err != nil {
		return err
	}
	if err := l.remindReleases(ctx, dates); err != nil {
		return err
	}
	return store.Later{At: l.policy.NextDay(l.Clock())}
}

// dueMilestones gives the open milestones of the coming patches the day of the schedule, where they have no due date or
// the one that Slipway gave them before the schedule changed.
func (l *pass) dueMilestones(ctx context.Context, dates map[string]rules.Dates) error {
	all, err := l.gh.Milestones(ctx, l.place.Name)
	if err != nil {
		return err
	}
	memory, _, err := load[calendarMemory](ctx, l.Store, calendarKey(l.place.Repo))
	if err != nil {
		return err
	}
	for _, version := range slices.Sorted(maps.Keys(dates)) {
		title, d := l.policy.TitleFor(version), dates[version]
		m, found := titled(all, title)
		mine := m.Due.IsZero() || dayOf(m.Due) == memory.Dues[title]
		if !found || m.State != "open" || d.Guessed() || !mine || dayOf(m.Due) == dayOf(d.Target) {
			continue
		}
		m.Due = noonOf(d.Target)
		if err := l.gh.EditMilestone(ctx, l.place.Name, m); err != nil {
			return err
		}
		if err := l.keepDue(ctx, title, d); err != nil {
			return err
		}
	}
	return nil
}

// keepDue remembers that a due date is Slipway's.
func (l *pass) keepDue(ctx context.Context, title string, d rules.Dates) error {
	_, err := change(ctx, l.Patches, calendarKey(l.place.Repo), func(m *calendarMemory, _ *bool) {
		if m.Dues == nil {
			m.Dues = map[string]string{}
		}
		m.Dues[title] = dayOf(d.Target)
	})
	return err
}

// dayOf is the day of a due date. GitHub keeps no time of day: github.com has midnight in Los Angeles, GitHub
// Enterprise Server midnight in UTC (Microsoft/PowerShellForGitHub#133), and both are on the same day in UTC.
func dayOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}

// noonOf is a time of a day which stays on it, whichever midnight GitHub makes of it.
func noonOf(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour).Add(12 * time.Hour) }

// remindReleases says on the tracking issue of each release that is under way what its report would say.
func (l *pass) remindReleases(ctx context.Context, dates map[string]rules.Dates) error {
	due := l.dueReminders(dates)
	if len(due) == 0 {
		return nil
	}
	reports, err := l.openReports(ctx, l.place.Repo)
	if err != nil {
		return err
	}
	logs, err := l.Store.Logs(ctx, store.Filter{Repo: l.place.Repo, Open: new(true)})
	if err != nil {
		return fmt.Errorf("list the open releases of repository %d: %w", l.place.Repo, err)
	}
	for _, one := range logs {
		if slices.ContainsFunc(reports, func(s store.Snapshot) bool {
			return s.Issue == one.Issue && strings.HasSuffix(s.Key, "/="+upcoming)
		}) {
			continue // which reminds by itself
		}
		at := *l
		at.place.Issue = one.Issue
		if err := at.remindRelease(ctx, due, dates); err != nil {
			return err
		}
	}
	return nil
}

// remindRelease reminds the release of one tracking issue.
func (l *pass) remindRelease(ctx context.Context, due map[string][]string, dates map[string]rules.Dates) error {
	r, err := l.Conversation.Read(ctx, l.place)
	if _, is := errors.AsType[*release.UnknownForm](err); is {
		return nil // its own job says so
	}
	if err != nil || !r.Open() {
		return err
	}
	version := "v" + strings.TrimPrefix(r.Started.Version, "v")
	for _, reminder := range slices.Sorted(maps.Keys(due)) {
		if !slices.Contains(due[reminder], version) {
			continue
		}
		k, what := calendarKey(l.place.Repo), fmt.Sprintf("#%d/%s", l.place.Issue, reminder)
		if memory, _, err := load[calendarMemory](ctx, l.Store, k); err != nil {
			return err
		} else if slices.Contains(memory.Reminded, what) {
			continue
		}
		v, err := l.overview(ctx)
		if err != nil {
			return err
		}
		v.Dates = dates
		if err := l.say(ctx, "reminder/="+reminder, l.reminder(reminder, v.Overview, []string{version})); err != nil {
			return err
		}
		_, err = change(ctx, l.Patches, k, func(m *calendarMemory, _ *bool) { m.Reminded = append(m.Reminded, what) })
		if err != nil {
			return err
		}
	}
	return nil
}

// newMilestone makes the milestone of a coming version, with the day of the schedule where that names one.
func (l *pass) newMilestone(ctx context.Context, title, version string) (step.Milestone, error) {
	tags, err := l.versions(ctx)
	if err != nil {
		return step.Milestone{}, err
	}
	dates, err := l.dates(ctx, tags)
	if err != nil {
		return step.Milestone{}, err
	}
	m := step.Milestone{Title: title}
	if d, ok := dates[version]; ok && !d.Guessed() {
		m.Due = noonOf(d.Target)
		if err := l.keepDue(ctx, title, d); err != nil {
			return m, err
		}
	}
	return l.gh.CreateMilestone(ctx, l.place.Name, m)
}
