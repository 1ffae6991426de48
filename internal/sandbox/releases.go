package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

func releaseRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/releases", "contents:read", handleReleases},
		{"POST", "/repos/{owner}/{repo}/releases", "contents:write", handleCreateRelease},
		{"POST", "/repos/{owner}/{repo}/releases/generate-notes", "contents:write", handleNotes},
		{"GET", "/repos/{owner}/{repo}/releases/latest", "contents:read", handleLatest},
		{"GET", "/repos/{owner}/{repo}/releases/tags/{tag...}", "contents:read", handleReleaseByTag},
		{"GET", "/repos/{owner}/{repo}/releases/{id}", "contents:read", handleRelease},
		{"PATCH", "/repos/{owner}/{repo}/releases/{id}", "contents:write", handleEditRelease},
		{"DELETE", "/repos/{owner}/{repo}/releases/{id}", "contents:write", handleDeleteRelease},
	}
}

func (s *Server) renderRelease(r *repository, p *publication) map[string]any {
	u := s.api("/repos/%s/%s/releases/%d", r.Owner.Login, r.Name, p.ID)
	h := s.html("/%s/%s/releases/tag/%s", r.Owner.Login, r.Name, p.Tag)
	if p.Draft {
		// A draft has no tag yet, and GitHub says so in its address.
		h = s.html("/%s/%s/releases/tag/untagged-%d", r.Owner.Login, r.Name, p.ID)
	}
	return map[string]any{
		"url": u, "html_url": h, "assets_url": u + "/assets", "upload_url": u +
			"/assets{?name,label}", "tarball_url": nil, "zipball_url": nil,
		"id": p.ID, "node_id": nodeID("RE",
			p.ID), "tag_name": p.Tag, "target_commitish": p.Target, "name": p.Name, "body": p.Body, "draft": p.Draft,
		"prerelease": p.Prerelease, "created_at": stamp(p.Created), "published_at": stampOrNil(
			p.Published), "author": s.renderUser(p.Author),
		"assets": s.renderAssets(r, p), "immutable": false,
	}
}

func handleReleases(c *call) (reply, error) {
	var list []*publication
	for _, p := range slices.Backward(listed(c, c.repo.Releases, releaseKey)) {
		if !p.Draft || c.s.can(c.repo, c.who, "write") {
			list = append(list, p)
		}
	}
	return page(c, list, func(p *publication) any { return c.s.renderRelease(c.repo, p) }), nil
}

func handleLatest(c *call) (reply, error) {
	if p := c.repo.latest(); p != nil {
		return ok(c.s.renderRelease(c.repo, p)), nil
	}
	return reply{}, notFound()
}

// latest is the release that carries the mark.
func (r *repository) latest() *publication {
	for _, p := range slices.Backward(r.Releases) {
		if p.Latest && !p.Draft {
			return p
		}
	}
	return nil
}

func (c *call) release() (*publication, error) {
	i := slices.IndexFunc(c.repo.Releases, func(p *publication) bool { return p.ID == c.id("id") })
	if i < 0 || c.unseen(releaseKey(c.repo.Releases[i])) {
		return nil, notFound()
	}
	return c.repo.Releases[i], nil
}

func handleRelease(c *call) (reply, error) {
	p, err := c.release()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.renderRelease(c.repo, p)), nil
}

type releaseInput struct {
	TagName         *string `json:"tag_name"`
	TargetCommitish *string `json:"target_commitish"`
	Name, Body      *string
	Draft           *bool
	Prerelease      *bool
	MakeLatest      *string `json:"make_latest"`
}

func (in releaseInput) into(p *publication) {
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&p.Tag, in.TagName)
	set(&p.Target, in.TargetCommitish)
	set(&p.Name, in.Name)
	set(&p.Body, in.Body)
	if in.Draft != nil {
		p.Draft = *in.Draft
	}
	if in.Prerelease != nil {
		p.Prerelease = *in.Prerelease
	}
}

