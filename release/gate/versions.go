package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/edit"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// tags are the versions that exist, and how many tags there are.
func tags(ctx context.Context, gh step.RefReader, in Input) (versions []release.Version, n int, err error) {
	all, err := gh.Tags(ctx, in.Repo)
	if err != nil {
		return nil, 0, err
	}
	for _, tag := range all {
		if v, ok := in.Release.Started.Process.Versions.Read(tag); ok {
			versions = append(versions, v)
		}
	}
	return versions, len(all), nil
}

// versionFollows holds the version rules once more before anything is made: "Versioning rules must be double-checked"
// (Falco release.md, Code freeze). "Exceptions to the versioning rules are never allowed", so nothing skips it.
type versionFollows struct{ gh step.RefReader }

func (k versionFollows) Check(ctx context.Context, in Input) (release.Verdict, error) {
	existing, n, err := tags(ctx, k.gh, in)
	if err != nil {
		return release.Verdict{}, err
	}
	scheme := in.Release.Started.Process.Versions
	v, err := scheme.Parse(in.Release.Started.Version)
	if err != nil {
		return release.Verdict{}, err
	}
	rule := in.Release.Started.Version + " follows the existing versions"
	// The version's own tag is the business of tag-free: a cut that goes on after a crash finds it.
	finals := []release.Version{}
	for _, e := range existing {
		if e.Final() && e.String() != v.String() {
			finals = append(finals, e)
		}
	}
	if err := scheme.Follows(v, scheme.WithDuds(finals, in.Release.Started.Burned)); err != nil {
		var broken *release.RuleError
		if errors.As(err, &broken) && broken.Skippable && in.Release.Started.Skip != "" {
			return release.Hold(rule, "a version is skipped: "+markdown.Code(in.Release.Started.Skip)), nil
		}
		fix := "comment `/release abort REASON`, then start a version that follows the existing ones"
		if errors.As(err, &broken) && broken.Want != "" {
			fix = "comment `/release abort REASON`, then `/release start " + broken.Want + "`"
		}
		return release.Never(rule, markdown.Text(err.Error()), rulesStay(), fix), nil
	}
	return release.Hold(rule, release.Count(n, "tag")), nil
}

// tagFree wants the tag absent, or already at the right commit.
type tagFree struct {
	gh step.RefReader
	params.TagFree
}

func (k tagFree) Check(ctx context.Context, in Input) (release.Verdict, error) {
	tag, sha := k.Tag, k.SHA
	ref, found, err := k.gh.Tag(ctx, in.Repo, tag)
	if err != nil {
		return release.Verdict{}, err
	}
	rule := "the tag " + tag + " is free"
	switch {
	case !found:
		return release.Hold(rule, "it does not exist yet"), nil
	case ref.SHA == sha:
		return release.Hold(rule, "it already exists at the right commit"), nil
	}
	return release.Never(rule, fmt.Sprintf("it is at %s, but must be at %s", short(ref.SHA), short(sha)),
		tagStays(), abortAndNext()), nil
}

func short(sha string) string { return sha[:min(8, len(sha))] }

// candidates looks at the release candidates of the version.
type candidates struct {
	gh   step.RefReader
	want string
	params.CandidateCurrent
}

func (k candidates) Check(ctx context.Context, in Input) (release.Verdict, error) {
	existing, _, err := tags(ctx, k.gh, in)
	if err != nil {
		return release.Verdict{}, err
	}
	scheme := in.Release.Started.Process.Versions
	v, err := scheme.Parse(in.Release.Started.Version)
	if err != nil {
		return release.Verdict{}, err
	}
	_, newest, _ := scheme.Candidate(v, existing)
	sha, last, again := k.SHA, "", "`/release "+cmp.Or(k.Again, "rc")+"`"
	if newest != (release.Version{}) {
		tag, _, err := k.gh.Tag(ctx, in.Repo, newest.String())
		if err != nil {
			return release.Verdict{}, err
		}
		last = tag.SHA
	}
	switch k.want {
	case "new":
		rule := "a new candidate contains changes since the last one"
		if newest == (release.Version{}) {
			return release.Hold(rule, "there is no candidate yet"), nil
		}
		if last != sha {
			return release.Hold(rule, fmt.Sprintf("%s is at %s, the branch at %s", newest, short(last),
				short(sha))), nil
		}
		return release.Refuse(rule, fmt.Sprintf("%s is at %s, and so is the branch", newest, short(sha)),
			"the release manager", "bring in a fix first: comment `/release pick #N`"), nil
	case "current":
		rule := "the release is identical to the last candidate"
		if newest == (release.Version{}) {
			return release.Refuse(rule, "there is no candidate yet", "the release manager", "comment "+again), nil
		}
		if last == sha {
			return release.Hold(rule, fmt.Sprintf("%s is at %s", newest, short(sha))), nil
		}
		return release.Refuse(rule, fmt.Sprintf("%s is at %s, and the branch at %s", newest, short(last), short(sha)),
			"the release manager", "make and test a new candidate: comment "+again), nil
	}
	rule := "a release candidate was tagged"
	if newest == (release.Version{}) {
		return release.Refuse(rule, "there is none", "the release manager", "comment "+again), nil
	}
	return release.Hold(rule, newest.String()), nil
}

// filesBelow wants files to say lower versions than those that are to be written: whoever went on already is not set
// back (documentation of Aether, January 2023: 2.1.0, 2.2.0-dev, and 2.1.0-dev again).
type filesBelow struct {
	gh step.FileStore
	params.FilesBelow
}

func (k filesBelow) Check(ctx context.Context, in Input) (release.Verdict, error) {
	rule := "versions in files only increase"
	edits, err := edit.Parse(k.Edits)
	if err != nil {
		return release.Verdict{}, err
	}
	scheme := in.Release.Started.Process.Versions
	var saw, wrong []string
	for _, e := range edits {
		content, found, err := k.gh.File(ctx, in.Repo, e.Path, k.SHA)
		if err != nil {
			return release.Verdict{}, err
		}
		if !found {
			wrong = append(wrong, "there is no "+markdown.Code(e.Path)+" on "+step.Revision(k.SHA))
			continue
		}
		have, err := e.Get(content)
		if err != nil {
			wrong = append(wrong, markdown.Text(err.Error()))
			continue
		}
		says := markdown.Code(e.Path) + " on " + step.Revision(k.SHA) + " says " + markdown.Text(have)
		saw = append(saw, says)
		is, readable := scheme.Read(have)
		to, _ := scheme.Read(e.Value)
		if readable && release.Compare(is, to) >= 0 {
			wrong = append(wrong, says+", which is not lower than "+e.Value)
		}
	}
	if len(wrong) > 0 {
		return release.Refuse(rule, strings.Join(wrong, "; "), "the maintainers of the files",
			"if the files are right, this release is not needed: comment `/release abort REASON`"), nil
	}
	return release.Hold(rule, strings.Join(saw, "; ")), nil
}
