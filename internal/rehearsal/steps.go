package rehearsal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
)

// answer gives the good answer to what a step waits for, or the bad one where that is asked for.
func (p *player) answer(ctx context.Context, r release.Release, run release.Run, s release.StepState) error {
	does, err := s.Does.Fill(release.Filling(r.In(run)))
	if err != nil {
		return err
	}
	s.Does = does
	switch {
	case s.Stopped != nil:
		return p.unstop(ctx, s)
	case s.Waits == nil: // Slipway is about to do it, or could not for a moment
		if p.tried["due "+s.ID]++; p.tried["due "+s.ID] > 5 {
			return &stuck{where: "the step " + s.ID, why: "Slipway could not do it; the log tells why"}
		}
		p.st.Leap(time.Minute)
		_, err := p.settle(ctx)
		return err
	}
	p.out.waitsFor(run.Name+s.ID, s.Waits.For, s.Waits.Who)
	if p.bad.now(run.Name, s.ID) {
		return p.fail(ctx, r, run, s)
	}
	if p.tried["step "+r.Key(run, s.ID)]++; p.tried["step "+r.Key(run, s.ID)] > 6 {
		return &stuck{"the step " + s.ID, "it waits for " + s.Waits.For, s.Waits.Who, s.Waits.Fix}
	}
	if err := p.good(ctx, run, s); err != nil {
		return err
	}
	return p.looked(ctx, s)
}

// looked lets the bot look again at a step that still waits: GitHub sends it nothing of registries, nor of what happens
// in other repositories.
func (p *player) looked(ctx context.Context, s release.StepState) error {
	r, err := p.release(ctx)
	if err != nil {
		return err
	}
	if _, now, open := due(r); !open || now.ID != s.ID || now.Waits == nil {
		return nil
	}
	if err := p.st.Bot.Look(ctx); err != nil {
		return err
	}
	_, err = p.settle(ctx)
	return err
}

// good gives the good answer.
func (p *player) good(ctx context.Context, run release.Run, s release.StepState) error {
	if run, is := workflowOf(s.Does.Any); is {
		if run.Draft != "" {
			if err := p.releases(ctx, run.Draft, run.SHA); err != nil {
				return err
			}
		}
		return p.runs(ctx, run.Workflow, run.SHA, run.Ref)
	}
	switch does := s.Does.Any.(type) {
	case params.WaitPull:
		return p.merges(ctx, s, does)
	case params.WaitTag:
		return p.tags(ctx, run, does.Tag)
	case params.WaitPublished:
		return p.publishes(ctx, does.Repo, does.Version, p.cast.makers[0])
	case params.WaitImages:
		return p.pushes(ctx, does.Images)
	case params.VerifyRelease:
		return p.releases(ctx, does.Tag, does.SHA)
	case params.TagModules:
		return p.wait(ctx, 31*time.Minute, "until the module proxy looks again")
	case params.LockBranch:
		return p.locks(ctx, does.Branch, true)
	case params.UnlockBranch:
		return p.locks(ctx, does.Branch, false)
	case params.Manual:
		return p.ticks(ctx, s)
	}
	return &stuck{"the step " + s.ID, "it waits for " + s.Waits.For, s.Waits.Who, s.Waits.Fix}
}

// workflowOf is the workflow that a step waits for.
func workflowOf(does params.Any) (params.RunWorkflow, bool) {
	switch does := does.(type) {
	case params.RunWorkflow:
		return does, true
	case params.WaitWorkflow:
		return params.RunWorkflow{Workflow: does.Workflow, SHA: does.SHA, Ref: does.Ref, Fix: does.Fix}, true
	}
	return params.RunWorkflow{}, false
}

// unstop lets a step be tried again that stopped: an announcement that was to fail; and once, for what may have been
// missing, a release that a workflow published.
func (p *player) unstop(ctx context.Context, s release.StepState) error {
	at := &stuck{"the step " + s.ID + ", which has stopped", s.Stopped.Why, "", s.Stopped.Fix}
	if announced, is := s.Does.Any.(params.Announce); is && p.bad.channel == announced.Channel && !p.bad.given {
		p.bad.given = true
		p.wayOut()
		_, err := p.says(ctx, p.cast.who("retry"), "/release retry "+s.ID)
		return err
	}
	verified, is := s.Does.Any.(params.VerifyRelease)
	if !is || !p.first("unstop "+s.ID) {
		return at
	}
	if err := p.releases(ctx, verified.Tag, verified.SHA); err != nil {
		return err
	}
	_, err := p.says(ctx, p.cast.who("retry"), "/release retry "+s.ID)
	return err
}

