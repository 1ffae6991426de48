package docs_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/gate"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/process"
	"github.com/slipway-dev/slipway/release/step"
)

const (
	ours  = "3f2c1ab93f2c1ab93f2c1ab93f2c1ab93f2c1ab9"
	other = "1e8f0d221e8f0d221e8f0d221e8f0d221e8f0d22"
)

// lookalike is a GitHub for replies.md: one where nothing is there, or one where all is there and at the wrong place.
type lookalike struct {
	step.GitHub // what is written, which no sample does
	full        bool
}

func (l lookalike) sha() string { return map[bool]string{true: other}[l.full] }

func (l lookalike) Branch(context.Context, string, string) (string, bool, error) {
	return l.sha(), l.full, nil
}
func (l lookalike) Branches(context.Context, string, string) ([]string, error) { return nil, nil }
func (l lookalike) Tag(_ context.Context, _, name string) (step.Ref, bool, error) {
	return step.Ref{Name: name, SHA: other}, l.full, nil
}
func (l lookalike) Tags(context.Context, string) ([]string, error) {
	if l.full {
		return []string{"0.19.0", "0.21.0-rc1"}, nil
	}
	return []string{"0.20.0"}, nil
}
func (l lookalike) Commit(_ context.Context, _, sha string) (step.Commit, error) {
	return step.Commit{SHA: sha, Message: "Fix", Parents: []string{"a"}}, nil
}
func (l lookalike) Revision(_ context.Context, _, rev string) (step.Commit, bool, error) {
	return step.Commit{SHA: other}, l.full, nil
}
func (l lookalike) Compare(context.Context, string, string, string) (step.Comparison, error) {
	return step.Comparison{Ahead: 1, Behind: 1, Commits: []step.Commit{{SHA: other, Message: "Fix (#123)"}}}, nil
}
func (l lookalike) MergeBase(context.Context, string, string, string) (string, error) {
	return other, nil
}
func (l lookalike) pull() step.Pull {
	return step.Pull{
		Number: 123, State: "open", Base: "release/0.21.x", HeadSHA: other, BaseSHA: other,
		URL: "https://github.com/x/y/pull/123",
	}
}
func (l lookalike) Pull(context.Context, string, int) (step.Pull, bool, error) {
	p := l.pull()
	p.State, p.Merged, p.MergeSHA = "closed", true, other
	return p, l.full, nil
}
func (l lookalike) PullCommits(context.Context, string, int) ([]step.Commit, error) { return nil, nil }
func (l lookalike) PullsFrom(_ context.Context, _, head, _ string) ([]step.Pull, error) {
	if l.full && !strings.HasSuffix(head, "-2") {
		return []step.Pull{l.pull()}, nil
	}
	return nil, nil
}
func (l lookalike) Milestones(context.Context, string) ([]step.Milestone, error) {
	if l.full {
		return []step.Milestone{{Number: 1, Title: "0.21.0", State: "closed",
			URL: "https://github.com/x/y/milestone/1"}}, nil
	}
	return nil, nil
}
func (l lookalike) MilestoneItems(context.Context, string, int, string) ([]step.Item, error) {
	return []step.Item{{Number: 7, State: "open", Pull: true, Milestone: 1, Labels: []string{"release-blocker"}}}, nil
}
func (l lookalike) Rulesets(context.Context, string, string) ([]step.Ruleset, error) {
	if l.full {
		return []step.Ruleset{
			{Name: "Slipway freeze of release/0.21.x (#12)"}, {Name: "Slipway protects release/0.21.x"},
		}, nil
	}
	return nil, nil
}
func (l lookalike) BranchRules(context.Context, string, string) ([]string, error) { return nil, nil }
func (l lookalike) Checks(context.Context, string, string) ([]step.Check, error) {
	if l.full {
		return []step.Check{
			{Name: "build", Status: "completed", Conclusion: "failure", URL: "https://github.com/x/y/runs/1"},
			{Name: "test", Status: "in_progress"},
		}, nil
	}
	return nil, nil
}
func (l lookalike) Releases(context.Context, string) ([]step.Published, error) {
	if l.full {
		return []step.Published{{Tag: "0.21.0", URL: "https://github.com/x/y/releases/tag/0.21.0"}}, nil
	}
	return nil, nil
}
func (l lookalike) Runs(context.Context, string, string, string) ([]step.WorkflowRun, error) {
	if l.full {
		return []step.WorkflowRun{{
			ID: 1, Attempt: 1, Event: "workflow_dispatch", SHA: other, Status: "completed", Conclusion: "failure",
			URL: "https://github.com/x/y/runs/1",
		}}, nil
	}
	return nil, nil
}
func (l lookalike) Jobs(context.Context, string, int64) ([]step.Job, error) {
	return []step.Job{{Name: "publish", Status: "completed", Conclusion: "failure"}}, nil
}
func (l lookalike) Issue(_ context.Context, _ string, n int) (step.Issue, bool, error) {
	return step.Issue{Item: step.Item{Number: n, State: "open", Milestone: 2}}, true, nil
}
func (l lookalike) Comments(context.Context, string, int) ([]step.Comment, error) { return nil, nil }
func (l lookalike) Issues(context.Context, string, step.IssueFilter) ([]step.Issue, error) {
	return nil, nil
}
func (l lookalike) LabelHistory(context.Context, string, int) ([]step.LabelEvent, error) {
	return nil, nil
}
func (l lookalike) File(_ context.Context, _, path, _ string) ([]byte, bool, error) {
	content := map[string]string{
		"VERSION": "0.22.0\n", "go.mod": "module example.org/x\n", "charts/a/Chart.yaml": "version: 1.0.0-dev\n",
		"API": "9.0.0\n", "SCHEMA": "4.0.0\n",
		"charts/a/values.yaml": "image: {repository: x/a, tag: latest}\n", "Dockerfile": "FROM ubuntu\n",
		".github/patch-issues.yaml": "keep: x\n",
	}[path]
	return []byte(content), l.full && content != "", nil
}
func (l lookalike) Paths(context.Context, string, string) ([]string, error) {
	if l.full {
		return []string{"VERSION", "other/VERSION", "charts/a/Chart.yaml", "charts/a/values.yaml", "Dockerfile"}, nil
	}
	return nil, nil
}
func (l lookalike) Subtree(_ context.Context, _, rev, _ string) (string, bool, error) {
	return rev, true, nil
}
func (l lookalike) Permission(context.Context, string, step.User) (string, error) {
	return "write", nil
}

