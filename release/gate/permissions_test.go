package gate_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/gate"
	"github.com/slipway-dev/slipway/release/process"
)

var testedOn = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// maintainers has everybody as one.
type maintainers struct{}

func (maintainers) Has(context.Context, release.Person, string) (release.Membership, error) {
	return release.Yes, nil
}

// required are entries of require: that make each kind of gate look at GitHub as far as it ever does. SHA is the head
// of master.
var required = []string{
	`version: {derived: {api: driver/API_VERSION, schema: driver/SCHEMA_VERSION, code: driver}, at: SHA}`,
	`tag: {name: 0.21.0, at: SHA}`,
	`checks: {at: SHA}`,
	`issues: {milestone: 0.21.0, label: release-blocker}`,
	`issues: {milestone: 0.21.0, what: pulls}`,
	`issues: {blocking: v0.20.1}`,
	`merged: {into: master, since: 0.20.0, milestoned: 0.21.0}`,
	`merged: {into: master, milestone: 0.21.0, also-on: release/0.20.x}`,
	`merged: {into: master, since: 0.20.0, at: SHA, milestone: 0.21.0, approved-by: maintainer}`,
	`candidate: {is: there}`,
	`candidate: {is: new, at: SHA}`,
	`candidate: {is: current, at: SHA}`,
	`date: {deadline-of: 0.20.1, schedule: schedule.yaml}`,
	`files: {at: SHA, say: [{file: VERSION, line: 0.21.0}]}`,
	`files: {at: SHA, say: [{file: VERSION, line: 0.21.0}], tag: 0.21.0}`,
	`files: {at: SHA, below: [{file: VERSION, line: 0.21.0}]}`,
	`files: {at: SHA, only: [{file: charts/a/Chart.yaml, yaml: version, to: 0.21.0}], among: charts/*/Chart.yaml, ` +
		`yaml: version, have: 0.21.0}`,
	`files: {at: master, lines-of: [driver/API_VERSION], not-below: +driver}`,
	`images: {dockerfiles: true, at: SHA}`,
	`charts: {files: charts/*/Chart.yaml, at: SHA, image-tags: '^[0-9.]+$', registry: false, ` +
		`components: {a: falcosecurity/libs}}`,
	`charts: {files: charts/*/Chart.yaml, at: SHA, unique-on: release/*}`,
	`workflow: {file: build.yaml, at: SHA, is: green}`,
	`workflow: {file: build.yaml, at: SHA, is: over}`,
	`release: {tag: 0.21.0, is: absent}`,
	`release: {tag: 0.21.0, is: unpublished}`,
	`release: {tag: 0.20.0, is: published, repo: falcosecurity/libs}`,
	`milestone: {title: 0.21.0}`,
}

// A gate gets a token of its own repository and the permissions that it declares. With that it finds out all that it
// wants to know, and there is none among them that it has no use for.
func TestEachGateNeedsThePermissionsThatItDeclares(t *testing.T) {
	st, err := demo.Ground(t.Context(), demo.StageOptions{Clock: func() time.Time { return testedOn },
		TokenLife: 50 * 365 * 24 * time.Hour, Log: zerolog.Nop(), Seed: demo.FalcoLibs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	maria := st.Sandbox.As(demo.Maria)
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(maria.EditIssue(t.Context(), demo.Libs, 2, map[string]any{"labels": []string{"cherry-pick-approved"}}))
	do(maria.MergePull(t.Context(), demo.Libs, 2, "merge"))
	head, err := maria.Commit(t.Context(), demo.Libs, "master", "", "files of all kinds", map[string]string{
		"VERSION": "0.20.0\n", "schedule.yaml": "schedules: []\n", "Dockerfile": "FROM alpine:3.20\n",
		"charts/a/Chart.yaml": "name: a\nversion: 0.1.0\nappVersion: 0.1.0\n", "charts/a/values.yaml": "image: a:0.1.0\n",
		"driver/API_VERSION": "8.1.0\n", ".github/patch-issues.yaml": "preset: kubernetes\n",
		"src/api/go.mod": "module example.org/api\n\ngo 1.24\n",
	})
	do(err)
	all := "process: falco-libs\nphases:\n- name: cut\n" +
		"  do: [{id: try-modules, modules: {files: src/*/go.mod, version: 0.21.0, at: " + head + "}}]\n  require:\n"
	for i, entry := range required {
		all += fmt.Sprintf("  - {id: try-%d, tracks: [minor], %s}\n", i, strings.ReplaceAll(entry, "SHA", head))
	}
	p, err := process.Load([]byte(all))
	do(err)
	cut, _ := p.Phase("cut")
	var libs struct{ ID int64 }
	do(maria.Do(t.Context(), "GET", "/repos/"+demo.Libs, nil, &libs))
	used := map[string]map[string]string{
		// GitHub shows a draft to those who may write: the request is the same.
		"no-release": {"contents": "write"},
	}
	for _, g := range cut.Needs {
		if !strings.HasPrefix(g.ID+g.Step, "try-") {
			continue
		}
		// Each has a client of its own: what one has read, another need not.
		app, err := github.New(github.Config{AppID: 4711, PrivateKey: st.Key, V3URL: st.URL + "/api/v3/",
			UserAgent: "test", Clock: time.Now, Log: zerolog.Nop()})
		do(err)
		gh := app.Client(github.Scope{Installation: st.Sandbox.InstallationOf("falcosecurity"), Repos: []int64{libs.ID},
			Permissions: gate.Permissions(g.Asks.Kind())})
		earlier := len(st.Sandbox.Tokens())
		in := gate.Input{Repo: demo.Libs, Issue: 1, Phase: cut, Now: testedOn,
			Release: release.Release{Begun: true, Started: release.Started{Process: p, Version: "0.21.0", Previous: "0.20.0",
				DefaultBranch: "master"}}}
		verdict, err := gate.For(gh, maintainers{}, g.Asks.Any).Check(t.Context(), in)
		if err != nil {
			t.Errorf("%s: %v", g.Asks.Kind(), err)
		}
		t.Logf("%s: %s: %s", g.Asks.Kind(), verdict.Rule, verdict.Saw)
		if used[g.Asks.Kind()] == nil {
			used[g.Asks.Kind()] = map[string]string{}
		}
		for _, token := range st.Sandbox.Tokens()[earlier:] {
			note(used[g.Asks.Kind()], token)
		}
	}
	for _, row := range gate.Table() {
		declared := gate.Permissions(row.Name)
		if len(declared) == 0 {
			continue // it gets no client
		}
		if diff := cmp.Diff(declared, used[row.Name]); diff != "" {
			t.Errorf("%s (-declared +needed):\n%s", row.Name, diff)
		}
	}
}

func note(used map[string]string, token sandbox.TokenUse) {
	for name, level := range token.Used {
		if name != "metadata" && used[name] != "write" {
			used[name] = level
		}
	}
}
