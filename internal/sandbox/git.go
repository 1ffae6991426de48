package sandbox

import (
	"errors"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/sandbox/gitrepo"
)

func gitRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/git/ref/{ref...}", "contents:read", handleRef},
		{"GET", "/repos/{owner}/{repo}/git/matching-refs/{ref...}", "contents:read", handleMatchingRefs},
		{"POST", "/repos/{owner}/{repo}/git/refs", "contents:write", handleCreateRef},
		{"PATCH", "/repos/{owner}/{repo}/git/refs/{ref...}", "contents:write", handleUpdateRef},
		{"DELETE", "/repos/{owner}/{repo}/git/refs/{ref...}", "contents:write", handleDeleteRef},
		{"GET", "/repos/{owner}/{repo}/git/commits/{sha}", "contents:read", handleGitCommit},
		{"POST", "/repos/{owner}/{repo}/git/commits", "contents:write", handleCreateCommit},
		{"GET", "/repos/{owner}/{repo}/git/tags/{sha}", "contents:read", handleTagObject},
		{"POST", "/repos/{owner}/{repo}/git/tags", "contents:write", handleCreateTag},
		{"POST", "/repos/{owner}/{repo}/merges", "contents:write", handleMerge},
		{"GET", "/repos/{owner}/{repo}/compare/{basehead...}", "contents:read", handleCompare},
		{"GET", "/repos/{owner}/{repo}/branches/{branch...}", "contents:read", handleBranch},
	}
}

func (s *Server) renderRef(r *repository, ref gitrepo.Ref) map[string]any {
	return map[string]any{
		"ref": ref.Name, "node_id": nodeID("REF", r.ID), "url": s.api("/repos/%s/%s/git/%s", r.Owner.Login, r.Name,
			ref.Name),
		"object": map[string]any{"sha": ref.SHA, "type": ref.Type,
			"url": s.api("/repos/%s/%s/git/%ss/%s", r.Owner.Login, r.Name, ref.Type, ref.SHA)},
	}
}

func handleRef(c *call) (reply, error) {
	ref, err := c.repo.Git.Ref(c.ctx, "refs/"+c.vars["ref"])
	if err != nil || c.unseen(c.refKey(ref)) {
		return reply{}, notFound()
	}
	return ok(c.s.renderRef(c.repo, ref)), nil
}

func handleMatchingRefs(c *call) (reply, error) {
	refs, err := c.repo.Git.Refs(c.ctx, "refs/"+c.vars["ref"])
	if err != nil {
		return reply{}, err
	}
	out := []any{}
	for _, ref := range listed(c, refs, c.refKey) {
		out = append(out, c.s.renderRef(c.repo, ref))
	}
	return ok(out), nil
}

// setRef changes a reference as GitHub would: rulesets first, then the change, then the webhooks.
func (s *Server) setRef(c *call, name, sha string, force bool) error {
	before := ""
	if ref, err := c.repo.Git.Ref(c.ctx, name); err == nil {
		before = ref.SHA
	}
	if before != "" && !force && sha != "" && strings.HasPrefix(name, "refs/heads/") &&
		!c.repo.Git.IsAncestor(c.ctx, before, sha) {
		return unprocessable("Update is not a fast forward")
	}
	if err := s.obey(c, name, before, sha, nil); err != nil {
		return err
	}
	var err error
	if sha == "" {
		err = c.repo.Git.DeleteRefAt(c.ctx, name, before)
	} else {
		err = c.repo.Git.SetRef(c.ctx, name, sha, before)
	}
	switch {
	case errors.Is(err, gitrepo.ErrInvalid):
		return unprocessable("Reference name is not valid: " + name)
	case errors.Is(err, gitrepo.ErrConflict), errors.Is(err, gitrepo.ErrExists):
		return conflict("Reference cannot be updated: it changed meanwhile")
	case err != nil:
		return err
	}
	s.refChanged(c, name, before, sha)
	return nil
}

