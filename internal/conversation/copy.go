package conversation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/logcopy"
	"github.com/slipway-dev/slipway/release/step"
)

// Copies signs the copies of logs that stand on tracking issues, from which a lost database is restored.
type Copies struct{ keys logcopy.Keys }

// NewCopies takes the recovery keys of the configuration, the newest first. Without keys there are no copies: nil.
func NewCopies(keys []string) *Copies {
	if len(keys) == 0 {
		return nil
	}
	return &Copies{keys: logcopy.NewKeys(keys)}
}

// mark is the hidden mark that says how far a log was.
func (c *Copies) mark(s logcopy.Subject, seq int) string { return c.keys.Mark(s, seq) }

func (l *Log) subject() logcopy.Subject {
	return logcopy.Subject{Log: l.id, Repo: l.Place.Repo, Issue: l.Place.Issue}
}

// copyAgain is after how long a copy that could not be written is tried again.
const copyAgain = time.Minute

// carried names the receipt of the comment that carries the copy of the log behind its own text.
const carried = "copy"

// Where the copy and a reply have room together, in characters: people read the issue, and GitHub takes 65,536.
const (
	longestCopy    = 40_000
	longestCarrier = 65_000
)

// keepCopy brings the copy of the log on the tracking issue up to date where no reply of this job carried it, and only
// where the log got entries that count. One that could not be written is tried again by a later job; nothing else waits
// for it. It waits itself for a reply that is tried again, but no longer than people wait for an answer.
func (l *Log) keepCopy(ctx context.Context) error {
	if !l.copyIsOld() || l.copyWaits && l.Failing() < tellAfter {
		return nil
	}
	err := l.writeCopy(ctx)
	if err == nil {
		return nil
	}
	at := l.c.Clock().Add(copyAgain)
	var later store.Later
	switch {
	case errors.As(err, &later):
		at, err = later.At, nil
	case github.Final(err):
		return err // the next job with something new tries again
	}
	return errors.Join(err, l.c.Store.Enqueue(ctx, store.Job{Kind: store.KindIssue, Key: l.Place.Key()}, at))
}

// copyIsOld says that entries which count follow the last receipt of the copy, or that the comment with it is gone.
func (l *Log) copyIsOld() bool {
	if l.c.Copies == nil || !l.Release.Begun {
		return false
	}
	for _, e := range slices.Backward(l.entries) {
		if shown, is := copied(e.Event); is {
			return shown.ID == 0
		}
		if counts(e.Event) {
			return true
		}
	}
	return false
}

// carrier is the comment that carries the newest copy; 0 where none does.
func (l *Log) carrier() int64 {
	if l.c.Copies == nil {
		return 0
	}
	for _, e := range slices.Backward(l.entries) {
		if shown, is := copied(e.Event); is && shown.What == carried {
			return shown.ID
		} else if is {
			return 0
		}
	}
	return 0
}

// copied is the receipt of a whole copy. Of one in comments of its own the first part is written last.
func copied(event release.Event) (release.Shown, bool) {
	shown, is := event.(release.Shown)
	return shown, is && !shown.Begun && (shown.What == carried || shown.What == partOf(1))
}

// lastThatCounts is the number of the newest entry that a copy must not lack; 0 when there is none.
func (l *Log) lastThatCounts() int {
	for _, e := range slices.Backward(l.entries) {
		if counts(e.Event) {
			return e.Seq
		}
	}
	return 0
}

// counts says that a log without the entry would be another one. Views are seen on the issue. A command that was only
// answered, or refused because of who gave it, comes to the same when it is heard again. Other refusals count: what was
// refused must not run later because it was forgotten.
func counts(event release.Event) bool {
	switch e := event.(type) {
	case release.Shown, release.Commanded, release.Decided, release.Tried, release.Noticed:
		return false
	case release.Delayed:
		return e.Told
	case release.Answered:
		return e.Refused && !e.Outsider
	}
	return true
}

