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

// ending is where a rehearsal ended: the repository as the API and as git show it, and what is not as it should be.
type ending struct {
	sandbox.Snapshot
	refs  map[string]string
	wrong []string
}

func endOf(ctx context.Context, st *Stage, repo string) (*ending, error) {
	snapshot, err := st.Sandbox.Snapshot(ctx, repo)
	if err != nil {
		return nil, err
	}
	refs, err := lsRemote(ctx, st.URL+"/"+repo+".git")
	return &ending{Snapshot: snapshot, refs: refs}, err
}

func (e *ending) expect(holds bool, format string, args ...any) {
	if !holds {
		e.wrong = append(e.wrong, fmt.Sprintf(format, args...))
	}
}

// checkFalcoLibs looks at where a Falco libs rehearsal of 0.21.0 ended, with git and with the API, and names what is
// not as it should be.
func checkFalcoLibs(ctx context.Context, st *Stage) ([]string, error) {
	end, err := endOf(ctx, st, Libs)
	if err != nil {
		return nil, err
	}
	head := end.refs["refs/heads/release/0.21.x"]
	end.expect(head != "", "the branch release/0.21.x is missing")
	for _, tag := range []string{"0.21.0-rc1", "0.21.0"} {
		end.expect(end.refs["refs/tags/"+tag] == head, "the tag %s is at %q, and release/0.21.x at %q", tag,
			end.refs["refs/tags/"+tag], head)
	}
	released := 0
	for _, p := range end.Releases {
		if p.Tag == "0.21.0" {
			released++
			end.expect(!p.Draft && !p.Prerelease && p.Latest, "the release 0.21.0 is not published as the latest: %+v", p)
			end.expect(strings.Contains(p.Body, "0.20.0...0.21.0"), "the notes of 0.21.0 do not begin at 0.20.0")
		}
		if p.Tag == "0.21.0-rc1" {
			end.expect(!p.Draft && p.Prerelease && !p.Latest, "0.21.0-rc1 is not a pre-release")
		}
	}
	end.expect(released == 1, "there are %d releases of 0.21.0", released)
	closed := false
	for _, m := range end.Milestones {
		closed = closed || m.Title == "0.21.0" && m.State == "closed"
	}
	end.expect(closed, "the milestone 0.21.0 is not closed")
	for _, is := range end.Issues {
		end.expect(!is.Pull || is.Milestone == "0.22.0", "pull request %d is in the milestone %q", is.Number, is.Milestone)
	}
	for _, name := range end.Rulesets {
		end.expect(!strings.Contains(name, "freeze"), "the ruleset %q is still there", name)
	}
	return end.wrong, nil
}

// checkFalcoDrivers looks at where a rehearsal of the driver 8.1.0+driver ended.
func checkFalcoDrivers(ctx context.Context, st *Stage) ([]string, error) {
	end, err := endOf(ctx, st, Libs)
	if err != nil {
		return nil, err
	}
	head := end.refs["refs/heads/release/0.21.x"]
	for _, tag := range []string{"8.1.0-rc1+driver", "8.1.0+driver"} {
		end.expect(head != "" && end.refs["refs/tags/"+tag] == head, "the tag %s is at %q, and release/0.21.x at %q", tag,
			end.refs["refs/tags/"+tag], head)
	}
	end.expect(end.refs["refs/tags/9.0.0+driver"] == "", "the tag 9.0.0+driver is there")
	released := 0
	for _, p := range end.Releases {
		if p.Tag == "8.1.0+driver" {
			released++
			end.expect(!p.Draft && !p.Prerelease && !p.Latest,
				"the release 8.1.0+driver is not published beside the libs: %+v", p)
			end.expect(strings.Contains(p.Body, "8.0.0+driver...8.1.0+driver"),
				"the notes of 8.1.0+driver do not begin at 8.0.0+driver")
		}
	}
	end.expect(released == 1, "there are %d releases of 8.1.0+driver", released)
	closed := false
	for _, m := range end.Milestones {
		closed = closed || m.Title == "8.1.0+driver" && m.State == "closed"
	}
	end.expect(closed, "the milestone 8.1.0+driver is not closed")
	return end.wrong, nil
}

