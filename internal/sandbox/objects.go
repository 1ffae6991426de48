package sandbox

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/slipway-dev/slipway/internal/sandbox/gitrepo"
)

func objectRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/git/blobs/{sha}", "contents:read", handleBlob},
		{"POST", "/repos/{owner}/{repo}/git/blobs", "contents:write", handleCreateBlob},
		{"GET", "/repos/{owner}/{repo}/git/trees/{sha...}", "contents:read", handleTree},
		{"POST", "/repos/{owner}/{repo}/git/trees", "contents:write", handleCreateTree},
	}
}

func handleBlob(c *call) (reply, error) {
	content, err := c.repo.Git.Blob(c.ctx, c.vars["sha"])
	if err != nil {
		return reply{}, notFound()
	}
	return ok(map[string]any{
		"sha": c.vars["sha"], "node_id": nodeID("B", c.repo.ID), "size": len(content), "encoding": "base64",
		"content": base64.StdEncoding.EncodeToString(content), "url": c.s.api("/repos/%s/%s/git/blobs/%s",
			c.repo.Owner.Login, c.repo.Name, c.vars["sha"]),
	}), nil
}

func handleCreateBlob(c *call) (reply, error) {
	var in struct{ Content, Encoding string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	content, err := decoded(in.Content, in.Encoding)
	if err != nil {
		return reply{}, err
	}
	sha, err := c.repo.Git.WriteBlob(c.ctx, content)
	return created(map[string]any{"sha": sha, "url": c.s.api("/repos/%s/%s/git/blobs/%s", c.repo.Owner.Login,
		c.repo.Name, sha)}), err
}

// decoded is the content of a blob as it was sent: as text, or in base64 with or without line breaks.
func decoded(content, encoding string) ([]byte, error) {
	if encoding != "base64" {
		return []byte(content), nil
	}
	out, err := base64.StdEncoding.DecodeString(strings.NewReplacer("\n", "", "\r", "").Replace(content))
	if err != nil {
		return nil, unprocessable("content is not valid Base64")
	}
	return out, nil
}

func (s *Server) renderTree(r *repository, sha string, list []gitrepo.TreeEntry) map[string]any {
	entries := []any{}
	for _, e := range list {
		line := map[string]any{"path": e.Path, "mode": e.Mode, "type": e.Type, "sha": e.SHA}
		if e.Type != "commit" {
			line["url"] = s.api("/repos/%s/%s/git/%ss/%s", r.Owner.Login, r.Name, e.Type, e.SHA)
		}
		if e.Type == "blob" {
			line["size"] = e.Size
		}
		entries = append(entries, line)
	}
	return map[string]any{"sha": sha, "url": s.api("/repos/%s/%s/git/trees/%s", r.Owner.Login, r.Name, sha),
		"tree": entries, "truncated": false}
}

// handleTree takes any revision for the SHA, as GitHub does.
func handleTree(c *call) (reply, error) {
	rev := c.vars["sha"]
	list, err := c.repo.Git.Tree(c.ctx, rev, c.query("recursive") != "")
	if err != nil {
		return reply{}, notFound()
	}
	if m, err := c.repo.Git.Commit(c.ctx, rev); err == nil {
		rev = m.Tree
	}
	return ok(c.s.renderTree(c.repo, rev, list)), nil
}

func handleCreateTree(c *call) (reply, error) {
	var in struct {
		BaseTree string `json:"base_tree"`
		Tree     []struct {
			Path, Mode, Type string
			Content          *string
			SHA              *string
		}
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	var changes []gitrepo.TreeChange
	for _, e := range in.Tree {
		change := gitrepo.TreeChange{Path: e.Path, Mode: e.Mode, Content: e.Content}
		if e.SHA != nil {
			if e.Content != nil {
				return reply{}, unprocessable("Must supply either tree.sha or tree.content, not both")
			}
			change.SHA = *e.SHA
		}
		changes = append(changes, change)
	}
	sha, err := c.repo.Git.WriteTree(c.ctx, in.BaseTree, changes)
	switch {
	case errors.Is(err, gitrepo.ErrNotFound):
		return reply{}, unprocessable("GitRPC::BadObjectState")
	case errors.Is(err, gitrepo.ErrInvalid):
		return reply{}, unprocessable("tree.path contains a malformed path component")
	case err != nil:
		return reply{}, err
	}
	list, err := c.repo.Git.Tree(c.ctx, sha, false)
	return created(c.s.renderTree(c.repo, sha, list)), err
}
