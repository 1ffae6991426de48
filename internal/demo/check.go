package demo

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"strings"

	"github.com/slipway-dev/slipway/internal/goproxy"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// checkFalcoLibs looks at where a Falco libs rehearsal of 0.21.0 ended, with git and with the API, and names what is
// not as it should be.
func checkFalcoLibs(ctx context.Context, st *Stage) ([]string, error) {
	snapshot, err := st.Sandbox.Snapshot(ctx, Libs)
	if err != nil {
		return nil, err
	}
	var wrong []string
	expect := func(holds bool, format string, args ...any) {
		if !holds {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	refs, err := lsRemote(ctx, st.URL+"/"+Libs+".git")
	if err != nil {
		return nil, err
	}
	head := refs["refs/heads/release/0.21.x"]
	expect(head != "", "the branch release/0.21.x is missing")
	for _, tag := range []string{"0.21.0-rc1", "0.21.0"} {
		expect(refs["refs/tags/"+tag] == head, "the tag %s is at %q, and release/0.21.x at %q", tag,
			refs["refs/tags/"+tag], head)
	}
	released := 0
	for _, p := range snapshot.Releases {
		if p.Tag == "0.21.0" {
			released++
			expect(!p.Draft && !p.Prerelease && p.Latest, "the release 0.21.0 is not published as the latest: %+v", p)
			expect(strings.Contains(p.Body, "0.20.0...0.21.0"), "the notes of 0.21.0 do not begin at 0.20.0")
		}
		if p.Tag == "0.21.0-rc1" {
			expect(!p.Draft && p.Prerelease && !p.Latest, "0.21.0-rc1 is not a pre-release")
		}
	}
	expect(released == 1, "there are %d releases of 0.21.0", released)
	closed := false
	for _, m := range snapshot.Milestones {
		closed = closed || m.Title == "0.21.0" && m.State == "closed"
	}
	expect(closed, "the milestone 0.21.0 is not closed")
	for _, is := range snapshot.Issues {
		expect(!is.Pull || is.Milestone == "0.22.0", "pull request %d is in the milestone %q", is.Number, is.Milestone)
	}
	for _, name := range snapshot.Rulesets {
		expect(!strings.Contains(name, "freeze"), "the ruleset %q is still there", name)
	}
	return wrong, nil
}

// checkFalcoDrivers looks at where a rehearsal of the driver 8.1.0+driver ended.
func checkFalcoDrivers(ctx context.Context, st *Stage) ([]string, error) {
	snapshot, err := st.Sandbox.Snapshot(ctx, Libs)
	if err != nil {
		return nil, err
	}
	var wrong []string
	expect := func(holds bool, format string, args ...any) {
		if !holds {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	refs, err := lsRemote(ctx, st.URL+"/"+Libs+".git")
	if err != nil {
		return nil, err
	}
	head := refs["refs/heads/release/0.21.x"]
	for _, tag := range []string{"8.1.0-rc1+driver", "8.1.0+driver"} {
		expect(head != "" && refs["refs/tags/"+tag] == head, "the tag %s is at %q, and release/0.21.x at %q", tag,
			refs["refs/tags/"+tag], head)
	}
	expect(refs["refs/tags/9.0.0+driver"] == "", "the tag 9.0.0+driver is there")
	released := 0
	for _, p := range snapshot.Releases {
		if p.Tag == "8.1.0+driver" {
			released++
			expect(!p.Draft && !p.Prerelease && !p.Latest,
				"the release 8.1.0+driver is not published beside the libs: %+v", p)
			expect(strings.Contains(p.Body, "8.0.0+driver...8.1.0+driver"),
				"the notes of 8.1.0+driver do not begin at 8.0.0+driver")
		}
	}
	expect(released == 1, "there are %d releases of 8.1.0+driver", released)
	closed := false
	for _, m := range snapshot.Milestones {
		closed = closed || m.Title == "8.1.0+driver" && m.State == "closed"
	}
	expect(closed, "the milestone 8.1.0+driver is not closed")
	return wrong, nil
}

// checkKubernetesPatch looks at where a rehearsal of v1.31.1 ended.
func checkKubernetesPatch(ctx context.Context, st *Stage) ([]string, error) {
	snapshot, err := st.Sandbox.Snapshot(ctx, Kube)
	if err != nil {
		return nil, err
	}
	var wrong []string
	expect := func(holds bool, format string, args ...any) {
		if !holds {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	refs, err := lsRemote(ctx, st.URL+"/"+Kube+".git")
	if err != nil {
		return nil, err
	}
	head := refs["refs/heads/release-1.31"]
	expect(refs["refs/tags/v1.31.1^{}"] == head, "the tag v1.31.1 is at %q, and release-1.31 at %q",
		refs["refs/tags/v1.31.1^{}"], head)
	released := 0
	for _, p := range snapshot.Releases {
		if p.Tag == "v1.31.1" {
			released++
			expect(!p.Draft && p.Latest, "the release v1.31.1 is not published as the latest: %+v", p)
		}
	}
	expect(released == 1, "there are %d releases of v1.31.1", released)
	closed, next := false, false
	for _, m := range snapshot.Milestones {
		closed = closed || m.Title == "v1.31.1" && m.State == "closed"
		next = next || m.Title == "v1.31.2" && m.State == "open"
	}
	expect(closed && next, "the milestone v1.31.1 was not rolled over to v1.31.2: %+v", snapshot.Milestones)
	known := false
	for _, is := range snapshot.Issues {
		for _, m := range is.Comments {
			known = known || is.Number == Patches && strings.Contains(m.Body, "## Known issues of v1.31.1")
		}
	}
	expect(known, "the known issues of v1.31.1 are not reported")
	return wrong, nil
}

// checkAether looks at where a rehearsal of Aether 2.1.0 ended.
func checkAether(ctx context.Context, st *Stage) ([]string, error) {
	return filesAt(ctx, st, Charts, []string{"refs/tags/2.1.0", "refs/heads/aether-2.1"}, [][3]string{
		{"2.1.0", "VERSION", "2.1.0\n"}, {"aether-2.1", "VERSION", "2.1.1-dev\n"}, {"main", "VERSION", "2.2.0-dev\n"},
		{"main", "charts/adapter/Chart.yaml",
			"apiVersion: v2\nname: adapter\nversion: 2.2.0 # of the chart\nappVersion: v0.3.13\n"},
	})
}

// checkAetherComponent looks at where a rehearsal of the component's 0.3.14 ended.
func checkAetherComponent(ctx context.Context, st *Stage) ([]string, error) {
	return filesAt(ctx, st, Adapter, []string{"refs/tags/v0.3.14", "refs/heads/aether-2.0"}, [][3]string{
		{"v0.3.14", "VERSION", "0.3.14\n"}, {"v0.3.14", "main.go", "package main\n"}, {"aether-2.0", "VERSION",
			"0.3.15-dev\n"}, {"main", "VERSION", "0.4.0-dev\n"},
	})
}

// checkPeerPods looks at where a rehearsal of peer pods v0.9.0 ended.
func checkPeerPods(ctx context.Context, st *Stage) ([]string, error) {
	snapshot, err := st.Sandbox.Snapshot(ctx, PeerPods)
	if err != nil {
		return nil, err
	}
	overlay := func(provider string) string {
		return "src/cloud-api-adaptor/install/overlays/" + provider + "/kustomization.yaml"
	}
	alpha := snapshot.Tags["v0.9.0-alpha.3"]
	pinned := func(provider, tag string) string {
		return strings.Replace(overlayOf(provider), "newTag: latest", "newTag: "+tag, 1)
	}
	wrong, err := filesAt(ctx, st, PeerPods, []string{"refs/tags/v0.9.0"}, [][3]string{
		{"v0.9.0", overlay("aws"), pinned("aws", alpha)}, {"v0.9.0", overlay("docker"), pinned("docker", "dev-"+alpha)},
		{"main", overlay("aws"), overlayOf("aws")}, {"main", overlay("docker"), overlayOf("docker")},
		{"v0.9.0", "src/peerpod-ctrl/go.mod", strings.ReplaceAll(module("peerpod-ctrl", []string{"cloud-providers"}),
			"v0.9.0-alpha1", "v0.9.0")},
	})
	if err != nil {
		return nil, err
	}
	expect := func(holds bool, format string, args ...any) {
		if !holds {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	proxy := goproxy.Client{URL: st.URL + sandbox.ProxyPath, HTTP: &http.Client{}}
	for _, version := range []string{"v0.9.0-alpha.2", "v0.9.0-alpha.3", "v0.9.0"} {
		root := snapshot.Tags[version]
		expect(root != "", "the tag %s is missing", version)
		for _, m := range modules() {
			tag := "src/" + m + "/" + version
			expect(snapshot.Tags[tag] == root, "the tag %s is at %q, and %s at %q", tag, snapshot.Tags[tag],
				version, root)
			v, found, err := proxy.Module(ctx, "github.com/"+PeerPods+"/src/"+m, version)
			if err != nil {
				return nil, err
			}
			expect(found && v.Commit == root, "the module proxy serves %s from %q", tag, v.Commit)
		}
	}
	for _, p := range snapshot.Releases {
		expect(p.Tag != "v0.9.0" || !p.Draft && !p.Prerelease && p.Latest,
			"the release v0.9.0 is not published as the latest: %+v", p)
		expect(p.Tag != "v0.9.0-alpha.3" || p.Prerelease && !p.Latest, "v0.9.0-alpha.3 is no pre-release: %+v", p)
	}
	expect(len(snapshot.Rulesets) == 0, "main is still locked: %q", snapshot.Rulesets)
	for _, is := range snapshot.Issues {
		expect(is.Number != Tracking || strings.Contains(is.Body, "**Finished**"),
			"the tracking issue does not say that it is finished")
	}
	return wrong, nil
}

// filesAt names the references that git does not list, and the files (revision, path, content) that hold something
// else.
func filesAt(ctx context.Context, st *Stage, repo string, refs []string, files [][3]string) ([]string, error) {
	var wrong []string
	listed, err := lsRemote(ctx, st.URL+"/"+repo+".git")
	if err != nil {
		return nil, err
	}
	for _, name := range refs {
		if listed[name] == "" {
			wrong = append(wrong, name+" is missing")
		}
	}
	for _, f := range files {
		var file struct{ Content []byte }
		if err := st.Sandbox.As(Zoe).Do(ctx, "GET", "/repos/"+repo+"/contents/"+f[1]+"?ref="+f[0], nil,
			&file); err != nil {
			return nil, err
		}
		if string(file.Content) != f[2] {
			wrong = append(wrong, fmt.Sprintf("%s at %s says %q, want %q", f[1], f[0], file.Content, f[2]))
		}
	}
	return wrong, nil
}

// checkKata looks at where a Kata Containers rehearsal of 4.2.0 ended.
func checkKata(ctx context.Context, st *Stage) ([]string, error) {
	snapshot, err := st.Sandbox.Snapshot(ctx, Kata)
	if err != nil {
		return nil, err
	}
	var wrong []string
	expect := func(holds bool, format string, args ...any) {
		if !holds {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	refs, err := lsRemote(ctx, st.URL+"/"+Kata+".git")
	if err != nil {
		return nil, err
	}
	head := refs["refs/heads/main"]
	expect(refs["refs/tags/4.2.0"] == head, "the tag 4.2.0 is at %q, and main at %q", refs["refs/tags/4.2.0"], head)
	released := 0
	for _, p := range snapshot.Releases {
		if p.Tag == "4.2.0" {
			released++
			expect(!p.Draft && p.Latest, "the release 4.2.0 is not published as the latest: %+v", p)
		}
	}
	expect(released == 1, "there are %d releases of 4.2.0", released)
	expect(len(snapshot.Rulesets) == 0, "main is still locked: %q", snapshot.Rulesets)
	var version struct{ Content []byte }
	if err := st.Sandbox.As(Fabi).Do(ctx, "GET", "/repos/"+Kata+"/contents/VERSION?ref=4.2.0", nil,
		&version); err != nil {
		return nil, err
	}
	expect(string(version.Content) == "4.2.0\n", "VERSION of the tag 4.2.0 says %q", version.Content)
	for _, is := range snapshot.Issues {
		if is.Number == Tracking {
			expect(strings.Contains(is.Body, "**Finished**"), "the tracking issue does not say that it is finished")
		}
	}
	return wrong, nil
}

// lsRemote asks git for the references, as anybody would.
func lsRemote(ctx context.Context, url string) (map[string]string, error) {
	var out, problem bytes.Buffer
	cmd := exec.CommandContext(ctx, "git", "ls-remote", url)
	cmd.Env = append(cmd.Environ(), "GIT_TERMINAL_PROMPT=0")
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("git ls-remote %s: %w: %s", url, err, strings.TrimSpace(problem.String()))
	}
	refs := map[string]string{}
	for l := range strings.Lines(out.String()) {
		sha, name, _ := strings.Cut(strings.TrimSpace(l), "\t")
		refs[name] = sha
	}
	return refs, nil
}
