package hostile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/app"
	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/test/hostile"
)

// odd is the process of a repository whose gates and steps look everywhere where somebody else writes.
const odd = `name: odd
title: Odd
versions: {kinds: [major, minor, patch], document: RELEASE.md, prefix: v}
names: {tag: "{version}", milestone: "{version}"}
roles: {manager: {about: who is assigned, permission: maintain}}
may: {default: [manager]}
tracks: [{name: all, for: [major, minor, patch], phases: [look, workflow, images, modules, pull, shut, cut]}]
phases:
- name: look
  title: Look
  about: Everything is looked at.
  repeat: true
  who: [manager]
  pin: {sha: {of: main}}
  require:
  - {id: checks, warn: true, checks: {at: "{sha}"}}
  - {id: says, warn: true, files: {at: "{sha}", say: [SAYS]}}
  - {id: below, warn: true, files: {at: "{sha}", below: [SAYS]}}
  - {id: only, warn: true, files: {at: "{sha}", among: charts/*/Chart.yaml, yaml: version, have: "{version}", ` +
	`only: [{file: charts/none/Chart.yaml, yaml: version, to: "{version}"}]}}
  - {id: rise, warn: true, files: {at: main, lines-of: [FILES], not-below: "0"}}
  - {id: docker, warn: true, images: {dockerfiles: true, at: "{sha}"}}
  - {id: charts, warn: true, charts: {files: charts/*/Chart.yaml, at: "{sha}", image-tags: '^v[0-9.]+$'}}
  - {id: unique, warn: true, charts: {files: charts/*/Chart.yaml, at: "{sha}", unique-on: release/*}}
  - {id: merged, warn: true, merged: {into: main, since: v1.0.0, milestoned: "{version}"}}
  - {id: ported, warn: true, merged: {into: main, milestone: "{version}", also-on: release/1.x}}
  - {id: open, warn: true, issues: {milestone: "{version}", what: all}}
  - {id: ran, warn: true, workflow: {file: build.yaml, at: "{sha}", is: green}}
  - {id: running, warn: true, workflow: {file: build.yaml, at: "{sha}", is: over}}
  - {id: there, warn: true, images: {list: [IMAGES]}}
  do:
  - {id: looked, manual: {text: Look at it}}
- {name: workflow, title: Workflow, about: It runs., who: [manager], pin: {sha: {of: main}}, do: [{id: build, ` +
	`workflow: {file: build.yaml, at: "{sha}", ref: main}}]}
- {name: images, title: Images, about: They are waited for., who: [manager], do: [{id: wait, images: {list: [IMAGES]}}]}
- {name: modules, title: Modules, about: They are tagged., who: [manager], pin: {sha: {of: main}}, do: [MODULES]}
- {name: pull, title: Pull, about: Files are changed., who: [manager], pin: {sha: {of: main}}, do: [{id: propose, ` +
	`pull: {title: "Release {version}", edits: [{files: charts/*/Chart.yaml, yaml: version, to: "{version}"}]}}]}
- {name: shut, title: Shut, about: The milestone is closed., who: [manager], do: [{id: close, milestone: {title: ` +
	`"{version}", is: closed, rest: {to: "{next_patch}", what: all}}}]}
- {name: cut, title: Cut, about: Modules that nobody can tag., who: [manager], pin: {sha: {of: main}}, do: [BROKEN]}
`

// answers are registries and a module proxy that say what they like.
type answers struct {
	words hostile.Any
	next  http.RoundTripper
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	proxy := strings.HasPrefix(r.URL.Path, sandbox.ProxyPath)
	if !proxy && r.URL.Path != "/v2/" && !strings.HasPrefix(r.URL.Path, "/v2/") && !strings.Contains(r.URL.Host, "evil") {
		return a.next.RoundTrip(r)
	}
	line := strings.NewReplacer("\r", "", "\n", "").Replace(a.words.Line(200))
	quoted, err := json.Marshal(line)
	if err != nil {
		return nil, err
	}
	status, reason, header, body := http.StatusOK, "OK", http.Header{}, string(quoted)
	switch n := a.words.IntN(6); {
	case n == 0:
		return nil, errors.New("dial tcp: " + line)
	case n == 1:
		status, reason = http.StatusTeapot, line
	case proxy && n < 4:
		body = fmt.Sprintf(`{"Version":%s,"Origin":{"Hash":%s}}`, quoted, quoted)
	case proxy:
		body = line
	case n == 2:
		status = http.StatusUnauthorized
		header.Set("WWW-Authenticate", `Bearer realm="https://evil.test/`+line+`",service="`+line+`"`)
	default:
		status, body = http.StatusInternalServerError, fmt.Sprintf(`{"errors":[{"code":%s,"message":%s}]}`, quoted, quoted)
	}
	return &http.Response{StatusCode: status, Status: strconv.Itoa(status) + " " + reason, Proto: "HTTP/1.1",
		ProtoMajor: 1, ProtoMinor: 1, Header: header, Body: io.NopCloser(bytes.NewReader([]byte(body))), Request: r,
		ContentLength: int64(len(body))}, nil
}