// Has makes @maria a maintainer, and nobody else.
func (l lookalike) Has(_ context.Context, who release.Person, _ string) (release.Membership, error) {
	if who.Login == "maria" {
		return release.Yes, nil
	}
	return release.No, nil
}

// with are parameters of a kind.
func with(t *testing.T, kind string) params.Any {
	t.Helper()
	p, err := params.Decode(kind, nil)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{
		"tag": "0.21.0", "sha": ours, "branch": "release/0.21.x", "title": "0.21.0", "due": "2026-12-18",
		"from": "0.21.0", "to": "0.22.0", "name": "0.21.0", "target": ours, "latest": "true", "previous": "0.20.0",
		"notes": "generate", "workflow": "release.yaml", "ref": "main", "draft": "0.21.0", "fix": "bump",
		"edits": "VERSION line 0.21.0", "base": "main", "pull": "123", "reason": "it crashes", "by": "maria",
		"milestone": "0.21.0", "allow": "exceptions", "channel": "slack", "subject": "0.21.0 is released",
		"text": "a person to test the release candidate", "images": "quay.io/x/y:0.21.0", "what": "pulls",
		"version": "0.21.0", "modules": "go.mod", "repo": "falcosecurity/libs", "body": "Hello.",
		"role": "maintainer", "count": "2", "team": "true", "label": "release-blocker", "since": "0.20.0",
		"files": "VERSION", "family": "", "rev": "main", "days": "7", "charts": "charts/*/Chart.yaml",
		"tags": `^\d+\.\d+\.\d+$`, "branches": "release/", "api": "API", "schema": "SCHEMA", "code": "driver",
		"at": "line", "value": "0.22.0", "phase": "freeze", "assets": "*.tgz",
	}
	made := reflect.New(reflect.TypeOf(p)).Elem()
	for i := range made.NumField() {
		name, _, _ := strings.Cut(made.Type().Field(i).Tag.Get("json"), ",")
		text, given := texts[name]
		switch field := made.Field(i); field.Kind() {
		case reflect.String:
			field.SetString(text)
		case reflect.Int:
			n, _ := strconv.Atoi(text)
			field.SetInt(int64(n))
		case reflect.Bool:
			field.SetBool(text == "true")
		case reflect.Slice:
			if of := field.Type().Elem(); given && of.Kind() == reflect.String {
				field.Set(reflect.ValueOf([]string{text}))
			}
		}
	}
	p, _ = made.Interface().(params.Any)
	return p
}

// kinds are the kinds of gates and of steps, with what each says.
func kinds(t *testing.T) []speaker {
	t.Helper()
	return []speaker{
		{"Verdicts of each kind of gate", "release/gate", verdicts(t)},
		{"Plans and outcomes of each kind of step", "release/step", outcomes(t)},
	}
}

