package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// asset is a file of a release.
type asset struct {
	ID                int64
	Name, Label, Type string
	Content           []byte
	Uploader          *account
	Created           time.Time
}

func assetRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/releases/{id}/assets", "contents:read", handleAssets},
		{"POST", "/repos/{owner}/{repo}/releases/{id}/assets", "contents:write", handleUpload},
		{"GET", "/repos/{owner}/{repo}/releases/assets/{asset}", "contents:read", handleAsset},
		{"DELETE", "/repos/{owner}/{repo}/releases/assets/{asset}", "contents:write", handleDeleteAsset},
	}
}

func (s *Server) renderAsset(r *repository, p *publication, a *asset) map[string]any {
	sum := sha256.Sum256(a.Content)
	return map[string]any{
		"url": s.api("/repos/%s/%s/releases/assets/%d", r.Owner.Login, r.Name, a.ID),
		"browser_download_url": s.html("/%s/%s/releases/download/%s/%s", r.Owner.Login, r.Name, p.Tag,
			a.Name), "id": a.ID, "node_id": nodeID("RA", a.ID),
		"name": a.Name, "label": nullable(a.Label), "state": "uploaded", "content_type": a.Type, "size": len(
			a.Content), "digest": "sha256:" + hex.EncodeToString(sum[:]),
		"download_count": 0, "created_at": stamp(a.Created), "updated_at": stamp(a.Created), "uploader": s.renderUser(
			a.Uploader),
	}
}

func (s *Server) renderAssets(r *repository, p *publication) []any {
	out := []any{}
	for _, a := range p.Assets {
		out = append(out, s.renderAsset(r, p, a))
	}
	return out
}

func handleAssets(c *call) (reply, error) {
	p, err := c.release()
	if err != nil {
		return reply{}, err
	}
	return page(c, p.Assets, func(a *asset) any { return c.s.renderAsset(c.repo, p, a) }), nil
}

// handleUpload takes the file itself as the body. On GitHub it is on a host of its own, which upload_url names.
func handleUpload(c *call) (reply, error) {
	p, err := c.release()
	if err != nil {
		return reply{}, err
	}
	name := c.query("name")
	switch {
	case !c.s.can(c.repo, c.who, "write"):
		return reply{}, notFound()
	case name == "":
		return reply{}, invalid("ReleaseAsset", "name", "missing_field")
	case slices.ContainsFunc(p.Assets, func(a *asset) bool { return a.Name == name }):
		return reply{}, invalid("ReleaseAsset", "name", "already_exists")
	}
	kind := c.r.Header.Get("Content-Type")
	if kind == "" {
		kind = "application/octet-stream"
	}
	a := &asset{ID: c.s.nextID(), Name: name, Label: c.query("label"), Type: kind, Content: c.body,
		Uploader: c.who.user, Created: c.s.now()}
	p.Assets = append(p.Assets, a)
	return created(c.s.renderAsset(c.repo, p, a)), nil
}

func (c *call) asset() (*publication, *asset, error) {
	for _, p := range c.repo.Releases {
		for _, a := range p.Assets {
			if a.ID == c.id("asset") {
				return p, a, nil
			}
		}
	}
	return nil, nil, notFound()
}

func handleAsset(c *call) (reply, error) {
	p, a, err := c.asset()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.renderAsset(c.repo, p, a)), nil
}

func handleDeleteAsset(c *call) (reply, error) {
	p, a, err := c.asset()
	if err != nil || !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	p.Assets = slices.DeleteFunc(p.Assets, func(o *asset) bool { return o == a })
	return nothing(), nil
}

// handleReleaseByTag finds published releases only: a draft has no tag yet.
func handleReleaseByTag(c *call) (reply, error) {
	for _, p := range slices.Backward(c.repo.Releases) {
		if !p.Draft && p.Tag == c.vars["tag"] && !c.unseen(releaseKey(p)) {
			return ok(c.s.renderRelease(c.repo, p)), nil
		}
	}
	return reply{}, notFound()
}
