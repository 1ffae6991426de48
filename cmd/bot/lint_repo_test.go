package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

const named = `name: widgets
versions: {kinds: [minor]}
roles:
  owner: {permission: admin}
  tester: {users: [ada, nobody-there], teams: [acme/ghosts]}
may: {default: [owner]}
tracks: [{name: minor, for: [minor], phases: [cut]}]
phases:
  - name: cut
    pin: {sha: {head-of: "{default_branch}"}, old: {head-of: legacy}}
    require:
      - checks: {at: "{sha}", required: [build]}
      - files: {at: "{sha}", say: [{file: VERSION, line: "{version}"}, {file: MISSING, line: "{version}"}]}
    do:
      - workflow: {file: start.yaml, at: "{sha}", ref: main, start: true}
        id: start
      - workflow: {file: push.yaml, at: "{sha}", ref: main, start: true}
        id: push
      - workflow: {file: none.yaml, at: "{sha}", ref: main}
        id: none
      - pull:
          title: Bump
          edits:
            - {file: Chart.yaml, yaml: appVersion, to: "{version}"}
            - {file: Chart.yaml, yaml: spec.tag, to: "{version}"}
      - announce: {to: [slack], subject: x, text: y}
      - tag: {name: "{version}", at: "{sha}"}
`

// A file is held against what its repository has, and nothing is written.
func TestLintHoldsAFileAgainstItsRepository(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var writes []string
	st, err := demo.Ground(ctx, demo.StageOptions{Clock: time.Now, Log: zerolog.Nop(),
		Front: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet && !strings.HasSuffix(r.URL.Path, "/access_tokens") {
					writes = append(writes, r.Method+" "+r.URL.Path)
				}
				next.ServeHTTP(w, r)
			})
		},
		Seed: sandbox.Seed{Org: "acme", Users: []string{"ada"}, Repos: []sandbox.SeedRepo{
			{Name: "widgets", DefaultBranch: "main", Commits: []sandbox.SeedCommit{{Message: "Begin", Author: "ada",
				Files: map[string]string{".github/release.yaml": named, "VERSION": "1.0.0\n",
					"Chart.yaml": "appVersion: 1.0.0\n",
					".github/workflows/start.yaml": "on:\n  workflow_dispatch:\n    inputs:\n" +
						"      target: {required: true}\njobs:\n  a: {}\n",
					".github/workflows/push.yaml": "on: push\njobs:\n  a: {}\n"}}}},
			{Name: "plain", DefaultBranch: "main", Commits: []sandbox.SeedCommit{{Message: "Begin", Author: "ada",
				Files: map[string]string{"README.md": "x\n"}}}},
		}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	app := map[string]string{"SLIPWAY_GITHUB_APP_ID": "4711", "SLIPWAY_GITHUB_WEBHOOK_SECRETS": "s",
		"SLIPWAY_GITHUB_PRIVATE_KEY": string(st.Key), "SLIPWAY_GITHUB_API": st.URL + "/api/v3/"}
	token := map[string]string{"GITHUB_TOKEN": "user:ada", "SLIPWAY_GITHUB_API": st.URL + "/api/v3/"}
	lint := func(env map[string]string, args ...string) (int, string) {
		var out, errs bytes.Buffer
		code := run(ctx, append([]string{"lint"}, args...), func(name string) (string, bool) {
			value, ok := env[name]
			return value, ok
		}, strings.NewReader(""), &out, &errs)
		return code, out.String() + errs.String()
	}
	const f = ".github/release.yaml: line "
	common := []string{
		f + "5, column 25: no user of GitHub is called nobody-there; correct the login, or take it out",
		f + "5, column 48: there is no team acme/ghosts, or it is secret; create it, or let the App read the members of",
		f + "10, column 62: there is no branch legacy; create it, or name another one",
		f + "12, column 42: no check build ran for the head of main; correct the name, or run the check for each commit of",
		f + "13, column 79: there is no MISSING on main; add the file, or correct its name",
		f + "15, column 26: the workflow start.yaml requires the input target, which is not given; give it a default, or",
		f + "17, column 26: the workflow push.yaml has no workflow_dispatch, so nothing can start it; add",
		f + "19, column 26: there is no .github/workflows/none.yaml on main; add the workflow, or correct its name",
		f + "25, column 40: Chart.yaml: there is no spec.tag in it, on main; correct the file, or the place",
	}
	channel := f + "26, column 25: the server has no channel slack for acme/widgets; add it to `channels`"
	code, said := lint(app, "--repo", "acme/widgets")
	wantLines(t, code, said, append(common, channel))
	code, said = lint(token, "--repo", "acme/widgets")
	wantLines(t, code, said, common)

	if code, said = lint(app, "--repo", "acme/plain"); code != 1 ||
		!strings.Contains(said, "has no .github/release.yaml on main") {
		t.Errorf("%d, %s", code, said)
	}
	if code, said = lint(app, "--repo", "acme/none"); code != 1 ||
		!strings.Contains(said, "is not installed in acme/none") {
		t.Errorf("%d, %s", code, said)
	}
	good := filepath.Join(t.TempDir(), "release.yaml")
	if err := os.WriteFile(good, []byte("process: kata\nteam: [ada]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, said = lint(app, good, "--repo", "acme/plain"); code != 1 ||
		!strings.Contains(said, "line 1, column 10: there is no .github/workflows/release.yaml on main") {
		t.Errorf("%d, %s", code, said)
	}
	if len(writes) > 0 {
		t.Errorf("it writes: %v", writes)
	}
}

func wantLines(t *testing.T, code int, said string, want []string) {
	t.Helper()
	if code != 1 {
		t.Errorf("the exit code is %d", code)
	}
	for _, line := range want {
		if !strings.Contains(said, line) {
			t.Errorf("it does not say %q", line)
		}
	}
	if n := strings.Count(said, ".github/release.yaml: "); n != len(want) {
		t.Errorf("it finds %d things, want %d:\n%s", n, len(want), said)
	}
}
