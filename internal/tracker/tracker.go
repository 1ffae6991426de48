// Package tracker keeps the issues of patch releases, their reports, milestones and cherry-picks as the ledger
// (release/ledger) says. It looks, asks the ledger, and writes what is not there yet; whatever it does can be done again.
//
// Its memory is in logs of the store, one for each issue, report and pull request, named kind:OWNER/NAME#NUMBER. A log
// holds snapshots: the newest entry is what counts. Those of reports and picks are open, so that whatever happens in
// their repository wakes them, as it wakes releases.
package tracker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/ledger"
	"github.com/slipway-dev/slipway/release/step"
)

// Tracker does it. All its fields are set by main and never change.
type Tracker struct {
	Store  *store.Store
	GitHub func(installation int64) step.GitHub
	Clock  func() time.Time
	Log    zerolog.Logger
	// AppSlug is the App's name: its user is SLUG[bot].
	AppSlug string
	// Calm is how long reports wait for more to happen before they are written anew.
	Calm time.Duration
}

// Place is an issue or pull request of a repository.
type Place struct {
	Installation int64
	Repo         string
	Number       int
}

func (p Place) log(kind string) string { return kind + ":" + p.Repo + "#" + strconv.Itoa(p.Number) }

// Owns says that a log is one of the tracker's.
func Owns(log string) bool {
	kind, _, found := strings.Cut(log, ":")
	return found && slices.Contains([]string{"issue", "report", "picks", "roll"}, kind)
}

// Work brings what a log stands for up to date.
func (t *Tracker) Work(ctx context.Context, log string) error {
	kind, rest, _ := strings.Cut(log, ":")
	where, what, _ := strings.Cut(rest, "/=")
	repo, number, found := strings.Cut(where, "#")
	n, err := strconv.Atoi(number)
	if err != nil || !found {
		return fmt.Errorf("read log name %q: not KIND:OWNER/NAME#NUMBER", log)
	}
	place := Place{Repo: repo, Number: n}
	if place.Installation, err = t.installation(ctx, log, repo); err != nil {
		return err
	}
	unlock, err := t.Store.Lock(ctx, log)
	if err != nil {
		return fmt.Errorf("lock %s: %w", log, err)
	}
	defer unlock()
	switch kind {
	case "issue":
		return t.issue(ctx, place)
	case "report":
		return t.report(ctx, place, what)
	case "picks":
		return t.picks(ctx, place)
	case "roll":
		return t.published(ctx, place, what)
	}
	return fmt.Errorf("read log name %q: nothing is called %s", log, kind)
}

// Issue lets an issue be looked at soon.
func (t *Tracker) Issue(ctx context.Context, p Place) error { return t.wake(ctx, p, p.log("issue"), 0) }

// Pull lets the picks of a pull request be looked at soon.
func (t *Tracker) Pull(ctx context.Context, p Place) error { return t.wake(ctx, p, p.log("picks"), 0) }

// wake makes the job, and a log where there is none, so that the job knows its installation.
func (t *Tracker) wake(ctx context.Context, p Place, log string, after time.Duration) error {
	if err := t.know(ctx, p, log); err != nil {
		return err
	}
	at := time.Time{}
	if after > 0 {
		at = t.Clock().Add(after)
	}
	return t.Store.Enqueue(ctx, store.Job{Kind: store.KindLog, Key: log}, at)
}

func (t *Tracker) know(ctx context.Context, p Place, log string) error {
	entries, err := t.Store.Entries(ctx, log)
	if err != nil || len(entries) > 0 {
		return err
	}
	if err := t.save(ctx, p, log, struct{}{}, false); !errors.Is(err, store.ErrConflict) {
		return err
	}
	return nil // another delivery was faster
}

// Wake lets every open report and pick of the repository look again: something happened there. An empty repo is all.
func (t *Tracker) Wake(ctx context.Context, repo string) error {
	logs, err := t.Store.Logs(ctx, store.Filter{Repo: repo, Open: new(true)})
	if err != nil {
		return fmt.Errorf("list the open logs of %s: %w", repo, err)
	}
	for _, l := range logs {
		if !Owns(l.Log) || strings.HasPrefix(l.Log, "report:") {
			continue
		}
		if err := t.Store.Enqueue(ctx, store.Job{Kind: store.KindLog, Key: l.Log}, time.Time{}); err != nil {
			return fmt.Errorf("wake %s: %w", l.Log, err)
		}
	}
	return t.wakeReports(ctx, repo)
}

