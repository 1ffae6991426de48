package step

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/gomod"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
)

// ModuleProxy asks a Go module proxy (go.dev/ref/mod, GOPROXY protocol). A proxy keeps its first answer for ever, so it
// is never asked about a version before the tag is where it should be.
type ModuleProxy interface {
	// Module is a version of a module as the proxy serves it. found is false where it does not know it.
	Module(ctx context.Context, path, version string) (v ModuleVersion, found bool, err error)
}

// ModuleVersion is what a proxy says about one version.
type ModuleVersion struct {
	Version string
	// Commit is where the proxy took it from, empty where it does not tell.
	Commit string
	GoMod  []byte
}

// A GoModule is a module of the repository at a commit, with the tag that makes a version of it.
type GoModule struct {
	gomod.Module
	Content []byte // its go.mod
	Tag     string
}

// GoModules are the modules that a pattern of go.mod files means at a commit, each behind those that it needs. problem
// says why they cannot be tagged: a person has to fix a go.mod.
func GoModules(ctx context.Context, gh FileStore, repo, sha, pattern, version string) (list []GoModule, problem string,
	err error) {
	paths, err := gh.Paths(ctx, repo, sha)
	if err != nil {
		return nil, "", err
	}
	var modules []gomod.Module
	contents := map[string][]byte{}
	for _, p := range paths {
		if hit, err := path.Match(pattern, p); err != nil || !hit {
			continue
		}
		content, _, err := gh.File(ctx, repo, p, sha)
		if err != nil {
			return nil, "", err
		}
		m, err := gomod.Read(p, content)
		if err != nil {
			return nil, markdown.Text(err.Error()), nil
		}
		modules, contents[m.Dir] = append(modules, m), content
	}
	if len(modules) == 0 {
		return nil, "there is no " + markdown.Code(pattern) + " at " + short(sha), nil
	}
	order, err := gomod.Order(modules, version)
	if err != nil {
		return nil, markdown.Text(err.Error()), nil
	}
	for _, m := range order {
		if wrong := m.Wrong(modules, version); len(wrong) > 0 {
			return nil, markdown.Text(wrong[0]) + ", but " + version + " is to be tagged", nil
		}
		list = append(list, GoModule{Module: m, Content: contents[m.Dir], Tag: m.Dir + "/" + version})
	}
	return list, "", nil
}

// tagModules tags each Go module of a repository at one commit, in the order of what needs what, and lets each be
// fetched through a module proxy before the next is tagged. No tag is ever moved: golang/go#61668 is what became of one
// that was.
type tagModules struct {
	gh interface {
		FileStore
		RefReader
		RefWriter
	}
	params.TagModules
}

func (k tagModules) modules(ctx context.Context, in Input) ([]GoModule, string, error) {
	return GoModules(ctx, k.gh, in.Repo, k.SHA, k.Modules, k.Version)
}

func (k tagModules) Plan(ctx context.Context, in Input) ([]Write, error) {
	modules, problem, err := k.modules(ctx, in)
	if err != nil {
		return nil, err
	}
	if problem != "" {
		return nil, &Stop{Why: problem, Fix: k.mend(in)}
	}
	var out []Write
	for _, m := range modules {
		ref, found, err := k.gh.Tag(ctx, in.Repo, m.Tag)
		switch {
		case err != nil:
			return nil, err
		case !found:
			out = append(out, writes(in.Repo, fmt.Sprintf("create tag %s at %s", said(m.Tag), commit(k.SHA)))...)
		case ref.SHA != k.SHA:
			return nil, k.elsewhere(said(m.Tag), ref.SHA, in)
		}
	}
	return out, nil
}

func (k tagModules) mend(in Input) string {
	return "fix it in " + k.Modules + "; what is already tagged is kept"
}

// elsewhere is what a tag at another commit means.
func (k tagModules) elsewhere(tag, at string, in Input) *Stop {
	return &Stop{Why: fmt.Sprintf("the tag %s already exists at %s, not at %s", tag, short(at), short(k.SHA)),
		Fix: k.another(in)}
}

// another says how to go on when the number is burned.
func (k tagModules) another(in Input) string {
	if k.Again != "" {
		return "a tag is never moved, so this number cannot be used. To continue with the next one, comment " +
			"`/release " + k.Again + "`"
	}
	return "a tag is never moved, so this version cannot be released: " + abortAndNext()
}

