package kind

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
)

func (m Milestone) parts(id string, _ Lists) []release.Step {
	title := string(m.Title)
	var out []release.Step
	switch {
	case m.Was != "":
		out = append(out,
			undone(part(id, "Rename the milestone to "+title, "",
				params.RenameMilestone{From: string(m.Was), To: title}),
				params.RenameMilestone{From: title, To: string(m.Was)}))
	case m.Rest == nil && m.Is == "open":
		out = append(out, part(id, "Create the milestone "+title, "issues and pull requests may be in it",
			params.CreateMilestone{Title: title, Due: string(m.Due), Description: string(m.Description)}))
	}
	if m.Rest != nil {
		what := map[string]string{"pulls": "unmerged pull requests", "issues": "open issues",
			"all": "what is open"}[m.Rest.What]
		name := id
		if len(out) > 0 || m.Is == "closed" {
			name += "-rest"
		}
		out = append(out,
			undone(part(name, "Move "+what+" from "+title+" to "+string(m.Rest.To), "",
				params.RollMilestone{From: title, To: string(m.Rest.To), What: m.Rest.What, Keep: m.Rest.Keep,
					Create: true}), params.UnrollMilestone{}))
	}
	if m.Is == "closed" {
		out = append(out, part(id, "Close the milestone "+title, "it stays closed, because the release is published",
			params.CloseMilestone{Title: title}))
	}
	return out
}

func (b Branch) parts(id string, _ Lists) []release.Step {
	name := string(b.Name)
	var out []release.Step
	if b.At != "" {
		out = append(out, part(id, "Create "+name, "it may contain commits; if it is not needed, delete it by hand",
			params.CreateBranch{Branch: name, SHA: string(b.At)}))
	}
	if b.Protected {
		if len(out) > 0 {
			id += "-protected"
		}
		out = append(out, part(id, "Protect "+name, "the branch stays protected as long as it exists",
			params.ProtectBranch{Branch: name}))
	}
	return out
}

func (l Lock) parts(id string, _ Lists) []release.Step {
	branch, by := string(l.Branch), l.By
	if by == "slipway" {
		by = ""
	}
	end := hours(l.For)
	if l.Then == "ask" {
		end = 0 // people are asked, and open it
	}
	if l.Is == "lifted" {
		return []release.Step{part(id, "Unlock "+branch, "the branch stays unlocked",
			params.UnlockBranch{Branch: branch, By: by})}
	}
	return []release.Step{undone(part(id, "Lock "+branch, "",
		params.LockBranch{Branch: branch, Allow: l.Allow, Reason: string(l.Reason), Hours: end, By: by}),
		params.UnlockBranch{Branch: branch, By: by})}
}

const neverMoved = "a tag is never moved or deleted"

func (t Tag) parts(id string, _ Lists) []release.Step {
	if t.By != "" {
		return []release.Step{part(id, "Wait for the tag "+string(t.Name), neverMoved,
			params.WaitTag{Tag: string(t.Name), Who: string(t.By), Hours: hours(t.Within)})}
	}
	return []release.Step{part(id, "Tag "+string(t.Name), neverMoved,
		params.CreateTag{Tag: string(t.Name), SHA: string(t.At), Message: string(t.Message)})}
}

func (t Tag) guards() []release.Gate {
	if t.By != "" {
		return nil // no commit is known before CI chose one
	}
	return []release.Gate{require(params.TagFree{Tag: string(t.Name), SHA: string(t.At)})}
}

func (m Modules) parts(id string, _ Lists) []release.Step {
	return []release.Step{part(id, "Tag the modules "+string(m.Version), neverMoved,
		params.TagModules{Modules: string(m.Files), Version: string(m.Version), SHA: string(m.At),
			Again: string(m.Again)})}
}

func (m Modules) guards() []release.Gate {
	return []release.Gate{require(params.ModuleTags{Modules: string(m.Files), Version: string(m.Version),
		SHA: string(m.At), Again: string(m.Again)})}
}

func (r Release) parts(id string, _ Lists) []release.Step {
	const published = "a published release is never taken back"
	tag, name, what := string(r.Tag), string(r.Name), "the release "
	if name == "" {
		name = tag
	}
	if r.Prerelease {
		what = "the pre-release "
	}
	if r.Is == "undrafted" {
		return []release.Step{part(id, "Delete the draft of "+tag, "a deleted draft does not come back",
			params.DeleteDraft{Tag: tag})}
	}
	if r.By != "" {
		return []release.Step{part(id, "Check the tag and the files of "+tag, published,
			params.VerifyRelease{Tag: tag, SHA: string(r.At), Assets: words(r.Assets)})}
	}
	notes, since, body := "generate", string(r.Notes.Since), string(r.Body)
	if !r.Notes.Generate {
		notes, since = "none", ""
	}
	if body == "" && !r.Prerelease {
		body = "{burned}"
	}
	latest, isLatest := "auto", "{is_latest}"
	switch {
	case r.Latest == "never" || r.Prerelease:
		latest, isLatest = "false", ""
	case r.Latest == "always":
		latest, isLatest = "true", ""
	}
	if !r.Draft {
		return []release.Step{part(id, "Publish "+what+tag, published, params.CreateRelease{Tag: tag, SHA: string(r.At),
			Name: name, Latest: latest, IsLatest: isLatest, Prerelease: r.Prerelease, Notes: notes, Previous: since,
			Body: body})}
	}
	return []release.Step{
		part(id+"-draft", "Draft "+what+tag, "if the draft is not needed, delete it by hand",
			params.DraftRelease{Tag: tag, Name: name, Target: string(r.At), Prerelease: r.Prerelease, Notes: notes,
				Previous: since, Body: body}),
		part(id, "Publish "+what+tag, published,
			params.PublishRelease{Tag: tag, SHA: string(r.At), Latest: latest, IsLatest: isLatest}),
	}
}

