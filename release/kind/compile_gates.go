package kind

import (
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/release"
)

func (v Version) gates(Lists) []release.Gate {
	out := []release.Gate{require("version-follows")}
	if v.Derived != nil {
		out = append(out, require("driver-version", "sha", string(v.At), "api", string(v.Derived.API),
			"schema", string(v.Derived.Schema), "code", string(v.Derived.Code)))
	}
	return out
}

func (t TagFree) gates(Lists) []release.Gate {
	return []release.Gate{require("tag-free", "tag", string(t.Name), "sha", string(t.At))}
}

func (t Team) gates(Lists) []release.Gate {
	return []release.Gate{require("team", "role", string(t.Role), "count", strconv.Itoa(t.Count))}
}

func (a Approvals) gates(Lists) []release.Gate {
	return []release.Gate{require("approvals", "role", string(a.Role), "count", strconv.Itoa(a.Count),
		"team", yes(a.OnTeam), "self", strconv.FormatBool(a.Self))}
}

func (c Checks) gates(Lists) []release.Gate {
	return []release.Gate{require("checks-green", "sha", string(c.At), "required", linesOf(c.Required),
		"ignore", linesOf(append(c.Ignore[:len(c.Ignore):len(c.Ignore)], "slipway/freeze")))}
}

func (i Issues) gates(Lists) []release.Gate {
	switch {
	case i.Blocking != "":
		return []release.Gate{require("line-clear", "version", string(i.Blocking))}
	case i.Label != "":
		return []release.Gate{require("no-open-blockers", "milestone", string(i.Milestone), "label", string(i.Label))}
	}
	return []release.Gate{require("milestone-clear", "milestone", string(i.Milestone), "what", i.What)}
}

func (m Merged) gates(Lists) []release.Gate {
	switch {
	case m.Milestoned != "":
		return []release.Gate{require("milestoned", "since", string(m.Since), "branch", string(m.Into),
			"milestone", string(m.Milestoned))}
	case m.AlsoOn != "":
		return []release.Gate{require("ported", "milestone", string(m.Milestone), "branch", string(m.AlsoOn),
			"from", string(m.Into))}
	}
	return []release.Gate{require("picks-approved", "branch", string(m.Into), "since", string(m.Since),
		"sha", string(m.At), "milestone", string(m.Milestone), "role", string(m.ApprovedBy))}
}

func (c Candidate) gates(Lists) []release.Gate {
	switch c.Is {
	case "there":
		return []release.Gate{require("candidate-exists", "again", string(c.Again))}
	case "new":
		return []release.Gate{require("candidate-new", "sha", string(c.At))}
	}
	return []release.Gate{require("candidate-current", "sha", string(c.At), "again", string(c.Again))}
}

func (d Date) gates(Lists) []release.Gate {
	if d.DeadlineOf != "" {
		return []release.Gate{require("pick-deadline", "version", string(d.DeadlineOf), "path", string(d.Schedule),
			"repo", string(d.Repo))}
	}
	return []release.Gate{require("date", "earliest-days", strconv.Itoa(int(d.BeforeDue.Duration().Hours()/24)),
		"due", "{due}")}
}

func (f Files) gates(lists Lists) []release.Gate {
	switch {
	case f.Below != nil:
		return []release.Gate{require("files-below", "sha", string(f.At), "edits", lists.Text(f.Below))}
	case f.Only != nil:
		return []release.Gate{require("no-others", "sha", string(f.At), "files", string(f.Among),
			"at", "yaml:"+string(f.YAML), "value", string(f.Have), "edits", lists.Text(f.Only))}
	case f.LinesOf != nil:
		return []release.Gate{require("versions-rise", "files", linesOf(f.LinesOf), "family", string(f.NotBelow),
			"rev", string(f.At))}
	case f.Tag != "":
		return []release.Gate{require("tagged-files", "sha", string(f.At), "edits", lists.Text(f.Say),
			"tag", string(f.Tag))}
	}
	return []release.Gate{require("files", "sha", string(f.At), "edits", lists.Text(f.Say), "again", string(f.Again),
		"repo", string(f.Repo))}
}

func (i ImagesThere) gates(Lists) []release.Gate {
	if i.Dockerfiles {
		return []release.Gate{require("base-images-versioned", "sha", string(i.At))}
	}
	return []release.Gate{require("images", "images", linesOf(i.List))}
}

func (c Charts) gates(Lists) []release.Gate {
	if c.UniqueOn != "" {
		return []release.Gate{require("chart-version-unique", "sha", string(c.At), "charts", string(c.Files),
			"branches", strings.TrimSuffix(string(c.UniqueOn), "*"))}
	}
	registry := ""
	if !c.Registry {
		registry = "false"
	}
	var components []string
	for image, repo := range c.Components {
		components = append(components, image+" "+string(repo))
	}
	return []release.Gate{require("chart-images-released", "sha", string(c.At), "charts", string(c.Files),
		"tags", string(c.ImageTags), "components", strings.Join(components, "\n"), "registry", registry)}
}

func (r Ran) gates(Lists) []release.Gate {
	kind := map[string]string{"green": "workflow-green", "over": "run-over"}[r.Is]
	return []release.Gate{require(kind, "workflow", string(r.File), "sha", string(r.At))}
}

func (r Released) gates(Lists) []release.Gate {
	switch r.Is {
	case "absent":
		return []release.Gate{require("no-release", "tag", string(r.Tag))}
	case "unpublished":
		return []release.Gate{require("unpublished", "tag", string(r.Tag))}
	}
	repo := string(r.Repo)
	if repo == "" {
		repo = "{repo}"
	}
	return []release.Gate{require("release-exists", "repo", repo, "tag", string(r.Tag))}
}

func (l Locked) gates(Lists) []release.Gate {
	return []release.Gate{require("branch-locked", "branch", string(l.Branch), "phase", string(l.Since))}
}

func (m Milestoned) gates(Lists) []release.Gate {
	return []release.Gate{require("milestone-named", "milestone", string(m.Title))}
}
