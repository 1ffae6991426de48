package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/logcopy"
	"github.com/slipway-dev/slipway/release/step"
)

// Recovered says what was restored of one issue.
type Recovered struct {
	Place   Place
	Version string    // of the release
	Copied  int       // how many entries the copy has
	At      time.Time // when the last of them was made
	Added   int       // how many of them the database lacked; 0 when nothing was lost
	Heard   int       // comments with commands that wait to be worked
}

// NotRecovered is why an issue was left as it was: a sentence for whoever runs Slipway, without its full stop.
type NotRecovered struct {
	Why string
	Err error // what it comes from, where there is such a thing
}

func (n *NotRecovered) Error() string { return n.Why }
func (n *NotRecovered) Unwrap() error { return n.Err }

// Recoverable lists the open issues of a repository whose description holds a status of Slipway's, in their order.
func (c *Conversation) Recoverable(ctx context.Context, repo store.Repository) ([]int, error) {
	gh := c.client(Place{Repo: repo.ID, Installation: repo.Installation})
	issues, err := gh.Issues(ctx, repo.Name, step.IssueFilter{State: "open"})
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, one := range issues {
		if _, tracked := parse.Section(one.Body); tracked && !one.Pull {
			numbers = append(numbers, one.Number)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// Recover rebuilds the log of an issue from the copy that stands there, and puts what was said since into its mailbox.
// It may be done again when it was cut off, and never replaces what the database holds: the error is NotRecovered where
// the copy is missing, was not made by us, is an old one, or tells something else than the database.
func (c *Conversation) Recover(ctx context.Context, repo store.Repository, issue int) (Recovered, error) {
	p := Place{Repo: repo.ID, Name: repo.Name, Installation: repo.Installation, Issue: issue}
	if c.Copies == nil {
		return Recovered{Place: p}, &NotRecovered{Why: "no recovery key is configured, so that no copy can be verified"}
	}
	f, err := c.look(github.Afresh(ctx), p)
	if err != nil {
		return Recovered{Place: p}, err
	}
	last := f.entries[len(f.entries)-1]
	out := Recovered{Place: p, Version: f.release.Started.Version, Copied: last.Seq, At: last.At}
	if err := c.Remember(ctx, repo); err != nil {
		return out, err
	}
	if out.Added, err = c.rebuild(ctx, f); err != nil {
		return out, err
	}
	said := f.said()
	for _, s := range said {
		if err := c.Mail(ctx, p, s); err != nil {
			return out, err
		}
	}
	out.Heard = len(said)
	if err := c.Mail(ctx, p, f.restored(c.Clock())); err != nil {
		return out, err
	}
	say := func(there bool) string {
		if !there {
			return ""
		}
		return restored(p)
	}
	if _, err := c.Note(ctx, c.client(p), p, unknownNote, say); err != nil {
		c.Log.Warn().Err(err).Str("release", f.subject.Log).Msg("note about the lost database not changed")
	}
	return out, c.Store.Enqueue(ctx, store.Job{Kind: store.KindIssue, Key: p.Key()}, time.Time{})
}

// found is a copy with what stands on its issue.
type found struct {
	place    Place
	subject  logcopy.Subject
	entries  []store.Entry // of the copy
	events   []release.Entry
	release  release.Release
	issue    step.Issue
	comments []step.Comment // oldest first
	ours     func(author string) bool
	carrier  int64 // the reply that carries the copy; 0 where the copy has comments of its own
}

// look reads the issue, and takes the copy only where it is ours, whole and the newest.
func (c *Conversation) look(ctx context.Context, p Place) (found, error) {
	f := found{place: p, ours: c.Ours}
	gh := c.client(p)
	issue, there, err := gh.Issue(ctx, p.Name, p.Issue)
	if err != nil {
		return f, err
	}
	if !there {
		return f, &NotRecovered{Why: "GitHub has no such issue"}
	}
	f.issue = issue
	if f.comments, err = gh.Comments(ctx, p.Name, p.Issue); err != nil {
		return f, err
	}
	slices.SortFunc(f.comments, func(a, b step.Comment) int { return int(a.ID - b.ID) })
	var ours []step.Comment
	var bodies []string
	for _, one := range f.comments {
		if c.Ours(one.Author) {
			ours, bodies = append(ours, one), append(bodies, one.Body)
		}
	}
	newestCopy, err := c.Copies.keys.Decode(p.Repo, p.Issue, bodies)
	if err != nil {
		return f, &NotRecovered{Why: err.Error(), Err: err}
	}
	subject, entries := newestCopy.Subject, newestCopy.Entries
	f.subject, f.carrier = subject, carrierOf(subject, ours[newestCopy.In[0]])
	if newest := c.Copies.keys.Newest(subject, bodies); newest > len(entries) {
		return f, &NotRecovered{Why: fmt.Sprintf("the copy is old: it ends at entry %d, and a later reply was "+
			"written at "+
			"entry %d, so the entries %d to %d are missing", len(entries), newest, len(entries)+1, newest)}
	}
	for _, e := range entries {
		event, err := release.Decode(e.Kind, e.Data)
		if err != nil {
			return f, &NotRecovered{Why: fmt.Sprintf("entry %d of the copy cannot be read: %v", e.Seq, err), Err: err}
		}
		f.entries = append(f.entries, store.Entry(e))
		f.events = append(f.events, release.Entry{Seq: e.Seq, At: e.At, Event: event})
	}
	f.release = release.Fold(subject.Log, f.events)
	return f, nil
}

// carrierOf is the id of the comment that a copy was found in where it is a reply.
func carrierOf(s logcopy.Subject, c step.Comment) int64 {
	for _, mark := range parse.Markers(c.Body) {
		if what, is := strings.CutPrefix(mark, s.Log+"/"); is && carries(release.View{What: what}) {
			return c.ID
		}
	}
	return 0
}

// Remember keeps a repository of which the database was lost, so that jobs of its issues can run, and comments of ours
// of which nothing is known are looked for before they are written.
func (c *Conversation) Remember(ctx context.Context, repo store.Repository) error {
	if err := c.Store.SetValue(ctx, lostValue(repo.ID), c.Clock().UTC().Format(time.RFC3339)); err != nil {
		return err
	}
	if known, there, err := c.Store.Repository(ctx, repo.ID); err != nil || there && known.Away != "" {
		return err
	}
	repo.At = c.Clock()
	return c.Store.PutRepository(ctx, repo)
}

// lostValue names the value that says since when the database knows nothing older of a repository.
func lostValue(repo int64) string { return "lost/" + strconv.FormatInt(repo, 10) }

// rebuild writes the entries that the database lacks, and how many those are.
func (c *Conversation) rebuild(ctx context.Context, f found) (int, error) {
	id, known, err := c.Store.LogOf(ctx, f.place.Repo, f.place.Issue)
	if err != nil {
		return 0, err
	}
	var have []store.Entry
	if known {
		if have, err = c.Store.Entries(ctx, id); err != nil {
			return 0, err
		}
	}
	if len(have) > 0 && id != f.subject.Log {
		return 0, &NotRecovered{Why: fmt.Sprintf(
			"the database holds a log of this issue that is not the copied one: %s instead of %s", id, f.subject.Log)}
	}
	for i := range min(len(have), len(f.entries)) {
		if a, b := have[i], f.entries[i]; a.Kind != b.Kind || string(a.Data) != string(b.Data) || !a.At.Equal(b.At) {
			return 0, &NotRecovered{Why: fmt.Sprintf(
				"the database holds a log of this issue that differs from the copy from entry %d on; it stays as it is",
				i+1)}
		}
	}
	lost := len(f.entries) - len(have)
	if lost <= 0 {
		return 0, nil
	}
	since := f.since(c.Clock().UTC())
	more, err := encoded(since)
	if err != nil {
		return 0, err
	}
	all, r := slices.Concat(f.entries[len(have):], more), release.Apply(f.release, since...)
	if len(have) == 0 {
		err = c.Store.Restore(ctx, f.subject.Log, all, index(f.place, r))
	} else {
		err = c.Store.Append(ctx, f.subject.Log, len(have), all, index(f.place, r))
	}
	if errors.Is(err, store.ErrConflict) {
		return 0, &NotRecovered{Why: "Slipway wrote to the log of this issue at the same time; try again", Err: err}
	}
	return lost, err
}

// since is what the log is to hold beyond the copy. Comments that the copy does not know yet are known by their ids, so
// that they are edited and not made again; the status is written anew; and each open step counts as tried, so that what
// it may have written is looked for before it writes.
func (f found) since(now time.Time) []release.Entry {
	var events []release.Event
	status := release.Shown{What: "status", ID: f.release.Views["status"].ID}
	for what, comment := range f.written() {
		if f.release.Views[what].ID != 0 {
			continue
		}
		one := release.Shown{What: what, ID: comment.ID, Node: comment.NodeID}
		if what == status.What {
			status = one
			continue
		}
		events = append(events, one)
	}
	slices.SortFunc(events, func(a, b release.Event) int { return int(a.(release.Shown).ID - b.(release.Shown).ID) })
	if _, shown := f.release.Views[status.What]; shown || status.ID != 0 {
		events = append(events, status)
	}
	if f.carrier != 0 {
		events = append(events, release.Shown{What: carried, ID: f.carrier})
	}
	for i, run := range f.release.Runs {
		if i < f.release.First || run.Over || f.release.Aborted != nil && !run.Undo {
			continue
		}
		for _, s := range run.Steps {
			if s.Done == nil && s.Stopped == nil {
				events = append(events, release.Tried{Run: i, Step: s.ID})
			}
		}
	}
	out := make([]release.Entry, len(events))
	for i, event := range events {
		out[i] = release.Entry{Seq: len(f.entries) + 1 + i, At: now, Event: event}
	}
	return out
}

// written are our comments of this log by the view that they show. Of several the oldest counts.
func (f found) written() map[string]step.Comment {
	views := map[string]step.Comment{}
	for _, one := range slices.Backward(f.comments) {
		if !f.ours(one.Author) {
			continue
		}
		for _, mark := range parse.Markers(one.Body) {
			if what, is := strings.CutPrefix(mark, f.subject.Log+"/"); is {
				views[what] = one
			}
		}
	}
	return views
}

// said is what waits to be worked: commands that the log took and did not decide, and those that came after the copy.
func (f found) said() []Said {
	var out []Said
	highest := int64(0)
	for _, reply := range f.release.Replies {
		highest = max(highest, reply.Comment)
	}
	written, last := f.written(), f.entries[len(f.entries)-1].At
	undecided := f.undecided()
	for _, one := range f.comments {
		if f.ours(one.Author) || one.Bot || len(parse.Commands(one.Body)) == 0 || f.took(one.ID) {
			continue
		}
		// No mark is newer than the copy: what was answered after it led to nothing.
		if _, answered := written[fmt.Sprintf("reply/%d", one.ID)]; answered {
			continue
		}
		// Clocks differ, and comments may come late by as much as others wait for them.
		if one.ID < highest && one.At.Before(last.Add(-WaitForMissing)) {
			continue
		}
		s := f.describe(Said{Comment: one.ID, At: one.At, By: one.Author, ByID: one.AuthorID, Body: one.Body})
		// What it was before the edit is not known, and only new comments are commands.
		s.Edited = one.Updated.After(one.At)
		out = append(out, s)
	}
	out = append(out, undecided...)
	slices.SortFunc(out, func(a, b Said) int { return int(a.Comment - b.Comment) })
	return out
}

// undecided are the comments of which the log took commands without deciding them, with those commands as they were
// taken: nothing that somebody wrote into them since is obeyed.
func (f found) undecided() []Said {
	var out []Said
	for _, reply := range f.release.Replies {
		s := Said{Comment: reply.Comment, By: reply.By}
		var lines []string
		for _, part := range reply.Parts {
			if part.Decided || reply.Comment <= 0 {
				continue
			}
			for len(lines) < part.Line {
				lines = append(lines, "")
			}
			lines[part.Line-1], s.At = part.Text, part.At
		}
		if lines == nil {
			continue
		}
		s.Body = strings.Join(lines, "\n")
		for _, e := range f.events {
			if taken, is := e.Event.(release.Commanded); is && taken.Comment == s.Comment {
				s.ByID = taken.ID
			}
		}
		out = append(out, f.describe(s))
	}
	return out
}

// restored is what lets the job of the issue see what happened to it since the copy. It comes before what was said.
func (f found) restored(now time.Time) Said {
	last := f.entries[len(f.entries)-1]
	return Said{
		Comment: EventID(last.At, fmt.Sprintf("restored/%d", last.Seq)), At: now, Event: &Happening{What: Restored},
	}
}

// took says that the log knows a command of the comment.
func (f found) took(comment int64) bool {
	return slices.ContainsFunc(f.release.Replies, func(r release.Reply) bool { return r.Comment == comment })
}

// describe adds what an event would have said of the issue.
func (f found) describe(s Said) Said {
	s.Title, s.Pull, s.DefaultBranch = f.issue.Title, f.issue.Pull, f.release.Started.DefaultBranch
	s.Milestone = f.issue.MilestoneTitle
	s.Assignees = persons(f.issue.Assignees)
	return s
}

// persons are users as the log holds them.
func persons(users []step.User) []release.Person {
	out := make([]release.Person, len(users))
	for i, u := range users {
		out[i] = release.Person(u)
	}
	return out
}
