package step

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
)

// draftRelease makes the draft of the GitHub release, with its notes. One writer makes it, and finds it again by the
// hidden mark in its body: GitHub lets several drafts share a tag, and assets that go to two of them are lost
// (agentrq#373). So a second draft, or one of somebody else, is a stop.
type draftRelease struct {
	gh ReleaseStore
	params.DraftRelease
}

func (k draftRelease) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	return certainly(o, err, func() []Write {
		kind := "release"
		if k.Prerelease {
			kind = "pre-release"
		}
		from := ""
		if k.Notes == "generate" && k.Previous != "" {
			from = ", with notes since " + k.Previous
		}
		return writes(in.Repo, fmt.Sprintf("draft %s %s at %s%s", kind, k.Tag,
			commit(k.Target), from))
	})
}

func (k draftRelease) Observe(ctx context.Context, in Input) (Outcome, error) {
	all, err := k.gh.Releases(ctx, in.Repo)
	if err != nil {
		return Outcome{}, err
	}
	var own, foreign []Published
	for _, p := range all {
		switch {
		case p.Tag != k.Tag:
		case slices.Contains(parse.Markers(p.Body), in.Key):
			own = append(own, p)
		default:
			foreign = append(foreign, p)
		}
	}
	switch {
	case len(own) > 1:
		return Conflicts(fmt.Sprintf("there are %d drafts of %s", len(own), k.Tag),
			"delete all but one on GitHub, then "+retry(in)), nil
	case len(foreign) > 0 && foreign[0].Draft:
		return Conflicts("there is a draft of "+k.Tag+" that Slipway did not make",
			"publish or delete it on GitHub, then "+retry(in)), nil
	case len(foreign) > 0:
		return Conflicts("release "+k.Tag+" was already published, but not by Slipway",
			"if it is right, "+skip(in)+". Otherwise, "+abortAndNext()), nil
	case len(own) == 0:
		return Missing(), nil
	}
	return DoneWith(Receipt{Text: "draft of " + own[0].Tag, ID: own[0].ID, URL: own[0].URL}), nil
}

func (k draftRelease) Act(ctx context.Context, in Input) error {
	body, err := notes(ctx, k.gh, in.Repo, k.DraftRelease)
	if err != nil {
		return err
	}
	_, err = k.gh.CreateDraft(ctx, in.Repo, Published{
		Tag: k.Tag, Name: k.Name, Target: k.Target, Draft: true,
		Prerelease: k.Prerelease, Body: strings.TrimSpace(body+"\n\n") + "\n\n" +
			parse.Marker(in.Key),
	})
	return err
}

// notes are the text of a release: what the process says before them, and those that GitHub generates for the target.
func notes(ctx context.Context, gh ReleaseStore, repo string, p params.DraftRelease) (string, error) {
	if p.Notes != "generate" {
		return p.Body, nil
	}
	_, generated, err := gh.GenerateNotes(ctx, repo, p.Tag, p.Previous, p.Target)
	return strings.TrimSpace(p.Body + "\n\n" + markdown.Notes(generated)), err
}

// publishRelease publishes the draft that this release made, last of all. It never sets a release back to draft, and
// afterwards holds the tag against the commit that was built (a tag made at publication lands where the branch is).
type publishRelease struct {
	gh interface {
		ReleaseStore
		RefReader
	}
	params.PublishRelease
}

// prefix is what all keys of this release begin with: a draft whose mark does is ours.
func prefix(key string) string {
	if i := strings.LastIndex(key, "/"); i >= 0 {
		key = key[:i]
	}
	return key + "/"
}

func (k publishRelease) Plan(ctx context.Context, in Input) ([]Write, error) {
	published, _, err := k.find(ctx, in)
	if err != nil {
		return nil, err
	}
	if published != nil {
		o, err := k.Observe(ctx, in)
		return certainly(o, err, nil)
	}
	latest := ""
	if latestOf(k.Latest, k.IsLatest) == "true" {
		latest = " as the latest release"
	}
	return writes(in.Repo, "publish release "+k.Tag+latest), nil
}

// latestOf is what GitHub is told: auto stands for what was found out when the phase began.
func latestOf(latest, found string) string {
	if latest == "auto" {
		return found
	}
	return latest
}

func (k publishRelease) find(ctx context.Context, in Input) (published, draft *Published, err error) {
	all, err := k.gh.Releases(ctx, in.Repo)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range all {
		if p.Tag != k.Tag {
			continue
		}
		ours := slices.ContainsFunc(parse.Markers(p.Body),
			func(key string) bool { return strings.HasPrefix(key, prefix(in.Key)) })
		switch {
		case !p.Draft:
			published = &p
		case ours:
			draft = &p
		}
	}
	return published, draft, nil
}

