package sandbox

import (
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/internal/sandbox/gitrepo"
)

func contentRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/contents", "contents:read", handleContents},
		{"GET", "/repos/{owner}/{repo}/contents/{path...}", "contents:read", handleContents},
		{"PUT", "/repos/{owner}/{repo}/contents/{path...}", "contents:write", handlePutContents},
		{"DELETE", "/repos/{owner}/{repo}/contents/{path...}", "contents:write", handleDeleteContents},
		{"GET", "/repos/{owner}/{repo}/commits", "contents:read", handleCommits},
		{"GET", "/repos/{owner}/{repo}/commits/{ref}", "contents:read", handleCommit},
		{"GET", "/repos/{owner}/{repo}/commits/{ref}/pulls", "pull_requests:read", handleCommitPulls},
		{"GET", "/repos/{owner}/{repo}/branches", "contents:read", handleBranches},
		{"GET", "/repos/{owner}/{repo}/tags", "contents:read", handleTags},
	}
}

// renderFile is a file or folder as the contents endpoint shows it; content is nil in lists.
func (s *Server) renderFile(r *repository, ref string, e gitrepo.TreeEntry, content []byte) map[string]any {
	kind, objects := "file", "blobs"
	switch e.Type {
	case "tree":
		kind, objects = "dir", "trees"
	case "commit":
		kind, objects = "submodule", "trees"
	}
	u := s.api("/repos/%s/%s/contents/%s", r.Owner.Login, r.Name, e.Path) + "?ref=" + escape("%s", ref)
	h := s.html("/%s/%s/blob/%s/%s", r.Owner.Login, r.Name, ref, e.Path)
	g := s.api("/repos/%s/%s/git/%s/%s", r.Owner.Login, r.Name, objects, e.SHA)
	out := map[string]any{
		"type": kind, "size": e.Size, "name": e.Path[strings.LastIndex(e.Path, "/")+
			1:], "path": e.Path, "sha": e.SHA, "url": u, "git_url": g,
		"html_url": h, "download_url": nil, "_links": map[string]any{"git": g, "self": u, "html": h},
	}
	if kind == "file" {
		out["download_url"] = h
	}
	if content != nil {
		out["encoding"], out["content"] = "base64", base64.StdEncoding.EncodeToString(content)
	}
	return out
}

func handleContents(c *call) (reply, error) {
	ref := c.query("ref")
	if ref == "" {
		ref = c.repo.DefaultBranch
	}
	path := strings.Trim(c.vars["path"], "/")
	entry := gitrepo.TreeEntry{Type: "tree"}
	if path != "" {
		var err error
		if entry, err = c.repo.Git.Entry(c.ctx, ref, path); err != nil {
			return reply{}, notFound()
		}
		entry.Path = path
	}
	if entry.Type == "tree" {
		return c.folder(ref, path, entry.SHA)
	}
	content, _, err := c.repo.Git.File(c.ctx, ref, path)
	if err != nil {
		return reply{}, notFound()
	}
	entry.Size = int64(len(content))
	if content == nil {
		content = []byte{}
	}
	return ok(c.s.renderFile(c.repo, ref, entry, content)), nil
}

func (c *call) folder(ref, path, tree string) (reply, error) {
	if tree == "" {
		tree = ref
	}
	list, err := c.repo.Git.Tree(c.ctx, tree, false)
	if err != nil {
		return reply{}, notFound()
	}
	out := []any{}
	for _, e := range list {
		if path != "" {
			e.Path = path + "/" + e.Path
		}
		out = append(out, c.s.renderFile(c.repo, ref, e, nil))
	}
	return ok(out), nil
}

type contentInput struct {
	Message, Content, SHA, Branch string
	Author, Committer             *struct{ Name, Email string }
}

// handlePutContents makes one commit. The blob that the caller believes to replace must be there, so two edits that do
// not know of each other cannot overwrite each other.
func handlePutContents(c *call) (reply, error) {
	var in contentInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	content, err := decoded(in.Content, "base64")
	if err != nil {
		return reply{}, err
	}
	text := string(content)
	fresh, sha, err := c.commitOne(in, gitrepo.TreeChange{Path: c.vars["path"], Content: &text})
	if err != nil {
		return reply{}, err
	}
	entry, err := c.repo.Git.Entry(c.ctx, sha, c.vars["path"])
	if err != nil {
		return reply{}, err
	}
	entry.Path, entry.Size = c.vars["path"], int64(len(content))
	m, err := c.repo.Git.Commit(c.ctx, sha)
	out := ok(map[string]any{"content": c.s.renderFile(c.repo, c.branch(in), entry, nil),
		"commit": c.s.renderGitCommit(c.repo, m)})
	if fresh {
		out.status = 201
	}
	return out, err
}

