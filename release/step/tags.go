package step

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slipway-dev/slipway/release/params"
)

// createTag makes tags at one pinned commit, in the order of the list. A tag that is there at that commit is done; at
// another commit it is a stop: nothing ever moves a tag (a moved tag breaks every consumer's checksum:
// go-containerregistry#2107 and many more).
type createTag struct {
	gh interface {
		RefReader
		RefWriter
	}
	params.CreateTag
}

func (k createTag) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	return certainly(o, err, func() []Write {
		return writes(in.Repo, fmt.Sprintf("create tag %s at %s", k.Tag, commit(k.SHA)))
	})
}

func (k createTag) Observe(ctx context.Context, in Input) (Outcome, error) {
	if k.Tag == "" {
		return Outcome{}, errors.New("the tag has no name")
	}
	ref, found, err := k.gh.Tag(ctx, in.Repo, k.Tag)
	switch {
	case err != nil:
		return Outcome{}, err
	case !found:
		return Missing(), nil
	case ref.SHA != k.SHA:
		return Conflicts(fmt.Sprintf("the tag %s already exists at %s, not at %s", k.Tag, short(ref.SHA), short(k.SHA)),
			"a tag is never moved: "+abortAndNext()), nil
	}
	return DoneWith(Receipt{Text: fmt.Sprintf("tag %s at %s", k.Tag, short(k.SHA)), SHA: k.SHA}), nil
}

func (k createTag) Act(ctx context.Context, in Input) error {
	_, found, err := k.gh.Tag(ctx, in.Repo, k.Tag)
	if err != nil || found {
		return err
	}
	return k.gh.CreateTag(ctx, in.Repo, k.Tag, k.SHA, k.Message)
}

// waitTag waits for a tag that the project's own CI makes. Where it was made is what the next phase goes on from.
type waitTag struct {
	gh RefReader
	params.WaitTag
}

func (waitTag) Plan(context.Context, Input) ([]Write, error) { return nil, nil }

func (k waitTag) Observe(ctx context.Context, in Input) (Outcome, error) {
	tag := k.Tag
	ref, found, err := k.gh.Tag(ctx, in.Repo, tag)
	if err != nil {
		return Outcome{}, err
	}
	if !found {
		if k.Hours > 0 && !in.Since.IsZero() && in.Now.Sub(in.Since) >= time.Duration(k.Hours)*time.Hour {
			return Conflicts(fmt.Sprintf("the tag %s does not exist after %d hours", tag, k.Hours),
				"check the CI job that creates it, or push the tag; then "+retry(in)), nil
		}
		return WaitFor("the tag "+tag, k.Who,
			"CI creates it after the merge. If it does not, check its job, or push the tag", time.Time{}), nil
	}
	return DoneWith(Receipt{Text: fmt.Sprintf("tag %s at %s", tag, short(ref.SHA)), SHA: ref.SHA}), nil
}

func (waitTag) Act(context.Context, Input) error { return nil }