func (k tagModules) Observe(ctx context.Context, in Input) (Outcome, error) {
	sha := k.SHA
	modules, problem, err := k.modules(ctx, in)
	if err != nil {
		return Outcome{}, err
	}
	if problem != "" {
		return Conflicts(problem, k.mend(in)), nil
	}
	// The set is looked at as a whole before one of it is made: a version of which half is somewhere else helps nobody.
	there := make([]bool, len(modules))
	for i, m := range modules {
		ref, found, err := k.gh.Tag(ctx, in.Repo, m.Tag)
		if err != nil {
			return Outcome{}, err
		}
		if there[i] = found; found && ref.SHA != sha {
			stop := k.elsewhere(said(m.Tag), ref.SHA, in)
			return Conflicts(stop.Why, stop.Fix), nil
		}
	}
	for i, m := range modules {
		if !there[i] {
			return Missing(), nil
		}
		o, err := k.served(ctx, in, m, i+1, len(modules))
		if err != nil || o.State != Done {
			return o, err
		}
	}
	text := fmt.Sprintf("%d modules tagged %s at %s", len(modules), k.Version, short(sha))
	if in.Modules != nil {
		text += ", each served by the module proxy"
	}
	return DoneWith(Receipt{Text: text, SHA: sha}), nil
}

// served holds what the proxy serves against what is at the commit.
func (k tagModules) served(ctx context.Context, in Input, m GoModule, i, n int) (Outcome, error) {
	if in.Modules == nil {
		return DoneWith(Receipt{}), nil
	}
	sha, version := k.SHA, k.Version
	v, found, err := in.Modules.Module(ctx, m.Path, version)
	switch {
	case err != nil:
		return Outcome{}, &Unseen{Err: err, Waits: WaitFor(
			fmt.Sprintf("the module proxy to answer about %s %s, with %d of %d modules tagged (%s)", said(m.Dir),
				version, i, n, reason(err)), "", "Slipway asks again in a few minutes", time.Time{})}
	case !found:
		return WaitFor(fmt.Sprintf("the module proxy to serve %s %s, with %d of %d modules tagged", said(m.Dir), version, i,
			n), "", "Slipway continues with the next module when it is served", time.Time{}), nil
	case v.Version != version, v.Commit != "" && v.Commit != sha, !bytes.Equal(v.GoMod, m.Content):
		at := "with a go.mod that differs from the one at " + short(sha)
		if v.Commit != "" && v.Commit != sha {
			at = "from " + said(short(v.Commit)) + ", not from " + short(sha)
		}
		return Conflicts(fmt.Sprintf("the module proxy serves %s %s %s, and will not change that", said(m.Dir), version, at),
			k.another(in)), nil
	}
	return DoneWith(Receipt{}), nil
}

// Act goes on from the first module that has no tag, as far as the proxy follows.
func (k tagModules) Act(ctx context.Context, in Input) error {
	modules, problem, err := k.modules(ctx, in)
	if err != nil || problem != "" {
		return err
	}
	for i, m := range modules {
		_, found, err := k.gh.Tag(ctx, in.Repo, m.Tag)
		if err != nil {
			return err
		}
		if !found {
			if err := k.gh.CreateTag(ctx, in.Repo, m.Tag, k.SHA, ""); err != nil {
				return err
			}
		}
		if o, err := k.served(ctx, in, m, i+1, len(modules)); err != nil || o.State != Done {
			return err
		}
	}
	return nil
}

// waitPublished waits until another project has published a release that this one builds on. A commit that was chosen
// instead of a release has to exist.
type waitPublished struct {
	gh interface {
		ReleaseStore
		RefReader
		CommitStore
	}
	params.WaitPublished
}

// IsCommit says that the text names a commit by its whole SHA.
func IsCommit(text string) bool {
	return len(text) == 40 &&
		!slices.ContainsFunc([]byte(text), func(c byte) bool { return (c < '0' || c > '9') && (c < 'a' || c > 'f') })
}

func (k waitPublished) Elsewhere() []consent.Use {
	return []consent.Use{{Repo: k.Repo, Releases: true}}
}

func (waitPublished) Plan(context.Context, Input) ([]Write, error) { return nil, nil }

func (k waitPublished) Observe(ctx context.Context, in Input) (Outcome, error) {
	repo, version := k.Repo, k.Version
	if IsCommit(version) {
		c, found, err := k.gh.Revision(ctx, repo, version)
		if err != nil {
			return Outcome{}, err
		}
		if !found {
			return Conflicts(repo+" has no commit "+short(version),
				"comment `/release abort REASON`, then start again with a commit that exists"), nil
		}
		return DoneWith(Receipt{Text: repo + " at " + short(c.SHA), SHA: c.SHA}), nil
	}
	all, err := k.gh.Releases(ctx, repo)
	if err != nil {
		return Outcome{}, err
	}
	if i := slices.IndexFunc(all, func(p Published) bool { return p.Tag == version && !p.Draft }); i >= 0 {
		return DoneWith(Receipt{Text: repo + " " + version + " is published", URL: all[i].URL}), nil
	}
	what := repo + " to publish " + version
	if ref, found, err := k.gh.Tag(ctx, repo, version); err != nil {
		return Outcome{}, err
	} else if found {
		what += ", whose tag is at " + short(ref.SHA)
	}
	return WaitFor(what, k.Who,
		"Slipway continues when it is published. To use another version, comment "+
			"`/release abort REASON` and start again", time.Time{}), nil
}

func (waitPublished) Act(context.Context, Input) error { return nil }
