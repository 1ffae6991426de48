package rehearsal_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/rehearsal"
	"github.com/slipway-dev/slipway/release/process"
)

// played is what a rehearsal printed, with the problem at its end.
func played(t *testing.T, o rehearsal.Options) (out, problem string) {
	t.Helper()
	var b bytes.Buffer
	o.Out, o.Log = &b, zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.ErrorLevel)
	if o.File == "" {
		o.File = "release.yaml"
	}
	err := rehearsal.Play(t.Context(), o)
	if said, is := errors.AsType[*rehearsal.Problem](err); is {
		return b.String(), said.Text
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return b.String(), ""
}

// finished plays to the end, which every text of want has to be told on the way to.
func finished(t *testing.T, o rehearsal.Options, want ...string) {
	t.Helper()
	out, problem := played(t, o)
	if problem != "" || !strings.Contains(out, "The release is finished.") {
		t.Fatalf("it does not end: %s\n%s", problem, out)
	}
	has(t, out, want...)
}

// has says which texts are missing, or not in this order.
func has(t *testing.T, out string, want ...string) {
	t.Helper()
	rest := out
	for _, text := range want {
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Fatalf("%q is missing, or too early, in\n%s", text, out)
		}
		rest = after
	}
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func tutorial(t *testing.T) []byte {
	t.Helper()
	_, rest, _ := strings.Cut(string(file(t, "../../docs/tutorial.md")), "```yaml\n")
	text, _, _ := strings.Cut(rest, "```\n")
	return []byte(text)
}

func TestTheProcessOfTheTutorialIsPlayedToItsEnd(t *testing.T) {
	finished(t, rehearsal.Options{Process: tutorial(t)},
		"Rehearsal of Widgets v1.4.0: process widgets, track planned", "━━ maria: /release start v1.4.0",
		"━━ rita: /release prepare", `→ opens the pull request "Release v1.4.0"`, "⋯ waits for #2 to be merged",
		"━━ maria merges #2", "━━ rita: /release freeze", `→ makes the ruleset`, "━━ rita: /release plan cut",
		"━━ maria: /release approve", "━━ max: /release approve", "━━ rita: /release cut",
		"→ starts the workflow build.yaml on main", "GitHub Actions: build.yaml", "→ makes the tag v1.4.0 at",
		"→ publishes the draft", "→ deletes the ruleset", "━━ rita: /release announce", "→ sends to slack: Widgets v1.4.0",
		"  version        v1.4.0, after v1.3.0, track planned", "  tags           v1.4.0 at",
		"  releases       v1.4.0 (latest)")
	finished(t, rehearsal.Options{Process: tutorial(t), Track: "patch"}, "/release start v1.3.1", "/release announce")
}

func TestAPythonLibraryIsPlayedToItsEnd(t *testing.T) {
	python := file(t, "testdata/python.yaml")
	finished(t, rehearsal.Options{Process: python},
		"/release start v1.4.0", "merges #2", "→ makes the tag v1.4.0-rc1 at", "max: /release approve",
		"→ starts the workflow build.yml on main", "⋯ waits for build.yml", "→ makes the tag v1.4.0 at",
		"⋯ waits for a maintainer to upload the wheel", "rita ticks the box “upload” in the description",
		"releases       v1.4.0-rc1 (pre-release), v1.4.0 (latest)")
	out, problem := played(t, rehearsal.Options{Process: python, Plan: true})
	if problem != "" || strings.Contains(out, "━━") || strings.Count(out, "→") < 8 {
		t.Errorf("the writes alone: %s\n%s", problem, out)
	}
}

// Each built-in process is played from a file that names it, on each of its tracks.
func TestEachBuiltInProcessIsPlayedFromAFile(t *testing.T) {
	for _, name := range process.Names() {
		p, err := process.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, track := range p.Tracks {
			t.Run(name+" "+track.Name, func(t *testing.T) {
				t.Parallel()
				finished(t, rehearsal.Options{Process: []byte("process: " + name + "\n"), Track: track.Name},
					"track "+track.Name, "━━ rita: /release ")
			})
		}
	}
}

// A file that changes a built-in process is played with its changes.
func TestOverridesArePlayed(t *testing.T) {
	finished(t, rehearsal.Options{Process: []byte("process: falco-libs\nteam: [ada, ben]\nphases:\n- name: cut\n" +
		"  require:\n  - {approvals: {count: 1}, replace: true, reason: ben is away}\n" +
		"  - checks: {at: \"{sha}\", required: [build]}\n    id: built\n")},
		"maintainer: ada, ben, maria, max", "CI reports the check build of", "ada: /release approve", "/release cut")
	// A number that is derived is another one than was started.
	finished(t, rehearsal.Options{Process: []byte("process: falco-drivers\n"), Version: "1.3.1+driver"},
		"so the version is 1.4.0+driver", "/release abort the number is another one", "/release start 1.4.0+driver",
		"version        1.4.0+driver")
	// Where a day is waited for, it comes.
	finished(t, rehearsal.Options{Process: []byte("process: kubernetes-patch\n")}, "Time goes by, until 20",
		"days on the clock of the rehearsal")
}

