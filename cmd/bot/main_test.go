package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func do(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	none := func(string) (string, bool) { return "", false }
	code = run(t.Context(), args, none, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

func TestNextPrintsTheVersionAloneOrTheRule(t *testing.T) {
	for _, tc := range []struct {
		process, current, kind string
		code                   int
		out, errs              string
	}{
		{"falco-libs", "0.22.2", "minor", 0, "0.23.0\n", ""},
		{"falco-libs", "0.25.0", "patch", 0, "0.25.1\n", ""},
		{"falco-libs", "0.23.0-rc1", "rc", 0, "0.23.0-rc2\n", ""},
		{"falco-libs", "0.23.0-rc2", "final", 0, "0.23.0\n", ""},
		{"kata", "3.9.0", "minor", 0, "3.10.0\n", ""},
		{"kata", "3.19.0", "patch", 0, "3.19.1\n", ""},
		{"kata", "3.32.0", "major", 0, "4.0.0\n", ""},
		{"kata", "3.2.0-rc0", "final", 0, "3.2.0\n", ""},
		{"kata", "v4.2.0", "minor", 1, "", "have no `v` in front"},
		{"kata", "4.1", "minor", 1, "", "three numbers"},
		{"kata", "4.1.0-rc0", "final", 1, "", "has no pre-releases"},
		{"kata", "4.1.0", "rc", 1, "", "ask for major, minor, patch, final"},
		{"falco-drivers", "9.1.0+driver", "major", 0, "10.0.0+driver\n", ""},
		{"falco-drivers", "10.1.0-rc2+driver", "rc", 0, "10.1.0-rc3+driver\n", ""},
		{"falco-drivers", "7.1.0+driver-rc1", "final", 0, "7.1.0+driver\n", ""},
		{"falco-drivers", "10.2.0", "patch", 1, "", "end with `+driver`"},
		{"falco-drivers", "0.9.0+driver", "patch", 1, "", "the major number must be 1 or greater"},
		{"coco-peerpods", "0.9.0-alpha1", "alpha", 1, "", "alpha"},
		{"falco-libs", "0.22.2", "major", 1, "", "major"},
		{"falco-libs", "1.0.0", "minor", 1, "", "the major number must be 0"},
		{"falco", "1.0.0", "minor", 1, "", "known are"},
	} {
		t.Run(tc.process+" "+tc.current+" "+tc.kind, func(t *testing.T) {
			code, out, errs := do(t, "", "next", tc.process, tc.current, tc.kind)
			if code != tc.code || out != tc.out || !strings.Contains(errs, tc.errs) || (tc.errs == "") != (errs == "") {
				t.Errorf("exit %d, printed %q and %q; want exit %d, %q and %q", code, out, errs, tc.code, tc.out,
					tc.errs)
			}
		})
	}
}

func TestParsePrintsOneObject(t *testing.T) {
	body := "```release\nintroduced-in=v1.2.3\nresolved-in=v1.2.4\n```\n\n## Symptoms\n\nIt is slow.\n\n## Root " +
		"cause\n\nBinaries:\n- kubectl\n\n## PRs\n\n- #23456\n\n/release cut\n"
	code, out, errs := do(t, body, "parse", "-")
	want := `{"release":{"introduced_in":["v1.2.3"],"resolved_in":["v1.2.4"]},"sections":["Symptoms","Root cause",` +
		`"PRs"],"binaries":["kubectl"],"prs":["#23456"],"commands":[{"line":19,"words":["/release","cut"]}],` +
		`"problems":[]}` + "\n"
	if code != 0 || errs != "" || out != want {
		t.Errorf("exit %d, %q, printed\n%s\nwant\n%s", code, errs, out, want)
	}
	// A body with mistakes can be read all the same.
	if code, out, _ := do(t, "```release\nresolved-in=v1.8\n```\n", "parse", "-"); code != 0 ||
		!strings.Contains(out, `"line":2`) {
		t.Errorf("exit %d, printed %s", code, out)
	}
	// What the template left in is named, though the bot asks for it in a comment of its own.
	_, out, _ = do(t, "```release\nintroduced-in=vX.Y.Z\nresolved-in=vX.Y.Z\n```\n", "parse", "-")
	if !strings.Contains(out, `"problems":[{"line":2,"message":"introduced-in holds no version yet"`) {
		t.Errorf("of a placeholder it printed %s", out)
	}
	if code, _, errs := do(t, "", "parse", "no-such-file"); code != 1 ||
		!strings.Contains(errs, "no-such-file cannot be read") {
		t.Errorf("exit %d, %q", code, errs)
	}
}

func TestLintNamesLineAndFix(t *testing.T) {
	file := filepath.Join(t.TempDir(), "release.yaml")
	if err := os.WriteFile(file, []byte("process: falco-libs\nteam: [maria, max]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := do(t, "", "lint", file); code != 0 || !strings.Contains(out, "is good") {
		t.Errorf("exit %d, %q %q", code, out, errs)
	}
	if code, _, errs := do(t, "process: falco-libs\nteems: [maria]\n", "lint", "-"); code != 1 ||
		!strings.Contains(errs, "line 2, column 1") || !strings.Contains(errs, "team") {
		t.Errorf("exit %d, %q", code, errs)
	}
}

func TestServeRefusesABadConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file,
		[]byte(
			"github:\n  app-id: 1\n  private-key-file: k.pem\n  webhook-secrets: [s]\ndatabase: mysql://x\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := do(t, "", "serve", "--config", file)
	if want := "line 5, database: that is neither SQLite nor PostgreSQL; write sqlite:PATH"; code != 1 ||
		!strings.Contains(errs, want) {
		t.Errorf("exit %d, %q; want it to hold %q", code, errs, want)
	}
}

func TestTheRehearsalEndsAsItShould(t *testing.T) {
	code, out, errs := do(t, "", "try", "falco-libs")
	if code != 0 || !strings.Contains(out, "The release is out") ||
		!strings.Contains(out, "Refused: Only a release manager or a maintainer can use `/release freeze`; "+
			"`@olaf` is neither.") {
		t.Errorf("exit %d, %q\n%s", code, errs, out)
	}
	code, plan, errs := do(t, "", "try", "falco-libs", "--plan")
	if code != 0 || strings.Contains(plan, "━━") || strings.Count(plan, "→") < 10 {
		t.Errorf("--plan: exit %d, %q\n%s", code, errs, plan)
	}
	code, out, errs = do(t, "", "try", "kata")
	if code != 0 || !strings.Contains(out, "The release is out") || !strings.Contains(out, "failed in release") {
		t.Errorf("exit %d, %q\n%s", code, errs, out)
	}
	if code, out, errs := do(t, "", "try", "kubernetes-patch"); code != 0 ||
		!strings.Contains(out, "No blocking issue is open for 1.31") {
		t.Errorf("exit %d, %q\n%s", code, errs, out)
	}
	if code, out, errs := do(t, "", "try", "aether"); code != 0 ||
		!strings.Contains(out, "has the tag `master`, which is not a release") {
		t.Errorf("exit %d, %q\n%s", code, errs, out)
	}
	if code, out, errs := do(t, "", "try", "aether-component"); code != 0 ||
		!strings.Contains(out, "does not say from which branch 0.3.14 is released") {
		t.Errorf("exit %d, %q\n%s", code, errs, out)
	}
	if code, out, errs := do(t, "", "try", "falco-drivers"); code != 0 ||
		!strings.Contains(out, "so the version is 8.1.0+driver") {
		t.Errorf("exit %d, %q\n%s", code, errs, out)
	}
}

func TestACommandLineThatCannotBeReadIsAnswered(t *testing.T) {
	for _, args := range [][]string{{"tri"}, {"next", "falco-libs"}, {"serve", "--confg", "x"}} {
		if code, _, errs := do(t, "", args...); code != 2 || !strings.Contains(errs, "bot --help") {
			t.Errorf("%v: exit %d, %q", args, code, errs)
		}
	}
	if code, out, _ := do(t, "", "--help"); code != 0 || !strings.Contains(out, "bot try .github/release.yaml") {
		t.Errorf("--help: exit %d, %s", code, out)
	}
	if code, out, _ := do(t, "", "version"); code != 0 || out != "slipway dev\n" {
		t.Errorf("version: exit %d, %q", code, out)
	}
}

func TestInitWritesOnceAndOverNothing(t *testing.T) {
	dir := t.TempDir()
	policy := filepath.Join(dir, ".github", "patch-issues.yaml")
	if code, out, errs := do(t, "", "init", dir); code != 0 || strings.Count(out, "written  ") != 3 {
		t.Fatalf("exit %d, %q %q", code, out, errs)
	}
	if code, out, errs := do(t, "", "lint", policy); code != 0 || !strings.Contains(out, "5 priorities, 24 SIGs") {
		t.Errorf("what it wrote is not good: exit %d, %q %q", code, out, errs)
	}
	if code, out, errs := do(t, "", "init", dir, "--process", "falco-libs"); code != 0 ||
		strings.Count(out, "same  ") != 3 || !strings.Contains(out, "written  .github/release.yaml") {
		t.Errorf("exit %d, %q %q", code, out, errs)
	}
	if err := os.WriteFile(policy, []byte("preset: kubernetes\nkeep: 4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := do(t, "", "init", dir); code != 1 ||
		!strings.Contains(errs, "patch-issues.yaml: there already") || !strings.Contains(errs, "--force") {
		t.Errorf("exit %d, %q", code, errs)
	}
	if kept, err := os.ReadFile(policy); err != nil || !strings.Contains(string(kept), "keep: 4") {
		t.Errorf("the file of the person is gone: %q, %v", kept, err)
	}
	if code, _, errs := do(t, "", "init", dir, "--process", "falco-lib"); code != 1 ||
		!strings.Contains(errs, "did you mean falco-libs?") {
		t.Errorf("exit %d, %q", code, errs)
	}
	if code, _, errs := do(t, "", "init", filepath.Join(dir, "nowhere")); code != 1 ||
		!strings.Contains(errs, "is no directory") {
		t.Errorf("exit %d, %q", code, errs)
	}
}

func TestLintChecksPoliciesToo(t *testing.T) {
	for in, want := range map[string]string{
		"preset: kubernets\n":            "did you mean kubernetes?",
		"preset: kubernetes\nkeeep: 4\n": "[2:1] unknown field",
		"preset: kubernetes\nmilestones: {others: move1}": `milestones.others: "move1" is not one of move, ask, ` +
			`leave; did you mean move?`,
		"preset: kubernetes\n# " + strings.Repeat("[", 289_000): "the file has 289021 bytes; the limit is 32768; " +
			"shorten it",
		"process: kata\n# " + strings.Repeat("[", 289_000): "the file has 289016 bytes; the limit is 32768; shorten it",
		"preset: kubernetes\nkeep: &a 3\n": "line 2, column 7: anchors and aliases are not allowed here; " +
			"write the value out",
		"process: kata\nteam: " + strings.Repeat("[", 30): "line 2, column 26: groups and lists are nested 21 deep; " +
			"the limit is 20; nest less",
	} {
		if code, _, errs := do(t, in, "lint", "-"); code != 1 || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %q; want %q", in, code, errs, want)
		}
	}
}
