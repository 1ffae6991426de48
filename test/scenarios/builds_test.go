package scenarios

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/goproxy"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// Kata: the stories of a release of Kata Containers.
func TestKata(t *testing.T) { play(t, "kata", demo.Kata, demo.Greg, demo.KataContainers) }

// Drivers: the stories of a release of Falco's drivers.
func TestDrivers(t *testing.T) {
	play(t, "drivers", demo.Libs, demo.Manager, demo.FalcoDrivers)
}

// KubernetesPatch: the stories of patch releases of Kubernetes.
func TestKubernetesPatch(t *testing.T) {
	play(t, "kubernetes", demo.Kube, demo.Petra, demo.KubernetesPatch)
}

// Aether: the stories of a release of Aether's charts and components.
func TestAether(t *testing.T) { play(t, "aether", demo.Charts, demo.Nora, demo.Aether) }

// Coco: the stories of a release of peer pods.
func TestCoco(t *testing.T) {
	play(t, "coco", demo.PeerPods, demo.Wanda, demo.ConfidentialContainers)
}

// builds are what workflows do, which the sandbox does not execute.
func builds() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"ends": ends, "drafts": drafts, "uploads": uploads, "publishes": publishes, "runs": runs, "file": file,
		"wake": wake, "elsewhere": elsewhere, "notes": notes, "rename": rename,
		"images": images, "pushes": pushes, "commits": commits, "tags": tagsOf, "proxy": proxy, "untag": untag,
		"lock": lock, "unlock": unlock, "undraft": undraft,
	}
}

// ends WORKFLOW CONCLUSION [JOB]: the newest run of the workflow ends, or one job of it does.
func ends(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	job := ""
	if len(args) > 2 {
		job = args[2]
	}
	ts.Check(s.st.Sandbox.FinishNewest(s.repo, args[0], job, args[1]))
	s.settle(ts)
}

// hand is who does what a workflow may do: its token where the repository has one, else the person.
func (s *story) hand() string {
	if strings.HasPrefix(s.repo, "kata-containers/") {
		return demo.KataCI
	}
	return s.as
}

// drafts TAG BRANCH: the workflow drafts a release; where there is none, the person does.
func drafts(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.hand()).Do(context.Background(), "POST", "/repos/"+s.repo+"/releases",
		map[string]any{"tag_name": args[0], "target_commitish": args[1], "name": args[0], "draft": true}, nil))
	s.settle(ts)
}

// release finds a release by its tag.
func (s *story) release(ts *testscript.TestScript, tag string) string {
	var all []struct {
		ID  int64  `json:"id"`
		Tag string `json:"tag_name"`
	}
	ts.Check(s.st.Sandbox.As(s.hand()).Do(context.Background(), "GET", "/repos/"+s.repo+"/releases", nil, &all))
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
		ts.Check(s.st.Sandbox.As(s.hand()).Do(context.Background(), "POST",
			s.release(ts, args[0])+"/assets?name="+url.QueryEscape(name), map[string]any{"content": name}, nil))
	}
	s.settle(ts)
}

// publishes TAG: the workflow publishes its draft.
func publishes(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.hand()).Do(context.Background(), "PATCH", s.release(ts, args[0]),
		map[string]any{"draft": false}, nil))
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
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "GET",
		"/repos/"+s.repo+"/contents/"+args[1]+"?ref="+args[0], nil, &got))
	compare(ts, string(got.Content), args[2])
}

// notes TAG FILE: the text of a release.
func notes(ts *testscript.TestScript, _ bool, args []string) {
	for _, p := range of(ts).snapshot(ts).Releases {
		if p.Tag == args[0] {
			compare(ts, stable(p.Body)+"\n", args[1])
		}
	}
}

// rename OLD NEW: the person gives a milestone another title.
func rename(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	for i, m := range s.snapshot(ts).Milestones {
		if m.Title == args[0] {
			ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "PATCH",
				fmt.Sprintf("/repos/%s/milestones/%d", s.repo, i+1), map[string]any{"title": args[1]}, nil))
		}
	}
	s.settle(ts)
}

// elsewhere OWNER/NAME: what follows happens in that repository.
func elsewhere(ts *testscript.TestScript, _ bool, args []string) { of(ts).repo = args[0] }

// wake: the slow poll comes by.
func wake(ts *testscript.TestScript, _ bool, _ []string) {
	s := of(ts)
	ts.Check(s.st.Bot.Look(context.Background()))
	s.settle(ts)
}