func TestTheBadAnswerAndTheWayOut(t *testing.T) {
	python := file(t, "testdata/python.yaml")
	for _, tc := range []struct {
		name, fail string
		process    []byte
		want       []string
	}{
		{"a workflow fails", "build", python, []string{"━━ GitHub Actions: build.yml fails", "build.yml failed in build",
			"━━ The way out, as Slipway says:", "━━ rita: /release retry build", "→ runs a workflow again",
			"GitHub Actions: build.yml of"}},
		{"a pull request is closed", "bump", python, []string{"maria closes #2", "was closed without being merged",
			"The way out", "maria reopens #2", "maria merges #2", "/release retry bump-merged", "/release rc"}},
		{"nobody ticks the box", "upload", python, []string{"three days, and nobody answers", "rita: /release next",
			"waiting for a maintainer to upload", "The way out", "/release skip upload nobody answers"}},
		{"a check fails", "checks", python, []string{"CI reports the check build of", ": failure", "checks is not met",
			"The way out", ": success", "rita: /release cut"}},
		{"a blocker is open", "issues", []byte("process: falco-libs\n"), []string{"opens an issue in the milestone 0.4.0",
			"issues is not met", "The way out", "maria closes #2", "rita: /release cut"}},
		{"an announcement is not sent", "mail", []byte("process: kata\n"), []string{"cannot be sent",
			"the channel answered 503", "The way out", "/release retry mail", "→ sends to mail"}},
		{"nobody approves", "approvals", python, []string{"rita: /release cut", "approvals is not met", "The way out",
			"maria: /release approve", "rita: /release cut"}},
		{"CI makes no tag", "tag", []byte("process: aether\n"), []string{"and nobody makes the tag",
			"does not exist after 2 hours", "The way out", "CI tags", "/release retry tag"}},
		{"a workflow that a push started fails", "payload", []byte("process: kata\n"), []string{
			"payload-after-push.yaml fails", "The way out", "/release retry payload"}},
		{"another project is late", "kata", []byte("process: coco-peerpods\n"), []string{"it is not published",
			"The way out", "A maintainer of kata-containers/kata-containers publishes 3.6.0"}},
		{"a pull request to another repository is closed", "protect/pull", []byte("process: falco-drivers\n"), []string{
			"maria closes falcosecurity/test-infra#1", "was closed without being merged", "maria reopens"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			finished(t, rehearsal.Options{Process: tc.process, Fail: tc.fail}, append([]string{"━━ The bad answer: "},
				tc.want...)...)
		})
	}
	out, problem := played(t, rehearsal.Options{Process: python, Fail: "cut/tag"})
	if problem != "" {
		t.Errorf("a tag that is taken: %s", problem)
	}
	has(t, out, "Somebody tags", "as v1.4.0", "rita: /release cut", "Refused", "The way out", "/release abort",
		"The release was aborted, and rolled back as far as that can be.")
}

func TestWhatCannotFailIsAnswered(t *testing.T) {
	python := file(t, "testdata/python.yaml")
	can := "no step of that id on the track release can get a bad answer; these can: prepare/bump, cut/approvals, " +
		"cut/checks, cut/build, cut/tag, cut/upload"
	for _, fail := range []string{"biuld", "rc/tag", "rc/build"} { // the tag of a candidate is the next free one
		if _, problem := played(t, rehearsal.Options{Process: python, Fail: fail}); !strings.Contains(problem, can) {
			t.Errorf("--fail %s: %q", fail, problem)
		}
	}
}

// A release that nothing carries on says at which gate or step it stands, and why.
func TestItSaysWhereItStands(t *testing.T) {
	python := string(file(t, "testdata/python.yaml"))
	one := strings.NewReplacer("permission: maintain}", "users: [ada, bob]}\n  approver: {users: [ada]}",
		"approve: [maintainer]", "approve: [approver]").Replace(python)
	out, problem := played(t, rehearsal.Options{Process: []byte(one)})
	has(t, out, "The release is not finished.", "  tags           v1.4.0-rc1")
	has(t, problem, "The release stands at `cut`, at the gate approvals.", "Seen: 1 of 2 approved: `@ada`")
}

func TestMistakesAreNamedWithTheirLines(t *testing.T) {
	wrong := strings.NewReplacer("count: 2", "count: two", `name: "{tag}"`, `name: "{tga}"`).Replace(
		string(file(t, "testdata/python.yaml")))
	_, problem := played(t, rehearsal.Options{File: "mine.yaml", Process: []byte(wrong)})
	has(t, problem, "mine.yaml: line 66, column 46: ", "write a whole number", "\nmine.yaml: line 73, column 21: ",
		"nothing is called {tga} here")
	for process, want := range map[string]string{
		"lets: [{repo: a/b, releases: true}]\n": "has no process that could be rehearsed",
		"process: kta\n":                        "did you mean kata?",
		"process: kata\n" + "track: x\n":        "line 2",
	} {
		if _, problem := played(t, rehearsal.Options{Process: []byte(process)}); !strings.Contains(problem, want) {
			t.Errorf("%q: %q", process, problem)
		}
	}
	kata := []byte("process: kata\n")
	if _, problem := played(t, rehearsal.Options{Process: kata, Track: "rollin"}); !strings.Contains(problem,
		"no such track; it has rolling, early") {
		t.Errorf("a track: %q", problem)
	}
	if _, problem := played(t, rehearsal.Options{Process: kata, Version: "4.2"}); !strings.Contains(problem,
		"a version has three numbers") {
		t.Errorf("a version: %q", problem)
	}
}