func handleCreateRelease(c *call) (reply, error) {
	var in releaseInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	if in.TagName == nil || *in.TagName == "" {
		return reply{}, invalid("Release", "tag_name", "missing_field")
	}
	p := &publication{ID: c.s.nextID(), Target: c.repo.DefaultBranch, Author: c.who.user, Created: c.s.now()}
	in.into(p)
	if err := tooLong("Release", p.Body); err != nil {
		return reply{}, err
	}
	if !p.Draft &&
		slices.ContainsFunc(c.repo.Releases, func(o *publication) bool { return !o.Draft && o.Tag == p.Tag }) {
		return reply{}, invalid("Release", "tag_name", "already_exists")
	}
	c.repo.Releases = append(c.repo.Releases, p)
	if !p.Draft {
		if err := c.s.publish(c, p, in.MakeLatest, true); err != nil {
			return reply{}, err
		}
	}
	return created(c.s.renderRelease(c.repo, p)), nil
}

// publish makes the tag at the target where it is missing: that is why a draft can end up at another commit.
func (s *Server) publish(c *call, p *publication, latest *string, born bool) error {
	if _, err := c.repo.Git.Ref(c.ctx, "refs/tags/"+p.Tag); err != nil {
		sha, err := c.repo.Git.Resolve(c.ctx, p.Target)
		if err != nil {
			return invalid("Release", "target_commitish", "invalid")
		}
		if err := s.setRef(c, "refs/tags/"+p.Tag, sha, true); err != nil {
			return err
		}
	}
	now := s.now()
	p.Published = &now
	if latest == nil || *latest == "true" {
		for _, o := range c.repo.Releases {
			o.Latest = false
		}
		p.Latest = !p.Prerelease
	}
	shown := s.renderRelease(c.repo, p)
	shown["updated_at"] = stamp(now)
	s.emit(c.repo, "release", "published", c.who.user, map[string]any{"release": shown})
	if ref, err := c.repo.Git.Ref(c.ctx, "refs/tags/"+p.Tag); err == nil {
		s.react(c, "release", "published", ref.Name, ref.Peeled)
		if born {
			// A release that begins as a draft never has this moment: a workflow that waits for "created" never starts.
			s.react(c, "release", "created", ref.Name, ref.Peeled)
		}
	}
	return nil
}

func handleEditRelease(c *call) (reply, error) {
	p, err := c.release()
	if err != nil {
		return reply{}, err
	}
	var in releaseInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	was := p.Draft
	in.into(p)
	if was && !p.Draft {
		if err := c.s.publish(c, p, in.MakeLatest, false); err != nil {
			return reply{}, err
		}
	}
	return ok(c.s.renderRelease(c.repo, p)), nil
}

func handleDeleteRelease(c *call) (reply, error) {
	p, err := c.release()
	if err != nil || !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	c.repo.Releases = slices.DeleteFunc(c.repo.Releases, func(o *publication) bool { return o == p })
	return nothing(), nil
}

// handleNotes lists the merged pull requests whose merge is new since the previous tag, as GitHub does.
func handleNotes(c *call) (reply, error) {
	var in struct {
		TagName         string `json:"tag_name"`
		PreviousTagName string `json:"previous_tag_name"`
		TargetCommitish string `json:"target_commitish"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	head, err := c.repo.Git.Resolve(c.ctx, in.TargetCommitish)
	if err != nil {
		if head, err = c.repo.Git.Resolve(c.ctx, "refs/tags/"+in.TagName); err != nil {
			return reply{}, invalid("Release", "target_commitish", "invalid")
		}
	}
	base := ""
	if in.PreviousTagName != "" {
		if base, err = c.repo.Git.Resolve(c.ctx, "refs/tags/"+in.PreviousTagName); err != nil {
			return reply{}, invalid("Release", "previous_tag_name", "invalid")
		}
	}
	var b strings.Builder
	b.WriteString("## What's Changed\n")
	for _, is := range c.repo.Issues {
		if is.Pull == nil || is.Pull.Merged == nil || !c.repo.Git.IsAncestor(c.ctx, is.Pull.MergeSHA, head) ||
			base != "" && c.repo.Git.IsAncestor(c.ctx, is.Pull.MergeSHA, base) {
			continue
		}
		fmt.Fprintf(&b, "* %s by @%s in %s\n", is.Title, is.User.Login,
			c.s.html("/%s/%s/pull/%d", c.repo.Owner.Login, c.repo.Name, is.Number))
	}
	if in.PreviousTagName != "" {
		fmt.Fprintf(&b, "\n\n**Full Changelog**: %s",
			c.s.html("/%s/%s/compare/%s...%s", c.repo.Owner.Login, c.repo.Name, in.PreviousTagName, in.TagName))
	}
	return ok(map[string]any{"name": in.TagName, "body": b.String()}), nil
}