// partOf names the view that holds one part of the copy.
func partOf(n int) string { return fmt.Sprintf("copy/%d", n) }

// writeCopy writes the copy into the newest reply that is there and has room for it, or else into comments of its own.
func (l *Log) writeCopy(ctx context.Context) error {
	for _, view := range l.replies() {
		if text, err := l.copyBeside(ctx, l.comment(view)); err != nil {
			return err
		} else if text == "" {
			break
		}
		done, err := l.reply(ctx, view, true)
		if err != nil && !errors.Is(err, step.ErrGone) {
			return fmt.Errorf("write the copy of log %s: %w", l.id, err)
		}
		if err := l.Append(ctx, l.receipts(view, done, err)...); err != nil || !l.copyIsOld() {
			return err
		}
	}
	return l.copyApart(ctx)
}

// replies are the comments that may carry the copy and are there, as they should read now, the newest first.
func (l *Log) replies() []release.View {
	id := func(v release.View) int64 { return l.Release.Views[v.What].ID }
	all := slices.DeleteFunc(release.Views(l.Release), func(v release.View) bool { return !carries(v) || id(v) == 0 })
	slices.SortFunc(all, func(a, b release.View) int { return cmp.Compare(id(b), id(a)) })
	return all
}

// lastReply names the last view that may carry the copy; empty when there is none.
func lastReply(views []release.View) string {
	for _, v := range slices.Backward(views) {
		if carries(v) {
			return v.What
		}
	}
	return ""
}

// carries says that the view is a comment that may carry the copy.
func carries(v release.View) bool {
	return strings.HasPrefix(v.What, "reply/") || strings.HasPrefix(v.What, "notice/")
}

// copyBeside is the copy in one part, for a comment with the text; empty where they do not fit together.
func (l *Log) copyBeside(ctx context.Context, body string) (string, error) {
	texts, err := l.encode(ctx, 1)
	if err != nil || len(texts) > 1 || len(texts[0]) > longestCopy {
		return "", err
	}
	if utf8.RuneCountInString(body)+1+len(texts[0]) > longestCarrier {
		return "", nil
	}
	return texts[0], nil
}

// encode is the copy of the log as it is stored.
func (l *Log) encode(ctx context.Context, least int) ([]string, error) {
	stored, err := l.c.Store.Entries(ctx, l.id)
	if err != nil {
		return nil, err
	}
	entries := make([]logcopy.Entry, len(stored))
	for i, e := range stored {
		entries[i] = logcopy.Entry(e)
	}
	return l.c.Copies.keys.Encode(l.subject(), entries, least)
}

// copyApart writes the copy into comments of its own, the first part last: its receipt says that the copy is whole.
func (l *Log) copyApart(ctx context.Context) error {
	texts, err := l.encode(ctx, l.copyParts())
	if err != nil {
		return err
	}
	for i, text := range slices.Backward(texts) {
		view := release.View{What: partOf(i + 1), Body: copyText(i+1, len(texts)) + "\n\n" + text}
		if err := l.keep(ctx, view); err != nil {
			return fmt.Errorf("write the copy of log %s: %w", l.id, err)
		}
	}
	return nil
}

// copyParts is how many parts of the copy there are.
func (l *Log) copyParts() int {
	n := 0
	for what, shown := range l.Release.Views {
		if strings.HasPrefix(what, "copy/") && shown.ID != 0 {
			n++
		}
	}
	return n
}

// keep writes one comment and its receipt. One that somebody deleted is written anew.
func (l *Log) keep(ctx context.Context, view release.View) error {
	done, err := l.reply(ctx, view, false)
	if errors.Is(err, step.ErrGone) && l.Release.Views[view.What].ID != 0 {
		if err := l.Append(ctx, release.Shown{What: view.What}); err != nil {
			return err
		}
		done, err = l.reply(ctx, view, false)
	}
	if err != nil {
		return err
	}
	return l.Append(ctx, l.receipts(view, done, nil)...)
}