// wakeReports lets the reports of the repository be written anew, once things have calmed down.
func (t *Tracker) wakeReports(ctx context.Context, repo string) error {
	logs, err := t.Store.Logs(ctx, store.Filter{Repo: repo, Open: new(true)})
	if err != nil {
		return fmt.Errorf("list the open logs of %s: %w", repo, err)
	}
	at := time.Time{}
	if t.Calm > 0 {
		at = t.Clock().Add(t.Calm)
	}
	for _, l := range logs {
		if !strings.HasPrefix(l.Log, "report:") {
			continue
		}
		if err := t.Store.Enqueue(ctx, store.Job{Kind: store.KindLog, Key: l.Log}, at); err != nil {
			return fmt.Errorf("wake %s: %w", l.Log, err)
		}
	}
	return nil
}

// Merged lets the issues look again that name a pull request: what git says of their claims may have changed.
func (t *Tracker) Merged(ctx context.Context, p Place) error {
	ref := "#" + strconv.Itoa(p.Number)
	return t.wakeIssues(ctx, p.Repo, func(f ledger.Facts) bool {
		return slices.ContainsFunc(f.Fixes, func(fix ledger.Fix) bool { return fix.Ref == ref }) ||
			slices.ContainsFunc(slices.Collect(maps.Values(f.Picks)), func(pick ledger.Pick) bool { return pick.Ref == ref })
	})
}

// Tagged lets the issues look again that wait for a version of the line of a new tag.
func (t *Tracker) Tagged(ctx context.Context, repo, tag string) error {
	minor := ledger.MinorOf(tag)
	if minor == "" {
		return nil
	}
	return t.wakeIssues(ctx, repo, func(f ledger.Facts) bool {
		return slices.ContainsFunc(f.Claims, func(c ledger.Claim) bool { return ledger.MinorOf(c.Version) == minor && !c.Released }) ||
			f.Picks[minor].Merged && f.Picks[minor].Tag == ""
	})
}

