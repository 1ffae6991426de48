package tracker

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/ledger"
	"github.com/slipway-dev/slipway/release/step"
)

// reportMemory is what is kept of a report: where it stands, what it said, and what it compares with.
type reportMemory struct {
	Comment  int64           `json:"comment,omitempty"`
	Text     string          `json:"text,omitempty"`
	Before   ledger.Baseline `json:"before,omitzero"`
	Reminded []string        `json:"reminded,omitempty"`
	Week     ledger.Baseline `json:"week,omitzero"`    // what the last weekly summary showed
	Itself   bool            `json:"itself,omitempty"` // it began with the publication of its version
	Over     bool            `json:"over,omitempty"`   // its version has a successor: it stays as it is
	Gone     bool            `json:"gone,omitempty"`   // its comment was deleted: nobody wants it any more
}

// upcoming is the report of the patches that come next. The others are called milestone TITLE and version vX.Y.Z: a
// milestone may have the title of a version that is published.
const upcoming = "patches"

// askReport begins a report on the issue, or brings it up to date at once.
func (t *Tracker) askReport(ctx context.Context, gh step.GitHub, p ledger.Policy, c Comment, args []string) error {
	what := strings.Join(args, " ")
	all, err := gh.Milestones(ctx, c.Repo)
	if err != nil {
		return err
	}
	titles := make([]string, len(all))
	for i, m := range all {
		titles[i] = m.Title
	}
	if what == "" {
		issue, _, err := gh.Issue(ctx, c.Repo, c.Number)
		if err != nil {
			return err
		}
		if what = issue.MilestoneTitle; what == "" {
			what = upcoming
		}
	}
	tags, err := versions(ctx, gh, c.Repo)
	if err != nil {
		return err
	}
	open := slices.ContainsFunc(all, func(m step.Milestone) bool { return m.Title == what && m.State == "open" })
	switch {
	case what == upcoming:
	case open:
		what = "milestone " + what
	case semver.IsValid(what) && slices.Contains(tags, what):
		what = "version " + what
	case slices.Contains(titles, what):
		what = "milestone " + what
	default:
		options := append([]string{upcoming}, titles...)
		fix := "comment `/release report patches`, `/release report MILESTONE` or `/release report vX.Y.Z`; milestones are " + strings.Join(titles, ", ")
		if near, ok := parse.Nearest(what, append(options, tags...)); ok {
			fix = "did you mean `/release report " + near + "`? " + fix
		}
		return &refusal{why: "there is no milestone and no published version `" + strings.ReplaceAll(what, "`", "'") + "`", fix: fix}
	}
	log := reportLog(c.Place, what)
	unlock, err := t.Store.Lock(ctx, log)
	if err != nil {
		return fmt.Errorf("lock %s: %w", log, err)
	}
	defer unlock()
	var memory reportMemory
	if err := t.load(ctx, log, &memory); err != nil {
		return err
	}
	if memory.Comment == 0 || memory.Gone {
		// Each report is looked at again for ever after: to begin one is not for everybody.
		if err := t.mayGuard(ctx, gh, p, c, "begin a report"); err != nil {
			return err
		}
	}
	memory.Gone, memory.Over, memory.Itself = false, false, false
	if err := t.save(ctx, c.Place, log, memory, true); err != nil {
		return err
	}
	return t.write(ctx, gh, p, c.Place, what, memory, true)
}

func reportLog(p Place, what string) string { return p.log("report") + "/=" + what }

// report brings one report up to date, because something happened or a day went by.
func (t *Tracker) report(ctx context.Context, place Place, what string) error {
	gh := t.GitHub(place.Installation)
	p, on, problem, err := t.policy(ctx, gh, place.Repo)
	if err != nil || !on || problem != "" {
		return err
	}
	var memory reportMemory
	if err := t.load(ctx, reportLog(place, what), &memory); err != nil || memory.Gone || memory.Over {
		return err
	}
	if err := t.write(ctx, gh, p, place, what, memory, false); err != nil {
		return err
	}
	// Days are counted in it, and reminders fall due: it looks again tomorrow. The store keeps an earlier time.
	return store.Later{At: t.Clock().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)}
}

// write renders a report and writes it where it differs from what it said. It costs one request for each hundred
// issues, one for milestones or tags, and one to write; without changes GitHub answers 304 to all of them.
func (t *Tracker) write(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, what string, memory reportMemory, asked bool) error {
	shot, err := t.render(ctx, gh, p, place, what, memory.Before)
	if err != nil {
		return err
	}
	text, shown, now := shot.text, shot.shown, t.Clock()
	if every := time.Duration(max(1, p.Reports.Every)) * 24 * time.Hour; memory.Before.At.IsZero() || asked || now.Sub(memory.Before.At) >= every {
		// The next report is compared with this one; this one still shows what it was compared with.
		memory.Before = ledger.NewBaseline(now.UTC(), shown)
	}
	log := reportLog(place, what)
	body := mark(text, log)
	switch {
	case memory.Comment == 0:
		if memory.Comment, err = t.sticky(ctx, gh, place, log, func(bool) string { return text }); err != nil {
			return err
		}
	case memory.Text != text:
		if err := gh.EditComment(ctx, place.Repo, memory.Comment, body); err != nil {
			if gone(err) != nil {
				return err
			}
			memory.Gone = true
		}
	}
	memory.Text = text
	if version, is := strings.CutPrefix(what, "version "); is && memory.Itself {
		// Nobody asked for it: once its line has a newer version, and the report says so, it stays as it is.
		memory.Over = ledger.Superseded(version, shot.tags)
	}
	if err := t.remind(ctx, gh, p, place, what, shot.due, shown, &memory); err != nil {
		return err
	}
	if what == upcoming && !memory.Gone {
		if err := t.remindPicks(ctx, gh, p, place, shot, &memory); err != nil {
			return err
		}
		if err := t.weekly(ctx, gh, p, place, shot, &memory); err != nil {
			return err
		}
	}
	return t.save(ctx, place, log, memory, !memory.Gone && !memory.Over)
}

