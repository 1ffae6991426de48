package webhook

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
)

// Work does the work of one delivery. The store marks it as handled with the end of the job. A payload that cannot be
// read is given up: it is not read better the next time.
func (in *Intake) Work(ctx context.Context, guid string) error {
	d, err := in.Store.Delivery(ctx, guid)
	if errors.Is(err, store.ErrNotFound) || err == nil && d.Payload == nil {
		return nil // it was worked before
	}
	if err != nil {
		return err
	}
	err = in.handle(ctx, d)
	if unreadable(err) {
		return store.GiveUp{Err: err}
	}
	return err
}

// handle gives a delivery to its handler, once what it says of its repository is kept.
func (in *Intake) handle(ctx context.Context, d store.Delivery) error {
	h, err := readHead(d.Payload)
	if err != nil {
		return fmt.Errorf("%s delivery %s: %w", d.Event, d.GUID, err)
	}
	in.pushed(d.Event, h)
	ctx = github.OneJob(ctx)
	cause := h.cause(d.GUID, d.ReceivedAt)
	if h.Repository.ID != 0 {
		ok, err := in.Repositories.Meet(ctx, h.repository(), cause)
		if err != nil {
			return fmt.Errorf("%s delivery %s: %w", d.Event, d.GUID, err)
		}
		if !ok {
			in.Log.Info().Str("delivery", d.GUID).Str("event", d.Event).Str("repository", d.Repo).
				Msg("delivery dropped: no installation of the App covers the repository")
			return nil
		}
	}
	ctx = conversation.WithCause(ctx, cause)
	for _, one := range in.Handlers {
		if !slices.Contains(one.Handles(), d.Event) {
			continue
		}
		if err := one.Handle(ctx, d.Event, d.GUID, d.Payload); err != nil {
			return fmt.Errorf("%s delivery %s: %w", d.Event, d.GUID, err)
		}
	}
	return nil
}

// unreadable says that an error is about what stands in a payload.
func unreadable(err error) bool {
	_, head := errors.AsType[*unreadableError](err)
	_, rest := errors.AsType[store.GiveUp](err)
	return head || rest
}
