package sandbox

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/internal/sandbox/gitrepo"
)

func pullRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/pulls", "pull_requests:read", handlePulls},
		{"POST", "/repos/{owner}/{repo}/pulls", "pull_requests:write", handleOpenPull},
		{"GET", "/repos/{owner}/{repo}/pulls/{number}", "pull_requests:read", handlePull},
		{"PATCH", "/repos/{owner}/{repo}/pulls/{number}", "pull_requests:write", handleEditPull},
		{"GET", "/repos/{owner}/{repo}/pulls/{number}/files", "pull_requests:read", handlePullFiles},
		{"GET", "/repos/{owner}/{repo}/pulls/{number}/commits", "pull_requests:read", handlePullCommits},
		{"PUT", "/repos/{owner}/{repo}/pulls/{number}/merge", "contents:write", handleMergePull},
	}
}

func (s *Server) side(r *repository, branch, sha string) map[string]any {
	return map[string]any{
		"label": r.Owner.Login + ":" + branch, "ref": branch, "sha": sha, "user": s.renderUser(r.Owner),
		"repo": s.renderRepository(r),
	}
}

// from is the repository of the head.
func (p *pull) from(base *repository) *repository {
	if p.Fork != nil {
		return p.Fork
	}
	return base
}

func (s *Server) renderPull(c *call, is *issue) map[string]any {
	p := is.Pull
	out := s.renderIssue(c.repo, is)
	for _, gone := range []string{"repository_url", "labels_url", "events_url", "timeline_url", "state_reason",
		"pull_request", "comments", "reactions", "performed_via_github_app"} {
		delete(out, gone)
	}
	u := s.api("/repos/%s/%s/pulls/%d", c.repo.Owner.Login, c.repo.Name, is.Number)
	h := s.html("/%s/%s/pull/%d", c.repo.Owner.Login, c.repo.Name, is.Number)
	i := s.api("/repos/%s/%s/issues/%d", c.repo.Owner.Login, c.repo.Name, is.Number)
	href := func(text string) map[string]any { return map[string]any{"href": text} }
	for key, value := range map[string]any{
		"url": u, "html_url": h, "diff_url": h + ".diff", "patch_url": h + ".patch", "issue_url": i, "commits_url": u +
			"/commits",
		"review_comments_url": u + "/comments", "review_comment_url": s.api("/repos/%s/%s/pulls/comments{/number}",
			c.repo.Owner.Login, c.repo.Name),
		"comments_url": i + "/comments", "statuses_url": s.api("/repos/%s/%s/statuses/%s", c.repo.Owner.Login,
			c.repo.Name, p.HeadSHA),
		"draft": p.Draft, "merged_at": stampOrNil(p.Merged), "merge_commit_sha": nullable(
			p.MergeSHA), "requested_reviewers": []any{},
		"requested_teams": []any{}, "head": s.side(p.from(c.repo), p.Head, p.HeadSHA),
		"base": s.side(c.repo, p.Base, p.BaseSHA), "auto_merge": nil,
		"_links": map[string]any{
			"self": href(u), "html": href(h), "issue": href(i), "comments": href(i +
				"/comments"), "review_comments": href(u + "/comments"),
			"review_comment": href(u + "/comments{/number}"), "commits": href(u + "/commits"), "statuses": href(u +
				"/statuses"),
		},
	} {
		out[key] = value
	}
	return out
}

// renderWholePull adds what only the single pull request has.
func (s *Server) renderWholePull(c *call, is *issue) map[string]any {
	out := s.renderPull(c, is)
	commits, added, removed, changed := 0, 0, 0, 0
	if ahead, _, err := c.repo.Git.Between(c.ctx, is.Pull.BaseSHA, is.Pull.HeadSHA); err == nil {
		commits = len(ahead)
	}
	if fork, err := c.repo.Git.MergeBase(c.ctx, is.Pull.BaseSHA, is.Pull.HeadSHA); err == nil {
		if diff, err := c.repo.Git.Diff(c.ctx, fork, is.Pull.HeadSHA); err == nil {
			changed = len(diff)
			for _, f := range diff {
				added, removed = added+f.Additions, removed+f.Deletions
			}
		}
	}
	clean, state := s.mergeable(c, is)
	for key, value := range map[string]any{
		"merged": is.Pull.Merged != nil, "mergeable": clean, "rebaseable": clean, "mergeable_state": state,
		"merged_by": s.renderUser(is.Pull.MergedBy), "comments": len(
			is.Comments), "review_comments": 0, "maintainer_can_modify": false,
		"commits": commits, "additions": added, "deletions": removed, "changed_files": changed,
	} {
		out[key] = value
	}
	if is.Pull.MergedBy == nil {
		out["merged_by"] = nil
	}
	return out
}