func (t *Tracker) wakeIssues(ctx context.Context, repo string, concerned func(ledger.Facts) bool) error {
	logs, err := t.Store.Logs(ctx, store.Filter{Repo: repo})
	if err != nil {
		return fmt.Errorf("list the logs of %s: %w", repo, err)
	}
	for _, l := range logs {
		if !strings.HasPrefix(l.Log, "issue:") {
			continue
		}
		var memory issueMemory
		if err := t.load(ctx, l.Log, &memory); err != nil {
			return err
		}
		if memory.Tracked && concerned(memory.Facts) {
			if err := t.Store.Enqueue(ctx, store.Job{Kind: store.KindLog, Key: l.Log}, time.Time{}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Tracker) installation(ctx context.Context, log, repo string) (int64, error) {
	logs, err := t.Store.Logs(ctx, store.Filter{Repo: repo})
	if err != nil {
		return 0, fmt.Errorf("list the logs of %s: %w", repo, err)
	}
	for _, l := range logs {
		if l.Log == log {
			return l.Installation, nil
		}
	}
	return 0, fmt.Errorf("log %s is not there", log)
}

// load reads the newest snapshot of a log into memory; a log without one leaves it as it is.
func (t *Tracker) load(ctx context.Context, log string, memory any) error {
	entries, err := t.Store.Entries(ctx, log)
	if err != nil {
		return fmt.Errorf("read log %s: %w", log, err)
	}
	if len(entries) == 0 {
		return nil
	}
	if err := json.Unmarshal(entries[len(entries)-1].Data, memory); err != nil {
		return fmt.Errorf("log %s, entry %d: %w", log, len(entries), err)
	}
	return nil
}

// save appends a snapshot, unless it says what the newest says. An open log is woken by what happens in its repository.
func (t *Tracker) save(ctx context.Context, p Place, log string, memory any, open bool) error {
	data, err := json.Marshal(memory)
	if err != nil {
		return err
	}
	entries, err := t.Store.Entries(ctx, log)
	if err != nil {
		return err
	}
	index := store.Index{Repo: p.Repo, Issue: p.Number, Installation: p.Installation, Open: open}
	var fresh []store.Entry
	if len(entries) == 0 || string(entries[len(entries)-1].Data) != string(data) {
		fresh = []store.Entry{{Seq: len(entries) + 1, At: t.Clock().UTC(), Kind: "snapshot", Data: data}}
	}
	return t.Store.Append(ctx, log, len(entries), fresh, index)
}

// policy reads how the repository keeps its issues: its own file on the default branch, else that of the owner's
// .github repository. on is false where there is none; problem says what is wrong with it.
func (t *Tracker) policy(ctx context.Context, gh step.GitHub, repo string) (p ledger.Policy, on bool, problem string, err error) {
	owner, _, _ := strings.Cut(repo, "/")
	content, found, err := gh.File(ctx, repo, ledger.File, "")
	if err == nil && !found && repo != owner+"/.github" {
		content, found, err = gh.File(ctx, owner+"/.github", ledger.File, "")
		if errors.Is(err, step.ErrGone) {
			err = nil
		}
	}
	if err != nil || !found {
		return p, false, "", err
	}
	p, wrong := ledger.Load(content)
	if wrong != nil {
		problem = wrong.Error()
	}
	return p, true, problem, nil
}

// trusted says that a person may change guarded labels, set milestones and ask for picks. Not knowing is an error.
func (t *Tracker) trusted(ctx context.Context, gh step.GitHub, p ledger.Policy, repo, login string) (bool, error) {
	return among(ctx, gh, p.Trusted, repo, login)
}

// among says that a person is one of those.
func among(ctx context.Context, gh step.GitHub, those ledger.Trusted, repo, login string) (bool, error) {
	levels := []string{"none", "read", "triage", "write", "maintain", "admin"}
	have, err := gh.Permission(ctx, repo, login)
	if err != nil {
		return false, err
	}
	if slices.Index(levels, have) >= slices.Index(levels, those.Permission) {
		return true, nil
	}
	owner, _, _ := strings.Cut(repo, "/")
	for _, team := range those.Teams {
		member, err := gh.TeamMember(ctx, owner, team, login)
		if err != nil || member {
			return member, err
		}
	}
	return false, nil
}

// sticky writes the one comment of a key: edited when it differs, made when it is missing and there is something to
// say. It gives the id of the comment, 0 when there is none.
func (t *Tracker) sticky(ctx context.Context, gh step.GitHub, p Place, key string, say func(said bool) string) (int64, error) {
	comments, err := gh.Comments(ctx, p.Repo, p.Number)
	if err != nil {
		return 0, err
	}
	for _, c := range comments {
		if !c.Bot || !slices.Contains(parse.Markers(c.Body), key) {
			continue
		}
		if body := mark(say(true), key); body != c.Body {
			return c.ID, gone(gh.EditComment(ctx, p.Repo, c.ID, body))
		}
		return c.ID, nil
	}
	text := say(false)
	if text == "" {
		return 0, nil
	}
	made, err := gh.CreateComment(ctx, p.Repo, p.Number, mark(text, key))
	return made.ID, err
}

func mark(text, key string) string { return strings.TrimRight(text, "\n") + "\n\n" + parse.Marker(key) }

// gone forgives a comment that somebody deleted.
func gone(err error) error {
	if errors.Is(err, step.ErrGone) {
		return nil
	}
	return err
}

// read turns an issue of GitHub's into one of the ledger's.
func read(p ledger.Policy, is step.Issue) ledger.Issue {
	return p.Read(ledger.Issue{
		Number: is.Number, Title: is.Title, Body: is.Body, State: is.State, Labels: is.Labels, Milestone: is.MilestoneTitle, Due: is.MilestoneDue,
		Author: is.Author, URL: is.URL, Pull: is.Pull, Created: is.Created, Updated: is.Updated, Closed: is.Closed,
	})
}

// versions are the tags that are versions, lowest first.
func versions(ctx context.Context, gh step.GitHub, repo string) ([]string, error) {
	tags, err := gh.Tags(ctx, repo)
	if err != nil {
		return nil, err
	}
	return ledger.Versions(tags), nil
}

// labels makes those that the repository lacks, and puts all on the issue.
func (t *Tracker) labels(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, names []string) error {
	if len(names) == 0 {
		return nil
	}
	if err := t.define(ctx, gh, p, place.Repo, names); err != nil {
		return err
	}
	return gone(gh.AddLabels(ctx, place.Repo, place.Number, names))
}

// define makes the labels that the repository lacks.
func (t *Tracker) define(ctx context.Context, gh step.GitHub, p ledger.Policy, repo string, names []string) error {
	have, err := gh.Labels(ctx, repo)
	if err != nil {
		return err
	}
	for _, name := range names {
		if slices.ContainsFunc(have, func(l step.Label) bool { return strings.EqualFold(l.Name, name) }) {
			continue
		}
		l := p.Describe(name)
		if err := gh.CreateLabel(ctx, repo, step.Label{Name: l.Name, Color: l.Color, Description: l.About}); err != nil {
			return err
		}
	}
	return nil
}