// checkKubernetesPatch looks at where a rehearsal of v1.31.1 ended.
func checkKubernetesPatch(ctx context.Context, st *Stage) ([]string, error) {
	end, err := endOf(ctx, st, Kube)
	if err != nil {
		return nil, err
	}
	head := end.refs["refs/heads/release-1.31"]
	end.expect(end.refs["refs/tags/v1.31.1^{}"] == head, "the tag v1.31.1 is at %q, and release-1.31 at %q",
		end.refs["refs/tags/v1.31.1^{}"], head)
	released := 0
	for _, p := range end.Releases {
		if p.Tag == "v1.31.1" {
			released++
			end.expect(!p.Draft && p.Latest, "the release v1.31.1 is not published as the latest: %+v", p)
		}
	}
	end.expect(released == 1, "there are %d releases of v1.31.1", released)
	closed, next := false, false
	for _, m := range end.Milestones {
		closed = closed || m.Title == "v1.31.1" && m.State == "closed"
		next = next || m.Title == "v1.31.2" && m.State == "open"
	}
	end.expect(closed && next, "the milestone v1.31.1 was not rolled over to v1.31.2: %+v", end.Milestones)
	known := false
	for _, is := range end.Issues {
		for _, m := range is.Comments {
			known = known || is.Number == Patches && strings.Contains(m.Body, "## Known issues of v1.31.1")
		}
	}
	end.expect(known, "the known issues of v1.31.1 are not reported")
	return end.wrong, nil
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
	end, err := endOf(ctx, st, PeerPods)
	if err != nil {
		return nil, err
	}
	overlay := func(provider string) string {
		return "src/cloud-api-adaptor/install/overlays/" + provider + "/kustomization.yaml"
	}
	alpha := end.Tags["v0.9.0-alpha.3"]
	pinned := func(provider, tag string) string {
		return strings.Replace(overlayOf(provider), "newTag: latest", "newTag: "+tag, 1)
	}
	err = end.files(ctx, st, PeerPods, []string{"refs/tags/v0.9.0"}, [][3]string{
		{"v0.9.0", overlay("aws"), pinned("aws", alpha)}, {"v0.9.0", overlay("docker"), pinned("docker", "dev-"+alpha)},
		{"main", overlay("aws"), overlayOf("aws")}, {"main", overlay("docker"), overlayOf("docker")},
		{"v0.9.0", "src/peerpod-ctrl/go.mod", strings.ReplaceAll(module("peerpod-ctrl", []string{"cloud-providers"}),
			"v0.9.0-alpha1", "v0.9.0")},
	})
	if err != nil {
		return nil, err
	}
	proxy := goproxy.Client{URL: st.URL + sandbox.ProxyPath, HTTP: &http.Client{}}
	for _, version := range []string{"v0.9.0-alpha.2", "v0.9.0-alpha.3", "v0.9.0"} {
		root := end.Tags[version]
		end.expect(root != "", "the tag %s is missing", version)
		for _, m := range modules() {
			tag := "src/" + m + "/" + version
			end.expect(end.Tags[tag] == root, "the tag %s is at %q, and %s at %q", tag, end.Tags[tag],
				version, root)
			v, found, err := proxy.Module(ctx, "github.com/"+PeerPods+"/src/"+m, version)
			if err != nil {
				return nil, err
			}
			end.expect(found && v.Commit == root, "the module proxy serves %s from %q", tag, v.Commit)
		}
	}
	for _, p := range end.Releases {
		end.expect(p.Tag != "v0.9.0" || !p.Draft && !p.Prerelease && p.Latest,
			"the release v0.9.0 is not published as the latest: %+v", p)
		end.expect(p.Tag != "v0.9.0-alpha.3" || p.Prerelease && !p.Latest, "v0.9.0-alpha.3 is no pre-release: %+v", p)
	}
	end.expect(len(end.Rulesets) == 0, "main is still locked: %q", end.Rulesets)
	for _, is := range end.Issues {
		end.expect(is.Number != Tracking || strings.Contains(is.Body, "**Finished**"),
			"the tracking issue does not say that it is finished")
	}
	return end.wrong, nil
}

// filesAt is where a rehearsal ended that is known by its references and files.
func filesAt(ctx context.Context, st *Stage, repo string, refs []string, files [][3]string) ([]string, error) {
	end, err := endOf(ctx, st, repo)
	if err != nil {
		return nil, err
	}
	err = end.files(ctx, st, repo, refs, files)
	return end.wrong, err
}

// files names the references that git does not list, and the files (revision, path, content) that hold something else.
func (e *ending) files(ctx context.Context, st *Stage, repo string, refs []string, files [][3]string) error {
	for _, name := range refs {
		e.expect(e.refs[name] != "", "%s is missing", name)
	}
	for _, f := range files {
		var file struct{ Content []byte }
		if err := st.Sandbox.As(Zoe).Do(ctx, "GET", "/repos/"+repo+"/contents/"+f[1]+"?ref="+f[0], nil,
			&file); err != nil {
			return err
		}
		e.expect(string(file.Content) == f[2], "%s at %s says %q, want %q", f[1], f[0], file.Content, f[2])
	}
	return nil
}

// checkKata looks at where a Kata Containers rehearsal of 4.2.0 ended.
func checkKata(ctx context.Context, st *Stage) ([]string, error) {
	end, err := endOf(ctx, st, Kata)
	if err != nil {
		return nil, err
	}
	head := end.refs["refs/heads/main"]
	tag := end.refs["refs/tags/4.2.0"]
	end.expect(tag == head, "the tag 4.2.0 is at %q, and main at %q", tag, head)
	released := 0
	for _, p := range end.Releases {
		if p.Tag == "4.2.0" {
			released++
			end.expect(!p.Draft && p.Latest, "the release 4.2.0 is not published as the latest: %+v", p)
		}
	}
	end.expect(released == 1, "there are %d releases of 4.2.0", released)
	end.expect(len(end.Rulesets) == 0, "main is still locked: %q", end.Rulesets)
	var version struct{ Content []byte }
	if err := st.Sandbox.As(Fabi).Do(ctx, "GET", "/repos/"+Kata+"/contents/VERSION?ref=4.2.0", nil,
		&version); err != nil {
		return nil, err
	}
	end.expect(string(version.Content) == "4.2.0\n", "VERSION of the tag 4.2.0 says %q", version.Content)
	for _, is := range end.Issues {
		if is.Number == Tracking {
			end.expect(strings.Contains(is.Body, "**Finished**"), "the tracking issue does not say that it is finished")
		}
	}
	return end.wrong, nil
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
