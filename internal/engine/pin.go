package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/edit"
	"github.com/slipway-dev/slipway/release/gomod"
	"github.com/slipway-dev/slipway/release/markdown"
)

// pin looks up the values that the phase fixes when it is entered: from then on the SHA that is tagged is the one
// that was approved, whatever the branch does.
func (f *finder) pin(ctx context.Context, r release.Release, phase release.Phase) (map[string]string, *release.Refusal,
	error) {
	tags, err := f.gh.Tags(ctx, f.req.Place().Name)
	if err != nil {
		return nil, nil, err
	}
	l := lookup{finder: f, scheme: r.Started.Process.Versions}
	for _, tag := range tags {
		if v, ok := l.scheme.Read(tag); ok {
			l.versions = append(l.versions, v)
		}
	}
	if l.version, err = l.scheme.Parse(r.Started.Version); err != nil {
		return nil, nil, err
	}
	pinned := map[string]string{"is_latest": strconv.FormatBool(l.scheme.IsLatest(l.version, l.versions))}
	vars := r.Vars()
	for _, name := range slices.Sorted(maps.Keys(phase.Pin)) {
		if r.Started.Input(name) {
			continue // a person chose it
		}
		expression, err := release.Expand(phase.Pin[name], vars)
		if err != nil {
			return nil, nil, fmt.Errorf("pin %s of %s: %w", name, phase.Name, err)
		}
		words := strings.Fields(expression)
		if len(words) < len(strings.Fields(phase.Pin[name])) {
			_, what, _ := strings.Cut(phase.Pin[name], " ")
			return nil, absent(r, phase, "it looks up "+markdown.Code(what)+", and there is nothing of that name for "+
				r.Started.Version), nil
		}
		values, why, err := l.up(ctx, name, words)
		if err != nil {
			return nil, nil, fmt.Errorf("pin %s of %s: %w", name, phase.Name, err)
		}
		if why != "" {
			refusal := absent(r, phase, why)
			if len(words) > 2 { // something of another repository
				refusal.Fix = "comment `/release " + phase.Name + "` again when it is there"
			}
			return nil, refusal, nil
		}
		maps.Copy(pinned, values)
	}
	return pinned, nil, nil
}

// lookup finds one value at a time. What each expression means stands in docs/tutorial.md.
type lookup struct {
	*finder
	scheme   release.Scheme
	version  release.Version
	versions []release.Version
}

// up gives the value under its name, and those that come along. why says, in a clause, what is not there.
func (l lookup) up(ctx context.Context, name string, words []string) (values map[string]string, why string, err error) {
	kind, arg := words[0], words[1:]
	one := func(value string) map[string]string { return map[string]string{name: value} }
	switch kind {
	case "branch-head":
		sha, found, err := l.gh.Branch(ctx, l.req.Place().Name, arg[0])
		if err != nil || !found {
			return nil, "the branch `" + arg[0] + "` does not exist", err
		}
		return one(sha), "", nil
	case "tag-commit":
		ref, found, err := l.gh.Tag(ctx, l.req.Place().Name, arg[0])
		if err != nil || !found {
			return nil, "the tag `" + arg[0] + "` does not exist", err
		}
		return one(ref.SHA), "", nil
	case "candidate":
		next, _, n := l.scheme.Candidate(l.version, l.versions)
		return map[string]string{"n": strconv.Itoa(n), name: next.String()}, "", nil
	case "last-candidate":
		_, last, _ := l.scheme.Candidate(l.version, l.versions)
		if last == (release.Version{}) {
			return nil, "there is no candidate of " + l.version.String() + " yet", nil
		}
		ref, found, err := l.gh.Tag(ctx, l.req.Place().Name, last.String())
		if err != nil || !found {
			return nil, "the tag `" + last.String() + "` does not exist", err
		}
		return map[string]string{name: last.String(), name + "_sha": ref.SHA}, "", nil
	case "release-date":
		return l.released(ctx, name, arg[0])
	case "commit", "pseudo-version":
		c, found, err := l.gh.Revision(ctx, arg[0], arg[1])
		if err != nil || !found {
			return nil, arg[0] + " has no `" + arg[1] + "`", err
		}
		if kind == "pseudo-version" {
			return one(gomod.Pseudo(c.Committer.When, c.SHA)), "", nil
		}
		return one(c.SHA), "", nil
	case "file-value":
		return l.inFile(ctx, name, arg)
	}
	return nil, "", fmt.Errorf("nothing is called %q", kind)
}

// released is the day on which the release of a tag was published.
func (l lookup) released(ctx context.Context, name, tag string) (map[string]string, string, error) {
	all, err := l.gh.Releases(ctx, l.req.Place().Name)
	if err != nil {
		return nil, "", err
	}
	for _, p := range all {
		if p.Tag == tag && !p.Draft {
			return map[string]string{name: p.At.UTC().Format(time.DateOnly)}, "", nil
		}
	}
	return nil, "the release `" + tag + "` is not published", nil
}

// inFile is a value in a file of another repository: REPO REVISION FILE KIND:ARG.
func (l lookup) inFile(ctx context.Context, name string, arg []string) (map[string]string, string, error) {
	repo, rev, path := arg[0], arg[1], arg[2]
	content, found, err := l.gh.File(ctx, repo, path, rev)
	if err != nil || !found {
		return nil, repo + " has no `" + path + "` at `" + rev + "`", err
	}
	edits, err := edit.Parse(path + " " + arg[3] + " -")
	if err != nil {
		return nil, "", err
	}
	value, err := edits[0].Get(content)
	if err != nil {
		return nil, markdown.Text(err.Error()) + ", in " + repo + " at `" + rev + "`", nil
	}
	if !markdown.Plain(value) {
		return nil, repo + " at `" + rev + "` says " + markdown.Code(value) + " in " + markdown.Code(path) +
			", which is not one plain word", nil
	}
	return map[string]string{name: value}, "", nil
}

func absent(r release.Release, phase release.Phase, why string) *release.Refusal {
	fix := "comment `/release next` to see what comes first; if nothing does, create it by hand, " +
		"or start a release on the track that creates it"
	if next, ok := r.NextPhase(); ok && next.Phase != phase.Name {
		fix = "comment `/release " + next.Phase + "` first"
	}
	return &release.Refusal{Why: "`" + phase.Name + "` cannot begin: " + why, Fix: fix}
}
