package step

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// createTag makes tags at one pinned commit, in the order of the list. A tag that is there at that commit is done; at
// another commit it is a stop: nothing ever moves a tag (a moved tag breaks every consumer's checksum:
// go-containerregistry#2107 and many more).
type createTag struct {
	gh interface {
		RefReader
		RefWriter
	}
}

// tags are the names to be made. None at all would count as all seen.
func (k createTag) tags(in Input) ([]string, error) {
	tags := lines(in.With["tag"])
	if len(tags) == 0 {
		return nil, errors.New("parameter tag: it names no tag")
	}
	return tags, nil
}

func (k createTag) Plan(ctx context.Context, in Input) ([]Write, error) {
	tags, err := k.tags(in)
	if err != nil {
		return nil, err
	}
	var out []Write
	for _, tag := range tags {
		ref, found, err := k.gh.Tag(ctx, in.Repo, tag)
		switch {
		case err != nil:
			return nil, err
		case !found:
			out = append(out, writes(in.Repo, fmt.Sprintf("create tag %s at %s", tag, commit(in.With["sha"])))...)
		case ref.SHA != in.With["sha"]:
			return nil, k.elsewhere(tag, ref.SHA, in)
		}
	}
	return out, nil
}

func (k createTag) Observe(ctx context.Context, in Input) (Outcome, error) {
	tags, err := k.tags(in)
	if err != nil {
		return Outcome{}, err
	}
	sha, missing := in.With["sha"], false
	for _, tag := range tags {
		ref, found, err := k.gh.Tag(ctx, in.Repo, tag)
		switch {
		case err != nil:
			return Outcome{}, err
		case !found:
			missing = true
		case ref.SHA != sha:
			stop := k.elsewhere(tag, ref.SHA, in)
			return Conflicts(stop.Why, stop.Fix), nil
		}
	}
	if missing {
		return Missing(), nil
	}
	text := fmt.Sprintf("tag %s at %s", tags[0], short(sha))
	if len(tags) > 1 {
		text = fmt.Sprintf("%d tags at %s", len(tags), short(sha))
	}
	return DoneWith(Receipt{Text: text, SHA: sha}), nil
}

// elsewhere is what a tag at another commit means.
func (createTag) elsewhere(tag, at string, in Input) *Stop {
	return &Stop{Why: fmt.Sprintf("the tag %s already exists at %s, not at %s", tag, short(at), short(in.With["sha"])),
		Fix: "a tag is never moved: " + abortAndNext()}
}

func (k createTag) Act(ctx context.Context, in Input) error {
	tags, err := k.tags(in)
	if err != nil {
		return err
	}
	for _, tag := range tags {
		_, found, err := k.gh.Tag(ctx, in.Repo, tag)
		if err != nil {
			return err
		}
		if found {
			continue
		}
		if err := k.gh.CreateTag(ctx, in.Repo, tag, in.With["sha"], in.With["message"]); err != nil {
			return err
		}
	}
	return nil
}

// waitTag waits for a tag that the project's own CI makes. Where it was made is what the next phase goes on from.
type waitTag struct{ gh RefReader }

func (waitTag) Plan(context.Context, Input) ([]Write, error) { return nil, nil }

func (k waitTag) Observe(ctx context.Context, in Input) (Outcome, error) {
	tag := in.With["tag"]
	ref, found, err := k.gh.Tag(ctx, in.Repo, tag)
	if err != nil {
		return Outcome{}, err
	}
	if !found {
		if hours, err := strconv.Atoi(in.With["hours"]); err == nil && !in.Since.IsZero() &&
			in.Now.Sub(in.Since) >= time.Duration(hours)*time.Hour {
			return Conflicts(fmt.Sprintf("the tag %s does not exist after %d hours", tag, hours),
				"check the CI job that creates it, or push the tag; then "+retry(in)), nil
		}
		return WaitFor("the tag "+tag, in.With["who"],
			"CI creates it after the merge. If it does not, check its job, or push the tag", time.Time{}), nil
	}
	return DoneWith(Receipt{Text: fmt.Sprintf("tag %s at %s", tag, short(ref.SHA)), SHA: ref.SHA}), nil
}

func (waitTag) Act(context.Context, Input) error { return nil }
