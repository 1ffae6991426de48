package conversation

import (
	"context"
	"fmt"

	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
)

// unread works an issue whose log another version of Slipway wrote in a form that this one cannot read: each comment
// with commands is refused, once, in a note of its own, as nothing can be put on record. Nothing else is written. What
// else waits in the mailbox stays there for the version that can read the log. The job is given up, and `bot jobs`
// lists it with the cause.
func (c *Conversation) unread(ctx context.Context, p Place, form *release.UnknownForm, cause error) error {
	w := &worker{c: c, l: &Log{Place: p, GH: c.client(p), c: c, id: p.Key()}}
	mail, err := w.mail(ctx)
	if err != nil {
		return err
	}
	for _, m := range mail {
		if m.Said.Comment < 0 || m.Edited || m.Event != nil {
			continue
		}
		lines, err := w.addressed(ctx, &Request{c: c, l: w.l, Said: m.Said})
		if err != nil {
			return err
		}
		if len(lines) > 0 {
			if err := w.refuseUnread(ctx, m.Said, lines, form); err != nil {
				return err
			}
		}
		if err := c.Store.DoneMail(ctx, p.Repo, p.Issue, m.Mail.Comment); err != nil {
			return err
		}
	}
	return store.GiveUp{Err: cause}
}

// refuseUnread refuses the commands of one comment.
func (w *worker) refuseUnread(ctx context.Context, s Said, lines []parse.Command, form *release.UnknownForm) error {
	text := otherVersion(form, lines[0]).Markdown()
	_, err := w.c.Note(ctx, w.l.GH, w.l.Place, fmt.Sprintf("unread/%d", s.Comment), func(bool) string { return text })
	return err
}
