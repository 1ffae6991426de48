package gate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// driverVersion derives the version from what changed since the release before: the greatest change of the two files,
// or a patch where only the code changed (falcosecurity/libs, proposals/20220203-versioning-schema-amendment.md).
// Nobody chooses it, so that a driver that does not fit is never called one that does.
type driverVersion struct {
	gh interface {
		step.FileStore
		step.RefReader
	}
	params.DriverVersion
}

func (k driverVersion) Check(ctx context.Context, in Input) (release.Verdict, error) {
	scheme := in.Release.Started.Process.Versions
	v, err := scheme.Parse(in.Release.Started.Version)
	if err != nil {
		return release.Verdict{}, err
	}
	rule := "the version follows from the changes of " + k.API + ", " + k.Schema +
		", and the code in " + k.Code
	before, err := scheme.Parse(in.Release.Started.Previous)
	if err != nil {
		//nolint:nilerr // the first one follows from nothing
		return release.Hold(rule, "there is no earlier release"), nil
	}
	tag, found, err := k.gh.Tag(ctx, in.Repo, before.String())
	if err != nil {
		return release.Verdict{}, err
	}
	if !found {
		return release.Refuse(rule, "the tag "+before.String()+" does not exist any more", "anyone who can push tags",
			"push the tag again"), nil
	}
	was, why, err := k.interfaces(ctx, in, tag.SHA)
	if err == nil && why == "" {
		var now release.Interfaces
		if now, why, err = k.interfaces(ctx, in, k.SHA); err == nil && why == "" {
			return k.hold(ctx, in, rule, v, before, was, now, tag.SHA)
		}
	}
	if err != nil {
		return release.Verdict{}, err
	}
	return release.Refuse(rule, why, "the maintainers of the driver", "fix the file on the branch"), nil
}

func (k driverVersion) hold(ctx context.Context, in Input, rule string, v, before release.Version, was,
	now release.Interfaces, at string) (release.Verdict, error) {
	old, _, err := k.gh.Subtree(ctx, in.Repo, at, k.Code)
	if err != nil {
		return release.Verdict{}, err
	}
	code, _, err := k.gh.Subtree(ctx, in.Repo, k.SHA, k.Code)
	if err != nil {
		return release.Verdict{}, err
	}
	saw := fmt.Sprintf("since %s: API %s to %s, SCHEMA %s to %s", before, was.API, now.API, was.Schema, now.Schema)
	// A driver that failed is followed by one that may be the same otherwise.
	failed := slices.ContainsFunc(in.Release.Started.Burned,
		func(d release.Dudded) bool { return d.Version == before.String() })
	if failed {
		saw += ", and " + before.String() + " failed"
	}
	want, err := in.Release.Started.Process.Versions.NextDriver(before, was, now, failed || old != code)
	var broken *release.RuleError
	switch {
	case errors.As(err, &broken):
		return release.Never(rule, saw+"; "+broken.Rule, versionDerived(), "comment `/release abort REASON`"), nil
	case err != nil:
		return release.Verdict{}, err
	case want.String() == v.String():
		return release.Hold(rule, saw), nil
	}
	taken, found, err := k.gh.Tag(ctx, in.Repo, want.String())
	if err != nil {
		return release.Verdict{}, err
	}
	if found {
		// A fix of an older driver that needs more than a patch: its number went to another branch.
		return release.Never(rule, fmt.Sprintf("%s, so the version would be %s, which already exists at %s", saw, want,
			short(taken.SHA)), versionDerived(),
			"revert the change of the interface on the branch, so that only a patch is left. Or comment `/release "+
				"abort REASON`, and release the fix from a newer branch"), nil
	}
	return release.Never(rule, saw+", so the version is "+want.String(), versionDerived(),
		"comment `/release abort REASON`, then `"+start(in.Release.Started, want)+"`"), nil
}

// start is the command that begins the same with another version.
func start(s release.Started, v release.Version) string {
	text := "/release start " + v.String()
	if tracks := s.Process.Tracks; len(tracks) > 0 && tracks[0].Name != s.Track {
		text += " kind=" + s.Track
	}
	return text + " from=" + s.From + " process=" + s.Process.Name
}

// interfaces reads the first lines of the two files: all other lines are ignored (driver/README.VERSION.md).
func (k driverVersion) interfaces(ctx context.Context, in Input, sha string) (release.Interfaces, string, error) {
	var out release.Interfaces
	plain := release.Scheme{Kinds: []string{"major", "minor", "patch"}}
	for name, into := range map[string]*release.Version{k.API: &out.API, k.Schema: &out.Schema} {
		content, found, err := k.gh.File(ctx, in.Repo, name, sha)
		if err != nil {
			return out, "", err
		}
		if !found {
			return out, "there is no `" + name + "` at " + short(sha), nil
		}
		first, _, _ := bytes.Cut(content, []byte("\n"))
		v, err := plain.Parse(string(bytes.TrimSpace(first)))
		if err != nil {
			//nolint:nilerr // a person fixes the file
			return out, "`" + name + "` at " + short(sha) + " does not contain a version", nil
		}
		*into = v
	}
	return out, "", nil
}

// milestoneNamed wants a milestone of that title, open or not: notes are made of it.
type milestoneNamed struct {
	gh step.MilestoneStore
	params.MilestoneNamed
}

func (k milestoneNamed) Check(ctx context.Context, in Input) (release.Verdict, error) {
	all, err := k.gh.Milestones(ctx, in.Repo)
	if err != nil {
		return release.Verdict{}, err
	}
	rule := "there is a milestone " + k.Milestone
	for _, m := range all {
		if m.Title == k.Milestone {
			return release.Hold(rule, m.URL), nil
		}
	}
	return release.Refuse(rule, "there is none", "the release manager",
		"rename the milestone of this release on GitHub: its title must be the tag"), nil
}