func (r Release) guards() []release.Gate {
	if r.Draft || r.By != "" || r.Is != "published" || r.Prerelease {
		return nil
	}
	return []release.Gate{require(params.NoRelease{Tag: string(r.Tag)})}
}

func (u Upstream) parts(id string, _ Lists) []release.Step {
	return []release.Step{part(id, "Wait for "+string(u.Repo)+" "+string(u.Version),
		"it is a release of another project", params.WaitPublished{Repo: string(u.Repo), Version: string(u.Version),
			Who: string(u.By)})}
}

func (p Pull) parts(id string, lists Lists) []release.Step {
	edits, branch, base := lists.Text(p.Edits), string(p.Branch), string(p.Base)
	if branch == "" {
		branch = "slipway/" + id + "-{version}"
	}
	out := []release.Step{part(id, "Propose the pull request “"+string(p.Title)+"”",
		"if it is still open, close it on GitHub", params.OpenPull{Edits: edits, Branch: branch, Base: base,
			Title: string(p.Title), Body: string(p.Body), Repo: string(p.Repo), Signoff: p.Signoff})}
	out[0].Until = id + "-merged"
	if p.ThroughLock {
		out = append(out,
			part(id+"-let", "Allow it while the branch is locked",
				"the exception was only for this commit of the pull request", params.ExemptPull{Branch: branch,
					Base: base, Reason: string(p.Title), By: "Slipway"}))
	}
	return append(out, part(id+"-merged", "Merge the pull request", "merged changes are kept",
		params.WaitPull{Edits: edits, Branch: branch, Base: base, Who: string(p.MergedBy), Repo: string(p.Repo)}))
}

func (w Workflow) parts(id string, _ Lists) []release.Step {
	file, ref := string(w.File), string(w.Ref)
	if !w.Start {
		return []release.Step{part(id, "Wait for "+file+" on "+ref, "what it made is kept",
			params.WaitWorkflow{Workflow: file, SHA: string(w.At), Ref: ref, Fix: string(w.Mend)})}
	}
	run := params.RunWorkflow{Workflow: file, SHA: string(w.At), Ref: ref, Fix: string(w.Mend), Draft: string(w.Drafts)}
	if w.Retry != nil {
		run.Retries, run.Transient = w.Retry.Times, words(w.Retry.Jobs)
	}
	return []release.Step{part(id, "Run "+file+" on "+ref, "what it made is kept, including a draft; if it is still "+
		"running, cancel it on GitHub, or it will publish", run)}
}

func (w Workflow) guards() []release.Gate {
	if w.Drafts == "" {
		return nil
	}
	return []release.Gate{require(params.TagFree{Tag: string(w.Drafts), SHA: string(w.At)}),
		require(params.NoRelease{Tag: string(w.Drafts)})}
}

func (i Images) parts(id string, _ Lists) []release.Step {
	return []release.Step{part(id, "Wait for the images in their registries", "images that were pushed are kept",
		params.WaitImages{Images: words(i.List), Who: string(i.By)})}
}

func (a Announce) parts(id string, _ Lists) []release.Step {
	var out []release.Step
	for _, channel := range a.To {
		name := id
		if len(a.To) > 1 || id == "announce" {
			name = string(channel)
		}
		out = append(out, part(name, "Announce {version} to "+string(channel), "an announcement cannot be taken back",
			params.Announce{Channel: string(channel), Subject: string(a.Subject), Text: string(a.Text)}))
	}
	return out
}

func (m Manual) parts(id string, _ Lists) []release.Step {
	by := string(m.By)
	if by == "" {
		by = "a person"
	}
	one := func(id, text string) release.Step {
		s := part(id, text, "what was done by hand is kept",
			params.Manual{Text: by + " to " + lower(text), Items: words(m.Items), Who: string(m.By),
				Fix: string(m.Mend)})
		s.Optional = m.Optional
		return s
	}
	if len(m.Each) == 0 {
		return []release.Step{one(id, string(m.Text))}
	}
	var out []release.Step
	for _, word := range m.Each {
		out = append(out, one(string(word), strings.ReplaceAll(string(m.Text), "{each}", string(word))))
	}
	return out
}

// lower begins a sentence in the middle of another one.
func lower(text string) string {
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(first)) + text[n:]
}