// shot is what a report shows, and what it was made of.
type shot struct {
	text  string
	shown []ledger.Issue
	due   time.Time // of the milestone
	known []ledger.Known
	tags  []string
	dates map[string]ledger.Dates // of the coming patches, by version
}

// render makes the text.
func (t *Tracker) render(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, what string, before ledger.Baseline) (s shot, err error) {
	list := func(f step.IssueFilter) error {
		found, err := gh.Issues(ctx, place.Repo, f)
		for _, is := range found {
			s.shown = append(s.shown, read(p, is))
		}
		return err
	}
	kind, name, _ := strings.Cut(what, " ")
	if kind == "milestone" {
		all, err := gh.Milestones(ctx, place.Repo)
		if err != nil {
			return s, err
		}
		i := slices.IndexFunc(all, func(m step.Milestone) bool { return m.Title == name })
		if i < 0 {
			s.text = "## Milestone " + ledger.Calm(name) + "\n\nThere is no such milestone any more."
			return s, nil
		}
		m := all[i]
		if err := list(step.IssueFilter{Milestone: m.Number}); err != nil {
			return s, err
		}
		if m.State == "open" {
			s.due = m.Due
		}
		s.text = p.StatusOf(ledger.Milestone{Number: m.Number, Title: m.Title, State: m.State, URL: m.URL, Due: m.Due}, s.shown, before, t.Clock())
		return s, nil
	}
	if s.tags, err = versions(ctx, gh, place.Repo); err != nil {
		return s, err
	}
	if err := list(step.IssueFilter{Label: p.Labels.Tracked}); err != nil {
		return s, err
	}
	for _, is := range s.shown {
		one, err := t.known(ctx, place.Repo, is)
		if err != nil {
			return s, err
		}
		if one.Tracked() {
			s.known = append(s.known, one)
		}
	}
	url := issuesURL(s.shown, place.Repo, p.Labels.Tracked)
	if kind == "version" {
		s.text = p.KnownIssues(name, s.known, s.tags, url)
		return s, nil
	}
	dues := map[string]time.Time{} // the issues bring those of their milestones
	for _, is := range s.shown {
		if is.State == "open" && !is.Due.IsZero() {
			dues[is.Milestone] = is.Due
		}
	}
	if s.dates, err = t.dates(ctx, gh, p, place.Repo, s.tags); err != nil {
		return s, err
	}
	s.text = p.Upcoming(s.known, s.tags, dues, s.dates, t.Clock(), url)
	return s, nil
}

// known joins an issue with what was found out about it when it was last looked at.
func (t *Tracker) known(ctx context.Context, repo string, is ledger.Issue) (ledger.Known, error) {
	var memory issueMemory
	err := t.load(ctx, Place{Repo: repo, Number: is.Number}.log("issue"), &memory)
	return ledger.Known{Issue: is, Facts: memory.Facts}, err
}

// issuesURL is the list of all tracked issues on GitHub.
func issuesURL(shown []ledger.Issue, repo, label string) string {
	if len(shown) == 0 {
		return ""
	}
	root, _, _ := strings.Cut(shown[0].URL, "/"+repo+"/")
	return root + "/" + repo + "/issues?q=label%3A" + label
}

// remind says once, in a comment of its own, that a milestone is due in the days of the policy.
func (t *Tracker) remind(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, what string, due time.Time, shown []ledger.Issue, memory *reportMemory) error {
	if due.IsZero() || memory.Gone {
		return nil
	}
	days := int(due.UTC().Truncate(24*time.Hour).Sub(t.Clock().UTC().Truncate(24*time.Hour)).Hours() / 24)
	if !slices.Contains(p.Milestones.Remind, days) {
		return nil
	}
	key := due.UTC().Format(time.DateOnly) + "/" + strconv.Itoa(days)
	if slices.Contains(memory.Reminded, key) {
		return nil
	}
	when := fmt.Sprintf("due in %d days, on %s", days, due.UTC().Format(time.DateOnly))
	if days == 0 {
		when = "due today"
	}
	open := 0
	for _, is := range shown {
		if is.State == "open" {
			open++
		}
	}
	text := fmt.Sprintf("**Milestone %s is %s.** %d of %d are open.", ledger.Calm(strings.TrimPrefix(what, "milestone ")), when, open, len(shown))
	for _, is := range p.Blocking(shown) {
		text += "\n- blocks: " + is.Line()
	}
	if _, err := t.sticky(ctx, gh, place, place.log("reminder")+"/="+what+"/"+key, func(bool) string { return text }); err != nil {
		return err
	}
	memory.Reminded = append(memory.Reminded, key)
	return nil
}