// mergeable says whether a merge would be clean; GitHub says nothing (null) of a pull request that is closed.
func (s *Server) mergeable(c *call, is *issue) (clean any, state string) {
	if is.State != "open" {
		return nil, "unknown"
	}
	base, err := c.repo.Git.Ref(c.ctx, "refs/heads/"+is.Pull.Base)
	if err != nil {
		return nil, "unknown"
	}
	if _, _, err := c.repo.Git.Merge(c.ctx, base.SHA, is.Pull.HeadSHA); err != nil {
		return false, "dirty"
	}
	if s.obey(c, base.Name, base.SHA, is.Pull.HeadSHA, is) != nil {
		return true, "blocked"
	}
	return true, "clean"
}

func (c *call) pull() (*issue, error) {
	is := c.repo.issue(c.number("number"))
	if is == nil || is.Pull == nil || c.unseen(issueKey(is)) {
		return nil, notFound()
	}
	return is, nil
}

func handlePull(c *call) (reply, error) {
	is, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.renderWholePull(c, is)), nil
}

func handlePulls(c *call) (reply, error) {
	state := c.query("state")
	if state == "" {
		state = "open"
	}
	var list []*issue
	for _, is := range slices.Backward(listed(c, c.repo.Issues, issueKey)) {
		owner, head, _ := strings.Cut(c.query("head"), ":")
		if is.Pull != nil && (owner == "" || strings.EqualFold(owner, is.Pull.from(c.repo).Owner.Login)) &&
			(state == "all" || is.State == state) && (head == "" || head == is.Pull.Head) &&
			(c.query("base") == "" || c.query("base") == is.Pull.Base) {
			list = append(list, is)
		}
	}
	return page(c, list, func(is *issue) any { return c.s.renderPull(c, is) }), nil
}

func handlePullCommits(c *call) (reply, error) {
	is, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	ahead, _, err := c.repo.Git.Between(c.ctx, is.Pull.BaseSHA, is.Pull.HeadSHA)
	return page(c, ahead, func(m gitrepo.Commit) any { return c.s.renderCommit(c.repo, m) }), err
}

