package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/step"
)

// Which views to show: only the reactions, while work is about to begin, or everything.
type extent int

const (
	reactions extent = iota
	everything
)

// show brings what people see up to the state. Each view is compared with what is there before it is written, and
// its receipt goes to the log, so that no reply is ever posted twice.
func (e *Engine) show(ctx context.Context, b *book, x extent) error {
	gh := e.GitHub(b.installation())
	for _, view := range release.Unshown(b.release) {
		eyes := strings.HasSuffix(view.What, "/eyes")
		if x == reactions && !eyes {
			continue
		}
		id, err := e.write(ctx, gh, b, view)
		if errors.Is(err, step.ErrGone) {
			err = nil // the comment was deleted by its author; there is nothing left to answer
		}
		if err != nil {
			return fmt.Errorf("show %s of %s: %w", view.What, b.id, err)
		}
		if err := b.append(ctx, release.Shown{What: view.What, Hash: view.Hash(), ID: id}); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) write(ctx context.Context, gh step.GitHub, b *book, view release.View) (id int64, err error) {
	switch {
	case strings.HasPrefix(view.What, "react/"):
		return 0, gh.React(ctx, b.place.Repo, view.Comment, view.Body)
	case strings.HasPrefix(view.What, "reply/"):
		return e.reply(ctx, gh, b, view)
	}
	issue, found, err := gh.Issue(ctx, b.place.Repo, b.place.Issue)
	if err != nil || !found {
		return 0, errors.Join(err, notFound(found, "the tracking issue"))
	}
	body := parse.ReplaceSection(issue.Body, view.Body)
	if body == issue.Body {
		return 0, nil
	}
	if len([]rune(body)) > maxBody {
		// The words of people come first: where both do not fit, the status gets a comment of its own.
		return e.reply(ctx, gh, b, view)
	}
	return 0, gh.EditBody(ctx, b.place.Repo, b.place.Issue, body)
}

func notFound(found bool, what string) error {
	if found {
		return nil
	}
	return fmt.Errorf("%s is not there: %w", what, step.ErrGone)
}

// maxBody is the longest body that GitHub takes, in characters.
const maxBody = 65536

// reply writes one comment: found by its hidden mark, edited when it differs, created when it is
// missing.
func (e *Engine) reply(ctx context.Context, gh step.GitHub, b *book, view release.View) (id int64, err error) {
	key := fmt.Sprintf("%s/%s", b.id, view.What)
	body := view.Body + "\n\n" + parse.Marker(key)
	comments, err := gh.Comments(ctx, b.place.Repo, b.place.Issue)
	if err != nil {
		return 0, err
	}
	for _, c := range comments {
		if !c.Bot || !slices.Contains(parse.Markers(c.Body), key) {
			continue
		}
		if c.Body == body {
			return c.ID, nil
		}
		return c.ID, gh.EditComment(ctx, b.place.Repo, c.ID, body)
	}
	made, err := gh.CreateComment(ctx, b.place.Repo, b.place.Issue, body)
	return made.ID, err
}
