package kind

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/slipway-dev/slipway/release"
)

func (m Milestone) parts(id string, _ Lists) []release.Step {
	title := string(m.Title)
	var out []release.Step
	switch {
	case m.Was != "":
		out = append(out, undone(part(id, "rename-milestone", "Rename the milestone to "+title, "",
			"from", string(m.Was), "to", title), "rename-milestone", "from", title, "to", string(m.Was)))
	case m.Rest == nil && m.Is == "open":
		out = append(out, part(id, "create-milestone", "Create the milestone "+title,
			"issues and pull requests may be in it", "title", title, "due", string(m.Due),
			"description", string(m.Description)))
	}
	if m.Rest != nil {
		what := map[string]string{"pulls": "unmerged pull requests", "issues": "open issues",
			"all": "what is open"}[m.Rest.What]
		name := id
		if len(out) > 0 || m.Is == "closed" {
			name += "-rest"
		}
		out = append(out, undone(part(name, "roll-milestone", "Move "+what+" from "+title+" to "+string(m.Rest.To), "",
			"from", title, "to", string(m.Rest.To), "what", m.Rest.What, "keep", numbers(
				m.Rest.Keep), "create", "true"), "unroll-milestone"))
	}
	if m.Is == "closed" {
		out = append(out, part(id, "close-milestone", "Close the milestone "+title, "the release is published",
			"title", title))
	}
	return out
}

func (b Branch) parts(id string, _ Lists) []release.Step {
	name := string(b.Name)
	var out []release.Step
	if b.At != "" {
		out = append(out, part(id, "create-branch", "Create "+name,
			"it may contain commits; if it is not needed, delete it by hand", "branch", name, "sha", string(b.At)))
	}
	if b.Protected {
		if len(out) > 0 {
			id += "-protected"
		}
		out = append(out, part(id, "protect-branch", "Protect "+name,
			"the branch stays protected as long as it exists", "branch", name))
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
		end = "" // people are asked, and open it
	}
	if l.Is == "lifted" {
		return []release.Step{part(id, "unlock-branch", "Unlock "+branch, "the branch stays unlocked",
			"branch", branch, "by", by)}
	}
	return []release.Step{undone(part(id, "lock-branch", "Lock "+branch, "", "branch", branch, "allow", l.Allow,
		"reason", string(l.Reason), "hours", end, "by", by), "unlock-branch", "branch", branch, "by", by)}
}

const neverMoved = "a tag is never moved or deleted"

func (t Tag) parts(id string, _ Lists) []release.Step {
	if t.By != "" {
		return []release.Step{part(id, "wait-tag", "Wait for the tag "+string(t.Name), neverMoved,
			"tag", string(t.Name), "who", string(t.By), "hours", hours(t.Within))}
	}
	return []release.Step{part(id, "create-tag", "Tag "+string(t.Name), neverMoved,
		"tag", string(t.Name), "sha", string(t.At), "message", string(t.Message))}
}

func (t Tag) guards() []release.Gate {
	if t.By != "" {
		return nil // no commit is known before CI chose one
	}
	return []release.Gate{require("tag-free", "tag", string(t.Name), "sha", string(t.At))}
}

func (m Modules) parts(id string, _ Lists) []release.Step {
	return []release.Step{part(id, "tag-modules", "Tag the modules "+string(m.Version), neverMoved,
		"modules", string(m.Files), "version", string(m.Version), "sha", string(m.At), "again", string(m.Again))}
}

func (m Modules) guards() []release.Gate {
	return []release.Gate{require("module-tags", "modules", string(m.Files), "version", string(m.Version),
		"sha", string(m.At), "again", string(m.Again))}
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
		return []release.Step{part(id, "delete-draft", "Delete the draft of "+tag, "a deleted draft does not come back",
			"tag", tag)}
	}
	if r.By != "" {
		return []release.Step{part(id, "verify-release", "Check the tag and the files of "+tag, published,
			"tag", tag, "sha", string(r.At), "assets", linesOf(r.Assets))}
	}
	notes, since, body := "generate", string(r.Notes.Since), string(r.Body)
	if !r.Notes.Generate {
		notes, since = "none", ""
	}
	if body == "" && !r.Prerelease {
		body = "{burned}"
	}
	latest := []string{"latest", "auto", "is_latest", "{is_latest}"}
	switch {
	case r.Latest == "never" || r.Prerelease:
		latest = []string{"latest", "false"}
	case r.Latest == "always":
		latest = []string{"latest", "true"}
	}
	pre := map[bool]string{true: "true", false: "false"}[r.Prerelease]
	if !r.Draft {
		return []release.Step{part(id, "create-release", "Publish "+what+tag, published, append(latest, "tag", tag,
			"sha", string(r.At), "name", name, "prerelease", pre, "notes", notes, "previous", since, "body", body)...)}
	}
	return []release.Step{
		part(id+"-draft", "draft-release", "Draft "+what+tag, "if the draft is not needed, delete it by hand",
			"tag", tag, "name", name, "target", string(r.At), "prerelease", pre, "notes", notes, "previous", since,
			"body", body),
		part(id, "publish-release", "Publish "+what+tag, published, append(latest, "tag", tag, "sha", string(r.At))...),
	}
}