// Whatever stands in files, branches, tags, milestones, checks and workflows, and whatever registries and module
// proxies answer: what Slipway writes of it is harmless.
func TestHostileAnswersAreWrittenHarmlessly(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	words := hostile.From(hostileSeed(t))
	w := &writings{tokens: map[string]bool{}}
	seed, after := oddSeed(t, words)
	st, err := demo.Open(ctx, demo.StageOptions{Clock: time.Now, Seed: seed, Front: w.front,
		Log: zerolog.New(app.LogLines{To: w}).Level(zerolog.DebugLevel), Transport: answers{words, http.DefaultTransport}})
	if err != nil {
		t.Fatal(err)
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ada := st.Sandbox.As("ada")
	for i := range 2 {
		do(ada.MergePull(ctx, "acme/odd", 3+2*i, "merge"))
	}
	var head struct{ SHA string }
	do(ada.Do(ctx, "GET", "/repos/acme/odd/commits/main", nil, &head))
	mean := strings.NewReplacer("evil", "mean", "EVIL", "MEAN") // the address of a check is one that is meant
	for i := range 8 {
		do(ada.Do(ctx, "POST", "/repos/acme/odd/statuses/"+head.SHA, map[string]any{"state": "failure",
			"context": fmt.Sprintf("%d %s", i, words.Line(60)), "description": words.Line(100),
			"target_url": "https://ci.test/" + mean.Replace(words.Line(60))}, nil))
	}
	says := []string{"start v1.1.0", "plan", "look", "why", "done looked", "status"}
	for _, one := range after {
		if strings.HasPrefix(one, "skip") {
			one += " \"no time\""
		}
		says = append(says, "status", one, "why")
	}
	for _, one := range says {
		_, err := ada.Comment(ctx, "acme/odd", 1, "/release "+one)
		do(err)
		do(st.Settle(ctx))
		if one == "workflow" {
			do(st.Sandbox.FinishNewest("acme/odd", "build.yaml", "", "failure"))
			do(st.Settle(ctx))
		}
	}
	if ended := fmt.Sprint(st.Sandbox.Snapshot(ctx, "acme/odd")); !strings.Contains(ended, "`cut` is blocked by ") {
		t.Errorf("not everything was tried: %.3000s", ended)
	}
	secrets := st.Secrets()
	do(st.Close())
	for _, problem := range w.problems(secrets) {
		t.Error(problem)
	}
}

// oddSeed is the repository, and what its release waits for.
func oddSeed(t *testing.T, words hostile.Any) (seed sandbox.Seed, after []string) {
	t.Helper()
	quoted := func(text string) string {
		out, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	files := map[string]string{"README.md": "Odd\n", "charts/c/Chart.yaml": "name: c\nversion: 1.0.0\nappVersion: v1\n"}
	var says, versions, images []string
	for i := range 8 {
		line := words.Line(60)
		version := fmt.Sprintf("v/%d.txt", i)
		if files[version] = line + "\n"; i%4 == 3 {
			files[version] += words.Block()
		}
		says = append(says, fmt.Sprintf("{file: %s, line: \"{version}\"}", version))
		versions = append(versions, version)
		images = append(images, fmt.Sprintf("\"ghcr.io/acme/odd-%d:1.0\"", i))
		chart := fmt.Sprintf("charts/%s%d/", strings.ReplaceAll(words.Ref(), "/", ""), i)
		files[chart+"Chart.yaml"] = fmt.Sprintf("name: c\nversion: %s\nappVersion: %s\n",
			quoted([]string{"1.0.0", words.Line(60)}[i%2]), quoted(words.Line(60)))
		files[chart+"values.yaml"] = fmt.Sprintf("image: %s\nimages: {tag: %s, repository: %s}\n",
			quoted(words.Line(60)), quoted(words.Line(60)), quoted(words.Line(60)))
		docker := fmt.Sprintf("docker/%s%d/Dockerfile", strings.ReplaceAll(words.Ref(), "/", ""), i)
		files[docker] = "FROM " + words.Line(60) + " AS " + words.Line(60) + "\n"
		module := fmt.Sprintf("src/m%d/%s", i, strings.ReplaceAll(words.Ref(), "/", ""))
		files[module+"/go.mod"] = fmt.Sprintf("module github.com/acme/odd/m%d\n", i)
		if i < 4 {
			files[module+"/go.mod"] = "module " + []string{"github.com/acme/odd/" + words.Ref(), words.Line(60)}[i%2] +
				"\n\nrequire " + []string{words.Line(60), "github.com/acme/odd/m1 v1.0.0-" + words.Ref()}[i/2] + "\n"
		}
	}
	var modules, phases []string
	for i := range 8 {
		id := fmt.Sprintf("m%d", i)
		modules = append(modules, fmt.Sprintf(`{id: %s, modules: {files: src/%s/*/go.mod, version: "{version}", `+
			`at: "{sha}"}}`, id, id))
	}
	phases = append(phases, "workflow", "skip build", "images", "skip wait", "modules")
	for i := range 4 {
		phases = append(phases, fmt.Sprintf("skip m%d", 4+i))
	}
	phases = append(phases, "pull", "skip propose", "skip propose-merged", "shut", "cut")
	files[".github/release.yaml"] = strings.NewReplacer("SAYS", strings.Join(says, ", "), "FILES",
		strings.Join(versions, ", "), "IMAGES", strings.Join(images, ", "), "MODULES",
		strings.Join(modules[4:], ", "), "BROKEN", strings.Join(modules[:4], ", ")).Replace(odd)
	files[".github/workflows/build.yaml"] = "name: " + quoted(words.Line(60)) + "\nrun-name: " + quoted(words.Line(60)) +
		"\non: push\njobs:\n  " + quoted("a "+words.Line(60)) + ": {}\n  " + quoted("b "+words.Line(60)) + ": {}\n"
	repo := sandbox.SeedRepo{Name: "odd", DefaultBranch: "main", Collaborators: map[string]string{"ada": "maintain"},
		Commits: []sandbox.SeedCommit{
			{Message: "Begin", Author: "ada", Tags: []string{"v1.0.0"}, Released: true, Files: files},
			{Branch: "release/1.x", From: "v1.0.0", Message: "Other charts", Author: "ada", Files: map[string]string{
				"charts/c/values.yaml": "image: other\n"}},
		},
		Issues: []sandbox.SeedIssue{{Title: "odd v1.1.0", Body: "The next.\n", Author: "ada"},
			{Title: "open", Body: "open", Author: "ada", Milestone: "v1.1.0"}},
	}
	for i := range 4 {
		branch := fmt.Sprintf("%s%d", words.Ref(), i)
		repo.Commits = append(repo.Commits,
			sandbox.SeedCommit{Branch: "release/" + branch, From: "main", Message: "Other charts " + words.Line(60),
				Author: "ada", Files: map[string]string{"charts/c/values.yaml": fmt.Sprintf("image: other%d\n", i)}},
			sandbox.SeedCommit{Branch: branch, From: "main", Message: words.Line(60), Author: "ada",
				Files: map[string]string{fmt.Sprintf("x%d", i): "x"}, Tags: []string{words.Ref() + "/" + strconv.Itoa(i)}})
		repo.Issues = append(repo.Issues, sandbox.SeedIssue{Title: words.Line(60), Body: words.Block(), Author: "ada",
			Branch: branch, Milestone: []string{"v1.1.0", words.Line(60)}[i%2]})
	}
	return sandbox.Seed{Org: "acme", Users: []string{"ada"}, Repos: []sandbox.SeedRepo{repo}}, phases
}
