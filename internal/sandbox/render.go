package sandbox

import (
	"encoding/json"
	"time"
)

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func stampOrNil(t *time.Time) any {
	if t == nil {
		return nil
	}
	return stamp(*t)
}

func (s *Server) renderUser(a *account) map[string]any {
	if a == nil {
		return nil
	}
	path := a.Login
	kind := "User"
	if a.Type != "" {
		kind = a.Type
	}
	u := s.api("/users/%s", path)
	return map[string]any{
		"login": a.Login, "id": a.ID, "node_id": nodeID("U", a.ID), "avatar_url": s.html("/avatars/%s",
			path), "gravatar_id": "",
		"url": u, "html_url": s.html("/%s", path), "followers_url": u + "/followers", "following_url": u +
			"/following{/other_user}",
		"gists_url": u + "/gists{/gist_id}", "starred_url": u + "/starred{/owner}{/repo}", "subscriptions_url": u +
			"/subscriptions",
		"organizations_url": u + "/orgs", "repos_url": u + "/repos", "events_url": u + "/events{/privacy}",
		"received_events_url": u + "/received_events", "type": kind, "site_admin": false,
	}
}

func (s *Server) renderOrganization(a *account) map[string]any {
	u := s.api("/orgs/%s", a.Login)
	return map[string]any{
		"login": a.Login, "id": a.ID, "node_id": nodeID("O", a.ID), "url": u, "repos_url": u +
			"/repos", "events_url": u + "/events",
		"hooks_url": u + "/hooks", "issues_url": u + "/issues", "members_url": u + "/members{/member}",
		"public_members_url": u + "/public_members{/member}", "avatar_url": s.html("/avatars/%s",
			a.Login), "description": "",
	}
}

func visibility(r *repository) string {
	if r.Private {
		return "private"
	}
	return "public"
}

// renderRepository is the shape that GitHub uses everywhere but in GET /repos, which adds to it.
func (s *Server) renderRepository(r *repository) map[string]any {
	u := s.api("/repos/%s/%s", r.Owner.Login, r.Name)
	h := s.html("/%s/%s", r.Owner.Login, r.Name)
	open := 0
	for _, is := range r.Issues {
		if is.State == "open" {
			open++
		}
	}
	out := map[string]any{
		"id": r.ID, "node_id": nodeID("R",
			r.ID), "name": r.Name, "full_name": r.full(), "owner": s.renderUser(r.Owner), "private": r.Private,
		"html_url": h, "description": nil, "fork": r.Fork, "url": u, "homepage": nil, "language": nil, "license": nil,
		"mirror_url": nil,
		"git_url":    "git:" + h[len("http:"):] + ".git", "ssh_url": "git@sandbox:" + r.full() +
			".git", "clone_url": h + ".git", "svn_url": h,
		"created_at": stamp(r.Created), "updated_at": stamp(r.Updated), "pushed_at": stamp(
			r.Pushed), "size": 1, "stargazers_count": 0,
		"watchers_count": 0, "forks_count": 0, "open_issues_count": open, "default_branch": r.DefaultBranch, "forks": 0,
		"open_issues": open,
		"watchers":    0, "has_issues": true, "has_projects": false, "has_downloads": true, "has_wiki": false,
		"has_pages":       false,
		"has_discussions": false, "archived": false, "disabled": false, "visibility": visibility(r), "topics": []any{},
		"is_template":   false,
		"allow_forking": true, "web_commit_signoff_required": false,
	}
	for name, suffix := range map[string]string{
		"archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}", "blobs_url": "/git/blobs{/sha}",
		"branches_url":      "/branches{/branch}",
		"collaborators_url": "/collaborators{/collaborator}", "comments_url": "/comments{/number}",
		"commits_url": "/commits{/sha}",
		"compare_url": "/compare/{base}...{head}", "contents_url": "/contents/{+path}",
		"contributors_url": "/contributors",
		"deployments_url":  "/deployments", "downloads_url": "/downloads", "events_url": "/events",
		"forks_url":       "/forks",
		"git_commits_url": "/git/commits{/sha}", "git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}",
		"hooks_url":         "/hooks",
		"issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
		"issues_url": "/issues{/number}",
		"keys_url":   "/keys{/key_id}", "labels_url": "/labels{/name}", "languages_url": "/languages",
		"merges_url":     "/merges",
		"milestones_url": "/milestones{/number}", "notifications_url": "/notifications{?since,all,participating}",
		"pulls_url":    "/pulls{/number}",
		"releases_url": "/releases{/id}", "stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}",
		"subscribers_url":  "/subscribers",
		"subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams",
		"trees_url": "/git/trees{/sha}",
	} {
		out[name] = u + suffix
	}
	return out
}