// outcomes are what each kind of step plans and answers where nothing is there, and where all is elsewhere.
func outcomes(t *testing.T) []release.Sample {
	t.Helper()
	var out []release.Sample
	seen := map[string]bool{}
	add := func(name, text string) {
		if !seen[name+text] && text != "" {
			seen[name+text] = true
			out = append(out, release.Sample{Name: name, Text: text})
		}
	}
	for _, row := range step.Table() {
		for _, l := range []lookalike{{full: false}, {full: true}} {
			if row.Name == "manual" && l.full {
				continue // it looks at nothing
			}
			in := step.Input{
				Key: "falcosecurity/libs#12/0.21.0/cut.1/" + row.Name, Repo: "falcosecurity/libs",
				Issue: 12, Version: "0.21.0", Images: none{}, AppSlug: "slipway",
				Now:   time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
				Since: time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC),
			}
			k := step.For(l, with(t, row.Name))
			planned, err := k.Plan(t.Context(), in)
			var stop *step.Stop
			switch {
			case errors.As(err, &stop): // Observe says the same below
			case err != nil:
				t.Errorf("plan %s: %v", row.Name, err)
			}
			for _, w := range planned {
				add("`"+row.Name+"`: where nothing is there, and where it is elsewhere", "- "+release.Sentence(w.Text))
			}
			o, err := k.Observe(t.Context(), in)
			var unseen *step.Unseen
			switch {
			case errors.As(err, &unseen):
				o = unseen.Waits
			case err != nil:
				t.Errorf("observe %s: %v", row.Name, err)
			}
			add("`"+row.Name+"`: where nothing is there, and where it is elsewhere", outcome(o))
		}
	}
	return out
}

func outcome(o step.Outcome) string {
	switch o.State {
	case step.Done:
		return "Done: " + o.Receipt.Text
	case step.Waiting:
		return strings.ReplaceAll(fmt.Sprintf("Waiting for %s (%s). %s", o.Why, o.Who, release.Sentence(o.Fix)),
			" ()", "")
	case step.Conflict:
		return "**Stopped.** " + release.Sentence(o.Why) + " " + release.Sentence(o.Fix)
	case step.Absent:
	}
	return ""
}

// none is a registry that has nothing.
type none struct{}

func (none) Image(context.Context, string) (string, bool, error) { return "", false, nil }

// verdicts are what each kind of gate answers.
func verdicts(t *testing.T) []release.Sample {
	t.Helper()
	p, err := process.Builtin("falco-libs")
	if err != nil {
		t.Fatal(err)
	}
	r := release.Release{Begun: true, Team: []release.Member{
		{Person: release.Person{Login: "maria", ID: 1}}, {Person: release.Person{Login: "olaf", ID: 2}},
	}}
	r.Approvals = []release.Approved{
		{Source: release.Source{By: "olaf", ID: 2}, Phase: "cut", Plan: "46f6d65b46f6d65b"},
		{Source: release.Source{By: "maria", ID: 1}, Phase: "cut", Plan: "old",
			Writes: []string{"create tag 0.21.0 at 1e8f0d22"}},
	}
	r.Started = release.Started{
		Process: p, Version: "0.21.0", Previous: "0.20.0", Track: "minor", Repo: "falcosecurity/libs", Issue: 12,
	}
	phase, _ := p.Phase("cut")
	var out []release.Sample
	seen := map[string]bool{}
	for _, row := range gate.Table() {
		for _, l := range []lookalike{{full: false}, {full: true}} {
			in := gate.Input{
				Repo: "falcosecurity/libs", Issue: 12, Release: r, Phase: phase,
				By:   release.Person{Login: "rita", ID: 3},
				Plan: release.Plan{Hash: "46f6d65b46f6d65b", Writes: []string{"create tag 0.21.0 at 3f2c1ab9"}}, Images: none{},
				Now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
			}
			asks := with(t, row.Name)
			switch asks.(type) {
			case params.LineClear:
				asks = params.LineClear{Version: "v1.31.2"}
			case params.PickDeadline:
				asks = params.PickDeadline{Version: "v1.31.2"}
			}
			v, err := gate.For(l, l, asks).Check(t.Context(), in)
			if err != nil {
				t.Errorf("%s: %v", row.Name, err)
				continue
			}
			text := "- " + map[bool]string{true: "✅", false: "❌"}[v.Holds] +
				" **Rule:** " + release.Sentence(v.Rule) + " **Seen:** " + release.Sentence(v.Saw)
			if v.Who+v.Fix != "" {
				text += " **Who can resolve it:** " + v.Who + ". **Next:** " + release.Sentence(v.Fix)
			}
			if name := "`" + row.Name + "`: where nothing is there, and where it is elsewhere"; !seen[name+text] {
				seen[name+text] = true
				out = append(out, release.Sample{Name: name, Text: text})
			}
		}
	}
	return out
}
