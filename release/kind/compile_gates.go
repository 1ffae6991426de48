package kind

import (
	"maps"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
)

func (v Version) gates(Lists) []release.Gate {
	out := []release.Gate{require(params.VersionFollows{})}
	if v.Derived != nil {
		out = append(out,
			require(params.DriverVersion{SHA: string(v.At), API: string(v.Derived.API),
				Schema: string(v.Derived.Schema), Code: string(v.Derived.Code)}))
	}
	return out
}

func (t TagFree) gates(Lists) []release.Gate {
	return []release.Gate{require(params.TagFree{Tag: string(t.Name), SHA: string(t.At)})}
}

func (t Team) gates(Lists) []release.Gate {
	return []release.Gate{require(params.Team{Role: string(t.Role), Count: t.Count})}
}

func (a Approvals) gates(Lists) []release.Gate {
	return []release.Gate{require(params.Approvals{Role: string(a.Role), Count: a.Count, OnTeam: a.OnTeam,
		Self: a.Self})}
}

func (c Checks) gates(Lists) []release.Gate {
	return []release.Gate{require(params.ChecksGreen{SHA: string(c.At), Required: words(c.Required),
		Ignore: words(append(c.Ignore[:len(c.Ignore):len(c.Ignore)], "slipway/freeze"))})}
}

func (i Issues) gates(Lists) []release.Gate {
	switch {
	case i.Blocking != "":
		return []release.Gate{require(params.LineClear{Version: string(i.Blocking)})}
	case i.Label != "":
		return []release.Gate{require(params.NoOpenBlockers{Milestone: string(i.Milestone), Label: string(i.Label)})}
	}
	return []release.Gate{require(params.MilestoneClear{Milestone: string(i.Milestone), What: i.What})}
}

func (m Merged) gates(Lists) []release.Gate {
	switch {
	case m.Milestoned != "":
		return []release.Gate{require(params.Milestoned{Since: string(m.Since), Branch: string(m.Into),
			Milestone: string(m.Milestoned)})}
	case m.AlsoOn != "":
		return []release.Gate{require(params.Ported{Milestone: string(m.Milestone), Branch: string(m.AlsoOn),
			From: string(m.Into)})}
	}
	return []release.Gate{require(params.PicksApproved{Branch: string(m.Into), Since: string(m.Since),
		SHA: string(m.At), Milestone: string(m.Milestone), Role: string(m.ApprovedBy)})}
}

func (c Candidate) gates(Lists) []release.Gate {
	switch c.Is {
	case "there":
		return []release.Gate{require(params.CandidateExists{Again: string(c.Again)})}
	case "new":
		return []release.Gate{require(params.CandidateNew{SHA: string(c.At)})}
	}
	return []release.Gate{require(params.CandidateCurrent{SHA: string(c.At), Again: string(c.Again)})}
}

func (d Date) gates(Lists) []release.Gate {
	if d.DeadlineOf != "" {
		return []release.Gate{require(params.PickDeadline{Version: string(d.DeadlineOf), Path: string(d.Schedule),
			Repo: string(d.Repo)})}
	}
	return []release.Gate{require(params.Date{Days: int(d.BeforeDue.Duration().Hours() / 24), Due: "{due}"})}
}

func (f Files) gates(lists Lists) []release.Gate {
	switch {
	case f.Below != nil:
		return []release.Gate{require(params.FilesBelow{SHA: string(f.At), Edits: lists.Text(f.Below)})}
	case f.Only != nil:
		return []release.Gate{require(params.NoOthers{SHA: string(f.At), Files: string(f.Among),
			At: "yaml:" + string(f.YAML), Value: string(f.Have), Edits: lists.Text(f.Only)})}
	case f.LinesOf != nil:
		return []release.Gate{require(params.VersionsRise{Files: words(f.LinesOf), Family: string(f.NotBelow),
			Rev: string(f.At)})}
	case f.Tag != "":
		return []release.Gate{require(params.TaggedFiles{SHA: string(f.At), Edits: lists.Text(f.Say),
			Tag: string(f.Tag)})}
	}
	return []release.Gate{require(params.Files{SHA: string(f.At), Edits: lists.Text(f.Say), Again: string(f.Again),
		Repo: string(f.Repo)})}
}

func (i ImagesThere) gates(Lists) []release.Gate {
	if i.Dockerfiles {
		return []release.Gate{require(params.BaseImages{SHA: string(i.At)})}
	}
	return []release.Gate{require(params.Images{Images: words(i.List)})}
}

func (c Charts) gates(Lists) []release.Gate {
	if c.UniqueOn != "" {
		return []release.Gate{require(params.ChartVersions{SHA: string(c.At), Charts: string(c.Files),
			Branches: strings.TrimSuffix(string(c.UniqueOn), "*")})}
	}
	var components []params.Component // in one order, since a plan signs them
	for _, image := range slices.Sorted(maps.Keys(c.Components)) {
		components = append(components, params.Component{Image: image, Repo: string(c.Components[image])})
	}
	return []release.Gate{require(params.ChartImages{SHA: string(c.At), Charts: string(c.Files),
		Tags: expression(c.ImageTags), Components: components, NoRegistry: !c.Registry})}
}

func (r Ran) gates(Lists) []release.Gate {
	if r.Is == "over" {
		return []release.Gate{require(params.RunOver{Workflow: string(r.File), SHA: string(r.At)})}
	}
	return []release.Gate{require(params.WorkflowGreen{Workflow: string(r.File), SHA: string(r.At)})}
}

func (r Released) gates(Lists) []release.Gate {
	switch r.Is {
	case "absent":
		return []release.Gate{require(params.NoRelease{Tag: string(r.Tag)})}
	case "unpublished":
		return []release.Gate{require(params.Unpublished{Tag: string(r.Tag)})}
	}
	repo := string(r.Repo)
	if repo == "" {
		repo = "{repo}"
	}
	return []release.Gate{require(params.ReleaseExists{Repo: repo, Tag: string(r.Tag)})}
}

func (l Locked) gates(Lists) []release.Gate {
	return []release.Gate{require(params.BranchLocked{Branch: string(l.Branch), Phase: string(l.Since)})}
}

func (m Milestoned) gates(Lists) []release.Gate {
	return []release.Gate{require(params.MilestoneNamed{Milestone: string(m.Title)})}
}
