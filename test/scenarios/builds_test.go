package scenarios

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/slipway-dev/slipway/cmd/bot/wiring"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/release/ledger"
)

// Kata: the stories of a release of Kata Containers.
func TestKata(t *testing.T) { play(t, "kata", wiring.Kata, wiring.Greg, wiring.KataContainers) }

// Drivers: the stories of a release of Falco's drivers.
func TestDrivers(t *testing.T) {
	play(t, "drivers", wiring.Libs, wiring.Manager, wiring.FalcoDrivers)
}

// KubernetesPatch: the stories of patch releases of Kubernetes.
func TestKubernetesPatch(t *testing.T) {
	play(t, "kubernetes", wiring.Kube, wiring.Petra, func() sandbox.Seed {
		seed := wiring.KubernetesPatch()
		seed.Repos[0].Commits[0].Files[ledger.File] = "preset: kubernetes\n"
		return seed
	})
}

// Aether: the stories of a release of Aether's charts and components.
func TestAether(t *testing.T) { play(t, "aether", wiring.Charts, wiring.Nora, wiring.Aether) }

// builds are what workflows do, which the sandbox does not execute.
func builds() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"ends": ends, "drafts": drafts, "uploads": uploads, "publishes": publishes, "runs": runs, "file": file, "wake": wake, "elsewhere": elsewhere, "notes": notes,
	}
}

// ends WORKFLOW CONCLUSION [JOB]: the newest run of the workflow ends, or one job of it does.
func ends(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	var id int64
	for _, r := range s.st.Sandbox.Runs(s.repo) {
		if strings.HasSuffix(r.Workflow, "/"+args[0]) {
			id = r.ID
		}
	}
	job := ""
	if len(args) > 2 {
		job = args[2]
	}
	ts.Check(s.st.Sandbox.FinishJob(s.repo, id, job, args[1]))
	s.settle(ts)
}

// drafts TAG BRANCH: the workflow drafts a release.
func drafts(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(wiring.KataCI).Do(context.Background(), "POST", "/repos/"+s.repo+"/releases", map[string]any{"tag_name": args[0], "target_commitish": args[1], "name": args[0], "draft": true}, nil))
	s.settle(ts)
}

// release finds a release by its tag.
func (s *story) release(ts *testscript.TestScript, tag string) string {
	var all []struct {
		ID  int64  `json:"id"`
		Tag string `json:"tag_name"`
	}
	ts.Check(s.st.Sandbox.As(wiring.KataCI).Do(context.Background(), "GET", "/repos/"+s.repo+"/releases", nil, &all))
	for _, p := range all {
		if p.Tag == tag {
			return fmt.Sprintf("/repos/%s/releases/%d", s.repo, p.ID)
		}
	}
	ts.Fatalf("there is no release %s", tag)
	return ""
}

// uploads TAG FILE...: the workflow adds files to the release.
func uploads(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	for _, name := range args[1:] {
		ts.Check(s.st.Sandbox.As(wiring.KataCI).Do(context.Background(), "POST", s.release(ts, args[0])+"/assets?name="+url.QueryEscape(name), map[string]any{"content": name}, nil))
	}
	s.settle(ts)
}

// publishes TAG: the workflow publishes its draft.
func publishes(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(wiring.KataCI).Do(context.Background(), "PATCH", s.release(ts, args[0]), map[string]any{"draft": false}, nil))
	s.settle(ts)
}

// runs FILE: all runs, oldest first.
func runs(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	var b strings.Builder
	for _, r := range s.st.Sandbox.Runs(s.repo) {
		fmt.Fprintf(&b, "%s %s attempt %d %s %s\n", r.Workflow, r.Event, r.Attempt, r.Status, r.Conclusion)
	}
	compare(ts, b.String(), args[0])
}

// file BRANCH PATH FILE: what a file of the repository holds.
func file(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	var got struct{ Content []byte }
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "GET", "/repos/"+s.repo+"/contents/"+args[1]+"?ref="+args[0], nil, &got))
	compare(ts, string(got.Content), args[2])
}

// notes TAG FILE: the text of a release.
func notes(ts *testscript.TestScript, _ bool, args []string) {
	for _, p := range of(ts).shot(ts).Releases {
		if p.Tag == args[0] {
			compare(ts, calm(p.Body)+"\n", args[1])
		}
	}
}

// elsewhere OWNER/NAME: what follows happens in that repository.
func elsewhere(ts *testscript.TestScript, _ bool, args []string) { of(ts).repo = args[0] }

// wake: the slow poll comes by.
func wake(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	ts.Check(s.st.Bot.Engine.WakeAll(context.Background()))
	s.settle(ts)
}
