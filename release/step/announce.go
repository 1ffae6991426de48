package step

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
)

// Announcer sends announcements to the channels that the server is configured with.
type Announcer interface {
	// Takes says that there is a channel of that name for the repository.
	Takes(repo, channel string) bool
	// Send sends one. A NotSent error is sure not to have been delivered; after any other it may have been.
	Send(ctx context.Context, channel string, a Announcement) error
}

// Announcement is what people outside GitHub are told.
type Announcement struct {
	Key           string // names it, and no other one
	Repo, Version string
	Subject, Text string
	At            time.Time
}

// NotSent is an announcement that nobody has got.
type NotSent struct{ Why string }

func (e *NotSent) Error() string { return e.Why }

// announce sends an announcement once. No channel tells whether something was sent before, so a comment on the tracking
// issue does: it is written before sending, and says afterwards how it went. Where it is not known, because the process
// was killed in between or the answer was lost, a person looks: an announcement that comes twice is worse than one that
// is late.
type announce struct {
	gh IssueStore
	params.Announce
}

// The ends of the key under which the comment says how far it is.
const (
	sent    = "/sent"
	notSent = "/not-sent"
)

func (k announce) Plan(ctx context.Context, in Input) ([]Write, error) {
	if !k.takes(in) {
		return nil, nil
	}
	o, err := k.Observe(ctx, in)
	return unless(o, err, func() []Write {
		return writes(in.Repo, fmt.Sprintf("send to %s: %s, %s", k.Channel,
			markdown.Quote(k.Subject), markdown.Quote(k.Text)))
	})
}

func (k announce) takes(in Input) bool {
	return in.Announce != nil && in.Announce.Takes(in.Repo, k.Channel)
}

func (k announce) Observe(ctx context.Context, in Input) (Outcome, error) {
	channel := k.Channel
	c, found, err := marked(ctx, k.gh, in, in.Key)
	if err != nil {
		return Outcome{}, err
	}
	keys := parse.Markers(c.Body)
	switch {
	case found && slices.Contains(keys, in.Key+sent):
		return DoneWith(Receipt{Text: "sent to " + channel, URL: c.URL, ID: c.ID}), nil
	case !k.takes(in):
		return Outcome{
			State: Waiting, ByHand: true, Why: "a person to send the announcement to " + channel,
			Fix: "this server has no channel `" + channel + "` for " + in.Repo + ". Send it by hand:\n\n" + k.text() +
				"\n\nThen tick its box in the description, or " + done(in),
		}, nil
	case !found || !slices.Contains(keys, try(in)):
		return Missing(), nil
	case slices.Contains(keys, in.Key+notSent):
		return Conflicts("it was [not sent]("+c.URL+")", "to send it, "+retry(in)+". If it was sent by hand, "+
			done(in)), nil
	}
	return Outcome{
		State: Conflict, ByHand: true, Why: "it is not known whether it [was sent](" + c.URL + ") to " + channel,
		Fix: "check the channel. If it arrived, " + done(in) + ". To send it again, " + retry(in),
	}, nil
}

// try is the end of the key that names one try: each is made once, whatever happens to the process in between.
func try(in Input) string { return in.Key + "/try-" + strconv.Itoa(in.Try) }

// text is the announcement, to be looked at or copied.
func (k announce) text() string {
	return markdown.Block("text", k.Subject+"\n\n"+strings.TrimSpace(k.Text))
}

func (k announce) Act(ctx context.Context, in Input) error {
	c, found, err := marked(ctx, k.gh, in, in.Key)
	if err != nil {
		return err
	}
	tell := func(how, why, end string) error {
		body := fmt.Sprintf("**%s** to %s%s:\n\n%s\n\n%s", how, k.Channel, why, k.text(),
			parse.Marker(in.Key)+"\n"+parse.Marker(try(in)))
		if end != "" {
			body += "\n" + parse.Marker(in.Key+end)
		}
		if found {
			return k.gh.EditComment(ctx, in.Repo, c.ID, body)
		}
		c, err = k.gh.CreateComment(ctx, in.Repo, in.Issue, body)
		found = err == nil
		return err
	}
	if err := tell("Sending", "", ""); err != nil {
		return err
	}
	err = in.Announce.Send(ctx, k.Channel, Announcement{
		Key: in.Key, Repo: in.Repo, Version: in.Version, Subject: k.Subject, Text: strings.TrimSpace(
			k.Text), At: in.Now,
	})
	var no *NotSent
	switch {
	case errors.As(err, &no):
		return tell("Not sent", ", because "+markdown.Text(no.Why), notSent)
	case err != nil:
		return nil //nolint:nilerr // what is known is in the comment: it was about to be sent
	}
	return tell("Sent", "", sent)
}
