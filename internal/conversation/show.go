package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/logcopy"
	"github.com/slipway-dev/slipway/release/step"
)

// extent says which views to show.
type extent int

const (
	reactions  extent = iota // 👀 alone, while work is about to begin
	everything               // all of them
)

// Settle is how long a list of GitHub's may lag behind a write: what may have been written is looked for that long
// before it is written again.
const Settle = 10 * time.Second

// show brings what people see up to what the log says. The receipt of each view goes to the log, so that no reply is
// ever posted twice. A view that fails does not keep the others back. The last reply carries the copy of the log where
// that is old.
func (l *Log) show(ctx context.Context, x extent) error {
	var failed error
	unshown := release.Unshown(l.Release)
	last := lastReply(unshown)
	for _, view := range unshown {
		if x == reactions && !strings.HasSuffix(view.What, "/eyes") {
			continue
		}
		done, err := l.write(ctx, view, view.What == last && l.copyIsOld())
		switch final := github.Final(err); {
		case err == nil, errors.Is(err, step.ErrGone): // the comment was deleted: there is nothing left to answer
		case final && decoration(view):
			l.c.Log.Info().Err(err).Str("release", l.id).Str("view", view.What).Msg("not shown")
		case final:
			// It stays open, and is shown when Slipway may write here again.
			l.c.Log.Warn().Err(err).Str("release", l.id).Str("view",
				view.What).Msg("not shown, tried again at the next event")
			continue
		case decoration(view):
			if x == everything && l.quiet() < tryFor {
				failed = first(failed, store.Later{At: l.c.Clock().Add(decorateAgain)})
			}
			continue // later only at the next event
		default:
			failed = first(failed, err)
			l.copyWaits = l.copyWaits || view.What == last
			continue
		}
		if err := l.Append(ctx, l.receipts(view, done, err)...); err != nil {
			return err
		}
	}
	return failed
}

// written is what was written of a view.
type written struct {
	id   int64 // of the comment, where it is one
	node string
	copy string // the copy of the log that the comment carries, where it does
}

// receipts are what the log keeps of a view that was written, or whose comment is gone.
func (l *Log) receipts(view release.View, done written, err error) []release.Event {
	receipt := release.Shown{What: view.What, Hash: view.Hash(), ID: done.id, Node: done.node}
	switch {
	case err != nil && done.id != 0 && done.id == l.carrier():
		return []release.Event{receipt, release.Shown{What: carried}} // the copy is gone with it
	case err != nil || done.copy == "":
		return []release.Event{receipt}
	}
	return []release.Event{receipt, release.Shown{What: carried, Hash: release.View{Body: done.copy}.Hash(),
		ID: done.id}}
}

// decorateAgain is after how long a reaction that could not be put is tried again: it may be the whole answer.
const decorateAgain = time.Minute

// decoration says that nobody misses the view: it never holds anything back.
func decoration(v release.View) bool {
	return strings.HasPrefix(v.What, "react/") || strings.HasPrefix(v.What, "minimized/")
}

// quiet is for how long nothing was written to the log.
func (l *Log) quiet() time.Duration {
	if len(l.entries) == 0 {
		return 0
	}
	return l.c.Clock().Sub(l.entries[len(l.entries)-1].At)
}

func (l *Log) write(ctx context.Context, view release.View, carry bool) (written, error) {
	switch kind, _, _ := strings.Cut(view.What, "/"); kind {
	case "react":
		return written{}, l.GH.React(ctx, l.Place.Name, view.Comment, view.Body)
	case "minimized":
		return written{}, l.GH.Minimize(ctx, l.Place.Name, view.Node)
	case "status":
		return l.writeStatus(ctx, view)
	}
	return l.reply(ctx, view, carry)
}

// reply writes one comment: edited by its id where that is known. Where a comment may have been written whose receipt
// was lost it is looked for by its hidden mark, until GitHub's lists must show it. With carry it carries the copy of
// the log where both fit.
func (l *Log) reply(ctx context.Context, view release.View, carry bool) (written, error) {
	key := l.id + "/" + view.What
	if shown := l.Release.Views[view.What]; shown.ID != 0 {
		return l.edit(ctx, view, written{id: shown.ID, node: shown.Node}, carry)
	}
	if since, begun := l.Release.Showing[view.What]; begun {
		there, found, err := l.c.find(ctx, l.GH, l.Place, key)
		switch {
		case err != nil:
			return written{}, err
		case found && there.Body == l.comment(view):
			return written{id: there.ID, node: there.NodeID}, nil
		case found:
			// It may carry the newest copy, of which the log does not know.
			carry = carry || carries(view) && logcopy.In(there.Body)
			return l.edit(ctx, view, written{id: there.ID, node: there.NodeID}, carry)
		case l.c.Clock().Before(since.Add(Settle)):
			return written{}, store.Later{At: since.Add(Settle)}
		}
	}
	if err := l.Append(ctx, release.Shown{What: view.What, Begun: true}); err != nil {
		return written{}, err
	}
	body, text, err := l.load(ctx, view, carry)
	if err != nil {
		return written{}, err
	}
	made, err := l.GH.CreateComment(ctx, l.Place.Name, l.Place.Issue, body)
	return written{id: made.ID, node: made.NodeID, copy: text}, err
}