// images REFERENCE...: the workflow pushes images; {BRANCH} is the commit that a branch is at.
func images(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	for _, reference := range args {
		for branch, sha := range s.snapshot(ts).Branches {
			reference = strings.ReplaceAll(reference, "{"+branch+"}", sha)
		}
		ts.Check(s.st.Sandbox.PushImage(context.Background(), reference))
	}
}

// pushes VERSION: Kata's workflow pushes all of its images and charts.
func pushes(ts *testscript.TestScript, _ bool, args []string) {
	for _, reference := range demo.KataImages(args[0]) {
		ts.Check(of(ts).st.Sandbox.PushImage(context.Background(), reference))
	}
}

// commits REVISION N FILE: the newest commits, with the files of each.
func commits(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	var list []struct {
		SHA    string
		Commit struct{ Message string }
	}
	me := s.st.Sandbox.As(s.as)
	ts.Check(me.Do(context.Background(), "GET", "/repos/"+s.repo+"/commits?per_page="+args[1]+"&sha="+
		url.QueryEscape(args[0]), nil, &list))
	var b strings.Builder
	for _, c := range list {
		var one struct {
			Files []struct{ Filename, Patch string }
		}
		ts.Check(me.Do(context.Background(), "GET", "/repos/"+s.repo+"/commits/"+c.SHA, nil, &one))
		title, _, _ := strings.Cut(c.Commit.Message, "\n")
		fmt.Fprintln(&b, title)
		for l := range strings.Lines(c.Commit.Message) {
			if strings.HasPrefix(l, "Signed-off-by: ") {
				b.WriteString("  " + strings.TrimSpace(l) + "\n")
			}
		}
		for _, f := range one.Files {
			fmt.Fprintln(&b, "  "+f.Filename)
			for l := range strings.Lines(f.Patch) {
				if l[0] == '+' || l[0] == '-' {
					b.WriteString("    " + l)
				}
			}
			if !strings.HasSuffix(b.String(), "\n") {
				b.WriteString("\n")
			}
		}
	}
	compare(ts, b.String(), args[2])
}

// tags PATTERN FILE: the tags that contain the pattern, with the commit of each.
func tagsOf(ts *testscript.TestScript, _ bool, args []string) {
	snapshot := of(ts).snapshot(ts)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(snapshot.Tags)) {
		if strings.Contains(name, args[0]) {
			fmt.Fprintf(&b, "%s %.8s\n", name, snapshot.Tags[name])
		}
	}
	compare(ts, b.String(), args[1])
}

// proxy MODULE VERSION: somebody fetches a version of a module, whatever comes of it.
func proxy(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	client := goproxy.Client{URL: s.st.URL + sandbox.ProxyPath, HTTP: http.DefaultClient}
	_, found, err := client.Module(context.Background(), args[0], args[1])
	ts.Check(err)
	ts.Logf("found: %t", found)
}

// untag NAME: the person deletes a tag. undraft TAG: the person deletes a draft.
func untag(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "DELETE", "/repos/"+s.repo+"/git/refs/tags/"+args[0],
		nil, nil))
	s.settle(ts)
}

func undraft(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "DELETE", s.release(ts, args[0]), nil, nil))
	s.settle(ts)
}

// lock BRANCH: an admin locks a branch with a ruleset of the project's own. unlock BRANCH: the admin takes it off.
func lock(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(demo.Adam).Do(context.Background(), "POST", "/repos/"+s.repo+"/rulesets", map[string]any{
		"name": "Lock " +
			args[0], "target": "branch", "enforcement": "active", "rules": []any{map[string]any{"type": "update"}},
		"conditions": map[string]any{"ref_name": map[string]any{"include": []string{"refs/heads/" + args[0]},
			"exclude": []string{}}},
	}, nil))
	wake(ts, false, nil)
}

func unlock(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	var all []struct {
		ID   int64
		Name string
	}
	admin := s.st.Sandbox.As(demo.Adam)
	ts.Check(admin.Do(context.Background(), "GET", "/repos/"+s.repo+"/rulesets", nil, &all))
	for _, r := range all {
		if r.Name == "Lock "+args[0] {
			ts.Check(admin.Do(context.Background(), "DELETE", fmt.Sprintf("/repos/%s/rulesets/%d", s.repo, r.ID),
				nil, nil))
		}
	}
	wake(ts, false, nil)
}