func handleOpenPull(c *call) (reply, error) {
	var in struct {
		Title, Body, Head, Base string
		Draft                   bool
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	head, err := c.repo.Git.Ref(c.ctx, "refs/heads/"+in.Head)
	if err != nil {
		return reply{}, invalid("PullRequest", "head", "invalid")
	}
	base, err := c.repo.Git.Ref(c.ctx, "refs/heads/"+in.Base)
	if err != nil {
		return reply{}, invalid("PullRequest", "base", "invalid")
	}
	is := &issue{
		ID: c.s.nextID(), Number: c.repo.nextIssue(), Title: in.Title, Body: in.Body, State: "open", User: c.who.user,
		Created: c.s.now(), Updated: c.s.now(),
		Pull: &pull{Head: in.Head, Base: in.Base, HeadSHA: head.SHA, BaseSHA: base.SHA, Draft: in.Draft},
	}
	c.repo.Issues = append(c.repo.Issues, is)
	c.s.emit(c.repo, "pull_request", "opened", c.who.user,
		map[string]any{"number": is.Number, "pull_request": c.s.renderWholePull(c, is)})
	c.s.react(c, "pull_request", "opened", "refs/heads/"+in.Head, head.SHA)
	return created(c.s.renderWholePull(c, is)), nil
}

// handleEditPull changes what a pull request is called, what it goes into, and whether it is open. Draft is changed
// through GraphQL on GitHub, and not here.
func handleEditPull(c *call) (reply, error) {
	is, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	var in struct{ Title, Body, State, Base *string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if is.User != c.who.user && !c.s.can(c.repo, c.who, "write") {
		return reply{}, notFound()
	}
	changes := map[string]any{}
	if in.Title != nil && *in.Title != is.Title {
		changes["title"], is.Title = map[string]any{"from": is.Title}, *in.Title
	}
	if in.Body != nil && *in.Body != is.Body {
		if err := tooLong("PullRequest", *in.Body); err != nil {
			return reply{}, err
		}
		changes["body"], is.Body = map[string]any{"from": is.Body}, *in.Body
	}
	if in.Base != nil && *in.Base != is.Pull.Base {
		base, err := c.repo.Git.Ref(c.ctx, "refs/heads/"+*in.Base)
		if err != nil {
			return reply{}, invalid("PullRequest", "base", "invalid")
		}
		changes["base"] = map[string]any{"ref": map[string]any{"from": is.Pull.Base},
			"sha": map[string]any{"from": is.Pull.BaseSHA}}
		is.Pull.Base, is.Pull.BaseSHA = *in.Base, base.SHA
	}
	is.Updated = c.s.now()
	send := func(action string, fields map[string]any) {
		fields["number"], fields["pull_request"] = is.Number, c.s.renderWholePull(c, is)
		c.s.emit(c.repo, "pull_request", action, c.who.user, fields)
	}
	if len(changes) > 0 {
		send("edited", map[string]any{"changes": changes})
	}
	if in.State != nil && *in.State != is.State {
		if is.Pull.Merged != nil {
			return reply{}, invalid("PullRequest", "state", "invalid")
		}
		is.State = *in.State
		if is.State == "closed" {
			now := c.s.now()
			is.Closed = &now
			send("closed", map[string]any{})
		} else {
			is.Closed = nil
			send("reopened", map[string]any{})
		}
	}
	return ok(c.s.renderWholePull(c, is)), nil
}

func handlePullFiles(c *call) (reply, error) {
	is, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	fork, err := c.repo.Git.MergeBase(c.ctx, is.Pull.BaseSHA, is.Pull.HeadSHA)
	if err != nil {
		return reply{}, err
	}
	files, _, err := c.changes(fork, is.Pull.HeadSHA)
	return page(c, files, func(f any) any { return f }), err
}

func handleMergePull(c *call) (reply, error) {
	is, err := c.pull()
	if err != nil {
		return reply{}, err
	}
	var in struct {
		MergeMethod string `json:"merge_method"`
		SHA         string
	}
	if len(c.body) > 0 {
		if err := c.decode(&in); err != nil {
			return reply{}, err
		}
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, forbidden("Must have push access to Repository.")
	}
	if is.State != "open" {
		return reply{}, &problem{status: 405, message: "Pull Request is not mergeable"}
	}
	if in.SHA != "" && in.SHA != is.Pull.HeadSHA {
		return reply{}, conflict("Head branch was modified. Review and try the merge again.")
	}
	if err := c.s.merge(c, is, in.MergeMethod); err != nil {
		if errors.Is(err, gitrepo.ErrConflict) {
			return reply{}, &problem{status: 405, message: "Pull Request has merge conflicts"}
		}
		return reply{}, err
	}
	return ok(map[string]any{"sha": is.Pull.MergeSHA, "merged": true,
		"message": "Pull Request successfully merged"}), nil
}

// merge merges a pull request: its head must have the checks that a ruleset requires of the base.
func (s *Server) merge(c *call, is *issue, method string) error {
	p := is.Pull
	name := "refs/heads/" + p.Base
	base, err := c.repo.Git.Ref(c.ctx, name)
	if err != nil {
		return notFound()
	}
	var violated *problem
	if err := s.obey(c, name, base.SHA, p.HeadSHA, is); errors.As(err, &violated) {
		return &problem{status: 405, message: violated.message}
	}
	tree, _, err := c.repo.Git.Merge(c.ctx, base.SHA, p.HeadSHA)
	if err != nil {
		return err
	}
	now := s.now()
	who := c.signature()
	commits, _, err := c.repo.Git.Between(c.ctx, base.SHA, p.HeadSHA)
	if err != nil {
		return err
	}
	fork, err := c.repo.Git.MergeBase(c.ctx, base.SHA, p.HeadSHA)
	if err != nil {
		return err
	}
	p.BaseSHA = fork
	sha := ""
	number := " (#" + strconv.Itoa(is.Number) + ")"
	switch method {
	case "squash":
		author := who
		if len(commits) > 0 {
			author = commits[0].Author
		}
		sha, err = c.repo.Git.WriteCommit(c.ctx, tree, []string{base.SHA}, author, who, is.Title+number)
	case "rebase":
		sha = base.SHA
		for _, m := range commits {
			if sha, err = s.replay(c, m, sha, who); err != nil {
				return err
			}
		}
	default:
		message := "Merge pull request #" + strconv.Itoa(is.Number) + " from " + c.repo.Owner.Login + "/" + p.Head +
			"\n\n" + is.Title
		sha, err = c.repo.Git.WriteCommit(c.ctx, tree, []string{base.SHA, p.HeadSHA}, who, who, message)
	}
	if err != nil {
		return err
	}
	if err := c.repo.Git.SetRef(c.ctx, name, sha, base.SHA); err != nil {
		return err
	}
	p.MergeSHA, p.Merged, p.MergedBy, is.State, is.Closed, is.Updated = sha, &now, c.who.user, "closed", &now, now
	s.refChanged(c, name, base.SHA, sha)
	s.emit(c.repo, "pull_request", "closed", c.who.user,
		map[string]any{"number": is.Number, "pull_request": s.renderWholePull(c, is)})
	return nil
}

// replay puts one commit on top of another, as a rebase merge does.
func (s *Server) replay(c *call, m gitrepo.Commit, onto string, who gitrepo.Signature) (string, error) {
	top, err := c.repo.Git.Commit(c.ctx, onto)
	if err != nil {
		return "", err
	}
	base, err := c.repo.Git.WriteCommit(c.ctx, top.Tree, m.Parents[:1], who, who, "base")
	if err != nil {
		return "", err
	}
	tree, _, err := c.repo.Git.Merge(c.ctx, base, m.SHA)
	if err != nil {
		return "", err
	}
	return c.repo.Git.WriteCommit(c.ctx, tree, []string{onto}, m.Author, who, m.Message)
}