func handleDeleteContents(c *call) (reply, error) {
	var in contentInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if in.SHA == "" {
		return reply{}, unprocessable("Invalid request.\n\n\"sha\" wasn't supplied.")
	}
	_, sha, err := c.commitOne(in, gitrepo.TreeChange{Path: c.vars["path"]})
	if err != nil {
		return reply{}, err
	}
	m, err := c.repo.Git.Commit(c.ctx, sha)
	return ok(map[string]any{"content": nil, "commit": c.s.renderGitCommit(c.repo, m)}), err
}

func (c *call) branch(in contentInput) string {
	if in.Branch != "" {
		return in.Branch
	}
	return c.repo.DefaultBranch
}

// commitOne commits one change of a tree to the branch, and says whether the path is new.
func (c *call) commitOne(in contentInput, change gitrepo.TreeChange) (fresh bool, sha string, err error) {
	if !c.s.can(c.repo, c.who, "write") {
		return false, "", notFound()
	}
	name := "refs/heads/" + c.branch(in)
	head, err := c.repo.Git.Ref(c.ctx, name)
	if err != nil {
		return false, "", &problem{status: 404, message: "Branch " + c.branch(in) + " not found"}
	}
	there, err := c.repo.Git.Entry(c.ctx, head.SHA, change.Path)
	fresh = errors.Is(err, gitrepo.ErrNotFound)
	switch {
	case err != nil && !fresh:
		return false, "", err
	case fresh && change.Content == nil:
		return false, "", notFound()
	case !fresh && in.SHA == "":
		return false, "", unprocessable("Invalid request.\n\n\"sha\" wasn't supplied.")
	case !fresh && in.SHA != there.SHA:
		return false, "", conflict(change.Path + " does not match " + in.SHA)
	}
	tree, err := c.repo.Git.WriteTree(c.ctx, head.SHA, []gitrepo.TreeChange{change})
	if err != nil {
		return false, "", unprocessable("path contains a malformed path component")
	}
	who := c.signature()
	author := who
	if in.Author != nil {
		author.Name, author.Email = in.Author.Name, in.Author.Email
	}
	if sha, err = c.repo.Git.WriteCommit(c.ctx, tree, []string{head.SHA}, author, who, in.Message); err != nil {
		return false, "", err
	}
	return fresh, sha, c.s.setRef(c, name, sha, false)
}

// signature is who acts, as git knows them.
func (c *call) signature() gitrepo.Signature {
	return gitrepo.Signature{Name: c.who.user.Login, Email: c.who.user.Login + "@users.noreply.github.com",
		When: c.s.now()}
}

// handleCommits lists the commits of a branch, newest first. It asks git for the page alone: a history is long.
func handleCommits(c *call) (reply, error) {
	rev := c.query("sha")
	if rev == "" {
		rev = c.repo.DefaultBranch
	}
	size, _ := strconv.Atoi(c.query("per_page"))
	if size < 1 {
		size = 30
	}
	size = min(size, 100)
	number, _ := strconv.Atoi(c.query("page"))
	number = max(number, 1)
	list, err := c.repo.Git.Log(c.ctx, rev, c.query("path"), 0, number*size+1)
	if err != nil {
		return reply{}, notFound()
	}
	list = slices.DeleteFunc(list, func(m gitrepo.Commit) bool {
		since, until := c.query("since"), c.query("until")
		return since != "" && stamp(m.Committer.When) < since || until != "" && stamp(m.Committer.When) > until
	})
	return page(c, list, func(m gitrepo.Commit) any { return c.s.renderCommit(c.repo, m) }), nil
}