func (k publishRelease) Observe(ctx context.Context, in Input) (Outcome, error) {
	published, draft, err := k.find(ctx, in)
	if err != nil {
		return Outcome{}, err
	}
	if published == nil {
		if draft == nil {
			return Conflicts("the draft of "+k.Tag+" does not exist any more",
				"make the release by hand, then "+done(in)+". To end the release, comment `/release abort REASON`"), nil
		}
		return k.publishable(ctx, in, *draft)
	}
	ref, found, err := k.gh.Tag(ctx, in.Repo, k.Tag)
	switch {
	case err != nil:
		return Outcome{}, err
	case !found:
		return Conflicts("release "+k.Tag+" is published, but its tag is missing", tagMissing(in)), nil
	case k.SHA != "" && ref.SHA != k.SHA:
		return Conflicts(
			fmt.Sprintf("release %s is published, but its tag is at %s, not at %s", k.Tag, short(ref.SHA),
				short(k.SHA)),
			publishedWrong(),
		), nil
	}
	return DoneWith(Receipt{Text: fmt.Sprintf("release %s published, tag at %s", k.Tag, short(ref.SHA)),
		SHA: ref.SHA, ID: published.ID, URL: published.URL}), nil
}

// publishable looks at the commit that the release would get, before and not after the one write that nothing takes
// back. Where the tag is missing, GitHub makes it at the draft's target.
func (k publishRelease) publishable(ctx context.Context, in Input, draft Published) (Outcome, error) {
	sha := k.SHA
	if sha == "" {
		return Missing(), nil
	}
	ref, found, err := k.gh.Tag(ctx, in.Repo, k.Tag)
	switch {
	case err != nil:
		return Outcome{}, err
	case found && ref.SHA != sha:
		return Conflicts(
			fmt.Sprintf("the tag %s is at %s, not at %s, so the draft was not published", k.Tag,
				short(ref.SHA), short(sha)),
			"a tag is never moved: "+abortAndNext(),
		), nil
	case !found && draft.Target != sha:
		return Conflicts(
			fmt.Sprintf("there is no tag %s, and publishing the draft would create it at %s, not at %s", k.Tag,
				short(draft.Target), short(sha)),
			"run `git tag "+k.Tag+" "+sha+" && git push origin "+k.Tag+"`, then "+retry(in),
		), nil
	}
	return Missing(), nil
}

func (k publishRelease) Act(ctx context.Context, in Input) error {
	published, draft, err := k.find(ctx, in)
	if err != nil || published != nil || draft == nil {
		return err
	}
	_, err = k.gh.Publish(ctx, in.Repo, draft.ID, latestOf(k.Latest, k.IsLatest))
	return err
}

// createRelease publishes a release in one call. A workflow on: release of the type created starts at that moment
// alone: a release that begins as a draft never has it (dependabot/cli#152).
type createRelease struct {
	gh interface {
		ReleaseStore
		RefReader
	}
	params.CreateRelease
}

func (k createRelease) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	return certainly(o, err, func() []Write {
		what := "release"
		switch {
		case k.Prerelease:
			what = "pre-release"
		case latestOf(k.Latest, k.IsLatest) == "true":
			what = "latest release"
		}
		return writes(in.Repo, fmt.Sprintf("publish %s %s at %s, without a draft", what, k.Tag,
			commit(k.SHA)))
	})
}

func (k createRelease) Observe(ctx context.Context, in Input) (Outcome, error) {
	tag, sha := k.Tag, k.SHA
	all, err := k.gh.Releases(ctx, in.Repo)
	if err != nil {
		return Outcome{}, err
	}
	ref, found, err := k.gh.Tag(ctx, in.Repo, tag)
	if err != nil {
		return Outcome{}, err
	}
	published := slices.IndexFunc(all, func(p Published) bool { return p.Tag == tag && !p.Draft })
	draft := slices.IndexFunc(all, func(p Published) bool { return p.Tag == tag && p.Draft })
	switch {
	case found && ref.SHA != sha:
		return Conflicts(fmt.Sprintf("the tag %s is at %s, not at %s", tag, short(ref.SHA), short(sha)),
			"a tag is never moved: "+abortAndNext()), nil
	case published >= 0 && !found:
		return Conflicts("release "+tag+" is published, but its tag is missing", tagMissing(in)), nil
	case published >= 0:
		return DoneWith(Receipt{Text: fmt.Sprintf("release %s published, tag at %s", tag, short(sha)), SHA: sha,
			ID: all[published].ID, URL: all[published].URL}), nil
	case draft >= 0:
		return Conflicts("there is a draft of "+tag+", and workflows do not start when a draft is published",
			"delete [the draft]("+all[draft].URL+"), then "+retry(in)), nil
	}
	return Missing(), nil
}

func (k createRelease) Act(ctx context.Context, in Input) error {
	body, err := notes(ctx, k.gh, in.Repo, params.DraftRelease{Tag: k.Tag, Target: k.SHA, Notes: k.Notes,
		Previous: k.Previous, Body: k.Body})
	if err != nil {
		return err
	}
	_, err = k.gh.CreateRelease(ctx, in.Repo, Published{
		Tag: k.Tag, Name: k.Name, Target: k.SHA, Prerelease: k.Prerelease,
		Body: strings.TrimSpace(strings.TrimSpace(body) + "\n\n" + parse.Marker(in.Key)),
	}, latestOf(k.Latest, k.IsLatest))
	return err
}