// edit writes a comment that is there. One that carries the newest copy of the log keeps one: where a newer one does
// not fit any more, it is written elsewhere before.
func (l *Log) edit(ctx context.Context, view release.View, to written, carry bool) (written, error) {
	keeps := to.id == l.carrier()
	body, text, err := l.load(ctx, view, carry || keeps)
	if err != nil {
		return written{}, err
	}
	if keeps && text == "" {
		if err := l.copyApart(ctx); err != nil {
			return written{}, err
		}
	}
	to.copy = text
	return to, l.GH.EditComment(ctx, l.Place.Name, to.id, body)
}

// comment is the text of a comment with its mark, without a copy.
func (l *Log) comment(view release.View) string {
	return view.Body + "\n\n" + l.mark(l.id+"/"+view.What)
}

// load is the text of a comment; with carry it ends with a copy of the log, which is told as well, where both fit.
func (l *Log) load(ctx context.Context, view release.View, carry bool) (body, text string, err error) {
	body = l.comment(view)
	if !carry {
		return body, "", nil
	}
	text, err = l.copyBeside(ctx, body)
	if err != nil || text == "" {
		return body, "", err
	}
	return body + "\n" + text, text, nil
}

// mark is the hidden mark of a reply: its key, and up to which entry a copy of the log must reach that is no older.
func (l *Log) mark(key string) string {
	mark := parse.Marker(key)
	if l.c.Copies == nil {
		return mark
	}
	return mark + l.c.Copies.mark(l.subject(), l.lastThatCounts())
}

// find looks for our comment with a mark. A mark in a comment of anybody else is a copy.
func (c *Conversation) find(ctx context.Context, gh step.GitHub, p Place, key string) (step.Comment, bool, error) {
	comments, err := gh.Comments(ctx, p.Name, p.Issue)
	if err != nil {
		return step.Comment{}, false, err
	}
	for _, one := range comments {
		if c.Ours(one.Author) && slices.Contains(parse.Markers(one.Body), key) {
			return one, true, nil
		}
	}
	return step.Comment{}, false, nil
}

// longest is the longest body that GitHub takes, in characters.
const longest = 65536

// writeStatus puts the status into the description. It is read again right before it is written, and only what stands
// between our marks changes. Where both do not fit the words of people come first, and the status gets a comment.
func (l *Log) writeStatus(ctx context.Context, view release.View) (written, error) {
	if l.Release.Views["status"].ID != 0 {
		return l.reply(ctx, view, false)
	}
	ctx = github.Afresh(ctx)
	issue, found, err := l.GH.Issue(ctx, l.Place.Name, l.Place.Issue)
	if err != nil {
		return written{}, err
	}
	if !found {
		return written{}, fmt.Errorf("the tracking issue is not there: %w", step.ErrGone)
	}
	body := parse.ReplaceSection(issue.Body, view.Body)
	if body == issue.Body {
		return written{}, nil
	}
	if len([]rune(body)) > longest {
		return l.reply(ctx, view, false)
	}
	now, err := l.GH.EditIssueBody(ctx, l.Place.Name, l.Place.Issue, body)
	if err == nil && now.Body != body {
		// GitHub may answer 200 to a text that is too long for it, and keep the old one.
		return l.reply(ctx, view, false)
	}
	return written{}, err
}

// restore puts the status back where somebody changed or removed it.
func (l *Log) restore(ctx context.Context) error {
	l.look = false
	if _, shown := l.Release.Views["status"]; !shown || !l.Release.Begun || l.Release.Views["status"].ID != 0 {
		return nil
	}
	_, err := l.writeStatus(ctx, release.View{What: "status", Body: release.Status(l.Release)})
	if errors.Is(err, step.ErrGone) {
		return nil
	}
	return err
}