func handleCommit(c *call) (reply, error) {
	m, err := c.repo.Git.Commit(c.ctx, c.vars["ref"])
	if err != nil {
		return reply{}, unprocessable("No commit found for SHA: " + c.vars["ref"])
	}
	parent := ""
	if len(m.Parents) > 0 {
		parent = m.Parents[0]
	}
	files, stats, err := c.changes(parent, m.SHA)
	out := c.s.renderCommit(c.repo, m)
	out["stats"], out["files"] = stats, files
	return ok(out), err
}

// changes are the files in which two commits differ, and their sums.
func (c *call) changes(base, head string) ([]any, map[string]any, error) {
	diff, err := c.repo.Git.Diff(c.ctx, base, head)
	if err != nil {
		return nil, nil, err
	}
	files, added, removed := []any{}, 0, 0
	for _, f := range diff {
		added, removed = added+f.Additions, removed+f.Deletions
		line := map[string]any{
			"sha": f.SHA, "filename": f.Path, "status": f.Status, "additions": f.Additions, "deletions": f.Deletions,
			"changes":  f.Additions + f.Deletions,
			"blob_url": c.s.html("/%s/%s/blob/%s/%s", c.repo.Owner.Login, c.repo.Name, head, f.Path),
			"raw_url":  c.s.html("/%s/%s/raw/%s/%s", c.repo.Owner.Login, c.repo.Name, head, f.Path),
			"contents_url": c.s.api("/repos/%s/%s/contents/%s", c.repo.Owner.Login, c.repo.Name, f.Path) +
				"?ref=" + head,
		}
		if f.Patch != "" {
			line["patch"] = f.Patch
		}
		if f.Previous != "" {
			line["previous_filename"] = f.Previous
		}
		files = append(files, line)
	}
	return files, map[string]any{"total": added + removed, "additions": added, "deletions": removed}, nil
}

// handleCommitPulls lists the pull requests that brought a commit.
func handleCommitPulls(c *call) (reply, error) {
	sha, err := c.repo.Git.Resolve(c.ctx, c.vars["ref"])
	if err != nil {
		return reply{}, unprocessable("No commit found for SHA: " + c.vars["ref"])
	}
	var list []*issue
	for _, is := range c.repo.Issues {
		if is.Pull != nil && (is.Pull.MergeSHA == sha || is.Pull.HeadSHA == sha) {
			list = append(list, is)
		}
	}
	return page(c, list, func(is *issue) any { return c.s.renderPull(c, is) }), nil
}

func handleBranches(c *call) (reply, error) {
	refs, err := c.repo.Git.Refs(c.ctx, "refs/heads/")
	if err != nil {
		return reply{}, err
	}
	refs = slices.DeleteFunc(refs, func(ref gitrepo.Ref) bool {
		want := c.query("protected")
		return want != "" && want != strconv.FormatBool(c.repo.protected(ref.Name))
	})
	return page(c, listed(c, refs, c.refKey), func(ref gitrepo.Ref) any {
		name := strings.TrimPrefix(ref.Name, "refs/heads/")
		return map[string]any{
			"name": name, "protected": c.repo.protected(ref.Name),
			"commit": map[string]any{"sha": ref.SHA, "url": c.s.api("/repos/%s/%s/commits/%s", c.repo.Owner.Login,
				c.repo.Name, ref.SHA)},
		}
	}), nil
}

// protected says that a protection or a ruleset holds for the branch.
func (r *repository) protected(ref string) bool {
	return r.Protections[strings.TrimPrefix(ref, "refs/heads/")] != nil ||
		slices.ContainsFunc(r.Rulesets, func(set *ruleset) bool { return set.covers(r, ref) })
}

// handleTags lists the tags as GitHub does: by name, the highest first.
func handleTags(c *call) (reply, error) {
	refs, err := c.repo.Git.Refs(c.ctx, "refs/tags/")
	slices.Reverse(refs)
	return page(c, listed(c, refs, c.refKey), func(ref gitrepo.Ref) any {
		name := strings.TrimPrefix(ref.Name, "refs/tags/")
		u := c.s.api("/repos/%s/%s", c.repo.Owner.Login, c.repo.Name)
		return map[string]any{
			"name": name, "node_id": nodeID("REF", c.repo.ID), "zipball_url": u + "/zipball/" +
				ref.Name, "tarball_url": u + "/tarball/" + ref.Name,
			"commit": map[string]any{"sha": ref.Peeled, "url": u + "/commits/" + ref.Peeled},
		}
	}), err
}
