package step

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/edit"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
)

// proposed is where a pull request of ours comes from and goes.
type proposed struct{ repo, branch, base string }

// branchOf is the branch of a try: one whose pull request was given up is never written over.
func (p proposed) branchOf(try int) string {
	if try == 0 {
		return p.branch
	}
	return fmt.Sprintf("%s-%d", p.branch, try+1)
}

// proposals are the pull requests of all tries, the newest first.
func proposals(ctx context.Context, gh PullStore, p proposed) ([]Pull, error) {
	var out []Pull
	for try := 0; ; try++ {
		made, err := gh.PullsFrom(ctx, p.repo, p.branchOf(try), p.base)
		if err != nil {
			return nil, err
		}
		if len(made) == 0 {
			return out, nil
		}
		out = append(made, out...)
	}
}

// lacking says which of the edits a pull request does not have, or did not have when it was merged. Whether a value
// that follows from the one before was written cannot be told.
func lacking(ctx context.Context, gh FileStore, repo string, p Pull, edits []edit.Edit) (string, error) {
	edits = slices.DeleteFunc(slices.Clone(edits), edit.Edit.Relative)
	at := p.HeadSHA
	if p.Merged {
		at = p.MergeSHA
	}
	if len(edits) == 0 || at == "" {
		return "", nil
	}
	wrong, _, why, err := filesOn(ctx, gh, repo, at, edits)
	if err != nil || why != "" {
		return why, err
	}
	if more := len(wrong) - 2; more > 0 {
		wrong = append(wrong[:2:2], fmt.Sprintf("%d more", more))
	}
	return strings.Join(wrong, "; "), nil
}

// openPull proposes edits of files in one pull request, found again by its branch: as one commit, or as one for each
// title. Where the base has the values already there is nothing to propose.
type openPull struct {
	gh interface {
		FileStore
		RefReader
		RefWriter
		CommitStore
		PullStore
	}
	params.OpenPull
}

// at is where the pull request goes: to another repository than that which is released, where the process says so.
func (k openPull) at(in Input) proposed { return proposed{cmp.Or(k.Repo, in.Repo), k.Branch, k.Base} }
func (k waitPull) at(in Input) proposed { return proposed{cmp.Or(k.Repo, in.Repo), k.Branch, k.Base} }

// EditedFiles are the files that edits name, or patterns of them.
func EditedFiles(text string) []string {
	edits, _ := edit.Parse(text) // edits that cannot be read change nothing
	var out []string
	for _, e := range edits {
		out = append(out, e.Path)
	}
	return out
}

func (k openPull) Elsewhere() []consent.Use {
	return []consent.Use{{Repo: k.Repo, Pulls: EditedFiles(k.Edits), Branch: k.Branch}}
}

func (k waitPull) Elsewhere() []consent.Use {
	return []consent.Use{{Repo: k.Repo, Awaits: EditedFiles(k.Edits)}}
}

func (k openPull) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	var files map[string]string
	switch {
	case err != nil:
		return nil, err
	case o.State == Conflict:
		// Where a step before this one makes the base, it is not there to be looked at yet.
		if _, there, err := k.gh.Branch(ctx, k.at(in).repo, k.Base); err != nil {
			return nil, err
		} else if !there {
			o = Missing()
		}
	case o.State == Absent:
		if files, err = k.files(ctx, in); err != nil {
			return nil, err
		}
	}
	return unless(o, err, func() []Write {
		edits, _ := edit.Parse(k.Edits) // Observe has read them
		out := []string{}
		for _, e := range edits {
			out = append(out, fmt.Sprintf("write %s to %s%s, on branch %s", e.Value, e.Path, place(e, edits),
				k.Branch))
		}
		planned := writes(k.at(in).repo,
			append(out, fmt.Sprintf("open pull request %q from %s into %s", k.Title, k.Branch,
				k.Base))...)
		planned[len(planned)-1].Files = files
		return planned
	})
}

// files are the SHA-256 of the files of the base as the edits leave them.
func (k openPull) files(ctx context.Context, in Input) (map[string]string, error) {
	edits, err := edit.Parse(k.Edits)
	if err != nil {
		return nil, err
	}
	if edits, err = expanded(ctx, k.gh, k.at(in).repo, k.Base, edits); err != nil {
		return nil, err
	}
	_, contents, _, err := filesOn(ctx, k.gh, k.at(in).repo, k.Base, edits)
	if err != nil || contents == nil {
		return nil, err
	}
	for _, e := range edits {
		if contents[e.Path], err = e.Set(contents[e.Path]); err != nil {
			return nil, &Stop{Why: err.Error(), Fix: "fix the file on " + k.Base}
		}
	}
	sums := map[string]string{}
	for path, content := range contents {
		sum := sha256.Sum256(content)
		sums[path] = hex.EncodeToString(sum[:])
	}
	return sums, nil
}

