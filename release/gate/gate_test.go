package gate_test

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/gate"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

const (
	repo = "falcosecurity/libs"
	head = "c8b48ad864dde2d81900702c43bcd01759682316"
	past = "855ebd98d19d1963c0bd62d75e9118f8304a1216"
)

// world is what GitHub holds. Whatever a gate asks beyond it has no answer, and panics: a gate only looks, at what
// stands here.
type world struct {
	step.GitHub
	tags       map[string]string
	runs       []step.WorkflowRun
	files      map[string]string
	checks     []step.Check
	milestones []step.Milestone
	items      []step.Item
	releases   []step.Published
	members    map[string]string // login to role
	commits    []string          // the titles since the last version
	pulls      []step.Pull
	labels     map[int][]step.LabelEvent
	bodies     map[int]string
	broken     error
}

// pictures are the images that registries have.
type pictures struct {
	have   []string
	broken error
}

func (p pictures) Image(_ context.Context, reference string) (string, bool, error) {
	return "", slices.Contains(p.have, reference), p.broken
}

func (w world) Tag(_ context.Context, _, name string) (step.Ref, bool, error) {
	sha, found := w.tags[name]
	return step.Ref{Name: name, SHA: sha, Object: sha}, found, w.broken
}

func (w world) Tags(context.Context, string) ([]string, error) {
	return slices.Sorted(maps.Keys(w.tags)), w.broken
}

func (w world) Checks(_ context.Context, _, sha string) ([]step.Check, error) {
	if sha != head {
		return nil, w.broken
	}
	return w.checks, w.broken
}

func (w world) Milestones(context.Context, string) ([]step.Milestone, error) {
	return w.milestones, w.broken
}

func (w world) MilestoneItems(_ context.Context, _ string, number int, state string) (out []step.Item, err error) {
	for _, i := range w.items {
		if i.Milestone == number && (state == "all" || i.State == state) {
			out = append(out, i)
		}
	}
	return out, w.broken
}

func (w world) Releases(_ context.Context, of string) ([]step.Published, error) {
	if of != "falcosecurity/plugins" && of != repo {
		return nil, w.broken
	}
	return w.releases, w.broken
}

func (w world) Has(_ context.Context, who release.Person, role string) (release.Membership, error) {
	if w.broken != nil {
		return release.Unknown, w.broken
	}
	if w.members[who.Login] == role {
		return release.Yes, nil
	}
	return release.No, nil
}

func (w world) Compare(context.Context, string, string, string) (step.Comparison, error) {
	var c step.Comparison
	for _, title := range w.commits {
		c.Commits = append(c.Commits, step.Commit{Message: title + "\n\ntext (#1)"})
	}
	return c, w.broken
}

func (w world) Pull(_ context.Context, _ string, number int) (step.Pull, bool, error) {
	i := slices.IndexFunc(w.pulls, func(p step.Pull) bool { return p.Number == number })
	if i < 0 {
		return step.Pull{}, false, w.broken
	}
	return w.pulls[i], true, w.broken
}

// Issue has the labels that its history leaves.
func (w world) Issue(_ context.Context, _ string, number int) (step.Issue, bool, error) {
	var is step.Issue
	for _, e := range w.labels[number] {
		if is.Labels = slices.DeleteFunc(is.Labels, func(l string) bool { return l == e.Label }); e.Added {
			is.Labels = append(is.Labels, e.Label)
		}
	}
	return is, true, w.broken
}

// urgent is an open issue of a priority that blocks.
func urgent(number int, labels ...string) step.Item {
	return step.Item{Number: number, Title: "it serves twice", State: "open", Author: "ann",
		URL: fmt.Sprintf("u%d", number), Labels: append(labels, "priority/critical-urgent")}
}

func (w world) LabelHistory(_ context.Context, _ string, number int) ([]step.LabelEvent, error) {
	return w.labels[number], w.broken
}

func (w world) Issues(_ context.Context, _ string, f step.IssueFilter) (out []step.Issue, err error) {
	for _, i := range w.items {
		if i.Milestone == f.Milestone && (f.Label == "" || slices.Contains(i.Labels, f.Label)) &&
			(f.State == "" || i.State == f.State) {
			out = append(out, step.Issue{Item: i, Body: w.bodies[i.Number], MergedPull: i.Pull && i.State == "closed"})
		}
	}
	return out, w.broken
}

func (w world) Runs(_ context.Context, _, workflow, sha string) ([]step.WorkflowRun, error) {
	if workflow != "build.yaml" || sha != head {
		return nil, w.broken
	}
	return w.runs, w.broken
}

func (w world) File(_ context.Context, _, path, _ string) ([]byte, bool, error) {
	text, found := w.files[path]
	return []byte(text), found, w.broken
}

func (w world) Paths(context.Context, string, string) ([]string, error) {
	return slices.Sorted(maps.Keys(w.files)), w.broken
}

func (w world) Branches(context.Context, string, string) ([]string, error) {
	return []string{"aether-2.0"}, w.broken
}

// Subtree is another one on aether-2.0, and that of charts/t another one in 0.20.1.
func (w world) Subtree(_ context.Context, _, rev, dir string) (string, bool, error) {
	if dir == "charts/t" {
		return dir + strings.TrimPrefix(rev, head), rev == head || rev == "0.20.1", w.broken
	}
	return strings.Replace(rev, head, "main", 1) + dir, rev == head || rev == "aether-2.0", w.broken
}

// input is the libs release 0.21.0 at its cut, with maria and max on the team.
func input() gate.Input {
	return gate.Input{
		Repo: repo, Issue: 1, By: person("rita"), Phase: release.Phase{Name: "cut"},
		Plan: release.Plan{Hash: "aaaaaaaa11111111", Writes: []string{"create the tag 0.21.0 at c8b48ad8"}},
		Now:  time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC),
		Release: release.Release{
			Team: []release.Member{{Person: person("maria")}, {Person: person("max")}},
			Started: release.Started{Repo: repo, Issue: 1, Version: "0.21.0",
				Process: release.Process{Versions: release.Scheme{
					Document: "Falco release.md, Libs versioning", Major: "0", Candidates: "rc{n}",
					Kinds: []string{"minor", "patch", "rc", "final"}, Branches: true,
				}}},
		},
	}
}

