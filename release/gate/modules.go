package gate

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/edit"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// moduleTags wants the tags of all Go modules to be free, or to be at the commit already: a version of which one module
// is somewhere else cannot be repaired, because proxies keep what they fetched. Their go.mod files have to name the
// version and to leave an order.
type moduleTags struct {
	gh interface {
		step.FileStore
		step.RefReader
	}
	params.ModuleTags
}

func (k moduleTags) Check(ctx context.Context, in Input) (release.Verdict, error) {
	sha, version := k.SHA, k.Version
	rule := "every Go module can be tagged " + version
	modules, problem, err := step.GoModules(ctx, k.gh, in.Repo, sha, k.Modules, version)
	if err != nil {
		return release.Verdict{}, err
	}
	if problem != "" {
		fix := "fix it on the branch"
		if k.Again != "" {
			fix += "; `/release " + k.Again + "` opens a pull request with the versions"
		}
		return release.Refuse(rule, problem, "the maintainers of the modules", fix), nil
	}
	var taken []string
	there := 0
	for _, m := range modules {
		ref, found, err := k.gh.Tag(ctx, in.Repo, m.Tag)
		switch {
		case err != nil:
			return release.Verdict{}, err
		case found && ref.SHA != sha:
			taken = append(taken, markdown.Code(m.Tag)+" is at "+short(ref.SHA))
		case found:
			there++
		}
	}
	if len(taken) > 0 {
		fix := abortAndNext()
		if k.Again != "" {
			fix = "comment `/release " + k.Again + "` to continue with the next number"
		}
		return release.Never(rule, strings.Join(taken, ", ")+fmt.Sprintf(", but all %d tags must be at %s",
			len(modules), short(sha)), tagStays(), fix), nil
	}
	saw := fmt.Sprintf("%d modules, none tagged yet", len(modules))
	if there > 0 {
		saw = fmt.Sprintf("%d modules, %d already tagged at the right commit", len(modules), there)
	}
	return release.Hold(rule, saw), nil
}

// imagesThere wants container images in their registries before something refers to them.
type imagesThere struct {
	params.Images
}

func (k imagesThere) Check(ctx context.Context, in Input) (release.Verdict, error) {
	all := k.Images.Images
	if len(all) == 0 {
		return release.Verdict{}, errors.New("parameter images: it names none")
	}
	missing, unanswered, err := step.MissingImages(ctx, in.Images, all)
	if err != nil {
		return release.Verdict{}, err
	}
	rule := "the images exist in their registries"
	if closed, is := errors.AsType[*step.NotAsked](unanswered); is {
		return release.Refuse(rule, "missing: "+strings.Join(missing, ", "), operator, allow(closed)), nil
	}
	if len(missing) > 0 {
		return release.Refuse(rule, "missing: "+strings.Join(missing, ", "), "the workflow that pushes them",
			"check its run, and start it again"), nil
	}
	return release.Hold(rule, release.Count(len(all), "image")), nil
}

// noOthers looks for files of a pattern that hold a value which the edits change elsewhere: the list of a document
// forgets what was added after it was written.
type noOthers struct {
	gh step.FileStore
	params.NoOthers
}

func (k noOthers) Check(ctx context.Context, in Input) (release.Verdict, error) {
	listed, err := edit.Parse(k.Edits)
	if err != nil {
		return release.Verdict{}, err
	}
	paths, err := k.gh.Paths(ctx, in.Repo, k.SHA)
	if err != nil {
		return release.Verdict{}, err
	}
	rule := "no other file contains the version " + k.Value
	var others []string
	n := 0
	for _, p := range paths {
		if hit, _ := path.Match(k.Files, p); !hit {
			continue
		}
		n++
		if slices.ContainsFunc(listed, func(e edit.Edit) bool { return e.Path == p }) {
			continue
		}
		content, _, err := k.gh.File(ctx, in.Repo, p, k.SHA)
		if err != nil {
			return release.Verdict{}, err
		}
		e, err := edit.Parse(p + " " + k.At + " -")
		if err != nil {
			return release.Verdict{}, err
		}
		if have, err := e[0].Get(content); err == nil && have == k.Value {
			others = append(others, markdown.Code(p))
		}
	}
	if len(others) > 0 {
		return release.Refuse(rule, strings.Join(others, ", "), "the maintainers of the process",
			"add the files to the edits in `.github/release.yaml`, or change them by hand"), nil
	}
	return release.Hold(rule, release.Count(n, "file")+" checked"), nil
}