// ends lets every run succeed that is in progress, but for those of the workflow that is to fail later. awaited is the
// workflow that a step waits for, empty where none does.
func (p *player) ends(ctx context.Context, awaited string) error {
	for range 5 { // what ends may start others
		var names []string
		var ids []int64
		for _, run := range p.st.Sandbox.Runs(p.repo) {
			file := path.Base(run.Workflow)
			if run.Status != "completed" && (file == awaited || !p.bad.spares(file)) {
				ids = append(ids, run.ID)
				names = append(names, fmt.Sprintf("%s of %.8s", file, run.SHA))
			}
		}
		if len(ids) == 0 {
			return nil
		}
		slices.Sort(names)
		names = slices.Compact(names)
		if more := len(names) - 4; more > 1 {
			names = append(names[:4], fmt.Sprintf("and %d more", more))
		}
		err := p.acts(ctx, "GitHub Actions:", strings.Join(names, ", ")+map[bool]string{true: " succeeds",
			false: " succeed"}[len(names) == 1], func() error {
			var errs []error
			for _, id := range ids {
				errs = append(errs, p.st.Sandbox.FinishJob(p.repo, id, "", "success"))
			}
			return errors.Join(errs...)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// runs lets a workflow run for a commit, and succeed. One that nothing started is started by hand.
func (p *player) runs(ctx context.Context, workflow, sha, ref string) error {
	for range 2 {
		for _, run := range p.st.Sandbox.Runs(p.repo) {
			if path.Base(run.Workflow) == workflow && run.SHA == sha {
				return p.ends(ctx, workflow)
			}
		}
		who := p.cast.makers[0]
		var refused error
		err := p.acts(ctx, who, "starts "+workflow+" on "+ref+" by hand, because nothing did", func() error {
			refused = p.do(ctx, who, http.MethodPost, p.repo, "actions/workflows/"+workflow+"/dispatches",
				map[string]any{"ref": ref}, nil)
			return nil
		})
		if err != nil {
			return err
		}
		if refused != nil {
			return &stuck{where: "the workflow " + workflow, why: "no run of it is there for " + sha[:min(8, len(sha))] +
				", and GitHub refuses to start it on " + ref + ": " + refused.Error(), who: "who maintains the workflow",
				fix: "let a push or `workflow_dispatch` start it"}
		}
	}
	return nil
}

// merges merges the pull request of a step.
func (p *player) merges(ctx context.Context, s release.StepState, of params.WaitPull) error {
	repo := p.where(of)
	number, err := p.pull(ctx, repo, of, "open")
	if err != nil {
		return err
	}
	who := p.cast.makers[0]
	var refused error
	err = p.acts(ctx, who, fmt.Sprintf("merges %s", named(repo, p.repo, number)), func() error {
		for _, method := range []string{"squash", "merge"} {
			if refused = p.st.Sandbox.As(who).MergePull(ctx, repo, number, method); refused == nil {
				break
			}
		}
		return nil
	})
	if err == nil && refused != nil {
		return &stuck{"the step " + s.ID, "GitHub does not let #" + fmt.Sprint(number) + " be merged: " +
			refused.Error(), s.Waits.Who, s.Waits.Fix}
	}
	return err
}

// where is the repository of a pull request.
func (p *player) where(of params.WaitPull) string { return cmp.Or(of.Repo, p.repo) }

func named(repo, own string, number int) string {
	if repo == own {
		return fmt.Sprintf("#%d", number)
	}
	return fmt.Sprintf("%s#%d", repo, number)
}

// pull finds the newest pull request of a step in that state.
func (p *player) pull(ctx context.Context, repo string, of params.WaitPull, state string) (int, error) {
	var list []struct {
		Number     int
		Head, Base struct{ Ref string }
	}
	if err := p.do(ctx, p.cast.makers[0], http.MethodGet, repo, "pulls?state="+state, nil, &list); err != nil {
		return 0, err
	}
	number := 0
	for _, pull := range list {
		again := strings.HasPrefix(pull.Head.Ref, of.Branch+"-")
		if (pull.Head.Ref == of.Branch || again) && pull.Base.Ref == of.Base {
			number = max(number, pull.Number)
		}
	}
	if number == 0 {
		return 0, fmt.Errorf("find the pull request from %s in %s: there is none", of.Branch, repo)
	}
	return number, nil
}

// tags makes the tag that CI would make: at the commit that the run has merged, else at the head of the default branch.
func (p *player) tags(ctx context.Context, run release.Run, tag string) error {
	snapshot, err := p.st.Sandbox.Snapshot(ctx, p.repo)
	if err != nil {
		return err
	}
	sha := snapshot.Branches[p.vars["default_branch"]]
	for _, s := range run.Steps {
		if s.Done != nil && s.Done.SHA != "" {
			sha = s.Done.SHA
		}
	}
	return p.acts(ctx, "CI", fmt.Sprintf("tags %.8s as %s", sha, tag), func() error {
		return p.do(ctx, p.cast.ci, http.MethodPost, p.repo, "git/refs",
			map[string]any{"ref": "refs/tags/" + tag, "sha": sha}, nil)
	})
}

// publishes publishes a release of another project, at the head of its default branch, unless it is there.
func (p *player) publishes(ctx context.Context, repo, tag, who string) error {
	var there struct{ ID int64 }
	if p.do(ctx, who, http.MethodGet, repo, "releases/tags/"+url.PathEscape(tag), nil, &there) == nil {
		return nil
	}
	return p.acts(ctx, "A maintainer of "+repo, "publishes "+tag, func() error {
		return p.do(ctx, who, http.MethodPost, repo, "releases", map[string]any{"tag_name": tag, "name": tag}, nil)
	})
}

// pushes lets images be in their registries.
func (p *player) pushes(ctx context.Context, images []string) error {
	list := slices.DeleteFunc(slices.Clone(images), func(image string) bool {
		return image == "" || !p.first("image "+image) // what only the phase knows is empty
	})
	if len(list) == 0 {
		return nil
	}
	return p.acts(ctx, "CI", "pushes "+strings.Join(list, ", "), func() error {
		var errs []error
		for _, image := range list {
			errs = append(errs, p.st.Sandbox.PushImage(ctx, image))
		}
		return errors.Join(errs...)
	})
}

// releases drafts the release that a workflow makes, uploads the files that the process looks for, and publishes it.
func (p *player) releases(ctx context.Context, tag, sha string) error {
	type published struct {
		ID     int64
		Assets []struct{ Name string }
	}
	var made published
	there := p.do(ctx, p.cast.ci, http.MethodGet, p.repo, "releases/tags/"+url.PathEscape(tag), nil, &made) == nil
	files := p.assets(tag)
	for _, a := range made.Assets {
		files = slices.DeleteFunc(files, func(name string) bool { return name == a.Name })
	}
	if there && len(files) == 0 {
		return nil
	}
	what := fmt.Sprintf("drafts %s, uploads %d files, and publishes it", tag, len(files))
	return p.acts(ctx, "GitHub Actions:", what, func() error {
		if !there {
			if err := p.do(ctx, p.cast.ci, http.MethodPost, p.repo, "releases", map[string]any{"tag_name": tag,
				"target_commitish": sha, "name": tag, "draft": true}, &made); err != nil {
				return err
			}
		}
		at := fmt.Sprintf("releases/%d", made.ID)
		for _, name := range files {
			if err := p.do(ctx, p.cast.ci, http.MethodPost, p.repo, at+"/assets?name="+url.QueryEscape(name),
				map[string]any{"content": name}, nil); err != nil {
				return err
			}
		}
		return p.do(ctx, p.cast.ci, http.MethodPatch, p.repo, at, map[string]any{"draft": false}, nil)
	})
}

// assets are names of files for each pattern that the process looks for in the release of a tag.
func (p *player) assets(tag string) []string {
	var out []string
	fill := release.Filling(p.p.Named(map[string]string{"version": p.begin.version, "tag": tag}))
	for _, phase := range p.p.Phases {
		for _, s := range phase.Steps {
			verified, is := s.Does.Any.(params.VerifyRelease)
			if !is {
				continue
			}
			for _, pattern := range verified.Assets {
				if name, err := fill(pattern); err == nil {
					out = append(out, strings.ReplaceAll(name, "*", "1"))
				}
			}
		}
	}
	return out
}

// locks lets an admin lock a branch, or open it again.
func (p *player) locks(ctx context.Context, branch string, lock bool) error {
	who, name := p.cast.makers[0], "Locked by hand: "+branch
	if lock {
		return p.acts(ctx, who, "locks "+branch+" with a ruleset", func() error {
			return p.do(ctx, who, http.MethodPost, p.repo, "rulesets", map[string]any{"name": name, "target": "branch",
				"enforcement": "active", "rules": []any{map[string]any{"type": "update"}}, "conditions": map[string]any{
					"ref_name": map[string]any{"include": []string{"refs/heads/" + branch}, "exclude": []string{}}}}, nil)
		})
	}
	return p.acts(ctx, who, "opens "+branch+" again", func() error {
		var list []struct {
			ID   int64
			Name string
		}
		err := p.do(ctx, who, http.MethodGet, p.repo, "rulesets", nil, &list)
		for _, one := range list {
			if one.Name == name {
				err = errors.Join(err, p.do(ctx, who, http.MethodDelete, p.repo, fmt.Sprintf("rulesets/%d", one.ID), nil,
					nil))
			}
		}
		return err
	})
}

// ticks lets somebody who may tick the box of a step, in the description of the tracking issue.
func (p *player) ticks(ctx context.Context, s release.StepState) error {
	snapshot, err := p.st.Sandbox.Snapshot(ctx, p.repo)
	if err != nil {
		return err
	}
	who := p.cast.who("done")
	for _, is := range snapshot.Issues {
		if is.Number != tracking || !p.first("tick "+s.ID) {
			continue
		}
		lines := strings.Split(is.Body, "\n")
		for i, l := range lines {
			if strings.HasPrefix(l, "- [ ] ") && strings.Contains(l, "<!-- step:"+s.ID+" -->") {
				lines[i] = "- [x] " + strings.TrimPrefix(l, "- [ ] ")
				return p.acts(ctx, who, "ticks the box “"+s.ID+"” in the description", func() error {
					return p.st.Sandbox.As(who).EditIssue(ctx, p.repo, tracking,
						map[string]any{"body": strings.Join(lines, "\n")})
				})
			}
		}
	}
	_, err = p.says(ctx, who, "/release done "+s.ID+" done by hand")
	return err
}
