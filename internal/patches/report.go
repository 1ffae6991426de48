package patches

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/store"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// reportMemory is what is kept of a report: what it is compared with, and what was said once.
type reportMemory struct {
	// Asked is the comment that last asked for it, until it was written.
	Asked    int64          `json:"asked,omitempty"`
	Before   rules.Baseline `json:"before,omitzero"`
	Reminded []string       `json:"reminded,omitempty"`
	Week     rules.Baseline `json:"week,omitzero"`    // what the last weekly summary showed
	Itself   bool           `json:"itself,omitempty"` // it began with the publication of its version
	Over     bool           `json:"over,omitempty"`   // its version has a successor: it stays as it is
	Gone     bool           `json:"gone,omitempty"`   // its comment was deleted: nobody wants it any more
	// Comment is where it stands, by a snapshot of an earlier version of Slipway.
	Comment int64 `json:"comment,omitempty"`
}

// wanted says that there is such a report.
func (m reportMemory) wanted() bool { return !m.Gone && !m.Over }

// upcoming is the report of the patches that come next. The others are called milestone TITLE and version vX.Y.Z: a
// milestone may have the title of a version that is published.
const upcoming = "patches"

func noteReport(what string) string { return "report/=" + what }

// report brings one report up to date, because something happened or a day went by.
func (l *pass) report(ctx context.Context, what string) error {
	k := keyOf(kindReport, l.place).of(what)
	memory, open, err := load[reportMemory](ctx, l.Store, k)
	if err != nil || !open || !memory.wanted() {
		return err
	}
	asked := memory.Asked
	if err := l.write(ctx, what, &memory); err != nil {
		return err
	}
	_, err = change(ctx, l.Patches, k, func(m *reportMemory, open *bool) {
		m.Before, m.Reminded, m.Week, m.Comment = memory.Before, memory.Reminded, memory.Week, memory.Comment
		if m.Asked == asked { // else it was asked for again meanwhile, and is written again
			m.Asked, m.Over, m.Gone = 0, memory.Over, memory.Gone
		}
		*open = m.wanted()
	})
	if err != nil {
		return err
	}
	// Days are counted in it, and reminders fall due: it looks again tomorrow. The store keeps an earlier time.
	return store.Later{At: l.policy.NextDay(l.Clock())}
}

// write renders a report and writes it where it differs from what it said. It costs one request for each hundred
// issues, one for milestones or tags, and one to write; without changes GitHub answers 304 to all of them.
func (l *pass) write(ctx context.Context, what string, memory *reportMemory) error {
	v, err := l.render(ctx, what, memory.Before)
	if err != nil {
		return err
	}
	if memory.Week.At.IsZero() { // the first summary tells what is new since the first report, and is not written with it
		memory.Week = rules.NewBaseline(l.Clock().UTC(), v.shown)
		memory.Reminded = append(memory.Reminded, l.policy.WeeklyKey(l.Clock()))
	}
	every, now := time.Duration(max(1, l.policy.Reports.Every))*24*time.Hour, l.Clock()
	if memory.Before.At.IsZero() || memory.Asked != 0 || now.Sub(memory.Before.At) >= every {
		// The next report is compared with this one; this one still shows what it was compared with.
		memory.Before = rules.NewBaseline(now.UTC(), v.shown)
	}
	if memory.Comment != 0 {
		if err := l.Conversation.AdoptNote(ctx, l.place, noteReport(what), memory.Comment); err != nil {
			return err
		}
		memory.Comment = 0
	}
	if err := l.say(ctx, noteReport(what), v.text); err != nil {
		return err
	}
	if memory.Gone, err = l.Conversation.NoteGone(ctx, l.place, noteReport(what)); err != nil {
		return err
	}
	if version, is := strings.CutPrefix(what, "version "); is && memory.Itself {
		// Nobody asked for it: once its line has a newer version, and the report says so, it stays as it is.
		memory.Over = rules.Superseded(version, v.Versions)
	}
	if memory.Gone {
		return nil
	}
	if err := l.remind(ctx, what, v, memory); err != nil || what != upcoming {
		return err
	}
	if err := l.remindPicks(ctx, v, memory); err != nil {
		return err
	}
	return l.weekly(ctx, v, memory)
}

// say keeps the one comment of a key on the issue.
func (l *pass) say(ctx context.Context, key, text string) error {
	_, err := l.Conversation.Note(ctx, l.gh, l.place, key, func(bool) string { return text })
	return err
}

// view is what a report shows, and what it was made of.
type view struct {
	rules.Overview
	text   string
	shown  []rules.Issue
	hidden []int     // under embargo
	due    time.Time // of the milestone
}

