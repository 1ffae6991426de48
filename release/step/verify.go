package step

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
)

// verifyRelease looks at a release that a workflow of the project published: its tag has to be at the commit that was
// built, and every file that belongs to it has to be there. A workflow may publish although a job that uploads did not
// succeed (kata-containers release.yaml: publish-release does not need upload-helm-chart-tarball).
type verifyRelease struct {
	gh interface {
		ReleaseStore
		RefReader
	}
	params.VerifyRelease
}

func (verifyRelease) Plan(context.Context, Input) ([]Write, error) { return nil, nil }

func (k verifyRelease) Observe(ctx context.Context, in Input) (Outcome, error) {
	tag, sha := k.Tag, k.SHA
	all, err := k.gh.Releases(ctx, in.Repo)
	if err != nil {
		return Outcome{}, err
	}
	i := slices.IndexFunc(all, func(p Published) bool { return p.Tag == tag && !p.Draft })
	if i < 0 {
		what := "release " + tag + " to be published"
		if slices.ContainsFunc(all, func(p Published) bool { return p.Tag == tag }) {
			what = "the draft of " + tag + " to be published"
		}
		return WaitFor(what, "", "the workflow publishes it. If it did not, check its last job", time.Time{}), nil
	}
	ref, found, err := k.gh.Tag(ctx, in.Repo, tag)
	switch {
	case err != nil:
		return Outcome{}, err
	case !found || ref.SHA != sha:
		at := "missing"
		if found {
			at = "at " + short(ref.SHA)
		}
		return Conflicts(
			fmt.Sprintf("release %s is published, but its tag is %s, not at %s, which was built", tag, at, short(sha)),
			publishedWrong(),
		), nil
	}
	if missing := absent(k.Assets, all[i].Assets); len(missing) > 0 {
		return Conflicts(
			fmt.Sprintf("release %s is published without %s", tag, strings.Join(missing, ", ")),
			"upload the missing files to [the release]("+all[i].URL+"), then "+retry(in)+". To go on without them, "+
				skip(in),
		), nil
	}
	return DoneWith(Receipt{
		Text: fmt.Sprintf("release %s published with %d files, tag at %s", tag, len(all[i].Assets),
			short(sha)), SHA: sha, URL: all[i].URL, ID: all[i].ID,
	}), nil
}

// absent are the patterns that no file matches.
func absent(patterns, files []string) []string {
	var out []string
	for _, p := range patterns {
		if !slices.ContainsFunc(files, func(f string) bool { hit, _ := path.Match(p, f); return hit }) {
			out = append(out, markdown.Code(p))
		}
	}
	return out
}

func (verifyRelease) Act(context.Context, Input) error { return nil }
