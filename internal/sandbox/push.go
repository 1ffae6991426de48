package sandbox

import (
	"strings"

	"github.com/slipway-dev/slipway/internal/sandbox/gitrepo"
)

// none is the commit that GitHub names where there is none.
const none = "0000000000000000000000000000000000000000"

// emitPush tells of a branch or tag that changed, whether by git or by the API, and starts the workflows that wait for
// it. GitHub lists the 20 newest commits that are new.
func (s *Server) emitPush(c *call, ref, before, after string) {
	list, head := []any{}, any(nil)
	if after != "" {
		if peeled, err := c.repo.Git.Ref(c.ctx, ref); err == nil {
			after = peeled.Peeled
		}
		if m, err := c.repo.Git.Commit(c.ctx, after); err == nil {
			head = s.renderPushed(c, m)
		}
		if before != "" && strings.HasPrefix(ref, "refs/heads/") {
			if ahead, _, err := c.repo.Git.Between(c.ctx, before, after); err == nil {
				for _, m := range ahead[max(0, len(ahead)-20):] {
					list = append(list, s.renderPushed(c, m))
				}
			}
		}
	}
	forced := before != "" && after != "" && !c.repo.Git.IsAncestor(c.ctx, before, after)
	compare := s.html("/%s/%s/compare/%s...%s", c.repo.Owner.Login, c.repo.Name, sha12(before), sha12(after))
	repo := s.renderRepository(c.repo)
	repo["created_at"], repo["pushed_at"] = c.repo.Created.Unix(), c.repo.Pushed.Unix()
	repo["owner"].(map[string]any)["name"], repo["owner"].(map[string]any)["email"] = c.repo.Owner.Login, nil
	repo["stargazers"], repo["master_branch"] = 0, c.repo.DefaultBranch
	s.emit(c.repo, "push", "", c.who.user, map[string]any{
		"ref": ref, "before": orNone(before), "after": orNone(
			after), "created": before == "", "deleted": after == "", "forced": forced, "base_ref": nil,
		"compare": compare, "commits": list, "head_commit": head, "pusher": map[string]any{"name": c.who.user.Login,
			"email": c.who.user.Login + "@users.noreply.github.com"},
		"repository": repo,
	})
	if after != "" {
		s.react(c, "push", "", ref, after)
	}
}

func orNone(sha string) string {
	if sha == "" {
		return none
	}
	return sha
}

func sha12(sha string) string { return orNone(sha)[:12] }

// renderPushed is a commit as the push event shows it.
func (s *Server) renderPushed(c *call, m gitrepo.Commit) map[string]any {
	added, removed, modified := []any{}, []any{}, []any{}
	parent := ""
	if len(m.Parents) > 0 {
		parent = m.Parents[0]
	}
	if diff, err := c.repo.Git.Diff(c.ctx, parent, m.SHA); err == nil {
		for _, f := range diff {
			switch f.Status {
			case "added":
				added = append(added, f.Path)
			case "removed":
				removed = append(removed, f.Path)
			default:
				modified = append(modified, f.Path)
			}
		}
	}
	return map[string]any{
		"id": m.SHA, "tree_id": m.Tree, "distinct": true, "message": m.Message, "timestamp": stamp(m.Committer.When),
		"url":       s.html("/%s/%s/commit/%s", c.repo.Owner.Login, c.repo.Name, m.SHA),
		"author":    map[string]any{"name": m.Author.Name, "email": m.Author.Email},
		"committer": map[string]any{"name": m.Committer.Name, "email": m.Committer.Email},
		"added":     added, "removed": removed, "modified": modified,
	}
}