func (s *Server) refChanged(c *call, name, before, sha string) {
	c.repo.Pushed = s.now()
	kind, short := "branch", strings.TrimPrefix(name, "refs/heads/")
	if strings.HasPrefix(name, "refs/tags/") {
		kind, short = "tag", strings.TrimPrefix(name, "refs/tags/")
	}
	switch {
	case before == "":
		s.noteCreation(refKey(c.repo, name))
		s.emit(c.repo, "create", "", c.who.user,
			map[string]any{"ref": short, "ref_type": kind, "master_branch": c.repo.DefaultBranch, "description": nil,
				"pusher_type": "user"})
	case sha == "":
		s.emit(c.repo, "delete", "", c.who.user, map[string]any{"ref": short, "ref_type": kind, "pusher_type": "user"})
	}
	s.emitPush(c, name, before, sha)
	for _, is := range c.repo.Issues {
		here := is.Pull != nil && is.Pull.Fork == nil && "refs/heads/"+is.Pull.Head == name
		if here && is.State == "open" && sha != "" && before != "" {
			is.Pull.HeadSHA, is.Updated = sha, s.now()
			s.emit(c.repo, "pull_request", "synchronize", c.who.user,
				map[string]any{"number": is.Number, "before": before, "after": sha,
					"pull_request": s.renderPull(c, is)})
		}
	}
}