// render makes the text.
func (l *pass) render(ctx context.Context, what string, before rules.Baseline) (view, error) {
	kind, name, _ := strings.Cut(what, " ")
	if kind == "milestone" {
		return l.renderMilestone(ctx, name, before)
	}
	v, err := l.overview(ctx)
	if err != nil {
		return v, err
	}
	if kind == "version" {
		v.text = l.policy.KnownIssues(name, v.Known, v.Versions, v.URL)
		return v, nil
	}
	if v.Dates, err = l.dates(ctx, v.Versions); err != nil {
		return v, err
	}
	v.Before = before.Without(v.hidden)
	v.text = l.policy.Upcoming(v.Overview)
	return v, nil
}

// overview reads what the reports of the coming patch releases are made of.
func (l *pass) overview(ctx context.Context) (v view, err error) {
	v.Now = l.Clock()
	if v.Versions, err = l.versions(ctx); err != nil {
		return v, err
	}
	if v.shown, v.hidden, err = l.list(ctx, step.IssueFilter{Label: l.policy.Labels.Tracked}); err != nil {
		return v, err
	}
	if v.Known, err = l.known(ctx, l.place.Repo, v.shown); err != nil {
		return v, err
	}
	v.URL = issuesURL(v.shown, l.place.Name, l.policy.Labels.Tracked)
	v.Dues = map[string]time.Time{} // the issues bring those of their milestones
	for _, is := range v.shown {
		if is.State == "open" && !is.Due.IsZero() {
			v.Dues[is.Milestone] = is.Due
		}
	}
	return v, nil
}

func (l *pass) renderMilestone(ctx context.Context, title string, before rules.Baseline) (v view, err error) {
	m, found, err := l.milestone(ctx, title)
	if err != nil {
		return v, err
	}
	if !found {
		v.text = milestoneGone(title)
		return v, nil
	}
	if v.shown, v.hidden, err = l.list(ctx, step.IssueFilter{Milestone: m.Number}); err != nil {
		return v, err
	}
	if m.State == "open" {
		v.due = m.Due
	}
	of := rules.Milestone{Number: m.Number, Title: m.Title, State: m.State, URL: m.URL, Due: m.Due}
	v.text = l.policy.StatusOf(of, v.shown, before.Without(v.hidden), l.Clock())
	return v, nil
}

// list are the issues of a filter, read, and the numbers of those under embargo, of which nothing is told.
func (l *pass) list(ctx context.Context, f step.IssueFilter) (shown []rules.Issue, hidden []int, err error) {
	found, err := l.gh.Issues(ctx, l.place.Name, f)
	shown = make([]rules.Issue, 0, len(found))
	for _, one := range found {
		is := read(l.policy, one)
		if is.Embargoed {
			hidden = append(hidden, is.Number)
			continue
		}
		shown = append(shown, is)
	}
	return shown, hidden, err
}

// known joins the patch-release issues among some with what was found out about each when it was last looked at. Of
// those under embargo nothing is told to anybody.
func (p *Patches) known(ctx context.Context, repo int64, issues []rules.Issue) ([]rules.Known, error) {
	facts := map[int]rules.Facts{}
	var snaps []store.Snapshot
	if repo != 0 { // else nothing is kept of it
		var err error
		if snaps, err = p.Store.Snapshots(ctx, store.SnapshotFilter{Repo: repo, Prefix: kindIssue + ":"}); err != nil {
			return nil, fmt.Errorf("list the issues of repository %d: %w", repo, err)
		}
	}
	for _, snap := range snaps {
		memory, err := decoded[issueMemory](snap)
		if err != nil {
			return nil, err
		}
		facts[snap.Issue] = memory.Facts
	}
	var out []rules.Known
	for _, is := range issues {
		if one := (rules.Known{Issue: is, Facts: facts[is.Number]}); one.Tracked() && !one.Embargoed {
			out = append(out, one)
		}
	}
	return out, nil
}

// issuesURL is the list of all tracked issues on GitHub.
func issuesURL(shown []rules.Issue, repo, label string) string {
	if len(shown) == 0 {
		return ""
	}
	root, _, _ := strings.Cut(shown[0].URL, "/"+repo+"/")
	return root + "/" + repo + "/issues?q=label%3A" + label
}

// remind says once, in a comment of its own, that a milestone is due in the days of the policy.
func (l *pass) remind(ctx context.Context, what string, v view, memory *reportMemory) error {
	if v.due.IsZero() {
		return nil
	}
	day := func(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }
	days := int(day(v.due).Sub(day(l.Clock())).Hours() / 24)
	key := v.due.UTC().Format(time.DateOnly) + "/" + strconv.Itoa(days)
	if !slices.Contains(l.policy.Milestones.Remind, days) || slices.Contains(memory.Reminded, key) {
		return nil
	}
	text := milestoneDue(l.policy, strings.TrimPrefix(what, "milestone "), v.due, days, v.shown)
	if err := l.say(ctx, "reminder/="+what+"/"+key, text); err != nil {
		return err
	}
	memory.Reminded = append(memory.Reminded, key)
	return nil
}
