package sandbox_test

import (
	"encoding/base64"
	"os/exec"
	"strings"
	"testing"
)

type m = map[string]any

func TestACommitIsMadeOfABlobATreeAndAReference(t *testing.T) {
	st := open(t)
	head := st.branch("main")
	blob := st.app(201, "POST", repo+"/git/blobs", m{"content": base64.StdEncoding.EncodeToString([]byte("two\n")),
		"encoding": "base64"})
	want(t, at(st.app(200, "GET", repo+"/git/blobs/"+blob["sha"].(string), nil), "size"), 4, "size")
	tree := st.app(201, "POST", repo+"/git/trees", m{"base_tree": head, "tree": []m{
		{"path": "two.txt", "mode": "100644", "type": "blob", "sha": blob["sha"]},
		{"path": "docs/a.md", "mode": "100644", "type": "blob", "sha": nil},
	}})
	st.app(422, "POST", repo+"/git/trees",
		m{"base_tree": head, "tree": []m{{"path": "../x", "mode": "100644", "type": "blob", "content": "x"}}})
	st.app(422, "POST", repo+"/git/trees",
		m{"base_tree": head,
			"tree": []m{{"path": "x", "mode": "100644", "type": "blob", "sha": strings.Repeat("1", 40)}}})
	commit := st.app(201, "POST", repo+"/git/commits",
		m{"message": "two", "tree": tree["sha"], "parents": []string{head}})
	st.app(200, "PATCH", repo+"/git/refs/heads/main", m{"sha": commit["sha"]})
	wantEvents(t, st, "push")
	files := st.app(200, "GET", repo+"/git/trees/main?recursive=1", nil)["tree"].([]any)
	var names []string
	for _, f := range files {
		names = append(names, at(f, "path").(string))
	}
	want(t, names, []string{".github", ".github/workflows", ".github/workflows/release.yaml", "VERSION", "two.txt"},
		"files")
	detail := st.app(200, "GET", repo+"/commits/main", nil)
	want(t, at(detail, "stats", "total"), 2, "lines changed")
	want(t, at(detail, "files", "0", "status"), "removed", "the first file")
	want(t, len(st.app(200, "GET", repo+"/commits?sha=main&path=two.txt", nil)["list"].([]any)), 1, "commits of a path")
	compare := st.app(200, "GET", repo+"/compare/v1.0.0...main", nil)
	want(t, compare["ahead_by"], 2, "ahead")
	want(t, len(compare["files"].([]any)), 3, "files in the comparison")
}

func TestContentsAreReplacedOnlyByWhoSawThem(t *testing.T) {
	st := open(t)
	text := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	old := st.app(200, "GET", repo+"/contents/VERSION", nil)
	st.app(422, "PUT", repo+"/contents/VERSION", m{"message": "bump", "content": text("1.1.0\n")})
	st.app(409, "PUT", repo+"/contents/VERSION",
		m{"message": "bump", "content": text("1.1.0\n"), "sha": strings.Repeat("1", 40)})
	st.app(200, "PUT", repo+"/contents/VERSION", m{"message": "bump", "content": text("1.1.0\n"), "sha": old["sha"],
		"branch": "main"})
	st.app(409, "PUT", repo+"/contents/VERSION", m{"message": "again", "content": text("1.1.1\n"), "sha": old["sha"]})
	st.app(201, "PUT", repo+"/contents/new/file", m{"message": "new", "content": text("x")})
	made := st.app(200, "GET", repo+"/contents/new/file?ref=main", nil)
	want(t, made["content"], text("x"), "content")
	st.app(200, "DELETE", repo+"/contents/new/file", m{"message": "gone", "sha": made["sha"]})
	st.app(404, "GET", repo+"/contents/new/file", nil)
	want(t, len(st.app(200, "GET", repo+"/contents/docs", nil)["list"].([]any)), 1, "files in a folder")
	st.as("eve", 404, "PUT", repo+"/contents/x", m{"message": "x", "content": text("x")})
	wantEvents(t, st, "push", "push", "push")
}

func TestBranchesAndTagsAreListed(t *testing.T) {
	st := open(t)
	want(t, len(st.app(200, "GET", repo+"/branches", nil)["list"].([]any)), 3, "branches")
	tags := st.app(200, "GET", repo+"/tags", nil)["list"]
	want(t, at(tags, "0", "name"), "v1.0.0", "the tag")
	ref := st.app(201, "POST", repo+"/git/refs", m{"ref": "refs/tags/v1.1.0", "sha": st.branch("main")})
	want(t, ref["ref"], "refs/tags/v1.1.0", "the new tag")
	wantEvents(t, st, "create", "push", "workflow_run requested")
	st.app(422, "POST", repo+"/git/refs", m{"ref": "refs/tags/v1.1.0", "sha": st.branch("main")})
	st.app(422, "POST", repo+"/git/refs", m{"ref": "refs/heads/a..b", "sha": st.branch("main")})
	st.app(204, "DELETE", repo+"/git/refs/tags/v1.1.0", nil)
	wantEvents(t, st, "delete", "push")
	want(t, at(st.app(200, "GET", repo+"/tags", nil)["list"], "0", "name"), "v1.0.0", "the tag that is left")
}

func TestAPushByGitTellsTheWebhooksAndIsHeldToRules(t *testing.T) {
	st := open(t)
	dir := t.TempDir()
	git := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	ok := func(args ...string) {
		t.Helper()
		if out, err := git(args...); err != nil {
			t.Fatalf("git %v: %s", args, out)
		}
	}
	ok("clone", "-q", strings.Replace(st.url, "http://", "http://bob:x@", 1)+"/acme/tool.git", ".")
	ok("config", "user.name", "bob")
	ok("config", "user.email", "bob@example.org")
	ok("commit", "-q", "--allow-empty", "-m", "by hand")
	ok("push", "-q", "origin", "main")
	wantEvents(t, st, "push")
	st.as("ada", 200, "PUT", repo+"/branches/main/protection", m{
		"required_status_checks": nil, "enforce_admins": true, "restrictions": nil, "required_pull_request_reviews": m{
			"required_approving_review_count": 1},
	})
	ok("commit", "-q", "--allow-empty", "-m", "past the rule")
	out, err := git("push", "origin", "main")
	if err == nil || !strings.Contains(out, "Changes must be made through a pull request.") {
		t.Errorf("the push went past the protection: %s", out)
	}
	wantEvents(t, st)
}