func (s *Server) renderLabel(r *repository, l *label) map[string]any {
	return map[string]any{
		"id": l.ID, "node_id": nodeID("L", l.ID), "url": s.api("/repos/%s/%s/labels/%s", r.Owner.Login, r.Name,
			l.Name), "name": l.Name,
		"description": nullable(l.Description), "color": l.Color, "default": false,
	}
}

func (s *Server) renderMilestone(r *repository, m *milestone) any {
	if m == nil {
		return nil
	}
	u := s.api("/repos/%s/%s/milestones/%d", r.Owner.Login, r.Name, m.Number)
	open, closed := r.counts(m)
	return map[string]any{
		"url": u, "html_url": s.html("/%s/%s/milestone/%d", r.Owner.Login, r.Name, m.Number), "labels_url": u +
			"/labels", "id": m.ID,
		"node_id": nodeID("M",
			m.ID), "number": m.Number, "state": m.State, "title": m.Title, "description": nullable(m.Description),
		"creator": s.renderUser(m.Creator), "open_issues": open, "closed_issues": closed, "created_at": stamp(
			m.Created),
		"updated_at": stamp(m.Updated), "closed_at": stampOrNil(m.Closed), "due_on": stampOrNil(m.Due),
	}
}

func reactions(u string, list []reaction) map[string]any {
	out := map[string]any{"url": u + "/reactions", "total_count": len(list)}
	for _, name := range faces {
		n := 0
		for _, r := range list {
			if r.Content == name {
				n++
			}
		}
		out[name] = n
	}
	return out
}

func (s *Server) renderIssue(r *repository, is *issue) map[string]any {
	u := s.api("/repos/%s/%s/issues/%d", r.Owner.Login, r.Name, is.Number)
	kind := "issues"
	if is.Pull != nil {
		kind = "pull"
	}
	h := s.html("/%s/%s/%s/%d", r.Owner.Login, r.Name, kind, is.Number)
	labels, assignees := []any{}, []any{}
	for _, l := range is.Labels {
		labels = append(labels, s.renderLabel(r, l))
	}
	var first any
	for _, a := range is.Assignees {
		assignees = append(assignees, s.renderUser(a))
		if first == nil {
			first = s.renderUser(a)
		}
	}
	out := map[string]any{
		"id": is.ID, "node_id": nodeID("I", is.ID), "url": u, "repository_url": s.api("/repos/%s/%s", r.Owner.Login,
			r.Name),
		"labels_url": u + "/labels{/name}", "comments_url": u + "/comments", "events_url": u +
			"/events", "timeline_url": u + "/timeline",
		"html_url": h, "number": is.Number, "state": is.State, "state_reason": nil, "title": is.Title, "body": nullable(
			is.Body),
		"user": s.renderUser(
			is.User), "labels": labels, "assignee": first, "assignees": assignees,
		"milestone": s.renderMilestone(r, is.Milestone),
		"locked":    is.Locked, "active_lock_reason": nil, "comments": len(is.Comments), "closed_at": stampOrNil(
			is.Closed),
		"created_at": stamp(is.Created), "updated_at": stamp(is.Updated), "author_association": s.association(r,
			is.User),
		"reactions": reactions(u, is.Reactions), "performed_via_github_app": s.via(is.App),
	}
	if is.Pull != nil {
		p := s.api("/repos/%s/%s/pulls/%d", r.Owner.Login, r.Name, is.Number)
		out["draft"] = is.Pull.Draft
		out["pull_request"] = map[string]any{"url": p, "html_url": h, "diff_url": h + ".diff",
			"patch_url": h + ".patch", "merged_at": stampOrNil(is.Pull.Merged)}
	}
	return out
}

func (s *Server) renderComment(r *repository, is *issue, c *comment) map[string]any {
	u := s.api("/repos/%s/%s/issues/comments/%d", r.Owner.Login, r.Name, c.ID)
	return map[string]any{
		"url": u, "html_url": s.html("/%s/%s/issues/%d#issuecomment-%d", r.Owner.Login, r.Name, is.Number, c.ID),
		"issue_url": s.api("/repos/%s/%s/issues/%d", r.Owner.Login, r.Name,
			is.Number), "id": c.ID, "node_id": nodeID("IC", c.ID),
		"user": s.renderUser(c.User), "created_at": stamp(c.Created), "updated_at": stamp(
			c.Updated), "author_association": s.association(r, c.User),
		"body": c.Body, "reactions": reactions(u, c.Reactions), "performed_via_github_app": s.via(c.App),
	}
}

// via is the App by which something was written, nil for a person.
func (s *Server) via(app bool) any {
	if !app {
		return nil
	}
	if s.appShown == nil {
		text, err := json.Marshal(s.renderApp())
		if err != nil {
			return s.renderApp()
		}
		s.appShown = text
	}
	return s.appShown
}
