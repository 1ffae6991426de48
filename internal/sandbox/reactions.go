package sandbox

import "slices"

func reactionRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/issues/comments/{id}/reactions", "issues:read", handleReactions},
		{"POST", "/repos/{owner}/{repo}/issues/comments/{id}/reactions", "issues:write", handleReact},
		{"DELETE", "/repos/{owner}/{repo}/issues/comments/{id}/reactions/{reaction}", "issues:write", handleUnreact},
		{"GET", "/repos/{owner}/{repo}/issues/{number}/reactions", "issues:read", handleReactions},
		{"POST", "/repos/{owner}/{repo}/issues/{number}/reactions", "issues:write", handleReact},
		{"DELETE", "/repos/{owner}/{repo}/issues/{number}/reactions/{reaction}", "issues:write", handleUnreact},
	}
}

var faces = []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket"}

// reacted finds the reactions of the comment or issue that the path names.
func (c *call) reacted() (*[]reaction, error) {
	if c.vars["id"] != "" {
		if _, m := c.repo.comment(c.id("id")); m != nil {
			return &m.Reactions, nil
		}
		return nil, notFound()
	}
	is, err := c.issue()
	if err != nil {
		return nil, err
	}
	return &is.Reactions, nil
}

func (s *Server) renderReaction(r reaction) map[string]any {
	return map[string]any{"id": r.ID, "node_id": nodeID("R", r.ID), "user": s.renderUser(r.User), "content": r.Content,
		"created_at": stamp(r.Created)}
}

func handleReactions(c *call) (reply, error) {
	list, err := c.reacted()
	if err != nil {
		return reply{}, err
	}
	return page(c, *list, func(r reaction) any { return c.s.renderReaction(r) }), nil
}

// handleReact adds a reaction once: the second answer is 200 and the first reaction.
func handleReact(c *call) (reply, error) {
	list, err := c.reacted()
	if err != nil {
		return reply{}, err
	}
	var in struct{ Content string }
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !slices.Contains(faces, in.Content) {
		return reply{}, invalid("Reaction", "content", "invalid")
	}
	for _, r := range *list {
		if r.User == c.who.user && r.Content == in.Content {
			return ok(c.s.renderReaction(r)), nil
		}
	}
	r := reaction{ID: c.s.nextID(), User: c.who.user, Content: in.Content, Created: c.s.now()}
	*list = append(*list, r)
	return created(c.s.renderReaction(r)), nil
}

func handleUnreact(c *call) (reply, error) {
	list, err := c.reacted()
	if err != nil {
		return reply{}, err
	}
	i := slices.IndexFunc(*list, func(r reaction) bool { return r.ID == c.id("reaction") })
	if i < 0 || (*list)[i].User != c.who.user {
		return reply{}, notFound()
	}
	*list = slices.Delete(*list, i, i+1)
	return nothing(), nil
}
