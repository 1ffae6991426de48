package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTryWithoutArgumentsListsWhatThereIs(t *testing.T) {
	code, out, errs := do(t, "", "try")
	for _, want := range []string{
		"bot try .github/release.yaml --repo .", "--fail STEP",
		"bot try kata               Kata Containers: a release whose build fails once",
		"bot try coco-peerpods", "bot try kubernetes-patch", "bot try aether-component", "bot try falco-drivers",
	} {
		if code != 0 || errs != "" || !strings.Contains(out, want) {
			t.Errorf("%q is missing: exit %d, %q\n%s", want, code, errs, out)
		}
	}
}

func TestTryPlaysAFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "release.yaml")
	if err := os.WriteFile(file, []byte("process: kubernetes-patch\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := do(t, "", "try", file, "--track", "urgent"); code != 0 || errs != "" ||
		!strings.Contains(out, "The release is finished.") {
		t.Errorf("exit %d, %q\n%s", code, errs, out)
	}
	// A built-in process is played as a file, where something is said that only that can do.
	if code, out, errs := do(t, "", "try", "kata", "--fail", "run"); code != 0 || errs != "" ||
		!strings.Contains(out, "/release retry run") {
		t.Errorf("exit %d, %q\n%s", code, errs, out)
	}
	if code, out, errs := do(t, "process: kata\n", "try", "-", "--plan"); code != 0 || errs != "" ||
		!strings.Contains(out, "→ starts the workflow release.yaml") || strings.Contains(out, "━━") {
		t.Errorf("exit %d, %q\n%s", code, errs, out)
	}
}

func TestTryAnswersWhatItCannotPlay(t *testing.T) {
	for _, tc := range []struct {
		in   string
		args []string
		want string
	}{
		{"", []string{"kta"}, "kta is neither a file nor a built-in process; did you mean kata?\nBuilt in are aether,"},
		{"", []string{"no/such.yaml"}, "A file of your own: bot try .github/release.yaml --repo PATH-OF-A-CLONE"},
		{"", []string{"--repo", "/no/such"}, "/no/such/.github/release.yaml is neither a file nor a built-in process"},
		{"", []string{t.TempDir()}, "is a directory; name the process file: bot try "},
		{"process: kata\nteams: [a]\n", []string{"-"}, "-: line 2, column 1: "},
		{"process: kata\n", []string{"-", "--repo", "/no/such"}, "--repo /no/such: there is no such directory"},
		{"process: kata\n", []string{"-", "--fail", "x"}, "these can: prepare/bump, freeze/payload, cut/run"},
	} {
		code, out, errs := do(t, tc.in, append([]string{"try"}, tc.args...)...)
		if code != 1 || !strings.Contains(errs, tc.want) || out != "" {
			t.Errorf("%v: exit %d, %q, printed %q; want %q", tc.args, code, errs, out, tc.want)
		}
	}
}