func (r Release) guards() []release.Gate {
	if r.Draft || r.By != "" || r.Is != "published" || r.Prerelease {
		return nil
	}
	return []release.Gate{require("no-release", "tag", string(r.Tag))}
}

func (u Upstream) parts(id string, _ Lists) []release.Step {
	return []release.Step{part(id, "wait-published", "Wait for "+string(u.Repo)+" "+string(u.Version),
		"it is a release of another project", "repo", string(u.Repo), "version", string(u.Version),
		"who", string(u.By))}
}

func (p Pull) parts(id string, lists Lists) []release.Step {
	edits, branch, base := lists.Text(p.Edits), string(p.Branch), string(p.Base)
	if branch == "" {
		branch = "slipway/" + id + "-{version}"
	}
	out := []release.Step{part(id, "open-pull", "Propose the pull request “"+string(p.Title)+"”",
		"if it is still open, close it on GitHub",
		"edits", edits, "branch", branch, "base", base, "title", string(p.Title), "body", string(p.Body),
		"repo", string(p.Repo), "signoff", yes(p.Signoff))}
	out[0].Until = id + "-merged"
	if p.ThroughLock {
		out = append(out, part(id+"-let", "exempt-pull", "Allow it while the branch is locked",
			"the exception was only for this commit of the pull request", "branch", branch, "base", base,
			"reason", string(p.Title), "by", "Slipway"))
	}
	return append(out, part(id+"-merged", "wait-pull", "Merge the pull request", "merged changes are kept",
		"edits", edits, "branch", branch, "base", base, "who", string(p.MergedBy), "repo", string(p.Repo)))
}

func (w Workflow) parts(id string, _ Lists) []release.Step {
	with := []string{"workflow", string(w.File), "sha", string(w.At), "ref", string(w.Ref), "fix", string(w.Mend)}
	if !w.Start {
		return []release.Step{part(id, "wait-workflow", "Wait for "+string(w.File)+" on "+string(w.Ref),
			"what it made is kept", with...)}
	}
	with = append(with, "draft", string(w.Drafts))
	if w.Retry != nil {
		with = append(with, "retries", strconv.Itoa(w.Retry.Times),
			"transient", linesOf(w.Retry.Jobs))
	}
	return []release.Step{part(id, "run-workflow", "Run "+string(w.File)+" on "+string(w.Ref), "what it made is kept, "+
		"including a draft; if it is still running, cancel it on GitHub, or it will publish", with...)}
}

func (w Workflow) guards() []release.Gate {
	if w.Drafts == "" {
		return nil
	}
	return []release.Gate{require("tag-free", "tag", string(w.Drafts), "sha", string(w.At)),
		require("no-release", "tag", string(w.Drafts))}
}

func (i Images) parts(id string, _ Lists) []release.Step {
	return []release.Step{part(id, "wait-images", "Wait for the images in their registries",
		"images that were pushed are kept", "images", linesOf(i.List), "who", string(i.By))}
}

func (a Announce) parts(id string, _ Lists) []release.Step {
	var out []release.Step
	for _, channel := range a.To {
		name := id
		if len(a.To) > 1 || id == "announce" {
			name = string(channel)
		}
		out = append(out, part(name, "announce", "Announce {version} to "+string(channel),
			"an announcement cannot be taken back", "channel", string(channel), "subject", string(a.Subject),
			"text", string(a.Text)))
	}
	return out
}

func (m Manual) parts(id string, _ Lists) []release.Step {
	by := string(m.By)
	if by == "" {
		by = "a person"
	}
	one := func(id, text string) release.Step {
		s := part(id, "manual", text, "what was done by hand is kept", "text", by+" to "+lower(text), "items",
			linesOf(m.Items),
			"who", string(m.By), "fix", string(m.Mend))
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