func (k openPull) Observe(ctx context.Context, in Input) (Outcome, error) {
	edits, err := edit.Parse(k.Edits)
	if err != nil {
		return Outcome{}, err
	}
	made, err := proposals(ctx, k.gh, k.at(in))
	if err != nil {
		return Outcome{}, err
	}
	for _, p := range made {
		if p.State != "open" && !p.Merged {
			continue
		}
		lacks, err := lacking(ctx, k.gh, k.at(in).repo, p, edits)
		if err != nil {
			return Outcome{}, err
		}
		if lacks == "" {
			return DoneWith(Receipt{Text: fmt.Sprintf("pull request #%d", p.Number), URL: p.URL,
				ID: int64(p.Number)}), nil
		}
		if p.State == "open" { // an earlier try has left it
			return Conflicts(
				fmt.Sprintf("[#%d](%s) is open with different changes: %s", p.Number, p.URL, lacks),
				fmt.Sprintf("close #%d, then %s", p.Number, retry(in)),
			), nil
		}
	}
	wrong, _, why, err := filesOn(ctx, k.gh, k.at(in).repo, k.Base, edits)
	switch {
	case err != nil:
		return Outcome{}, err
	case why != "":
		return Conflicts(why, "fix the file on "+k.Base+", then "+retry(in)), nil
	case len(wrong) == 0:
		return DoneWith(Receipt{Text: k.Base + " already has these changes"}), nil
	case len(made) > 0 && !made[0].Merged && !in.Again:
		return Conflicts(
			fmt.Sprintf("pull request #%d was closed without being merged", made[0].Number),
			fmt.Sprintf("reopen #%d. To open another one, %s", made[0].Number, retry(in)),
		), nil
	}
	return Missing(), nil
}

func (k openPull) Act(ctx context.Context, in Input) error {
	edits, err := edit.Parse(k.Edits)
	if err != nil {
		return err
	}
	made, err := proposals(ctx, k.gh, k.at(in))
	if err != nil {
		return err
	}
	try := 0
	if len(made) > 0 { // all of them were closed, or merged with something else: the next branch is free
		for try = 1; slices.ContainsFunc(made, func(p Pull) bool { return p.Head == k.at(in).branchOf(try) }); try++ {
		}
	}
	branch, base := k.at(in).branchOf(try), k.Base
	_, there, err := k.gh.Branch(ctx, k.at(in).repo, branch)
	if err != nil {
		return err
	}
	if !there {
		if err := k.commit(ctx, in, branch, base, edits); err != nil {
			return err
		}
	}
	_, err = k.gh.OpenPull(ctx, k.at(in).repo, Pull{
		Title: k.Title, Head: branch, Base: base, Body: k.Body + fmt.Sprintf("\n\nFor %s#%d.\n\n",
			in.Repo, in.Issue) + parse.Marker(in.Key),
	})
	return err
}

// commit makes the branch with its commits. Nothing refers to what is made before the branch is.
func (k openPull) commit(ctx context.Context, in Input, branch, base string, edits []edit.Edit) error {
	head, found, err := k.gh.Branch(ctx, k.at(in).repo, base)
	if err != nil {
		return err
	}
	if !found {
		return &Stop{Why: "there is no branch " + base, Fix: "comment `/release abort REASON`"}
	}
	_, contents, why, err := filesOn(ctx, k.gh, k.at(in).repo, head, edits)
	if err != nil {
		return err
	}
	if why != "" {
		return &Stop{Why: why, Fix: "fix the file, then " + retry(in)}
	}
	if edits, err = expanded(ctx, k.gh, k.at(in).repo, head, edits); err != nil {
		return err
	}
	parent, err := k.gh.Commit(ctx, k.at(in).repo, head)
	if err != nil {
		return err
	}
	sha, tree := head, parent.Tree
	for _, part := range commits(edits) {
		files := map[string]string{}
		for _, e := range part {
			was := contents[e.Path]
			if contents[e.Path], err = e.Set(was); err != nil {
				return &Stop{Why: markdown.Text(err.Error()), Fix: "fix the file, then " + retry(in)}
			}
			if !bytes.Equal(was, contents[e.Path]) {
				files[e.Path] = string(contents[e.Path])
			}
		}
		if len(files) == 0 {
			continue
		}
		if tree, err = k.gh.CreateTree(ctx, k.at(in).repo, tree, files); err != nil {
			return err
		}
		c := Commit{Tree: tree, Parents: []string{sha},
			Message: strings.TrimSpace(cmp.Or(part[0].Commit, k.Title) + "\n\n" + k.Body)}
		if k.Signoff {
			// A check of the sign-off holds it against the author (developercertificate.org), so both are written.
			me := Person{Name: in.AppSlug + "[bot]", Email: in.AppSlug + "[bot]@users.noreply.github.com", When: in.Now}
			c.Author, c.Committer = me, me
			c.Message += fmt.Sprintf("\n\nSigned-off-by: %s <%s>", me.Name, me.Email)
		}
		if sha, err = k.gh.CreateCommit(ctx, k.at(in).repo, c); err != nil {
			return err
		}
	}
	return k.gh.CreateBranch(ctx, k.at(in).repo, branch, sha)
}