// person has an id that follows from the login.
func person(login string) release.Person {
	return release.Person{Login: login, ID: int64(crc32.ChecksumIEEE([]byte(login)))}
}

func signed(by, plan string, writes ...string) release.Approved {
	return release.Approved{Source: release.Source{By: by, ID: person(by).ID}, Phase: "cut", Plan: plan, Writes: writes}
}

// discounting is a refusal because of approvals that do not count: pairs of a login and why.
func discounting(rule, saw, who, fix string, because ...string) release.Verdict {
	v := release.Refuse(rule, saw, who, fix)
	for i := 0; i < len(because); i += 2 {
		v.Saw += "; the approval of `@" + because[i] + "` does not count: " + because[i+1]
		v.Discounts = append(v.Discounts, release.Discount{Person: person(because[i]), Why: because[i+1]})
	}
	return v
}

func TestVerdicts(t *testing.T) {
	maintainers := map[string]string{"maria": "maintainer", "max": "maintainer", "eve": "maintainer"}
	images := params.ChartImages{SHA: head, Charts: "charts/*/Chart.yaml", Tags: `^(rel-|v)?\d+\.\d+\.\d+$`,
		Components: []params.Component{{Image: "adapter", Repo: "x/sdcore-adapter"}}}
	versions := params.ChartVersions{SHA: head, Charts: "charts/*/Chart.yaml", Branches: "aether-"}
	two := params.Approvals{Role: "maintainer", Count: 2, OnTeam: true}
	const signRule = "two maintainers of the release team, other than the person who gives the command, approve the plan"
	const orElse = ". Or let somebody else, who has not approved it, comment `/release cut`"
	const signFix = "comment `/release approve aaaaaaaa1111`"
	ours := []step.Milestone{{Number: 1, Title: "0.21.0", State: "open"}}
	picks := params.PicksApproved{Branch: "release-1.31", Since: "v1.31.1", SHA: head, Milestone: "0.21.0",
		Role: "maintainer"}
	const pickRule = "everything merged into release-1.31 since v1.31.1 is approved"
	into := func(n int, base string) step.Pull {
		return step.Pull{Number: n, Merged: true, Base: base, URL: fmt.Sprint("u", n)}
	}
	picked := world{
		files: map[string]string{patches.File: "preset: kubernetes\n"}, members: maintainers, commits: []string{
			"Fix (#2) (#7)", "Merge pull request #8 from x/y"},
		pulls: []step.Pull{into(2, "master"), into(7, "release-1.31"), into(8, "release-1.31"), into(9, "release-1.31"),
			into(10, "release-1.31"), {Number: 11, Base: "release-1.31"}},
		labels: map[int][]step.LabelEvent{
			7: {{Label: "cherry-pick-approved", Actor: step.User(person("maria")), Added: true}},
			8: {{Label: "Cherry-Pick-Approved", Actor: step.User(person("max")), Added: true},
				{Label: "kind/bug", Actor: step.User(person("olaf")), Added: true}},
		},
	}
	for _, tc := range []struct {
		name   string
		asks   params.Any
		world  world
		change func(*gate.Input)
		want   release.Verdict
	}{
		{"a version that follows", params.VersionFollows{},
			world{tags: map[string]string{"0.20.0": past, "8.0.0+driver": past}}, nil,
			release.Hold("0.21.0 follows the existing versions", "2 tags")},
		{"its own tag, left by a cut that goes on", params.VersionFollows{},
			world{tags: map[string]string{"0.20.0": past, "0.21.0": head}}, nil,
			release.Hold("0.21.0 follows the existing versions", "2 tags")},
		{"a version that leaves one out", params.VersionFollows{}, world{tags: map[string]string{"0.19.0": past}}, nil,
			release.Never("0.21.0 follows the existing versions",
				"0.21.0 is refused: it would skip 0.20.0 (Falco release.md, Libs versioning); use 0.20.0",
				"nobody, because exceptions to the versioning rules are never allowed", "comment `/release abort "+
					"REASON`, then `/release start 0.20.0`")},

		{"a free tag", params.TagFree{Tag: "0.21.0", SHA: head}, world{}, nil,
			release.Hold("the tag 0.21.0 is free", "it does not exist yet")},
		{"a tag that is right already", params.TagFree{Tag: "0.21.0", SHA: head},
			world{tags: map[string]string{"0.21.0": head}}, nil,
			release.Hold("the tag 0.21.0 is free", "it already exists at the right commit")},
		{"a tag elsewhere", params.TagFree{Tag: "0.21.0", SHA: head},
			world{tags: map[string]string{"0.21.0": past}}, nil,
			release.Never("the tag 0.21.0 is free", "it is at 855ebd98, but must be at c8b48ad8",
				"nobody, because a tag is never moved",
				"comment `/release abort REASON`, then start the next version")},

		{"two maintainers on the team", params.Team{Role: "maintainer", Count: 2}, world{members: maintainers}, nil,
			release.Hold("two maintainers are on the release team", "2: `@maria`, `@max`")},
		{"a maintainer too few", params.Team{Role: "maintainer", Count: 2},
			world{members: map[string]string{"maria": "maintainer"}}, nil,
			release.Refuse("two maintainers are on the release team", "1: `@maria`", "the release manager",
				"comment `/release team add @USER` with a maintainer")},

		{"two signatures", two, world{members: maintainers}, func(in *gate.Input) {
			in.Release.Approvals = []release.Approved{signed("maria", in.Plan.Hash), signed("max", in.Plan.Hash)}
		}, release.Hold(signRule, "2 of 2 approved: `@maria`, `@max`")},
		{"a signature under a plan that has changed since", two, world{members: maintainers},
			func(in *gate.Input) {
				in.Release.Approvals = []release.Approved{signed("maria", "old", "create the tag 0.21.0 at 855ebd98"),
					signed("max", in.Plan.Hash)}
			}, discounting(signRule, "1 of 2 approved: `@max`", "`@maria`", signFix, "maria",
				"the plan has changed since: no longer \"create the tag 0.21.0 at 855ebd98\", now \"create the tag "+
					"0.21.0 at c8b48ad8\"")},
		{"a signature under the same sentences and other values", two, world{members: maintainers},
			func(in *gate.Input) {
				in.Release.Approvals = []release.Approved{signed("maria", "old", in.Plan.Writes...),
					signed("max", in.Plan.Hash)}
			}, discounting(signRule, "1 of 2 approved: `@max`", "`@maria`", signFix, "maria",
				"the plan has changed since: the changes that it lists are the same, but another value that it signs "+
					"is not")},
		{"signatures that do not count", two, world{members: maintainers}, func(in *gate.Input) {
			in.By = person("max")
			in.Release.Approvals = []release.Approved{signed("olaf", in.Plan.Hash), signed("eve", in.Plan.Hash),
				signed("max", in.Plan.Hash)}
		}, discounting(signRule, "0 of 2 approved", "`@maria`", signFix+orElse, "olaf",
			"they are not a maintainer", "eve",
			"they are not on the release team", "max", "they gave the command themselves")},
		{"a signature of somebody whom the asker put on the team", two, world{members: maintainers},
			func(in *gate.Input) {
				in.Release.Team[1].Added = person("rita")
				in.Release.Approvals = []release.Approved{signed("maria", in.Plan.Hash), signed("max", in.Plan.Hash)}
			}, discounting(signRule, "1 of 2 approved: `@maria`", "a maintainer on the release team, added with "+
				"`/release team add @USER` by somebody other than `@rita`", signFix+orElse, "max",
				"they were added to the release team by `@rita`, who gave the command")},
		{"the same before anybody has given the command", two, world{members: maintainers},
			func(in *gate.Input) {
				in.By, in.Release.Team[1].Added = release.Person{}, person("rita")
				in.Release.Approvals = []release.Approved{signed("maria", in.Plan.Hash), signed("max", in.Plan.Hash)}
			}, release.Hold(signRule, "2 of 2 approved: `@maria`, `@max`; the approval of `@max` does not count if "+
				"`@rita`, who added `@max` to the release team, comments `/release cut`")},
		{"the same where signatures need not be of the team",
			params.Approvals{Role: "maintainer", Count: 1, Self: false}, world{members: maintainers},
			func(in *gate.Input) {
				in.Release.Team[1].Added = person("rita")
				in.Release.Approvals = []release.Approved{signed("max", in.Plan.Hash)}
			}, release.Hold("a maintainer, other than the person who gives the command, approves the plan",
				"1 of 1 approved: `@max`")},
		{"nothing is left to sign", two, world{members: maintainers},
			func(in *gate.Input) { in.Plan.Done = true },
			release.Hold(signRule, "nothing is left to approve: everything in this phase is already done")},
		{"who gives the command cannot clear it", two, world{members: maintainers},
			func(in *gate.Input) { in.By = person("max") },
			release.Refuse(signRule, "0 of 2 approved", "`@maria`", signFix)},
		{"a signature of another phase", two, world{members: maintainers}, func(in *gate.Input) {
			a := signed("maria", in.Plan.Hash)
			a.Phase = "rc"
			in.Release.Approvals = []release.Approved{a}
		}, release.Refuse(signRule, "0 of 2 approved", "`@maria`, `@max`", signFix)},

		{"green checks", params.ChecksGreen{SHA: head}, world{checks: []step.Check{
			{Name: "build", Status: "completed", Conclusion: "success"}, {Name: "docs", Status: "completed",
				Conclusion: "skipped"},
		}}, nil, release.Hold("every check of c8b48ad8 succeeded", "2 succeeded")},
		{"no checks at all", params.ChecksGreen{SHA: head}, world{}, nil,
			release.Hold("every check of c8b48ad8 succeeded", "no checks ran")},
		{"a red, a running and an ignored check",
			params.ChecksGreen{SHA: head,
				Ignore: []string{"slipway/freeze", "lint (go 1.26)"}}, world{checks: []step.Check{
				{Name: "build", Status: "completed", Conclusion: "failure", URL: "https://ci.test/1"},
				{Name: "test", Status: "in_progress"},
				{Name: "slipway/freeze", Status: "completed", Conclusion: "failure"},
				{Name: "lint (go 1.26)", Status: "completed", Conclusion: "failure"},
			}}, nil, release.Refuse("every check of c8b48ad8 succeeded", "[build](https://ci.test/1): failure; "+
				"`test` is in progress", "anyone who can fix or re-run them", "wait until they end, or re-run those "+
				"that failed")},
		{"only what is required counts, where something is",
			params.ChecksGreen{SHA: head, Required: []string{"build", "unit tests"}}, world{checks: []step.Check{
				{Name: "build", Status: "completed", Conclusion: "success"}, {Name: "nightly", Status: "completed",
					Conclusion: "failure"},
			}}, nil,
			release.Refuse("every required check of c8b48ad8 succeeded", "`unit tests` did not run",
				"anyone who can fix or re-run them", "wait until they end, or re-run those that failed")},
		{"the name of a check pings nobody", params.ChecksGreen{SHA: head}, world{checks: []step.Check{
			{Name: "cc @octocat", Status: "completed", Conclusion: "failure",
				URL: "https://ci.test/1"}, {Name: "a`@octocat", Status: "queued"},
		}}, nil, release.Refuse("every check of c8b48ad8 succeeded", "[cc @\u200boctocat](https://ci.test/1): "+
			"failure; `a'@octocat` is queued", "anyone who can fix or re-run them", "wait until they end, or re-run "+
			"those that failed")},

		{"no blocker", params.NoOpenBlockers{Milestone: "0.21.0", Label: "release-blocker"},
			world{milestones: ours, items: []step.Item{
				// the tracking issue itself
				{Number: 1, State: "open", Milestone: 1, Labels: []string{"release-blocker"}},
				{Number: 7, State: "open", Milestone: 1, Labels: []string{"kind/bug"}},
				{Number: 8, State: "closed", Milestone: 1, Labels: []string{"release-blocker"}},
				{Number: 9, State: "open", Milestone: 2, Labels: []string{"release-blocker"}},
			}}, nil, release.Hold("nothing open in the milestone 0.21.0 has the label `release-blocker`", "none")},
		{"a blocker", params.NoOpenBlockers{Milestone: "0.21.0", Label: "release-blocker"},
			world{milestones: ours, items: []step.Item{
				{Number: 7, State: "open", Milestone: 1, Labels: []string{"Release-Blocker"}},
			}}, nil,
			release.Refuse("nothing open in the milestone 0.21.0 has the label `release-blocker`", "#7",
				"the people working on them", "close them, or remove the label")},

		{"a milestone with open issues, where only pull requests count",
			params.MilestoneClear{Milestone: "0.21.0", What: "pulls"}, world{milestones: ours, items: []step.Item{
				{Number: 7, State: "open", Milestone: 1},
			}}, nil, release.Hold("nothing is open in the milestone 0.21.0", "nothing")},
		{"a milestone with an open pull request", params.MilestoneClear{Milestone: "0.21.0", What: "pulls"},
			world{milestones: ours, items: []step.Item{
				{Number: 7, State: "open", Milestone: 1, Pull: true},
			}}, nil,
			release.Refuse("nothing is open in the milestone 0.21.0", "#7", "the people working on them",
				"close or merge them, or move them to another milestone")},

		{"a candidate", params.CandidateExists{},
			world{tags: map[string]string{"0.21.0-rc9": past, "0.21.0-rc10": head, "0.20.0-rc11": past}}, nil,
			release.Hold("a release candidate was tagged", "0.21.0-rc10")},
		{"no candidate of this version", params.CandidateExists{},
			world{tags: map[string]string{"0.20.0-rc1": head, "0.21.0-rc1+driver": head}}, nil,
			release.Refuse("a release candidate was tagged", "there is none", "the release manager",
				"comment `/release rc`")},
		{"the first candidate", params.CandidateNew{SHA: head}, world{}, nil,
			release.Hold("a new candidate contains changes since the last one", "there is no candidate yet")},
		{"a candidate of what the last one was", params.CandidateNew{SHA: head},
			world{tags: map[string]string{"0.21.0-rc9": past, "0.21.0-rc10": head}}, nil,
			release.Refuse("a new candidate contains changes since the last one",
				"0.21.0-rc10 is at c8b48ad8, and so is the branch", "the release manager", "bring in a fix first: "+
					"comment `/release pick #N`")},
		{"a branch that the last candidate is at", params.CandidateCurrent{SHA: head},
			world{tags: map[string]string{"0.21.0-rc1": past, "0.21.0-rc2": head}}, nil,
			release.Hold("the release is identical to the last candidate", "0.21.0-rc2 is at c8b48ad8")},
		{"a branch that only an older candidate is at", params.CandidateCurrent{SHA: head},
			world{tags: map[string]string{"0.21.0-rc1": head, "0.21.0-rc2": past}}, nil,
			release.Refuse("the release is identical to the last candidate",
				"0.21.0-rc2 is at 855ebd98, and the branch at c8b48ad8", "the release manager", "make and test a new "+
					"candidate: comment `/release rc`")},

		{"too early", params.Date{Days: 7, Due: "2026-12-18"}, world{}, nil,
			release.Refuse("`cut` should begin about 7 days before the due date",
				"today is 2026-12-01, and the due date is 2026-12-18", "the release manager", "wait until 2026-12-11")},
		{"the first day", params.Date{Days: 7, Due: "2026-12-08"}, world{}, nil,
			release.Hold("`cut` should begin about 7 days before the due date",
				"today is 2026-12-01, and the due date is 2026-12-08")},
		{"the release has no due date", params.Date{Days: 7, Due: ""}, world{}, nil,
			release.Hold("`cut` should begin about 7 days before the due date", "the release has no due date")},

		{"files that say the version",
			params.Files{SHA: head, Edits: "VERSION line 0.21.0\nChart.yaml yaml:version 0.21.0"},
			world{files: map[string]string{"VERSION": "0.21.0\n", "Chart.yaml": "version: \"0.21.0\"\n"}}, nil,
			release.Hold("the version in the files is the one being released", "0.21.0 at c8b48ad8")},
		{"a chart that was forgotten, as in kata-containers 3.8.0",
			params.Files{SHA: head, Edits: "VERSION line 0.21.0\nChart.yaml yaml:version 0.21.0"},
			world{files: map[string]string{"VERSION": "0.21.0\n", "Chart.yaml": "version: \"0.19.0\"\n"}}, nil,
			release.Refuse("the version in the files is the one being released", "`Chart.yaml` says 0.19.0",
				"anyone who can merge it", "merge the pull request that writes the version")},
		{"a tag that is where the file says something else", params.TaggedFiles{SHA: head, Edits: "VERSION line 0.21.0",
			Tag: "0.21.0"}, world{files: map[string]string{"VERSION": "0.21.0-dev\n"}}, nil,
			release.Never("the version in the files is the one being released",
				"0.21.0 is at c8b48ad8, where `VERSION` says 0.21.0-dev", "nobody, because a tag is never moved",
				"comment `/release dud REASON`, then start the next version")},
		{"a file of another repository",
			params.Files{SHA: "main", Edits: "VERSION line 0.21.0",
				Repo: "falcosecurity/docs"}, world{files: map[string]string{"VERSION": "0.20.0\n"}}, nil,
			release.Refuse("the version in the files of falcosecurity/docs is the one being released",
				"`VERSION` says 0.20.0", "anyone who can merge it", "merge the pull request that writes the version")},
		{"a file that goes on", params.FilesBelow{SHA: "main", Edits: "VERSION line 0.21.0"},
			world{files: map[string]string{"VERSION": "0.20.0-rc1\n"}}, nil,
			release.Hold("versions in files only increase", "`VERSION` on main says 0.20.0-rc1")},
		{"a file that has gone on",
			params.FilesBelow{SHA: "main", Edits: "VERSION line 0.21.0\nAPI line 0.21.0\nX line 0.21.0"},
			world{files: map[string]string{"VERSION": "0.22.0-rc1\n", "API": "0.21.0\n"}}, nil,
			release.Refuse("versions in files only increase",
				"`VERSION` on main says 0.22.0-rc1, which is not lower than 0.21.0; `API` on main says 0.21.0, which "+
					"is not lower than 0.21.0; there is no `X` on main",
				"the maintainers of the files", "if the files are right, this release is not needed: comment "+
					"`/release abort REASON`")},
		{"a file that is not there", params.Files{SHA: head, Edits: "VERSION line 0.21.0"},
			world{}, nil,
			release.Refuse("the version in the files is the one being released", "there is no `VERSION` on c8b48ad8",
				"anyone who can merge it", "merge the pull request that writes the version")},

		{"a run that succeeded", params.WorkflowGreen{Workflow: "build.yaml", SHA: head},
			world{runs: []step.WorkflowRun{{Status: "completed", Conclusion: "success", URL: "u"},
				{Status: "completed", Conclusion: "failure"}}}, nil,
			release.Hold("build.yaml succeeded for the commit being released", "the [run](u) succeeded")},
		{"a run that failed", params.WorkflowGreen{Workflow: "build.yaml", SHA: head},
			world{runs: []step.WorkflowRun{{Status: "completed", Conclusion: "failure", URL: "u"},
				{Status: "completed", Conclusion: "success"}}}, nil,
			release.Refuse("build.yaml succeeded for the commit being released",
				"the [run](u) ended with the conclusion failure", "anyone who can run workflows", "re-run its failed "+
					"jobs on GitHub")},
		{"a run of another commit", params.WorkflowGreen{Workflow: "build.yaml", SHA: past},
			world{runs: []step.WorkflowRun{{Status: "completed", Conclusion: "success"}}}, nil,
			release.Refuse("build.yaml succeeded for the commit being released", "there is no run for 855ebd98",
				"GitHub", "a push starts it. If it did not start, start it on GitHub")},
		{"a run under way", params.RunOver{Workflow: "build.yaml", SHA: head},
			world{runs: []step.WorkflowRun{{Status: "completed"}, {Status: "queued", URL: "u", SHA: head}}}, nil,
			release.Refuse("no run of build.yaml is in progress", "a [run](u) for c8b48ad8 is in progress",
				"anyone who can cancel workflows", "wait until it ends, or cancel it on GitHub")},
		{"no run under way", params.RunOver{Workflow: "build.yaml", SHA: head},
			world{runs: []step.WorkflowRun{{Status: "completed"}}}, nil,
			release.Hold("no run of build.yaml is in progress", "one run for c8b48ad8, none in progress")},

		{"picks that have ended", params.PickDeadline{Version: "v1.31.2", Path: "schedule.yaml"},
			world{files: map[string]string{"schedule.yaml": "schedules:\n- {release: 1.31, next: {release: 1.31.2, " +
				"cherryPickDeadline: 2026-11-30, targetDate: 2026-12-03}}\n"}}, nil,
			release.Hold("cherry-picks for v1.31.2 end on 2026-11-30 (the schedule)", "today is 2026-12-01")},
		// schedule.yaml names the version until it is out, however late that is.
		{"a release that comes after its day", params.PickDeadline{Version: "v1.31.2", Path: "schedule.yaml"},
			world{files: map[string]string{"schedule.yaml": "schedules:\n- {release: 1.31, next: {release: 1.31.2, " +
				"cherryPickDeadline: 2026-11-20, targetDate: 2026-11-24}}\n"}}, nil,
			release.Hold("cherry-picks for v1.31.2 end on 2026-11-20 (the schedule)", "today is 2026-12-01")},
		{"no schedule, and a release that was due", params.PickDeadline{Version: "v1.31.2"}, world{},
			func(in *gate.Input) {
				in.Release.Started.Due = time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)
			}, release.Hold("cherry-picks for v1.31.2 end on 2026-11-06 (the rule of the month)",
				"today is 2026-12-01")},
		{"no schedule, and a release that is due in the month after the next", params.PickDeadline{Version: "v1.31.2"},
			world{}, func(in *gate.Input) {
				in.Release.Started.Due = time.Date(2027, 1, 12, 0, 0, 0, 0, time.UTC)
			}, release.Refuse("cherry-picks for v1.31.2 end on 2027-01-08 (the rule of the month)",
				"today is 2026-12-01", "nobody, because the date is fixed",
				"wait until 2027-01-09. A fix that cannot wait needs a release of its own: comment `/release abort "+
					"REASON`, then `/release start v1.31.2 kind=urgent`")},
		{"the last day of picks", params.PickDeadline{Version: "v1.31.2", Path: "schedule.yaml"},
			world{files: map[string]string{"schedule.yaml": "schedules:\n- {release: 1.31, next: {release: 1.31.2, " +
				"cherryPickDeadline: 2026-12-01, targetDate: 2026-12-03}}\n"}}, nil,
			release.Refuse("cherry-picks for v1.31.2 end on 2026-12-01 (the schedule)", "today is 2026-12-01",
				"nobody, because the date is fixed",
				"wait until 2026-12-02. A fix that cannot wait needs a release of its own: comment `/release abort "+
					"REASON`, then `/release start v1.31.2 kind=urgent`")},
		{"picks that are approved", picks, picked, nil,
			release.Hold(pickRule, "2 pull requests, each with the label `cherry-pick-approved`")},
		{"picks that are not", picks, world{
			files: picked.files, members: picked.members, milestones: ours, pulls: picked.pulls,
			commits: []string{"Fix (#2) (#7)", "Merge pull request #8 from x/y", "Merge pull request #9 from x/y",
				"by hand"},
			items: []step.Item{{Number: 10, Pull: true, State: "closed", Milestone: 1},
				{Number: 11, Pull: true, State: "open", Milestone: 1}},
			labels: map[int][]step.LabelEvent{
				8: {{Label: "cherry-pick-approved", Actor: step.User(person("maria")), Added: true},
					{Label: "cherry-pick-approved", Actor: step.User(person("olaf"))}},
				9: {{Label: "cherry-pick-approved", Actor: step.User(person("maria")), Added: true},
					{Label: "cherry-pick-approved", Actor: step.User(person("maria"))},
					{Label: "cherry-pick-approved", Actor: step.User(person("olaf")),
						Added: true}},
				10: {{Label: "cherry-pick-approved", Actor: step.User(person("prow[bot]")), Bot: true, Added: true}},
			},
		}, nil, release.Refuse(pickRule,
			"[#7](u7) does not have the label `cherry-pick-approved`; [#8](u8) does not have the label "+
				"`cherry-pick-approved`; [#9](u9) has the label `cherry-pick-approved` from `@olaf`, who is not a "+
				"maintainer; [#10](u10) has the label `cherry-pick-approved` from `@prow[bot]`, which is a bot",
			"any maintainer", "review each one and add the label `cherry-pick-approved`. To take one out of the "+
				"release, revert it with a pull request")},
		{"nothing that needs an approval", picks,
			world{files: picked.files, commits: []string{"by hand"}}, nil,
			release.Hold(pickRule, "nothing was merged")},
		{"a policy without approvals", picks,
			world{files: map[string]string{patches.File: "keep: 3\n"}}, nil,
			release.Hold(pickRule,
				"`cherry-picks.approved` in `.github/patch-issues.yaml` names no label, so no approval is needed")},
		{"a policy that cannot be read", picks,
			world{files: map[string]string{patches.File: "keep: x\n"}}, nil,
			release.Refuse(pickRule, "`.github/patch-issues.yaml` is not valid: "+unreadable("keep: x\n"),
				"the maintainers of the file", "fix the file on the default branch")},
		{"a repository that keeps no issues", params.LineClear{Version: "v1.31.2"}, world{}, nil,
			release.Hold("no blocking issue is open for 1.31",
				"there is no `.github/patch-issues.yaml`, so no issue can block")},
		// Nothing is derived for an issue under embargo, so it has the labels that people gave it alone.
		{"issues under embargo, and lines that get no fix", params.LineClear{Version: "v1.31.2"},
			world{tags: map[string]string{"v1.31.1": past, "v1.30.9": past},
				files: map[string]string{patches.File: "preset: kubernetes\n"},
				items: []step.Item{
					urgent(1), urgent(2), urgent(3, "wont-fix/1.31"), urgent(4, "wont-fix/1.30"), urgent(5),
					urgent(6, "security/embargo"), urgent(7, "security/embargo"),
					{Number: 8, State: "open", Labels: []string{"security/embargo", "priority/important-soon"}},
				},
				bodies: map[int]string{
					1: "The owner is working with the product security team on a resolution.",
					2: "Not an issue of a patch release.",
					3: "```release\nintroduced-in=v1.31.0\n```",
					4: "```release\nintroduced-in=v1.31.0\n```",
					5: "```release\nintroduced-in=v1.31.0\nresolved-in=v1.31.2\n```",
					7: "```release\nintroduced-in=v1.31.0\nresolved-in=v1.31.2\n```",
				},
			}, nil, release.Refuse("no blocking issue is open for 1.31",
				"[#1](u1) security fix: `@ann` is working with the security team; [#4](u4) it serves twice; [#6](u6) "+
					"security fix: `@ann` is working with the security team", "the owners of the issues",
				"resolve them and add `resolved-in=v1.31.2`. To lower the priority of one, comment `/priority "+
					"important-soon` on it")},

		{"images that are released", images,
			world{tags: map[string]string{"v0.3.13": past}, files: map[string]string{
				"charts/a/Chart.yaml": "version: 1.0.0\nappVersion: 1.2.3\n",
				"charts/a/values.yaml": "image: {repository: x/amf, tag: \"\"}\ninit:\n  image: " +
					"docker.io:443/busybox:1.36.1\nimages:\n  tags: {one: x/smf:rel-3.1.5, two: " +
					"\"x/upf@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}\nlist:\n- " +
					"{repository: x/adapter, tag: v0.3.13}\n",
				"other/Chart.yaml": "version: x\n",
			}}, nil, release.Hold("every image in the charts is a released version", "5 images in one chart")},
		// The shape of sdcore-helm-charts: beside the images stand a registry and a policy.
		{"images below one registry", images, world{files: map[string]string{
			"charts/a/Chart.yaml": "version: 1.0.0\n",
			"charts/a/values.yaml": "images:\n  repository: \"registry.aetherproject.org/proxy/\"\n  tags:\n    amf: " +
				"omecproject/5gc-amf:rel-3.1.5\n  pullPolicy: IfNotPresent\n  pullSecrets: [aether]\n",
		}}, nil, release.Hold("every image in the charts is a released version", "one image in one chart")},
		{"images of real violations", images, world{files: map[string]string{
			"charts/a/Chart.yaml": "version: 1.0.0\n",
			"charts/a/values.yaml": "images:\n  tags:\n    amf: omecproject/5gc-amf:onf-release3.0.5-921b890\n    " +
				"hssdb: omecproject/c3po-hssdb:master-df54425\n    init: omecproject/busybox:stable\n    roc: " +
				"\"onosproject/aether-roc-api:v0.7.14\"\n    smf: \"omecproject/5gc-smf:2.1.0-dev\"\n",
		}}, nil, release.Refuse("every image in the charts is a released version",
			"`charts/a`: `omecproject/5gc-amf` has the tag `onf-release3.0.5-921b890`, which is not a release; "+
				"`charts/a`: `omecproject/c3po-hssdb` has the tag `master-df54425`, which is not a release; "+
				"`charts/a`: `omecproject/busybox` has the tag `stable`, which is not a release; `charts/a`: "+
				"`omecproject/5gc-smf` has the tag `2.1.0-dev`, which is not a release",
			"the maintainers of the charts", "release the component, and put its version into the chart")},
		{"an image without a tag means the chart's appVersion", images,
			world{files: map[string]string{
				"charts/a/Chart.yaml":  "version: 1.0.0\nappVersion: master\n",
				"charts/a/values.yaml": "image:\n  repository: x/amf\n  pullPolicy: Always\n",
			}}, nil, release.Refuse("every image in the charts is a released version", "`charts/a`: `x/amf` has the "+
				"tag `master`, which is not a release",
				"the maintainers of the charts", "release the component, and put its version into the chart")},
		{"images that are not", images, world{files: map[string]string{
			"charts/a/Chart.yaml": "version: 1.0.0\n",
			"charts/a/values.yaml": "image: {repository: x/amf, tag: \"\"}\nb: {image: \"x/b:latest\"}\nc: {image: " +
				"x/c}\nd: {repository: x/adapter, tag: v9.9.9}\ne: {image: \"x/e:1.2\"}\n",
		}}, nil, release.Refuse("every image in the charts is a released version",
			"`charts/a`: `x/b` has the tag `latest`, which is not a release; `charts/a`: `x/c` has no tag; "+
				"`charts/a`: `x/adapter` has the tag `v9.9.9`, and x/sdcore-adapter has no such release; "+
				"`charts/a`: `x/e` has the tag `1.2`, which is not a release; `charts/a`: `x/amf` has no tag",
			"the maintainers of the charts", "release the component, and put its version into the chart")},
		{"a chart that cannot be read", images,
			world{files: map[string]string{"charts/a/Chart.yaml": "a: ["}}, nil,
			release.Refuse("every image in the charts is a released version", "`charts/a/Chart.yaml` is not valid YAML",
				"the maintainers of the charts", "release the component, and put its version into the chart")},
		{"a version of a chart that was released with another content", versions, world{
			tags: map[string]string{"0.19.0": past, "0.20.0": past,
				"0.20.1": past}, files: map[string]string{"charts/t/Chart.yaml": "version: 1.0.0\n"},
		}, nil, release.Refuse("each chart version has the same content everywhere",
			"`charts/t` 1.0.0 has different content in 0.20.1", "the maintainers of the charts", "raise the version "+
				"of the chart")},
		{"a version of a chart that is out", versions,
			world{files: map[string]string{"charts/a/Chart.yaml": "version: 1.0.0\n",
				"charts/b/Chart.yaml": "version: 0.8.0-dev\n"}}, nil,
			release.Refuse("each chart version has the same content everywhere",
				"`charts/a` 1.0.0 has different content on `aether-2.0`; `charts/b` has the version `0.8.0-dev`, "+
					"which is not of the form MAJOR.MINOR.PATCH", "the maintainers of the charts",
				"raise the version of the chart")},

		{"images of one version", params.BaseImages{SHA: head},
			world{files: map[string]string{
				"Dockerfile": "# syntax=docker/dockerfile:1\nARG GO=1.26.5\nFROM --platform=$BUILDPLATFORM " +
					"golang:${GO}-bookworm@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef " +
					"AS Builder\nRUN make\n" +
					"from builder as test\nFROM ubuntu:16.04\nFROM postgres:10.3-alpine\nFROM " +
					"gcr.io/distroless/static:nonroot\nFROM scratch\nCOPY --from=builder /x /x\n",
				"build/Dockerfile.amf": "ARG BASE=alpine\nFROM \\\n  ${BASE}:${TAG:-3.20}\n",
				"docs/Dockerfile.md/x": "FROM ubuntu\n",
			}}, nil, release.Hold("the base images of Dockerfiles have a version", "6 images")},
		{"images of no version", params.BaseImages{SHA: head},
			world{files: map[string]string{
				"Dockerfile": "FROM node:18\nFROM alpine:latest\nFROM ubuntu\nFROM registry:5000/x/y:master AS " +
					"y\nFROM $NOTHING\n",
			}}, nil, release.Refuse("the base images of Dockerfiles have a version", "`Dockerfile`: `FROM node:18`; "+
				"`Dockerfile`: `FROM alpine:latest`; `Dockerfile`: `FROM ubuntu`; `Dockerfile`: `FROM "+
				"registry:5000/x/y:master`; `Dockerfile`: `FROM $NOTHING`",
				"the maintainers of the Dockerfiles", "use a version, such as `FROM golang:1.26.5`, or a digest")},
		{"a draft is not published", params.Unpublished{Tag: "0.21.0"},
			world{releases: []step.Published{{Tag: "0.21.0", Draft: true}}}, nil,
			release.Hold("0.21.0 is not published", "there is no such release")},
		{"what is published stays", params.Unpublished{Tag: "0.21.0"},
			world{releases: []step.Published{{Tag: "0.21.0", URL: "u"}}}, nil,
			release.Refuse("0.21.0 is not published", "it is [published](u)",
				"nobody, because a published release is never taken back", "comment `/release abort REASON`, then "+
					"start the next version")},
		{"a draft in the way", params.NoRelease{Tag: "0.21.0"},
			world{releases: []step.Published{{Tag: "0.21.0", Draft: true, URL: "u"}}}, nil,
			release.Refuse("0.21.0 is not published, and there is no draft of it", "there is a [draft](u)",
				"the release manager", "once nothing uploads to it any more, delete the draft on GitHub")},
		{"a branch that nobody locked", params.BranchLocked{Branch: "main", Phase: "freeze"},
			world{}, nil,
			release.Refuse("main is locked by this release", "it is not locked", "the release manager",
				"comment `/release freeze` to lock it")},

		{"a release of another repository", params.ReleaseExists{Repo: "falcosecurity/plugins", Tag: "1.0.0"},
			world{releases: []step.Published{{Tag: "1.0.0", URL: "https://github.test/1"}}}, nil,
			release.Hold("falcosecurity/plugins 1.0.0 is published", "https://github.test/1")},
		{"a draft is no release", params.ReleaseExists{Repo: "falcosecurity/plugins", Tag: "1.0.0"},
			world{releases: []step.Published{{Tag: "1.0.0", Draft: true}}}, nil,
			release.Refuse("falcosecurity/plugins 1.0.0 is published", "it is not published",
				"the release manager of falcosecurity/plugins", "wait until it is published")},
	} {
		t.Run(tc.asks.Kind()+": "+tc.name, func(t *testing.T) {
			in := input()
			if tc.change != nil {
				tc.change(&in)
			}
			got, err := gate.For(tc.world, tc.world, tc.asks).Check(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

// unreadable is what release/patches says of such a policy.
func unreadable(policy string) string {
	_, err := patches.Load([]byte(policy))
	return markdown.Text(err.Error())
}

// "Could not find out" is neither yes nor no: it refuses, as breakage, and the engine tries again.
func TestAGateThatCannotFindOutIsAnError(t *testing.T) {
	broken := errors.New("502 Bad Gateway")
	w := world{broken: broken}
	for _, asks := range []params.Any{
		params.VersionFollows{}, params.TagFree{Tag: "0.21.0", SHA: head},
		params.Team{Role: "maintainer", Count: 2}, params.Approvals{Role: "maintainer", Count: 2},
		params.ChecksGreen{SHA: head}, params.NoOpenBlockers{Milestone: "0.21.0", Label: "x"},
		params.MilestoneClear{Milestone: "0.21.0"}, params.Ported{Milestone: "0.21.0", Branch: "b", From: "main"},
		params.Milestoned{Since: "0.20.0", Branch: "b", Milestone: "0.21.0"},
		params.VersionsRise{Files: []string{"VERSION"}, Family: "+driver", Rev: head},
		params.CandidateExists{}, params.CandidateNew{SHA: head}, params.CandidateCurrent{SHA: head},
		params.ChartImages{SHA: head, Charts: "charts/*/Chart.yaml"},
		params.ChartVersions{SHA: head, Charts: "charts/*/Chart.yaml", Branches: "b"}, params.BaseImages{SHA: head},
		params.PickDeadline{Version: "v0.21.0", Path: "schedule.yaml"},
		params.PicksApproved{Branch: "b", Since: "0.20.0", SHA: head, Milestone: "0.21.0", Role: "maintainer"},
		params.LineClear{Version: "v0.21.0"}, params.MilestoneNamed{Milestone: "0.21.0"},
		params.DriverVersion{API: "API", Schema: "SCHEMA", Code: "driver", SHA: head},
		params.ModuleTags{Modules: "src/*/go.mod", Version: "0.21.0", SHA: head},
		params.NoOthers{SHA: head, Files: "*", At: "line", Value: "x", Edits: "VERSION line 0.21.0"},
		params.Files{SHA: head, Edits: "VERSION line 0.21.0"}, params.TaggedFiles{SHA: head,
			Edits: "VERSION line 0.21.0"},
		params.FilesBelow{SHA: head, Edits: "VERSION line 0.21.0"},
		params.WorkflowGreen{Workflow: "build.yaml", SHA: head}, params.RunOver{Workflow: "build.yaml", SHA: head},
		params.Unpublished{Tag: "0.21.0"}, params.NoRelease{Tag: "0.21.0"}, params.ReleaseExists{Repo: repo,
			Tag: "0.21.0"},
	} {
		in := input()
		in.Release.Started.Previous = "0.20.0"
		in.Release.Approvals = []release.Approved{signed("maria", in.Plan.Hash)}
		if v, err := gate.For(w, w, asks).Check(t.Context(), in); !errors.Is(err, broken) {
			t.Errorf("%s answers %+v %v, want the error", asks.Kind(), v, err)
		}
	}
}

func TestADateThatIsNoneIsAnError(t *testing.T) {
	if v, err := gate.For(world{}, world{}, params.Date{Days: 7, Due: "soon"}).Check(t.Context(), input()); err == nil {
		t.Errorf("a date that is none answers %+v", v)
	}
}

func TestTheTableHoldsExactlyTheKinds(t *testing.T) {
	var rows []string
	for _, row := range gate.Table() {
		rows = append(rows, row.Name)
		if row.About == "" {
			t.Errorf("%s has no sentence", row.Name)
		}
	}
	slices.Sort(rows)
	var kinds []string
	for _, p := range params.All() {
		if gate.For(world{}, world{}, p) != nil {
			kinds = append(kinds, p.Kind())
		}
	}
	slices.Sort(kinds)
	if diff := cmp.Diff(kinds, rows); diff != "" {
		t.Errorf("the table and the kinds (-kinds +table):\n%s", diff)
	}
}

// A registry that is down, or that was never there, is named with its reason; the release manager does not wait without
// a word.
func TestARegistryThatDoesNotAnswerIsToldOf(t *testing.T) {
	for _, c := range []struct {
		have pictures
		want release.Verdict
	}{
		{pictures{have: []string{"quay.io/x/y:1"}}, release.Hold("the images exist in their registries", "one image")},
		{pictures{}, release.Refuse("the images exist in their registries", "missing: `quay.io/x/y:1`",
			"the workflow that pushes them", "check its run, and start it again")},
		{pictures{broken: errors.New("look for it: dial tcp: no such `host`")},
			release.Refuse("the images exist in their registries",
				"missing: `quay.io/x/y:1` (its registry does not answer: no such 'host')",
				"the workflow that pushes them", "check its run, and start it again")},
	} {
		in := input()
		in.Images = c.have
		got, err := gate.For(world{}, world{}, params.Images{Images: []string{"quay.io/x/y:1"}}).Check(t.Context(), in)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%v, verdict (-want +got):\n%s", err, diff)
		}
	}
}