func handleCreateRef(c *call) (reply, error) {
	var in struct{ Ref, SHA string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	if !strings.HasPrefix(in.Ref, "refs/") || strings.Count(in.Ref, "/") < 2 {
		return reply{}, unprocessable("Reference name must start with 'refs' and have at least two slashes.")
	}
	if !c.repo.Git.Has(c.ctx, in.SHA) {
		return reply{}, unprocessable("Object does not exist")
	}
	if _, err := c.repo.Git.Ref(c.ctx, in.Ref); err == nil {
		return reply{}, unprocessable("Reference already exists")
	}
	if err := c.s.setRef(c, in.Ref, in.SHA, true); err != nil {
		return reply{}, err
	}
	ref, err := c.repo.Git.Ref(c.ctx, in.Ref)
	return created(c.s.renderRef(c.repo, ref)), err
}

func handleUpdateRef(c *call) (reply, error) {
	var in struct {
		SHA   string
		Force bool
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	name := "refs/" + c.vars["ref"]
	if _, err := c.repo.Git.Ref(c.ctx, name); err != nil || !c.s.can(c.repo, c.who, "write") {
		return reply{}, unprocessable("Reference does not exist")
	}
	if !c.repo.Git.Has(c.ctx, in.SHA) {
		return reply{}, unprocessable("Object does not exist")
	}
	if err := c.s.setRef(c, name, in.SHA, in.Force); err != nil {
		return reply{}, err
	}
	ref, err := c.repo.Git.Ref(c.ctx, name)
	return ok(c.s.renderRef(c.repo, ref)), err
}

func handleDeleteRef(c *call) (reply, error) {
	name := "refs/" + c.vars["ref"]
	if _, err := c.repo.Git.Ref(c.ctx, name); err != nil || !c.s.can(c.repo, c.who, "write") {
		return reply{}, unprocessable("Reference does not exist")
	}
	return nothing(), c.s.setRef(c, name, "", true)
}

func person(p gitrepo.Signature) map[string]any {
	return map[string]any{"name": p.Name, "email": p.Email, "date": stamp(p.When)}
}

func (s *Server) renderGitCommit(r *repository, m gitrepo.Commit) map[string]any {
	parents := []any{}
	for _, p := range m.Parents {
		parents = append(parents,
			map[string]any{"sha": p, "url": s.api("/repos/%s/%s/git/commits/%s", r.Owner.Login, r.Name, p),
				"html_url": s.html("/%s/%s/commit/%s", r.Owner.Login, r.Name, p)})
	}
	return map[string]any{
		"sha": m.SHA, "node_id": nodeID("C", r.ID), "url": s.api("/repos/%s/%s/git/commits/%s", r.Owner.Login, r.Name,
			m.SHA),
		"html_url": s.html("/%s/%s/commit/%s", r.Owner.Login, r.Name,
			m.SHA), "author": person(m.Author), "committer": person(m.Committer),
		"tree": map[string]any{"sha": m.Tree, "url": s.api("/repos/%s/%s/git/trees/%s", r.Owner.Login, r.Name,
			m.Tree)}, "message": m.Message,
		"parents": parents, "verification": unverified(),
	}
}

func unverified() map[string]any {
	return map[string]any{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
}

// renderCommit is the richer shape of the commits endpoints.
func (s *Server) renderCommit(r *repository, m gitrepo.Commit) map[string]any {
	g := s.renderGitCommit(r, m)
	u := s.api("/repos/%s/%s/commits/%s", r.Owner.Login, r.Name, m.SHA)
	return map[string]any{
		"sha": m.SHA, "node_id": g["node_id"], "url": u, "html_url": g["html_url"], "comments_url": u +
			"/comments", "author": nil, "committer": nil,
		"parents": g["parents"], "commit": map[string]any{
			"author": g["author"], "committer": g["committer"], "message": m.Message, "tree": g["tree"],
			"url": g["url"], "comment_count": 0, "verification": unverified(),
		},
	}
}

func handleGitCommit(c *call) (reply, error) {
	m, err := c.repo.Git.Commit(c.ctx, c.vars["sha"])
	if err != nil {
		return reply{}, notFound()
	}
	return ok(c.s.renderGitCommit(c.repo, m)), nil
}

func handleCreateCommit(c *call) (reply, error) {
	var in struct {
		Message, Tree     string
		Parents           []string
		Author, Committer *struct {
			Name, Email string
			Date        time.Time
		}
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	who := c.signature()
	author := who
	if in.Author != nil {
		author = gitrepo.Signature{Name: in.Author.Name, Email: in.Author.Email, When: in.Author.Date}
		if in.Author.Date.IsZero() {
			author.When = c.s.now()
		}
	}
	committer := author
	if in.Committer != nil {
		committer = gitrepo.Signature{Name: in.Committer.Name, Email: in.Committer.Email, When: in.Committer.Date}
	}
	sha, err := c.repo.Git.WriteCommit(c.ctx, in.Tree, in.Parents, author, committer, in.Message)
	if err != nil {
		return reply{}, unprocessable("Tree SHA does not exist")
	}
	m, err := c.repo.Git.Commit(c.ctx, sha)
	return created(c.s.renderGitCommit(c.repo, m)), err
}

func (s *Server) renderTag(r *repository, t gitrepo.Tag) map[string]any {
	return map[string]any{
		"node_id": nodeID("T", r.ID), "tag": t.Name, "sha": t.SHA, "url": s.api("/repos/%s/%s/git/tags/%s",
			r.Owner.Login, r.Name, t.SHA),
		"message": t.Message, "tagger": person(t.Tagger), "verification": unverified(),
		"object": map[string]any{"sha": t.Object, "type": t.ObjectType,
			"url": s.api("/repos/%s/%s/git/commits/%s", r.Owner.Login, r.Name, t.Object)},
	}
}

func handleTagObject(c *call) (reply, error) {
	t, err := c.repo.Git.Tag(c.ctx, c.vars["sha"])
	if err != nil {
		return reply{}, notFound()
	}
	return ok(c.s.renderTag(c.repo, t)), nil
}

func handleCreateTag(c *call) (reply, error) {
	var in struct{ Tag, Message, Object, Type string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	t := gitrepo.Tag{Name: in.Tag, Message: in.Message, Object: in.Object, ObjectType: in.Type, Tagger: c.signature()}
	sha, err := c.repo.Git.WriteTag(c.ctx, t)
	if err != nil {
		return reply{}, unprocessable("Could not verify object")
	}
	t.SHA = sha
	return created(c.s.renderTag(c.repo, t)), nil
}

func handleMerge(c *call) (reply, error) {
	var in struct {
		Base, Head    string
		CommitMessage string `json:"commit_message"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	base, err := c.repo.Git.Ref(c.ctx, "refs/heads/"+in.Base)
	if err != nil {
		return reply{}, &problem{status: 404, message: "Base does not exist"}
	}
	head, err := c.repo.Git.Resolve(c.ctx, in.Head)
	if err != nil {
		return reply{}, &problem{status: 404, message: "Head does not exist"}
	}
	if c.repo.Git.IsAncestor(c.ctx, head, base.SHA) {
		return nothing(), nil
	}
	sha, err := c.s.mergeCommit(c, base.SHA, head, in.CommitMessage)
	if errors.Is(err, gitrepo.ErrConflict) {
		return reply{}, conflict("Merge conflict")
	}
	if err != nil {
		return reply{}, err
	}
	if err := c.s.setRef(c, "refs/heads/"+in.Base, sha, false); err != nil {
		return reply{}, err
	}
	m, err := c.repo.Git.Commit(c.ctx, sha)
	out := c.s.renderCommit(c.repo, m)
	return created(out), err
}

func (s *Server) mergeCommit(c *call, base, head, message string) (string, error) {
	tree, _, err := c.repo.Git.Merge(c.ctx, base, head)
	if err != nil {
		return "", err
	}
	who := c.signature()
	return c.repo.Git.WriteCommit(c.ctx, tree, []string{base, head}, who, who, message)
}

func handleCompare(c *call) (reply, error) {
	from, to, found := strings.Cut(c.vars["basehead"], "...")
	base, err1 := c.repo.Git.Commit(c.ctx, from)
	head, err2 := c.repo.Git.Commit(c.ctx, to)
	if !found || err1 != nil || err2 != nil {
		return reply{}, notFound()
	}
	ahead, behind, err := c.repo.Git.Between(c.ctx, base.SHA, head.SHA)
	if err != nil {
		return reply{}, err
	}
	common, err := c.repo.Git.MergeBase(c.ctx, base.SHA, head.SHA)
	if err != nil {
		return reply{}, notFound()
	}
	fork, err := c.repo.Git.Commit(c.ctx, common)
	if err != nil {
		return reply{}, err
	}
	files, _, err := c.changes(fork.SHA, head.SHA)
	if err != nil {
		return reply{}, err
	}
	status := "identical"
	switch {
	case len(ahead) > 0 && behind > 0:
		status = "diverged"
	case len(ahead) > 0:
		status = "ahead"
	case behind > 0:
		status = "behind"
	}
	u := c.s.api("/repos/%s/%s/compare/%s", c.repo.Owner.Login, c.repo.Name, c.vars["basehead"])
	h := c.s.html("/%s/%s/compare/%s", c.repo.Owner.Login, c.repo.Name, c.vars["basehead"])
	return paged(c, ahead, func(list []any) any {
		return map[string]any{
			"url": u, "html_url": h, "permalink_url": h, "diff_url": h + ".diff", "patch_url": h + ".patch",
			"base_commit": c.s.renderCommit(c.repo, base), "merge_base_commit": c.s.renderCommit(c.repo,
				fork), "status": status,
			"ahead_by": len(ahead), "behind_by": behind, "total_commits": len(ahead), "commits": list, "files": files,
		}
	}, func(m gitrepo.Commit) any { return c.s.renderCommit(c.repo, m) }), nil
}

func handleBranch(c *call) (reply, error) {
	ref, err := c.repo.Git.Ref(c.ctx, "refs/heads/"+c.vars["branch"])
	if err != nil {
		return reply{}, &problem{status: 404, message: "Branch not found"}
	}
	m, err := c.repo.Git.Commit(c.ctx, ref.SHA)
	u := c.s.api("/repos/%s/%s/branches/%s", c.repo.Owner.Login, c.repo.Name, c.vars["branch"])
	return ok(map[string]any{
		"name": c.vars["branch"], "commit": c.s.renderCommit(c.repo, m), "protected": c.repo.protected(ref.Name),
		"protection": map[string]any{"enabled": c.repo.Protections[c.vars["branch"]] != nil}, "protection_url": u +
			"/protection", "_links": map[string]any{"html": u, "self": u},
	}), err
}