// place says where in the file, when its name alone does not.
func place(e edit.Edit, all []edit.Edit) string {
	switch {
	case e.Kind == "module" && e.Arg == "local":
		return " as the version of the modules beside it"
	case e.Kind == "module":
		return " as the version of " + e.Arg
	case e.Kind == "yaml" &&
		slices.ContainsFunc(all, func(o edit.Edit) bool { return o.Path == e.Path && o.Arg != e.Arg }):
		return " at " + e.Arg
	}
	return ""
}

// commits are the edits of each commit, in order.
func commits(edits []edit.Edit) [][]edit.Edit {
	var out [][]edit.Edit
	for _, e := range edits {
		if n := len(out); n > 0 && out[n-1][0].Commit == e.Commit {
			out[n-1] = append(out[n-1], e)
			continue
		}
		out = append(out, []edit.Edit{e})
	}
	return out
}

// waitPull waits until the pull request of open-pull is merged, or until its base has the values by another way.
type waitPull struct {
	gh interface {
		FileStore
		PullStore
	}
	params.WaitPull
}

func (waitPull) Plan(context.Context, Input) ([]Write, error) { return nil, nil }

func (k waitPull) Observe(ctx context.Context, in Input) (Outcome, error) {
	edits, err := edit.Parse(k.Edits)
	if err != nil {
		return Outcome{}, err
	}
	made, err := proposals(ctx, k.gh, k.at(in))
	if err != nil {
		return Outcome{}, err
	}
	lacked := ""
	for _, p := range made {
		if !p.Merged {
			continue
		}
		lacks, err := lacking(ctx, k.gh, k.at(in).repo, p, edits)
		if err != nil {
			return Outcome{}, err
		}
		if lacks == "" {
			return DoneWith(Receipt{Text: fmt.Sprintf("#%d merged as %s", p.Number, short(p.MergeSHA)), SHA: p.MergeSHA,
				URL: p.URL}), nil
		}
		if lacked == "" {
			lacked = fmt.Sprintf("[#%d](%s) was merged without all changes: %s", p.Number, p.URL, lacks)
		}
	}
	wrong, _, why, err := filesOn(ctx, k.gh, k.at(in).repo, k.Base, edits)
	if err != nil {
		return Outcome{}, err
	}
	if len(wrong) == 0 && why == "" {
		return DoneWith(Receipt{Text: k.Base + " has the changes"}), nil
	}
	if i := slices.IndexFunc(made, func(p Pull) bool { return p.State == "open" }); i >= 0 {
		if stale, err := k.stale(ctx, in, made[i], edits); err != nil || stale != "" {
			return Conflicts(
				fmt.Sprintf("[#%d](%s) is out of date: %s", made[i].Number, made[i].URL, stale),
				fmt.Sprintf("close #%d, comment `/release abort REASON`, and start again. If it is still right, "+
					"merge it, then %s", made[i].Number, retry(in)),
			), err
		}
		return WaitFor(fmt.Sprintf("[#%d](%s) to be merged into %s", made[i].Number, made[i].URL, k.Base),
			k.Who, "review and merge it", time.Time{}), nil
	}
	if lacked != "" && made[0].Merged {
		return Conflicts(lacked, "bring the changes to "+k.Base+", then "+retry(in)+
			". To end the release, comment `/release abort REASON`"), nil
	}
	return Conflicts("the pull request from "+k.Branch+" was closed without being merged",
		"reopen and merge it, then "+retry(in)+". To end the release, comment `/release abort REASON`"), nil
}

// stale says what became of the values that the pull request replaces: it was made for others, and merging it might set
// something back.
func (k waitPull) stale(ctx context.Context, in Input, p Pull, edits []edit.Edit) (string, error) {
	for _, e := range edits {
		if strings.Contains(e.Path, "*") {
			continue
		}
		then, there, err := k.gh.File(ctx, k.at(in).repo, e.Path, p.BaseSHA)
		if err != nil {
			return "", err
		}
		now, still, err := k.gh.File(ctx, k.at(in).repo, e.Path, k.Base)
		if err != nil {
			return "", err
		}
		if !there || !still {
			continue
		}
		was, err := e.Get(then)
		if err != nil {
			continue // what the file was then cannot be read; what it is now is checked elsewhere
		}
		is, err := e.Get(now)
		if err != nil {
			return markdown.Text(err.Error()), nil
		}
		if was != is && is != e.Value {
			return fmt.Sprintf("%s on %s now says %s, but said %s when it was opened", markdown.Code(e.Path), k.Base,
				markdown.Text(is), markdown.Text(was)), nil
		}
	}
	return "", nil
}

func (waitPull) Act(context.Context, Input) error { return nil }
